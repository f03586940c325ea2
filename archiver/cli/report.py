"""`report`: the verbale of the periodic check, and the yearly integrity report."""

from pathlib import Path

import click

from archiver import compose
from archiver.cli.days import first_moment
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, reason_option, say
from archiver.compose.roles import Right
from archiver.verdict import Indication

_WORDS = {
    "it": {
        "making": "documento",
        "made": "{path}: {indication}; rilievi {number}; SHA-256 {sha256}",
        "unsigned": "archiver: il documento non reca il sigillo dell'archivio",
        "act": "atto: {act}",
    },
    "en": {
        "making": "document",
        "made": "{path}: {indication}; findings {number}; SHA-256 {sha256}",
        "unsigned": "archiver: the document does not carry the archive's seal",
        "act": "act: {act}",
    },
}


@click.group()
def report() -> None:
    """Documents that the responsabile signs: the periodic check, the year's integrity."""


@report.command()
@click.option("-o", "--output", required=True, type=click.Path(), metavar="FILE.pdf", help="A new file.")
@click.option("--mailbox", help="Only what this mailbox holds; checks are always those of the whole archive.")
@click.option("--holder", default="", metavar="ID", help="The holder, where there are several.")
@click.option("--until", metavar="DATE", help="Last day; else until now. It begins where the last verbale ended.")
@click.option("--unsigned", is_flag=True, help="Without the archive's seal; the document says so.")
@reason_option
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def verifica(
    door: Door,
    output: str,
    mailbox: str | None,
    holder: str,
    until: str | None,
    unsigned: bool,
    reason: str,
    as_json: bool,
) -> None:
    """The verbale of the check of integrity and readability that is due every five years, for the responsabile to sign.

    It tells what the sweeps since the last verbale read, found and repaired, what was renewed, which attachments people
    may not be able to open, and what is proposed. That it was made is an act in the register. Exit code 1 when it is
    not conclusive, or something is to be put right: the findings name the command.

    \b
    Example: archiver sweep --deep && archiver report verifica -o verbale.pdf
             archiver report verifica --mailbox studio --until 2026-12-31 -o verbale-2026.pdf
    """
    archive = door.archive()
    with progress(_WORDS[door.language(archive)]["making"], quiet=as_json):
        done = compose.report_verifica(
            archive,
            Path(output),
            holder=holder,
            mailbox=mailbox,
            until=first_moment(until, "--until", after=1) if until else None,
            unsigned=unsigned,
            reason=reason,
            lang=door.language(archive),
            clock=now,
        )
    _tell(done, door.language(archive), as_json)


@report.command()
@click.option("-o", "--output", required=True, type=click.Path(), metavar="FILE.pdf", help="A new file.")
@click.option("--year", required=True, type=click.IntRange(1996, 9998), help="The calendar year.")
@click.option("--holder", default="", metavar="ID", help="The holder, where there are several.")
@click.option("--unsigned", is_flag=True, help="Without the archive's seal; the document says so.")
@reason_option
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def integrity(door: Door, output: str, year: int, holder: str, unsigned: bool, reason: str, as_json: bool) -> None:
    """The integrity report of a year: what is kept, how it is proven, what happened, what changed, what is due.

    On the pattern that eIDAS art. 45j and CEN/TS 18170 have for qualified archives; it says that this is none. That it
    was made is an act in the register.

    \b
    Example: archiver report integrity --year 2026 -o integrita-2026.pdf
    """
    archive = door.archive()
    with progress(_WORDS[door.language(archive)]["making"], quiet=as_json):
        done = compose.report_integrity(
            archive,
            Path(output),
            year=year,
            holder=holder,
            unsigned=unsigned,
            reason=reason,
            lang=door.language(archive),
            clock=now,
        )
    _tell(done, door.language(archive), as_json)


def _tell(done: "compose.Reported", lang: str, as_json: bool) -> None:
    words = _WORDS[lang]
    for warning in done.warnings:
        note(f"archiver: {warning.text(lang)}")
    if not done.sealed:
        note(words["unsigned"])
    if as_json:
        answer(done.as_json())
    else:
        found = done.told["findings"]
        say(words["made"].format(path=done.path, indication=done.indication, number=len(found), sha256=done.sha256))
        for item in found:
            say(f"  {item['severity']}: {item['subject']}: {item[lang]}")
        say(words["act"].format(act=done.act))
    if done.indication is not Indication.PASSED:
        leave(1)
