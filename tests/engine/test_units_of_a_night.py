"""A night in units: what waits for what, and that many parts told come to what one whole would have told."""

import pytest

from archiver.night import Unit
from archiver.nightly import Alert, Done, Failure, Step
from archiver.nightly.fold import folded, heard, told
from archiver.nightly.units import LIST, NIGHT, PRIORITY, ready, units
from archiver.submission.shard import MOST, Shard, shards

HOLDERS = {"a1": "a", "a2": "a", "b1": "b"}
ALL = units(HOLDERS, ("a", "b"), of=2, index=True)
READING = Unit("sweep", "00-of-02"), Unit("sweep", "01-of-02")
COPIES = Unit("replicate", "00-of-02"), Unit("replicate", "01-of-02")
INDEX = Unit("index", "00-of-02"), Unit("index", "01-of-02")
POLLS = tuple(Unit("ingest", mailbox) for mailbox in HOLDERS)


def after(*ended: Unit) -> set[Unit]:
    return set(ready([unit for unit in ALL if unit not in ended], HOLDERS))


def test_a_night_begins_with_what_waits_for_nothing() -> None:
    assert after() == {*POLLS, Unit("renew")}


SEALS = Unit("seal", "a"), Unit("seal", "b")


@pytest.mark.parametrize(
    ("ended", "ready_now"),
    [
        (POLLS[:1], {*POLLS[1:], Unit("renew")}),
        (POLLS[:2], {POLLS[2], SEALS[0], Unit("renew")}),
        (POLLS, {*SEALS, *INDEX, Unit("renew")}),
        ((*POLLS, *SEALS), {COPIES[0], *INDEX, Unit("renew")}),
        ((*POLLS, *SEALS, COPIES[0]), {COPIES[1], *INDEX, Unit("renew")}),
        ((*POLLS, *SEALS, *COPIES), {*INDEX, Unit("renew")}),
        ((*POLLS, *SEALS, *COPIES, Unit("renew")), {*INDEX, *READING}),
        ((*POLLS, *SEALS, *COPIES, Unit("renew"), READING[0]), {*INDEX, READING[1]}),
        ((*POLLS, *SEALS, *COPIES, Unit("renew"), *READING), {*INDEX, Unit("sweep", LIST)}),
        (tuple(set(ALL) - {Unit("alarms"), NIGHT}), {Unit("alarms")}),
        (tuple(set(ALL) - {NIGHT}), {NIGHT}),
    ],
    ids=lambda value: str(len(value)),
)
def test_each_unit_waits_for_what_it_works_on(ended: tuple[Unit, ...], ready_now: set[Unit]) -> None:
    assert after(*ended) == ready_now


def test_however_units_end_the_night_comes_to_its_end_and_nothing_is_left() -> None:
    for last_first in (False, True):
        due = sorted(ALL, key=lambda unit: unit.name, reverse=last_first)
        done = []
        while due:
            done.append(next(ready(due, HOLDERS)))
            due.remove(done[-1])
        assert done[-1] == NIGHT


def test_alarms_seals_and_evidence_come_before_sweeps() -> None:
    assert min(PRIORITY[step] for step in ("night", "alarms", "renew", "seal", "ingest")) > PRIORITY["sweep"]


@pytest.mark.parametrize("of", [1, 2, 3, 16, MOST])
def test_every_digest_lies_in_exactly_one_shard(of: int) -> None:
    digests = ["", *(f"{number:02x}{'5' * 62}" for number in range(256)), "f" * 64, "0" * 64]
    for digest in digests:
        assert sum(shard.low <= digest < shard.high for shard in shards(of)) == 1
    assert [Shard.named(shard.name) for shard in shards(of)] == list(shards(of))


@pytest.mark.parametrize(("number", "of"), [(-1, 2), (2, 2), (0, MOST + 1)])
def test_a_shard_that_there_is_not_is_refused(number: int, of: int) -> None:
    with pytest.raises(ValueError, match="expected a part"):
        Shard(number, of)


FAILURE = Failure("box", "chiusa", 3, "archiver doctor")
ALERT = Alert("CODE", "warning", "x", "testo", "archiver status")


def test_what_a_unit_came_to_is_kept_as_it_was() -> None:
    done = Done({"new": 3, "mailboxes": {"studio": {"id": "m", "new": 3}}}, (FAILURE,), (ALERT,), 3)
    assert heard(told(done)) == done


def test_the_parts_of_a_step_come_to_what_the_whole_would_have_told() -> None:
    parts = [
        Done({"new": 3, "findings": {"A": 1}, "mailboxes": {"a": {"new": 3}}}, alerts=(ALERT,)),
        Done({"new": 4, "findings": {"A": 2, "B": 1}, "mailboxes": {"b": {"new": 4}}}, (FAILURE,), (ALERT,), 3),
    ]
    whole = folded(parts)
    assert whole.figures == {"new": 7, "findings": {"A": 3, "B": 1}, "mailboxes": {"a": {"new": 3}, "b": {"new": 4}}}
    assert (whole.failures, whole.alerts, whole.code) == ((FAILURE,), (ALERT,), None)
    assert Step.ended("ingest", 0, whole).code == 3, "of the units that failed, all found a service down"


def test_a_promise_is_kept_when_all_keep_it_and_the_oldest_copy_is_the_oldest_of_all() -> None:
    parts = [Done({"promise_kept": kept, "oldest_unread_days": days}) for kept, days in ((True, 3), (False, 91))]
    assert folded(parts).figures == {"promise_kept": False, "oldest_unread_days": 91}


def test_how_long_an_authority_took_is_the_mean_over_all_answers() -> None:
    waits = [{"answers": 1, "failed": 1, "mean": 4.0, "max": 4.0}, {"answers": 3, "failed": 0, "mean": 0.0, "max": 0.5}]
    whole = folded([Done({"tsa": {"one": wait}}) for wait in waits] + [Done({"tsa": {}})])
    assert whole.figures["tsa"] == {"one": {"answers": 4, "failed": 1, "mean": 1.0, "max": 4.0}}


def test_where_every_part_ends_with_one_code_the_step_does() -> None:
    assert folded([Done(code=2), Done(code=2)]).code == 2
    assert folded([Done(code=2), Done(code=3)]).code is None
