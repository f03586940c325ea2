"""A provider's certificate never seen before asks for a word, once; a revoked one makes origins doubtful."""

import shutil
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from simulator import pki
from sqlalchemy import delete
from support import letters
from support.commands import archiver, done
from support.embedded import the_box
from support.forgetting import forget
from support.server import Box, Server
from support.small import EVENING, HOUR, Files, few

from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.tables import TRUST
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.cli.door import now
from archiver.digest import sha256
from archiver.ingest import Crew, Intake, Packer, Report, hand_in, poll, polling
from archiver.package import layout
from archiver.pec import mime, smime
from archiver.pec.providers import Providers
from archiver.verdict import Indication

HOLDER = "h-prova"
LATER = ("--at", (now() + 24 * HOUR).date().isoformat())
"""A second decision within one second is dated a second later: as of tomorrow, all of a test's hold."""


def put_mail(folder: Path, mail: list[bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(mail):
        (folder / f"{number:04}.eml").write_bytes(raw)
    return folder


def new(config: Path) -> list[str]:
    return [item["sha256"] for item in done("trust", "list", "--new", config=config)["certificates"]]


def test_each_new_provider_is_one_line_of_the_report_and_never_again(config: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    shutil.copytree(config.parent, fresh)
    for path in (fresh / "store").glob("*/trust/*.cer"):
        path.unlink()
    catalog = Catalog.open(f"sqlite:///{fresh}/catalog.db")
    forget(catalog)
    catalog.close()
    shutil.rmtree(fresh / "store" / HOLDER)
    source = put_mail(tmp_path / "mail", few("2026-01-07", seed=2))
    first = done("ingest", "--from", source, config=fresh / "archiver.toml")
    assert first["findings"]["PROVIDER_NEW"] == len(first["certificates"]) == 3
    assert {item["severity"] for item in first["certificates"]} == {"warning"}
    assert {item["subject"].removeprefix("sha256:") for item in first["certificates"]} == set(
        new(fresh / "archiver.toml")
    )
    more = put_mail(tmp_path / "more", few("2026-01-07", seed=5))
    again = done("ingest", "--from", more, config=fresh / "archiver.toml")
    assert again["new"] > 0
    assert again["certificates"] == []


def test_the_report_says_in_words_what_to_do(config: Path, tmp_path: Path) -> None:
    revoked = new(config)[0]
    source = put_mail(tmp_path / "mail", few("2026-01-07", seed=5))
    with_catalog = Catalog.open(f"sqlite:///{config.parent}/catalog.db")

    with with_catalog._database.writing() as connection:
        connection.execute(delete(TRUST))
    with_catalog.close()
    out = archiver("ingest", "--from", source, config=config).out
    assert f"archiver trust show {revoked[:16]}" in out


class World:
    """An archive that several processes fetch for."""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "store"
        FilesystemStore.create(self.store)
        self.catalog = Catalog.open(f"sqlite:///{folder}/catalog.db", create=True)

    def into(self) -> Intake:
        return Intake(the_box(), FilesystemStore(self.store), self.catalog, letters.providers(), lambda: EVENING)


class Signed(Server):
    """A mailbox of simulated PEC, enough for several processes."""

    def __init__(self) -> None:
        super().__init__(INBOX=Box().deliver(*letters.simulated(60)))


def hands(store: Path, at: datetime) -> tuple[Signed, Packer]:
    return Signed(), Packer(the_box(), FilesystemStore(store), letters.providers(), EVENING)


def test_several_processes_report_each_certificate_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(polling, "SHARE", 10)
    alone, together = World(tmp_path / "alone"), World(tmp_path / "together")
    reports = Report(), Report()
    poll(Signed(), alone.into(), report=reports[0])
    poll(Signed(), together.into(), report=reports[1], crew=Crew(partial(hands, together.store), 2))
    seen = [[found.subject for found in report.certificates] for report in reports]
    assert len(set(seen[0])) == len(seen[0]) > 1
    assert sorted(seen[1]) == sorted(seen[0])
    rows = [{row.sha256 for row in world.catalog.trust_of(the_box().holder)} for world in (alone, together)]
    assert rows[0] == rows[1] == {subject.removeprefix("sha256:") for subject in seen[0]}


def test_a_certificate_that_leads_nowhere_and_one_behind_a_broken_signature_are_not_recorded(tmp_path: Path) -> None:

    world = World(tmp_path / "strange")
    strangers = Intake(the_box(), FilesystemStore(world.store), world.catalog, Providers(), lambda: EVENING)
    mail = letters.simulated(20)
    report = Report()
    hand_in(letters.HandedIn(mail[:10]), strangers, report=report)
    broken = [_broken(raw) for raw in mail[10:]]
    hand_in(letters.HandedIn(broken), world.into(), report=report)
    assert report.new == 20
    assert report.certificates == []
    assert world.catalog.trust_of(the_box().holder) == []


def _broken(raw: bytes) -> bytes:
    """The message with one octet of its signed part changed."""
    signed = smime.find(raw, mime.entity(raw))
    at = signed.content.end - 3 if signed else 0
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] if signed else raw


def origins(config: Path, mail: list[bytes], folder: Path) -> list[str]:
    """What intake says of the origin of each message, in the order of the rapporti."""
    assert done("ingest", "--from", put_mail(folder, mail), config=config)["failed"] == 0
    catalog = Catalog.open(f"sqlite:///{config.parent}/catalog.db")
    rows = catalog.messages_of([row.sha256 for row in catalog.pending()])
    catalog.close()

    wanted = {sha256(raw) for raw in mail}
    return [row.content.split()[1] for row in rows if row.content and row.sha256 in wanted]


def test_what_comes_in_after_a_revocation_has_a_doubtful_origin_and_is_archived(config: Path, tmp_path: Path) -> None:
    for digest in new(config):
        done("trust", "revoke", digest, "--reason", "prova", config=config)
    after = origins(config, few("2026-01-07", seed=5), tmp_path / "after")
    assert after
    assert "PASSED" not in after


def test_before_a_revocation_the_same_mail_has_a_sound_origin(config: Path, tmp_path: Path) -> None:
    assert "PASSED" in origins(config, few("2026-01-07", seed=5), tmp_path / "before")


def contents(config: Path, *options: str) -> tuple[str, dict[str, int], set[str]]:
    report = archiver("verify", config.parent / "store", *options, "--json", config=config).json
    return report["indication"], report["content"], {item["code"] for item in report["contents"]}


def test_the_judge_heeds_the_acts_in_a_store_and_leaves_the_package_alone(config: Path) -> None:
    before = contents(config, *LATER)
    digests = new(config)
    for digest in digests:
        done("trust", "revoke", digest, "--reason", "prova", config=config)
    after = contents(config, *LATER)
    assert (before[0], after[0]) == ("PASSED", "PASSED")
    assert "PROVIDER_DISTRUSTED" not in before[2]
    assert "PROVIDER_DISTRUSTED" in after[2]
    assert before[1]["PASSED"]
    assert "PASSED" not in after[1]
    for digest in digests:
        done("trust", "confirm", digest, "--reason", "equivoco", config=config)
    assert contents(config, *LATER)[1] == before[1]


def test_judged_as_of_a_day_before_the_act_nothing_is_doubted(config: Path) -> None:
    before = contents(config, "--at", "2026-06-01")
    done("trust", "revoke", new(config)[0], "--reason", "prova", config=config)
    assert contents(config, "--at", "2026-06-01")[1:] == before[1:]


def test_a_ca_that_was_revoked_makes_all_its_messages_doubtful(config: Path) -> None:

    done("trust", "revoke", sha256(pki.root().public_bytes(Encoding.DER)), "--reason", "prova", config=config)
    assert "PASSED" not in contents(config)[1]


@pytest.fixture
def evidenced(config: Path) -> Path:
    """An archive with an act that has a record of its own."""
    done("trust", "revoke", new(config)[0], "--reason", "prova", config=config)
    done("seal", "--now", config=config)
    return config


def test_an_act_is_covered_by_the_night_and_a_volume_judged_alone_heeds_it(evidenced: Path) -> None:
    files = Files.of(evidenced.parent / "store")
    (name,) = files.kind(layout.Kind.ACT)
    assert [record.startswith(name.removesuffix("json")) for record in files.kind(layout.Kind.ACT_RECORD)] == [True]
    report = archiver("verify", evidenced.parent / "store", "--json", config=evidenced).json
    assert report["indication"] == "PASSED"
    said = [item for item in report["findings"] if "/acts/" in item["subject"]]
    assert [item["code"] for item in said] == ["REGISTER_END"]  # which act is the last
    volume = (evidenced.parent / "store" / files.kind(layout.Kind.INDEX)[0]).parent
    alone = archiver("verify", volume, "--json", config=evidenced).json
    assert "PROVIDER_DISTRUSTED" in {item["code"] for item in alone["contents"]}
    assert alone["indication"] == "PASSED"


def test_an_act_that_was_altered_or_taken_away_is_an_error_of_the_store(evidenced: Path, tmp_path: Path) -> None:
    files = Files.of(evidenced.parent / "store")
    (name,) = files.kind(layout.Kind.ACT)
    bent = {
        "altered": (name, files[name].replace(b"prova", b"provA"), "ACT_UNREADABLE"),
        "taken away": (name, None, "MISSING"),
    }
    for which, (where, octets, code) in bent.items():
        root = files.but({where: octets}).write(tmp_path / which.replace(" ", "-"))
        report = archiver("verify", root, "--json", config=evidenced).json
        assert report["indication"] == Indication.FAILED, which
        assert (code, name) in {(item["code"], item["subject"]) for item in report["findings"]}, which


def test_an_act_without_evidence_is_a_warning(config: Path) -> None:
    done("trust", "confirm", new(config)[0], "--reason", "prova", config=config)
    report = archiver("verify", config.parent / "store", "--json", config=config).json
    (found,) = (item for item in report["findings"] if item["code"] == "ACT_NOT_COVERED")
    assert found["severity"] == "warning"
    assert now() > EVENING + HOUR


def test_a_certificate_of_which_a_person_has_spoken_is_not_asked_about_again(config: Path, tmp_path: Path) -> None:
    for digest in new(config):
        done("trust", "confirm", digest, "--reason", "prova", config=config)
    _forget_trust(config)
    source = put_mail(tmp_path / "mail", few("2026-01-07", seed=5))
    assert done("ingest", "--from", source, config=config)["certificates"] == []


def test_a_certificate_that_another_holder_has_met_is_kept_for_this_one_and_not_asked_about_again(
    config: Path, tmp_path: Path
) -> None:
    catalog = Catalog.open(f"sqlite:///{config.parent}/catalog.db")
    rows = [replace(row, holder="h-altro") for row in catalog.trust_of(HOLDER)]
    _forget_trust(config)
    catalog.record_trust(rows)
    source = put_mail(tmp_path / "mail", few("2026-01-07", seed=5))
    assert done("ingest", "--from", source, config=config)["certificates"] == []
    assert {row.sha256 for row in catalog.trust_of(HOLDER)} < {row.sha256 for row in rows}
    assert catalog.trust_of(HOLDER)
    catalog.close()


def _forget_trust(config: Path) -> None:
    catalog = Catalog.open(f"sqlite:///{config.parent}/catalog.db")
    with catalog._database.writing() as connection:
        connection.execute(delete(TRUST))
    catalog.close()
