"""What an archive in a bucket asks of its S3 server: requests by verb and bytes, of each errand, night after night.

A Ceph gateway on the same machine answers; what is counted is what leaves this process, whatever a server logs.
Each mailbox brings the same number of messages every night (each by a run of its own); on the last one their volumes
close. No peer does this.
"""

import argparse
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from servers.ceph import Ceph, missing

from benchmarks.seal import _add_mailboxes, _simulated
from benchmarks.table import commit, machine

_BUCKET = """\
kind = "s3"
endpoint = "{url}"
bucket = "{bucket}"
checksums = "compat"
access_key = "env:BENCH_ACCESS"
secret_key = "env:BENCH_SECRET"
"""


@dataclass(slots=True)
class Asked:
    """Requests of one errand by verb, and the bytes that went there and came back."""

    errand: str
    night: int
    verbs: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """All errands, in their order."""

    messages: int
    size: int
    nights: int
    asked: tuple[Asked, ...]

    def as_json(self) -> str:
        """One object."""
        told = [
            {"errand": one.errand, "night": one.night, "requests": dict(sorted(one.verbs.items())), "sent": one.sent,
             "received": one.received}
            for one in self.asked
        ]  # fmt: skip
        values = {"benchmark": "requests", "messages": self.messages, "bytes": self.size, "nights": self.nights}
        return json.dumps(values | {"machine": machine(), "commit": commit(), "results": told}, indent=1)

    def as_table(self) -> str:
        """A Markdown table."""
        verbs = sorted({verb for one in self.asked for verb in one.verbs})
        head = f"requests: {self.messages:,} messages a night, {self.size / 1e6:.1f} MB in all, {self.nights} nights."
        lines = [f"{head} {machine()}. Commit {commit()}.", ""]
        lines += [f"| night | errand | {' | '.join(verbs)} | MB sent | MB received |", "|---" * (len(verbs) + 4) + "|"]
        for one in self.asked:
            cells = " | ".join(str(one.verbs[verb]) for verb in verbs)
            lines.append(f"| {one.night} | {one.errand} | {cells} | {one.sent / 1e6:.2f} | {one.received / 1e6:.2f} |")
        return "\n".join(lines)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--messages", type=int, default=1_000, help="messages of a night (1000)")
    parser.add_argument("--size", type=int, default=17_500, help="octets of the attachments of a message (17500)")
    parser.add_argument("--nights", type=int, default=3)
    parser.add_argument("--mailboxes", type=int, default=1)


def run(asked: argparse.Namespace, say: Callable[[str], None]) -> Result:
    """Some nights of a new archive. Raises RuntimeError without a gateway, and when an errand fails."""
    if name := missing():
        raise RuntimeError(f"{name} is not installed (Debian: radosgw ceph-mon ceph-osd ceph-common)")
    home = Path(tempfile.mkdtemp(prefix="bench-requests-"))
    try:
        with Ceph(home / "ceph") as gateway, _counting() as counted:
            names = [f"casella-{number:02}" for number in range(asked.mailboxes)]
            config = _made(home, gateway, names)
            counted("init", 0)
            found: list[Asked] = []
            size = 0
            for night in range(1, asked.nights + 1):
                for number, name in enumerate(names):
                    mail = home / "mail"
                    _simulated(mail, asked.messages, 100 * night + number, asked.size)
                    for path in mail.rglob("providers/*.pem"):
                        shutil.copy(path, config.parent / "providers")
                    size += sum(path.stat().st_size for path in mail.rglob("*.eml"))
                    _told(config, ("ingest", "--from", mail, "--mailbox", name))
                    shutil.rmtree(mail)
                found.append(counted("ingest", night))
                seal = ("seal", "--now") if night == asked.nights else ("seal",)
                for command in (seal, ("replicate",), ("sweep",)):
                    _told(config, command)
                    found.append(counted(command[0], night))
                say(f"night {night}: {sum(sum(one.verbs.values()) for one in found if one.night == night)} requests")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return Result(asked.messages * asked.mailboxes, size, asked.nights, tuple(found))


def _made(home: Path, gateway: Ceph, names: list[str]) -> Path:
    folder = home / "archive"
    config = folder / "archiver.toml"
    _told(None, ("init", "--demo", folder))
    os.environ |= {"BENCH_ACCESS": gateway.owner.access, "BENCH_SECRET": gateway.owner.secret}
    bucket = _BUCKET.format(url=gateway.url, bucket=gateway.bucket())
    config.write_text(config.read_text().replace('kind = "filesystem"\npath = "store"\n', bucket))
    _add_mailboxes(config, names)
    _told(None, ("init", folder))
    return config


def _told(config: Path | None, command: tuple[object, ...]) -> None:
    """In this process, where requests are counted."""
    from click.testing import CliRunner

    from archiver.cli import main

    options = ["--config", str(config)] if config else []
    found = CliRunner().invoke(main, [*options, *map(str, command), *(["--json"] if config else [])])
    if found.exit_code:
        raise RuntimeError(f"{command[0]}: exit {found.exit_code}: {found.output[-500:]}")


@contextmanager
def _counting() -> Iterator[Callable[[str, int], Asked]]:
    """What every client sends from now on; called, it tells of what was sent since the last call."""
    from botocore.httpsession import URLLib3Session

    heard = Asked("", 0)
    send = URLLib3Session.send

    def counting(session: Any, request: Any) -> Any:
        answer = send(session, request)
        verb = "LIST" if (request.method == "GET" and "list-type=" in request.url) or "versions" in request.url else ""
        heard.verbs[verb or request.method] += 1
        heard.sent += int(request.headers.get("Content-Length") or 0)
        heard.received += int(answer.headers.get("Content-Length") or 0) if request.method == "GET" else 0
        return answer

    def told(errand: str, night: int) -> Asked:
        found = Asked(errand, night, Counter(heard.verbs), heard.sent, heard.received)
        heard.verbs.clear()
        heard.sent = heard.received = 0
        return found

    URLLib3Session.send = counting
    try:
        yield told
    finally:
        URLLib3Session.send = send
