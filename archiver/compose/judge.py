"""From a path on disk to what the judge wants: which files, whose trust."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from archiver.adapters.stores.folder import Folder
from archiver.compose import material
from archiver.compose.archive import open_archive
from archiver.compose.init import NAME
from archiver.config import parse
from archiver.errors import ConfigError
from archiver.package import layout
from archiver.pec.providers import Providers
from archiver.verify import Report, Trust, judge_member, judge_message, judge_segment, judge_store, judge_volume

MESSAGE = (".eml",)
RECORD = ".ers"


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
) -> Report:
    """The verdict on what lies at `path`; without one on the whole store of the archive, wherever that is.

    Raises ConfigError for a path that is nothing to judge.
    """
    if path is None:
        if volume:
            raise ConfigError("--volume goes with one message (.eml)")
        archive = open_archive(config, environ=environ, clock=lambda: at)
        whom = _trust(config, trust, asked=True, strict=strict, at=at)
        return judge_store(archive.store, trust=whom, at=at, progress=lambda done: progress(done, None))
    if not path.exists():
        raise ConfigError(f"{path}: there is no such file or folder")
    path = path.resolve()
    whom = _trust(config, trust, asked=asked, strict=strict, at=at)
    if path.name in (layout.PINDEX, layout.METADATA) or path.suffix == RECORD:
        path = _around(path)
    if path.is_file():
        return _file(path, volume.resolve() if volume else None, whom, at)
    if volume:
        raise ConfigError("--volume goes with one message (.eml)")
    if (path / layout.PINDEX).exists() or path.parent.name == "volumes":
        root, holder, name = _volume(path)
        return judge_volume(Folder(root), holder, name, trust=whom, at=at, progress=lambda done: progress(done, None))
    root, holder = _store(path)
    return judge_store(Folder(root), holder=holder, trust=whom, at=at, progress=lambda done: progress(done, None))


def _file(path: Path, volume: Path | None, trust: Trust, at: datetime) -> Report:
    if path.suffix == ".zip":
        root = path.parents[3] if len(path.parents) > 3 and path.parents[1].name == "segments" else path.parent
        return judge_segment(Folder(root), path.relative_to(root).as_posix(), trust=trust, at=at)
    if path.suffix.lower() not in MESSAGE:
        raise ConfigError(f"{path}: expected a store, a volume's folder, a segment (.zip) or a message (.eml)")
    raw = path.read_bytes()
    if volume is None:
        return judge_message(raw, path.name, trust=trust, at=at)
    root, holder, name = _volume(volume)
    return judge_member(raw, path.name, Folder(root), holder, name, trust=trust, at=at)


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


def _around(path: Path) -> Path:
    """The volume's folder around one of its files, which proves nothing alone."""
    for folder in path.parents:
        if folder.parent.name == "volumes":
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


def _trust(config: Path, folder: Path | None, *, asked: bool, strict: bool, at: datetime) -> Trust:
    """`--trust`, else what the configuration says, else nobody: then the package's own anchors are used, and said."""
    if folder is not None:
        anchors, crls = material.folder_material(folder)
        return Trust(Providers(anchors), anchors, crls, strict)
    if not config.is_file() and not asked:
        return Trust(Providers(), strict=strict)
    try:
        archive = open_archive(config, environ={}, clock=lambda: at)
        anchors = (*archive.seal_anchors, *archive.tsa_anchors)
        return Trust(archive.providers, tuple(dict.fromkeys(anchors)), (), strict)
    except ConfigError:
        if asked:
            raise
        return Trust(Providers(), strict=strict)  # one that merely lies here and is not filled in yet
