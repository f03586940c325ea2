"""Every line of the probe against a server that has the gap and against one that has not."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import pytest
from servers import lies
from servers.ceph import Ceph
from servers.imitation import Imitation, Lie
from support.probing import bucket_of, found, gaps, line_of, over_tls

from archiver.adapters.stores.s3.bucket import Lock
from archiver.adapters.stores.s3.probe import Probe
from archiver.adapters.stores.s3.probe.words import TABLE

REFUSES, WARNS, INFORMS = "refuses", "warns", "informs"
OFF, GOVERNANCE, COMPLIANCE = Lock.OFF, Lock.GOVERNANCE, Lock.COMPLIANCE


@dataclass(frozen=True)
class Case:
    """One lie: how it is asked, and every line that must show it, beyond what the imitation lacks anyhow."""

    lie: Lie
    shown: dict[str, str]
    lock: Lock = OFF
    compat: bool = False
    versioned: bool = True


LIES = [
    Case(lies.clock_off(timedelta(minutes=10)), {"clock": REFUSES}),
    Case(lies.clock_off(timedelta(minutes=-10)), {"clock": REFUSES}),
    Case(lies.clock_off(timedelta(minutes=2)), {"clock": WARNS}),
    Case(lies.has_no_date, {"clock": WARNS}),
    Case(lies.loses_the_end, {"write-read": REFUSES, "versions-kept": REFUSES}),
    Case(lies.ignores_ranges, {"range": REFUSES}),
    Case(lies.shifts_ranges, {"range": REFUSES}),
    Case(lies.hides_ranges, {"range": REFUSES}),
    Case(lies.lists_late, {"listing": REFUSES}),
    Case(lies.lists_versions_late, {"listing": REFUSES}),
    Case(lies.lists_backwards, {"listing": REFUSES}),
    Case(lies.keeps_only_the_last, {"versions-kept": REFUSES}),
    Case(lies.makes_no_version, {"versions-kept": REFUSES}),
    Case(lies.overwrites, {"create-once": INFORMS, "create-once-race": INFORMS}),
    Case(lies.overwrites_in_a_race, {"create-once-race": INFORMS}),
    Case(lies.overwrites, {"create-once": WARNS, "create-once-race": WARNS}, versioned=False),
    Case(lies.knows_no_conditions, {"conditional": REFUSES}),
    Case(lies.keeps_no_checksum, {"checksum-kept": INFORMS}),
    Case(lies.ignores_locks, {"lock-kept": REFUSES, "lock-delete": REFUSES}, lock=COMPLIANCE),
    Case(lies.hides_locks, {"lock-kept": REFUSES}, lock=GOVERNANCE),
    Case(lies.locks_for_less, {"lock-kept": REFUSES}, lock=GOVERNANCE),
    Case(lies.deletes_what_is_locked, {"lock-delete": REFUSES}, lock=GOVERNANCE),
    Case(lies.deletes_in_batches, {"lock-delete": REFUSES}, lock=GOVERNANCE),
    Case(lies.extends_no_lock, {"lock-extend": REFUSES}, lock=GOVERNANCE),
    Case(lies.bypasses_compliance, {"bypass": REFUSES}, lock=COMPLIANCE),
]


@cache
def imitated(lie: Lie | None, lock: Lock, *, compat: bool = False, versioned: bool = True) -> Probe:
    with Imitation(lie) as server:
        return found(bucket_of(server, lock=lock, compat=compat, versioned=versioned))


MOTO = {
    # what it lacks: the reason why nothing about locks may be concluded from it
    (OFF, True): {"content-md5": WARNS, "payload-hash": WARNS, "damage": REFUSES},
    (OFF, False): {"checksum": REFUSES},
    (GOVERNANCE, False): {"checksum": REFUSES, "lock-shorten": REFUSES, "suspension": REFUSES, "bypass": WARNS},
    (COMPLIANCE, False): {"checksum": REFUSES, "lock-shorten": REFUSES, "suspension": REFUSES},
}
CEPH16 = {
    (OFF, True): {"create-once": INFORMS, "create-once-race": INFORMS},
    (GOVERNANCE, True): {"create-once": INFORMS, "create-once-race": INFORMS, "bypass": WARNS},
    (COMPLIANCE, True): {"create-once": INFORMS, "create-once-race": INFORMS},
    (COMPLIANCE, False): {
        "create-once": INFORMS, "create-once-race": INFORMS, "checksum": REFUSES, "checksum-kept": INFORMS,
    },
}  # fmt: skip
CEPH20 = {
    # it looks before it writes, and does not look while it writes
    (GOVERNANCE, True): {"create-once-race": INFORMS, "bypass": WARNS},
    (GOVERNANCE, False): {"create-once-race": INFORMS, "bypass": WARNS},
    (COMPLIANCE, True): {"create-once-race": INFORMS},
    (COMPLIANCE, False): {"create-once-race": INFORMS},
}
ALIASES = {"overwrite": "create-once", "compliance-bypass": "bypass"}
ELSEWHERE = {"https", "versioning", "default-retention"}


@pytest.mark.parametrize("case", LIES, ids=lambda case: f"{case.lie.__name__}-{case.lock.value}")
def test_every_lie_is_found_out_by_its_own_lines_and_by_no_other(case: Case) -> None:
    honest = imitated(None, case.lock, compat=case.compat, versioned=case.versioned)
    lying = imitated(case.lie, case.lock, compat=case.compat, versioned=case.versioned)
    names = {name for name, _ in gaps(honest)}
    assert {name: severity for name, severity in gaps(lying) if name not in names} == case.shown
    # and a server that does not tell this lie was asked, and has not this gap
    for name in case.shown.keys() - {"conditional"}:
        assert line_of(honest, name).ok
        assert line_of(honest, name).asked


@pytest.mark.parametrize(("lock", "compat"), MOTO, ids=str)
def test_the_imitation_is_found_out(lock: Lock, compat: bool) -> None:
    assert dict(gaps(imitated(None, lock, compat=compat))) == MOTO[lock, compat]


@pytest.mark.parametrize(("lock", "compat"), CEPH16, ids=str)
def test_ceph_16_keeps_locks_and_neither_enforces_conditions_nor_checks_sha_256(
    gateway: Ceph, lock: Lock, compat: bool
) -> None:
    result = found(bucket_of(gateway, lock=lock, compat=compat))
    assert dict(gaps(result)) == CEPH16[lock, compat]
    every = {line.name for line in result.lines if line.asked}
    assert every >= ({"content-md5", "payload-hash", "damage"} if compat else {"checksum"})
    assert lock is OFF or every >= {"lock-kept", "lock-delete", "lock-shorten", "lock-extend", "bypass", "suspension"}


@pytest.mark.parametrize(("lock", "compat"), CEPH20, ids=str)
def test_ceph_20_keeps_locks_and_checks_sha_256_and_lets_two_writers_in_at_once(
    gateway20: Ceph, lock: Lock, compat: bool
) -> None:
    assert dict(gaps(found(bucket_of(gateway20, lock=lock, compat=compat)))) == CEPH20[lock, compat]


def test_over_tls_the_same_is_found(gateway: Ceph) -> None:
    result = found(over_tls(gateway, bucket_of(gateway, lock=COMPLIANCE)))
    assert dict(gaps(result)) == CEPH16[COMPLIANCE, True]
    assert line_of(result, "https").found == "https://localhost"


def test_a_server_that_compares_bytes_with_their_checksum_has_no_such_gap() -> None:
    assert not gaps(imitated(lies.checks, OFF))
    assert dict(gaps(imitated(lies.checks, OFF, compat=True))) == {"payload-hash": WARNS}


def test_every_text_of_the_table_is_shown_by_one_server_and_not_by_another() -> None:
    shown = {name for case in LIES for name in case.shown} | {name for gap in MOTO.values() for name in gap}
    assert {ALIASES.get(name, name) for name in TABLE} == shown | ELSEWHERE
