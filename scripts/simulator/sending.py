"""The holder writes: every plot of a message that is sent, as rows of one table, and how a plot becomes drafts."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from simulator import contents
from simulator.drafting import Home, Scene, Transit, compose, crowd, letter, said, sent, transit
from simulator.mime import ROME, Entity
from simulator.original import Original
from simulator.outcomes import DELIVERY, EVERYDAY, GIVEN, OUTCOMES, Outcome, worst
from simulator.tale import Chapter, Draft, Fate
from simulator.world import Party

STRANGERS = 8  # of several recipients one in so many has ordinary mail only
REFUSALS = {"non-accettazione": "other", "non-accettazione-virus": "virus"}


class Plot(NamedTuple):
    """How a sending goes. The defaults are the usual: the first recipient's `outcome` is one of EVERYDAY.

    `reply` is the provider's first word, empty when it is missing; `mute` when no provider says anything at all.
    `asks` is the receipt asked for, `delivery` the notice when it is not that receipt. `copy` and `msgid` are there or
    not. `arrival` and `twice` tell when the receipts come in, and how often. `writer` writes to `reader`, or to a
    crowd; the receipts lie in the mailbox of `receipts`. `doubled`: the first recipient stands in Cc too, in other
    letters. `again`: the same message is sent a second time under the same Message-ID. `many` recipients rather than
    as planned.
    """

    outcome: str = ""
    reply: str = "accettazione"
    mute: bool = False
    asks: str = ""
    delivery: str = ""
    content: Literal["", "firmato", "inoltro"] = ""
    copy: bool = True
    msgid: bool = True
    arrival: Literal["", "anticipate", "tardive", "rovesciate"] = ""
    twice: Literal["", "uguali", "altro-nome"] = ""
    writer: Literal["first", "second"] = "first"
    reader: Literal["", "first"] = ""
    receipts: Literal["", "second"] = ""
    doubled: bool = False
    again: bool = False
    many: int = 0


PLOTS = {
    "invio": Plot(),
    "completa": Plot(DELIVERY, asks="completa"),
    "completa-senza-messaggio": Plot(DELIVERY, delivery="consegna-senza-messaggio"),
    "breve": Plot(DELIVERY, asks="breve"),
    "breve-falsa": Plot(DELIVERY, asks="breve", delivery="consegna-breve-falsa"),
    "breve-senza-copia": Plot(DELIVERY, asks="breve", copy=False),
    "breve-firmata": Plot(DELIVERY, asks="breve", content="firmato"),
    "breve-inoltro": Plot(DELIVERY, asks="breve", content="inoltro"),
    "sintetica": Plot(DELIVERY, asks="sintetica"),
    "firmata": Plot(DELIVERY, content="firmato"),
    "non-accettazione": Plot(reply="non-accettazione"),
    "non-accettazione-virus": Plot(reply="non-accettazione-virus"),
    **{name: Plot(name) for name in OUTCOMES if name != DELIVERY},
    "preavvisi-rovesciati": Plot("preavvisi-12-e-24", arrival="rovesciate"),
    "preavvisi-muti-rovesciati": Plot("preavvisi-12-e-24-muti", arrival="rovesciate"),
    "preavviso-24-nel-testo": Plot("preavviso-24-nel-testo", reply="", copy=False),
    "solo-copia": Plot(mute=True),
    "senza-copia": Plot(DELIVERY, copy=False),
    "senza-accettazione": Plot(DELIVERY, reply=""),
    "senza-msgid": Plot(DELIVERY, msgid=False),
    "anticipate": Plot(DELIVERY, arrival="anticipate"),
    "tardive": Plot(DELIVERY, arrival="tardive"),
    "doppie": Plot(DELIVERY, twice="uguali"),
    "doppie-altro-nome": Plot(DELIVERY, twice="altro-nome"),
    "indirizzo-doppio": Plot(DELIVERY, doubled=True),
    "a-se-stesso": Plot(DELIVERY, reader="first"),
    "stesso-msgid": Plot(DELIVERY, again=True),
    "cinquecento": Plot(DELIVERY, doubled=True, many=500),
    "altra-casella": Plot(DELIVERY, receipts="second"),
    "fra-caselle": Plot(DELIVERY, writer="second", reader="first"),
}
"""Every way in which a sending goes."""


def sending(scene: Scene, plot: Plot) -> tuple[Chapter, ...]:
    """The holder sends one message (or one twice): the dossiers that come of it."""
    message = _outgoing(scene, plot)
    chapters = told(scene, message, plot)
    if not plot.again:
        return chapters
    later = message.at + timedelta(days=scene.dice.randrange(2, 20))
    return (*chapters, *told(scene, replace(message, at=later), plot))


def told(scene: Scene, message: Original, plot: Plot) -> tuple[Chapter, ...]:
    """What becomes of one message that the holder sends: one dossier, two when nothing can join copy and receipts."""
    desk = _Desk(scene, plot, transit(scene, message))
    copy, spoken = desk.copy(), desk.replies()
    fates = tuple(desk.fates())
    if copy and not message.msgid:
        alone = tuple(Fate(each.address, each.role, "pending") for each in fates)
        return _sent_only(message, copy, alone), desk.chapter((*spoken, *desk.outcomes), fates)
    if plot.mute:
        return (_sent_only(message, copy, fates),)
    return (desk.chapter((*copy, *spoken, *desk.outcomes), fates),)


def _sent_only(message: Original, copy: tuple[Draft, ...], fates: tuple[Fate, ...]) -> Chapter:
    return Chapter(copy, "sent", message.msgid, "", fates)


def _outgoing(scene: Scene, plot: Plot) -> Original:
    """To about two thirds in To, the rest in Cc; of several recipients some have ordinary mail only."""
    count = plot.many or scene.recipients
    parties = crowd(scene, count, strangers=STRANGERS)
    if plot.reader:
        parties[0] = scene.home.party
    cut = (2 * len(parties) + 2) // 3
    to, cc = parties[:cut], parties[cut:]
    if plot.doubled:
        cc.append(replace(to[0], address=to[0].address.upper()))
    rest: dict[str, object] = {} if plot.msgid else {"msgid": ""}
    content = _content(scene, plot)
    return compose(scene, _writer(scene, plot).party, to, cc, asks=plot.asks, content=content, **rest)


def _content(scene: Scene, plot: Plot) -> Entity:
    """A brief receipt means something only where there is a file, and many receipts are large only with one."""
    dice = scene.dice
    if plot.content == "inoltro":
        return contents.letter(("Si inoltra quanto ricevuto.",), [contents.forwarded(_received_before(scene))], dice)
    body = letter(scene, attached=dice.randrange(1, 3) if plot.asks == "breve" or plot.many else None)
    return contents.signed(body, at=scene.at, dice=dice) if plot.content == "firmato" else body


def _received_before(scene: Scene) -> bytes:
    """A PEC that the holder had received some days ago, as it lay there: what people forward."""
    (author,) = crowd(scene, 1)
    before = scene.at - timedelta(days=scene.dice.randrange(1, 9))
    about = transit(scene, compose(scene, author, (scene.home.party,), at=before))
    return said(scene, "busta", about, about.at, scene.home).write()


def _writer(scene: Scene, plot: Plot) -> Home:
    return scene.home if plot.writer == "first" else scene.other


@dataclass(slots=True)
class _Desk:
    """One message under way: what its providers write about it, and where that lies."""

    scene: Scene
    plot: Plot
    about: Transit
    outcomes: list[Draft] = field(default_factory=list)
    contradiction: bool = False

    def copy(self) -> tuple[Draft, ...]:
        """The sent copy, if it is kept; of anticipated receipts it comes last, from another client."""
        if not self.plot.copy:
            return ()
        return (sent(self.scene, self.about.original, _writer(self.scene, self.plot), delay=self._waits()),)

    def replies(self) -> tuple[Draft, ...]:
        """The provider's first word, and for a message to oneself the envelope."""
        drafts = []
        if self.plot.reply and not self.plot.mute:
            drafts.append(replace(self._notice(self.plot.reply, self.about.at, 1), delay=self._waits()))
        if self.plot.reader:
            at = self.about.at + timedelta(seconds=1)
            drafts.append(said(self.scene, "busta", self.about, at, self.scene.home))
        return tuple(drafts)

    def fates(self) -> Iterator[Fate]:
        """What becomes of each recipient; its notices are added to the outcomes."""
        message, first = self.about.original, True
        for place, recipient in enumerate(message.recipients[: -1 if self.plot.doubled else None]):
            yield self._fate(recipient, "to" if place < len(message.to) else "cc", first=first)
            first = False

    def chapter(self, drafts: tuple[Draft, ...], fates: tuple[Fate, ...]) -> Chapter:
        """The dossier of all that was said."""
        state = "refused" if self.plot.reply in REFUSALS else worst({fate.state for fate in fates})
        names = self.about.original.msgid, self.about.identificativo
        return Chapter(drafts, state, *names, self._placed(drafts, fates), self.contradiction)

    def _placed(self, drafts: tuple[Draft, ...], fates: tuple[Fate, ...]) -> tuple[Fate, ...]:
        """Reading 21: who was in To and who in Cc is told by the copy, the envelope, or a receipt with the whole."""
        telling = {"inviato", "posta-certificata"} & {draft.kind for draft in drafts}
        if telling or any(fate.content == "whole" for fate in fates):
            return fates
        return tuple(replace(fate, role="unknown") for fate in fates)

    def _fate(self, recipient: Party, role: str, *, first: bool) -> Fate:
        if self.plot.mute:
            return Fate(recipient.address, role, "pending")
        if self.plot.reply in REFUSALS:
            reason = REFUSALS[self.plot.reply]
            return Fate(recipient.address, role, "refused", at=_stated(self.about.at), reason=reason)
        if recipient.provider is None:
            return Fate(recipient.address, role, "external")
        outcome = OUTCOMES[self._outcome(first=first)]
        self.contradiction = self.contradiction or outcome.contradiction
        return self._told(recipient, role, outcome)

    def _outcome(self, *, first: bool) -> str:
        if first and self.plot.outcome:
            return self.plot.outcome
        return self.scene.dice.choices(tuple(EVERYDAY), tuple(EVERYDAY.values()))[0]

    def _told(self, recipient: Party, role: str, outcome: Outcome) -> Fate:
        """The notices of an outcome, each at its time, and the fate that they mean."""
        times: list[datetime] = []
        receipt, content = "none", "none"
        for step in outcome.steps:
            seconds = self.scene.dice.randrange(int(step.earliest * 60), int(step.latest * 60))
            times.append(self.about.at + timedelta(seconds=seconds))
            name = self._delivery(recipient) if step.notice == DELIVERY else step.notice
            if name in GIVEN:
                receipt, *proof = GIVEN[name]
                content = proof[0] if self.plot.copy and self.about.original.msgid else proof[1]
            self._happens(name, times[-1], recipient, last=step is outcome.steps[-1])
        at = None if outcome.decides is None else _stated(times[outcome.decides])
        return Fate(recipient.address, role, outcome.state, receipt, content, at, outcome.reason)

    def _delivery(self, recipient: Party) -> str:
        """To gets what was asked for, Cc the message's receipt without the message (RFC 6109 3.3.2)."""
        if recipient not in self.about.original.to:
            return "consegna-sintetica"
        return self.plot.delivery or f"consegna-{self.about.original.receipt}"

    def _happens(self, name: str, at: datetime, recipient: Party, *, last: bool) -> None:
        draft = replace(self._notice(name, at, len(self.outcomes) + 2, recipient), delay=self._late(last=last))
        self.outcomes.append(draft)
        if self.plot.twice == "uguali":
            self.outcomes[-1] = replace(draft, copies=draft.copies + 1)
        if self.plot.twice == "altro-nome":
            self.outcomes.append(self._notice(name, at, len(self.outcomes) + 2, recipient))
        original = self.about.original
        if self.plot.doubled and recipient == original.to[0]:
            later = at + timedelta(seconds=self.scene.dice.randrange(1, 90))
            self.outcomes.append(self._notice("consegna-sintetica", later, len(self.outcomes) + 2, original.cc[-1]))

    def _notice(self, name: str, at: datetime, serial: int, recipient: Party | None = None) -> Draft:
        home = self.scene.other if self.plot.receipts == "second" else _writer(self.scene, self.plot)
        return said(self.scene, name, self.about, at, home, serial=serial, recipient=recipient)

    def _waits(self) -> timedelta:
        """How long the beginning stays away when the receipts come before it."""
        return timedelta(hours=self.scene.dice.randrange(30, 200) if self.plot.arrival == "anticipate" else 0)

    def _late(self, *, last: bool) -> timedelta:
        """How long a receipt stays away; the first of two notices until after the second."""
        if self.plot.arrival == "tardive":
            return timedelta(hours=self.scene.dice.randrange(24, 480))
        return timedelta(hours=14 if self.plot.arrival == "rovesciate" and not last else 0)


def _stated(at: datetime) -> datetime:
    """As daticert.xml states it: legal time, with its offset."""
    return at.astimezone(ROME)
