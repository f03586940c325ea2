"""The whole job on real services, none of them ours; and the archive it makes, judged far away from all of them."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from servers.ceph import Ceph
from servers.certomancer import Certomancer
from servers.postgres import Postgres
from servers.softhsm import SoftHsm
from simulator.dovecot import installed
from simulator.plan import Plan
from simulator.serve import served
from support.archives import ADDRESS
from support.services import Services, Site, site
from support.tools import ROOT, absent, tool

from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.layout import Kind

MESSAGES = 300


@dataclass(frozen=True)
class Job:
    """What the commands answered, and a plain copy of the bucket, made with none of our code."""

    site: Site
    on: Services
    truth: dict[str, Any]
    answers: dict[str, dict[str, Any]]
    copy: Path


@pytest.fixture
def job(tmp_path: Path, gateway: Ceph, postgres: Postgres, hsm: SoftHsm, certomancer: Certomancer) -> Iterator[Job]:
    if not installed():
        absent("the program dovecot is not installed")
    plan = Plan(MESSAGES, 7, 2_000, 3, ADDRESS, datetime(2024, 3, 1, tzinfo=UTC))
    with tempfile.TemporaryDirectory(prefix="services-") as folder, served(plan, Path(folder)) as mail:
        on = Services(mail, gateway, postgres, hsm, certomancer)
        made = site(tmp_path / "archivio", on, providers=Path(folder) / "providers")
        commands = {
            "init": ("init", "."), "doctor": ("doctor",), "ingest": ("ingest", "--jobs", 2), "seal": ("seal", "--now"),
            "verify": ("verify",), "status": ("status",), "again": ("ingest",),
        }  # fmt: skip
        answers = {name: made.done(*command) for name, command in commands.items()}
        truth = json.loads((Path(folder) / "expected.json").read_text(encoding="utf-8"))
        yield Job(made, on, truth, answers, copied(made, gateway, tmp_path / "copia"))


def copied(made: Site, gateway: Ceph, folder: Path) -> Path:
    """Every object of the bucket as a file, below the prefix of the archive."""
    client = gateway.client()
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=made.bucket, Prefix="studio/"):
        for item in page.get("Contents", ()):
            path = folder / item["Key"].removeprefix("studio/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(client.get_object(Bucket=made.bucket, Key=item["Key"])["Body"].read())
    return folder


def test_the_whole_job_passes_on_real_services_and_its_archive_far_away_from_them(job: Job, tmp_path: Path) -> None:
    every_message_is_taken_in_once_and_sealed(job)
    doctor_tells_what_the_storage_does_and_status_what_it_lacks(job)
    every_token_is_counted(job)
    the_judge_passes_the_store_where_it_is(job)
    a_dossier_is_found_and_shown_as_the_simulator_knows_it(job)
    every_object_is_locked_to_the_end_of_the_class_of_its_volume(job)
    nothing_but_the_first_version_of_each_object_is_there(job)
    the_archive_verifies_on_a_machine_without_any_of_them(job, tmp_path)
    openssl_alone_opens_the_seal_that_the_token_made(job)


def every_message_is_taken_in_once_and_sealed(job: Job) -> None:
    ingested, sealed = job.answers["ingest"], job.answers["seal"]
    assert (ingested["new"] + ingested["known"], ingested["failed"], ingested["missing"]) == (
        len(job.truth["messages"]), 0, 0,
    )  # fmt: skip
    assert (sealed["messages"], sealed["failures"], sealed["warnings"]) == (ingested["new"], [], [])
    assert (job.answers["again"]["new"], job.answers["status"]["pending"]) == (0, 0)


def doctor_tells_what_the_storage_does_and_status_what_it_lacks(job: Job) -> None:
    checks = {check["name"]: check for check in job.answers["doctor"]["checks"]}
    assert checks["storage: lock-shorten"]["state"] == "ok"
    assert checks["storage: bypass"]["state"] == "warning"  # the bucket's owner may bypass governance
    assert checks["storage: create-once-race"]["state"] == "warning"
    assert {check["state"] for check in checks.values()} == {"ok", "warning"}
    assert any("BypassGovernanceRetention" in alert for alert in job.answers["status"]["alerts"])


def every_token_is_counted(job: Job) -> None:
    tokens = job.answers["seal"]["tokens"]
    asked = job.answers["status"]["tokens"]["tsa-1"]
    assert asked == {"asked": tokens + 1, "granted": tokens + 1}  # doctor's is one of them


def the_judge_passes_the_store_where_it_is(job: Job) -> None:
    assert job.answers["verify"]["indication"] == "PASSED"


def a_dossier_is_found_and_shown_as_the_simulator_knows_it(job: Job) -> None:
    wanted = next(item for item in job.truth["dossiers"] if item["state"] == "delivered")
    shown = job.site.done("show", wanted["messages"][0])
    assert shown["state"] == "delivered"
    assert {item["sha256"] for item in shown["messages"]} == set(wanted["messages"])
    assert all(proof["volume"] for proof in shown["proofs"])
    found = job.site.done("search", "--limit", 1000)["results"]
    assert wanted["messages"][0] in {item["dossier"] for item in found}


def every_object_is_locked_to_the_end_of_the_class_of_its_volume(job: Job) -> None:
    client, found, ends, listed = job.on.gateway.client(), {}, {}, set()
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=job.site.bucket, Prefix="studio/"):
        for item in page["Contents"]:
            if parsed := layout.parse(item["Key"].removeprefix("studio/")):
                head = client.head_object(Bucket=job.site.bucket, Key=item["Key"])
                assert head["ObjectLockMode"] == "GOVERNANCE"
                found[parsed] = head["ObjectLockRetainUntilDate"]
    for path in job.copy.rglob("PIndex.xml.p7m"):
        index = index_reader.read(open_signed(path.read_bytes()).content or b"")
        volume = index.volume
        listed |= {file.sha256 for file in index.trust}
        ends[volume.id] = datetime(volume.year + 10, 12, 31, 23, tzinfo=UTC)
        ends |= {segment.sha256: ends[volume.id] for segment in volume.segments}
    whole = {Kind.SEGMENT, Kind.INDEX, Kind.METADATA, Kind.VOLUME_RECORD}
    assert all(until == ends[parsed.id] for parsed, until in found.items() if parsed.kind in whole)
    # what was collected after the sealing keeps its short lock until a batch covers it
    found = {parsed: until for parsed, until in found.items() if parsed.kind is not Kind.TRUST or parsed.id in listed}
    # what was looked at since keeps its short lock until the next night covers the register
    shared = {parsed.kind: until for parsed, until in found.items() if parsed.kind not in {*whole, Kind.ACT}}
    assert shared == dict.fromkeys((Kind.RDV, Kind.RDV_RECORD, Kind.TRUST), max(ends.values()))
    assert {parsed.kind for parsed in found} == whole | set(shared) | {Kind.ACT}


def nothing_but_the_first_version_of_each_object_is_there(job: Job) -> None:
    listed = job.on.gateway.client().list_object_versions(Bucket=job.site.bucket, Prefix="studio/")
    keys = [item["Key"] for item in listed["Versions"] if layout.parse(item["Key"].removeprefix("studio/"))]
    assert len(keys) == len(set(keys))
    assert not listed["IsTruncated"]


def the_archive_verifies_on_a_machine_without_any_of_them(job: Job, tmp_path: Path) -> None:
    """No network at all, no configuration, no database, no token: files, and the certificates to be trusted."""
    alone = ["unshare", "--net"] if os.geteuid() == 0 and shutil.which("unshare") else []
    keys = job.site.folder.with_name(f"{job.site.folder.name}-keys")
    trusted = tmp_path / "fiducia"
    shutil.copytree(keys, trusted)
    shutil.copytree(job.site.folder / "providers", trusted, dirs_exist_ok=True)
    command = [*alone, sys.executable, "-m", "archiver", "verify", str(job.copy), "--trust", str(trusted), "--json"]
    found = subprocess.run(
        command, cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found
    told = json.loads(found.stdout)
    assert told["indication"] == "PASSED"
    assert sum(told["content"].values()) == job.answers["seal"]["messages"]


def openssl_alone_opens_the_seal_that_the_token_made(job: Job) -> None:
    keys = job.site.folder.with_name(f"{job.site.folder.name}-keys")
    indexes = sorted(job.copy.rglob("PIndex.xml.p7m"))
    assert indexes
    for index in indexes:
        command = [tool("openssl"), "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any"]
        found = subprocess.run(
            [*command, "-CAfile", str(keys / "ca.pem"), "-in", str(index)], capture_output=True, check=False
        )
        assert found.returncode == 0, found.stderr
        assert b"PIndex" in found.stdout[:300]
    assert ROOT not in job.copy.parents
