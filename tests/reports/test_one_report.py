"""`archiver verify` on one report: what it says, and its verdict; and where it is not in its store, the way out."""

import json
import shutil
from pathlib import Path

from support.commands import archiver
from support.filing import file
from support.small import EVENING, Small, look

from archiver.package.layout import Kind

AT = ("--at", "2026-02-21")


def path(small: Small, kind: str) -> Path:
    return max(small.store / name for name in small.files.kind(Kind.REPORT) if f"-{kind}-" in name)


def test_a_report_is_shown_with_its_verdict(reported: Small) -> None:
    shown = archiver("verify", path(reported, "purge"), "--trust", reported.ca, *AT)
    assert shown.code == 0
    said, _, rest = shown.out.partition("\n}\n")
    found = json.loads(f"{said}\n}}")
    assert (found["kind"], found["previous"], found["content"]) == ("purge", None, {"messages": 1})
    assert rest.splitlines()[-1].startswith("PASSED")
    answer = archiver("verify", path(reported, "purge"), "--trust", reported.ca, *AT, "--json").json
    assert (answer["indication"], answer["report"], answer["findings"]) == ("PASSED", found, [])


def test_without_anchors_those_of_the_archive_are_used_and_said(reported: Small, tmp_path: Path) -> None:
    store = tmp_path / "copy"
    shutil.copytree(reported.store, store)
    copied = store / path(reported, "sweep").relative_to(reported.store)
    answer = archiver("verify", copied, *AT, "--json").json
    assert answer["indication"] == "PASSED"
    assert {item["code"] for item in answer["findings"]} == {"ANCHOR_FROM_PACKAGE"}
    copied.chmod(0o644)
    copied.write_bytes(copied.read_bytes()[:-1])
    altered = archiver("verify", copied, *AT, "--json")
    assert (altered.code, altered.json["indication"], altered.json["report"]) == (1, "FAILED", None)


def test_a_report_without_a_signature_is_shown_too(folder: Path) -> None:
    (folder / "ca" / "seal.key").unlink()
    done = file(folder)
    shown = archiver("verify", folder / "store" / done.name, "--trust", folder / "ca" / "ca.pem", *AT, "--json")
    assert shown.code == 0
    assert {item["code"] for item in shown.json["findings"]} == {"REPORTS_UNSEALED", "REPORT_NOT_COVERED"}
    assert shown.json["report"]["content"] == {"objects": 1}
    assert look(folder).judge(at=EVENING).verdict.findings


def test_out_of_its_store_it_proves_nothing_and_the_way_out_is_said(reported: Small, tmp_path: Path) -> None:
    alone = tmp_path / path(reported, "sweep").name
    shutil.copyfile(path(reported, "sweep"), alone)
    shown = archiver("verify", alone)
    assert shown.code == 2
    assert "<holder>/reports/" in shown.err


def test_options_that_say_nothing_about_a_report_are_refused(reported: Small) -> None:
    shown = archiver("verify", path(reported, "sweep"), "--volume", reported.store)
    assert (shown.code, "--volume goes with one message" in shown.err) == (2, True)
    unknown = archiver("verify", path(reported, "purge"), "--trust", reported.ca, *AT, "--without-tsa", "nobody")
    assert unknown.code == 2
    assert "those here: local" in unknown.err
    aside = archiver("verify", path(reported, "purge"), "--trust", reported.ca, *AT, "--without-tsa", "local", "--json")
    assert (aside.code, "EVIDENCE_NONE_LEFT" in {item["code"] for item in aside.json["findings"]}) == (1, True)
