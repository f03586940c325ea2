"""Signing by hand: indexes are written out to be signed, and taken back as .p7m.

What was given out is remembered with its clock: what comes back must hold exactly those bytes.
"""

from pathlib import Path

from archiver.digest import sha256
from archiver.errors import ConfigError, Malformed
from archiver.evidence.cms import open_signed
from archiver.evidence.unsigned import with_timestamp
from archiver.seal.draft import Draft, write_index
from archiver.seal.sign import check, put, stamper
from archiver.seal.values import Report, Sealing
from archiver.stamping import Stamper

SIGNED = (".p7m", ".P7M")


def give_out(made: Draft, folder: Path, work: Sealing, report: Report) -> None:
    """Writes a draft's index to `folder`; one that is out already is written as it was."""
    index = work.catalog.out_for_signing(made.id)
    if index is None:
        at = work.clock()
        index = write_index(made, work, report, at=at)
        work.catalog.hand_out(made.id, sha256(index), index, at)
    path = folder / name(made)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(index)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error
    report.handed_out.append(path)


def take_back(made: Draft, folder: Path, work: Sealing, report: Report) -> bytes | None:
    """The signed index of a draft from `folder`, stamped, checked and put; None when it is not there yet.

    Raises Malformed when it holds another index, or its signature does not lead to the configured signer: that is
    looked at before a token is spent on it.
    """
    index = work.catalog.out_for_signing(made.id)
    path = next((folder / (name(made) + end) for end in SIGNED if (folder / (name(made) + end)).is_file()), None)
    if path is None or index is None:
        return None
    try:
        p7m = path.read_bytes()
        check(p7m, index, work, subject=made.name, stamped=False)
        if work.seals.stamped and not open_signed(p7m).tokens:
            p7m = stamped(p7m, stamper(work, report))
        put(p7m, index, made, work)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except Malformed as error:
        raise Malformed(f"{path}: {error}") from error
    return p7m


def name(made: Draft) -> str:
    """How a volume's index is called outside."""
    return f"{made.id}.PIndex.xml"


def stamped(p7m: bytes, stamp: Stamper) -> bytes:
    """A CAdES-B-B signature with a timestamp over its value added: B-T (EN 319 122-1, 5.3).

    Raises Malformed for what is no such signature. Nothing that is signed changes.
    """
    return with_timestamp(p7m, stamp("sha256", bytes.fromhex(sha256(open_signed(p7m).signature))))
