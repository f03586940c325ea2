"""`archiver verify FILE.ers`: a record alone, with the data that it covers, without them, and under assumptions."""

import base64
import hashlib
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.commands import Outcome, archiver

from archiver.adapters import authority
from archiver.adapters.authority import LocalAuthority
from archiver.evidence.hashtree import Tree, group_hash
from archiver.evidence.record import builder, renewal
from archiver.evidence.timestamp import query, token_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DATA = {"indice.xml": b"<PIndex/>", "messaggio.eml": b"Subject: prova\r\n\r\n"}


@dataclass(frozen=True)
class Desk:
    """A folder with data, a record of them, the same record renewed, and the anchor."""

    folder: Path

    def verify(self, record: str, *options: object) -> Outcome:
        return archiver(
            "verify", self.folder / record, "--trust", self.folder / "ca.pem", "--at", "2026-12-01", *options
        )

    def codes(self, record: str, *options: object) -> list[str]:
        return [item["code"] for item in self.verify(record, *options, "--json").json["findings"]]

    @property
    def data(self) -> list[object]:
        return [part for name in DATA for part in ("--data", self.folder / name)]

    def digest(self, name: str, *algorithms: str) -> str:
        found = ((item, hashlib.new(item.replace("-", "_"), DATA[name]).hexdigest()) for item in algorithms)
        return ",".join(f"{algorithm}:{digits}" for algorithm, digits in found)


def hashed(algorithm: str) -> list[bytes]:
    return [hashlib.new(algorithm, data).digest() for data in DATA.values()]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    authority.create(folder, at=NOW - timedelta(days=1), holder_name="Studio Rossi")
    for name, data in DATA.items():
        (folder / name).write_bytes(data)

    def stamp(algorithm: str, imprint: bytes, at: datetime) -> bytes:
        reply = LocalAuthority(folder, lambda: at).answer(query(algorithm, imprint, 7))
        return token_of(reply, algorithm=algorithm, imprint=imprint, nonce=7, at=at)

    tree = Tree.build([group_hash(hashed("sha512")), bytes(64)])
    record = builder.initial(hashed("sha512"), tree.path(0), stamp("sha512", tree.root, NOW))
    (folder / "000001.ers").write_bytes(record)
    record = renewal.restamped(record, (), stamp("sha512", renewal.timestamp_leaf(record), NOW + timedelta(hours=1)))
    group = renewal.rehashed_group(record, hashed("sha256"), "sha256")
    token = stamp("sha256", group_hash(group, "sha256"), NOW + timedelta(hours=2))
    (folder / "000002.ers").write_bytes(renewal.rehashed(record, group, (), token, "sha256"))
    text = base64.b64encode(record).decode()
    (folder / "record.b64").write_text("\r\n".join(textwrap.wrap(text, 64)) + "\r\n")
    armour = "-----BEGIN EVIDENCE RECORD-----\n{}\n-----END EVIDENCE RECORD-----\n"
    (folder / "record.ers.pem").write_text(armour.format("\n".join(textwrap.wrap(text, 64))))
    (folder / "record.er.xml").write_text('<?xml version="1.0"?>\n<EvidenceRecord xmlns="urn:ietf:params:xml:ns:ers"/>')
    return Desk(folder)


@pytest.mark.parametrize("record", ["000001.ers", "000002.ers", "record.b64", "record.ers.pem"])
def test_a_record_passes_with_its_data_whatever_it_is_written_in(desk: Desk, record: str) -> None:
    found = desk.verify(record, *desk.data, "--json")
    assert (found.code, found.json["indication"]) == (0, "PASSED"), found.json["findings"]
    assert found.json["proven_at"] == NOW.isoformat()


@pytest.mark.parametrize("record", ["000001.ers", "000002.ers", "record.b64", "record.ers.pem", "record.er.xml"])
def test_without_its_data_nothing_is_proven(desk: Desk, record: str) -> None:
    found = desk.verify(record, "--json")
    assert (found.code, found.json["indication"], found.json["proven_at"]) == (1, "INDETERMINATE", None)


def test_a_record_on_a_disk_that_is_mounted_below_volumes_is_a_record_alone(desk: Desk, tmp_path: Path) -> None:
    disk = tmp_path / "volumes" / "disco"
    disk.mkdir(parents=True)
    (disk / "x.ers").write_bytes((desk.folder / "000001.ers").read_bytes())
    assert desk.verify(str(disk / "x.ers"), *desk.data).code == 0
    alone = desk.verify(str(disk / "x.ers"), "--json").json
    assert (alone["indication"], len(alone["stamps"])) == ("INDETERMINATE", 1)


def test_xml_is_recognised_and_never_passes(desk: Desk) -> None:
    assert desk.codes("record.er.xml", *desk.data) == ["EVIDENCE_FORMAT"]


def test_other_data_fail(desk: Desk) -> None:
    (desk.folder / "altro.eml").write_bytes(b"altro")
    found = desk.verify("000002.ers", *desk.data, "--data", desk.folder / "altro.eml", "--json")
    assert (found.code, found.json["indication"], found.json["sub_indication"]) == (1, "FAILED", "HASH_FAILURE")
    assert "altro.eml" in found.json["findings"][-1]["text"]


def test_digests_stand_for_data_one_for_each_algorithm(desk: Desk) -> None:
    both = desk.digest("indice.xml", "sha512", "sha256")
    assert desk.verify("000002.ers", "--digest", both).code == 0
    assert desk.verify("000001.ers", "--digest", desk.digest("indice.xml", "sha512")).code == 0
    assert "EVIDENCE_DIGEST_UNKNOWN" in desk.codes("000002.ers", "--digest", desk.digest("indice.xml", "sha512"))
    half = f"{desk.digest('indice.xml', 'sha512')},sha256:{'ab' * 32}"
    assert desk.verify("000002.ers", "--digest", half, "--json").json["indication"] == "FAILED"
    assert desk.verify("000001.ers", "--digest", both.replace("sha512", "SHA-512").upper()).code == 0


def test_every_step_is_told(desk: Desk) -> None:
    stamps = desk.verify("000002.ers", *desk.data, "--json").json["stamps"]
    assert [(it["chain"], it["number"], it["algorithm"], it["indication"]) for it in stamps] == [
        (1, 1, "sha512", "PASSED"),
        (1, 2, "sha512", "PASSED"),
        (2, 1, "sha256", "PASSED"),
    ]
    assert all(stamp["tsa"] and stamp["time"].startswith("2026-11-21T1") for stamp in stamps)
    lines = desk.verify("000002.ers", *desk.data).out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["1.1", "1.2", "2.1"]
    assert "2026-11-21 12:00:00Z" in lines[0]
    assert lines[-1].startswith("PASSED")


def test_the_catalogue_is_named(desk: Desk) -> None:
    found = desk.verify("000001.ers", *desk.data, "--json").json
    assert "ETSI TS 119 312" in found["algorithms"]
    assert found["algorithms"] in desk.verify("000001.ers", *desk.data).out


def test_a_stricter_table_ends_what_it_says(desk: Desk) -> None:
    table = desk.folder / "mine.toml"
    table.write_text('source = "noi, 2026"\n[[algorithm]]\nname = "sha512"\nuntil = 2026-11-30\n')
    asked = ("--algorithms", table, "--json")
    found = desk.verify("000001.ers", *desk.data, *asked).json
    assert (found["indication"], found["sub_indication"]) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE")
    assert "noi, 2026" in found["algorithms"]
    assert desk.verify("000002.ers", *desk.data, *asked).json["indication"] == "PASSED", "renewed before it ended"


def test_an_algorithm_that_is_assumed_broken_falls_at_the_moment_of_judging(desk: Desk) -> None:
    found = desk.verify("000001.ers", *desk.data, "--assume-broken", "sha-512", "--json").json
    assert (found["indication"], found["sub_indication"]) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE")
    assert "sha-512" in found["algorithms"]
    assert desk.verify("000002.ers", *desk.data, "--assume-broken", "sha512").code == 0, "its newest chain has SHA-256"


WRONG = {
    ("--data", "assente"): "--data assente: there is no such file",
    ("--digest", "sha512:ab"): "--digest 'sha512:ab': expected 128 hexadecimal digits after sha512:, found 'ab'",
    ("--digest", "sha7:ab"): "sha512, sha3-224",
    ("--digest", ""): "found nothing",
    ("--digest", f"sha512:{'ab' * 64},SHA-512:{'cd' * 64}"): "expected each algorithm once, found sha512 again",
    ("--assume-broken", "rot13"): "unknown algorithm rot13; known: ",
    ("--algorithms", "assente"): "--algorithms assente",
    ("--without-tsa", "local"): "--without-tsa goes with a store, a volume, or a message with --volume",
    ("--volume", "."): "--volume goes with one message (.eml)",
}


@pytest.mark.parametrize("options", WRONG, ids=" ".join)
def test_a_wrong_option_is_answered_with_what_would_be_right(desk: Desk, options: tuple[str, ...]) -> None:
    shown = () if options[0] in ("--data", "--digest") else desk.data
    found = desk.verify("000001.ers", *shown, *options)
    assert (found.code, found.out) == (2, "")
    assert WRONG[options] in found.err


def test_all_that_is_wrong_with_the_data_is_told_at_once(desk: Desk) -> None:
    err = desk.verify("000001.ers", "--data", "uno", "--data", "due", "--digest", "x").err
    assert all(part in err for part in ("--data uno", "--data due", "--digest 'x'"))


def test_data_go_with_a_record_only(desk: Desk) -> None:
    found = archiver("verify", desk.folder, *desk.data)
    assert found.code == 2
    assert "--data and --digest go with one evidence record (.ers)" in found.err


def test_without_anchors_those_in_the_tokens_are_used_and_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.folder)
    loose = archiver("verify", "000002.ers", *desk.data, "--at", "2026-12-01", "--json")
    codes = {item["code"] for item in loose.json["findings"]}
    assert codes & {"ANCHOR_FROM_PACKAGE", "ANCHOR_ABSENT"}
    strict = archiver("verify", "000002.ers", *desk.data, "--at", "2026-12-01", "--strict", "--json")
    assert strict.json["indication"] == "INDETERMINATE"


def test_what_is_no_record_is_refused_with_the_reason(desk: Desk) -> None:
    (desk.folder / "rotto.ers").write_bytes(b"nonsense")
    found = desk.verify("rotto.ers", *desk.data, "--json").json
    assert (found["indication"], [item["code"] for item in found["findings"]]) == ("FAILED", ["EVIDENCE_UNREADABLE"])
