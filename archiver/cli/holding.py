"""`hold` and `retention`: what must not go yet, and for how long."""

from collections.abc import Mapping
from datetime import date

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, say
from archiver.compose.roles import Right

_SHOWN = 5


def day(text: str | None, option: str) -> date | None:
    """A day as people write it. Raises UsageError."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"{option} {text!r}: a day such as 2026-03-01 is expected") from error


@click.group()
def hold() -> None:
    """Legal holds: what nobody may destroy until somebody lets it go."""


@hold.command()
@click.argument("dossiers", nargs=-1)
@click.option("--message", "messages", multiple=True, metavar="SHA256", help="A single message, by its digest.")
@click.option("--mailbox", metavar="NAME", help="All of a mailbox, also what comes later.")
@click.option("--since", metavar="DATE", help="All that is dated from this day on.")
@click.option("--until", metavar="DATE", help="All that is dated up to this day.")
@click.option("--everything", is_flag=True, help="All of a holder.")
@click.option("--holder", metavar="ID", help="Of several holders, this one.")
@click.option("--review", metavar="DATE", help="A day on which to look at it again; it never ends by itself.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; kept in the act.")
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def place(
    door: Door,
    dossiers: tuple[str, ...],
    messages: tuple[str, ...],
    mailbox: str | None,
    since: str | None,
    until: str | None,
    everything: bool,
    holder: str | None,
    review: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Keep DOSSIERS, messages, a mailbox, a period or everything from being destroyed, whatever their term.

    A hold blocks every discard of what it is about, and of all that belongs to the same dossiers. `purge` is no
    destruction: it deletes from the mail server what is kept here, and goes on.

    \b
    Example: archiver hold place 3f9c2a --reason "causa R.G. 123/2026"
             archiver hold place --mailbox studio --since 2016-01-01 --until 2016-12-31 --reason "ispezione"
    """
    archive = door.archive()
    lang, names = door.language(archive), _names(archive)
    wanted = compose.Wanted(
        dossiers=dossiers,
        messages=messages,
        mailbox=mailbox,
        since=day(since, "--since"),
        until=day(until, "--until"),
        holder=holder,
        everything=everything,
    )
    done = compose.hold_place(archive, wanted, reason=reason, review=day(review, "--review"), clock=now)
    if as_json:
        answer({"holds": [one.as_json() for one in done.holds], "late": done.late})
    for one in () if as_json else done.holds:
        say({"it": "blocco posto", "en": "hold placed"}[lang])
        _show(one, lang, names)
    if done.late:
        late = {
            "it": "uno scarto è in esecuzione: ciò che era già approvato può essere distrutto lo stesso;"
            " `archiver discard show` dice che cosa",
            "en": "a discard is being executed: what was approved before may go all the same;"
            " `archiver discard show` says what",
        }
        note(f"archiver: {late[lang]}")


@hold.command()
@click.argument("name", metavar="HOLD")
@click.option("--reason", required=True, metavar="TEXT", help="Why; kept in the act.")
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def release(door: Door, name: str, reason: str, as_json: bool) -> None:
    """Let a HOLD go: what it kept may be discarded again, once its term has passed.

    \b
    Example: archiver hold release 5c1f00aa --reason "sentenza passata in giudicato"
    """
    archive = door.archive()
    lang = door.language(archive)
    done = compose.hold_release(archive, name, reason=reason, clock=now)
    if as_json:
        answer(done.as_json())
        return
    say({"it": f"blocco tolto: {done.id}", "en": f"hold released: {done.id}"}[lang])


@hold.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that were released too.")
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def list_(door: Door, everything: bool, as_json: bool) -> None:
    """The holds that stand: who placed each, why, what it keeps, when it asks to be looked at again.

    \b
    Example: archiver hold list
             archiver hold list --all --json
    """
    archive = door.archive()
    lang, names = door.language(archive), _names(archive)
    found = compose.hold_list(archive, everything=everything)
    if as_json:
        answer({"holds": [one.as_json() for one in found]})
        return
    for one in found:
        _show(one, lang, names)
    if not found:
        say({"it": "nessun blocco", "en": "no hold"}[lang])


def _names(archive: "compose.Archive") -> dict[str, str]:
    return {box.id: box.name for box in archive.config.mailboxes}


def _show(one: "compose.Kept", lang: str, names: Mapping[str, str]) -> None:
    held, italian = one.hold, lang == "it"
    mailbox = names.get(held.mailbox, held.mailbox)
    what = {
        "messages": f"{len(held.messages)} messaggi e i loro dossier" if italian else f"{len(held.messages)} messages",
        "mailbox": f"{'casella' if italian else 'mailbox'} {mailbox}",
        "period": f"{held.since or '...'} / {held.until or '...'} {mailbox}".rstrip(),
        "holder": f"{'tutto di' if italian else 'everything of'} {held.holder}",
    }[held.scope.value]
    say(f"{held.short}  {held.at:%Y-%m-%d}  {held.who}  {what}  ({len(one.volumes)} volumi chiusi / closed volumes)")
    say(f"    {'motivo' if italian else 'reason'}: {held.reason}")
    if held.review:
        say(f"    {'da rivedere il' if italian else 'to be looked at again on'} {held.review}")
    if held.released:
        say(f"    {'tolto il' if italian else 'released on'} {held.released.at:%Y-%m-%d}: {held.released.reason}")
    say(f"    {held.id}")


@click.group()
def retention() -> None:
    """How long volumes are kept: what ends when, and longer terms."""


@retention.command("list")
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def endings(door: Door, as_json: bool) -> None:
    """What ends when, by mailbox, class and year: as it was sealed, and as it was made longer since.

    \b
    Example: archiver retention list
    """
    archive = door.archive()
    lang = door.language(archive)
    found = compose.retention_list(archive)
    if as_json:
        answer({"terms": [one.as_json() for one in found]})
        return
    for one in found:
        end = one.ends.isoformat() if one.ends else {"it": "permanente", "en": "permanent"}[lang]
        longer = ""
        if one.ends != one.sealed:
            longer = {"it": f", sigillato {one.sealed}", "en": f", sealed {one.sealed}"}[lang]
        held = {"it": f", bloccati {one.held}", "en": f", held {one.held}"}[lang] if one.held else ""
        say(
            {
                "it": f"{end:10}  {one.mailbox}  {one.retention}  {one.year}: {one.volumes} volumi,"
                f" {one.messages} messaggi{longer}{held}",
                "en": f"{end:10}  {one.mailbox}  {one.retention}  {one.year}: {one.volumes} volumes,"
                f" {one.messages} messages{longer}{held}",
            }[lang]
        )
    if not found:
        say({"it": "nessun volume chiuso", "en": "no closed volume"}[lang])


@retention.command()
@click.argument("volume", required=False)
@click.option("--class", "retention_class", metavar="NAME", help="All volumes of this class, also those to come.")
@click.option("--mailbox", metavar="NAME", help="All volumes of this mailbox, also those to come.")
@click.option("--until", required=True, metavar="DATE", help="The last day on which they are kept.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; kept in the act.")
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def extend(
    door: Door,
    volume: str | None,
    retention_class: str | None,
    mailbox: str | None,
    until: str,
    reason: str,
    as_json: bool,
) -> None:
    """Keep a VOLUME, a class or a mailbox for longer. Nothing ever makes a term shorter.

    \b
    Example: archiver retention extend --mailbox legale --until 2046-12-31 --reason "causa pendente"
             archiver retention extend 67765d34 --until 2040-12-31 --reason "accertamento"
    """
    archive = door.archive()
    lang = door.language(archive)
    last = day(until, "--until")
    assert last is not None
    with progress({"it": "blocco degli oggetti", "en": "locking"}[lang], quiet=as_json) as step:
        done = compose.retention_extend(
            archive,
            until=last,
            reason=reason,
            volume=volume,
            mailbox=mailbox,
            retention=retention_class,
            clock=now,
            progress=step,
        )
    if as_json:
        answer(done.as_json())
    else:
        count = len(done.volumes)
        say({"it": f"{count} volumi fino al {done.until}", "en": f"{count} volumes until {done.until}"}[lang])
        for store, objects in done.locked.items():
            say(f"    {store}: {objects} {'oggetti bloccati' if lang == 'it' else 'objects locked'}")
    for failure in done.failures[:_SHOWN]:
        note(f"archiver: {failure}")
    if done.failures:
        leave(1)
