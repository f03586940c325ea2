"""archiver.evidence.record.judge against a second, simple judge, over histories that nobody thought of."""

import os
import re

import pytest
from hypothesis import HealthCheck, Phase, event, example, given, note, settings
from support.histories import Played, Script, alterations, played, scripts
from support.judging import first_judge
from support.second_opinion import Believed, Opinion, opinion

from archiver.evidence.record.judge import RecordVerdict

pytestmark = pytest.mark.filterwarnings("ignore:Parsed a serial number")  # altered ones may be negative

EXAMPLES = int(os.environ.get("ARCHIVER_TEST_HISTORIES", "150"))
"""How many; `ARCHIVER_TEST_HISTORIES=20000 scripts/test tests/history --hypothesis-seed=7` looks further."""

MUTANT = "MUTANT_UNDER_TEST" in os.environ
"""Whether scripts/mutants asks: then the same histories each time, and the first disagreement is enough."""

SUITE = settings(
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    derandomize=MUTANT,
    phases=[Phase.explicit, Phase.generate] if MUTANT else tuple(Phase),
)


UNTOLD = re.compile(r"\?|\bNone\b")
"""What a text shows for a value that was left out, or was nothing."""


def second(asked: Played) -> Opinion:
    believed = Believed(asked.anchors, asked.ends, crls=asked.crls)
    return opinion(
        asked.record, believed, members=asked.members, absent=asked.absent, partial=asked.partial, at=asked.at
    )


def compared(script: Script) -> tuple[RecordVerdict, Opinion]:
    asked = played(script)
    one, other = first_judge(asked), second(asked)
    note(f"first: {one.verdict.indication} {[item.text('en') for item in one.verdict.findings]}")
    note(f"second: {other}")
    return one, other


@SUITE
@example(Script(members=2, told="nothing"))
@given(scripts())
def test_both_judges_say_the_same_of_every_history(script: Script) -> None:
    one, other = compared(script)
    event(other.word)
    assert (one.verdict.indication.value, one.proven_at) == (other.word, other.since)


@SUITE
@example(Script(members=2, told="nothing"))
@given(scripts())
def test_every_finding_names_the_record_and_has_all_it_tells_of(script: Script) -> None:
    asked = played(script)
    for digests in (asked.algorithms, asked.algorithms[:1]):
        for item in first_judge(asked, algorithms=digests).verdict.findings:
            assert item.subject.startswith("000001.ers")
            for language in ("it", "en"):
                assert not UNTOLD.search(item.text(language)), item.text(language)


@SUITE
@given(scripts(altered=alterations()))
def test_what_one_judge_passes_of_altered_records_the_other_passes_too(script: Script) -> None:
    one, other = compared(script)
    event(other.word)
    assert one.proven_at == other.since
