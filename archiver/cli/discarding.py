"""`discard`: the scarto, from the list to the last copy."""

from pathlib import Path

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, reason_option, say
from archiver.cli.holding import day
from archiver.compose.roles import Right
from archiver.package.discard.values import Authorization

STATES = {
    "proposed": ("proposto", "proposed"),
    "approved": ("autorizzato", "approved"),
    "approved-in-part": ("autorizzato in parte", "approved in part"),
    "rejected": ("respinto", "rejected"),
    "destroyed-in-primary": ("distrutto nello store principale", "destroyed in the primary store"),
    "destroyed-in-copies": ("distrutto in ogni copia", "destroyed in every copy"),
    "effective": ("efficace", "effective"),
}
"""How far a discard has come, in Italian and English."""


@click.group()
def discard() -> None:
    """Scarto: list what may go, have it approved by somebody else, destroy it on every store."""


@discard.command()
@click.option("--until", metavar="DATE", help="Volumes whose term ended on or before this day; else yesterday.")
@click.option("--mailbox", "mailboxes", multiple=True, metavar="NAME", help="Only of this mailbox; may be repeated.")
@click.option("--messages", is_flag=True, help="The exceptional path: the messages named by their DIGESTS.")
@click.option("--basis", default="", metavar="TEXT", help="With --messages: by whose order, on what basis.")
@click.argument("digests", nargs=-1, metavar="[DIGEST]...")
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
def propose(
    door: Door,
    until: str | None,
    mailboxes: tuple[str, ...],
    messages: bool,
    basis: str,
    digests: tuple[str, ...],
    as_json: bool,
) -> None:
    """Propose a discard: whole volumes whose term has passed and that no hold keeps; or single messages by order.

    The list (elenco di scarto) is filed in the store, signed and stamped: volumes, digests, counts, classes, terms;
    no address and no subject. `discard show` shows it.

    \b
    Example: archiver discard propose
             archiver discard propose --messages 3f9c2a77 --basis "Garante, provvedimento 88/2026"
    """
    if bool(digests) != messages:
        raise click.UsageError("--messages and DIGEST go together")
    archive = door.archive()
    lang = door.language(archive)
    done = compose.discard_propose(
        archive, until=day(until, "--until"), mailboxes=mailboxes, messages=digests, basis=basis, clock=now
    )
    if as_json:
        answer({"discards": [one.as_json() for one in done]})
    for one in done:
        if not as_json:
            _show(one, lang)
        for warning in one.warnings:
            note(f"archiver: {warning.text(lang)}")
    if not done and not as_json:
        say({"it": "nulla da scartare: nessun termine è trascorso", "en": "nothing to discard: no term is over"}[lang])


@discard.command()
@click.argument("name", metavar="DISCARD")
@click.option("--authority", metavar="TEXT", help="Whose leave (nulla osta) there is.")
@click.option("--date", "dated", metavar="DATE", help="Of which day.")
@click.option("--protocol", metavar="TEXT", help="Under which protocol number.")
@click.option("--not-required", "not_required", default="", metavar="REASON", help="Why no leave is needed.")
@click.option("--only", multiple=True, metavar="VOLUME", help="Only this entry of the list; may be repeated.")
@click.option("--except", "but", multiple=True, metavar="VOLUME", help="All but this entry; may be repeated.")
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def approve(
    door: Door,
    name: str,
    authority: str | None,
    dated: str | None,
    protocol: str | None,
    not_required: str,
    only: tuple[str, ...],
    but: tuple[str, ...],
    as_json: bool,
) -> None:
    """Approve a DISCARD, whole or in part: somebody else than who proposed it, with the leave there is.

    \b
    Example: archiver discard approve d-20270115-028e8d7176 --authority "Soprintendenza archivistica" \\
                 --protocol 123/2027 --date 2027-01-10
             archiver discard approve d-20270115-028e8d7176 --not-required "archivio privato non dichiarato"
    """
    archive = door.archive()
    lang = door.language(archive)
    given = [authority, dated, protocol]
    if any(given) and not all(given):
        raise click.UsageError("--authority, --date and --protocol go together")
    on = day(dated, "--date")
    leave_of = Authorization(authority, protocol, on) if authority and protocol and on else None
    done = compose.discard_approve(
        archive, name, authorization=leave_of, not_required=not_required, only=only, but=but, clock=now
    )
    _answer(done, lang, as_json)


@discard.command()
@click.argument("name", metavar="DISCARD")
@click.option("--reason", required=True, metavar="TEXT", help="Why; kept in the act.")
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def reject(door: Door, name: str, reason: str, as_json: bool) -> None:
    """Reject a DISCARD: nothing of it is destroyed.

    \b
    Example: archiver discard reject d-20270115-028e8d7176 --reason "in attesa del massimario"
    """
    archive = door.archive()
    _answer(compose.discard_reject(archive, name, reason=reason, clock=now), door.language(archive), as_json)


@discard.command()
@click.argument("name", metavar="DISCARD")
@click.option("--to-sign", type=click.Path(file_okay=False), help="Sign by hand: write the record into this folder.")
@click.option("--signed", type=click.Path(exists=True, file_okay=False), help="Take the signed record from there.")
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
def execute(door: Door, name: str, to_sign: str | None, signed: str | None, as_json: bool) -> None:
    """Destroy what was approved, on every store: every version, past governance, never past compliance.

    By whoever proposed or approved it. Everything is checked before the first byte is destroyed: holds, terms, locks,
    keys, every copy within reach; and a sealed record of it is in every store. Cut short, the same command goes on.

    \b
    Example: archiver discard execute d-20270115-028e8d7176
    """
    archive = door.archive()
    lang = door.language(archive)
    hands = compose.Hands(Path(to_sign) if to_sign else None, Path(signed) if signed else None)
    with progress({"it": "scarto", "en": "discard"}[lang], quiet=as_json) as step:
        done = compose.discard_execute(archive, name, hands=hands, clock=now, progress=step)
    if as_json:
        answer(done.as_json() | {"to_sign": hands.written})
    else:
        _executed(done, hands.written, lang)
    for text in (*done.report.warnings, *(warning.text(lang) for warning in done.seal_warnings)):
        note(f"archiver: {text}")
    for store, reason in done.report.behind.items():
        note(f"archiver: store {store}: {reason}")
    if done.report.behind:
        leave(1)


@discard.command("confirm-backups")
@click.argument("name", metavar="DISCARD")
@click.option("--reason", required=True, metavar="TEXT", help="How the older copies went; kept in the act.")
@json_option
@click.pass_obj
@guarded
@needs(Right.DECIDE)
def confirm_backups(door: Door, name: str, reason: str, as_json: bool) -> None:
    """Answer for it that no older backup of the catalog, no export and no other copy is left: the DISCARD is effective.

    \b
    Example: archiver discard confirm-backups d-20270115-028e8d7176 --reason "backup fino al 15 gennaio cancellati"
    """
    archive = door.archive()
    _answer(compose.discard_confirm(archive, name, reason=reason, clock=now), door.language(archive), as_json)


@discard.command()
@click.argument("name", metavar="[DISCARD]", required=False)
@click.option("-o", "out", type=click.Path(dir_okay=False), help="Write the sealed record, the certificate, to a file.")
@click.option("--subjects", is_flag=True, help="Also the messages, with subjects: written into the register.")
@click.option("--after", default="", metavar="DIGEST", help="With --subjects: the page behind this one.")
@click.option("--limit", default=50, type=click.IntRange(1, 1000), help="With --subjects: messages of a page.")
@reason_option
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def show(
    door: Door,
    name: str | None,
    out: str | None,
    subjects: bool,
    after: str,
    limit: int,
    reason: str,
    as_json: bool,
) -> None:
    """All discards, or one: its list, who proposed and approved it, how far it has come.

    The certificate (-o) is XML in a CAdES signature: `openssl cms -verify -inform DER -in F -CAfile CA -out F.xml`.

    \b
    Example: archiver discard show
             archiver discard show d-20270115-028e8d7176 --subjects --reason "esame dell'elenco"
             archiver discard show d-20270115-028e8d7176 -o certificato.p7m
    """
    archive = door.archive()
    lang = door.language(archive)
    if name is None:
        _list(compose.discard_list(archive), lang, as_json)
        return
    found = compose.discard_show(archive, name)
    if out:
        Path(out).write_bytes(compose.discard_certificate(archive, name))
    rows = []
    if subjects:
        rows = compose.discard_subjects(archive, found, after=after, limit=limit, reason=reason, clock=now)
    if as_json:
        answer(found.as_json())
        return
    _show(found, lang)
    for row in rows:
        say(f"    {row.sha256[:16]}  {row.date:%Y-%m-%d}  {row.sender}  {row.subject}")
    if len(rows) == limit:
        say(f"    --after {rows[-1].sha256}")


def _answer(one: "compose.Discard", lang: str, as_json: bool) -> None:
    if as_json:
        answer(one.as_json())
    else:
        _show(one, lang)


def _list(found: "list[compose.Discard]", lang: str, as_json: bool) -> None:
    if as_json:
        answer({"discards": [one.as_json() for one in found]})
        return
    for one in found:
        say(_line(one, lang))
    if not found:
        say({"it": "nessuno scarto", "en": "no discard"}[lang])


def _line(one: "compose.Discard", lang: str) -> str:
    state = STATES[one.steps.state.value][0 if lang == "it" else 1]
    counts = one.totals
    words = {"it": ("volumi", "messaggi"), "en": ("volumes", "messages")}[lang]
    return f"{one.steps.id}  {state}  {counts['volumes']} {words[0]}, {counts['messages']} {words[1]}"


def _show(one: "compose.Discard", lang: str) -> None:
    italian, told = lang == "it", one.steps.as_json()
    say(_line(one, lang))
    say(f"    {'proposto da' if italian else 'proposed by'} {told['proposed_by']}, {told['proposed']}")
    if told["basis"]:
        say(f"    {'base' if italian else 'basis'}: {told['basis']}")
    if told["approved_by"]:
        say(f"    {'autorizzato da' if italian else 'approved by'} {told['approved_by']}, {told['approved']}")
        leave_of = told["not_required"] or f"{told['authority']}, prot. {told['protocol']}, {told['date']}"
        say(f"    nulla osta: {'non richiesto: ' if told['not_required'] else ''}{leave_of}")
    for volume in one.told["volumes"]:
        mark = _mark(one, volume["volume"], italian)
        reach = f", {volume['reaching']} {'proseguono altrove' if italian else 'reach elsewhere'}"
        say(
            f"  {mark} {volume['volume'][:16]}  {volume['class']}  {volume['year']}"
            f"  {'fino al' if italian else 'until'} {volume['term']}  {volume['messages']}"
            f"{reach if volume['reaching'] else ''}"
        )
    for message in one.told["messages"]:
        say(f"  {_mark(one, message['sha256'], italian)} {message['sha256']}  volume {message['volume'][:16]}")
    say(f"    {'elenco' if italian else 'list'}: {one.list_name}")
    if one.record:
        say(f"    {'verbale' if italian else 'record'}: {one.record}")


def _mark(one: "compose.Discard", entry: str, italian: bool) -> str:
    if one.steps.approved is None:
        return " "
    if one.steps.chosen([entry]):
        return "x"
    return "non autorizzato" if italian else "not approved"


def _executed(done: "compose.Executed", written: list[str], lang: str) -> None:
    say(_line(done.discard, lang))
    for path in written:
        say({"it": f"    da firmare: {path}", "en": f"    to be signed: {path}"}[lang])
    for store, objects in done.report.destroyed.items():
        word = {"it": "oggetti distrutti", "en": "objects destroyed"}[lang]
        say(f"    {store}: {objects} {word}")
    if done.report.record:
        say(f"    {'verbale' if lang == 'it' else 'record'}: {done.report.record}")
    if done.discard.steps.state.value == "destroyed-in-copies":
        hint = f"`archiver discard confirm-backups {done.discard.steps.id}`"
        say({"it": f"    efficace con {hint}", "en": f"    effective with {hint}"}[lang])
