"""Plan, draw, figures and plots of an export, each alone."""

import hashlib
import random
import subprocess
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from support.tools import tool

from archiver.access.export import plots, sample
from archiver.access.export.asked import Asked, Filters, Format
from archiver.access.export.plan import Planned, parts
from archiver.access.export.plots import Bar, Step
from archiver.access.export.statistics import BOUNDS, Times
from archiver.digest import Sha256

DIGESTS = [Sha256(hashlib.sha256(bytes((number,))).hexdigest()) for number in range(200)]


def piece(octets: int, *, volume: str | None = "v", holder: str = "h", messages: int = 1) -> Planned:
    return Planned("m", f"s{octets}", volume, holder, messages, octets, True)


@pytest.mark.parametrize(
    ("sizes", "cut"),
    [
        ((), []),
        ((5,), [[5]]),
        ((4, 4, 4), [[4, 4], [4]]),
        ((11, 1), [[11], [1]]),
        ((1, 11, 1), [[1], [11], [1]]),
        ((10, 10), [[10], [10]]),
    ],
)
def test_parts_are_as_full_as_their_size_allows_and_no_piece_is_cut(
    sizes: tuple[int, ...], cut: list[list[int]]
) -> None:
    found = parts(map(piece, sizes), size=10)
    assert [[item.octets for item in part] for part in found] == cut


def test_a_part_holds_one_holder_and_so_many_messages_at_most() -> None:
    two = [piece(1, holder="a"), piece(1, holder="b")]
    assert len(list(parts(two, size=10))) == 2
    assert len(list(parts([piece(1, messages=3), piece(1, messages=3)], size=10, most=5))) == 2
    assert len(list(parts([piece(1, messages=3), piece(1, messages=2)], size=10, most=5))) == 1


def test_a_volume_that_fits_into_one_part_is_not_cut() -> None:
    def cut(*pieces: Planned) -> list[str]:
        return ["".join(str(item.volume) for item in part) for part in parts(pieces, size=10)]

    a, b, large = piece(4, volume="a"), piece(4, volume="b"), piece(6, volume="c")
    assert cut(a, b, b) == ["a", "bb"]
    assert cut(a, a, b, b) == ["aa", "bb"]
    assert cut(a, b) == ["ab"]
    assert cut(a, large, large) == ["ac", "c"]


def test_by_volume_every_volume_is_one_part_however_large() -> None:
    pieces = [piece(9, volume="a"), piece(9, volume="a"), piece(9, volume="b"), piece(9, volume=None)]
    found = list(parts(pieces, size=10, by_volume=True))
    assert [[item.volume for item in part] for part in found] == [["a", "a"], ["b"], [None]]


def test_the_draw_is_the_same_in_any_order_and_with_repetitions() -> None:
    drawn = sample.draw(DIGESTS, count=10, seed="verifica")
    mixed = random.Random(1).sample(DIGESTS, len(DIGESTS)) + DIGESTS[:50]
    assert sample.draw(mixed, count=10, seed="verifica") == drawn
    assert len({item.sha256 for item in drawn}) == 10
    assert sample.draw(DIGESTS, count=10, seed="altro") != drawn
    assert len(sample.draw(DIGESTS, count=500, seed="x")) == len(DIGESTS)


def test_the_draw_is_what_sha256sum_and_sort_give() -> None:
    tool("sha256sum")
    lines = "\n".join(sorted(DIGESTS))
    script = (
        'while read -r d; do printf "%s %s\\n" "$(printf "%s:%s" "$SEED" "$d" | sha256sum | cut -c1-64)" "$d"; done'
        " | LC_ALL=C sort | head -n 7"
    )
    done = subprocess.run(
        ["sh", "-c", script],
        input=lines + "\n",
        capture_output=True,
        text=True,
        check=True,
        env={"SEED": "seme è 1", "PATH": "/usr/bin:/bin"},
    )
    expected = [f"{item.number} {item.sha256}" for item in sample.draw(DIGESTS, count=7, seed="seme è 1")]
    assert done.stdout.splitlines() == expected


def test_a_question_has_one_digest_and_another_question_another() -> None:
    def asked(**changes: object) -> str:
        given = {"mailboxes": ("m",), "filters": Filters(), "format": Format.ZIP, "part_size": 1}
        return Asked(**(given | changes)).digest  # type: ignore[arg-type]

    since = Filters(since=datetime(2026, 1, 1, tzinfo=UTC))
    others = [
        asked(mailboxes=("n",)),
        asked(part_size=2),
        asked(full=True),
        asked(sample=1, seed="a"),
        asked(filters=since),
    ]
    assert asked() == asked()
    assert len({asked(), *others}) == 6


def test_times_have_quantiles_and_classes_and_no_time_is_negative() -> None:
    times, begin = Times(), datetime(2026, 1, 1, tzinfo=UTC)
    for seconds in (-5, 30, 59, 60, 400, 90_000):
        times.add(begin, begin + timedelta(seconds=seconds))
    told = times.as_json()
    assert (told["count"], told["median"], told["max"]) == (6, 60, 90_000)
    assert told["classes"] == [3, 1, 1, 0, 0, 0, 1]
    assert len(told["classes"]) == len(BOUNDS) + 1
    assert Times().as_json()["median"] is None


@pytest.mark.parametrize(
    ("days", "step", "bars"),
    [(1, Step.DAY, 1), (92, Step.DAY, 92), (93, Step.WEEK, 14), (644, Step.WEEK, 93), (645, Step.MONTH, 22)],
)
def test_nothing_is_lost_when_days_become_weeks_or_months(days: int, step: Step, bars: int) -> None:
    every = [(date(2026, 1, 1) + timedelta(number), 2.0) for number in range(days)]
    found = plots.by_time(every)
    assert plots.step([day for day, _ in every]) is step
    assert sum(value for _, value in found) == 2.0 * days
    assert len(found) == bars


def test_a_day_without_messages_is_drawn_as_nothing() -> None:
    assert plots.by_time([(date(2026, 1, 1), 1), (date(2026, 1, 3), 1)])[1] == ("02/01/26", 0)
    assert plots.by_time([]) == []


def test_a_plot_is_xml_whatever_the_names_say() -> None:
    bars = [Bar("<script>&\"'", 3, "3"), Bar("b", 0, "0")]
    for drawn in (plots.columns("a < b", bars), plots.rows("a & b", bars), plots.columns("", [])):
        root = ElementTree.fromstring(drawn)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not root.findall(".//{*}script")
