"""`status`, `search` and `show`: what is in the archive, where a message is, and what became of it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, now, say
from archiver.pec.kind import Kind

_ROME = ZoneInfo("Europe/Rome")


@click.command()
@click.option("--continuity", "mailbox", metavar="MAILBOX", help="A certificate that no message of it was skipped.")
@json_option
@click.pass_obj
@guarded
def status(door: Door, mailbox: str | None, as_json: bool) -> None:
    """What is in the archive, what is due, what is wrong.

    \b
    Example: archiver status
             archiver status --continuity studio
    """
    archive = door.archive()
    if mailbox is not None:
        _continuity(compose.continuity(archive, mailbox, at=now()), lang=door.language(archive), as_json=as_json)
        return
    state = compose.status(archive, at=now(), lang=door.language(archive))
    if as_json:
        answer(state.as_json())
        return
    italian = door.language(archive) == "it"
    rows = (
        ("messaggi" if italian else "messages", state.messages),
        ("di cui in attesa di chiusura" if italian else "of them pending", state.pending),
        ("al sicuro, riletti da ogni copia" if italian else "safe, read back from copies", state.safe),
        ("volumi chiusi" if italian else "closed volumes", state.volumes),
        ("rapporti di versamento", state.rapporti),
        ("byte" if italian else "bytes", state.bytes),
    )
    for name, value in rows:
        say(f"{name:33} {value:>14,}".replace(",", "." if italian else ","))
    for tsa, count in state.tokens.items():
        name = f"marche in 30 giorni ({tsa})" if italian else f"tokens in 30 days ({tsa})"
        asked = f"  ({count['asked']} {'richieste' if italian else 'asked'})"
        say(f"{name:33} {count['granted']:>14,}".replace(",", "." if italian else ",") + asked)
    for alert in state.alerts:
        say(f"! {alert}")
    if not state.alerts:
        say("nessun avviso" if italian else "no alerts")


def _continuity(certificate: compose.Certificate, *, lang: str, as_json: bool) -> None:
    """Ends with 1 when something is missing, so that a monitor notices."""
    if as_json:
        answer(certificate.as_json())
    else:
        for line in compose.attested(certificate, lang):
            say(line)
    if not certificate.complete:
        leave(1)


@click.command()
@click.argument("terms", nargs=-1, metavar="[TEXT]...")
@click.option("--from", "sender", help="Part of the sender's address or name.")
@click.option("--to", "recipient", help="Part of a recipient's address.")
@click.option("--since", metavar="DATE", help="First day, such as 2026-03-01.")
@click.option("--until", metavar="DATE", help="Last day.")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="Only messages of this kind.")
@click.option("--mailbox", help="Only this mailbox.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="Results a page.")
@click.option("--after", metavar="NEXT", help="Go on from the `next` of an earlier page.")
@json_option
@click.pass_obj
@guarded
def search(
    door: Door,
    terms: tuple[str, ...],
    sender: str | None,
    recipient: str | None,
    since: str | None,
    until: str | None,
    kind: str | None,
    mailbox: str | None,
    limit: int,
    after: str | None,
    as_json: bool,
) -> None:
    """Find messages by words of subject, addresses and identifiers; all conditions must hold.

    \b
    Example: archiver search fattura --from rossi --since 2026-03-01 --until 2026-03-31
    """
    found = compose.search(
        door.archive(),
        terms,
        sender=sender,
        recipient=recipient,
        since=_day(since, "--since") if since else None,
        until=_day(until, "--until", after=1) if until else None,
        kind=kind,
        mailbox=mailbox,
        limit=limit,
        after=after,
    )
    if as_json:
        answer(found.as_json())
        return
    for hit in found.results:
        say(f"{hit.date:%Y-%m-%d %H:%M}  {hit.state:9}  {hit.kind:18}  {hit.dossier[:12]}  {hit.sender} -> {hit.to}")
        say(f"    {hit.subject}")
    if found.next:
        say(f"... --after {found.next}")
    if not found.results:
        say("nessun risultato / nothing found")


@click.command()
@click.argument("dossier")
@click.option("--mailbox", help="The mailbox it lies in, where several have it.")
@json_option
@click.pass_obj
@guarded
def show(door: Door, dossier: str, mailbox: str | None, as_json: bool) -> None:
    """One message, its receipts, each recipient's outcome, its proofs.

    DOSSIER is an identificativo, a Message-ID, or (the beginning of) the digest of any message in it.

    \b
    Example: archiver show 3f9c2a
             archiver show opec21010.20261103101500.00001.1.1.1@pec.esempio.it
    """
    archive = door.archive()
    shown = compose.show(archive, dossier, mailbox=mailbox)
    if as_json:
        answer(shown.as_json(door.language(archive)))
        return
    for line in compose.lines(shown, door.language(archive)):
        say(line)


def _day(text: str, option: str, *, after: int = 0) -> datetime:
    """The first moment in Rome of a day, or of one that many days `after` it."""
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=after), time(), _ROME).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"{option} {text!r}: a day such as 2026-03-01 is expected") from error
