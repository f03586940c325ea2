"""Discards under object lock, on a real server: governance yields to who may, compliance names its day."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from servers.ceph import Ceph
from support.archives import demo, folder_of, letter
from support.buckets import now
from support.commands import archiver, done
from support.scarti import ANNA, BRUNO, LEAVE
from support.tools import tool

from archiver import compose
from archiver.errors import Conflict

STORE = """\
kind = "s3"
endpoint = "{url}"
bucket = "{bucket}"
prefix = "{prefix}"
checksums = "compat"
lock = "{lock}"
access_key = "file:access"
secret_key = "file:secret"
"""
REPLICA = """
[[store]]
id = "copia"
country = "IT"
operator = "un altro"
"""


@dataclass
class Bucketed:
    """An archive in a bucket, with a replica in another part of it."""

    config: Path
    gateway: Ceph
    bucket: str
    opened: dict[str, compose.Archive] = field(default_factory=dict)

    def by(self, who: str) -> compose.Archive:
        """Opened once: a client of S3 costs a second."""
        if who not in self.opened:
            self.opened[who] = compose.open_archive(self.config, environ={}, clock=now, login=who)
        return self.opened[who]

    def versions(self) -> set[str]:
        """Everything that is there in any version, and delete markers, without their prefix."""
        pages = self.gateway.client().get_paginator("list_object_versions").paginate(Bucket=self.bucket)
        found = [item["Key"] for page in pages for kind in ("Versions", "DeleteMarkers") for item in page.get(kind, ())]
        return {key for key in found if "/." not in key}

    def volumes(self) -> dict[int, str]:
        (holder,) = self.by(ANNA).config.holders
        return {row.year: row.id for row in self.by(ANNA).catalog.closed(holder)}


@pytest.fixture
def bucketed(gateway: Ceph, tmp_path: Path) -> Callable[..., Bucketed]:
    def make(lock: str, *, replica: bool) -> Bucketed:
        config, bucket = demo(tmp_path / "a"), f"store-{token_hex(6)}"
        for name, key in (("access", gateway.owner.access), ("secret", gateway.owner.secret)):
            (config.parent / name).write_text(key)
        told = {"url": gateway.url, "bucket": bucket, "lock": lock}
        text = config.read_text(encoding="utf-8").replace("years = 10", "years = 1")
        text = text.replace('kind = "filesystem"\npath = "store"\n', STORE.format(**told, prefix="uno/"))
        before, mark, after = text.partition("\n# Una tabella per casella.")
        text = before + (REPLICA + STORE.format(**told, prefix="due/") if replica else "") + mark + after
        config.write_text(text, encoding="utf-8")
        done("init", config.parent)
        year = datetime.now(UTC).year
        old = [letter(f"vecchia {n}", date=f"Mon, 0{n} Mar 2021 10:00:00 +0100") for n in (1, 2)]
        new = [letter(f"nuova {n}", date=f"Mon, 0{n} Mar {year} 10:00:00 +0100") for n in (1, 2, 3)]
        done("ingest", "--from", folder_of(tmp_path / "mail", *old, *new), config=config)
        done("seal", "--now", config=config)
        if replica:
            done("replicate", config=config)
        return Bucketed(config, gateway, bucket)

    return make


def approved(archive: Bucketed, **wanted: Any) -> str:
    (proposal,) = compose.discard_propose(archive.by(ANNA), clock=now, **wanted)
    compose.discard_approve(archive.by(BRUNO), proposal.steps.id, authorization=LEAVE, clock=now)
    return proposal.steps.id


def lock_of(archive: Bucketed, end: str) -> datetime | None:
    """Of the object whose name ends so, in the primary."""
    store = archive.by(ANNA).store
    (name,) = [item.name for item in store.list() if item.name.endswith(end)]
    return store.locked_until(name)


def test_under_governance_a_volume_and_a_message_by_order_are_gone_in_every_version_of_every_store(
    bucketed: Callable[..., Bucketed], tmp_path: Path
) -> None:
    archive = bucketed("governance", replica=True)
    volumes = archive.volumes()
    old, new = volumes[2021], volumes[max(volumes)]
    one, *others = [row.sha256 for row in archive.by(ANNA).catalog.messages_in([new])]
    (segment,) = archive.by(ANNA).catalog.segments_of(new)
    until = lock_of(archive, f"{new}/metadata.zip")
    whole = compose.discard_execute(archive.by(ANNA), approved(archive), clock=now)
    (proposal,) = compose.discard_propose(archive.by(ANNA), messages=[one, others[0]], basis="Garante", clock=now)
    compose.discard_approve(archive.by(BRUNO), proposal.steps.id, authorization=LEAVE, but=[others[0]], clock=now)
    part = compose.discard_execute(archive.by(BRUNO), proposal.steps.id, clock=now)
    assert [one.discard.steps.state for one in (whole, part)] == ["destroyed-in-copies"] * 2
    (rewritten,) = archive.by(ANNA).catalog.segments_of(new)
    assert until is not None
    assert until > now() + timedelta(days=300)
    assert {lock_of(archive, f"{new}/metadata.zip"), lock_of(archive, f"{rewritten.sha256}.zip")} == {until}
    left = archive.versions()
    assert [name for name in left if old in name or (segment.sha256 in name and "/segments/" in name)] == []
    assert len([name for name in left if new in name and name.endswith("metadata.zip")]) == 2
    said = archiver("verify", "--json", config=archive.config).json
    assert said["indication"] == "PASSED"
    codes = [item["code"] for item in said["findings"]]
    assert codes.count("DISCARDED") >= 3
    assert not {"MISSING", "DISCARD_UNFINISHED"} & set(codes)
    done("seal", config=archive.config)
    done("replicate", config=archive.config)
    swept = done("sweep", "--all", config=archive.config)
    assert (swept["missing"], swept["unexpected"], swept["corrupt"], swept["discarded"]) == (0, 0, 0, 0)
    assert done("show", others[1], config=archive.config)["messages"]
    (tmp_path / "c.p7m").write_bytes(compose.discard_certificate(archive.by(ANNA), part.discard.steps.id))
    tool("openssl")
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", "c.p7m", "-purpose", "any", "-out", "c.xml"]
    command += ["-CAfile", str(archive.config.parent / "ca" / "ca.pem")]
    opened = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert opened.returncode == 0, opened.stderr
    assert one in (tmp_path / "c.xml").read_text()
    assert others[0] not in (tmp_path / "c.xml").read_text()


def test_under_compliance_it_is_refused_with_the_day_and_nothing_is_touched(
    bucketed: Callable[..., Bucketed],
) -> None:
    archive = bucketed("compliance", replica=False)
    name = approved(archive)
    before = archive.versions()
    with pytest.raises(Conflict) as refused:
        compose.discard_execute(archive.by(ANNA), name, clock=now)
    days = {datetime.fromisoformat(day).date() for day in re.findall(r"\d{4}-\d\d-\d\d", str(refused.value))}
    first = (now() + timedelta(days=59)).date()
    assert first <= max(days) <= first + timedelta(days=2)
    assert "primary: " in str(refused.value)
    assert {key for key in archive.versions() if "/acts/" not in key and "/.probe/" not in key} == {
        key for key in before if "/acts/" not in key
    }
    assert archiver("verify", "--json", config=archive.config).json["indication"] == "PASSED"
