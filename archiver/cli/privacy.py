"""`privacy`: what the GDPR asks: a person's data (15), restriction (18), the register of processing (30)."""

from pathlib import Path

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, needs, note, now, progress, reason_option, say
from archiver.compose.roles import Right

_WORDS = {
    "it": {
        "accessed": "{path}: {messages} messaggi, {accesses} atti del registro che li nominano",
        "unread": "archiver: {unread} messaggi senza testo pieno: `archiver catalog index`, poi ripetere",
        "limited": "archiver: {restricted} di questi sono a trattamento limitato (GDPR, art. 18)",
        "restricted": "{changed} messaggi limitati; {already} lo erano già",
        "lifted": "{changed} messaggi non più limitati; {already} non lo erano",
        "act": "atto: {act}",
        "none": "nessuna limitazione",
        "register": "{path}: {entries} trattamenti; da completare {places}",
        "progress": "ricerca",
    },
    "en": {
        "accessed": "{path}: {messages} messages, {accesses} acts of the register that name them",
        "unread": "archiver: {unread} messages without full text: `archiver catalog index`, then again",
        "limited": "archiver: the processing of {restricted} of these is restricted (GDPR, art. 18)",
        "restricted": "{changed} messages restricted; {already} were already",
        "lifted": "{changed} messages no longer restricted; {already} were not",
        "act": "act: {act}",
        "none": "no restrictions",
        "register": "{path}: {entries} entries; places to fill in {places}",
        "progress": "search",
    },
}


@click.group()
def privacy() -> None:
    """The GDPR: a person's data, restriction of processing, the register of processing."""


@privacy.command()
@click.argument("persons", nargs=-1, required=True, metavar="PERSON...")
@click.option("-o", "--output", required=True, type=click.Path(), metavar="DIR", help="A new folder.")
@reason_option
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def access(door: Door, persons: tuple[str, ...], output: str, reason: str, as_json: bool) -> None:
    """All messages of a person, on which basis and until when they are kept, and who looked at them (art. 15).

    PERSON is an address, a codice fiscale or partita IVA, or a name; several are one person under several names. The
    folder has two tables (messages, accesses), the same as JSON, and a document for people; it is for you alone (modes
    0700 and 0600). Messages that are restricted are in it, marked. The register has the digest of the question.

    \b
    Example: archiver privacy access rossi@pec.example.it RSSMRA80A01H501U -o rossi --reason "istanza del 12/11/2026"
    """
    archive = door.archive()
    words = _WORDS[door.language(archive)]
    with progress(words["progress"], quiet=as_json):
        done = compose.person_access(
            archive, persons, Path(output), reason=reason, lang=door.language(archive), clock=now
        )
    told = done.as_json()
    if done.unread:
        note(words["unread"].format_map(told))
    if done.restricted:
        note(words["limited"].format_map(told))
    if as_json:
        answer(told)
        return
    say(words["accessed"].format_map(told))
    for act in done.acts:
        say(words["act"].format(act=act))


@privacy.command()
@click.argument("names", nargs=-1, required=True, metavar="DOSSIER|MESSAGE...")
@click.option("--only", "alone", is_flag=True, help="Only the messages of these digests, not their dossiers.")
@click.option("--mailbox", help="The mailbox it lies in, where several have it.")
@reason_option
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def restrict(door: Door, names: tuple[str, ...], alone: bool, mailbox: str | None, reason: str, as_json: bool) -> None:
    """Restrict the processing of messages (art. 18): nobody finds, shows or exhibits them; nothing is deleted.

    They are still swept, renewed and handed over. `search`, `show`, `evidence` and `export` say how many were left out;
    the responsabile sees one with `archiver show --restricted --reason`. It is an act in the register.

    \b
    Example: archiver privacy restrict 3f9c2a --reason "opposizione dell'interessato, 12/11/2026"
             archiver privacy restrict 3f9c2a7e --only --reason "esattezza contestata"
    """
    _decide(door, names, alone, mailbox, reason, as_json, lift=False)


@privacy.command()
@click.argument("names", nargs=-1, required=True, metavar="DOSSIER|MESSAGE...")
@click.option("--only", "alone", is_flag=True, help="Only the messages of these digests, not their dossiers.")
@click.option("--mailbox", help="The mailbox it lies in, where several have it.")
@reason_option
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def lift(door: Door, names: tuple[str, ...], alone: bool, mailbox: str | None, reason: str, as_json: bool) -> None:
    """End a restriction: the messages are found and shown again. The person must be told before (art. 18, par. 3).

    \b
    Example: archiver privacy lift 3f9c2a --reason "esattezza verificata; interessato informato il 20/11/2026"
    """
    _decide(door, names, alone, mailbox, reason, as_json, lift=True)


@privacy.command("list")
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def list_(door: Door, as_json: bool) -> None:
    """Every message that is restricted now, by its digest: since when, by whom, why.

    \b
    Example: archiver privacy list
    """
    archive = door.archive()
    found = compose.restrictions(archive)
    if as_json:
        answer({"restrictions": [item.as_json() for item in found]})
        return
    for item in found:
        say(f"{item.at:%Y-%m-%d}  {item.sha256}  {item.holder}  {item.who}  {item.reason}")
    if not found:
        say(_WORDS[door.language(archive)]["none"])


@privacy.command()
@click.option("-o", "--output", required=True, type=click.Path(), metavar="FILE.csv|FILE.docx", help="A new file.")
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def register(door: Door, output: str, as_json: bool) -> None:
    """The register of processing (art. 30) of the archive, from its configuration; in Italian, as the manual.

    \b
    Example: archiver privacy register -o registro.docx
             archiver privacy register -o registro.csv
    """
    archive = door.archive()
    done = compose.processing_register(archive, Path(output), at=now())
    if as_json:
        answer(done.as_json())
        return
    words = _WORDS[door.language(archive)]
    say(words["register"].format(path=done.path, entries=done.entries, places=len(done.places)))


def _decide(
    door: Door, names: tuple[str, ...], alone: bool, mailbox: str | None, reason: str, as_json: bool, *, lift: bool
) -> None:
    archive = door.archive()
    done = compose.restrict(archive, names, lift=lift, alone=alone, mailbox=mailbox, reason=reason, clock=now)
    if as_json:
        answer(done.as_json())
        return
    words = _WORDS[door.language(archive)]
    say(words["lifted" if lift else "restricted"].format_map(done.as_json()))
    for act in done.acts:
        say(words["act"].format(act=act))
