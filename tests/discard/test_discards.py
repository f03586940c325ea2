"""A whole volume by the ordinary path, one message by the exceptional one: gone everywhere, and what remains PASSED."""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from support.estates import SECOND, STORES, renew
from support.rebuilding import different, rows
from support.scarti import ANNA, BRUNO, CARLA, LEAVE, Scarti, destroyed, folder_of
from support.small import HOLDER, ingest
from support.tools import tool

from archiver import compose
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.digest import Sha256, sha256
from archiver.errors import Absent, ArchiverError, Conflict
from archiver.evidence.cms import open_signed
from archiver.evidence.record.judge import examine
from archiver.package import layout
from archiver.package.discard import reader
from archiver.verdict import Indication
from archiver.verify import judge_volume
from archiver.verify.discards import read_discards

ORDER = "Garante per la protezione dei dati personali, provvedimento 88/2026"


def said(estate: Scarti, store: str = "primary") -> set[tuple[str, str]]:
    return {(item.code, item.subject) for item in estate.verdict(store).verdict.findings}


def octets_left(root: Path, gone: dict[str, bytes]) -> list[str]:
    """Files below a folder, hidden ones too, that hold any of these octets."""
    return [
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and any(octets and octets[-200:] in path.read_bytes() for octets in gone.values())
    ]


def bytes_of(estate: Scarti, messages: list[str]) -> dict[str, bytes]:
    rows_of = {row.sha256: row for row in estate.catalog.messages_in(estate.volumes)}
    store = estate.store()
    return {
        digest: store.read(
            layout.segment(HOLDER, rows_of[digest].segment), rows_of[digest].offset, rows_of[digest].size
        )
        for digest in messages
    }


def test_a_volume_past_its_term_goes_from_every_store_and_is_told_as_discarded(estate: Scarti) -> None:
    old, new = estate.volumes
    messages = estate.messages(old)
    gone = bytes_of(estate, messages)
    done = destroyed(estate)
    assert done.discard.steps.state == "destroyed-in-copies"
    assert done.report.forgotten == len(messages) == 5
    for store in STORES:
        assert octets_left(estate.root(store), gone) == []
        assert not any(name.startswith(folder_of(old)) for name in estate.objects(store))
        verdict = estate.verdict(store)
        assert verdict.indication is Indication.PASSED
        assert ("DISCARDED", folder_of(old)) in said(estate, store)
        assert not {code for code, _ in said(estate, store)} & {"MISSING", "DISCARD_UNFINISHED", "ORPHAN"}
    assert [row.id for row in estate.catalog.closed(HOLDER)] == [new]
    assert estate.catalog.message(messages[0]) == []
    assert estate.catalog.miscounted() == []


def test_nothing_of_what_was_discarded_is_left_in_the_catalogs_file(estate: Scarti) -> None:
    old, _ = estate.volumes
    subjects = {row.sha256: row.subject.encode() for row in estate.catalog.messages_in([old]) if len(row.subject) > 12}
    kept = {row.subject.encode() for row in estate.catalog.messages_in([estate.volumes[1]])}
    told = {digest: subject for digest, subject in subjects.items() if not any(subject in one for one in kept)}
    assert told
    path = Path(estate.by(ANNA).catalog_url.removeprefix("sqlite:///"))
    whole = b"".join(file.read_bytes() for file in path.parent.glob("catalog.db*"))
    assert any(subject in whole for subject in told.values())
    destroyed(estate)
    files = [file for file in path.parent.glob("catalog.db*") if file.is_file()]
    assert [file.name for file in files for subject in told.values() if subject in file.read_bytes()] == []


def test_one_message_by_order_goes_and_the_rest_of_its_volume_is_passed_under_renewed_evidence(estate: Scarti) -> None:
    """Its evidence has a tree of SHA-512 and one of SHA3-512, in which nobody can compute the destroyed one's leaf."""
    _, new = estate.volumes
    one, *others = estate.messages(new)
    gone = bytes_of(estate, [one])
    before = bytes_of(estate, others)
    done = destroyed(estate, messages=[one], basis=ORDER)
    assert done.report.warnings == []
    for store in STORES:
        assert octets_left(estate.root(store), gone) == []
        assert estate.verdict(store).indication is Indication.PASSED
        assert {("DISCARDED", layout.message_path(one)), ("DISCARDED", layout.metadata_path(one))} <= said(
            estate, store
        )
    assert bytes_of(estate, others) == before
    assert estate.catalog.miscounted() == []
    record = reader.read(_record(estate, done.discard.record))
    assert [(member.sha256, member.volume) for member in record.members] == [(one, new)]
    assert record.reason.startswith(ORDER)
    assert record.reason.endswith("SENZA VALORE LEGALE / WITHOUT LEGAL VALUE")
    assert record.authorization == LEAVE
    assert [change.old in record.replaced for change in record.segments] == [True]


def _record(estate: Scarti, name: str) -> bytes:
    return open_signed(estate.store().get(name)).content or b""


def test_what_is_missing_beside_what_was_discarded_is_not_hidden_in_renewed_evidence(estate: Scarti) -> None:
    """A later tree leaves room for as many members as were destroyed: the first, by their SHA-512, for no other."""
    _, new = estate.volumes
    one, other, *_ = estate.messages(new)
    destroyed(estate, messages=[one], basis=ORDER)
    trust = estate.by(ANNA).trust
    name = f"{folder_of(new)}evidence/local/000002.ers"
    examined = examine(estate.store().get(name), trust.policy, at=estate.at, subject=name)
    assert examined.algorithms == ("sha512", "sha3_512")
    members = judge_volume(
        estate.store(), HOLDER, new, trust=trust, at=estate.at, contents=False, also=examined.algorithms
    ).members
    gone = read_discards(estate.store(), HOLDER, trust=trust, at=estate.at).gone(new)
    assert {"sha512"} == {algorithm for hashes in gone.values() for algorithm in hashes}
    assert [item.code for item in examined.covers(members, absent=gone)] == ["GROUP_PARTIAL"]
    less = {path: hashes for path, hashes in members.items() if path != layout.message_path(Sha256(other))}
    assert "EVIDENCE_UNLISTED" in {item.code for item in examined.covers(less, absent=gone)}
    forged = {**gone, "forged": {"sha512": bytes(64)}}
    assert "EVIDENCE_UNLISTED" in {item.code for item in examined.covers(less, absent=forged)}


def test_evidence_of_what_remains_is_renewed_by_either_way_after_a_discard(estate: Scarti) -> None:
    _, new = estate.volumes
    destroyed(estate, messages=[estate.messages(new)[0]], basis=ORDER)
    estate.night()
    renew(estate, at=estate.at, target="sha512")
    names = [item.name for item in estate.store().list(f"{folder_of(new)}evidence/")]
    assert names[-1].endswith("000003.ers")
    assert estate.verdict().indication is Indication.PASSED


def test_the_nights_evidence_covers_the_record_and_renewals_know_it(estate: Scarti) -> None:
    done = destroyed(estate)
    estate.night()
    name = layout.discard_record(HOLDER, done.discard.steps.id, tsa="local", number=1)
    assert estate.store().has(name)
    assert estate.catalog.evidence_of("discard", f"{HOLDER}/{done.discard.steps.id}")
    assert estate.verdict().indication is Indication.PASSED
    assert all(estate.store(store).has(name) for store in STORES)


def test_a_sweep_misses_nothing_and_finds_what_comes_back_and_the_same_command_destroys_it(estate: Scarti) -> None:
    old, _ = estate.volumes
    before = {name: octets for name, octets in estate.objects().items() if old in name}
    done = destroyed(estate)
    estate.replicate()
    assert estate.sweep(everything=True, deep=True).passed
    segment = layout.segment(HOLDER, old)
    estate.rot().foreign(segment, before[segment])
    estate.rot(SECOND).foreign(layout.index(HOLDER, old), before[layout.index(HOLDER, old)])
    found = estate.sweep(everything=True, repair=True)
    open_ = {(row.store, row.name, row.code, row.found) for row in found.open if row.code != "BEHIND"}
    assert open_ == {
        ("primary", segment, "DISCARDED", done.discard.steps.id),
        (SECOND, layout.index(HOLDER, old), "DISCARDED", done.discard.steps.id),
    }
    assert not found.passed
    assert any("archiver discard execute" in item.text("it") for item in found.findings)
    estate.execute(done.discard.steps.id)
    estate.replicate()
    assert estate.sweep(everything=True).open == ()


def test_a_rebuilt_catalog_has_the_same_rows_but_for_what_only_discarded_messages_told(
    estate: Scarti, tmp_path: Path
) -> None:
    """Whether a certificate met in no other message is a provider's, and when it was met first."""
    _, new = estate.volumes
    destroyed(estate, messages=[estate.messages(new)[0]], basis=ORDER)
    destroyed(estate)
    estate.night()
    url = estate.by(ANNA).catalog_url
    before = rows(url)
    assert all(before[table] for table in ("discard", "destroyed", "tombstone"))
    for path in estate.folder.glob("catalog.db*"):
        path.unlink()
    report = compose.rebuild(estate.by(ANNA), clock=estate.clock)
    assert (report.lost, report.notes) == ([], [])
    found = different(before, rows(url))
    assert set(found) <= {"trust"}
    ours, theirs = found.get("trust", ([], []))
    assert [row[:3] for row in ours] == [row[:3] for row in theirs]
    assert {row[3] for row in ours} <= {"provider"}
    assert estate.catalog.miscounted() == []
    assert estate.sweep(everything=True).passed


def test_an_older_catalog_that_was_put_back_forgets_again(estate: Scarti) -> None:
    old, _ = estate.volumes
    messages = estate.messages(old)
    path = Path(estate.by(ANNA).catalog_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(estate.folder / "backup.db")) as backup:
        source.backup(backup)
    destroyed(estate)
    for one in estate.folder.glob("catalog.db*"):
        one.unlink()
    shutil.copy(estate.folder / "backup.db", path)
    assert estate.catalog.message(messages[0])
    estate.replicate()
    assert estate.catalog.message(messages[0]) == []
    assert estate.sweep(everything=True).passed


def test_whoever_asks_for_a_discarded_message_hears_when_and_by_what_it_went(estate: Scarti) -> None:
    volume = estate.volumes[0]
    digest = estate.messages(volume)[0]
    (proposal,) = estate.propose()
    estate.execute(estate.approve(proposal.steps.id).steps.id)
    for asked in (digest, digest[:10].upper()):
        with pytest.raises(Absent, match=rf"{digest}: scartato il {estate.at:%Y-%m-%d}.*{proposal.steps.id}"):
            compose.show(estate.by(CARLA), asked)
    with pytest.raises(Absent, match="no message in the archive"):
        compose.show(estate.by(CARLA), "0" * 64)


def test_discarded_messages_that_come_again_are_known_and_told(estate: Scarti) -> None:
    old, _ = estate.volumes
    mail = list(bytes_of(estate, estate.messages(old)).values())
    destroyed(estate)
    source = estate.folder / "again"
    source.mkdir()
    for number, raw in enumerate(mail):
        (source / f"{number}.eml").write_bytes(raw)
    done = compose.ingest(estate.by(ANNA), (), source=source, clock=estate.clock)
    assert (done.new, done.known, done.discarded) == (0, 5, 5)
    ingest(estate.folder, [b"From: a@x.example\r\nSubject: nuovo\r\n\r\nx\r\n"], at=estate.at)
    estate.night()
    assert estate.verdict().indication is Indication.PASSED
    fresh = [row for row in estate.catalog.closed(HOLDER) if row.at > estate.at.replace(hour=0)]
    assert len(fresh) == 1


def test_the_certificate_is_opened_by_openssl(estate: Scarti, tmp_path: Path) -> None:
    done = destroyed(estate)
    octets = compose.discard_certificate(estate.by(CARLA), done.discard.steps.id)
    (tmp_path / "certificato.p7m").write_bytes(octets)
    tool("openssl")
    ca = estate.folder / "ca" / "ca.pem"
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", "certificato.p7m", "-CAfile", str(ca)]
    command += ["-purpose", "any", "-out", "certificato.xml"]
    opened = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert opened.returncode == 0, opened.stderr
    record = reader.read((tmp_path / "certificato.xml").read_bytes())
    assert record.volumes == (done.discard.told["volumes"][0]["volume"],)
    schema = Path(__file__).parents[2] / "schemas" / "discard-1.xsd"
    tool("xmllint")
    assert (
        subprocess.run(
            ["xmllint", "--noout", "--nonet", "--schema", schema, tmp_path / "certificato.xml"], check=False
        ).returncode
        == 0
    )


def test_neither_list_nor_record_nor_act_holds_an_address_or_a_subject(estate: Scarti) -> None:
    old, new = estate.volumes
    told = estate.catalog.messages_in([old, new])
    words = {word for row in told for word in (row.subject, row.sender.rpartition("<")[2].rstrip(">")) if len(word) > 6}
    done = destroyed(estate)
    other = destroyed(estate, messages=[estate.messages(new)[0]], basis=ORDER)
    names = [done.discard.list_name, other.discard.list_name, done.discard.record, other.discard.record]
    octets = b"".join(open_signed(estate.store().get(name)).content or b"" for name in names)
    octets += b"".join(octets for name, octets in estate.objects().items() if "/acts/" in name)
    assert [word for word in words if word.encode() in octets] == []


def test_a_record_that_belongs_to_another_place_starts_no_destruction(estate: Scarti) -> None:
    (proposal,) = estate.propose()
    estate.approve(proposal.steps.id)
    name = layout.discard(HOLDER, proposal.steps.id, sealed=True)
    FilesystemStore(estate.root()).put(name, b"not a record")
    before = estate.objects()
    with pytest.raises(ArchiverError):
        estate.execute(proposal.steps.id)
    assert {n: o for n, o in estate.objects().items() if "/acts/" not in n} == {
        n: o for n, o in before.items() if "/acts/" not in n
    }


def test_a_discard_is_effective_when_somebody_answers_for_the_backups(estate: Scarti) -> None:
    done = destroyed(estate)
    name = done.discard.steps.id
    with pytest.raises(Conflict, match="approva"):
        estate.approve(name)
    found = compose.discard_confirm(estate.by(BRUNO), name, reason="backup del catalogo cancellati", clock=estate.clock)
    assert found.steps.state == "effective"
    assert found.record
    assert sha256(_record(estate, found.list_name)) == found.steps.list_sha256
