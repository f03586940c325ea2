"""An exhibit as the command makes it: complete, proven, and only what it should hold."""

import hashlib
import json
import re
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from support.archives import folder_of, letter, objects
from support.commands import archiver, done
from support.exhibits import Shelf, codes, digests_in, exhibited, found, judged, unzipped, zipped
from support.small import Files

from archiver.access.exhibit import Bag
from archiver.access.exhibit.messages import BRIEF, view
from archiver.adapters.exhibits import ZipSink
from archiver.package.exhibit import layout
from archiver.package.exhibit.layout import Kind
from archiver.verdict import Indication


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)


def test_an_exhibit_proves_itself_in_its_zip_and_unpacked_with_its_own_anchors_or_with_ours(
    shelf: Shelf, exhibit: Path, files: Files, tmp_path: Path
) -> None:
    for config in (shelf.config, None):
        assert done("verify", exhibit, config=config)["indication"] == "PASSED"
    folder = files.write(tmp_path / "fascicolo")
    told = done("verify", folder)
    assert told["indication"] == "PASSED"
    warned = {item["subject"] for item in told["findings"] if item["code"] == "ANCHOR_FROM_PACKAGE"}
    assert warned == {name for name in files if name.startswith(("data/anchors/seal", "data/anchors/tsa"))}
    assert "ANCHOR_FROM_PACKAGE" not in str(done("verify", exhibit, config=shelf.config))
    assert archiver("verify", exhibit, "--strict").code == 1


def test_a_zip_packed_again_by_other_means_is_the_same_exhibit(files: Files, tmp_path: Path) -> None:
    assert done("verify", zipped(files, tmp_path / "x.zip", deflated=True))["indication"] == "PASSED"


def test_every_message_of_the_dossier_is_there_byte_for_byte_and_nothing_of_others(shelf: Shelf, files: Files) -> None:
    shown = {item["sha256"] for item in done("show", shelf.sent, config=shelf.config)["messages"]}
    parsed = {name: layout.parse(name) for name in files if name.startswith("data/")}
    messages = {one.id: name for name, one in parsed.items() if one and one.kind is Kind.MESSAGE}
    metadata = {one.id for one in parsed.values() if one and one.kind is Kind.METADATA}
    assert messages.keys() == metadata == shown
    assert all(hashlib.sha256(files[name]).hexdigest() == digest for digest, name in messages.items())
    assert not any("/pdv/" in name for name in files)
    others = {*shelf.dossiers} - shown
    text = b"".join(octets for name, octets in files.items() if name.startswith("data/dossier"))
    assert not any(digest.encode() in text for digest in others)


def test_no_name_in_the_zip_says_anything_about_people(exhibit: Path) -> None:
    with zipfile.ZipFile(exhibit) as archive:
        names = archive.namelist()
        assert not any("@" in name or "pec." in name for name in names)
        assert {name.partition("/")[0] for name in names} == {"fascicolo"}
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_a_full_exhibit_has_the_rapporti_and_passes_with_them(shelf: Shelf, tmp_path: Path) -> None:
    files = unzipped(exhibited(shelf, tmp_path / "f.zip", shelf.sent, full=True))
    kinds = {one.kind for name in files if (one := layout.parse(name))}
    assert {Kind.RDV, Kind.RDV_RECORD} <= kinds
    report = judged(files, at=soon())
    assert (report.indication, found(report)) == (Indication.PASSED, set())


def test_several_dossiers_of_several_volumes_are_one_exhibit(shelf: Shelf, tmp_path: Path) -> None:
    volumes = {
        proof["volume"]: dossier
        for dossier in dict.fromkeys(shelf.dossiers)
        for proof in done("show", dossier, config=shelf.config)["proofs"]
        if proof["volume"]
    }
    assert len(volumes) > 1
    files = unzipped(exhibited(shelf, tmp_path / "several.zip", *volumes.values()))
    told = json.loads(files["data/dossier.json"])
    assert {item["id"] for item in told["volumes"]} == volumes.keys()
    assert judged(files, at=soon()).indication is Indication.PASSED


def test_a_message_in_no_volume_leaves_the_exhibit_indeterminate_and_says_the_way_out(
    shelf: Shelf, tmp_path: Path
) -> None:
    answer = archiver("evidence", shelf.pending, "-o", tmp_path / "p.zip", config=shelf.config)
    assert answer.code == 1
    assert "archiver seal --now" in answer.err
    files = unzipped(tmp_path / "p.zip")
    path = f"data/pending/messages/{shelf.pending}.eml"
    assert files[path] == letter("in ritardo")
    assert found(judged(files, at=soon())) == {("EXHIBIT_PENDING", path)}
    told = json.loads(files["data/dossier.json"])
    assert told["pending"] == [shelf.pending]
    assert any("INDETERMINATE" in item["it"] for item in told["not_proven"])


def test_without_a_seal_it_is_marked_everywhere_and_every_judge_leaves_it_open(shelf: Shelf, tmp_path: Path) -> None:
    files = unzipped(exhibited(shelf, tmp_path / "u.zip", shelf.received, unsigned=True))
    assert {name for name in files if name.startswith("PdD")} == {"PdD.xml"}
    report = judged(files, at=soon())
    assert (report.indication, codes(report)) == (Indication.INDETERMINATE, {"EXHIBIT_UNSIGNED"})
    assert report.verdict.sub_indication == "SIGNED_DATA_NOT_FOUND"
    told = json.loads(files["data/dossier.json"])
    assert told["sealed"] is False
    for name in ("LEGGIMI.txt", "index.html"):
        assert "nessuno garantisce quel che dicono" in files[name].decode().lower()
    assert any("nessuno garantisce" in item["it"] for item in told["not_proven"])
    answer = archiver("evidence", shelf.received, "-o", tmp_path / "v.zip", "--unsigned", config=shelf.config)
    assert answer.code == 0
    assert "nessuno garantisce" in answer.err


def test_a_dossier_named_twice_is_exhibited_once(shelf: Shelf, tmp_path: Path) -> None:
    other = done("show", shelf.sent, config=shelf.config)["messages"][-1]["sha256"]
    files = unzipped(exhibited(shelf, tmp_path / "x.zip", shelf.sent, other, shelf.sent[:20]))
    assert other != shelf.sent
    assert len(json.loads(files["data/dossier.json"])["dossiers"]) == 1


def test_nothing_is_written_over_and_nothing_is_left_of_what_failed(shelf: Shelf, tmp_path: Path) -> None:
    there = tmp_path / "there.zip"
    there.write_bytes(b"precious")
    assert archiver("evidence", shelf.sent, "-o", there, config=shelf.config).code == 4
    assert there.read_bytes() == b"precious"
    cases = {
        ("evidence", "ffffffff", "-o", tmp_path / "a.zip"): 1,
        ("evidence", shelf.sent, "-o", tmp_path / "a.pdf"): 2,
        ("evidence", shelf.sent, "-o", tmp_path / "nowhere" / "a.zip"): 2,
        ("evidence", shelf.sent, "-o", tmp_path / "a.zip", "--recipient", "nessuno@pec.example"): 2,
    }
    for arguments, code in cases.items():
        answer = archiver(*arguments, config=shelf.config)
        assert (answer.code, answer.err.startswith("archiver: ")) == (code, True), answer
    assert [path.name for path in tmp_path.iterdir()] == ["there.zip"]


def test_a_file_that_is_not_as_the_index_promises_is_not_exhibited(shelf: Shelf, tmp_path: Path) -> None:
    copy = tmp_path / "archive"
    shutil.copytree(shelf.config.parent, copy)
    proof = done("show", shelf.sent, config=copy / "archiver.toml")["proofs"][0]
    segment = next((copy / "store").rglob(f"{proof['segment']}.zip"))
    segment.chmod(0o644)
    octets = segment.read_bytes()
    raw = next(octets for name, octets in objects_of(segment).items() if proof["sha256"] in name)
    place = octets.index(raw) + len(raw) // 2
    segment.write_bytes(octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :])
    answer = archiver("evidence", shelf.sent, "-o", tmp_path / "x.zip", config=copy / "archiver.toml")
    assert answer.code == 1
    assert proof["sha256"] in answer.err
    assert "sweep --repair" in answer.err
    assert not (tmp_path / "x.zip").exists()


def objects_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_register_says_who_made_it_and_nothing_that_was_in_it(shelf: Shelf, tmp_path: Path) -> None:
    before = set(objects(shelf.config))
    path = exhibited(shelf, tmp_path / "r.zip", shelf.received, reason="causa R.G. 123/2026")
    acts = [octets for name, octets in objects(shelf.config).items() if name not in before and "/acts/" in name]
    told = json.loads(unzipped(path)["data/dossier.json"])
    (act,) = (json.loads(octets) for octets in acts)
    assert act["kind"] == "evidence"
    assert shelf.received in str(act)
    assert "@" not in str(act["what"])
    assert told["act"]
    assert told["reason"] == "causa R.G. 123/2026"
    assert told["by"]["login"]


@pytest.mark.parametrize("lang", ["it", "en"])
def test_the_dossier_is_canonical_json_that_says_everything_twice(shelf: Shelf, tmp_path: Path, lang: str) -> None:
    path = tmp_path / f"{lang}.zip"
    assert archiver("--lang", lang, "evidence", shelf.sent, "-o", path, config=shelf.config).code == 0
    octets = unzipped(path)["data/dossier.json"]
    told = json.loads(octets)
    writing = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    assert octets == writing.encode()
    assert told["lang"] == lang
    for item in (*told["checks"], *told["not_proven"], *told["dossiers"][0]["timeline"]):
        assert item["it"]
        assert item["en"]
    kinds = [item["kind"] for item in told["checks"]]
    assert kinds[-1] == "exhibit"
    assert {"intake", "seal", "evidence"} <= set(kinds)
    assert told["valid_until"]
    assert told["legal_value"] is False


def test_a_receipt_among_hundreds_is_shown_in_brief_and_the_message_itself_whole() -> None:
    raw = (
        b"Subject: x\r\nTo: " + b"a@pec.example, " * 100 + b"z@pec.example\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
        + b"parola " * 2000
        + b"\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>parola</p>\r\n--b--\r\n"
    )
    whole, brief = view(raw), view(raw, BRIEF)
    assert (len(whole["text"]) > 13_000, whole["html"] != "", whole["whole"]) == (True, True, True)
    assert (len(brief["text"]), brief["html"], brief["whole"]) == (BRIEF.text, "", False)
    assert max(len(value) for _, value in brief["headers"]) == BRIEF.value
    only_html = raw.replace(b"text/plain", b"text/html").replace(b"parola " * 2000, b"<p>unico</p>")
    assert "unico" in view(only_html, BRIEF)["html"] or "parola" in view(only_html, BRIEF)["html"]


def test_one_path_has_one_content() -> None:
    bag = Bag(ZipSink(BytesIO(), "x", at=soon()))
    bag.add("data/a", b"1")
    assert bag.add("data/a", b"1").size == 1
    with pytest.raises(ValueError, match="data/a"):
        bag.add("data/a", b"2")
    assert bag.octets == 1


def test_dossiers_of_several_holders_are_not_one_exhibit(shelf: Shelf, tmp_path: Path) -> None:
    copy = tmp_path / "archive"
    shutil.copytree(shelf.config.parent, copy)
    config = copy / "archiver.toml"
    text = config.read_text(encoding="utf-8")
    holder = text[text.index("[[holder]]") :].partition("\n\n")[0]
    other = re.sub(r'^id = ".*?"', 'id = "h-altro"', holder, flags=re.MULTILINE)
    own = re.search(r'^id = "(.*?)"', holder, re.MULTILINE)
    assert own
    # with two holders each mailbox says whose it is
    text = re.sub(r"^(\[\[mailbox\]\]\n)(?!holder)", rf'\1holder = "{own[1]}"\n', text, flags=re.MULTILINE)
    text = re.sub(rf'(holder = "{own[1]}"\n)((?:(?!\[).*\n)*?)holder = .*\n', r"\1\2", text)
    box = '[[mailbox]]\nname = "altra"\nid = "m-altra"\nholder = "h-altro"\naddress = "altra@pec.example"\n'
    config.write_text(f"{text}\n{other}\n\n{box}", encoding="utf-8")
    done("ingest", "--from", folder_of(tmp_path / "m", letter("di un altro")), "--mailbox", "altra", config=config)
    (foreign,) = {*digests_in(config)} - {*digests_in(shelf.config)}
    answer = archiver("evidence", shelf.received, foreign, "-o", tmp_path / "x.zip", config=config)
    assert (answer.code, "h-altro" in answer.err) == (2, True)
