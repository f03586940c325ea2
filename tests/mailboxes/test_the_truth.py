"""What the archive says of every dossier is what the simulator knows, however the mail has come."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from simulator.dovecot import Dovecot, installed
from simulator.plan import Plan
from simulator.serve import served
from support.archives import ADDRESS, trust
from support.commands import done
from support.connected import connected
from support.tools import absent

from archiver import compose
from archiver.cli.door import now

SECOND = "archivio@pec.esempio-legale.it"
RECIPIENT = ("address", "role", "state", "receipt", "content", "at", "reason")


@contextmanager
def mailboxes(plan: Plan, *users: str) -> Iterator[tuple[Dovecot, Path]]:
    """A server with the plan's mail, running, and the folder with the truth about it."""
    if not installed():
        absent("the program dovecot is not installed")
    with tempfile.TemporaryDirectory(prefix="truth-") as folder, served(plan, Path(folder)) as server:
        yield server, Path(folder)


@pytest.mark.parametrize(
    ("plan", "users", "jobs"),
    [
        (Plan(2000, 7, 300, 3, ADDRESS, datetime(2024, 3, 1, tzinfo=UTC)), (ADDRESS,), 1),
        (
            Plan(
                2500, 11, 300, 3, ADDRESS, datetime(2024, 3, 1, tzinfo=UTC), shuffle=True, duplicates=10, second=SECOND
            ),
            (ADDRESS, SECOND),
            2,
        ),
    ],
    ids=["as it came", "shuffled, late, twice, in two mailboxes"],
)
def test_every_recipient_of_every_dossier_is_as_the_simulator_knows(
    tmp_path: Path, plan: Plan, users: tuple[str, ...], jobs: int
) -> None:
    with mailboxes(plan, *users) as (server, folder):
        config = connected(tmp_path / "archive", server, *users)
        trust(config, (folder / "providers").iterdir())
        told = done("ingest", "--jobs", jobs, config=config)
        truth = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert told["new"] + told["known"] == len(truth["messages"])
    archive = compose.open_archive(config, environ={}, clock=now)
    kinds = {row["sha256"]: row["kind"] for row in truth["messages"]}
    wrong = []
    for dossier in truth["dossiers"]:
        shown = compose.show(archive, dossier["messages"][0]).as_json("it")
        expected, found = stated(dossier), stated(shown)
        if expected != found:
            wrong.append((dossier["variant"], expected, found))
        assert {item["sha256"]: item["kind"] for item in shown["messages"]} == {
            digest: kinds[digest] for digest in dossier["messages"]
        }
    assert wrong == []
    assert len({dossier["variant"] for dossier in truth["dossiers"]}) > 40
    assert done("status", config=config)["messages"] == len(
        {(row["sha256"], row["mailbox"]) for row in truth["messages"]}
    )


def stated(dossier: dict[str, Any]) -> dict[str, Any]:
    """What of a dossier must be the same."""
    recipients = sorted(tuple(str(item[key]) for key in RECIPIENT) for item in dossier["recipients"])
    related = sorted(item if isinstance(item, str) else item["sha256"] for item in dossier["related"])
    return {
        "message_id": dossier["message_id"],
        "identificativo": dossier["identificativo"],
        "state": dossier["state"],
        "contradiction": dossier["contradiction"],
        "recipients": recipients,
        "related": related,
    }
