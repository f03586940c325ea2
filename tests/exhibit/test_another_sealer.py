"""A story told by somebody else than those who sealed the volumes is marked, however good its seal is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from support.certificates import Authority, Pair
from support.exhibits import codes, framed, judged, unsealed
from support.small import EVENING, Files

from archiver.adapters.signer.file import FileSigner
from archiver.digest import sha256
from archiver.evidence.cms import open_signed
from archiver.package.exhibit import builder, layout, reader
from archiver.package.exhibit.values import ordered
from archiver.verify.sealers import Sealer, foreign

AT = EVENING.replace(year=2027)
OTHERS = Authority("CA di altri")


def der(pair: Pair) -> bytes:
    return pair.certificate.public_bytes(Encoding.DER)


def sealer(pair: Pair, path: str = "PdD.xml.p7m") -> Sealer:
    return Sealer(path, der(pair))


ROSSI = OTHERS.person()
CASES = {
    "the same certificate": (ROSSI, ROSSI, False),
    "the same person, renewed": (OTHERS.person(days=(-1, 900)), ROSSI, False),
    "the same person, by another authority: anybody writes names": (Authority("CA di ieri").person(), ROSSI, True),
    "another of the same name": (OTHERS.person(code="RSSMRA81A41H501X"), ROSSI, True),
    "nobody's number, the same certificate": (*[OTHERS.tsa()] * 2, False),
    "nobody's number, the same name": (OTHERS.tsa(), OTHERS.tsa(), True),
}


@pytest.mark.parametrize("case", CASES)
def test_who_sealed_is_known_by_its_identifier_not_by_its_name_or_its_certificate(case: str) -> None:
    own, volume, other = CASES[case]
    found = foreign(sealer(own), [sealer(volume, "x")], strict=False)
    assert [item.code for item in found] == ["EXHIBIT_OTHER_SIGNER"] * other
    strict = foreign(sealer(own), [sealer(volume, "x")], strict=True)
    assert [item.code for item in strict] == ["EXHIBIT_OTHER_SIGNER_ONLY"] * other
    assert foreign(sealer(own), [], strict=True) == ()


def resealed(files: Files, pair: Pair, folder: Path) -> Files:
    """What an attacker with a good certificate of his own makes: another story, his seal, his CA among the anchors."""
    ca = pair.ca.public_bytes(Encoding.DER)
    bag = unsealed(files.but({f"data/anchors/seal/{sha256(ca)}.cer": ca}))
    told = json.loads(bag["data/dossier.json"]) | {"sealed": True, "not_proven": []}
    bag["data/dossier.json"] = json.dumps(told).encode()
    pdd = reader.read(bag.pop("PdD.xml"))
    listed = {file.path: sha256(bag[file.path]) for file in pdd.files}
    certificate, key, above = pair.pem(folder)
    signer = FileSigner.from_pem(certificate, key, chain=(above,))
    index = builder.build(replace(pdd, id=sha256(bag["data/dossier.json"]), files=ordered(listed)))
    bag["PdD.xml.p7m"] = signer.sign(index, at=EVENING, stamp=None)
    return framed(bag)


def test_a_story_told_anew_under_a_good_seal_of_somebody_else_is_marked_and_strictly_left_open(
    files: Files, tmp_path: Path
) -> None:
    forged = resealed(files, ROSSI, tmp_path / "keys")
    report = judged(forged, at=AT)
    assert not {code for code in codes(report) if code.startswith("EXHIBIT_")}
    said = {item.code: item.text("it") for item in report.verdict.findings}
    assert "Rossi Maria" in said["EXHIBIT_OTHER_SIGNER"]
    assert "EXHIBIT_OTHER_SIGNER_ONLY" in codes(judged(forged, at=AT, strict=True))


def test_the_report_tells_each_seal_with_the_fingerprint_of_its_certificate(files: Files, tmp_path: Path) -> None:
    report = judged(files, at=AT)
    assert "EXHIBIT_OTHER_SIGNER" not in {item.code for item in report.verdict.findings}
    volumes = [name for name in files if (one := layout.parse(name)) and one.kind is layout.Kind.INDEX]
    assert [line.split()[-1] for line in report.signers] == ["PdD.xml.p7m", *sorted(volumes)]
    for line, name in zip(report.signers, ["PdD.xml.p7m", *sorted(volumes)], strict=True):
        assert sha256(open_signed(files[name]).certificate or b"") in line
    forged = judged(resealed(files, ROSSI, tmp_path / "keys"), at=AT)
    assert sha256(der(ROSSI)) in forged.signers[0]
