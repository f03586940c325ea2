"""A small sealed archive with a full text, and what lies in it, that a test may copy."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from support.commands import done
from support.small import few, make

MAIL = tuple(few("2026-01-07", seed=2))

LETTER = (
    b"From: Mario Verdi VRDMRA80A01H501Q <mario.verdi@posta-ordinaria.example>\r\nTo: studio@pec.esempio-legale.it\r\n"
    b"Subject: =cmd|' /C calc'!A0\r\nDate: Mon, 02 Feb 2026 10:00:00 +0100\r\n"
    b"Message-ID: <1@posta-ordinaria.example>\r\n\r\nBuongiorno.\r\n"
)
MENTION = (
    b"From: Altri <altri@posta-ordinaria.example>\r\nTo: studio@pec.esempio-legale.it\r\nSubject: altro\r\n"
    b"Date: Tue, 03 Feb 2026 10:00:00 +0100\r\nMessage-ID: <2@posta-ordinaria.example>\r\n\r\n"
    b"Ne ho parlato con Mario Verdi ieri.\r\n"
)


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its folder; nobody changes it."""
    folder = make(tmp_path_factory.mktemp("privacy") / "archive", [*MAIL, LETTER, MENTION]).folder
    done("catalog", "index", config=folder / "archiver.toml")
    return folder


@pytest.fixture
def config(sealed: Path, tmp_path: Path) -> Path:
    """The configuration of a copy."""
    shutil.copytree(sealed, tmp_path / "archive")
    return tmp_path / "archive" / "archiver.toml"


@pytest.fixture
def sent(config: Path) -> dict[str, Any]:
    """The sent message, as `search` finds it: its dossier has an acceptance and a delivery too."""
    (hit,) = done("search", "--kind", "inviato", config=config)["results"]
    return dict(hit)
