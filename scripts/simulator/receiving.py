"""Somebody writes to the holder: envelopes, forwarded and signed messages, anomalies, ordinary mail, REM."""

from datetime import timedelta
from functools import partial

from simulator import contents, rem
from simulator import original as originals
from simulator.drafting import CROWD, Home, Scene, Transit, compose, copies, crowd, letter, said, transit
from simulator.mime import Entity
from simulator.original import Original
from simulator.tale import Chapter, Draft
from simulator.words import FROM_LINES, SENTENCES
from simulator.world import Party, outsider

ASKED = ("", "", "", "completa", "breve", "sintetica")


def envelope(scene: Scene) -> tuple[Chapter, ...]:
    """A letter by PEC, to one of the holder's mailboxes."""
    home = scene.second if scene.second and scene.dice.randrange(4) == 0 else scene.home
    sentences = SENTENCES + (FROM_LINES if scene.dice.randrange(6) == 0 else ())
    return (enveloped(scene, home, letter(scene, sentences=sentences)),)


def signed(scene: Scene) -> tuple[Chapter, ...]:
    """A letter by PEC that its author signed with S/MIME: a multipart/signed in the provider's."""
    content = contents.signed(letter(scene, attached=1), at=scene.at, dice=scene.dice)
    return (enveloped(scene, scene.home, content),)


def forwarded(scene: Scene) -> tuple[Chapter, ...]:
    """A PEC within a PEC: as a message, or as the three files that a webmail shows of one."""
    (author,), dice = crowd(scene, 1), scene.dice
    about = transit(scene, compose(scene, author, crowd(scene, 1), at=scene.at - timedelta(days=dice.randrange(1, 9))))
    before = partial(said, scene, "busta", about, about.at, Home(about.original.to[0]))
    attached = [contents.forwarded(before().write())]
    if dice.randrange(2):
        attached = contents.taken_apart(before().write())
    return (enveloped(scene, scene.home, contents.letter(("Si inoltra la PEC ricevuta.",), attached, dice)),)


def enveloped(scene: Scene, home: Home, content: Entity, author: Party | None = None, subject: str = "") -> Chapter:
    """The transport envelope of a message to the holder, alone or among others, and its dossier."""
    first, *others = crowd(scene, scene.dice.randrange(1, 4))
    places = [home.party, *(() if author else others)]
    scene.dice.shuffle(places)
    rest = {"subject": subject} if subject else {}
    message = compose(
        scene,
        author or first,
        places[:1],
        places[1:],
        content=content,
        asks=scene.dice.choice(ASKED),
        **rest,
        **({} if scene.dice.randrange(20) else {"msgid": ""}),
    )
    about = transit(scene, message)
    return Chapter((said(scene, "busta", about, about.at, home),), "received", message.msgid, about.identificativo)


def anomaly(scene: Scene) -> tuple[Chapter, ...]:
    """Somebody writes by ordinary mail, which the holder's provider wraps in an anomaly envelope (3.2.2)."""
    message = _foreign(scene)
    about = Transit(message, scene.at + timedelta(seconds=3), "")
    return (Chapter((said(scene, "anomalia", about, about.at, scene.home),), "anomaly", message.msgid),)


def ordinary(scene: Scene) -> tuple[Chapter, ...]:
    """Somebody writes by ordinary mail, which the holder's provider lets in as it is."""
    message = _foreign(scene)
    write = partial(originals.ordinary, message, scene.home.party)
    draft = _delivered(scene, message, "ordinario", write)
    return (Chapter((draft,), "ordinary", message.msgid),)


def registered(scene: Scene) -> tuple[Chapter, ...]:
    """Registered electronic mail after ETSI: in one of the manners in which it can be told from ordinary mail."""
    (author,) = crowd(scene, 1)
    message = compose(scene, author, (scene.home.party,))
    form = scene.dice.choice(tuple(rem.FORMS))
    about = transit(scene, message)
    write = partial(rem.write, about.original, form, about.identificativo, about.at)
    draft = _delivered(scene, message, "rem", write, name=about.identificativo)
    return (Chapter((draft,), "rem", about.identificativo),)


def _delivered(scene: Scene, message: Original, kind: str, write: "partial[bytes]", *, name: str = "") -> Draft:
    return Draft(
        write=write,
        kind=kind,
        at=scene.at,
        author=message.sender.address,
        mailbox=scene.home.party.address,
        folder="INBOX",
        message_id=name or message.msgid,
        copies=copies(scene),
    )


def _foreign(scene: Scene) -> Original:
    return compose(scene, outsider(scene.dice.randrange(CROWD)), (scene.home.party,))
