"""What happens: conversations with their own dice, each a stream of messages in the order in which they arrive."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from simulator import original as originals
from simulator.notice import Notice, issuer, write
from simulator.original import Original
from simulator.variants import VARIANTS
from simulator.words import FROM_LINES, SENTENCES, SUBJECTS
from simulator.world import Party, Provider, correspondent, outsider

SPAN = timedelta(days=900)
CROWD = 100_000  # correspondents are drawn from this many


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the mailbox and what it truly is.

    `message_id` is its own header, `msgid` the client's of the conversation, `identificativo` that in its daticert; all
    without angle brackets, empty when absent. `states` is what it makes known about recipients.
    """

    raw: bytes
    kind: str
    at: datetime
    author: str
    message_id: str = ""
    msgid: str = ""
    identificativo: str = ""
    states: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """One conversation: its number, when it starts, its dice, and the world around it.

    `size` is that of its attachments in octets, `recipients` how many the holder writes to.
    """

    number: int
    at: datetime
    dice: random.Random
    holder: Party
    providers: tuple[Provider, ...]
    size: int
    recipients: int


@dataclass(frozen=True, slots=True)
class Transit:
    """One original on its way: when its provider took it (or refused to), and the identificativo it got."""

    scene: Scene
    original: Original
    at: datetime
    identificativo: str


def conversation(scene: Scene) -> Iterator[Message]:
    """The messages of one conversation, by fixed weights: sent, refused, received, ordinary, anomalous."""
    plots = (sending, refusal, receiving, ordinary_mail, anomaly)
    return scene.dice.choices(plots, (56, 5, 30, 5, 4))[0](scene)


def moment(start: datetime, progress: float, dice: random.Random) -> datetime:
    """When a conversation starts: over 900 days from `start` as `progress` goes from 0 to 1.

    One in twelve straddles the New Year's midnight in Rome, which UTC does not see: calendar years are those of Rome.
    """
    at = start + SPAN * progress + timedelta(seconds=dice.randrange(8 * 3600))
    eve = datetime(at.year, 12, 31, 22, 59, 30, tzinfo=UTC)
    near = dice.randrange(12) == 0 and start <= eve <= start + SPAN
    return eve + timedelta(seconds=dice.randrange(60)) if near else at


def sending(scene: Scene) -> Iterator[Message]:
    """The holder writes: sent copy, acceptance, and per certified recipient a delivery, a failure, or nothing yet."""
    original = _outgoing(scene)
    yield _sent(original)
    transit = _transit(scene, original)
    external = tuple((party.address, "external") for party in original.recipients if party.provider is None)
    yield _notice("accettazione", transit, transit.at, external)
    for place, recipient in enumerate(original.recipients):
        if recipient.provider is not None:
            yield from _outcome(transit, place)


def refusal(scene: Scene) -> Iterator[Message]:
    """The holder writes, and the provider does not accept it."""
    original = _outgoing(scene)
    yield _sent(original)
    transit = _transit(scene, original)
    yield _notice("non-accettazione", transit, transit.at, tuple((p.address, "refused") for p in original.recipients))


def receiving(scene: Scene) -> Iterator[Message]:
    """Somebody writes to the holder by PEC: one transport envelope."""
    first, *others = _crowd(scene, scene.dice.randrange(1, 4))
    places = [scene.holder, *others]
    scene.dice.shuffle(places)
    sentences = SENTENCES + (FROM_LINES if scene.dice.randrange(6) == 0 else ())
    msgid = f"{scene.dice.getrandbits(80):020x}@client.example" if scene.dice.randrange(20) else ""
    original = _original(scene, first, (tuple(places[:1]), tuple(places[1:])), msgid, sentences)
    transit = _transit(scene, original)
    yield _notice("busta", transit, transit.at)


def ordinary_mail(scene: Scene) -> Iterator[Message]:
    """Somebody writes to the holder by ordinary mail, which his provider lets in as it is."""
    original = _foreign(scene)
    raw, author = originals.ordinary(original, scene.holder), original.sender.address
    yield Message(raw, "ordinario", original.at, author, original.msgid, original.msgid)


def anomaly(scene: Scene) -> Iterator[Message]:
    """Somebody writes to the holder by ordinary mail, which his provider wraps in an anomaly envelope (3.2.2)."""
    transit = Transit(scene, _foreign(scene), scene.at + timedelta(seconds=3), "")
    yield _notice("anomalia", transit, transit.at)


def _foreign(scene: Scene) -> Original:
    sender = outsider(scene.dice.randrange(CROWD))
    msgid = f"{scene.dice.getrandbits(80):020x}@posta-ordinaria.example"
    return _original(scene, sender, ((scene.holder,), ()), msgid, SENTENCES)


def _outgoing(scene: Scene) -> Original:
    """To about two thirds in To, the rest in Cc; of several recipients some have ordinary mail only."""
    parties = _crowd(scene, scene.recipients, strangers=8 if scene.recipients > 1 else 0)
    cut = (2 * len(parties) + 2) // 3
    msgid = f"{scene.dice.getrandbits(80):020x}@{scene.holder.address.partition('@')[2]}"
    return _original(scene, scene.holder, (tuple(parties[:cut]), tuple(parties[cut:])), msgid, SENTENCES)


def _crowd(scene: Scene, count: int, strangers: int = 0) -> list[Party]:
    """So many different parties, one in `strangers` of them without PEC."""
    return [
        outsider(number)
        if strangers and scene.dice.randrange(strangers) == 0
        else correspondent(number, scene.providers)
        for number in scene.dice.sample(range(CROWD), count)
    ]


def _original(
    scene: Scene,
    sender: Party,
    places: tuple[tuple[Party, ...], tuple[Party, ...]],
    msgid: str,
    sentences: tuple[str, ...],
) -> Original:
    subject = scene.dice.choice(SUBJECTS)
    body = originals.body(sentences, size=scene.size, dice=scene.dice)
    return Original(sender, places[0], places[1], subject, msgid, scene.at, body)


def _sent(original: Original) -> Message:
    pending = tuple((party.address, "pending") for party in original.recipients)
    raw, author = originals.sent_copy(original), original.sender.address
    return Message(raw, "inviato", original.at, author, original.msgid, original.msgid, states=pending)


def _transit(scene: Scene, original: Original) -> Transit:
    """The sender's provider takes the message and names it: a PEC msgid, unique here and across seeds (2.2.1)."""
    at = scene.at + timedelta(seconds=scene.dice.randrange(1, 5))
    local = f"sim{scene.dice.getrandbits(32):08x}.{at:%Y%m%d%H%M%S}.{scene.number:06d}.1"
    return Transit(scene, original, at, f"{local}@{original.sender.gestore.domain}")


def _outcome(transit: Transit, place: int) -> Iterator[Message]:
    """One certified recipient's receipt, if any: To gets it complete, Cc without the original (3.3.2)."""
    dice, recipients = transit.scene.dice, transit.original.recipients
    delivery = "consegna-completa" if place < len(transit.original.to) else "consegna-sintetica"
    names = (delivery, "errore-no-dest", "errore-no-dominio", "errore-altro", "")
    name = dice.choices(names, (84, 4, 1, 3, 8))[0]
    delay = dice.randrange(2, 90) * (60 if dice.randrange(20) == 0 else 1)
    if name:
        state = (recipients[place].address, "delivered" if name == delivery else "failed")
        yield _notice(name, transit, transit.at + timedelta(seconds=delay), (state,), place=place)


def _notice(
    name: str, transit: Transit, at: datetime, states: tuple[tuple[str, str], ...] = (), *, place: int | None = None
) -> Message:
    """What a provider says about a transit, to the holder; `place` is that of the recipient it speaks of."""
    variant, original, holder = VARIANTS[name], transit.original, transit.scene.holder
    recipient = None if place is None else original.recipients[place]
    gestore = issuer(variant, original, recipient, holder)
    own = _own_name(transit, variant.trasporto, 0 if place is None else place + 1, gestore)
    raw = write(Notice(variant, original, transit.identificativo, own, holder, at, recipient))
    return Message(raw, variant.kind, at, gestore.mailbox, own, original.msgid, transit.identificativo, states)


def _own_name(transit: Transit, trasporto: str, place: int, gestore: Provider) -> str:
    """An envelope is called like its original, as it goes or as it came; a receipt has a name of its own."""
    if trasporto:
        return transit.identificativo or transit.original.msgid
    return f"{transit.identificativo.partition('@')[0]}.{place}@{gestore.domain}"
