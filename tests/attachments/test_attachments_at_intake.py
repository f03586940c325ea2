"""With `[attachments] signatures = true` the rapporto tells who signed; whatever attachments hold, mail comes in."""

import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from support import letters
from support.certificates import Authority
from support.commands import archiver, done
from support.signed_files import letter, p7m, p7s, pdf, reading
from support.small import Files, make

from archiver.adapters.catalog import Catalog
from archiver.digest import sha256
from archiver.package import layout
from archiver.package.rdv import reader as rdv_reader
from archiver.submission.attachments import Inspector

CA = Authority()
ROOT = CA.certificate
ROSSI = CA.person()
MAIL = [
    letter(("contratto-Rossi.txt.p7m", p7m(b"testo", ROSSI))),
    letter(("c.txt.p7m", p7m(b"testo", ROSSI)[:500])),
    letters.plain(1),
]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An archive that looks at signed attachments, with nothing in it."""
    small = make(tmp_path / "archive", sealed=False)
    (small.folder / "ca-firma.pem").write_bytes(ROOT.public_bytes(Encoding.PEM))
    path = small.folder / "archiver.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("# [attachments]\n", "[attachments]\n").replace("# signatures = true\n", "signatures = true\n")
    path.write_text(text.replace('# anchors = ["ca-firma.pem"]', 'anchors = ["ca-firma.pem"]'), encoding="utf-8")
    return path


def put(folder: Path, mail: list[bytes]) -> Path:
    folder.mkdir()
    for number, raw in enumerate(mail):
        (folder / f"{number}.eml").write_bytes(raw)
    return folder


def test_the_rapporto_tells_who_signed_and_the_certificates_are_kept_under_their_digest(
    config: Path, tmp_path: Path
) -> None:
    told = done("ingest", "--from", put(tmp_path / "mail", MAIL), config=config)
    assert (told["new"], told["failed"]) == (3, 0)
    assert told["findings"]["ATTACHMENT_SIGNED"] == told["findings"]["ATTACHMENT_SIGNATURE_BROKEN"] == 1
    assert told["certificates"] == []
    files = Files.of(config.parent / "store")
    (name,) = files.kind(layout.Kind.RDV)
    remarks = {
        remark.code: dict(remark.values) for item in rdv_reader.read(files[name]).items for remark in item.remarks
    }
    assert remarks["ATTACHMENT_SIGNED"]["signer"] == "Rossi Maria"
    assert remarks["ATTACHMENT_SIGNED"]["chain"] == "PASSED"
    ders = [item.public_bytes(Encoding.DER) for item in (ROSSI.certificate, ROOT)]
    assert {files[name] for name in files.kind(layout.Kind.TRUST)} == set(ders)
    catalog = Catalog.open(f"sqlite:///{config.parent}/catalog.db")
    kinds = {row.sha256: (row.kind, row.covered) for row in catalog.trust_of("h-prova")}
    catalog.close()
    assert kinds == {sha256(ders[0]): ("signer", ""), sha256(ders[1]): ("ca", "")}
    assert not [name for name in files if "rossi" in name.lower()]
    assert done("trust", "list", "--new", config=config)["certificates"] == []


def test_without_the_key_nothing_is_looked_at(tmp_path: Path) -> None:
    small = make(tmp_path / "archive", MAIL, sealed=False)
    assert small.files.kind(layout.Kind.TRUST) == []
    assert b"ATTACHMENT" not in small.files[small.files.kind(layout.Kind.RDV)[0]]


def test_such_an_archive_is_sealed_and_passes(config: Path, tmp_path: Path) -> None:
    done("ingest", "--from", put(tmp_path / "mail", MAIL), config=config)
    done("seal", "--now", config=config)
    report = archiver("verify", config.parent / "store", "--json", config=config).json
    assert report["indication"] == "PASSED"


CONFIGURATIONS = {
    "a misspelt key": ("signatures = true\n", "signature = true\n", "unknown key"),
    "anchors of no use": ("signatures = true\n", "signatures = false\n", "signatures = true"),
    "no truth value": ("signatures = true\n", 'signatures = "yes"\n', "signatures"),
}


@pytest.mark.parametrize(("old", "new", "said"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_table_that_cannot_be_meant_is_refused(config: Path, old: str, new: str, said: str) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = archiver("status", config=config)
    assert (found.code, said in found.err) == (2, True), found


def test_anchors_that_are_no_certificates_are_named_before_anything_comes_in(config: Path, tmp_path: Path) -> None:
    (config.parent / "ca-firma.pem").write_text("nothing", encoding="utf-8")
    found = archiver("ingest", "--from", put(tmp_path / "mail", MAIL), config=config)
    assert (found.code, "ca-firma.pem" in found.err) == (2, True), found


def test_no_octet_of_an_attachment_stops_its_message() -> None:
    """Two thousand attachments, each with a few octets changed, cut or doubled: findings, never an error."""
    inspector, chance = Inspector([ROOT.public_bytes(Encoding.DER)]), random.Random(7)
    sound = {"c.p7m": p7m(b"testo", ROSSI), "c.txt.p7s": p7s(b"testo", ROSSI), "c.pdf": pdf(ROSSI)[:3000]}
    codes: set[str] = set()
    for _ in range(700):
        for name, octets in sound.items():
            bent = bytearray(octets)
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(bent))
                match chance.randrange(3):
                    case 0:
                        bent[at] = chance.randrange(256)
                    case 1:
                        del bent[at : at + chance.randint(1, 50)]
                    case _:
                        bent[at:at] = bent[at : at + 30]
            raw = letter((name, bytes(bent)), ("c.txt", b"testo"))
            codes.update(item.code for item in inspector.inspect(raw, reading(raw), subject="m").findings)
    assert codes <= {"ATTACHMENT_SIGNED", "ATTACHMENT_SIGNATURE_BROKEN", "ATTACHMENT_SIGNER_DOUBTED"}
    assert "ATTACHMENT_SIGNATURE_BROKEN" in codes
