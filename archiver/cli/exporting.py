"""`export`: what an auditor asks for, in parts that prove themselves."""

import re
from pathlib import Path

import click
from click.core import ParameterSource

from archiver import compose
from archiver.access.export.asked import Filters, Format
from archiver.cli.conditions import filters
from archiver.cli.days import first_moment
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, reason_option, say
from archiver.cli.handover import show_handed_over
from archiver.compose.roles import Right
from archiver.verdict import Indication

_SIZES = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SMALLEST = 10**6

_WORDS = {
    "it": {
        "made": "{messages} messaggi, {bytes} byte, {parts} parti ({made} fatte ora), {indication}  {path}",
        "restricted": "archiver: {restricted} messaggi a trattamento limitato (GDPR, art. 18), non inclusi",
        "missing": "archiver: {missing} messaggi chiesti non sono inclusi: il perché di ciascuno è in"
        " {path}/consistenza.csv",
        "progress": "esportazione",
    },
    "en": {
        "made": "{messages} messages, {bytes} bytes, {parts} parts ({made} made now), {indication}  {path}",
        "restricted": "archiver: {restricted} messages whose processing is restricted (GDPR, art. 18), not included",
        "missing": "archiver: {missing} messages that were asked for are not included: {path}/consistenza.csv says why",
        "progress": "export",
    },
}


@click.command()
@filters
@click.option("-o", "--output", required=True, type=click.Path(file_okay=False), metavar="DIR", help="A new folder.")
@click.option("--mailbox", "mailboxes", multiple=True, help="Only this mailbox; may be given several times.")
@click.option("--dossier", "dossiers", multiple=True, help="Only this dossier; may be given several times.")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Format]),
    default=Format.ZIP.value,
    show_default=True,
    help="Parts as ZIP files, as folders, or as ASiC-E containers, one a volume.",
)
@click.option("--part-size", default="2GB", show_default=True, metavar="SIZE", help="Bytes of messages in a part.")
@click.option("--full", is_flag=True, help="The rapporti di versamento too; they name the mailbox's folders.")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Only a random sample of N messages.")
@click.option("--seed", metavar="TEXT", help="The seed of the sample: the same seed draws the same messages.")
@click.option("--unsigned", is_flag=True, help="Without the archive's seal; it is marked everywhere.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Parts made at once (as many as there are cores).")
@click.option("--everything", is_flag=True, help="The whole archive, for another conservatore.")
@reason_option
@json_option
@click.pass_obj
@guarded
@needs(Right.READ)
def export(
    door: Door,
    /,
    terms: tuple[str, ...],
    output: str,
    mailboxes: tuple[str, ...],
    since: str | None,
    until: str | None,
    kind: str | None,
    state: str | None,
    dossiers: tuple[str, ...],
    form: str,
    part_size: str,
    full: bool,
    sample: int | None,
    seed: str | None,
    unsigned: bool,
    jobs: int | None,
    everything: bool,
    reason: str,
    as_json: bool,
    **conditions: str | None,
) -> None:
    """The auditor's export: all messages for which the conditions hold, in parts, with the list of what is missing.

    Cut off, the same command goes on where it stopped; parts that are whole are not made again. The sample is drawn by
    the SHA-256 of seed and message, so that the auditor can draw it again. The folder and the messages in it are made
    for whoever runs the command alone (modes 0700 and 0600).

    \b
    Example: archiver export --mailbox studio --since 2026-01-01 --until 2026-06-30 -o /mnt/verifica
             archiver export --state failed --since 2026-03-01 -o /mnt/mancate
             archiver export fattura --from rossi -o /mnt/rossi --format bag
             archiver export --since 2026-01-01 --sample 50 --seed "estratto il 22/11" -o /mnt/campione
             archiver export --everything -o /mnt/consegna
    """
    archive = door.archive()
    lang = door.language(archive)
    found = tuple((name, value) for name, value in sorted(conditions.items()) if value)
    if everything:
        _whole(archive, Path(output), sample, seed, lang, as_json, reason=reason)
        return
    if (sample is None) != (seed is None):
        raise click.UsageError("--sample N and --seed TEXT go together: the seed is the auditor's")
    filters = Filters(
        terms=terms,
        conditions=found,
        kind=kind or "",
        state=state or "",
        since=first_moment(since, "--since") if since else None,
        until=first_moment(until, "--until", after=1) if until else None,
        dossiers=dossiers,
    )
    asked = compose.asked_of(
        archive,
        filters,
        mailboxes=mailboxes,
        form=Format(form),
        part_size=_bytes(part_size),
        full=full,
        draw=sample,
        seed=seed or "",
    )
    with progress(_WORDS[lang]["progress"], quiet=as_json) as step:
        done = compose.export(
            archive,
            Path(output),
            asked,
            reason=reason,
            unsigned=unsigned,
            lang=lang,
            clock=now,
            progress=step,
            jobs=jobs,
        )
    told = done.as_json()
    if as_json:
        answer(told)
    else:
        say(_WORDS[lang]["made"].format(**told))
        if done.missing:
            note(_WORDS[lang]["missing"].format(**told))
    if done.restricted:
        note(_WORDS[lang]["restricted"].format(**told))
    if done.indication is not Indication.PASSED:
        leave(1)


def _whole(
    archive: "compose.Archive",
    target: Path,
    sample: int | None,
    seed: str | None,
    lang: str,
    as_json: bool,
    *,
    reason: str,
) -> None:
    """What another conservatore takes over."""
    if given := _given_beside():
        raise click.UsageError(
            f"--everything is the whole archive: no other condition goes with it: {', '.join(given)}"
        )
    archive.permit(Right.DECIDE)
    if seed is not None and not seed.isdecimal():
        raise click.UsageError(f"--seed {seed!r}: with --everything a number is expected")
    with progress({"it": "volumi", "en": "volumes"}[lang], quiet=as_json) as step:
        done = compose.hand_over(
            archive, target, sample=sample, seed=int(seed or 1), reason=reason, lang=lang, clock=now, progress=step
        )
    if as_json:
        answer(done.as_json())
    else:
        show_handed_over(done, lang)
    if done.damaged or done.failed:
        leave(1)


_WITH_EVERYTHING = frozenset(("output", "everything", "sample", "seed", "reason", "as_json"))


def _given_beside() -> list[str]:
    """The options and arguments on the command line that say nothing about the whole archive, as they are typed."""
    context = click.get_current_context()
    others = (param for param in context.command.params if param.name and param.name not in _WITH_EVERYTHING)
    typed = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
    given = [param for param in others if context.get_parameter_source(str(param.name)) in typed]
    return [
        param.opts[0] if isinstance(param, click.Option) else "TEXT"
        for param in given
        if context.params[str(param.name)]
    ]


def _bytes(text: str) -> int:
    """`2GB`, `500 MB`, `1.5G`: decimal units."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)B?\s*", text.upper())
    size = int(float(found[1]) * _SIZES[found[2]]) if found else 0
    if size < _SMALLEST:
        raise click.UsageError(f"--part-size {text!r}: a size such as 2GB or 500MB is expected, at least 1MB")
    return size
