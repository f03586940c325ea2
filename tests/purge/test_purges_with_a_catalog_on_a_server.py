"""The catalog of a purge may be a PostgreSQL: its locks are connections, and one is taken within the other."""

from pathlib import Path

import pytest
from servers.postgres import Postgres
from support import letters
from support.archives import set_lines
from support.commands import archiver
from support.imap import Server
from support.purging import aged, left, old


def test_a_mailbox_is_purged_by_one_process_at_a_time(
    server: Server, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    postgres: Postgres = request.getfixturevalue("postgres")
    old(server, [letters.plain(number) for number in range(3)])
    made = aged(tmp_path / "a", server.dovecot, server.user)
    set_lines(made.config, "archive", {"catalog": f'"{postgres.url(postgres.fresh())}"'})
    made.taken_in()
    made.sealed()
    made.replicated()
    archive = made.archive()
    arguments = "purge", server.user, "--older-than", "90d"
    with archive.alone("ingest", archive.mailbox(server.user)):
        busy = archiver(*arguments, config=made.config)
        assert (busy.code, "at work on mailbox" in busy.err) == (3, True), busy
    done = archiver(*arguments, "--json", config=made.config)
    assert (done.code, done.json["deleted"], left(server)) == (0, 3, []), done
    assert [report["content"]["stage"] for report in made.reports()] == ["proven", "deleted"]
