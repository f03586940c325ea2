"""One part of an export is made: an exhibit of some volumes' messages, told as an export."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC
from typing import Any

from asn1crypto import x509

from archiver.access.exhibit import Bag, Collected, Making, Selection, collect, finish
from archiver.access.exhibit import volumes as told_volumes
from archiver.access.exhibit.told import FORMAT, qualified
from archiver.access.exhibit.write import anchor
from archiver.access.export.chosen import Piece
from archiver.access.export.judged import judged
from archiver.digest import Sha256
from archiver.errors import Absent, Malformed
from archiver.package import layout as archive
from archiver.package.exhibit import layout
from archiver.package.exhibit.values import Genre
from archiver.submission.rows import KeptRow
from archiver.verify import Report

LEGAL = "SENZA VALORE LEGALE / WITHOUT LEGAL VALUE: sigillo e marche temporali di un archivio dimostrativo."


@dataclass(frozen=True, slots=True)
class Made:
    """What is in the part: the path of each message, what could not be had (path, reason), and the verdict."""

    paths: Mapping[Sha256, str]
    damaged: Mapping[str, str]
    report: Report


def made(pieces: Sequence[Piece], making: Making, bag: Bag, *, full: bool, told: Mapping[str, Any]) -> Made:
    """Puts these pieces, of one holder, into `bag`, and finishes it; `told` is what the export says of itself.

    What is damaged is named, and the rest goes on. Raises Absent, Malformed where a volume's index cannot be read, and
    what the seal raises.
    """
    holder, damaged = pieces[0].segment.holder, dict[str, str]()
    collected = _collected(pieces, making, bag, damaged, full=full)
    anchor(making, bag)
    known = [told_volumes.read(bag.files, taken, making.trust.policy, at=making.at) for taken in collected.volumes]
    rows = [row for piece in pieces for row in piece.rows if row.sha256 in collected.paths]
    report = judged(
        known,
        bag,
        trust=making.trust,
        at=making.at,
        rows=rows,
        damaged=damaged,
        pending=[collected.paths[digest] for digest in collected.pending],
    )
    certified = qualified(known)
    until = report.until
    document = {
        "format": FORMAT,
        "kind": "export",
        "made": f"{making.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "software": f"{making.software} {making.version}",
        "lang": making.lang,
        "sealed": making.seal is not None,
        **making.told,
        "full": full,
        "recipient": None,
        "dossiers": [],
        "volumes": [volume.as_json() for volume in known],
        "pending": list(collected.pending),
        "checks": [],
        "verdict": report.as_json(making.lang),
        "valid_until": until.isoformat() if until and until.year < MAXYEAR else None,
        "not_proven": list(_not_proven(len(damaged), len(collected.pending), legal=bool(making.told["legal_value"]))),
        "anchors": list(_anchors(bag)),
        "tsas": [{"id": name, "qualified": said} for name, said in sorted(certified.items())],
        "export": dict(told),
    }
    finish(document, making, bag, collected, holder=holder, full=full, messages=len(rows), genre=Genre.EXPORT)
    return Made(collected.paths, damaged, report)


def _collected(pieces: Sequence[Piece], making: Making, bag: Bag, damaged: dict[str, str], *, full: bool) -> Collected:
    """Volume by volume, and message by message where there is none yet: what is damaged takes nothing else with it."""
    by_volume: dict[str, list[KeptRow]] = defaultdict(list)
    pending: list[KeptRow] = []
    for piece in pieces:
        (by_volume[piece.volume] if piece.volume else pending).extend(piece.rows)
    found, holder = Collected(), pieces[0].segment.holder
    one_by_one = [Selection(holder, {volume: rows}) for volume, rows in by_volume.items()]
    one_by_one += [Selection(holder, {}, (row,)) for row in pending]
    for selection in one_by_one:
        try:
            got = collect(making.store, selection, bag, full=full, trouble=damaged.__setitem__)
        except (Absent, Malformed) as error:
            paths = [archive.index(holder, volume) for volume in selection.volumes]
            paths += [archive.message_path(row.sha256) for row in selection.pending]
            damaged |= dict.fromkeys(paths, str(error))
            continue
        found.volumes += got.volumes
        found.paths |= got.paths
        found.pending += got.pending
    return found


def _anchors(bag: Bag) -> Iterator[dict[str, str]]:
    for path in sorted(path for path in bag.digests if path.startswith(layout.ANCHORS)):
        parsed = layout.parse(path)
        if parsed and parsed.kind is layout.Kind.ANCHOR:
            subject = str(x509.Certificate.load(bag.files.get(path)).subject.human_friendly)
            yield {"path": path, "role": parsed.role, "subject": subject, "sha256": parsed.id}


def _not_proven(damaged: int, pending: int, *, legal: bool) -> Iterator[dict[str, str]]:
    if not legal:
        yield {"it": LEGAL, "en": LEGAL}
    if damaged:
        yield {
            "it": f"{damaged} file non sono quelli promessi dall'indice e non sono stati esportati.",
            "en": f"{damaged} files are not what the index promises, and were not exported.",
        }
    if pending:
        yield {
            "it": f"{pending} messaggi non sono ancora in un volume sigillato.",
            "en": f"{pending} messages are in no sealed volume yet.",
        }
    yield {
        "it": "Le firme dei gestori sui messaggi sono riportate come verificate all'ingresso; `archiver verify` le"
        " verifica di nuovo.",
        "en": "The providers' signatures on the messages are told as verified at the intake; `archiver verify` verifies"
        " them again.",
    }
