"""`archiver evidence`: the exhibit of some dossiers, with everything that the configuration gives it."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from archiver.access import Shown
from archiver.access import show as show_dossier
from archiver.access.exhibit import Bag, Made, made
from archiver.access.exhibit.narrow import narrowed
from archiver.adapters.exhibits import ZipSink
from archiver.compose.archive import Archive
from archiver.compose.deposit import Deposited, court_of, deposit, places
from archiver.compose.looking import glimpsed, telling
from archiver.compose.making import Clock, making_of, sealer
from archiver.compose.register import register
from archiver.compose.roles import Right
from archiver.errors import ConfigError, Conflict
from archiver.package.act import ActKind
from archiver.package.exhibit.layout import top
from archiver.verdict import Finding

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Exhibited:
    """Where the exhibit is, and what came of it; `warnings` about the signer."""

    path: Path
    made: Made
    octets: int
    sealed: bool
    warnings: tuple[Finding, ...] = ()
    deposited: Deposited | None = None

    @property
    def withheld(self) -> int:
        """Messages of these dossiers that whoever made it may not read."""
        return sum(item["withheld"] for item in self.made.told["dossiers"])

    @property
    def restricted(self) -> int:
        """Messages of these dossiers whose processing is restricted (GDPR, art. 18)."""
        return sum(item["restricted"] for item in self.made.told["dossiers"])

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "path": str(self.path),
            "messages": self.made.messages,
            "bytes": self.octets,
            "indication": self.made.report.indication.value,
            "sub_indication": self.made.report.verdict.sub_indication,
            "pending": self.made.pending,
            "withheld": self.withheld,
            "restricted": self.restricted,
            "sealed": self.sealed,
            "valid_until": self.made.told["valid_until"],
            **({"deposit": self.deposited.as_json()} if self.deposited else {}),
        }


def evidence(
    archive: Archive,
    names: Sequence[str],
    output: Path,
    *,
    recipient: str,
    full: bool,
    unsigned: bool,
    reason: str,
    mailbox: str | None,
    court: str | None = None,
    lang: str,
    clock: Clock,
    progress: Progress,
) -> Exhibited:
    """Makes the exhibit of these dossiers at `output`, which must not be there.

    It is written beside and renamed when it is whole. With `court` the folder for its filing system is made too, at
    `output` without `.zip`, and the exhibit beside it. Raises ConfigError for dossiers of several holders, for a
    recipient that is none and for a signer that may not sign; Conflict when something is at `output`; Absent, Malformed
    and Unavailable as what it needs raises them.
    """
    archive.permit(Right.READ, mailbox)
    filing = court_of(court) if court else None
    folder, output = places(output) if filing else (output, output)
    check_output(output)
    seal, warnings = sealer(archive, clock, unsigned=unsigned)
    shown = _once(_shown(archive, name, mailbox, recipient, reason) for name in names)
    holder = _holder(archive, shown, reason)
    what = {"full": full, "one_recipient": bool(recipient), "sealed": seal is not None, "court": court}
    act = _register(archive, holder, shown, what, reason, clock)
    box = shown[0].proofs[0].message.mailbox
    making = making_of(archive, holder, box, seal=seal, reason=reason, act=act, lang=lang, clock=clock)
    total = len({proof.message.sha256 for item in shown for proof in item.proofs})
    with written(output) as file, closing(ZipSink(file, top(output.stem), at=making.at)) as sink:
        done = made(
            shown, making, Bag(sink), recipient=recipient, full=full, heard=lambda number: progress(number, total)
        )
    octets = output.stat().st_size
    filed = deposit(folder, output, done.told, filing, seal=seal.pdf if seal else bytes) if filing else None
    more = filed.findings if filed else ()
    return Exhibited(output, done, octets, seal is not None, (*warnings, *more), filed)


def check_output(output: Path) -> None:
    """Raises Conflict when something is there, ConfigError where nothing can be written or the name is no good."""
    if output.exists() or output.is_symlink():
        raise Conflict(f"{output}: is there already, and is not written over: choose another name with -o")
    if output.suffix.lower() != ".zip" or output.stem.strip(". ") != output.stem:
        raise ConfigError(f"-o {output}: expected the name of a new .zip, such as fascicolo.zip")
    if not output.parent.is_dir():
        raise ConfigError(f"-o {output}: there is no folder {output.parent}")


@contextmanager
def written(output: Path) -> Iterator[BinaryIO]:
    """A file beside `output` that takes its name when all went well, durable; else nothing is left of it."""
    handle, name = tempfile.mkstemp(prefix=f".{output.name}.", suffix=".part", dir=output.parent)
    aside = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, output)  # unlike a rename it replaces nothing
        except FileExistsError as error:
            raise Conflict(f"{output}: came to be there in the meantime, and is not written over") from error
        folder = os.open(output.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        aside.unlink(missing_ok=True)


def _shown(archive: Archive, name: str, mailbox: str | None, recipient: str, reason: str) -> Shown:
    within = archive.mailbox(mailbox).id if mailbox else None
    names = {item.id: item.name for item in archive.config.mailboxes}
    with telling(archive, reason=reason, name=name, mailbox=within):
        found = show_dossier(
            archive.visible,
            archive.store,
            name,
            mailboxes=names,
            mailbox=within,
            whole=archive.catalog if archive.who.mailboxes is not None else None,
            behind=archive.own,
        )
    try:
        return narrowed(found, recipient) if recipient else found
    except ConfigError:  # that somebody is no recipient is told of these messages, too
        glimpsed(archive, (proof.message for proof in found.proofs), reason=reason)
        raise


def _once(shown: Iterable[Shown]) -> tuple[Shown, ...]:
    """Each dossier once, by whichever of its messages it was named."""
    found: dict[tuple[str, ...], Shown] = {}
    for item in shown:
        found.setdefault(tuple(proof.message.sha256 for proof in item.proofs), item)
    return tuple(found.values())


def _register(
    archive: Archive, holder: str, shown: Sequence[Shown], what: dict[str, Any], reason: str, clock: Clock
) -> str:
    """The id of the act: it is in the register before anything is shown."""
    messages = sorted({proof.message.sha256 for item in shown for proof in item.proofs})
    told = {**what, "dossiers": len(shown), "messages": messages}
    return register(archive, holders=[holder], kind=ActKind.EVIDENCE, what=told, reason=reason, clock=clock)[holder]


def _holder(archive: Archive, shown: Sequence[Shown], reason: str) -> str:
    holders = sorted({proof.message.holder for item in shown for proof in item.proofs})
    if len(holders) != 1:
        glimpsed(archive, (proof.message for item in shown for proof in item.proofs), reason=reason)
        raise ConfigError(f"these dossiers are of several holders ({', '.join(holders)}): make one exhibit of each")
    return holders[0]
