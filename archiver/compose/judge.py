"""From a path on disk to what the judge wants: which files, whose trust."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.adapters.stores.folder import Folder
from archiver.compose import trusting
from archiver.compose.archive import Archive, open_archive
from archiver.compose.assumed import AS_IT_IS, Assumed, assuming, without
from archiver.compose.founding import NAME
from archiver.compose.lone import NOTHING_SHOWN, Shown, is_record, verify_record
from archiver.compose.parted import is_export
from archiver.compose.parted import judge as judge_export
from archiver.compose.trusted import folder_trust
from archiver.compose.unpacked import is_exhibit
from archiver.compose.unpacked import judge as judge_unpacked
from archiver.config import parse
from archiver.errors import ConfigError, Unfilled
from archiver.evidence.policy import Policy
from archiver.handover import is_handover, judge_handover
from archiver.package import layout
from archiver.pec.providers import Providers
from archiver.verdict import Finding
from archiver.verdict import verdict as verdict_of
from archiver.verify import (
    Report,
    Trust,
    heed,
    informed,
    judge_asice,
    judge_member,
    judge_message,
    judge_report,
    judge_segment,
    judge_store,
    judge_volume,
)

MESSAGE = (".eml",)
CONTAINER = (".asice", ".sce")
RECORD = ".ers"


@dataclass(frozen=True, slots=True)
class Judged:
    """The judge's report, and the catalogue of algorithms behind it: document, version, date, and what lay over it."""

    report: Report
    algorithms: str

    def as_json(self, lang: str = "it") -> dict[str, Any]:
        """For machines."""
        return self.report.as_json(lang) | {"algorithms": self.algorithms}


def verify(
    path: Path | None,
    *,
    config: Path,
    asked: bool,
    environ: Mapping[str, str],
    trust: Path | None,
    volume: Path | None,
    strict: bool,
    at: datetime,
    progress: Callable[[int, int | None], None],
    shown: Shown = NOTHING_SHOWN,
    assumed: Assumed = AS_IT_IS,
) -> Judged:
    """The verdict on what lies at `path`; without one on the whole store of the archive, wherever that is.

    Raises ConfigError for a path that is nothing to judge, and for options that do not go together.
    """
    if path is None:
        _refuse(volume=volume, shown=shown)
        archive = open_archive(config, environ=environ, clock=lambda: at)
        whom = assuming(_trust(config, trust, asked=True, strict=strict, at=at), assumed, at)
        whom = without(whom, assumed.without, archive.store)
        report = judge_store(archive.store, trust=whom, at=at, progress=lambda done: progress(done, None))
        return Judged(report, whom.policy.catalogue.source)
    if not path.exists():
        raise ConfigError(f"{path}: there is no such file or folder")
    whom = assuming(_trust(config, trust, asked=asked, strict=strict, at=at), assumed, at)
    report = _at(path.resolve(), volume.resolve() if volume else None, shown, assumed, whom, at, progress)
    return Judged(report, whom.policy.catalogue.source)


def _at(
    path: Path,
    volume: Path | None,
    shown: Shown,
    assumed: Assumed,
    whom: Trust,
    at: datetime,
    progress: Callable[[int, int | None], None],
) -> Report:
    inside = _volume_around(path)
    if path.is_file() and (shown or (is_record(path) and inside is None)):
        _refuse(volume=volume, without=assumed.without)
        return verify_record(path, shown, trust=whom, at=at)
    _refuse(shown=shown)
    if path.name in (layout.PINDEX, layout.METADATA) or path.suffix == RECORD:
        path = _around(path, inside)
    if path.is_dir() and is_handover(path):
        _refuse(volume=volume, without=assumed.without)
        return judge_handover(path, trust=whom, at=at, progress=progress)
    if is_export(path):
        _refuse(volume=volume)
        return judge_export(path, trust=whom, without=assumed.without, at=at, progress=progress)
    if is_exhibit(path):
        _refuse(volume=volume)
        return judge_unpacked(path, trust=whom, without=assumed.without, at=at, progress=progress)
    if path.is_file():
        return _file(path, volume, assumed, whom, at)
    _refuse(volume=volume)
    if (path / layout.PINDEX).exists() or _is_volume(path):
        root, holder, name = _volume(path)
        whom = without(whom, assumed.without, Folder(root), f"{holder}/volumes/{name}/")
        whom, said = heed(Folder(root), holder, trust=informed(Folder(root), holder, trust=whom), at=at)
        report = judge_volume(Folder(root), holder, name, trust=whom, at=at, progress=lambda done: progress(done, None))
        return _with(said, report)
    root, holder = _store(path)
    whom = without(whom, assumed.without, Folder(root))
    return judge_store(Folder(root), holder=holder, trust=whom, at=at, progress=lambda done: progress(done, None))


def _file(path: Path, volume: Path | None, assumed: Assumed, trust: Trust, at: datetime) -> Report:
    if (name := _report(path)) is not None:
        _refuse(volume=volume)
        files = Folder(path.parents[2])
        trust = without(trust, assumed.without, files, f"{name.rpartition('/')[0]}/")
        return judge_report(files, name, trust=trust, at=at)
    if path.suffix.lower() in CONTAINER:
        _refuse(volume=volume, without=assumed.without)
        with path.open("rb") as file:
            return judge_asice(file, path.name, trust=trust, at=at)
    if volume is None:
        _refuse(without=assumed.without)
    if path.suffix == ".zip":
        root = path.parents[3] if len(path.parents) > 3 and path.parents[1].name == "segments" else path.parent
        return judge_segment(Folder(root), path.relative_to(root).as_posix(), trust=trust, at=at)
    if path.suffix.lower() not in MESSAGE:
        raise ConfigError(
            f"{path}: expected a store, a volume's folder, a segment (.zip) or a message (.eml); a report is judged"
            " where it lies in its store, <holder>/reports/"
        )
    raw = path.read_bytes()
    if volume is None:
        return judge_message(raw, path.name, trust=trust, at=at)
    root, holder, name = _volume(volume)
    trust = without(trust, assumed.without, Folder(root), f"{holder}/volumes/{name}/")
    trust, said = heed(Folder(root), holder, trust=informed(Folder(root), holder, trust=trust), at=at)
    return _with(said, judge_member(raw, path.name, Folder(root), holder, name, trust=trust, at=at))


def _report(path: Path) -> str | None:
    """The name in its store of a report; None for any other file."""
    name = "/".join(path.parts[-3:])
    parsed = layout.parse(name)
    return name if parsed and parsed.kind is layout.Kind.REPORT else None


def _with(said: Iterable[Finding], report: Report) -> Report:
    """The report, with what is to be said of the decisions that it heeded."""
    return replace(report, verdict=verdict_of((*report.verdict.findings, *said)))


def _volume(path: Path) -> tuple[Path, str, str]:
    """The store's root, the holder and the volume of a volume's folder."""
    if path.name == layout.PINDEX:
        path = path.parent
    if path.parent.name != "volumes" or len(path.parents) < 3:
        raise ConfigError(f"{path}: expected a volume as it lies in a store, <holder>/volumes/<id>")
    try:
        layout.index(path.parents[1].name, path.name)
    except ValueError as error:
        raise ConfigError(f"{path}: expected a volume as it lies in a store, <holder>/volumes/<id>: {error}") from error
    return path.parents[2], path.parents[1].name, path.name


def _volume_around(path: Path) -> Path | None:
    """The volume's folder around one of its files, if it lies in one."""
    return next(filter(_is_volume, path.parents), None)


def _is_volume(folder: Path) -> bool:
    """Whether a folder is called as volumes are: a disk may be mounted below /volumes too."""
    return folder.parent.name == "volumes" and re.fullmatch(r"[0-9a-f]{64}", folder.name) is not None


def _around(path: Path, folder: Path | None) -> Path:
    """The folder of the volume, without which one of its files proves nothing."""
    if folder is not None:
        return folder
    raise ConfigError(f"{path}: is judged with its volume, and lies in none; give the folder <holder>/volumes/<id>")


def _store(path: Path) -> tuple[Path, str]:
    """A store's root, and the holder whose folder was meant; an archive's folder leads to its store."""
    if (path / NAME).is_file():
        _refuse_bucket(path)
        if (path / "store").is_dir():
            return path / "store", ""
    if (path / "segments").is_dir() or (path / "pdv").is_dir():
        return path.parent, path.name
    return path, ""


def _refuse_bucket(folder: Path) -> None:
    """Raises ConfigError for an archive whose objects are in a bucket: what lies in its folder is not it."""
    try:
        place = parse((folder / NAME).read_text(encoding="utf-8"), folder).stores[0]
    except (ConfigError, OSError, UnicodeDecodeError):
        return  # not filled in, or not read: then what lies here is all there is
    if place.s3:
        raise ConfigError(
            f"{folder}: l'archivio è in {place.shown}, non in questa cartella: `archiver --config {folder / NAME}"
            " verify` senza percorso lo giudica; una copia su disco si giudica indicandone la cartella (its objects are"
            " in the bucket: verify without a path)"
        )


def _refuse(*, volume: Path | None = None, shown: Shown = NOTHING_SHOWN, without: frozenset[str] = frozenset()) -> None:
    """Raises ConfigError for options that say nothing about what is judged."""
    wrong = []
    if volume:
        wrong.append("--volume goes with one message (.eml)")
    if shown:
        wrong.append("--data and --digest go with one evidence record (.ers)")
    if without:
        wrong.append("--without-tsa goes with a store, a volume, or a message with --volume")
    if wrong:
        raise ConfigError("; ".join(wrong))


def _trust(config: Path, folder: Path | None, *, asked: bool, strict: bool, at: datetime) -> Trust:
    """`--trust`, else what the configuration says, else nobody: then the package's own anchors are used, and said.

    `--trust` takes the place of the anchors only: the table of algorithms and the lists of the configuration count.
    """
    archive = _configured(config, asked=asked, at=at)
    if folder is None:
        return Trust(archive.providers, archive.policy, strict) if archive else Trust(Providers(), strict=strict)
    believed, accepted = folder_trust(folder)
    policy = Policy(believed, accepted=accepted)
    if archive:
        said = archive.config.trust
        catalogue, listed = trusting.catalogue(said), trusting.accepted(said)
        policy = replace(policy, catalogue=catalogue, accepted=accepted.plus(listed))
    return Trust(Providers(believed.anchors), policy, strict)


def _configured(config: Path, *, asked: bool, at: datetime) -> Archive | None:
    """The archive of the configuration; None without one, and for one that lies here with fields still empty.

    Raises ConfigError for all else that is wrong: what the operator ordered must not be passed over in silence.
    """
    if not config.is_file() and not asked:
        return None
    try:
        return open_archive(config, environ={}, clock=lambda: at)
    except Unfilled:
        if asked:
            raise
        return None
