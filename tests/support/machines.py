"""Archives that several machines work on: each has its own configuration folder, all have one store and one catalog."""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from archiver.digest import sha256
from archiver.ingest.packer import SEGMENT_BYTES
from archiver.package.layout import Kind
from archiver.package.rdv import reader as rdv_reader
from archiver.package.segment import reader as segment_reader
from support.archives import add_mailbox, demo, folder_of, letter, named, set_lines
from support.commands import Outcome, done

GIANTS = 5


@dataclass(frozen=True)
class Machine:
    """One configuration folder."""

    config: Path

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """One command, in a process of its own."""
        command = [sys.executable, "-m", "archiver", "--config", str(self.config), *arguments, "--json"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@dataclass(frozen=True)
class Shared:
    """An archive of several machines, and the digests of the mail that is there for it, by mailbox id."""

    machines: tuple[Machine, ...]
    mail: dict[str, frozenset[str]]

    @property
    def messages(self) -> int:
        """How many there are to be archived, each once in its mailbox."""
        return sum(len(found) for found in self.mail.values())

    def more(self, folder: Path, messages: int, *, shape: str = "eml") -> None:
        """One more mailbox with mail of one year in it, on every machine."""
        name = f"box{len(self.mail)}"
        mail = [letter(f"{name} {number}") for number in range(messages)]
        self._add(name, WRITERS[shape](folder / name, mail), map(sha256, mail))

    def giants(self, folder: Path) -> None:
        """One more mailbox, whose messages are a segment each: who reads it is at it for a while."""
        name = f"box{len(self.mail)}"
        mail = [letter(f"gigante {number}") + b"gigante!\r\n" * (SEGMENT_BYTES // 10 + 1) for number in range(GIANTS)]
        self._add(name, folder_of(folder / name, *mail), map(sha256, mail))

    def _add(self, name: str, source: Path, digests: Iterable[str]) -> None:
        for machine in self.machines:
            add_mailbox(machine.config, name, path=f'"{source}"')
        self.mail[f"m-{name}"] = frozenset(digests)

    def complaints(self) -> list[str]:
        """Everything that keeps it from being the whole archive of its mail, each message once, sealed and PASSED."""
        config = self.machines[0].config
        found = _kept(config)
        wrong = [
            f"{mailbox}: {len(expected ^ found.get(mailbox, Counter()).keys())} missing or strange"
            for mailbox, expected in self.mail.items()
            if expected != found.get(mailbox, Counter()).keys()
        ]
        wrong += [f"{box}: {name} {n} times" for box, kept in found.items() for name, n in kept.items() if n > 1]
        if len(_noted(config)) != self.messages or _noted(config) != {
            (box, name) for box in found for name in found[box]
        }:
            wrong.append(f"{len(_noted(config))} messages noted, expected {self.messages}")
        status = done("status", config=config)
        if status["pending"] or status["volumes"] != len(named(config, Kind.INDEX)):
            wrong.append(f"pending {status['pending']}, volumes {status['volumes']}")
        verdict = done("verify", config.parent / "store", config=config)
        if verdict["indication"] != "PASSED":
            wrong.append(str(verdict["findings"]))
        return wrong


def shared(folder: Path, catalog: str, *, machines: int = 2, messages: Sequence[int] = (60, 60, 60)) -> Shared:
    """A new archive whose store and catalog (at that address) nobody has made yet, with so many messages a mailbox."""
    config = demo(folder / "machine1")
    store, database = folder / "machine1/store", config.parent / "catalog.db"
    shutil.rmtree(store)
    database.unlink()
    set_lines(config, "store", {"path": f'"{store}"'})
    set_lines(config, "archive", {"catalog": f'"{catalog or f"sqlite:///{database}"}"'})
    others = [folder / f"machine{number}" for number in range(2, machines + 1)]
    for other in others:
        shutil.copytree(config.parent, other)
    made = Shared(tuple(Machine(place / "archiver.toml") for place in (config.parent, *others)), {})
    for number, count in enumerate(messages):
        made.more(folder, count, shape=tuple(WRITERS)[number % len(WRITERS)])
    return made


def _maildir(folder: Path, mail: Sequence[bytes]) -> Path:
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, raw in enumerate(mail):
        (folder / f"cur/{number:04}.host:2,S").write_bytes(raw)
    return folder


def _mbox(folder: Path, mail: Sequence[bytes]) -> Path:
    folder.mkdir()
    (folder / "posta.mbox").write_bytes(b"".join(b"From - Mon Mar  2 10:00:00 2026\n" + raw + b"\n" for raw in mail))
    return folder / "posta.mbox"


def _eml(folder: Path, mail: Sequence[bytes]) -> Path:
    return folder_of(folder, *mail)


WRITERS: dict[str, Callable[[Path, Sequence[bytes]], Path]] = {"maildir": _maildir, "mbox": _mbox, "eml": _eml}


def ended(*processes: "subprocess.Popen[str]") -> list[Outcome]:
    """What they said, when all have ended."""
    said = [process.communicate(timeout=120) for process in processes]
    return [Outcome(process.returncode, *text) for process, text in zip(processes, said, strict=True)]


def _kept(config: Path) -> dict[str, Counter[str]]:
    """The digest of every message in the segments that a rapporto names, by mailbox."""
    store, found = config.parent / "store", dict[str, Counter[str]]()
    for name in named(config, Kind.RDV):
        rapporto = rdv_reader.read((store / name).read_bytes())
        for segment in rapporto.segments:
            with (store / rapporto.holder_id / "segments" / segment.sha256[:2] / f"{segment.sha256}.zip").open(
                "rb"
            ) as file:
                members = segment_reader.members(file, prefix="messages/", suffix=".eml")
                found.setdefault(rapporto.mailbox, Counter()).update(member.sha256 for member in members)
    return found


def _noted(config: Path) -> set[tuple[str, str]]:
    """Mailbox and digest of every message in the catalog."""
    address = next(line for line in config.read_text(encoding="utf-8").splitlines() if line.startswith("catalog = "))
    engine = create_engine(address.split('"')[1].replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        found = {(str(box), str(name)) for box, name in connection.execute(text("SELECT mailbox, sha256 FROM message"))}
    engine.dispose()
    return found
