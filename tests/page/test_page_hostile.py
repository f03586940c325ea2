"""Messages and archives that mean harm: in the page they are text, or are refused in words."""

import base64
import gzip
import hashlib
import io
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.browsers import Browser
from support.nodes import judged
from support.page_exhibits import TOP, Tree, archive_of, exhibit
from test_sanitised import ATTACKS

AT = datetime(2026, 11, 1, tzinfo=UTC)


def bomb() -> bytes:
    """Ten megabytes of nothing in ten kilobytes, in a ZIP in a ZIP."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeri", bytes(10_000_000))
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"{number}.zip", inner.getvalue())
    return outer.getvalue()


def attached(name: str, media: str, octets: bytes) -> bytes:
    """One part."""
    head = f'--b\r\nContent-Type: {media}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
    head += f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    return head.encode() + base64.encodebytes(octets).replace(b"\n", b"\r\n")


def hostile() -> bytes:
    """One message with all of it: 8-bit headers, markup in headers, every attack of the sanitiser's table."""
    html = "<p>sopra</p>" + "".join(f"<div>{attack}</div>" for attack in ATTACKS.values())
    return b"".join(
        (
            b"From: Perch\xe9 <img src=x onerror=alert(1)> <a@ostile.example>\r\nTo: b@ostile.example\r\n",
            b"Subject: \xe0\xe8\xec </title><script>alert(1)</script> \xff\xfe </pre>\r\n",
            b"X-Inverso: \xe2\x80\xaegnirts\x00\x07\x1b[31m\r\nDate: Mon, 02 Feb 2026 10:00:00 +0100\r\n",
            b'Message-ID: <"><script>alert(2)</script>@ostile.example>\r\n',
            b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n',
            b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n</pre><script>alert(3)</script> solo testo\r\n",
            b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode() + b"\r\n",
            attached("<script>alert(4)</script>.rtf", "application/rtf", b"{\\rtf1\\object\\objupdate x}"),
            attached("bomba.zip", "application/zip", bomb()),
            attached("x.html", "text/html", b"<script>alert(5)</script>"),
            attached("zeri.gz", "application/gzip", gzip.compress(bytes(5_000_000))),
            b"--b--\r\n",
        )
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tree]:
    """The exhibit of that message, unpacked."""
    folder = tmp_path_factory.mktemp("hostile")
    raw = hostile()
    tree = exhibit(archive_of(folder / "archive", [raw]), hashlib.sha256(raw).hexdigest())
    return tree.write(folder), tree


def test_in_a_browser_it_does_nothing_but_show_as_text(browser: Browser, page: tuple[Path, Tree]) -> None:
    folder, _ = page
    opened = browser.open(folder / "index.html")
    opened.page.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true; }")
    frame = opened.page.frame_locator("iframe").first
    assert "sopra" in frame.locator("body").inner_text()
    text = opened.page.locator("section.dossier").inner_text()
    for number, told in ((3, " solo testo"), (4, ".rtf")):
        assert f"<script>alert({number})</script>{told}" in text
    assert "bomba.zip" in text
    assert "[U+202E]gnirts" in text
    assert "onerror=alert(1)" in text
    opened.page.locator("#folder").set_input_files(folder)
    opened.page.locator("#result .whole:not(.running)").wait_for(timeout=30_000)
    assert "integro" in opened.page.locator("#result .whole").inner_text()
    assert opened.complaints == []
    assert opened.others == []
    assert opened.page.locator("main script, main img, section.dossier form").count() == 0


def test_a_frame_of_a_message_may_do_nothing(browser: Browser, page: tuple[Path, Tree]) -> None:
    opened = browser.open(page[0] / "index.html")
    frames = opened.page.locator("iframe")
    assert frames.count() >= 1
    assert {frames.nth(number).get_attribute("sandbox") for number in range(frames.count())} == {""}
    assert all("default-src 'none'" in frames.nth(number).get_attribute("srcdoc") for number in range(frames.count()))


def entry(name: bytes, octets: bytes, *, method: int = 0, size: int = -1, flags: int = 0x800) -> tuple[bytes, ...]:
    """A local file and its central header, which may say what is not so."""
    crc, told = zipfile.crc32(octets), len(octets) if size < 0 else size
    facts = struct.pack("<HHHHHIII", 20, flags, method, 0, 33, crc, len(octets), told)
    local = b"PK\3\4" + facts + struct.pack("<HH", len(name), 0) + name + octets
    return local, b"PK\1\2" + struct.pack("<H", 20) + facts, name


def packed(*entries: tuple[bytes, ...]) -> bytes:
    """A ZIP of them."""
    body, central = b"", b""
    for local, head, name in entries:
        central += head + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, len(body)) + name
        body += local
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(central), len(body), 0)
    return body + central + b"PK\5\6" + end


def deflated(octets: bytes) -> bytes:
    """As ZIP has it."""
    import zlib

    work = zlib.compressobj(9, zlib.DEFLATED, -15)
    return work.compress(octets) + work.flush()


DOSSIER = entry(f"{TOP}/data/dossier.json".encode(), b"{}")
ZIPS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a way out of the folder": (lambda: packed(DOSSIER, entry(b"fascicolo/../x", b"")), "EXHIBIT_ZIP_NAME"),
    "a name from the root": (lambda: packed(DOSSIER, entry(b"/etc/x", b"")), "EXHIBIT_ZIP_NAME"),
    "a drive": (lambda: packed(DOSSIER, entry(b"C:\\x", b"")), "EXHIBIT_ZIP_NAME"),
    "a name that is not UTF-8": (lambda: packed(DOSSIER, entry(b"fascicolo/\xff", b"")), "EXHIBIT_ZIP_NAME"),
    "one name twice": (lambda: packed(DOSSIER, DOSSIER), "EXHIBIT_ZIP_TWICE"),
    "one name in two cases": (
        lambda: packed(DOSSIER, entry(f"{TOP}/data/Dossier.json".encode(), b"{}")), "EXHIBIT_ZIP_TWICE"
    ),
    "something encrypted": (lambda: packed(DOSSIER, entry(b"fascicolo/x", b"", flags=0x801)), "EXHIBIT_ZIP_NAME"),
    "steeper than deflate": (lambda: packed(entry(b"x/y", b"\0\0", method=8, size=10_000)), "EXHIBIT_ZIP_TOO_LARGE"),
    "more than can be": (lambda: packed(entry(b"x/y", b"\0\0", method=8, size=0xFFFFFFF0)), "EXHIBIT_ZIP_TOO_LARGE"),
    "an unknown method": (lambda: packed(entry(b"x/y", b"\0\0", method=12)), "EXHIBIT_ZIP_UNREADABLE"),
    "cut off": (lambda: packed(DOSSIER)[:-30], "EXHIBIT_ZIP_UNREADABLE"),
    "a ZIP64": (lambda: packed(DOSSIER)[:-12] + b"\xff" * 4 + packed(DOSSIER)[-8:], "PAGE_ZIP64"),
    "two folders": (lambda: packed(DOSSIER, entry(b"altro/x", b"")), "EXHIBIT_STRANGER"),
    "no exhibit": (lambda: packed(entry(b"x/y", b"")), "EXHIBIT_MANIFEST"),
}  # fmt: skip


def test_a_zip_that_means_harm_is_refused_before_anything_is_unpacked(tmp_path: Path) -> None:
    paths = []
    for number, (make, _) in enumerate(ZIPS.values()):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(make())
        paths.append(path)
    found = [(one.outcome, one.code) for one in judged(tmp_path, *paths, at=AT)]
    assert dict(zip(ZIPS, found, strict=True)) == {name: ("refused", code) for name, (_, code) in ZIPS.items()}


def test_an_entry_that_unpacks_to_more_than_it_promised_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    large = entry(f"{TOP}/data/x".encode(), deflated(bytes(50_000_000)), method=8, size=100_000)
    path.write_bytes(packed(DOSSIER, large))
    (one,) = judged(tmp_path, path, at=AT)
    assert one.outcome == "failed"
    assert "EXHIBIT_ZIP_TOO_LARGE" in one.red("manifest")
