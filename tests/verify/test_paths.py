"""`archiver verify PATH`: what may be given, what is judged then, and what is refused."""

import os
import shutil
from pathlib import Path

import pytest
from support.commands import Outcome, archiver, process
from support.small import EMPTY, EVENING, HOLDER, HOUR, ORDINARY, Files, Small, few

from archiver.digest import sha256
from archiver.evidence.cms import open_signed
from archiver.package.index import reader as index_reader
from archiver.package.layout import Kind

AT = (EVENING + HOUR).isoformat()


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration at hand: the judge works on a machine that has never seen this system."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARCHIVER_CONFIG", raising=False)


@pytest.fixture
def volume(small: Small) -> Path:
    """The folder of the volume that holds ORDINARY and EMPTY."""
    return small.store / HOLDER / "volumes" / small.volumes[1]


@pytest.mark.parametrize("of", ["", "store", f"store/{HOLDER}", "ca/..", f"store/{HOLDER}/.."])
def test_a_store_is_given_by_its_root_its_archive_or_its_holder(small: Small, of: str) -> None:
    found = verify(small.folder / of, "--trust", trusted(small))
    assert (found.code, found.json["indication"], sum(found.json["content"].values())) == (0, "PASSED", 12)


def test_a_holders_folder_is_judged_without_its_neighbours(small: Small, tmp_path: Path) -> None:
    shutil.copytree(small.store / HOLDER, tmp_path / "copy" / HOLDER)
    (tmp_path / "copy" / "other files").mkdir()
    (tmp_path / "copy" / "other files" / "x").write_bytes(b"x")
    assert codes(verify(tmp_path / "copy" / HOLDER, "--trust", trusted(small))) == []
    around = verify(tmp_path / "copy", "--trust", trusted(small))
    assert (codes(around), around.json["indication"]) == (["STRANGER"], "PASSED")
    assert "other files/x" in {item["subject"] for item in around.json["findings"]}


def test_links_and_relative_paths_lead_to_the_same_verdict(small: Small, volume: Path, tmp_path: Path) -> None:
    (tmp_path / "archive").symlink_to(small.folder)
    (tmp_path / "volume").symlink_to(volume)
    for path in ("archive", "./archive/../archive/store", os.path.relpath(small.store), "volume"):
        found = verify(path, "--trust", trusted(small))
        assert (found.code, codes(found)) == (0, []), path


def test_what_lies_behind_a_link_in_a_store_is_judged_too(small: Small, tmp_path: Path) -> None:
    """Part of a store on another disk: seeing less must not pass for less being there."""
    small.files.write(tmp_path / "store")
    shutil.move(tmp_path / "store" / HOLDER, tmp_path / "disk")
    (tmp_path / "store" / HOLDER).symlink_to(tmp_path / "disk")
    found = verify(tmp_path / "store", "--trust", trusted(small)).json
    assert (found["indication"], sum(found["content"].values())) == ("PASSED", 12)


def test_a_volume_is_given_by_its_folder_or_by_any_of_its_files(small: Small, volume: Path) -> None:
    for path in ("", "PIndex.xml.p7m", "metadata.zip", "evidence/local/000001.ers"):
        found = verify(volume / path, "--trust", trusted(small))
        assert (found.code, sum(found.json["content"].values())) == (0, 7), path


def test_one_message_with_its_volume_is_passed_as_a_part_of_the_group(small: Small, volume: Path) -> None:
    for raw in (ORDINARY, EMPTY):
        message = mail(raw)
        for given in (volume, volume / "PIndex.xml.p7m"):
            found = verify(message, "--volume", given, "--trust", trusted(small))
            assert (found.code, codes(found)) == (0, ["GROUP_PARTIAL"]), found
            assert found.json["proven_at"] == EVENING.isoformat()


def test_a_message_that_is_not_in_the_volume_fails(small: Small, volume: Path) -> None:
    for raw in (few("2025-03-01")[0], b"stranger"):  # of another volume, of nobody
        found = verify(mail(raw), "--volume", volume, "--trust", trusted(small))
        assert (found.code, found.json["indication"]) == (1, "FAILED")
        assert {"NOT_IN_INDEX", "EVIDENCE_MEMBER"} <= set(codes(found))


def test_an_altered_message_fails_whatever_byte_it_is(small: Small, volume: Path) -> None:
    for place in (0, len(ORDINARY) // 2, len(ORDINARY) - 1):
        altered = bytearray(ORDINARY)
        altered[place] ^= 1
        found = verify(mail(bytes(altered)), "--volume", volume, "--trust", trusted(small))
        assert (found.code, found.json["indication"]) == (1, "FAILED")


def test_a_message_with_a_volume_that_lost_something_it_needs_fails(small: Small, volume: Path, tmp_path: Path) -> None:
    record = f"{HOLDER}/volumes/{volume.name}/evidence/local/000001.ers"
    index = f"{HOLDER}/volumes/{volume.name}/PIndex.xml.p7m"
    listed = index_reader.read(open_signed(small.files[index]).content or b"").trust[0]
    for lost in (record, index, f"{HOLDER}/{listed.path}"):
        copy = small.files.but({lost: None}).write(tmp_path / str(sha256(lost.encode())))
        found = verify(mail(ORDINARY), "--volume", copy / HOLDER / "volumes" / volume.name, "--trust", trusted(small))
        assert (found.code, found.json["indication"]) == (1, "FAILED"), lost


def test_a_message_alone_is_judged_by_its_own_signature(small: Small) -> None:
    signed = next(raw for raw in few("2025-03-01") if b"X-Ricevuta" in raw or b"X-Trasporto" in raw)
    providers = small.folder / "providers"
    assert verify(mail(signed), "--trust", providers).json["indication"] == "PASSED"
    altered = signed.replace(b"daticert.xml", b"Daticert.xml")
    false = verify(mail(altered), "--trust", providers)
    assert (false.code, false.json["sub_indication"]) == (1, "HASH_FAILURE")
    bare = verify(mail(ORDINARY), "--trust", providers)
    assert (bare.code, codes(bare)) == (1, ["MESSAGE_UNSIGNED"])


def test_a_providers_signature_falls_with_its_algorithm_unless_the_message_was_proven_before(
    small: Small, volume: Path, tmp_path: Path
) -> None:
    signed = next(raw for raw in few("2025-03-01") if b"X-Ricevuta" in raw or b"X-Trasporto" in raw)
    alone = verify(mail(signed), "--trust", trusted(small), "--assume-broken", "sha256")
    assert (alone.code, codes(alone)) == (1, ["ALGORITHM_SPENT"])
    assert (alone.json["indication"], alone.json["content"]) == ("INDETERMINATE", {"INDETERMINATE": 1})
    table = tmp_path / "mine.toml"
    table.write_text('source = "noi"\n[[algorithm]]\nname = "sha256"\nuntil = 2026-02-19\n')
    assert codes(verify(mail(signed), "--trust", trusted(small), "--algorithms", table)) == ["ALGORITHM_SPENT"]
    segment = small.store / small.files.kind(Kind.SEGMENT)[0]
    assert verify(segment, "--trust", trusted(small)).json["content"]["PASSED"] == 1
    assert "PASSED" not in verify(segment, "--trust", trusted(small), "--algorithms", table).json["content"]
    whole = verify(volume, "--trust", trusted(small)).json["content"]
    assert verify(volume, "--trust", trusted(small), "--assume-broken", "sha256").json["content"] == whole
    spent = verify(volume, "--trust", trusted(small), "--algorithms", table).json["content"]
    assert spent == {"UNSIGNED": whole["UNSIGNED"], "INDETERMINATE": whole["INDETERMINATE"] + whole["PASSED"]}


def test_a_store_on_a_disk_that_is_mounted_below_volumes_is_a_store(small: Small, tmp_path: Path) -> None:
    small.files.write(tmp_path / "volumes" / "disco")
    found = verify(tmp_path / "volumes" / "disco", "--trust", trusted(small))
    assert (found.code, sum(found.json["content"].values())) == (0, 12)


def test_the_first_day_of_the_calendar_is_a_day_like_others(small: Small, volume: Path) -> None:
    for options in ((), ("--assume-broken", "sha256")):
        found = verify(volume, "--trust", trusted(small), *options, at="0001-01-01")
        assert (found.code, found.json["indication"]) == (1, "INDETERMINATE")


def test_a_segment_alone_proves_no_date_and_says_so(small: Small, tmp_path: Path) -> None:
    name = small.files.kind(Kind.SEGMENT)[0]
    found = verify(small.store / name, "--trust", trusted(small))
    assert (found.code, codes(found)) == (0, ["SEGMENT_ALONE"])
    aside = tmp_path / Path(name).name
    aside.write_bytes(small.files[name])
    assert verify(aside, "--trust", trusted(small)).code == 0
    renamed = tmp_path / "segment.zip"
    renamed.write_bytes(small.files[name])
    assert verify(renamed, "--trust", trusted(small)).json["indication"] == "FAILED"
    aside.write_bytes(small.files[name][:-1] + b"7")
    assert verify(aside, "--trust", trusted(small)).json["indication"] == "FAILED"


def test_an_empty_folder_and_a_folder_of_other_things_prove_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = verify(tmp_path / "empty")
    assert (found.code, codes(found)) == (1, ["STORE_EMPTY"])
    Files({"papers/letter.txt": b"letter"}).write(tmp_path / "other")
    found = verify(tmp_path / "other")
    assert (found.code, codes(found)) == (1, ["STRANGER", "STORE_EMPTY"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("letter.pdf", "expected a store, a volume's folder, a segment (.zip) or a message (.eml)"),
        ("README", "expected a store"),
        ("metadata.zip", "lies in none"),
        ("nothing.here", "there is no such file or folder"),
    ],
)
def test_what_is_nothing_to_judge_is_refused_with_the_way_out(tmp_path: Path, name: str, said: str) -> None:
    if name != "nothing.here":
        (tmp_path / name).write_bytes(b"nonsense")
    found = archiver("verify", tmp_path / name)
    assert (found.code, found.out) == (2, "")
    assert str(tmp_path / name) in found.err
    assert said in found.err


def test_options_that_do_not_fit_are_refused(small: Small, volume: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    refused = [
        (archiver("verify", small.store, "--volume", volume), "goes with one message"),
        (archiver("verify", mail(ORDINARY), "--volume", small.store), "<holder>/volumes/<id>"),
        (archiver("verify", small.store, "--trust", tmp_path / "none"), "holds no certificate"),
        (archiver("verify", small.store, "--trust", tmp_path / "gone"), "there is no such folder"),
        (archiver("verify", small.store, "--at", "yesterday"), "2046-01-01"),
    ]
    for found, said in refused:
        assert (found.code, found.out) == (2, "")
        assert said in found.err


def test_strict_and_the_date_reach_the_judge(small: Small) -> None:
    plain = archiver("verify", small.store, "--at", AT)
    assert (plain.code, plain.out.splitlines()[-1][:6]) == (0, "PASSED")
    assert plain.out.count("Ancora di fiducia presa dal pacchetto stesso") == 2
    strict = archiver("verify", small.store, "--strict", "--at", AT)
    assert (strict.code, strict.out.splitlines()[-1][:13]) == (1, "INDETERMINATE")
    assert verify(small.store, "--trust", trusted(small), at="2046-01-01").json["sub_indication"] == (
        "OUT_OF_BOUNDS_NO_POE"
    )


def test_the_judge_runs_in_a_process_of_its_own_far_from_any_archive(small: Small, tmp_path: Path) -> None:
    found = process("verify", small.store, "--trust", trusted(small), "--json", "--at", AT, folder=tmp_path)
    assert (found.code, found.err, found.json["indication"]) == (0, "", "PASSED")


def verify(path: object, *options: object, at: str = AT) -> Outcome:
    """The command with `--json`, an hour after the sealing."""
    return archiver("verify", path, *options, "--at", at, "--json")


def trusted(small: Small) -> Path:
    """The certificate that seal and tokens must lead to, beside those of the providers."""
    folder = small.folder / "trusted"
    if not folder.exists():
        shutil.copytree(small.folder / "providers", folder)
        shutil.copy(small.ca, folder)
    return folder


def mail(raw: bytes) -> Path:
    """One message in a file here."""
    path = Path.cwd() / "message.eml"
    path.write_bytes(raw)
    return path


def codes(found: Outcome) -> list[str]:
    """What was found; who sealed is said of every volume, and left out."""
    return [item["code"] for item in found.json["findings"] if item["code"] != "SEALED_BY"]
