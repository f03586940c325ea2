"""`init` and `ingest`: an archive, and what it takes in."""

import os
from pathlib import Path

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, say, tell_behind
from archiver.compose.roles import Right
from archiver.errors import Busy, Conflict, Unavailable
from archiver.hands import usual

_SHOWN = 20


@click.command()
@click.argument("folder", default=".", type=click.Path(), metavar="[DIR]")
@click.option("--demo", is_flag=True, help="Filled in and ready, with a local CA, seal and TSA WITHOUT LEGAL VALUE.")
@json_option
@click.pass_obj
@guarded
@needs(None)
def init(door: Door, folder: str, demo: bool, as_json: bool) -> None:
    """Make a new archive: a commented configuration, a store, a catalog.

    \b
    Example: archiver init /srv/pec && $EDITOR /srv/pec/archiver.toml
             archiver init --demo demo
    """
    made = compose.init(Path(folder), demo=demo, environ=os.environ, clock=now)
    lang = door.language()
    gaps = made.gaps(lang)
    if as_json:
        shown = made.archive.config.stores[0].shown if made.archive else None
        answer(
            {
                "config": str(made.config), "created": made.created, "demo": demo,
                "store": shown, "store_created": bool(made.store), "stores_created": made.stores, "gaps": gaps,
            }
        )  # fmt: skip
        return
    what = {"it": "creato", "en": "made"} if made.created else {"it": "c'era già", "en": "was there already"}
    say(f"{made.config}: {what[lang]}")
    if made.archive:
        new, old = {"it": "store creato", "en": "store made"}, {"it": "c'era già", "en": "was there already"}
        for store in made.archive.config.stores:
            say(f"{store.shown}: {(new if made.stores.get(store.id) else old)[lang]}")
    for gap in gaps:
        say(f"! {gap}")
    if demo:
        say(
            {
                "it": "Archivio dimostrativo: sigillo e marche temporali SENZA VALORE LEGALE.",
                "en": "Demonstration archive: its seal and time stamps are WITHOUT LEGAL VALUE.",
            }[lang]
        )
    elif made.archive:
        say({"it": "Controllare", "en": "Check"}[lang] + f": archiver --config {made.config} doctor")
    else:
        say(
            {
                "it": f"Compilare {made.config}, poi: archiver --config {made.config} doctor",
                "en": f"Fill in {made.config}, then: archiver --config {made.config} doctor",
            }[lang]
        )


@click.command()
@click.argument("mailboxes", nargs=-1, metavar="[MAILBOX]...")
@click.option(
    "--from", "source", type=click.Path(), help="A folder of .eml, a Maildir, an mbox or one .eml to take in."
)
@click.option("--mailbox", "target", help="With --from or --annotations: the mailbox, when several are configured.")
@click.option(
    "--jobs", type=click.IntRange(1, 64), help="Processes that share the work (as a rule one a core, at most 4)."
)
@click.option("--again", is_flag=True, help="Try once more what could not be fetched on three nights.")
@click.option("--annotations", type=click.Path(), help="CSV with protocol and classification (public administrations).")
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
def ingest(
    door: Door,
    mailboxes: tuple[str, ...],
    source: str | None,
    target: str | None,
    jobs: int | None,
    again: bool,
    annotations: str | None,
    as_json: bool,
) -> None:
    """Take in what is new in all configured mailboxes, in those named, or in files.

    On a mail server nothing is changed, not even a flag. A message that cannot be fetched is tried on three nights,
    then its rapporto says so.

    \b
    Example: archiver ingest
             archiver ingest studio --jobs 2
             archiver ingest --from ~/pec-2019 --mailbox studio
    """
    archive = door.archive()
    lang = door.language(archive)
    with progress({"it": "acquisizione", "en": "ingest"}[lang], quiet=as_json) as step:
        done = compose.ingest(
            archive,
            mailboxes,
            source=Path(source) if source else None,
            target=target,
            annotations=Path(annotations) if annotations else None,
            jobs=jobs or usual(),
            again=again,
            clock=now,
            progress=step,
        )
    tell_behind(archive, lang)
    if as_json:
        answer(done.as_json())
    else:
        _show(done, lang)
    for where, reason in (*done.broken, *done.folders):
        note(f"archiver: {where}: {reason}")
    for origin, reason in done.refused[:_SHOWN]:
        note(f"archiver: {origin}: {reason}")
    if len(done.refused) > _SHOWN:
        note(f"archiver: ... {len(done.refused) - _SHOWN} more, see --json")
    _leave(done)


def _show(done: "compose.Ingested", lang: str) -> None:
    say(
        {
            "it": f"{done.new} nuovi, {done.known} già in archivio, {done.failed} non letti, {done.bytes} byte",
            "en": f"{done.new} new, {done.known} known, {done.failed} failed, {done.bytes} bytes",
        }[lang]
    )
    if done.discarded:
        say(
            {
                "it": f"{done.discarded} già scartati, non ripresi: vanno distrutti anche da dove vengono",
                "en": f"{done.discarded} discarded before, not taken in: destroy them where they come from too",
            }[lang]
        )
    if done.gone:
        say(
            {
                "it": f"{done.gone} non più sul server (o mai assegnati) al momento della lettura",
                "en": f"{done.gone} not on the server any more (or never assigned) when they were to be read",
            }[lang]
        )
    for code, count in sorted(done.findings.items()):
        say(f"  {count} × {code}")
    for certificate in done.certificates:
        say(f"! {certificate.text(lang)}")


def _leave(done: "compose.Ingested") -> None:
    """A conflict must be seen, whatever else was done; else a run that did some, and not all, ends with 1.

    What another process is at is not left undone: the run need only be tried again.
    """
    errors = [error for _, error in done.broken]
    if any(isinstance(error, Conflict) for error in errors):
        leave(4)
    busy = all(isinstance(error, Busy) for error in errors) and not (done.failed or done.folders)
    if errors and (busy or not (done.whole or done.new or done.known)):
        leave(3 if any(isinstance(error, Unavailable) for error in errors) else 2)
    if errors or done.failed or done.folders:
        leave(1)
