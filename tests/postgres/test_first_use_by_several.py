"""Several that use a new archive for the first time, at the same moment, make one store and one catalog."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from servers.postgres import Postgres
from support.machines import shared

from archiver.compose import open_archive
from archiver.compose.founding import furnish
from archiver.errors import ArchiverError

ROUNDS = 4


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_several_that_make_an_archive_at_once_make_one(
    tmp_path: Path, request: pytest.FixtureRequest, database: str
) -> None:
    for number in range(ROUNDS):
        url = ""
        if database == "postgresql":
            server: Postgres = request.getfixturevalue("postgres")
            url = server.url(server.fresh())
        config = shared(tmp_path / str(number), url, machines=1, messages=()).machines[0].config
        together, results = threading.Barrier(4), []

        def use(config: Path = config, together: threading.Barrier = together, results: list[object] = results) -> None:
            archive = open_archive(config, environ={}, clock=lambda: datetime.now(UTC))
            together.wait()
            try:
                furnish(archive)
                results.append((archive.store.has("x"), archive.catalog.counts()["messages"]))
            except ArchiverError as error:
                results.append(error)

        threads = [threading.Thread(target=use) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert results == [(False, 0)] * 4
