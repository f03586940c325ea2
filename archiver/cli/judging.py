"""`verify`: the judge's verdict on a store, a volume, a segment, a message, a record or a report, offline."""

import json
import os
from collections.abc import Iterator
from datetime import MAXYEAR, UTC, datetime
from pathlib import Path

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, now, progress, say
from archiver.compose.roles import Right
from archiver.verdict import Indication, Severity
from archiver.verify.record import RecordReport, authority
from archiver.verify.reports import Filed, shown

_MARKS = {Severity.ERROR: "✗", Severity.DOUBT: "?", Severity.WARNING: "!", Severity.INFO: "·"}
_WORDS = {
    "it": {
        "content": "contenuto dei messaggi",
        "sealed": "sigillato da",
        "until": "prova da rinnovare prima del",
        "algorithms": "catalogo degli algoritmi",
        "nobody": "TSA ignota",
    },
    "en": {
        "content": "content of the messages",
        "sealed": "sealed by",
        "until": "evidence to be renewed before",
        "algorithms": "catalogue of algorithms",
        "nobody": "unknown TSA",
    },
}


@click.command()
@click.argument("path", type=click.Path(), required=False)
@click.option("--at", "moment", metavar="DATE", help="Judge as of this day (2046-01-01), not as of now.")
@click.option(
    "--trust",
    type=click.Path(),
    help="A folder with the certificates to be trusted (.pem, .cer, .crt, .der), lists and answers of revocation (.crl,"
    " .ocsp), trusted lists (.xml, .toml).",
)
@click.option(
    "--volume", type=click.Path(), help="For one message (.eml): the folder of the volume that should hold it."
)
@click.option("--data", multiple=True, type=click.Path(), metavar="FILE", help="For one record (.ers): what it covers.")
@click.option(
    "--digest",
    "digests",
    multiple=True,
    metavar="NAME:HEX",
    help="For one record: the digest of what it covers, sha512:HEX; those of one file joined by commas.",
)
@click.option("--algorithms", type=click.Path(), metavar="FILE", help="A stricter table of algorithms, laid over ours.")
@click.option(
    "--assume-broken", "broken", multiple=True, metavar="NAME", help="As if this algorithm had fallen: sha256."
)
@click.option(
    "--without-tsa", "without", multiple=True, metavar="NAME", help="As if this TSA's evidence were not there."
)
@click.option(
    "--strict", is_flag=True, help="Without trusted certificates from outside the verdict stays INDETERMINATE."
)
@json_option
@click.pass_obj
@guarded
@needs(Right.LOOK)
def verify(
    door: Door,
    path: str | None,
    moment: str | None,
    trust: str | None,
    volume: str | None,
    data: tuple[str, ...],
    digests: tuple[str, ...],
    algorithms: str | None,
    broken: tuple[str, ...],
    without: tuple[str, ...],
    strict: bool,
    as_json: bool,
) -> None:
    """Judge PATH: a store, a volume, a segment, a message, an exhibit, an export, an evidence record, a report.

    No network, no database.

    Without PATH: the whole store of this archive, read from where the configuration says. A record (RFC 4998, DER or
    base64) is judged with the data it covers; without any, one that lies in a volume is judged with that volume.

    \b
    Example: archiver verify demo/store
             archiver verify
             archiver verify store/h-1/volumes/67765d34* --trust ca
             archiver verify fascicolo.zip
             archiver verify messaggio.eml --volume store/h-1/volumes/67765d34*
             archiver verify 000001.ers --data PIndex.xml.p7m --data messaggio.eml
             archiver verify store/h-1/reports/20260302t031500z-sweep-*.json.p7m
             archiver verify demo/store --at 2046-01-01 --assume-broken sha256
    """
    if path is None:
        door.archive()  # files that somebody hands in are anybody's to judge, the archive's own are not
    with progress("verify", quiet=as_json) as step:
        judged = compose.verify(
            Path(path) if path else None,
            config=door.config_path(),
            asked=door.asked,
            environ=os.environ,
            trust=Path(trust) if trust else None,
            volume=Path(volume) if volume else None,
            strict=strict,
            at=_moment(moment) if moment else now(),
            progress=step,
            shown=compose.Shown(tuple(map(Path, data)), digests),
            assumed=compose.Assumed(Path(algorithms) if algorithms else None, broken, frozenset(without)),
        )
    lang = door.language()
    if as_json:
        answer(judged.as_json(lang))
    else:
        for line in _lines(judged, lang):
            say(line)
        verdict = judged.report.verdict
        sub = f" ({verdict.sub_indication})" if verdict.sub_indication else ""
        say(f"{verdict.indication}{sub}  {path or door.archive().config.stores[0].shown}")
    if judged.report.indication is not Indication.PASSED:
        leave(1)


def _lines(judged: "compose.Judged", lang: str) -> Iterator[str]:
    report, words = judged.report, _WORDS[lang]
    if isinstance(report, RecordReport):
        yield from _steps(report, words["nobody"])
    if isinstance(report, Filed) and report.told:
        yield json.dumps(shown(report.told), ensure_ascii=False, indent=2)
    for found in report.verdict.findings:
        clause = f" [{found.clause}]" if found.clause else ""
        yield f"{_MARKS[found.severity]} {found.subject}: {found.text(lang)}{clause}"
    if report.content:
        yield f"{words['content']}: " + ", ".join(f"{count} {kind}" for kind, count in sorted(report.content.items()))
    for signer in report.signers:
        yield f"{words['sealed']}: {signer}"
    if report.until and report.until.year < MAXYEAR:
        why = f" ({report.ends_by})" if isinstance(report, RecordReport) else ""
        yield f"{words['until']}: {report.until:%Y-%m-%d}{why}"
    yield f"{words['algorithms']}: {judged.algorithms}"


def _steps(report: RecordReport, nobody: str) -> Iterator[str]:
    """One line for each ArchiveTimeStamp: chain and number, time, TSA, algorithm, verdict."""
    for stamp in report.stamps:
        sub = f" ({stamp.verdict.sub_indication})" if stamp.verdict.sub_indication else ""
        yield (
            f"{stamp.chain}.{stamp.number}  {stamp.token.gen_time:%Y-%m-%d %H:%M:%SZ}  "
            f"{authority(stamp.token) or nobody}  {stamp.algorithm.replace('_', '-')}  {stamp.verdict.indication}{sub}"
        )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        if moment.year == MAXYEAR:
            raise ValueError("the last year of the calendar leaves no room to compare with")
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"--at {text!r}: a day such as 2046-01-01 is expected") from error
    return moment
