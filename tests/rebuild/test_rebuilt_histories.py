"""A catalog made again from the store alone equals, row for row, the one that was there."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from support import signed_files
from support.archives import set_lines
from support.certificates import Authority, p256
from support.pec_provider import pec_provider
from support.rebuilding import Rows, different, rows
from support.small import EMPTY, EVENING, HOLDER, HOUR, ORDINARY, few, make

from archiver import compose
from archiver.cli.door import now
from archiver.compose.trust import trust_decide
from archiver.errors import ConfigError
from archiver.package.act import ActKind
from archiver.rebuild import Report
from archiver.submission.rows import TrustRow

SECOND = "m-altra"
NEXT_DECADE = datetime(2035, 6, 1, 20, tzinfo=UTC)
SIGNERS = Authority()


@dataclass(frozen=True)
class Lived:
    """An archive with a past: its folder, and every row of its catalog."""

    folder: Path
    rows: Rows


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Two mailboxes with some mail in common, duplicates, an mbox whose quoting was undone, signers of attachments,
    three closed volumes and mail that waits, a certificate confirmed, renewals by tree and by timestamp, batches.
    """
    folder = tmp_path_factory.mktemp("lived") / "archive"
    old, new = few("2025-03-01"), few("2026-01-07", seed=2)
    make(folder, sealed=False)
    config = folder / "archiver.toml"
    (folder / "ca-firma.pem").write_bytes(SIGNERS.certificate.public_bytes(Encoding.PEM))
    text = config.read_text(encoding="utf-8")
    for line in ("[attachments]\n", "signatures = true\n", 'anchors = ["ca-firma.pem"]'):
        assert f"# {line}" in text
        text = text.replace(f"# {line}", line)
    other = f'\n[[mailbox]]\nname = "altra"\nid = "{SECOND}"\nholder = "{HOLDER}"\naddress = "altra@pec.esempio.it"\n'
    spare = '\n[[tsa]]\nid = "spare"\nkind = "local"\nredundant = true\n'
    config.write_text(text + other + spare + "\n[rdv]\nsign = true\n", encoding="utf-8")
    signed = signed_files.letter(("contratto.txt.p7m", signed_files.p7m(b"testo", SIGNERS.person())))
    _take(folder, [*old[:3], *new[:2], EMPTY], at=EVENING - 9 * HOUR)
    _take(folder, [*new[:2], ORDINARY], at=EVENING - 8 * HOUR, into="altra")
    _take(folder, [ORDINARY, ORDINARY, old[0], signed], at=EVENING - 7 * HOUR)
    _take_mbox(folder, at=EVENING - 6 * HOUR)
    _seal(folder, at=EVENING)
    archive = compose.open_archive(config, environ={}, clock=now)
    (provider, *_) = archive.catalog.trust_of(HOLDER, kind="provider")
    _confirm(archive, provider, at=EVENING + HOUR)
    archive.catalog.close()
    _take(folder, [*old[3:], *new[2:]], at=EVENING + 2 * HOUR)
    _seal(folder, at=EVENING + 3 * HOUR)
    _renew(folder, at=EVENING + 4 * HOUR, target="sha3_512")
    _seal(folder, at=EVENING + 5 * HOUR)
    _take(folder, [b"Subject: dopo\r\n\r\nAttende il volume.\r\n"], at=EVENING + 6 * HOUR)
    _renew(folder, at=NEXT_DECADE)
    return Lived(folder, rows(f"sqlite:///{folder}/catalog.db"))


def test_every_row_comes_again_in_a_database_of_either_kind(lived: Lived, empty: str, tmp_path: Path) -> None:
    config = copy(lived, tmp_path, catalog=empty)
    report = rebuild(config)
    assert (report.lost, report.notes) == ([], [])
    assert different(lived.rows, rows(empty)) == {}


def test_the_history_has_rows_in_every_table_that_is_compared(lived: Lived) -> None:
    elsewhere = {"discard", "destroyed", "tombstone"}  # tests/discard
    assert {name for name, found in lived.rows.items() if not found} <= {"ledger", *elsewhere}
    subjects = {(row[0], row[2], row[3]) for row in lived.rows["evidence"]}
    assert {("volume", "spare", 3), ("pdv", "local", 1), ("batch", "local", 1), ("act", "spare", 1)} <= subjects
    assert any("MBOX_UNQUOTED" in row for row in map(str, lived.rows["message"]))
    assert {row[3] for row in lived.rows["trust"]} >= {"ca", "provider", "signer", "tsa", "crl"}


def test_the_mailboxes_need_not_be_configured_any_more(lived: Lived, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/rebuilt.db"
    config = copy(lived, tmp_path, catalog=url)
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"id = \"m-prova\"", 'id = "m-nuova"', text), encoding="utf-8")
    report = rebuild(config)
    assert [(found.code, found.subject) for found in report.notes] == [("REBUILD_NOT_CONFIGURED", "mailbox m-prova")]
    assert different(lived.rows, rows(url)) == {}


def test_what_providers_are_believed_today_changes_no_row_of_a_message(lived: Lived, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/rebuilt.db"
    config = copy(lived, tmp_path, catalog=url)
    shutil.rmtree(config.parent / "providers")
    (config.parent / "providers").mkdir()
    assert rebuild(config).lost == []
    assert set(different(lived.rows, rows(url))) <= {"trust"}


def test_a_catalog_that_holds_rows_is_left_as_it_is(lived: Lived, tmp_path: Path) -> None:
    config = copy(lived, tmp_path, catalog=f"sqlite:///{tmp_path}/archive/catalog.db")
    with pytest.raises(ConfigError, match=r"non è vuoto.*spostare il file"):
        rebuild(config)
    assert different(lived.rows, rows(f"sqlite:///{tmp_path}/archive/catalog.db")) == {}


def copy(lived: Lived, tmp_path: Path, *, catalog: str) -> Path:
    """A copy of the archive whose configuration names another catalog; its configuration."""
    shutil.copytree(lived.folder, tmp_path / "archive")
    config = tmp_path / "archive" / "archiver.toml"
    set_lines(config, "archive", {"catalog": f'"{catalog}"'})
    return config


def rebuild(config: Path) -> Report:
    """What the command does."""
    return compose.rebuild(compose.open_archive(config, environ={}, clock=now), clock=lambda: NEXT_DECADE + 2 * HOUR)


def _take(folder: Path, mail: Sequence[bytes], *, at: datetime, into: str = "import") -> None:
    source = folder / "mail"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    for number, raw in enumerate(mail):
        (source / f"{number:04}.eml").write_bytes(raw)
    _ingest(folder, source, at=at, into=into)


def _take_mbox(folder: Path, *, at: datetime) -> None:
    """A signed message with a line that an mbox had to quote."""
    text = b"Content-Type: text/plain\r\n\r\nCaro\r\n\r\nFrom qui in poi\r\n"
    genuine = pec_provider(p256()).sign(text, b"X-Trasporto: posta-certificata\r\n")
    quoted = re.sub(rb"^(>*From )", rb">\1", genuine, flags=re.MULTILINE)
    assert quoted != genuine
    (folder / "posta.mbox").write_bytes(b"From - Mon Mar  2 10:00:00 2026\n" + quoted + b"\n")
    _ingest(folder, folder / "posta.mbox", at=at, into="altra")


def _ingest(folder: Path, source: Path, *, at: datetime, into: str) -> None:
    archive = compose.open_archive(folder / "archiver.toml", environ={}, clock=now)
    name = archive.config.mailboxes[0].name if into == "import" else into
    done = compose.ingest(archive, (), source=source, target=name, clock=lambda: at)
    assert (done.new > 0, done.failed) == (True, 0)
    archive.catalog.close()


def _seal(folder: Path, *, at: datetime) -> None:
    archive = compose.open_archive(folder / "archiver.toml", environ={}, clock=now)
    done = compose.seal(
        archive, everything=True, to_sign=None, signed=None, clock=lambda: at, progress=lambda done, total: None
    )
    assert not done.failures, [failure.text("en") for failure in done.failures]
    archive.catalog.close()


def _renew(folder: Path, *, at: datetime, target: str = "") -> None:
    archive = compose.open_archive(folder / "archiver.toml", environ={}, clock=lambda: at)
    done = compose.renew(
        archive,
        horizon=timedelta(days=365),
        target=target,
        dry_run=False,
        clock=lambda: at,
        progress=lambda done, total: None,
    )
    assert done.renewed == done.due > 0, done.as_json()
    archive.catalog.close()


def _confirm(archive: compose.Archive, row: TrustRow, *, at: datetime) -> None:
    trust_decide(archive, row.sha256, ActKind.TRUST_CONFIRMED, reason="elenco AgID", at=at)
