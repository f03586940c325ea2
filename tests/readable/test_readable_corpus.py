"""Real material: what each file is, what each message carries, and that none of the nastiest mail raises anything."""

from collections import Counter
from pathlib import Path

import pytest
from simulator.cli import main as pecsim
from support.tools import shared

from archiver.pec.readable import Tally, look
from archiver.pec.readable.identity import identify

FILES = {
    (".", "*.p7m"): {"text.p7m"},
    (".", "*.p7s"): {"p7s"},
    ("mail", "*.crl"): {"crl"},
    ("mail", "*.cer"): {"certificate"},
    ("certs", "*.pem"): {"certificate"},
    ("tst", "*.tsr"): {"tsr", "tst"},
    ("tst", "*.crt"): {"certificate", "text"},
    ("er", "*.ers"): {"ers"},
    ("er", "*.asice"): {"asice"},
    ("er", "*.asics"): {"asics"},
    ("daticert", "*.xml"): {"daticert"},
    ("mail", "*.png"): {"png"},
    ("mail", "*.gif"): {"gif"},
    ("mail", "*.jpg"): {"jpeg"},
    ("mail", "*.tiff"): {"tiff"},
    ("mail", "*.bmp"): {"bmp"},
    ("mail", "*.webp"): {"webp"},
    ("mail", "*.wav"): {"wav"},
    ("mail", "*.au"): {"au"},
    ("mail", "*.aif[fc]"): {"aiff"},
    ("mail", "*.exr"): {"openexr"},
    ("mail", "*.p[bgp]m"): {"netpbm"},
    (".", "*.pdf"): {"pdf-1.4"},
}
CARRIED = {
    "daticert": 16,
    "eml": 10,
    "fatturapa": 3,
    "p7s": 11,
    "pdf-1.4": 4,
    "sdi": 3,
    "text": 5,
    "unknown": 1,  # a signature cut down to `MII..PKw==`
}


@pytest.mark.parametrize(("folder", "pattern"), FILES)
def test_real_files_are_what_they_are(folder: str, pattern: str):
    paths = sorted(shared(f"corpus/{folder}").rglob(pattern))
    assert paths
    found = {path.name: identify(path.read_bytes(), room=1 << 20) for path in paths}
    assert {item.format for item in found.values()} <= FILES[folder, pattern], found
    assert not any(item.encrypted for item in found.values())


def test_genuine_pec_open_and_what_they_carry_is_known():
    tally = Tally()
    noted: Counter[str] = Counter()
    for path in sorted(shared("corpus/pec").rglob("*.eml")):
        noted.update(item.code for item in tally.add(path.read_bytes()).findings)
    counts = tally.as_json()
    assert (counts["messages"], counts["headers"], counts["mime"]) == (21, 0, 4)
    assert counts["formats"] == CARRIED
    assert noted == {"READABLE_ENCODING": 4}  # published with dots in the place of their base64


def test_no_mail_that_others_collected_raises_anything():
    paths = [path for path in sorted(shared("corpus/mail").rglob("*")) if path.is_file()]
    assert len(paths) > 300
    for path in paths:
        raw = path.read_bytes()
        for octets in (raw, raw.replace(b"\r\n", b"\n"), raw[: len(raw) // 2], raw[len(raw) // 2 :]):
            look(octets)


def test_a_simulated_mailbox_opens_whole(tmp_path: Path):
    tally = Tally()
    pecsim(["--messages", "150", "--size", "2000", "--format", "eml", "--out", str(tmp_path / "mail")])
    for path in sorted(tmp_path.rglob("*.eml")):
        tally.add(path.read_bytes())
    counts = tally.as_json()
    assert counts["messages"] >= 140
    assert counts["mime"] == 0
    assert counts["formats"]["daticert"] > 50
    assert counts["classes"]["unknown"] < counts["classes"]["readable"] // 20
