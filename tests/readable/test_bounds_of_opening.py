"""Whoever writes a message to wear the archive out finds that it stops: levels, parts, octets held, octets inflated."""

import base64
import os
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.file_shapes import ODF, pdf, zipped
from support.signed_files import letter, split

from archiver.pec.mime import entity
from archiver.pec.readable import look, markup
from archiver.pec.readable.decoding import body
from archiver.pec.readable.identity import identify
from archiver.pec.readable.look import DEPTH, NOTES, PARTS

HEAD = b"From: a@example.it\r\nSubject: x\r\n"
LIMIT = 300 << 20
LINES = base64.encodebytes(os.urandom(57 * 1000))
LARGE = r"""
import re, sys
from pathlib import Path
from archiver.pec.readable import Tally
Tally().add(Path(sys.argv[1]).read_bytes())
# the kernel's own peak: that of getrusage begins with what the starting process had
print(int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024)
"""


@contextmanager
def no_more_than(octets: int, seconds: float) -> Iterator[None]:
    """Memory that is allocated at one time, and time."""
    tracemalloc.start()
    begun = time.monotonic()
    try:
        yield
        took, peak = time.monotonic() - begun, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < octets
    assert took < seconds


def codes(raw: bytes) -> set[str]:
    return {item.code for item in look(raw).findings}


def nested(levels: int) -> bytes:
    """Multiparts in multiparts, with a file in the innermost."""
    raw = b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(pdf())
    for level in range(levels):
        raw = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n%s\r\n--b%d--\r\n" % (
            level,
            level,
            raw,
            level,
        )
    return HEAD + raw


def test_levels_are_opened_so_far_and_no_further():
    within, beyond = nested(DEPTH).replace(b"\r\n\r\nJVBER", b"\r\nContent-Type: a/b\r\n\r\nJVBER"), nested(DEPTH + 1)
    assert [item.format for item in look(within).attachments] == ["pdf-1.7"]
    assert codes(within) == set()
    assert codes(beyond) == {"READABLE_LIMIT"}


def test_attached_messages_are_levels_too():
    raw = HEAD + b"\r\nciao"
    for _ in range(3 * DEPTH):
        raw = HEAD + b"Content-Type: message/rfc822\r\n\r\n" + raw
    assert len(look(raw).attachments) == DEPTH + 1
    assert codes(raw) == {"READABLE_LIMIT"}


def test_a_message_of_thousands_of_parts_in_parts_is_left_after_so_many():
    small = b"--c\r\nContent-Type: a/b\r\n\r\nx\r\n" * 900
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    raw += (b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n" + small + b"--c--\r\n") * 900 + b"--b--\r\n"
    begun = time.monotonic()
    found = look(raw)
    assert time.monotonic() - begun < 5
    assert 4000 < len(found.attachments) < PARTS
    assert "READABLE_LIMIT" in {item.code for item in found.findings}


def test_findings_about_one_message_are_bounded():
    raw = b"".join(b"X-%d: \xe0\r\n" % number for number in range(5000)) + b"\r\n"
    assert len(look(raw).findings) == NOTES


def test_what_cannot_be_held_is_identified_by_its_first_octets_and_said():
    file = pdf() + bytes(200_000)
    for encoding, octets in (("base64", base64.encodebytes(file)), ("quoted-printable", file), ("8bit", file)):
        raw = HEAD + b"Content-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + octets
        held = body(raw, entity(raw), 100_000)
        assert not held.whole
        assert len(held.octets) <= 1 << 16
        assert identify(held.octets, room=0).format == "pdf-1.7"
        assert body(raw, entity(raw), 1_000_000).whole


def test_a_bomb_is_not_inflated():
    bomb = zipped(
        {"mimetype": (ODF + "text").encode(), "META-INF/manifest.xml": bytes(60 << 20)}, method=zipfile.ZIP_DEFLATED
    )
    raw = letter(("bomb.odt", bomb), ("bomb.zip", zipped({"0": bytes(40 << 20)})))
    with no_more_than(20 << 20, 5):
        assert [item.format for item in look(raw).attachments] == ["odt", "zip"]


def test_a_file_in_a_signature_takes_no_more_room_than_there_is():
    signed = split(pdf() + bytes(8 << 20), 60_000)
    with no_more_than(4 << 20, 5):
        assert identify(signed, room=1 << 20).format == "pdf-1.7.p7m"


def test_a_hostile_directory_of_a_compound_file_ends():
    head = bytearray(bytes.fromhex("d0cf11e0a1b11ae1").ljust(1024, b"\0"))
    head[30:32] = b"\x09\0"
    head[76:512] = bytes(436)  # every table is sector 0, which says that 0 follows 0
    begun = time.monotonic()
    assert identify(bytes(head), room=0).format == "compound"
    assert time.monotonic() - begun < 2


def test_a_charset_that_is_no_charset_costs_nothing():
    raw = HEAD + b"Content-Type: text/plain; charset=punycode\r\n\r\n" + b"a-" + b"b" * 300_000
    begun = time.monotonic()
    assert codes(raw) == {"READABLE_TEXT"}
    assert time.monotonic() - begun < 1


def large(shape: str) -> bytes:
    """100 MB of one part."""
    media = {"message": b"message/rfc822", "text": b"text/plain"}.get(shape, b"application/pdf")
    encoding = b"quoted-printable" if shape == "quoted" else b"base64"
    head = b"Content-Type: " + media + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n"
    lines = base64.encodebytes(b"From: a@b\r\n\r\n" + os.urandom(57 * 1000)) if shape == "message" else LINES
    return HEAD + head + lines * (100_000_000 // len(lines)) + (b"Q?" if shape == "broken" else b"")


@pytest.mark.parametrize("shape", ["file", "message", "text", "broken", "quoted"])
def test_a_message_of_100_mb_takes_less_than_300_mb(shape: str, tmp_path: Path):
    (tmp_path / "large.eml").write_bytes(large(shape))
    done = subprocess.run(
        [sys.executable, "-c", LARGE, str(tmp_path / "large.eml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < LIMIT
    (tmp_path / "large.eml").unlink()


def test_comments_without_end_cost_no_more_than_reading_them() -> None:
    for octets in (b"<!--x-->" * 3000 + b"&", b"<?a?>" * 3000 + b"<", b"<!DOCTYPE a>" * 3000 + b"x"):
        began = time.process_time()
        markup.identified(octets)
        assert time.process_time() - began < 2
