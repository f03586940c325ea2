"""A session that holds a lock waits for signers and authorities; a server that ends it says so, and is not repaired."""

import time
from pathlib import Path

import pytest
from servers.databases import MIGRATED
from servers.postgres import Postgres

from archiver.adapters.catalog import Catalog
from archiver.errors import Unavailable


def test_a_lock_outlives_a_wait_that_is_longer_than_the_server_lets_sessions_idle(postgres: Postgres) -> None:
    name = postgres.fresh(like=MIGRATED)
    postgres.sql(f"ALTER DATABASE {name} SET idle_session_timeout = '500ms'")
    catalog = Catalog.open(postgres.url(name))
    with catalog.exclusive("seal", busy="at work"):
        time.sleep(1)
        catalog.annotate("legale", {"m": "{}"})
    assert catalog.annotations("legale") == {"m": "{}"}
    catalog.close()


def test_a_connection_that_the_server_ends_is_tried_again_and_nobody_is_sent_for_a_copy(postgres: Postgres) -> None:
    name = postgres.fresh(like=MIGRATED)
    catalog = Catalog.open(postgres.url(name))
    with catalog.exclusive("seal", busy="at work"):
        postgres.sql(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(Unavailable, match=r"ripetere; se dura, guardare il log del server") as told:
            catalog.annotate("legale", {"m": "{}"})
    assert "copia" not in str(told.value)
    catalog.close()


def test_a_damaged_file_is_replaced_by_a_copy(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"this is no database at all, " * 100)
    with pytest.raises(Unavailable, match="ripristinarlo da una copia") as told:
        Catalog.open(f"sqlite:///{tmp_path}/catalog.db")
    assert "server" not in str(told.value)
