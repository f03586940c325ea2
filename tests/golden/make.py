"""Makes the golden archives of format 1, once: `.venv/bin/python tests/golden/make.py`.

format-1/store      mail of two calendar years in two volumes, a chain of three rapporti (the last one sealed), and a message
                    that waits for its volume
format-1/discarded  the same after two discards: the volume of 2025 whole, one message of 2026 (a sealed and an unsealed record)
format-1/renewed    the first one after a confirmed certificate, a new tree, a sweep, a trust batch, a new timestamp in
                    2035, a discard
format-1/trusted    the CA that seal and time stamps lead to, and the CA of the simulated providers; their keys are kept nowhere

It refuses to overwrite. Until the first release a change of the format means: `rm -r tests/golden/format-1`, and this
script again. After the first release neither this script nor what it made is ever edited: a new format gets a new folder.
"""

import hashlib
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "scripts"), str(HERE.parents[1])]

from support.discarding import Destruction, destroy, record_name, seal_of  # noqa: E402
from support.small import EMPTY, EVENING, HOLDER, HOUR, ORDINARY, Files, Small, few, ingest, look, make  # noqa: E402

from archiver import compose  # noqa: E402
from archiver.cli.door import now  # noqa: E402
from archiver.compose.trust import trust_decide  # noqa: E402
from archiver.digest import sha256  # noqa: E402
from archiver.package.act import ActKind  # noqa: E402
from archiver.package import layout  # noqa: E402
from archiver.package.discard.values import SegmentChange  # noqa: E402
from archiver.verdict import Indication  # noqa: E402

ONE_EACH = {"inviato": 1, "accettazione": 1, "avvenuta-consegna": 1, "posta-certificata": 1}
NEXT_DECADE = datetime(2035, 6, 1, 20, tzinfo=UTC)
LATE = b"From: a@posta-ordinaria.example\r\nDate: Fri, 20 Feb 2026 09:00:00 +0100\r\nSubject: dopo\r\n\r\nAttende il volume.\r\n"


def main() -> int:
    """Writes format-1 beside this script; 2 if it is there already."""
    target = HERE / "format-1"
    if target.exists():
        print(f"{target} is there already: golden files are never overwritten", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        made = archive(Path(folder) / "archive")
        discarded = after_discards(made)
        renewed = after_renewals(made)
        for files, at in ((made.files, EVENING), (discarded, EVENING), (renewed, NEXT_DECADE)):
            report = made.judge(files, at=at + 3 * HOUR)
            assert report.indication is Indication.PASSED, report.verdict.findings
        made.files.write(target / "store")
        discarded.write(target / "discarded")
        renewed.write(target / "renewed")
        (target / "trusted").mkdir()
        shutil.copy(made.ca, target / "trusted" / "ca.pem")
        shutil.copy(made.folder / "providers" / "ca-pec-simulata.pem", target / "trusted" / "ca-pec-simulata.pem")
    sums(target)
    return 0


def archive(folder: Path) -> Small:
    """Two polls, sealed; then a third one whose rapporto is sealed, and nothing more."""
    pec = few("2025-03-01", wanted=ONE_EACH)
    make(folder, [*pec[:2], ORDINARY], [*pec[2:], EMPTY])
    with (folder / "archiver.toml").open("a", encoding="utf-8") as config:
        config.write("\n[rdv]\nsign = true\n")
    ingest(folder, [LATE], at=EVENING + HOUR)
    return look(folder)


def after_discards(made: Small) -> Files:
    """The volume of 2025 destroyed whole, under a sealed record; one message of 2026, under an unsealed one."""
    old, new = made.volumes
    segments = [
        name for name in made.files.kind(layout.Kind.SEGMENT) if made.files[name].endswith(b" 2025")
    ]
    whole = Destruction(segments=[SegmentChange(sha256(made.files[name])) for name in segments])
    gone = [*segments, *(name for name in made.files if name.startswith(f"{HOLDER}/volumes/{old}/"))]
    files = made.files.but(dict.fromkeys(gone))
    one = destroy(files, [sha256(ORDINARY)], volume=new)
    sealed = seal_of(made, whole.record(name="d-1", volumes=(old,)))
    return files.but(
        {**one.changed, record_name("d-1", sealed=True): sealed, record_name("d-2"): one.record(name="d-2")}
    )


def after_renewals(made: Small) -> Files:
    """A certificate confirmed, a new tree (SHA3-512), a sweep, a trust batch, in 2035 a new timestamp, a discard."""
    archive = compose.open_archive(made.folder / "archiver.toml", environ={}, clock=now)
    (provider, *_) = [row for row in archive.catalog.trust_of(HOLDER, kind="provider")]
    trust_decide(
        archive, provider.sha256, ActKind.TRUST_CONFIRMED, reason="elenco AgID", at=EVENING + 2 * HOUR
    )
    renew(made.folder, at=EVENING + 4 * HOUR, target="sha3_512")
    compose.sweep(archive, everything=True, clock=lambda: EVENING + 4 * HOUR)
    at = EVENING + 5 * HOUR
    sealed = compose.seal(archive, everything=False, to_sign=None, signed=None, clock=lambda: at, progress=silent)
    assert not sealed.failures
    renew(made.folder, at=NEXT_DECADE)
    files = look(made.folder).files
    one = destroy(files, [sha256(EMPTY)], volume=made.volumes[1])
    return files.but({**one.changed, record_name("d-1"): one.record()})


def renew(folder: Path, *, at: datetime, target: str = "") -> None:
    """Everything that is due on a day, or a new tree."""
    archive = compose.open_archive(folder / "archiver.toml", environ={}, clock=lambda: at)
    done = compose.renew(
        archive, horizon=timedelta(days=365), target=target, dry_run=False, clock=lambda: at, progress=silent
    )
    assert done.renewed == done.due > 0, done.as_json()


def silent(done: int, total: int | None) -> None:
    """No progress."""


def sums(target: Path) -> None:
    """SHA256SUMS of every file, as `sha256sum -c` reads it."""
    files = sorted(path for path in target.rglob("*") if path.is_file())
    lines = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(target).as_posix()}\n" for path in files)
    (target / "SHA256SUMS").write_text("".join(lines), encoding="ascii")
    print(f"{len(files)} files, {sum(path.stat().st_size for path in files):,} bytes in {target}")


if __name__ == "__main__":
    sys.exit(main())
