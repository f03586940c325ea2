"""`purge`: what the archive provably has goes from the mail server."""

import re
from datetime import timedelta

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, say, tell_behind
from archiver.compose.roles import Right
from archiver.purge import GRAVE, Reason, Report

REASONS = {
    Reason.YOUNG: ("troppo recenti, sul server o in archivio", "too recent, on the server or in the archive"),
    Reason.UNDATED: ("il server non ne dice la data", "the server does not say when they came"),
    Reason.UNREAD: ("non letti (--unread li comprende)", "unread (--unread includes them)"),
    Reason.FLAGGED: ("contrassegnati come importanti", "flagged"),
    Reason.UNPOLLED: (
        "non ancora acquisiti: `archiver ingest`",
        "not taken in yet: `archiver ingest`",
    ),
    Reason.VANISHED: ("cancellati da altri nel frattempo", "deleted by somebody else meanwhile"),
    Reason.OPEN: ("in un volume non ancora chiuso: `archiver seal`", "in a volume not closed yet: `archiver seal`"),
    Reason.UNCOVERED: (
        "il volume non ha un evidence record di ogni TSA configurata",
        "the volume lacks the evidence record of a configured TSA",
    ),
    Reason.UNFETCHED: ("il server ora non li dà", "the server does not give them now"),
    Reason.UNKNOWN: (
        "sul server hanno altri byte: così non sono in archivio",
        "other bytes on the server: these are not in the archive",
    ),
    Reason.DAMAGED: (
        "un danno è aperto su un loro oggetto: `archiver sweep --repair`",
        "damage is open on one of their objects: `archiver sweep --repair`",
    ),
    Reason.UNPROVEN: ("il volume non supera il giudizio: `archiver verify`", "their volume does not pass the judge"),
    Reason.COPIES: (
        "riletti integri da troppo pochi store: `archiver replicate`",
        "read back whole from too few stores: `archiver replicate`",
    ),
    Reason.UNDELETED: ("provati, ma ancora sul server", "proven, and still on the server"),
}
"""Why messages stay, in Italian and English."""

_SHOWN = 20


@click.command()
@click.argument("mailbox")
@click.option("--older-than", "older", required=True, metavar="DAYS", help="Only what is older, 30d at least (90d).")
@click.option("--unread", is_flag=True, help="Also messages that nobody has opened.")
@click.option("--dry-run", is_flag=True, help="Prove everything, delete nothing, write nothing.")
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def purge(door: Door, mailbox: str, older: str, unread: bool, dry_run: bool, as_json: bool) -> None:
    """Delete from the mail server of MAILBOX what the archive provably has.

    Only messages whose bytes, fetched now, are in a closed volume that passes the judge today and has its evidence, and
    that as many stores as configured give back whole. A certificate of what goes is written into the store before. It
    must be allowed in the configuration: `purge = true` in [mailbox.imap].

    \b
    Example: archiver purge studio --older-than 90d --dry-run
             archiver purge studio --older-than 365d
    """
    age = _days(older)
    archive = door.archive()
    lang = door.language(archive)
    with progress({"it": "prova e cancellazione", "en": "proving and deleting"}[lang], quiet=as_json) as step:
        done = compose.purge(archive, mailbox, older_than=age, unread=unread, dry_run=dry_run, clock=now, progress=step)
    if as_json:
        answer(done.as_json(lang) | {"dry_run": dry_run})
    else:
        _show(done, lang, dry_run=dry_run)
    _tell(done, lang)
    if not dry_run:
        tell_behind(archive, lang)
    if not done.whole:
        leave(1)


def _show(done: Report, lang: str, *, dry_run: bool) -> None:
    italian = lang == "it"
    if dry_run:
        what = "si possono cancellare" if italian else "may be deleted"
        say(f"{done.proven} / {done.messages} {what}, {done.bytes} byte")
    else:
        what = "cancellati dal server" if italian else "deleted from the server"
        say(f"{done.deleted} / {done.messages} {what} ({done.proven} {'provati' if italian else 'proven'})")
    for reason, count in sorted(done.skipped.items()):
        say(f"  {'!' if reason in GRAVE else ' '} {count} × {REASONS[reason][0 if italian else 1]}")
    for name in (*done.certificates, *done.outcomes):
        say(f"  {name}")


def _tell(done: Report, lang: str) -> None:
    """What wants attention, on stderr."""
    for folder, reason in done.folders:
        note(f"archiver: {folder}: {reason}")
    for store, reason in done.stores.items():
        note(f"archiver: store {store}: {reason}")
    for volume, verdict in done.volumes.items():
        for found in verdict.findings[:_SHOWN]:
            note(f"archiver: volume {volume}: {found.subject}: {found.text(lang)}")
    for warning in done.warnings:
        note(f"archiver: {warning.text(lang)}")
    for one in done.refused[:_SHOWN]:
        note(f"archiver: {one.folder} UID {one.uid}: {REASONS[one.reason][0 if lang == 'it' else 1]}")
    if len(done.refused) > _SHOWN:
        note(f"archiver: ... {len(done.refused) - _SHOWN} more, see --json")


def _days(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,5})d?", text, re.ASCII)
    if not found:
        raise click.UsageError(f"--older-than {text!r}: a number of days such as 90d is expected")
    return timedelta(days=int(found[1]))
