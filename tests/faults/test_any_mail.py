"""Whatever a mailbox holds is archived, passed by the judge, and given back byte for byte."""

from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import letters
from support.embedded import Disk, Embedded
from support.whole import complaints, rapporti

from archiver.ingest import chunk, desk, packer

ODD = [
    b"", b"\0", b"\0" * 70_000, b"\n", b"\r\n\r\n", b"\xff\xfe", b"From ", b"PK\5\6" + b"\0" * 18, b"]]>&\x1b\x7f",
    b"Subject: " + b"x" * 300_000 + b"\r\n\r\n", b"x" * 100_000, b"To:" + b" a@b.it," * 9_000,
    b"Subject: =?utf-8?b?7aCA?= \xed\xa0\x80 \xf0\x9f\x92\xa9\r\nDate: Thu, 31 Dec 2026 23:59:60 +9999\r\n\r\n",
    b"Content-Type: multipart/signed; boundary=b; protocol=\"application/pkcs7-signature\"\r\n\r\n--b\r\n\r\n--b--",
    b"X-Ricevuta: accettazione\r\nX-Trasporto: errore\r\nDate: Mon, 1 Jan 0001 00:00:00 +0000\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" * 99,
]  # fmt: skip
HEADERS = [b"Subject", b"From", b"To", b"Cc", b"Date", b"Message-ID", b"Content-Type", b"X-Ricevuta", b"References"]

header = st.builds(lambda name, value: name + b": " + value + b"\r\n", st.sampled_from(HEADERS), st.binary(max_size=40))
headers = st.lists(header, max_size=6).map(b"".join)
shaped = st.builds(lambda top, body: top + b"\r\n" + body, headers, st.binary(max_size=40))
# from so few that duplicates are common
message = st.one_of(st.sampled_from(ODD), st.integers(0, 4).map(letters.plain), shaped, st.binary(max_size=40))
nights = st.lists(st.lists(message, max_size=6), max_size=3).filter(any)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(nights=nights, source=st.sampled_from([letters.Watched, letters.HandedIn]), bound=st.integers(1, 5))
def test_any_mail_is_archived_judged_and_given_back(
    tmp_path_factory: pytest.TempPathFactory, ca: Path, nights: list[list[bytes]], source: type, bound: int
) -> None:
    process = Embedded(Disk.made(tmp_path_factory.mktemp("any") / "disk"), ca, letters.providers())
    with pytest.MonkeyPatch.context() as patch:
        narrow(patch, messages=bound)
        for there in accumulate(nights):
            process.ingest(source(there))
    report = process.seal()
    mail = list(dict.fromkeys(raw for night in nights for raw in night))
    assert [failure.text("en") for failure in report.failures] == []
    assert (report.messages, complaints(process, mail)) == (len(mail), [])


@pytest.mark.parametrize("source", [letters.Watched, letters.HandedIn])
@pytest.mark.parametrize("bound", [1, 2, 4])
def test_a_message_that_comes_again_after_its_rapporto_is_full_is_kept_once(
    tmp_path: Path, ca: Path, monkeypatch: pytest.MonkeyPatch, source: type, bound: int
) -> None:
    narrow(monkeypatch, messages=bound)
    process = Embedded(Disk.made(tmp_path / "disk"), ca, letters.providers())
    mail = [letters.plain(number) for number in range(5)]
    report = process.ingest(source([*mail, *mail]))
    assert (report.new, report.known) == (5, 5)
    process.seal()
    assert complaints(process, mail) == []
    assert len(report.pdvs) == len(rapporti(process.disk)) > 4 // bound


def narrow(patch: pytest.MonkeyPatch, *, messages: int) -> None:
    """So that a few messages fill what holds thousands: a rapporto, a segment, a question to the catalog."""
    patch.setattr(desk, "PDV_MESSAGES", messages)
    patch.setattr(packer, "SEGMENT_MESSAGES", 2)
    for module in (chunk, desk):
        patch.setattr(module, "CHUNK_MESSAGES", 1 if messages < 4 else 4)
