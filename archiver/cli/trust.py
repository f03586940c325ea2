"""`trust`: providers' and TSA certificates, and what a person says of them."""

from collections.abc import Callable
from datetime import datetime

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, needs, note, now, say
from archiver.compose.roles import Right
from archiver.package.act import ActKind

_SHORT = 16
_STANDINGS = {
    "it": {"new": "DA CONFERMARE", "confirmed": "confermato", "revoked": "REVOCATO", "": ""},
    "en": {"new": "TO BE CONFIRMED", "confirmed": "confirmed", "revoked": "REVOKED", "": ""},
}
_DONE = {
    "it": {"confirmed": "confermato", "revoked": "revocato"},
    "en": {"confirmed": "confirmed", "revoked": "revoked"},
}


@click.group()
def trust() -> None:
    """Providers' and TSA certificates: what was met, and whom you vouch for."""


@trust.command("list")
@click.option("--new", "only_new", is_flag=True, help="Only providers' certificates that nobody has confirmed yet.")
@click.option(
    "--kind", type=click.Choice(["ca", "provider", "tsa", "signer", "crl", "ocsp", "list"]), help="Only these."
)
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def list_(door: Door, only_new: bool, kind: str | None, as_json: bool) -> None:
    """Every certificate, list of revocations and trusted list that the archive has met.

    \b
    Example: archiver trust list --new
             archiver trust list --kind tsa
    """
    archive = door.archive()
    lang = door.language(archive)
    found, broken = compose.trust_list(archive, at=now())
    found = tuple(item for item in found if kind in (None, item.kind) and (not only_new or item.standing == "new"))
    for complaint in broken:
        note(f"archiver: {complaint}")
    if as_json:
        answer({"certificates": [item.as_json() for item in found]})
        return
    for item in found:
        say(f"{item.sha256[:_SHORT]}  {item.kind:8}  {_STANDINGS[lang][item.standing]:15}  {compose.called(item.name)}")
        say(f"    {_line(item, lang)}")
    if not found:
        say({"it": "nessuno", "en": "none"}[lang])


@trust.command()
@click.argument("fingerprint", metavar="SHA256-PREFIX")
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def show(door: Door, fingerprint: str, as_json: bool) -> None:
    """One certificate in all its details, to be compared with what its CA publishes.

    \b
    Example: archiver trust show 3f9c2a7e
    """
    archive = door.archive()
    lang = door.language(archive)
    found, broken = compose.trust_show(archive, fingerprint, at=now())
    for complaint in broken:
        note(f"archiver: {complaint}")
    if as_json:
        answer(found.as_json(lang))
        return
    for name, text in compose.trust_lines(found, lang):
        say(f"{name:22} {text}" if name else text)


def _decision(name: ActKind) -> Callable[..., None]:
    def decide(door: Door, fingerprint: str, reason: str, as_json: bool) -> None:
        archive = door.archive()
        lang = door.language(archive)
        done = compose.trust_decide(archive, fingerprint, name, reason=reason, at=now())
        if as_json:
            answer(done.as_json())
            return
        say(f"{_DONE[lang][done.state]}: {compose.called(done.entry.name)}, SHA-256 {done.entry.sha256}")
        for act in done.acts:
            say({"it": f"atto: {act}", "en": f"act: {act}"}[lang])

    return decide


@trust.command()
@click.argument("fingerprint", metavar="SHA256-PREFIX")
@click.option("--reason", required=True, help="Why; kept in the act.")
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def confirm(door: Door, fingerprint: str, reason: str, as_json: bool) -> None:
    """Vouch for a certificate whose fingerprint you have compared. The newest act on it holds.

    \b
    Example: archiver trust confirm 3f9c2a7e --reason "confrontato con l'elenco AgID"
    """
    _decision(ActKind.TRUST_CONFIRMED)(door, fingerprint, reason, as_json)


@trust.command()
@click.argument("fingerprint", metavar="SHA256-PREFIX")
@click.option("--reason", required=True, help="Why; kept in the act.")
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def revoke(door: Door, fingerprint: str, reason: str, as_json: bool) -> None:
    """Trust a provider's certificate, or a CA of providers, no longer: the origin of its messages becomes doubtful.

    \b
    Example: archiver trust revoke 3f9c2a7e --reason "il gestore ne ha denunciato il furto"
    """
    _decision(ActKind.TRUST_REVOKED)(door, fingerprint, reason, as_json)


def _line(item: "compose.Entry", lang: str) -> str:
    words = {
        "it": ("emesso da", "fino al", "visto dal", "coperto da", "non ancora coperto", "dalla configurazione"),
        "en": ("issued by", "until", "seen since", "covered by", "not covered yet", "from the configuration"),
    }[lang]
    pieces = [f"{words[0]} {compose.called(item.issuer)}"] if item.issuer else []
    pieces.append(f"{words[1]} {_day(item.until)}")
    if item.configured:
        pieces.append(words[5])
    if item.seen:
        pieces.append(f"{words[2]} {_day(item.seen)}")
        covers = [covered[:_SHORT] for covered in item.covered.values() if covered]
        pieces.append(f"{words[3]} {', '.join(covers)}" if covers else words[4])
    return ", ".join(pieces)


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "-"
