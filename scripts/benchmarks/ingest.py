"""Ingest over IMAP with TLS against `mbsync`, which merely copies the same mailbox to a Maildir.

The store is a folder, or an S3 gateway on the same machine (Ceph's, in memory), with a lock in every PUT.
"""

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.dovecot import ADDRESS, PASSWORD, Dovecot
from simulator.plan import Plan
from simulator.serve import served

from benchmarks import given
from benchmarks.measure import ARCHIVER, Measured, measured, median
from benchmarks.table import Line, Result

if TYPE_CHECKING:
    from servers.ceph import Ceph

USER = "studio@pec.esempio-legale.it"

_MBSYNC = """\
IMAPAccount bench
Host {host}
Port {port}
User {user}
Pass {password}
SSLType IMAPS
CertificateFile {ca}

IMAPStore far
Account bench

MaildirStore near
Path {home}/copy/
Inbox {home}/copy/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Near
Sync Pull New
SyncState {home}/state/
"""

_MAILBOX = """\
[mailbox.imap]
host = "{host}"
port = {port}
user = "{user}"
password = "env:BENCH_PASSWORD"
ca = "{ca}"

"""


_BUCKET = """\
kind = "s3"
endpoint = "{url}"
bucket = "{bucket}"
checksums = "compat"
access_key = "env:BENCH_ACCESS"
secret_key = "env:BENCH_SECRET"
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=17_500, help="octets of the attachments of a message (17500)")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2], help="numbers of processes to try (1 2)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--from", dest="folder", type=Path, help="these messages (a folder of .eml, a Maildir)")
    parser.add_argument("--store", choices=["folder", "s3"], default="folder", help="where to (folder)")


def run(asked: argparse.Namespace, say: Callable[[str], None]) -> Result:
    """Each contender once unmeasured, so that the server's caches are the same for all, then in turn."""
    home = Path(tempfile.mkdtemp(prefix="bench-ingest-"))
    try:
        server = _filled(asked, home / "server", say)
        messages, size = len(_served(home)), sum(path.stat().st_size for path in _served(home))
        with server, _gateway(home) if asked.store == "s3" else nullcontext() as gateway:
            runs = _rounds(asked, server, gateway, home, say)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    lines = {name: Line(name, median(found), tuple(run.seconds for run in found)) for name, found in runs.items()}
    peer = lines.pop("mbsync", None)
    note = "" if peer else "mbsync is not installed (Debian: apt-get install isync): no ratio."
    where = "an S3 gateway on the same machine" if asked.store == "s3" else "a folder"
    return Result(f"ingest over IMAPS into {where}", messages, size, peer, tuple(lines.values()), note)


def _filled(asked: argparse.Namespace, home: Path, say: Callable[[str], None]) -> Dovecot:
    """The server with its mail: simulated, or the files that were given."""
    if asked.folder is None:
        say(f"making {asked.messages} messages ...")
        return served(Plan(asked.messages, asked.seed, asked.size, 1, USER, datetime(2024, 3, 1, tzinfo=UTC)), home)
    server = Dovecot(home)
    inbox = server.maildir(USER)
    for number, path in enumerate(given.messages(asked.folder)):
        shutil.copy(path, inbox / "cur" / f"{number:08}.bench:2,")
    return server


def _served(home: Path) -> list[Path]:
    """The files of all messages on the server."""
    return list((home / "server/mail").rglob("cur/*"))


def _gateway(home: Path) -> "Ceph":
    from servers.ceph import Ceph, missing

    if name := missing():
        raise RuntimeError(f"{name} is not installed (Debian: radosgw ceph-mon ceph-osd ceph-common)")
    return Ceph(home / "ceph")


def _rounds(
    asked: argparse.Namespace, server: Dovecot, gateway: "Ceph | None", home: Path, say: Callable[[str], None]
) -> dict[str, list[Measured]]:
    contenders: dict[str, Callable[[], Measured]] = {}
    if shutil.which("mbsync"):
        contenders["mbsync"] = lambda: _mbsync(server, home)
    for jobs in asked.jobs:
        contenders[f"archiver ingest --jobs {jobs}"] = partial(_ingest, server, gateway, home, jobs)
    runs: dict[str, list[Measured]] = {name: [] for name in contenders}
    for number in range(asked.rounds + 1):
        for name, contender in contenders.items():
            found = contender()
            if number:
                runs[name].append(found)
            say(f"{'round ' + str(number) if number else 'warming up'}: {name}: {found.seconds:.1f} s")
    return runs


def _mbsync(server: Dovecot, home: Path) -> Measured:
    for name in ("copy", "state"):
        shutil.rmtree(home / name, ignore_errors=True)
        (home / name).mkdir()
    settings = _MBSYNC.format(host="localhost", port=server.tls, user=USER, password=PASSWORD, ca=server.ca, home=home)
    (home / "mbsyncrc").write_text(settings)
    return replace(measured(["mbsync", "-q", "-c", str(home / "mbsyncrc"), "-a"]), output="")


def _ingest(server: Dovecot, gateway: "Ceph | None", home: Path, jobs: int) -> Measured:
    """A new archive each time; what it says it took in is checked."""
    folder = home / "archive"
    shutil.rmtree(folder, ignore_errors=True)
    measured([*ARCHIVER, "init", "--demo", str(folder)])
    for path in (home / "server/providers").glob("*"):
        shutil.copy(path, folder / "providers")
    configuration = folder / "archiver.toml"
    before, mark, after = configuration.read_text().partition("# Classi di conservazione")
    table = _MAILBOX.format(host=ADDRESS, port=server.tls, user=USER, ca=server.ca)
    environ = os.environ | {"BENCH_PASSWORD": PASSWORD, "ARCHIVER_CONFIG": str(configuration)}
    if gateway is not None:
        bucket = _BUCKET.format(url=gateway.url, bucket=gateway.bucket())
        before = before.replace('kind = "filesystem"\npath = "store"\n', bucket)
        environ |= {"BENCH_ACCESS": gateway.owner.access, "BENCH_SECRET": gateway.owner.secret}
    configuration.write_text(before + table + mark + after)
    if gateway is not None:
        measured([*ARCHIVER, "init", str(folder)], environ=environ)
    found = measured([*ARCHIVER, "ingest", "--jobs", str(jobs), "--json"], environ=environ)
    told, messages = json.loads(found.output), len(_served(home))
    if told["new"] + told["known"] != messages or told["missing"]:
        raise RuntimeError(f"ingest did not take in everything: {found.output[:500]}")
    return found
