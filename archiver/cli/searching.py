"""`search`, and `catalog index`: finding messages, and reading for that what they hold."""

import click

from archiver import compose
from archiver.cli.conditions import filters
from archiver.cli.days import first_moment
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, progress, reason_option, say
from archiver.compose.roles import Right

_SHOWN = 20

COUNTED = 10_000
"""Messages without full text that are counted; of more it is said that there are more."""


@click.command()
@filters
@click.option("--mailbox", help="Only this mailbox.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="Results a page.")
@click.option("--after", metavar="NEXT", help="Go on from the `next` of an earlier page.")
@click.option("--csv", "as_csv", is_flag=True, help="A table on stdout, for a spreadsheet.")
@reason_option
@json_option
@click.pass_obj
@guarded
@needs(Right.READ)
def search(
    door: Door,
    /,
    terms: tuple[str, ...],
    since: str | None,
    until: str | None,
    mailbox: str | None,
    limit: int,
    after: str | None,
    reason: str,
    as_csv: bool,
    as_json: bool,
    **conditions: str | None,
) -> None:
    """Find messages; all conditions must hold, the newest come first.

    TEXT is a word of the headers or its beginning, or a whole word of a body or an attachment, as far as
    `archiver catalog index` has read them; several words in quotes stand in a row. Case and accents do not matter.
    --state is folded from the receipts of each message: other conditions beside it make it fast.

    \b
    Example: archiver search fattura --from rossi --since 2026-03-01 --until 2026-03-31
             archiver search --tax-code 01234567890 --state failed
             archiver search "contratto di locazione" --csv > risultati.csv
    """
    if as_csv and as_json:
        raise click.UsageError("--csv, --json: one of them")
    archive = door.archive()
    query = compose.Query(
        terms=terms,
        since=first_moment(since, "--since") if since else None,
        until=first_moment(until, "--until", after=1) if until else None,
        **{name: value or "" for name, value in conditions.items()},
    )
    found = compose.search(archive, query, mailbox=mailbox, limit=limit, after=after, reason=reason)
    _tell(found, door.language(archive), quiet=as_json)
    if as_json:
        answer(found.as_json())
        return
    if as_csv:
        click.echo(compose.spreadsheet(found.results, head=after is None), nl=False)
        if found.next:
            note(f"... --after {found.next}")
        return
    for hit in found.results:
        say(f"{hit.date:%Y-%m-%d %H:%M}  {hit.state:9}  {hit.kind:18}  {hit.dossier[:12]}  {hit.sender} -> {hit.to}")
        say(f"    {hit.subject}")
    if found.next:
        say(f"... --after {found.next}")
    if not found.results:
        say("nessun risultato / nothing found")


def _tell(found: "compose.Found", lang: str, *, quiet: bool) -> None:
    """What stands beside the results: how to go on, and what was not searched."""
    if found.unread:
        some = f"{found.unread}" if found.unread < COUNTED else f"{COUNTED}+"
        note(
            {
                "it": f"archiver: {some} messaggi senza testo pieno (corpo e allegati): `archiver catalog index`",
                "en": f"archiver: {some} messages without full text (body, attachments): `archiver catalog index`",
            }[lang]
        )
    if found.restricted:
        note(
            {
                "it": f"archiver: {found.restricted} messaggi a trattamento limitato (GDPR, art. 18), non mostrati",
                "en": f"archiver: {found.restricted} messages of restricted processing (GDPR, art. 18), not shown",
            }[lang]
        )
    if found.cut and not quiet:
        note({"it": "archiver: ricerca interrotta prima della fine: continua con --after", "en": "archiver: the search"
              " stopped before the end: go on with --after"}[lang])  # fmt: skip


@click.command()
@click.option("--again", is_flag=True, help="Read all messages anew, also those that were read.")
@click.option("--oldest", is_flag=True, help="Begin with the oldest messages instead of the newest.")
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
def index(door: Door, again: bool, oldest: bool, as_json: bool) -> None:
    """Read bodies and attachments for `archiver search`; cut short, it goes on when run again.

    Text, HTML, XML, office documents and PDF are read, in signatures (.p7m), ZIP files and attached messages too.
    Encrypted or broken ones are counted. Nothing of this is a source of truth: it is made again at any time.

    \b
    Example: archiver catalog index
    """
    archive = door.archive()
    lang = door.language(archive)
    with progress({"it": "messaggi", "en": "messages"}[lang], quiet=as_json) as step:
        done = compose.index(archive, again=again, oldest=oldest, progress=step)
    if as_json:
        answer(done.as_json())
    else:
        lacks = ", ".join(f"{lack} {count}" for lack, count in sorted(done.lacking.items()))
        say(
            {
                "it": f"{done.read} messaggi letti; non letti al loro interno: {lacks or 'niente'}",
                "en": f"{done.read} messages read; not read within them: {lacks or 'nothing'}",
            }[lang]
        )
        for digest in done.failed[:_SHOWN]:
            note(
                {
                    "it": f"archiver: {digest}: i byte non si leggono dallo store: `archiver sweep --repair`",
                    "en": f"archiver: {digest}: its bytes cannot be had from the store: `archiver sweep --repair`",
                }[lang]
            )
    if done.failed:
        leave(1)
