"""What a person should know the next morning: sendings without an outcome, terms that near, mailboxes that fall silent.

An alarm says what it is about without addresses and subjects: it is read by operators, and sent by mail.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from archiver.access.question import Catalog
from archiver.access.sendings import Sending, sendings
from archiver.access.words import STATES
from archiver.pec.outcome import Recipient
from archiver.pec.state import State
from archiver.submission.rows import SegmentRow

ROME = ZoneInfo("Europe/Rome")
PATIENCE = timedelta(hours=24)
"""After so long a provider has said what became of a message (RFC 6109, 3.1.6)."""

LOGS = 30
"""Months for which a provider keeps the log of its transmissions (DPR 68/2005, art. 11)."""

LOGS_SOON = timedelta(days=800)
"""After so long the log is still there, and there is time left to ask for it."""

WEEK = timedelta(days=7)
WEEKS = 8
USUAL, COLLAPSED = 10, 0.2
"""Messages a week from which a mailbox has a history, and the share of it that is a collapse."""

FISCAL_SOON = timedelta(days=60)
READABLE = timedelta(days=1642)
"""Four years and six months: people's ability to read is checked every five years (AgID guidelines, 4.7)."""

VERIFICA = "archiver report verifica -o verbale.pdf"
"""What makes the verbale that the check ends with."""

_OPEN = (State.PENDING, State.LATE)
_BAD = (State.FAILED, State.EXPIRED, State.REFUSED)


class Level(StrEnum):
    """How much it presses."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to look at: `subject` is a mailbox, (the beginning of) a digest that `show` takes, or a part of the
    archive; `since` when it began; `next` the command to type.
    """

    code: str
    level: Level
    subject: str
    text: str
    since: datetime | None = None
    next: str = ""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "code": self.code,
            "severity": str(self.level),
            "subject": self.subject,
            "text": self.text,
            "since": self.since.isoformat() if self.since else None,
            "next": self.next,
        }


def of_sendings(found: Iterable[Sending], *, at: datetime, names: Mapping[str, str], lang: str) -> Iterator[Alarm]:
    """Sendings that have no acceptance or no outcome a day later, and those that failed; `names` are mailboxes' by id.

    Sendings older than 800 days are no matter of the next morning: the provider's log is, while it is kept.
    """
    for one in sorted(found, key=lambda item: (item.at, item.sha256)):
        place = names.get(one.mailbox, one.mailbox)
        if one.at + LOGS_SOON <= at:
            yield from _logs(one, place, at, lang)
        else:
            yield from _outcome(one, place, at, lang)


def of_mailboxes(
    arrivals: Sequence[tuple[str, datetime, int]], *, at: datetime, names: Mapping[str, str], lang: str
) -> Iterator[Alarm]:
    """Mailboxes that brought far less in the last week than in those before it; `names` are those to look at, by id."""
    for mailbox, name in names.items():
        weeks = [0] * (WEEKS + 1)
        for where, when, number in arrivals:
            ago = (at - when) // WEEK
            if where == mailbox and 0 <= ago <= WEEKS:
                weeks[ago] += number
        usual = median(weeks[1:])
        if usual >= USUAL and weeks[0] < usual * COLLAPSED:
            text = {
                "it": f"{name}: {weeks[0]} messaggi negli ultimi 7 giorni, di solito {usual:g} alla settimana:"
                " casella piena, password cambiata, o regole sul server?",
                "en": f"{name}: {weeks[0]} messages in the last 7 days, {usual:g} a week as a rule: mailbox full,"
                " password changed, rules on the server?",
            }[lang]
            yield Alarm("MAILBOX_COLLAPSED", Level.WARNING, name, text, None, f"archiver status --continuity {name}")


def of_fiscal(
    pending: Iterable[SegmentRow], *, fiscal: frozenset[str], year_end: tuple[int, int], at: datetime, lang: str
) -> Iterator[Alarm]:
    """Messages of `fiscal` classes that are in no volume yet, near the day by which they must be (DL 357/1994, 7).

    `year_end` is the month and day on which the tax year ends.
    """
    years: dict[tuple[str, int], int] = {}
    for row in pending:
        if row.retention in fiscal:
            key = row.retention, row.year
            years[key] = years.get(key, 0) + row.messages
    for (name, year), number in sorted(years.items()):
        end = fiscal_term(year, year_end)
        today = at.astimezone(ROME).date()
        if today >= end - FISCAL_SOON:
            passed, seal = today > end, "archiver seal --now"
            text = {
                "it": f"classe {name}: {number} documenti dell'anno {year} da chiudere entro il {end:%d/%m/%Y}"
                + (": TERMINE TRASCORSO" if passed else ""),
                "en": f"class {name}: {number} documents of tax year {year} to be sealed by {end:%Y-%m-%d}"
                + (": TERM PASSED" if passed else ""),
            }[lang]
            yield Alarm("FISCAL_TERM", Level.ERROR if passed else Level.WARNING, name, text, next=seal)


def of_readability(oldest: datetime | None, *, at: datetime, lang: str) -> Iterator[Alarm]:
    """People's ability to read what is kept was not checked for nearly five years."""
    if oldest is not None and at - oldest >= READABLE:
        text = {
            "it": f"leggibilità non verificata dal {oldest:%d/%m/%Y}: la verifica è dovuta ogni cinque anni; dopo"
            f" `archiver sweep --all`, `{VERIFICA}`",
            "en": f"readability not checked since {oldest:%Y-%m-%d}: the check is due every five years; after"
            f" `archiver sweep --all`, `{VERIFICA}`",
        }[lang]
        yield Alarm("READABILITY_TERM", Level.ERROR, "archive", text, oldest, "archiver sweep --all")


def of_verifica(last: Mapping[str, tuple[datetime, bool]], *, at: datetime, lang: str) -> Iterator[Alarm]:
    """Holders without a verbale of the periodic check for nearly five years.

    `last`: by holder, when the last one was made (True), or since when something is held (False).
    """
    for holder, (since, made) in sorted(last.items()):
        if at - since >= READABLE:
            text = {
                "it": f"{holder}: ultimo verbale di verifica periodica del {since:%d/%m/%Y}"
                if made
                else f"{holder}: nessun verbale di verifica periodica, e vi si conserva dal {since:%d/%m/%Y}",
                "en": f"{holder}: the last verbale of the periodic check is of {since:%Y-%m-%d}"
                if made
                else f"{holder}: no verbale of the periodic check, and messages are kept since {since:%Y-%m-%d}",
            }[lang]
            due = {"it": ": è dovuto ogni cinque anni", "en": ": it is due every five years"}[lang]
            yield Alarm("VERIFICA_TERM", Level.ERROR, holder, text + due, since, VERIFICA)


def windows(at: datetime, days: int) -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]]:
    """Since when and until when sendings are looked at: of the last `days`, and those whose logs will soon be gone."""
    return (at - timedelta(days=days), at), (_months(at, -LOGS), at - LOGS_SOON)


def alarmed(catalog: Catalog, *, at: datetime, days: int) -> Iterator[Sending]:
    """The sendings of both windows."""
    for since, until in windows(at, days):
        yield from sendings(catalog, since=since, until=until)


def fiscal_term(year: int, year_end: tuple[int, int]) -> date:
    """The day by which documents of tax year `year` are to be in conservation: three months after the annual return.

    For a year that ends with December, 31 January of the second year after it (readings of the law: 13 months).
    """
    month, _ = year_end
    ended = year if month == 12 else year + 1
    after = month + 14  # the first day of the month after the thirteenth
    return date(ended + (after - 1) // 12, (after - 1) % 12 + 1, 1) - timedelta(days=1)


def _outcome(one: Sending, place: str, at: datetime, lang: str) -> Iterator[Alarm]:
    name = one.sha256[:16]
    look = f"archiver show {name}"
    when = one.at.astimezone(ROME)
    if one.dossier.state is State.SENT:
        if at - one.at >= PATIENCE:
            text = {
                "it": f"{place}: messaggio del {when:%d/%m/%Y %H:%M} senza ricevuta di accettazione",
                "en": f"{place}: message of {when:%Y-%m-%d %H:%M} without a ricevuta di accettazione",
            }[lang]
            yield Alarm("NO_ACCEPTANCE", Level.ERROR, name, text, one.at, look)
        return
    waiting = _in(one, _OPEN)
    if waiting and at - one.at >= PATIENCE:
        people = _people(len(waiting), lang)
        text = {
            "it": f"{place}: messaggio del {when:%d/%m/%Y %H:%M}: {people} senza ricevuta di consegna",
            "en": f"{place}: message of {when:%Y-%m-%d %H:%M}: {people} without a delivery receipt",
        }[lang]
        yield Alarm("NO_OUTCOME", Level.ERROR, name, text, one.at, look)
    bad = _in(one, _BAD)
    if bad or one.dossier.state is State.REFUSED:
        states = ", ".join(dict.fromkeys(_word(item.state, lang) for item in bad)) or _word(State.REFUSED, lang)
        people = _people(len(bad) or 1, lang)
        text = {
            "it": f"{place}: messaggio del {when:%d/%m/%Y %H:%M}: non consegnato a {people} ({states})",
            "en": f"{place}: message of {when:%Y-%m-%d %H:%M}: not delivered to {people} ({states})",
        }[lang]
        yield Alarm("DELIVERY_FAILED", Level.WARNING, name, text, one.at, look)


def _logs(one: Sending, place: str, at: datetime, lang: str) -> Iterator[Alarm]:
    """A missing receipt, and the provider's log that may still tell: readings of DPR 68/2005, art. 11."""
    end = _months(one.at, LOGS)
    lacking = one.dossier.state is State.SENT or _in(one, _OPEN)
    if not lacking or at >= end:
        return
    name, when = one.sha256[:16], one.at.astimezone(ROME)
    text = {
        "it": f"{place}: messaggio del {when:%d/%m/%Y %H:%M} con ricevute mancanti: log del gestore richiedibili fino"
        f" al {end.astimezone(ROME):%d/%m/%Y}, indicando identificativo, Message-ID, mittente, destinatari, data e ora",
        "en": f"{place}: message of {when:%Y-%m-%d %H:%M} with receipts missing: the provider's logs can be asked for"
        f" until {end.astimezone(ROME):%Y-%m-%d}: give identificativo, Message-ID, sender, recipients, date and time",
    }[lang]
    yield Alarm("LOGS_OF_PROVIDER", Level.WARNING, name, text, one.at, f"archiver show {name}")


def _people(number: int, lang: str) -> str:
    one, many = {"it": ("destinatario", "destinatari"), "en": ("recipient", "recipients")}[lang]
    return f"{number} {one if number == 1 else many}"


def _word(state: State, lang: str) -> str:
    return STATES[state][lang == "en"]


def _in(one: Sending, states: tuple[State, ...]) -> list[Recipient]:
    return [item for item in one.dossier.recipients if item.state in states]


def _months(moment: datetime, number: int) -> datetime:
    """So many calendar months later; the last day of a shorter month."""
    total = moment.year * 12 + moment.month - 1 + number
    year, month = divmod(total, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
