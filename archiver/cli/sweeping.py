"""`replicate` and `sweep`: every copy is where and what it must be, and is made whole where it is not."""

import click

from archiver import compose
from archiver.cli.budget import budget_of
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, say
from archiver.compose.roles import Right
from archiver.sweep import Replicated, Report
from archiver.sweep.values import LOCK, MEMBERS
from archiver.verdict import Severity

_STEPS = {
    "it": {"list": "elenco", "read": "rilettura (byte)", "repair": "riparazione"},
    "en": {"list": "listing", "read": "reading (bytes)", "repair": "repair"},
}


@click.command()
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
def replicate(door: Door, as_json: bool) -> None:
    """Bring the replicas up to date, and read back what was written.

    A message is safe when as many stores as configured (`copies`) have given back its bytes.

    \b
    Example: archiver replicate
    """
    archive = door.archive()
    lang = door.language(archive)
    with progress({"it": "copie", "en": "copies"}[lang], quiet=as_json) as step:
        done = compose.replicate(archive, clock=now, progress=step)
    if as_json:
        answer(done.as_json())
    else:
        _show_copies(done, lang)
    for failure in done.failures:
        note(f"archiver: {failure.text(lang)}")
    if done.failures or done.wrong:
        leave(1)


@click.command()
@click.option("--budget", metavar="BYTES|TIME", help="Read at most so much: 100GB, 30m, 2h; the oldest first.")
@click.option("--all", "everything", is_flag=True, help="Read every object of every store.")
@click.option("--deep", is_flag=True, help="Also both digests of every member, and every message opened.")
@click.option("--repair", is_flag=True, help="Repair from a store that has the right bytes; nothing is overwritten.")
@json_option
@click.pass_obj
@guarded
@needs(Right.RUN)
def sweep(door: Door, budget: str | None, everything: bool, deep: bool, repair: bool, as_json: bool) -> None:
    """List every store, read again what was not read for longest, and say what is missing, altered or unexpected.

    Without --budget and --all it reads what has not been read for half of the promised time ([sweep] days).
    What is found stays written down until it is put right; every sweep leaves a signed report in the store.

    \b
    Example: archiver sweep
             archiver sweep --budget 100GB --repair
             archiver sweep --budget 2h
             archiver sweep --all --deep
    """
    if budget is not None and everything:
        raise click.UsageError("--all reads everything: without --budget")
    archive = door.archive()
    lang = door.language(archive)
    with progress(_STEPS[lang]["list"], quiet=as_json) as step:
        done = compose.sweep(
            archive,
            budget=None if budget is None else budget_of(budget),
            everything=everything,
            deep=deep,
            repair=True if repair else None,
            clock=now,
            progress=lambda _, made, total: step(made, total),
        )
    if as_json:
        answer(done.as_json())
    else:
        _show(done, lang)
    for warning in done.warnings:
        note(f"archiver: {warning.text(lang)}")
    for failure in done.failures:
        note(f"archiver: {failure.text(lang)}")
    if not done.passed:
        leave(1)


def _show_copies(done: Replicated, lang: str) -> None:
    say(
        {
            "it": f"{done.copied} oggetti copiati ({done.bytes} byte), {done.read} riletti, {done.locked} bloccati",
            "en": f"{done.copied} objects copied ({done.bytes} bytes), {done.read} read back, {done.locked} locked on",
        }[lang]
    )
    for found in done.findings:
        say(f"  {found.subject}: {found.text(lang)}")
    say(_safety(done, lang))


def _safety(done: Replicated | Report, lang: str) -> str:
    return {
        "it": f"{done.safe} messaggi al sicuro su tutte le copie richieste, {done.unsafe} non ancora",
        "en": f"{done.safe} messages safe on as many copies as configured, {done.unsafe} not yet",
    }[lang]


def _show(done: Report, lang: str) -> None:
    for found in done.findings:
        if found.severity is not Severity.INFO:
            say(f"  {found.subject}: {found.text(lang)}")
    for repair in done.repairs:
        damage = repair.damage
        done_so = _REPAIRED.get(damage.code, _REPAIRED[""])[lang]
        say(f"  {damage.store}: {damage.name}: {done_so.format(source=repair.source)}")
    figures = done.as_json()
    words = {
        "it": "{listed} oggetti elencati, {objects} riletti ({bytes} byte): {missing} mancanti, {corrupt} alterati, "
        "{unexpected} estranei, {repaired} riparati",
        "en": "{listed} objects listed, {objects} read ({bytes} bytes): {missing} missing, {corrupt} altered, "
        "{unexpected} unexpected, {repaired} repaired",
    }
    say(words[lang].format_map(figures))
    say(_safety(done, lang))
    say(_promise(done, lang))
    for name in done.reports:
        say({"it": f"verbale: {name}", "en": f"report: {name}"}[lang])


_REPAIRED = {
    "": {"it": "riparato da {source}", "en": "repaired from {source}"},
    LOCK: {"it": "blocco di nuovo fino al termine", "en": "locked again to the end of its term"},
    MEMBERS: {"it": "il volume è di nuovo provato", "en": "the volume is proven again"},
}


def _promise(done: Report, lang: str) -> str:
    oldest, days = done.oldest_unread_days, done.days
    if done.kept:
        return {
            "it": f"promessa mantenuta: ogni copia riletta entro {days} giorni (la più vecchia: {oldest})",
            "en": f"promise kept: every copy read within {days} days (the oldest: {oldest})",
        }[lang]
    return {
        "it": f"promessa NON mantenuta: una copia non è riletta da {oldest} giorni, promessi {days}",
        "en": f"promise BROKEN: a copy has not been read for {oldest} days, promised {days}",
    }[lang]
