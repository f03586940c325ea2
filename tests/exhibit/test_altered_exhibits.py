"""Whatever is altered in an exhibit, the judge says FAILED and names the file: also when all manifests were made again.

Three attackers: one who flips bytes, one who also makes the BagIt manifests again, and one who also replaces the sealed
index by an unsigned one in which every digest is right (nobody can do more without the archive's key).
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.exhibits import Shelf, codes, found, framed, judged, unsealed
from support.small import Files

from archiver.package.exhibit import layout
from archiver.package.exhibit.layout import Kind
from archiver.verdict import Indication

AT = datetime.now(UTC) + timedelta(hours=6)  # the exhibit is made when a test first asks for it

UNSIGNED = {("EXHIBIT_UNSIGNED", "PdD.xml")}

Change = Callable[[Files], Files]


def of(files: Files, kind: Kind, number: int = 0) -> str:
    return [name for name in sorted(files) if (one := layout.parse(name)) and one.kind is kind][number]


def flip(files: Files, name: str, share: float = 0.5) -> Files:
    octets = files[name]
    place = min(int(len(octets) * share), len(octets) - 1)
    return files.but({name: octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :]})


def test_any_flipped_byte_of_any_file_is_found_and_named(files: Files) -> None:
    unnoticed = []
    for name in files:
        for share in (0, 0.5, 1) if name.endswith((".p7m", ".ers", ".json")) else (0.5,):
            report = judged(flip(files, name, share), at=AT)
            # what stands in a list names the files of its lines
            named = any(subject == name for _, subject in found(report)) or name.endswith("-sha256.txt")
            named = named or name.endswith("-sha512.txt")
            if report.indication is not Indication.FAILED or not named:
                unnoticed.append((name, share, codes(report)))
    assert not unnoticed


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (
    Kind.RDV, Kind.RDV_RECORD, Kind.DISCARD, Kind.DISCARD_RECORD,
    Kind.PENDING_MESSAGE, Kind.PENDING_RDV, Kind.PENDING_RECORD)])  # fmt: skip
def test_a_file_of_each_kind_that_is_taken_away_or_altered_is_missed_by_the_sealed_index(
    files: Files, kind: Kind
) -> None:
    name = of(files, kind)
    taken = judged(framed(files.but({name: None})), at=AT)
    assert taken.indication is Indication.FAILED
    assert ("EXHIBIT_MISSING", name) in found(taken) or kind is Kind.DOSSIER
    bent = judged(framed(flip(files, name)), at=AT)
    assert bent.indication is Indication.FAILED
    assert ("EXHIBIT_DIGEST", name) in found(bent) or kind is Kind.DOSSIER


@pytest.mark.parametrize("name", ["index.html", "rapporto.pdf", "verify.py", "LEGGIMI.txt"])
def test_what_people_open_is_under_the_seal_too(files: Files, name: str) -> None:
    assert found(judged(framed(flip(files, name)), at=AT)) == {("EXHIBIT_DIGEST", name)}


def swapped(files: Files, first: str, second: str) -> Files:
    return files.but({first: files[second], second: files[first]})


FORGERIES: dict[str, tuple[Change, set[str]]] = {}
"""By what is done: the change, and codes that must be said though every list was made again."""


def forgery(*expected: str) -> Callable[[Change], Change]:
    def taken(change: Change) -> Change:
        FORGERIES[change.__name__] = (change, set(expected))
        return change

    return taken


@forgery("DIGEST", "EVIDENCE_MEMBER")
def a_message_flipped(files: Files) -> Files:
    return flip(files, of(files, Kind.MESSAGE))


@forgery("DIGEST")
def two_messages_swapped(files: Files) -> Files:
    return swapped(files, of(files, Kind.MESSAGE), of(files, Kind.MESSAGE, 1))


@forgery("UNLISTED", "EVIDENCE_MEMBER")
def a_message_added_under_its_own_digest(files: Files) -> Files:
    raw = b"From: a@pec.example\r\n\r\nmai spedito\r\n"
    name = of(files, Kind.MESSAGE).rpartition("/")[0] + f"/{hashlib.sha256(raw).hexdigest()}.eml"
    return files.but({name: raw})


@forgery("DIGEST", "EVIDENCE_MEMBER")
def metadata_flipped(files: Files) -> Files:
    return flip(files, of(files, Kind.METADATA))


@forgery("DIGEST", "METADATA_ELSEWHERE")
def metadata_swapped(files: Files) -> Files:
    return swapped(files, of(files, Kind.METADATA), of(files, Kind.METADATA, 1))


@forgery("MISSING")
def metadata_taken_away(files: Files) -> Files:
    return files.but({of(files, Kind.METADATA): None})


@forgery("CMS_DIGEST")
def the_volumes_index_flipped(files: Files) -> Files:
    octets = files[of(files, Kind.INDEX)]
    at = octets.index(b"message/rfc822")
    return files.but({of(files, Kind.INDEX): octets[:at] + b"message/rfc823" + octets[at + 14 :]})


@forgery("MISSING")
def the_volumes_index_taken_away(files: Files) -> Files:
    return files.but({of(files, Kind.INDEX): None})


@forgery("EVIDENCE_UNREADABLE")
def the_record_cut(files: Files) -> Files:
    name = of(files, Kind.RECORD)
    return files.but({name: files[name][:-20]})


@forgery("TOKEN_IMPRINT")
def the_record_flipped_in_its_first_list(files: Files) -> Files:
    return flip(files, of(files, Kind.RECORD), 0.2)


@forgery("EVIDENCE_ABSENT")
def the_record_taken_away(files: Files) -> Files:
    return files.but({of(files, Kind.RECORD): None})


@forgery("MISSING")
def the_record_renumbered(files: Files) -> Files:
    name = of(files, Kind.RECORD)
    return files.but({name: None, name.replace("000001", "000002"): files[name]})


@forgery("DIGEST")
def a_list_of_revocations_flipped(files: Files) -> Files:
    return flip(files, next(name for name in sorted(files) if name.endswith(".crl") and "/volumes/" in name))


@forgery("MISSING")
def trust_material_taken_away(files: Files) -> Files:
    return files.but({of(files, Kind.VOLUME_TRUST): None})


@forgery("UNLISTED")
def trust_material_added(files: Files) -> Files:
    name = of(files, Kind.VOLUME_TRUST)
    return files.but({f"{name.rpartition('/')[0]}/{'0' * 64}.crl": b"0"})


@forgery("EXHIBIT_NAMED_OTHERWISE")
def an_anchor_exchanged(files: Files) -> Files:
    return files.but({of(files, Kind.ANCHOR): files[of(files, Kind.VOLUME_TRUST)]})


@forgery("ANCHOR_ABSENT")
def anchors_taken_away(files: Files) -> Files:
    return Files((name, octets) for name, octets in files.items() if not name.startswith("data/anchors/"))


@forgery("EXHIBIT_STRANGER")
def a_strange_file_added(files: Files) -> Files:
    return files.but({"data/nota.txt": b"firmato: il giudice"})


@forgery("EXHIBIT_EMPTY")
def every_message_taken_away(files: Files) -> Files:
    return Files((name, octets) for name, octets in files.items() if "/messages/" not in name)


@forgery("EXHIBIT_PENDING")
def messages_moved_out_of_their_volume(files: Files) -> Files:
    moved = {name.rpartition("/messages/")[2]: octets for name, octets in files.items() if "/messages/" in name}
    rest = Files((name, octets) for name, octets in files.items() if not name.startswith("data/volumes/"))
    told = json.loads(rest["data/dossier.json"]) | {"volumes": []}
    for item in told["dossiers"][0]["messages"]:
        item["path"] = f"data/pending/messages/{item['sha256']}.eml"
    rest["data/dossier.json"] = json.dumps(told).encode()
    return rest.but({f"data/pending/messages/{name}": octets for name, octets in moved.items()})


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_with_every_list_made_again_is_found_by_the_deeper_step(files: Files, name: str) -> None:
    change, expected = FORGERIES[name]
    report = judged(unsealed(change(files)), at=AT)
    assert report.indication is not Indication.PASSED
    assert expected <= codes(report), found(report)


def test_the_seal_taken_off_alone_is_found(files: Files) -> None:
    bare = framed(files.but({"PdD.xml.p7m": None}))
    assert ("EXHIBIT_INDEX_ABSENT", "PdD.xml.p7m") in found(judged(bare, at=AT))
    forged = unsealed(files)
    told = json.loads(forged["data/dossier.json"])
    assert told["sealed"] is False
    lying = framed(forged.but({"data/dossier.json": files["data/dossier.json"]}))
    assert "EXHIBIT_SEAL" in codes(judged(lying, at=AT))
    both = framed(forged.but({"PdD.xml.p7m": files["PdD.xml.p7m"]}))
    assert "EXHIBIT_INDEX_TWICE" in codes(judged(both, at=AT))


def test_an_unsigned_copy_is_never_passed_though_nothing_is_altered(files: Files) -> None:
    report = judged(unsealed(files), at=AT)
    assert report.indication is Indication.INDETERMINATE
    assert codes(report) == {"EXHIBIT_UNSIGNED"}


def test_an_index_of_another_exhibit_is_refused(shelf: Shelf, files: Files) -> None:
    told = json.loads(files["data/dossier.json"]) | {"reason": "altro"}
    report = judged(framed(files.but({"data/dossier.json": json.dumps(told).encode()})), at=AT)
    assert {"EXHIBIT_ELSEWHERE", "EXHIBIT_DIGEST"} <= codes(report)


@pytest.mark.parametrize(
    "octets",
    [b"", b"{", b"[]", b"[" * 100_000, b'{"format":2}', b'{"format":1,"holder":{"id":"../x"}}', b"\xff\xfe", None],
    ids=range(8),
)
def test_a_dossier_that_cannot_be_read_is_said_and_raises_nothing(files: Files, octets: bytes | None) -> None:
    report = judged(framed(files.but({"data/dossier.json": octets})), at=AT)
    assert "EXHIBIT_DOSSIER" in codes(report)


@pytest.mark.parametrize("name", ["bagit.txt", "manifest-sha256.txt", "tagmanifest-sha512.txt"])
@pytest.mark.parametrize(
    "octets", [None, b"", b"\xff\n", b"00  data/x\n", b"ab" * 32 + b"  a\n" + b"ab" * 32 + b"  a\n"]
)
def test_a_frame_that_is_missing_or_says_nothing_is_a_failure(files: Files, name: str, octets: bytes | None) -> None:
    report = judged(files.but({name: octets}), at=AT)
    assert report.indication is Indication.FAILED
    assert name in {subject for _, subject in found(report)}


def retold(files: Files, change: Callable[[dict[str, Any]], None]) -> Files:
    """dossier.json altered, and every list made right for it."""
    told = json.loads(files["data/dossier.json"])
    change(told)
    return unsealed(files.but({"data/dossier.json": json.dumps(told).encode()}))


def test_a_dossier_that_hides_a_message_or_shows_a_volume_that_is_not_there_is_found(files: Files) -> None:
    hiding = retold(files, lambda told: told["dossiers"][0]["messages"].pop())
    (hidden,) = found(judged(hiding, at=AT)) - UNSIGNED
    assert hidden[0] == "EXHIBIT_TOLD_DIFFERS"
    assert hidden[1].endswith(".eml")
    showing = retold(files, lambda told: told["volumes"].append({"id": "ab" * 32}))
    assert found(judged(showing, at=AT)) - UNSIGNED == {("EXHIBIT_TOLD_DIFFERS", f"data/volumes/{'ab' * 32}/")}


def test_a_dossier_that_shows_a_message_that_is_not_there_is_found(files: Files) -> None:
    forged = unsealed(files)
    told = json.loads(forged["data/dossier.json"])
    told["dossiers"][0]["messages"][0]["sha256"] = "ab" * 32
    report = judged(framed(forged.but({"data/dossier.json": json.dumps(told).encode()})), at=AT)
    assert ("EXHIBIT_TOLD_DIFFERS", told["dossiers"][0]["messages"][0]["path"]) in found(report)


def test_a_bag_that_says_it_holds_more_is_found(files: Files) -> None:
    info = files["bag-info.txt"].replace(b"Payload-Oxum: ", b"Payload-Oxum: 1")
    assert ("EXHIBIT_OXUM", "bag-info.txt") in found(judged(files.but({"bag-info.txt": info}), at=AT))
