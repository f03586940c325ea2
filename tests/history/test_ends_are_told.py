"""What a catalogue says of an algorithm names all of it: subject, name, key, end, moment, source."""

from datetime import UTC, datetime

import pytest

from archiver.evidence.algorithms import Catalogue
from archiver.evidence.terms import Term

AT = datetime(2030, 6, 1, 12, tzinfo=UTC)
MIDNIGHT, NOON = datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, 12, tzinfo=UTC)
CATALOGUE = Catalogue("prova", {"a": (Term(2000, MIDNIGHT),), "b": (Term(0, NOON),)})
SPENT = {"at": str(AT), "source": "prova"}
# name and bits; what is found, with which values: an end at midnight is told as the day before
CASES = {
    "spent since a midnight": ("a", 2048, "ALGORITHM_SPENT", SPENT | {"end": "2029-12-31"}),
    "spent since some hour": ("b", 0, "ALGORITHM_SPENT", SPENT | {"end": str(NOON)}),
    "too small a key": ("a", 1024, "ALGORITHM_UNKNOWN", {"source": "prova"}),
    "a name that is not there": ("c", 0, "ALGORITHM_UNKNOWN", {"source": "prova"}),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_found_has_every_value(case: str) -> None:
    name, bits, code, values = CASES[case]
    found = CATALOGUE.usable(name, bits, AT, subject="x")
    assert found is not None
    expected = {"name": name, "bits": str(bits)} | values
    assert (found.code, found.subject, dict(found.values)) == (code, "x", expected)
