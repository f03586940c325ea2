"""`status` and `show`: what is in the archive, and what became of a message."""

from collections.abc import Mapping
from typing import Any

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, now, reason_option, say
from archiver.compose.roles import Right


@click.command()
@click.option("--continuity", "mailbox", metavar="MAILBOX", help="A certificate that no message of it was skipped.")
@click.option("--alerts", is_flag=True, help="Only what wants attention: sendings without an outcome, terms.")
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def status(door: Door, mailbox: str | None, alerts: bool, as_json: bool) -> None:
    """What is in the archive, what is due, what is wrong.

    \b
    Example: archiver status
             archiver status --continuity studio
             archiver status --alerts
    """
    archive = door.archive()
    if mailbox is not None:
        _continuity(compose.continuity(archive, mailbox, at=now()), lang=door.language(archive), as_json=as_json)
        return
    if alerts:
        _alerts(compose.alarms(archive, at=now(), lang=door.language(archive)), door.language(archive), as_json)
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
        say(f"{name:33} {_number(value, italian):>14}")
    for tsa, count in state.tokens.items():
        name = f"marche in 30 giorni ({tsa})" if italian else f"tokens in 30 days ({tsa})"
        asked = f"  ({count['asked']} {'richieste' if italian else 'asked'})"
        say(f"{name:33} {_number(count['granted'], italian):>14}{asked}")
    if state.night:
        told = f"{state.night['ended'][:16].replace('T', ' ')}Z"
        say(f"{'ultima notte' if italian else 'last night':33} {told:>14}  ({_night(state.night, italian)})")
    for alert in state.alerts:
        say(f"! {alert}")
    if not state.alerts:
        say("nessun avviso" if italian else "no alerts")


def _number(value: int, italian: bool) -> str:
    return f"{value:,}".replace(",", "." if italian else ",")


def _night(told: "Mapping[str, Any]", italian: bool) -> str:
    if not told["code"]:
        return "tutto fatto" if italian else "all done"
    return f"{'non riuscito' if italian else 'failed'}: {', '.join(told['failed'])}"


def _alerts(found: "tuple[compose.Alarm, ...]", lang: str, as_json: bool) -> None:
    """Ends with 1 when one of them is an error, so that a monitor notices."""
    if as_json:
        answer({"alerts": [alarm.as_json() for alarm in found]})
    else:
        for alarm in found:
            say(f"{'!' if alarm.level == 'error' else '-'} {alarm.code}  {alarm.text}")
            if alarm.next and alarm.next not in alarm.text:
                say(f"    {alarm.next}")
        if not found:
            say({"it": "nessun avviso", "en": "no alerts"}[lang])
    if any(alarm.level == "error" for alarm in found):
        leave(1)


def _continuity(certificate: "compose.Certificate", *, lang: str, as_json: bool) -> None:
    """Ends with 1 when something is missing, so that a monitor notices."""
    if as_json:
        answer(certificate.as_json())
    else:
        for line in compose.attested(certificate, lang):
            say(line)
    if not certificate.complete:
        leave(1)


@click.command()
@click.argument("dossier")
@click.option("--mailbox", help="The mailbox it lies in, where several have it.")
@click.option(
    "--restricted", is_flag=True, help="Also what is restricted (GDPR 18): for the responsabile, with --reason."
)
@reason_option
@json_option
@click.pass_obj
@guarded
@needs(Right.READ)
def show(door: Door, dossier: str, mailbox: str | None, restricted: bool, reason: str, as_json: bool) -> None:
    """One message, its receipts, each recipient's outcome, its proofs.

    DOSSIER is an identificativo, a Message-ID, or (the beginning of) the digest of any message in it.

    \b
    Example: archiver show 3f9c2a
             archiver show opec21010.20261103101500.00001.1.1.1@pec.esempio.it
    """
    archive = door.archive()
    shown = compose.show(archive, dossier, mailbox=mailbox, reason=reason, restricted=restricted)
    if as_json:
        answer(shown.as_json(door.language(archive)))
        return
    for line in compose.lines(shown, door.language(archive)):
        say(line)
