"""XML that wants to burst, or to call home, through every command that reads XML of others: bounded, silent, told."""

import base64
import io
import json
import re
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from support.archives import demo, folder_of, letter
from support.commands import Outcome, done
from support.foreign_packages import pindex, written
from support.pec_provider import Provider, pec_provider
from tsa.scripted import Reply, Scripted

from archiver.errors import Malformed
from archiver.package.foreign import reader

SECONDS, MEMORY = 90, 1 << 30
"""What one command may take, of the clock and in octets, over all bombs at once."""

LAUGHS = '<!ENTITY a "lollollollollol">' + "".join(
    f'<!ENTITY {chr(98 + level)} "{f"&{chr(97 + level)};" * 10}">' for level in range(9)
)
BOMBS = {
    "laughs": f"<!DOCTYPE R [{LAUGHS}]><R>&j;</R>",
    "laughs in an attribute": f'<!DOCTYPE R [{LAUGHS}]><R a="&j;"/>',
    "one large entity, often": f'<!DOCTYPE R [<!ENTITY a "{"x" * 100_000}">]><R>{"&a;" * 20_000}</R>',
    "external entity": '<!DOCTYPE R [<!ENTITY x SYSTEM "URL/entity">]><R>&x;</R>',
    "a file of this machine": '<!DOCTYPE R [<!ENTITY x SYSTEM "file:///etc/hostname">]><R>&x;</R>',
    "external DTD": '<!DOCTYPE R SYSTEM "URL/dtd"><R/>',
    "parameter entity": '<!DOCTYPE R [<!ENTITY % p SYSTEM "URL/parameter"> %p;]><R/>',
    "schema and stylesheet": '<?xml-stylesheet href="URL/style"?><R xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="urn:x URL/schema">'
    '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="URL/include"/></R>',
    "a huge attribute": f'<R a="{"x" * 11_000_000}"/>',
    "deep": "<R>" * 20_000 + "</R>" * 20_000,
    "many attributes": "<R" + "".join(f' a{number}=""' for number in range(50_000)) + "/>",
}  # fmt: skip
NAMES = (
    "segnatura.xml",
    "IT01234567890_00001.xml",
    "IT01234567890_00001_RC_001.xml",
    "EsitoAtto.xml",
    "a.xml",
    "a.docx",
)


@pytest.fixture(scope="module")
def home() -> Iterator[Scripted]:
    """Whom the bombs call; nobody should."""
    with Scripted(lambda asked: Reply(200, body=b'<!ENTITY p "x">')) as server:
        yield server


@pytest.fixture(scope="module")
def bombs(home: Scripted) -> dict[str, bytes]:
    """Every bomb in UTF-8, and those with a DTD in UTF-16 too: who looks for words does not find them there."""
    texts = {name: text.replace("URL", home.url.removesuffix("/tsa")) for name, text in BOMBS.items()}
    wide = {f"{name}, UTF-16": text.encode("utf-16") for name, text in texts.items() if "DOCTYPE" in text}
    return {name: text.encode() for name, text in texts.items()} | wide


@pytest.fixture(scope="module")
def provider() -> Provider:
    return pec_provider(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Path:
    made = demo(tmp_path_factory.mktemp("bombs") / "a")
    (made.parent / "providers/ca.cer").write_bytes(provider.ca)
    return made


def bounded(config: Path, *words: object) -> Outcome:
    """One command in a process of its own that may take so much, and no more."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    run = [sys.executable, "-m", "archiver", "--config", str(config), *map(str, words)]
    found = subprocess.run(run, capture_output=True, text=True, timeout=SECONDS, check=False, preexec_fn=limit)
    assert "Traceback" not in found.stderr, found.stderr[-2000:]
    assert "MemoryError" not in found.stderr
    return Outcome(found.returncode, found.stdout, found.stderr)


def zipped(octets: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("word/document.xml", octets)
    return file.getvalue()


def attached(name: str, octets: bytes, kind: str = "application/xml") -> bytes:
    encoded = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    head = f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
    return head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + encoded


def mail(number: int, octets: bytes) -> bytes:
    """An ordinary message that carries the bomb under every name that anybody opens."""
    parts = (attached(name, zipped(octets) if name.endswith("x") else octets) for name in NAMES)
    head, _, body = letter(f"bomba {number}").partition(b"\r\n\r\n")
    text = b"--M\r\nContent-Type: text/plain\r\n\r\n" + body + b"\r\n"
    whole = text + b"".join(b"--M\r\n" + part + b"\r\n" for part in parts) + b"--M--\r\n"
    return head + b"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=M\r\n\r\n" + whole


def pec(provider: Provider, number: int, octets: bytes) -> bytes:
    """A transport envelope, rightly signed, whose daticert.xml is the bomb."""
    inner = (
        b"--I\r\nContent-Type: text/plain\r\n\r\nMessaggio\r\n--I\r\n" + attached("daticert.xml", octets) + b"\r\n--I--"
    )
    content = b"Content-Type: multipart/mixed; boundary=I\r\n\r\n" + inner
    headers = f"Message-ID: <pec{number}@gestore.example>\r\nX-Trasporto: posta-certificata\r\n".encode()
    return provider.sign(content, headers + b"Subject: POSTA CERTIFICATA: bomba\r\n")


def test_mail_full_of_bombs_is_taken_in_sealed_and_read_and_calls_nobody(
    config: Path, bombs: dict[str, bytes], provider: Provider, home: Scripted
) -> None:
    """The small ones whole; of the large ones each name once: a message of 100 MB would prove nothing more."""
    small = [octets for octets in bombs.values() if len(octets) < 3_000_000]
    mails = [mail(number, octets) for number, octets in enumerate(small)]
    mails += [pec(provider, number, octets) for number, octets in enumerate(bombs.values())]
    folder = folder_of(config.parent / "mail", *mails)
    taken = bounded(config, "ingest", "--from", folder, "--json")
    assert (taken.code, taken.json["new"], taken.json["failed"]) == (0, len(mails), 0)
    assert taken.json["findings"]["DATICERT_UNREADABLE"] == len(bombs), taken.json["findings"]
    assert bounded(config, "seal", "--now").code == 0
    read = bounded(config, "catalog", "index", "--json")
    assert (read.code, read.json["read"], read.json["failed"]) == (0, len(mails), [])
    assert bounded(config, "sweep", "--all", "--deep").code == 0
    hit = next(one for one in done("search", "bomba", config=config)["results"] if one["kind"] != "posta-certificata")
    assert bounded(config, "evidence", hit["dossier"], "-o", config.parent / "e.zip").code == 0
    assert home.asked == []


def test_packages_and_indexes_of_others_that_are_bombs_are_refused_one_by_one(
    config: Path, bombs: dict[str, bytes], home: Scripted
) -> None:
    for number, name in enumerate(("laughs in an attribute", "external entity, UTF-16")):
        folder = written(config.parent / f"altri-{number}", {"PIndex.xml": bombs[name], "a.eml": letter("a")})
        for words in (("import", folder, "--mailbox", "import"), ("verify", folder)):
            found = bounded(config, *words)
            assert found.code in (1, 2), (name, found)
    assert home.asked == []


def test_metadata_inside_of_a_foreign_index_is_no_way_in(config: Path, home: Scripted) -> None:
    url = home.url.removesuffix("/tsa")
    inside = pindex(
        {"a.eml": letter("a")}, embedded=f'<x xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{url}/x"/></x>'
    )
    bomb = inside.replace(b"?>", f'?><!DOCTYPE x [<!ENTITY e SYSTEM "{url}/e">]>'.encode(), 1).decode()
    for number, octets in enumerate(
        (bomb.encode(), bomb.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"))
    ):
        folder = written(config.parent / f"dentro-{number}", {"PIndex.xml": octets, "a.eml": letter("a")})
        found = bounded(config, "import", folder, "--mailbox", "import")
        assert found.code == (2 if number else 1), found  # in UTF-16 it is not even taken for an index
        assert number or "DOCTYPE" in found.out + found.err
        with pytest.raises(Malformed, match="DOCTYPE"):
            reader.read(octets)
    assert home.asked == []


def test_every_document_of_the_store_that_becomes_a_bomb_fails_the_judge(
    config: Path, bombs: dict[str, bytes], home: Scripted
) -> None:
    (rdv, *_) = sorted((config.parent / "store").glob("*/pdv/*/*.xml"))
    before = rdv.read_bytes()
    for name in ("laughs", "external entity, UTF-16"):
        rdv.chmod(0o644)
        rdv.write_bytes(bombs[name])
        found = bounded(config, "verify", config.parent / "store", "--json")
        assert (found.code, found.json["indication"]) == (1, "FAILED"), name
    rdv.write_bytes(before)
    assert home.asked == []


@pytest.mark.parametrize("bomb", ["external entity", "laughs, UTF-16"])
def test_a_trusted_list_that_is_a_bomb_is_no_list(
    config: Path, bombs: dict[str, bytes], bomb: str, home: Scripted
) -> None:
    folder = config.parent / f"liste-{re.sub(r'[^a-z]', '', bomb.lower())}"
    folder.mkdir()
    (folder / "ca.pem").write_bytes((config.parent / "ca/ca.pem").read_bytes())
    (folder / "TSL.xml").write_bytes(bombs[bomb])
    found = bounded(config, "verify", config.parent / "store", "--trust", folder, "--json")
    assert found.code in (1, 2), found
    assert "TSL.xml" in found.err + found.out
    other = config.with_name("liste.toml")
    other.write_text(config.read_text("utf-8") + f'\n[trust]\nfetch = false\nlists = ["{folder}/TSL.xml"]\n', "utf-8")
    renewed = bounded(other, "renew", "--json")
    assert renewed.code in (0, 1, 2), renewed
    assert "TSL.xml" in renewed.err + json.dumps(renewed.out), renewed
    assert home.asked == []
