"""Archives on disk, made by the commands that users give, and the mail that goes into them."""

import re
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator.cli import Plan, simulate

from archiver.package.layout import Kind, parse
from archiver.package.segment import reader
from support.commands import archiver, done

ADDRESS = "studio@pec.esempio-legale.it"

ANSWERS = {
    "manual": "Manuale di conservazione v. 1.2",
    "name": "Studio legale Rossi",
    "first_name": "Maria",
    "last_name": "Rossi",
    "tax_code": "RSSMRA80A41H501X",
    "document": "Nomina del 2 gennaio 2026",
    "operator": "lo studio stesso",
    "address": ADDRESS,
}


def demo(folder: Path) -> Path:
    """A demonstration archive; its configuration."""
    assert archiver("init", "--demo", folder).code == 0
    return folder / "archiver.toml"


def filled(folder: Path, *, signer: Mapping[str, str]) -> Path:
    """An archive whose template was filled in as a person would: every empty field, and the lines of the signer.

    `signer` gives lines of [signer] as TOML values: replaced where the template has the key, added where not.
    """
    assert archiver("init", folder).code == 0
    config = folder / "archiver.toml"
    fill_in(config, signer=signer)
    return config


def fill_in(config: Path, *, signer: Mapping[str, str]) -> None:
    """The same in a template that is there."""
    text = config.read_text(encoding="utf-8")
    for key, answer in ANSWERS.items():
        text = re.sub(rf'^({key} = )""', rf'\g<1>"{answer}"', text, flags=re.MULTILINE)
    config.write_text(text, encoding="utf-8")
    set_lines(config, "signer", signer)


def set_lines(config: Path, table: str, lines: Mapping[str, str]) -> None:
    """Sets keys of one table of a configuration to TOML values."""
    before, head, rest = re.split(
        rf"^(\[\[?{re.escape(table)}\]\]?\n)", config.read_text(encoding="utf-8"), maxsplit=1, flags=re.MULTILINE
    )
    body, mark, after = re.match(r"(.*?)(^\[|\Z)(.*)", rest, re.DOTALL | re.MULTILINE).groups()  # type: ignore[union-attr]
    for key, value in lines.items():
        body, count = re.subn(rf"^(# )?{key} = .*$", f"{key} = {value}", body, count=1, flags=re.MULTILINE)
        if not count:
            body = f"{key} = {value}\n{body}"
    config.write_text(f"{before}{head}{body}{mark}{after}", encoding="utf-8")


def add_mailbox(config: Path, name: str, address: str = ADDRESS, **lines: str) -> None:
    """Another mailbox of the same holder; `lines` as TOML values."""
    holder = re.search(r'^holder = (".*?")', config.read_text(encoding="utf-8"), re.MULTILINE)
    assert holder
    more = "".join(f"{key} = {value}\n" for key, value in lines.items())
    with config.open("a", encoding="utf-8") as file:
        file.write(
            f'\n[[mailbox]]\nname = "{name}"\nid = "m-{name}"\nholder = {holder[1]}\naddress = "{address}"\n{more}'
        )


def simulated(folder: Path, messages: int, *, shape: str = "eml", seed: int = 1, recipients: int = 3) -> Path:
    """A simulated mailbox in a new `folder`, with expected.json and providers beside it; the mailbox itself."""
    start = datetime(2024, 3, 1, tzinfo=UTC)
    simulate(Plan(messages, seed, 2_000, recipients, ADDRESS, start), folder, shape)
    return folder / ("mailbox.mbox" if shape == "mbox" else "mailbox")


def trust(config: Path, providers: Iterable[Path]) -> None:
    """Gives an archive these CA certificates of PEC providers."""
    for path in providers:
        shutil.copy(path, config.parent / "providers")


def letter(text: str, *, date: str = "Mon, 02 Mar 2026 10:00:00 +0100", to: str = ADDRESS) -> bytes:
    """An ordinary message."""
    return (
        f"From: Bianchi <bianchi@posta.example>\r\nTo: {to}\r\nDate: {date}\r\nSubject: {text}\r\n"
        f"Message-ID: <{text.replace(' ', '-')}@posta.example>\r\n\r\n{text}\r\n"
    ).encode()


def folder_of(folder: Path, *mail: bytes) -> Path:
    """A new folder of .eml."""
    folder.mkdir(parents=True)
    for number, raw in enumerate(mail):
        (folder / f"{number:04}.eml").write_bytes(raw)
    return folder


def objects(config: Path) -> dict[str, bytes]:
    """Every object of an archive's store by name."""
    return objects_in(config.parent / "store")


def objects_in(store: Path) -> dict[str, bytes]:
    """Every object of a store in a folder by name."""
    return {
        path.relative_to(store).as_posix(): path.read_bytes()
        for path in sorted(store.rglob("*"))
        if path.is_file() and not path.relative_to(store).parts[0].startswith(".")
    }


def kept(config: Path) -> dict[str, bytes]:
    """Every message that the segments of an archive hold, by its SHA-256."""
    found: dict[str, bytes] = {}
    for name in segments(config):
        with (config.parent / "store" / name).open("rb") as file:
            found |= {
                member.sha256: member.read() for member in reader.members(file, prefix="messages/", suffix=".eml")
            }
    return found


def segments(config: Path) -> list[str]:
    """The names of the segments."""
    return named(config, Kind.SEGMENT)


def named(config: Path, kind: Kind) -> list[str]:
    """The names of all objects of a kind."""
    return [name for name in objects(config) if (found := parse(name)) and found.kind is kind]


def volumes(config: Path) -> list[Path]:
    """The folders of the volumes."""
    return sorted((config.parent / "store").glob("*/volumes/*"))


def sealed(config: Path) -> dict[str, Any]:
    """Seals everything, and has the judge say PASSED of the whole store; what `seal` answered."""
    answer = done("seal", "--now", config=config)
    assert done("verify", config.parent / "store", config=config)["indication"] == "PASSED"
    return answer
