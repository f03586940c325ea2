"""Steps fail alone, and one exit code says what came of all of them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import pytest

from archiver.errors import Absent, ConfigError, Conflict, Malformed, Unavailable, unforeseen
from archiver.nightly import Alert, Discreet, Done, Failure, Night, Result, Step, Task, run
from archiver.nightly.run import Heard
from archiver.nightly.words import STEPS, summary, title

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
PLANTED = "anna.verdi@clienti.example, password segreta-99"


def fail(error: BaseException) -> Callable[[], NoReturn]:
    def work() -> NoReturn:
        raise error

    return work


def night(*codes: int, alerts: tuple[Alert, ...] = ()) -> Night:
    steps = tuple(
        Step("seal", Result.FAILED if code else Result.DONE, code, 1.0, {}, (Failure("x", "y", code),) if code else ())
        for code in codes
    )
    return Night("run", AT, AT + timedelta(minutes=4), steps, alerts)


CODES = [
    ((), 0), ((0, 0), 0), ((1,), 1), ((2,), 2), ((3,), 3), ((4,), 4), ((3, 3, 0), 3), ((2, 2), 2), ((3, 2), 1),
    ((3, 1), 1), ((1, 2, 3), 1), ((3, 4), 4), ((4, 2, 1), 4),
]  # fmt: skip


@pytest.mark.parametrize(("codes", "code"), CODES)
def test_the_code_of_a_night(codes: tuple[int, ...], code: int) -> None:
    assert night(*codes).code == code


UNITS = [((), 0), ((3, 3), 3), ((2,), 1), ((1, 3), 1), ((3, 4), 4), ((2, 2), 1)]


@pytest.mark.parametrize(("codes", "code"), UNITS)
def test_the_code_of_a_step_whose_units_failed(codes: tuple[int, ...], code: int) -> None:
    """One mailbox with a wrong password is a unit that failed, not a configuration that cannot be used."""
    step = Step.ended("ingest", 0.0, Done({}, tuple(Failure(f"{n}", "why", each) for n, each in enumerate(codes))))
    assert (step.code, step.result is Result.DONE) == (code, not code)


ERRORS = [
    (ConfigError("c"), 2), (Unavailable("u"), 3), (Conflict("c"), 4), (Absent("a"), 1), (Malformed("m"), 1),
    (OSError(28, "No space left on device", "/disk"), 3), (ValueError(PLANTED), 1), (KeyError("k"), 1),
    (MemoryError(), 1), (RecursionError(), 1),
]  # fmt: skip


@pytest.mark.parametrize(("error", "code"), ERRORS, ids=lambda value: type(value).__name__)
def test_whatever_stops_a_step_does_not_stop_the_next(error: Exception, code: int) -> None:
    done: list[str] = []

    def work() -> Done:
        done.append("renew")
        return Done({"due": 0})

    first, second = _steps(Task("seal", fail(error)), Task("renew", work))
    assert (first.result, first.code) == (Result.FAILED, code)
    assert first.failures[0].next == "archiver seal"
    assert (second.result, second.code, done) == (Result.DONE, 0, ["renew"])


def test_an_interruption_ends_the_step_and_leaves_the_others_to_the_next_night() -> None:
    heard = Heard()
    steps = list(
        run(
            [Task("ingest", Done), Task("seal", fail(KeyboardInterrupt())), Task("renew", Done)],
            clock=lambda: AT, discreet=Discreet(), heard=heard,
        )
    )  # fmt: skip
    assert heard.interrupted
    assert [(step.result, step.code) for step in steps] == [
        (Result.DONE, 0), (Result.FAILED, 3), (Result.SKIPPED, 3),
    ]  # fmt: skip
    assert Night("r", AT, AT, tuple(steps)).code == 3


def test_an_error_that_nobody_foresaw_is_told_by_its_place_and_not_by_its_words() -> None:
    try:
        json.loads(PLANTED)
    except ValueError as error:
        said = str(unforeseen(error))
    assert "JSONDecodeError" in said
    assert "decoder.py:" in said
    assert "verdi" not in said
    [step] = _steps(Task("seal", fail(ValueError(PLANTED))))
    assert "segreta" not in json.dumps(step.as_json())
    assert "verdi" not in json.dumps(step.as_json())


def test_the_reason_of_a_step_that_stopped_names_nobody() -> None:
    [step] = _steps(Task("seal", fail(ConfigError(f"refused for {PLANTED}"))))
    assert step.failures[0].reason == "refused for ***, password ***"


def test_a_clock_that_is_set_back_takes_no_time() -> None:
    clock = iter((AT, AT - timedelta(hours=1)))
    [step] = run([Task("seal", Done)], clock=lambda: next(clock), discreet=Discreet(), heard=Heard())
    assert step.seconds == 0


STRUCK = [
    ("access denied to Mario.Rossi+x@pec.example.it: no", "access denied to ***: no"),
    ("<a@b.example>", "<***>"),
    ('"Anna Verdi"@pec.example, and u@[192.0.2.1].', "***, and ***."),
    ("città@università.example;b@c", "***;***"),
    ("user=studio pass hunter2 end", "user=*** pass *** end"),
    ("STUDIO and studio", "*** and ***"),
    ("two\n lines", "two lines"),
    ("h/pdv/m-1/abc.xml at 02:10", "h/pdv/m-1/abc.xml at 02:10"),
]


@pytest.mark.parametrize(("said", "left"), STRUCK)
def test_what_is_struck_out(said: str, left: str) -> None:
    assert Discreet(names=["studio", "ab"], secrets=["hunter2"])(said) == left


@pytest.mark.parametrize("lang", ["it", "en"])
def test_a_summary_says_what_failed_before_the_figures_and_what_to_do_next(lang: str) -> None:
    alerts = tuple(Alert("W", "warning", "s", f"warning {n}", "archiver doctor") for n in range(30))
    found = list(summary(night(0, 1, alerts=(*alerts, Alert("E", "error", "s", "grave"))), lang))
    failed, figures = {"it": ("NON RIUSCITO", "CIFRE"), "en": ("FAILED", "FIGURES")}[lang]
    assert found.index(failed) < found.index("! grave") < found.index(figures)
    assert found[found.index("- warning 0") + 1].strip() == "archiver doctor"
    assert sum("warning " in line for line in found) == 19
    assert any("archiver status --alerts" in line for line in found)


def test_a_demo_says_that_it_has_no_legal_value() -> None:
    demo = Night("r", AT, AT, (), demo=True)
    assert "SENZA VALORE LEGALE" in title(demo, "it")
    assert "WITHOUT LEGAL VALUE" in title(demo, "en")
    assert "SENZA" not in title(night(), "it")


def test_every_step_has_its_word() -> None:
    for name in (
        "ingest",
        "seal",
        "replicate",
        "renew",
        "sweep",
        "index",
        "alarms",
        "metrics",
        "notify",
        "record",
        "open",
    ):
        assert set(STEPS[name]) == {"it", "en"}


def _steps(*tasks: Task) -> list[Step]:
    strike = Discreet(secrets=["segreta-99"])
    return list(run(tasks, clock=lambda: AT, discreet=strike, heard=Heard()))
