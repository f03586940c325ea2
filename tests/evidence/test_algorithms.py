"""archiver.evidence.algorithms: the dated table."""

from datetime import UTC, datetime

import pytest

from archiver.evidence.algorithms import usable


@pytest.mark.parametrize(
    ("name", "bits", "day", "code"),
    [
        ("sha1", 0, "2012-08-01", None),
        ("sha1", 0, "2012-08-02", "ALGORITHM_SPENT"),
        ("sha512", 0, "2099-01-01", None),
        ("rsassa_pkcs1v15", 4096, "2028-12-31", None),
        ("rsassa_pkcs1v15", 4096, "2029-01-01", "ALGORITHM_SPENT"),
        ("rsassa_pkcs1v15", 1024, "2020-01-01", "ALGORITHM_SPENT"),
        ("rsassa_pss", 2048, "2029-01-01", "ALGORITHM_SPENT"),
        ("rsassa_pss", 3072, "2029-01-01", None),
        ("ecdsa", 256, "2040-01-01", None),
        ("ecdsa", 192, "2000-01-01", "ALGORITHM_UNKNOWN"),
        ("rot13", 0, "2000-01-01", "ALGORITHM_UNKNOWN"),
    ],
)
def test_an_algorithm_is_usable_up_to_the_last_day_of_its_term(name, bits, day, code):
    found = usable(name, bits, datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC))
    assert (found and found.code) == code
