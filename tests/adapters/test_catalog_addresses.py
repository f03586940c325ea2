"""Addresses of a catalog that cannot be meant so: refused before anybody is asked, and no password shown."""

import pytest

from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.address import parsed, shown
from archiver.errors import ConfigError

SPLIT = (
    "postgresql://archiver:segr@tissima@db/pec",
    "postgresql://archiver:segr@tissima@db",
    "postgresql://archiver:segr/x@tissima@db/pec",
    "postgresql://archiver:segr?x@tissima@db/pec",
    "postgresql://archiver:segr/x@y/tissima@db/pec",
    "postgresql://archiver:segr?x@y/tissima@db/pec",
    "postgresql://stud@io:segretissima@db/pec",
)


@pytest.mark.parametrize("address", SPLIT)
def test_an_at_sign_in_a_password_is_refused_and_nothing_of_it_is_shown(address: str) -> None:
    with pytest.raises(ConfigError, match="%40") as told:
        Catalog.open(address)
    assert not any(word in str(told.value) for word in ("segr", "tissima", "stud"))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://archiver:segr%40tissima@db/pec", "postgresql://archiver:***@db/pec"),
        ("postgresql://archiver%40server@db/pec", "postgresql://archiver%40server@db/pec"),
        ("postgresql://archiver@/pec?host=/var/run/a@b", "postgresql://archiver@/pec?host=%2Fvar%2Frun%2Fa%40b"),
        ("postgresql:///pec?host=/run/a@b&user=c@d", "postgresql:///pec?host=%2Frun%2Fa%40b&user=c%40d"),
        ("postgresql://archiver:x@db/a%40b", "postgresql://archiver:***@db/a%40b"),
        ("sqlite:////home/a@b/c@d/catalog.db", "sqlite:////home/a%40b/c%40d/catalog.db"),
    ],
)
def test_an_at_sign_elsewhere_or_quoted_is_none_too_many(address: str, told: str) -> None:
    assert shown(parsed(address)) == told


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("connect_timeout=abc", "connect_timeout"),
        ("keepalives_idle=abc", "keepalives_idle"),
        ("sslmode=abc", "sslmode"),
        ("ssl_min_protocol_version=abc", "ssl_min_protocol_version"),
        ("colore=rosso", "colore"),
        ("host=a,b&port=1,2,3", "hosts and ports"),
    ],
)
def test_a_setting_that_makes_no_sense_is_a_matter_of_configuration(setting: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"{said}.*correggerl") as told:
        Catalog.open(f"postgresql://archiver:segretissima@127.0.0.1:1/pec?{setting}")
    assert "segretissima" not in str(told.value)
