"""Programs that know nothing of this one read its archives, and say what it says."""

import subprocess
from pathlib import Path

import pytest
from support.small import EVENING, HOLDER, MAILBOX, Small
from support.tools import ROOT, shared, tool

from archiver.digest import sha256
from archiver.evidence.cms import open_signed
from archiver.evidence.record import reader as record_reader
from archiver.evidence.timestamp import read_token
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.index.values import Index
from archiver.package.layout import Kind

WHEN = ("-attime", str(int(EVENING.timestamp())))


@pytest.fixture(scope="module")
def trees(small: Small, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The materialised PdA of each volume: ZIP files by `unzip`, the rest copied."""
    made = {}
    for volume in small.volumes:
        index, root = index_of(small, volume), tmp_path_factory.mktemp("pda")
        zips = [layout.segment(HOLDER, segment.sha256) for segment in index.volume.segments]
        for name in (*zips, layout.metadata(HOLDER, volume)):
            run("unzip", "-q", small.store / name, "-d", root)
        for file in (*index.trust, *index.rdvs):
            path = file.path.replace("pdv/", f"pdv/{MAILBOX}/")
            (root / file.path).parent.mkdir(exist_ok=True)
            (root / file.path).write_bytes(small.files[f"{HOLDER}/{path}"])
        (root / "PIndex.xml").write_bytes(opened(small, volume))
        made[volume] = root
    return made


def test_openssl_opens_the_sealed_index_as_cades_and_finds_exactly_the_index(small: Small, tmp_path: Path) -> None:
    for name in small.files.kind(Kind.INDEX):
        command = ("cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any", "-CAfile", small.ca)
        found = run("openssl", *command, *WHEN, "-in", small.store / name, "-out", tmp_path / "out.xml")
        assert "Verification successful" in found.stderr
        assert (tmp_path / "out.xml").read_bytes() == open_signed(small.files[name]).content


def test_openssl_accepts_the_time_stamp_in_every_seal(small: Small, tmp_path: Path) -> None:
    for name in small.files.kind(Kind.INDEX):
        seal = open_signed(small.files[name])
        (token,) = seal.tokens
        (tmp_path / "signature").write_bytes(seal.signature)
        assert stamped(token, "-data", tmp_path / "signature", small=small, folder=tmp_path)
        (tmp_path / "signature").write_bytes(seal.signature[:-1] + bytes((seal.signature[-1] ^ 1,)))
        assert not stamped(token, "-data", tmp_path / "signature", small=small, folder=tmp_path)


def test_openssl_accepts_the_token_of_every_evidence_record(small: Small, tmp_path: Path) -> None:
    tokens = set()
    for name in (*small.files.kind(Kind.VOLUME_RECORD), *small.files.kind(Kind.RDV_RECORD)):
        (((first,),),) = (record_reader.read(small.files[name]).chains,)
        imprint = read_token(first.token).imprint.hex()
        assert stamped(first.token, "-digest", imprint, small=small, folder=tmp_path)
        tokens.add(first.token)
    assert len(tokens) == 1, "one run, one token"


def test_the_tree_that_unzip_makes_is_the_tree_that_the_index_describes(small: Small, trees: dict[str, Path]) -> None:
    for volume, root in trees.items():
        index = index_of(small, volume)
        listed = {file.path: file.sha256 for file in index.files}
        documents = {
            file.metadata_path: file.message.metadata.sha256
            for file in index.messages
            if file.message and file.metadata_path
        }
        found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
        assert found == {*listed, *documents, "PIndex.xml"}
        lines = "".join(f"{digest}  {path}\n" for path, digest in {**listed, **documents}.items())
        (root.parent / "SHA256SUMS").write_text(lines, encoding="ascii")
        checked = run("sha256sum", "--strict", "-c", root.parent / "SHA256SUMS", cwd=root)
        assert checked.stdout.count(": OK\n") == len(listed) + len(documents)


@pytest.mark.parametrize("schema", ["PIndex.7zpus.xsd", "PIndex.parer.xsd", ""])
def test_xmllint_accepts_the_index_against_every_copy_of_the_schema(trees: dict[str, Path], schema: str) -> None:
    xsd = shared(f"schemas/sincro-v2/{schema}") if schema else ROOT / "schemas" / "pindex-2.0.xsd"
    accepted(xsd, *(root / "PIndex.xml" for root in trees.values()))


@pytest.mark.parametrize("ours", [True, False])
def test_xmllint_accepts_every_metadata_document(trees: dict[str, Path], ours: bool) -> None:
    xsd = (
        ROOT / "schemas" / "documento-informatico.xsd"
        if ours
        else shared("schemas/agid-metadati/DocumentoInformatico.xsd")
    )
    documents = [path for root in trees.values() for path in (root / "metadata").iterdir()]
    assert len(documents) == 12
    accepted(xsd, *documents)


def test_xmllint_accepts_every_rapporto(small: Small) -> None:
    names = small.files.kind(Kind.RDV)
    assert len(names) == 2
    accepted(ROOT / "schemas" / "rdv-1.xsd", *(small.store / name for name in names))


def test_xmllint_accepts_what_is_ours_in_the_index(trees: dict[str, Path], tmp_path: Path) -> None:
    """Each pec:Volume and pec:Messaggio as a document of its own."""
    for number, root in enumerate(trees.values()):
        text = (root / "PIndex.xml").read_text(encoding="utf-8")
        volume = text[text.index("<pec:Volume") : text.index("</pec:Volume>") + len("</pec:Volume>")]
        pieces = [volume, *(line.strip() for line in text.splitlines() if "<pec:Messaggio" in line)]
        assert len(pieces) == 1 + text.count("<sincro:Path>messages/")
        for place, piece in enumerate(pieces):
            tag = piece.partition(" ")[0]
            whole = piece.replace(tag, f'{tag} xmlns:pec="urn:pec-archiver:pindex-moreinfo:1"', 1)
            (tmp_path / f"{number}-{place}.xml").write_text(whole, encoding="utf-8")
    accepted(ROOT / "schemas" / "pindex-moreinfo-1.xsd", *tmp_path.glob("*.xml"))


def test_unzip_finds_nothing_wrong_in_any_zip_and_shows_the_label(small: Small) -> None:
    for name in (*small.files.kind(Kind.SEGMENT), *small.files.kind(Kind.METADATA)):
        assert "No errors detected" in run("unzip", "-t", small.store / name).stdout
    for name in small.files.kind(Kind.SEGMENT):
        assert f"pec-archiver 1 {MAILBOX} corrispondenza 202" in run("unzip", "-z", small.store / name).stdout


def test_the_digest_of_every_zip_is_the_one_that_is_named(small: Small) -> None:
    for name in small.files.kind(Kind.SEGMENT):
        assert run("sha256sum", small.store / name).stdout[:64] == Path(name).stem == sha256(small.files[name])


def stamped(token: bytes, *about: object, small: Small, folder: Path) -> bool:
    """Whether `openssl ts -verify` says OK."""
    (folder / "token.tst").write_bytes(token)
    command = [tool("openssl"), "ts", "-verify", "-token_in", "-in", folder / "token.tst", *about]
    found = subprocess.run(
        [*map(str, command), "-CAfile", str(small.ca), *WHEN], capture_output=True, text=True, check=False
    )
    return found.returncode == 0 and "Verification: OK" in found.stdout


def accepted(xsd: Path, *documents: Path) -> None:
    """`xmllint` validates every document."""
    assert documents
    found = run("xmllint", "--noout", "--nonet", "--schema", xsd, *documents)
    assert found.stderr.count(" validates\n") == len(documents)


def run(program: str, *arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A foreign program that must succeed."""
    found = subprocess.run([tool(program), *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return found


def opened(small: Small, volume: str) -> bytes:
    """The index inside the seal."""
    return open_signed(small.files[layout.index(HOLDER, volume)]).content or b""


def index_of(small: Small, volume: str) -> Index:
    return index_reader.read(opened(small, volume))
