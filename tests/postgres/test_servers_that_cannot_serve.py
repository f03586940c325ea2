"""What a server says when it cannot, or may not, hold the catalog: whose matter it is, and no password in it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from servers.databases import MIGRATED
from servers.postgres import OWNER, PASSWORD, Postgres
from servers.processes import free_ports
from sqlalchemy.exc import DBAPIError
from support.archives import demo, set_lines
from support.commands import archiver

from archiver.adapters.catalog import Catalog, postgresql, with_password
from archiver.adapters.catalog.failures import meaning
from archiver.errors import ArchiverError, ConfigError, Unavailable

QUOTED = quote(PASSWORD, safe="")
AT = datetime(2026, 11, 22, tzinfo=UTC)

Case = tuple[Callable[[Postgres], str], type[ArchiverError], str]
CASES: dict[str, Case] = {
    "nobody listens": (
        lambda server: f"postgresql://{OWNER}:{QUOTED}@127.0.0.1:{free_ports(1)[0]}/x", Unavailable, "raggiungibile",
    ),
    "no such socket": (lambda server: f"postgresql://{OWNER}:{QUOTED}@/x?host=/nowhere", Unavailable, "raggiungibile"),
    "no such database": (
        lambda server: server.url("nosuch", user=OWNER, password=QUOTED), ConfigError, "nosuch.*nome del database",
    ),
    "wrong password": (lambda server: server.url(user=OWNER, password="wr0ng"), ConfigError, "controllare utente"),
    "wrong password, elsewhere": (
        lambda server: f"{server.url(user=OWNER)}&password=wr0ng", ConfigError, "controllare utente",
    ),
    "no password": (lambda server: server.url(user=OWNER, tcp=True), ConfigError, "controllare utente, password"),
    "no such user": (lambda server: server.url(user="nosuch", password="wr0ng"), ConfigError, "controllare utente"),
    "not its database": (
        lambda server: server.url(server.fresh(), user=OWNER, password=QUOTED), ConfigError, "diritti.*OWNER TO",
    ),
    "not its tables": (
        lambda server: server.url(MIGRATED, user=OWNER, password=QUOTED), ConfigError, "diritti.*OWNER TO",
    ),
    "Latin 1": (lambda server: server.url(server.fresh(encoding="LATIN1")), ConfigError, "UTF8.*LATIN1.*TEMPLATE"),
    "no encoding": (lambda server: server.url(server.fresh(encoding="SQL_ASCII")), ConfigError, "UTF8.*SQL_ASCII"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_server_that_cannot_serve_is_told_by_whose_matter_it_is_and_secrets_stay_secret(
    postgres: Postgres, case: str
) -> None:
    address, kind, said = CASES[case]
    with pytest.raises(ArchiverError, match=said) as refusal:
        Catalog.open(address(postgres), create=True)
    assert type(refusal.value) is kind
    assert not any(secret in str(refusal.value) for secret in (PASSWORD, QUOTED, "wr0ng"))


WORDS = {
    'connection failed: FATALE:  autenticazione con password fallita per l\'utente "archiver"': ConfigError,
    'connection failed: FATALE:  il database "pec" non esiste': ConfigError,
    'connection failed: FATALE:  nessuna voce in pg_hba.conf per l\'host "127.0.0.1"': ConfigError,
    "connection failed: FATAL:  the database system is starting up": Unavailable,
    "connection failed: FATAL:  sorry, too many clients already": Unavailable,
    "connection timeout expired": Unavailable,
    "failed to resolve host 'db': [Errno -2] Name or service not known": Unavailable,
    "consuming input failed: server closed the connection unexpectedly": Unavailable,
}


@pytest.mark.parametrize("words", WORDS)
def test_servers_that_speak_italian_are_understood(words: str) -> None:
    error = DBAPIError("", None, psycopg.OperationalError(words))
    assert type(meaning(error, "postgresql://db/pec")) is WORDS[words]


def test_a_server_that_is_too_old_is_refused(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "OLDEST", 99)
    with pytest.raises(ConfigError, match=r"PostgreSQL 99 o più recente, trovato 1.*aggiornare"):
        Catalog.open(postgres.url(MIGRATED))


def test_a_replica_is_read_and_nothing_is_recorded_on_it(postgres: Postgres) -> None:
    name = postgres.fresh(like=MIGRATED)
    postgres.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    catalog = Catalog.open(postgres.url(name))
    assert catalog.counts()["messages"] == 0
    with pytest.raises(Unavailable, match=r"sola lettura.*primario"):
        catalog.annotate("legale", {"m": "{}"})
    with pytest.raises(Unavailable, match=r"sola lettura.*primario"), catalog.exclusive("seal", busy=""):
        pytest.fail("there is nothing to be done on a replica")
    with pytest.raises(Unavailable, match="sola lettura"):
        Catalog.upgrade(postgres.url(name))
    catalog.close()


def test_what_the_environment_says_of_encodings_and_users_counts_for_nothing(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    monkeypatch.setenv("PGUSER", "nosuch")
    monkeypatch.setenv("PGDATABASE", "nosuch")
    catalog = Catalog.open(postgres.url(postgres.fresh(like=MIGRATED)))
    catalog.annotate("legale", {"ключ": "€ 5"})
    assert catalog.annotations("legale") == {"ключ": "€ 5"}
    catalog.close()


@pytest.mark.parametrize("tcp", [True, False])
def test_a_password_with_any_sign_in_it_lets_in(postgres: Postgres, tcp: bool) -> None:
    url = postgres.url(postgres.fresh(owner=OWNER), user=OWNER, tcp=tcp)
    Catalog.open(with_password(url, PASSWORD), create=True).close()
    with pytest.raises(ConfigError):
        Catalog.open(url)


@pytest.mark.parametrize("reference", ["env:PEC_CATALOG", "file:secrets/catalog"])
def test_the_password_is_where_the_configuration_says(tmp_path: Path, postgres: Postgres, reference: str) -> None:
    config = demo(tmp_path / "archive")
    address = postgres.url(postgres.fresh(owner=OWNER), user=OWNER)
    set_lines(config, "archive", {"catalog": f'"{address}"', "catalog_password": f'"{reference}"'})
    (config.parent / "secrets").mkdir()
    (config.parent / "secrets/catalog").write_text(PASSWORD + "\n", encoding="utf-8")
    environ = {"PEC_CATALOG": PASSWORD}
    assert archiver("init", config.parent, environ=environ).code == 0
    found = archiver("doctor", "--json", config=config, environ=environ)
    assert {check["name"]: check["state"] for check in found.json["checks"]}["catalog"] == "ok"
    for said in (found.out, found.err):
        assert PASSWORD not in said


def test_a_password_that_stands_in_the_configuration_is_warned_of(tmp_path: Path, postgres: Postgres) -> None:
    config = demo(tmp_path / "archive")
    set_lines(config, "archive", {"catalog": f'"{postgres.url("x", user=OWNER, password="wr0ng")}"'})
    found = archiver("doctor", config=config)
    assert 'catalog_password = "env:NAME"' in found.out
    assert "wr0ng" not in found.out + found.err
    with suppress(FileNotFoundError):
        (config.parent / "catalog.db").unlink()
    set_lines(config, "archive", {"catalog_password": '"env:X"'})
    assert "no password of its own" in archiver("status", config=config).err
