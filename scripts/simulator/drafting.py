"""How the drafts of a conversation are made: the scene, the transit of an original, sent copies and notices."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from simulator import contents, notice, original, words
from simulator.mime import CODINGS, Entity
from simulator.notice import Notice, issuer
from simulator.original import ASKING, Original
from simulator.tale import Draft
from simulator.variants import VARIANTS
from simulator.world import Party, Provider, correspondent, outsider

CROWD = 100_000  # correspondents are drawn from this many
IN_TRASH = 12  # one receipt in so many lies in the trash: users delete what they have read
FORWARDED = 30  # one notice in so many got a prefix from a client


@dataclass(frozen=True, slots=True)
class Home:
    """A mailbox of the holder, and what its folders are called."""

    party: Party
    sent: str = "Sent"
    trash: str = "Trash"


@dataclass(frozen=True, slots=True)
class Scene:
    """One conversation: its number, when it starts, its dice, and the world around it.

    `size` is that of its attachments in octets, `recipients` how many the holder writes to, `duplicates` the percentage
    of messages that arrive twice. `second` is the holder's other mailbox.
    """

    number: int
    at: datetime
    dice: random.Random
    home: Home
    second: Home | None
    providers: tuple[Provider, ...]
    size: int
    recipients: int
    duplicates: int = 0

    @property
    def other(self) -> Home:
        """The second mailbox; ValueError when there is none."""
        if self.second is None:
            raise ValueError("this conversation needs a second mailbox of the holder")
        return self.second


@dataclass(frozen=True, slots=True)
class Transit:
    """One original on its way: when its provider took it (or refused to), and the identificativo it got."""

    original: Original
    at: datetime
    identificativo: str


def compose(scene: Scene, sender: Party, to: Sequence[Party], cc: Sequence[Party] = (), **rest: object) -> Original:
    """A message of `sender` with a subject and a letter of the day, unless `rest` has the fields of Original."""
    dice = scene.dice
    fields: dict[str, object] = {
        "subject": dice.choice(words.SUBJECTS),
        "msgid": f"{dice.getrandbits(80):020x}@{sender.address.partition('@')[2]}",
        "at": scene.at,
        "coding": dice.choice(CODINGS),
        "asking": dice.choice(ASKING),
    }
    if "content" not in rest:
        fields["content"] = letter(scene)
    return Original(sender=sender, to=tuple(to), cc=tuple(cc), **(fields | rest))  # type: ignore[arg-type]


def letter(scene: Scene, *, attached: int | None = None, sentences: tuple[str, ...] = words.SENTENCES) -> Entity:
    """A letter with so many attachments, as many as there usually are when not told."""
    count = scene.dice.choices((0, 1, 2), (1, 4, 2))[0] if attached is None else attached
    files = contents.files(count, size=scene.size, dice=scene.dice) if count else []
    return contents.letter(sentences, files, scene.dice)


def crowd(scene: Scene, count: int, *, strangers: int = 0) -> list[Party]:
    """So many different parties, one in `strangers` of them without PEC, never the first."""
    return [
        outsider(number)
        if strangers and place and scene.dice.randrange(strangers) == 0
        else correspondent(number, scene.providers)
        for place, number in enumerate(scene.dice.sample(range(CROWD), count))
    ]


def transit(scene: Scene, message: Original) -> Transit:
    """The sender's provider takes the message and names it: a PEC msgid, unique here and across seeds (2.2.1)."""
    at = message.at + timedelta(seconds=scene.dice.randrange(1, 5))
    local = f"sim{scene.dice.getrandbits(32):08x}.{at:%Y%m%d%H%M%S}.{scene.number:06d}.1"
    return Transit(message, at, f"{local}@{message.sender.gestore.domain}")


def sent(scene: Scene, message: Original, home: Home, *, delay: timedelta = timedelta(0)) -> Draft:
    """The copy that the client keeps among the sent."""
    return Draft(
        write=partial(original.sent_copy, message),
        kind="inviato",
        at=message.at,
        author=message.sender.address,
        mailbox=home.party.address,
        folder=home.sent,
        message_id=message.msgid,
        delay=delay,
        copies=copies(scene),
    )


def said(
    scene: Scene,
    name: str,
    about: Transit,
    at: datetime,
    home: Home,
    *,
    serial: int = 0,
    recipient: Party | None = None,
) -> Draft:
    """What a provider says about a transit, to one mailbox; `serial` tells its notices apart, 0 for an envelope."""
    variant, message = VARIANTS[name], about.original
    gestore = issuer(variant, message, recipient, home.party)
    own = _own_name(about, serial, gestore)
    letter_of = Notice(
        variant=variant,
        original=message,
        identificativo=about.identificativo,
        message_id=own,
        holder=home.party,
        at=at,
        style=scene.dice.choice(gestore.styles),
        recipient=recipient,
        esteso=scene.dice.choice(variant.estesi).format(gestore=gestore.name),
        forwarding=scene.dice.choice(("Re: ", "I: ")) if scene.dice.randrange(FORWARDED) == 0 else "",
    )
    discarded = not variant.trasporto and scene.dice.randrange(IN_TRASH) == 0
    return Draft(
        write=partial(notice.write, letter_of),
        kind=variant.kind,
        at=at,
        author=gestore.mailbox,
        mailbox=home.party.address,
        folder=home.trash if discarded else "INBOX",
        message_id=own,
        identificativo=about.identificativo,
        certified=bool(variant.tipo),
        copies=copies(scene),
    )


def copies(scene: Scene) -> int:
    """How often a message arrives."""
    return 2 if scene.dice.randrange(100) < scene.duplicates else 1


def _own_name(about: Transit, serial: int, gestore: Provider) -> str:
    """An envelope is called like its original, as it goes or as it came; a receipt has a name of its own."""
    if not serial:
        return about.identificativo or about.original.msgid
    return f"{about.identificativo.partition('@')[0]}.{serial}@{gestore.domain}"
