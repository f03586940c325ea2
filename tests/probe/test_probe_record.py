"""What a probe leaves behind: its answers, one version after another, and nothing else for more than a minute."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from servers.ceph import Ceph
from servers.imitation import Imitation
from support.probing import bucket_of, found, now

from archiver.adapters.stores.s3.bucket import Lock
from archiver.adapters.stores.s3.probe import FOLDER, NAME, Line, Probe, Severity, last_probe
from archiver.adapters.stores.s3.probe.values import line
from archiver.errors import Malformed

LINE = Line("lock-kept", ok=False, severity=Severity.REFUSES, found="200", italian="però", english="but")
PROBE = Probe(datetime(2026, 11, 22, 3, 4, 5, 600, tzinfo=UTC), "s3://b/ @ x", "governance", "full", (LINE,))


def test_the_answers_are_stored_anew_each_time_and_the_last_ones_count(imitation: Imitation) -> None:
    bucket = bucket_of(imitation)
    assert last_probe(bucket) is None
    first = found(bucket)
    assert last_probe(bucket) == first
    second = found(bucket)
    assert last_probe(bucket) == second != first
    kept = imitation.client().list_object_versions(Bucket=bucket.name, Prefix=f"studio/{NAME}")["Versions"]
    assert len(kept) == 2


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"{}"])
def test_answers_that_cannot_be_read_are_none(imitation: Imitation, body: bytes) -> None:
    bucket = bucket_of(imitation)
    imitation.client().put_object(Bucket=bucket.name, Key=f"studio/{NAME}", Body=body)
    assert last_probe(bucket) is None


def test_nothing_in_the_bucket_is_changed(gateway: Ceph) -> None:
    bucket, client = bucket_of(gateway, lock=Lock.GOVERNANCE), gateway.client()
    for key in ("studio/h/a", "studio/h/b", "other/c"):
        client.put_object(Bucket=bucket.name, Key=key, Body=key.encode())
    client.delete_object(Bucket=bucket.name, Key="studio/h/b")
    before = _others(client, bucket.name)
    found(bucket)
    assert len(before) == 4
    assert _others(client, bucket.name) == before


@pytest.mark.parametrize(
    ("lock", "left"),
    [(Lock.OFF, 0), (Lock.GOVERNANCE, 0), (Lock.COMPLIANCE, 1)],
    ids=lambda value: getattr(value, "value", str(value)),
)
def test_what_the_probe_wrote_goes_at_once_and_what_it_locked_within_a_minute(
    gateway: Ceph, lock: Lock, left: int
) -> None:
    bucket, client = bucket_of(gateway, lock=lock), gateway.client()
    result = found(bucket)
    page = client.list_object_versions(Bucket=bucket.name, Prefix=f"studio/{FOLDER}")
    assert len(page.get("Versions", ())) == left
    assert not page.get("DeleteMarkers")
    for entry in page.get("Versions", ()):
        head = client.head_object(Bucket=bucket.name, Key=entry["Key"], VersionId=entry["VersionId"])
        assert now() < head["ObjectLockRetainUntilDate"] < result.at + timedelta(minutes=1)


def test_a_probe_is_the_same_after_writing_and_reading() -> None:
    assert Probe.from_json(PROBE.as_json()) == PROBE
    assert "però" in PROBE.as_json().decode()


BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "another format": lambda value: value.update(format=2),
    "no lines": lambda value: value.pop("lines"),
    "a severity that is none": lambda value: value["lines"][0].update(severity="great"),
    "a line with more": lambda value: value["lines"][0].update(more=1),
    "a line with less": lambda value: value["lines"][0].pop("found"),
    "a line that plays with the terminal": lambda value: value["lines"][0].update(found="\x1b[2J"),
    "a line that is no text": lambda value: value["lines"][0].update(english=7),
    "neither yes nor no": lambda value: value["lines"][0].update(ok="yes"),
    "a time without a zone": lambda value: value.update(at="2026-11-22T03:04:05"),
    "no time": lambda value: value.update(at=7),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_probe_is_malformed(name: str) -> None:
    value = json.loads(PROBE.as_json())
    BROKEN[name](value)
    with pytest.raises(Malformed, match="not a probe"):
        Probe.from_json(json.dumps(value).encode())


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"null", b"[1]", b'"x"', b"1e999"])
def test_what_is_no_json_object_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed, match="not a probe"):
        Probe.from_json(data)


def test_what_a_server_says_is_shown_and_does_nothing_else() -> None:
    told = line("lock-kept", "PUT: 400 \x1b[2J\n" + "x" * 5000, ok=False)
    assert told.found.startswith("PUT: 400  [2J xxx")
    assert len(told.found) <= 400


def test_a_probe_says_nothing_about_another_configuration(imitation: Imitation) -> None:
    bucket = bucket_of(imitation, lock=Lock.GOVERNANCE)
    asked = Probe(now(), bucket.shown, "governance", "compat", ())
    assert asked.about(bucket)
    assert asked.about(replace(bucket, timeout=1.0))
    for change in ({"lock": Lock.COMPLIANCE}, {"compat": False}, {"prefix": "altro/"}, {"endpoint": "https://x"}):
        assert not asked.about(replace(bucket, **change)), change  # type: ignore[arg-type]


def test_only_refusing_gaps_refuse_and_all_of_them_last_but_a_wrong_clock() -> None:
    lines = tuple(
        Line(name, ok=ok, severity=severity, found="", italian="i", english="e")
        for name in ("lock-kept", "checksum", "clock")
        for ok in (True, False)
        for severity in Severity
    )
    result = replace(PROBE, lines=lines)
    assert [line.name for line in result.refused] == ["lock-kept", "checksum", "clock"]
    assert [line.name for line in result.lasting] == ["lock-kept", "checksum"]
    assert len(result.gaps) == 9


def test_a_line_says_its_consequence_and_what_it_was_concluded_from() -> None:
    assert LINE.text("it") == "però [200]"
    assert LINE.text("en") == "but [200]"


def _others(client: Any, name: str) -> list[tuple[str, str, bool]]:
    """All versions and delete markers outside of what belongs to the probe."""
    page = client.list_object_versions(Bucket=name)
    entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
    own = (FOLDER, NAME)
    return sorted(
        (entry["Key"], entry["VersionId"], entry["IsLatest"])
        for entry in entries
        if not entry["Key"].removeprefix("studio/").startswith(own)
    )
