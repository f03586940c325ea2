"""A night on PostgreSQL that several workers share: everything is done, once, and told as one machine tells it."""

import json
import re
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families as families
from servers.postgres import OWNER, PASSWORD, Postgres
from support.archives import demo, set_lines
from support.commands import archiver, done
from support.machines import Shared, ended, shared
from support.told import append
from support.workers import Tables, Worker, until

from archiver.adapters.catalog import Catalog
from archiver.adapters.engine import Ledger, Queue, install
from archiver.compose.slots import place
from archiver.errors import Busy, ConfigError
from archiver.night import Unit


def made(folder: Path, postgres: Postgres, *, messages: tuple[int, ...] = (40, 40), machines: int = 2) -> Shared:
    """An archive whose machines may begin to work, in four parts."""
    database = postgres.fresh()
    archive = shared(folder, postgres.url(database), machines=machines, messages=messages)
    for machine in archive.machines:
        append(machine.config, "[engine]", "shards = 4", "heartbeat = 2")
    done("catalog", "upgrade", config=archive.machines[0].config)
    return archive


def tables(archive: Shared, postgres: Postgres) -> Tables:
    [name] = re.findall(r'^catalog = ".*/(catalog_\d+)\?', archive.machines[0].config.read_text(), re.MULTILINE)
    return Tables(postgres, name)


def test_two_workers_share_a_night_and_tell_of_it_as_one_machine_does(tmp_path: Path, postgres: Postgres) -> None:
    archive = made(tmp_path, postgres)
    config = archive.machines[0].config
    outcomes = ended(*(machine.start("worker", "--once") for machine in archive.machines))
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
    assert sum(outcome.json["nights"] for outcome in outcomes) == 1
    shares: dict[str, int] = {}
    for outcome in outcomes:
        assert outcome.json["units"], "both had a share of it"
        for step, count in outcome.json["units"].items():
            shares[step] = shares.get(step, 0) + count
    assert shares == {"ingest": 2, "seal": 1, "replicate": 4, "renew": 1, "sweep": 5, "index": 4, "alarms": 1}
    night = told(tables(archive, postgres))
    alone = done("nightly", config=config)
    assert night["code"] == 0
    assert list(night["steps"]) == [name for name in alone["steps"] if name in night["steps"]]
    assert set(alone["steps"]) - set(night["steps"]) <= {"metrics", "notify"}
    for name, step in night["steps"].items():
        assert set(alone["steps"][name]) == set(step), "the same figures, whoever did it"
    assert night["steps"]["ingest"]["new"] == archive.messages
    assert set(night["steps"]["ingest"]["mailboxes"]) == {"box0", "box1"}
    assert night["steps"]["replicate"]["read"] == night["steps"]["sweep"]["listed"]
    assert night["steps"]["replicate"]["safe"] == archive.messages
    assert night["steps"]["index"]["read"] == archive.messages
    done("seal", "--now", config=config)
    assert archive.complaints() == []


def told(tables: Tables) -> dict[str, Any]:
    [(id, over)] = tables.nights()
    assert over
    [(text,)] = tables.server.sql(f"SELECT told FROM night WHERE id = '{id}'", tables.database)
    found: dict[str, Any] = json.loads(text)
    return found


def test_what_the_shards_of_a_sweep_read_stands_in_its_one_report(tmp_path: Path, postgres: Postgres) -> None:
    archive = made(tmp_path, postgres, messages=(5,), machines=1)
    [machine] = archive.machines
    done("ingest", config=machine.config)
    done("replicate", config=machine.config)
    append(machine.config, "[sweep]", 'budget = "1GB"')
    [outcome] = ended(machine.start("worker", "--once"))
    assert outcome.code == 0, outcome
    sweep = told(tables(archive, postgres))["steps"]["sweep"]
    assert sweep["objects"] > 0
    assert sweep["bytes"] > 0
    reports = list((machine.config.parent / "store").glob("*/reports/*-sweep-*"))
    assert len(reports) == 1
    assert f'"objects":{sweep["objects"]}'.encode() in re.sub(rb"\s", b"", reports[0].read_bytes())


def test_what_is_queued_is_identifiers_only(tmp_path: Path, postgres: Postgres) -> None:
    """Nothing of it is taken by a worker that serves no other queue than that of the plans."""
    archive = made(tmp_path, postgres, machines=1)
    [machine] = archive.machines
    worker = Worker(machine.config, tmp_path / "log", ("--queues", "night")).start()
    try:
        known = tables(archive, postgres)
        until(lambda: known.queued() == len(archive.mail) + 1, "all that waits for nothing is queued")
        rows = known.ask("SELECT args, lock, queueing_lock, queue_name FROM procrastinate_jobs WHERE lock IS NOT NULL")
    finally:
        worker.end()
    mailboxes = set(archive.mail)
    [(night, _)] = known.nights()
    assert {args["key"] for args, *_ in rows if args["step"] == "ingest"} == mailboxes
    for args, lock, queueing, queue in rows:
        assert set(args) == {"night", "step", "key"}
        assert args["night"] == night
        assert args["key"] in mailboxes | {""}
        assert lock == queueing == (f"{args['step']}-{args['key']}" if args["key"] else args["step"])
        assert queue == args["step"]
    everything = str(known.ask("SELECT j.*, e.* FROM procrastinate_jobs j JOIN procrastinate_events e ON true"))
    assert "@" not in everything
    assert "studio" not in everything


def test_a_unit_never_stands_in_the_queue_twice_however_often_it_is_planned(tmp_path: Path, postgres: Postgres) -> None:
    archive = made(tmp_path, postgres, machines=1)
    [machine] = archive.machines
    worker = Worker(machine.config, tmp_path / "log", ("--queues", "night")).start()
    known = tables(archive, postgres)
    try:
        until(lambda: known.queued() == len(archive.mail) + 1, "all that waits for nothing is queued")
        plans = "SELECT count(*) FROM procrastinate_periodic_defers"
        first = known.ask("SELECT max(id) FROM procrastinate_periodic_defers")[0][0]
        until(lambda: known.ask("SELECT max(id) FROM procrastinate_periodic_defers")[0][0] >= first + 2, plans)
    finally:
        worker.end()
    names = [name for (name,) in known.ask("SELECT lock FROM procrastinate_jobs WHERE lock IS NOT NULL")]
    assert len(names) == len(set(names)) == 3


def test_a_worker_that_is_told_to_stop_gives_its_unit_back_at_once(tmp_path: Path, postgres: Postgres) -> None:
    archive = made(tmp_path, postgres, messages=(), machines=2)
    archive.giants(tmp_path)
    first, second = archive.machines
    known = tables(archive, postgres)
    worker = Worker(first.config, tmp_path / "log", ("--queues", "ingest,night")).start()
    until(lambda: worker.at() == ("ingest", "m-box0"), "it polls the mailbox")
    until(lambda: list((first.config.parent / "store").glob("*/segments/*/*.zip")), "it has put a segment")
    worker.send(signal.SIGTERM)
    assert worker.wait() == 0, worker.said()
    assert ("ingest", "m-box0") in known.due()
    [(starts, state)] = known.ask(
        "SELECT starts, (SELECT status::text FROM procrastinate_jobs WHERE lock = 'ingest-m-box0') FROM unit"
        " WHERE step = 'ingest'"
    )
    assert (starts, state) == (0, "todo"), "it waits for the next one, and nobody died over it"
    [outcome] = ended(second.start("worker", "--once"))
    assert outcome.code == 0, outcome
    done("seal", "--now", config=second.config)
    assert archive.complaints() == []


def test_a_unit_that_kills_everybody_is_given_up_and_told(tmp_path: Path, postgres: Postgres) -> None:
    archive = made(tmp_path, postgres, messages=(3, 3), machines=1)
    [machine] = archive.machines
    known = tables(archive, postgres)
    planner = Worker(machine.config, tmp_path / "log", ("--queues", "night")).start()
    until(lambda: known.queued() == len(archive.mail) + 1, "all that waits for nothing is queued")
    planner.end()
    known.ask("UPDATE unit SET starts = 5 WHERE key = 'm-box1'")
    [outcome] = ended(machine.start("worker", "--once"))
    assert outcome.code == 1
    ingest = told(known)["steps"]["ingest"]
    assert ingest["new"] == 3
    [failure] = ingest["failures"]
    assert failure["subject"] == "ingest-m-box1"
    assert "5 processi" in failure["reason"]


def test_only_what_was_unavailable_is_tried_again(tmp_path: Path, postgres: Postgres) -> None:
    """One mailbox is somebody else's at the moment; the worker's configuration lacks another one."""
    archive = made(tmp_path, postgres, messages=(3, 3), machines=2)
    first, second = archive.machines
    plain = second.config.read_text()
    archive.more(tmp_path, 3)
    second.config.write_text(plain)
    known = tables(archive, postgres)
    planner = Worker(first.config, tmp_path / "planner", ("--queues", "night")).start()
    until(lambda: known.queued() == len(archive.mail) + 1, "all that waits for nothing is queued")
    planner.end()
    with opened(postgres.url(known.database)) as catalog, catalog.exclusive("ingest-m-box1", busy="x"):
        worker = Worker(second.config, tmp_path / "log", ("--queues", "ingest")).start()
        until(lambda: sum(one["event"] == "unit.again" for one in worker.events()) >= 2, "it is tried again")
    until(lambda: not any(step == "ingest" for step, _ in known.due()), "it is free at last")
    worker.send(signal.SIGTERM)
    assert worker.wait() == 1, "a unit failed"
    assert {one["key"] for one in worker.events() if one["event"] == "unit.again"} == {"m-box1"}
    begun = [one["key"] for one in worker.events() if one["event"] == "unit.begin"]
    assert (begun.count("m-box0"), begun.count("m-box2")) == (1, 1)
    assert begun.count("m-box1") >= 3
    rows = known.ask("SELECT key, troubled IS NOT NULL, told::json->>'code' FROM unit WHERE step = 'ingest'")
    assert sorted(rows) == [("m-box0", False, None), ("m-box1", True, None), ("m-box2", False, "2")]


def test_the_whole_of_an_errand_waits_for_its_parts_and_they_for_it(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.url(postgres.fresh())
    databases = [url, f"sqlite:///{tmp_path / 'catalog.db'}"]
    for address in databases:
        with ExitStack() as stack:
            one, other = (stack.enter_context(opened(address)) for _ in range(2))
            with one.exclusive("sweep", busy="x", part="00-of-02"):
                with other.exclusive("sweep", busy="x", part="01-of-02"):
                    pass
                for part in (None, "00-of-02"):
                    with pytest.raises(Busy), other.exclusive("sweep", busy="x", part=part, patience=0):
                        pass
            with one.exclusive("sweep", busy="x"):
                with pytest.raises(Busy), other.exclusive("sweep", busy="x", part="00-of-02", patience=0):
                    pass
                with other.exclusive("seal", busy="x", part="holder"):
                    pass


class opened:
    """A catalog, closed at the end of the block."""

    def __init__(self, url: str) -> None:
        self._catalog = Catalog.open(url, create=True)

    def __enter__(self) -> Catalog:
        return self._catalog

    def __exit__(self, *_: object) -> None:
        self._catalog.close()


def test_so_many_at_once_and_no_more_over_all_machines(postgres: Postgres) -> None:
    url = postgres.url(postgres.fresh())
    with ExitStack() as stack:
        catalogs = [stack.enter_context(opened(url)) for _ in range(3)]
        first = stack.enter_context(ExitStack())
        first.enter_context(place(catalogs[0], "TSA one", 2))
        stack.enter_context(place(catalogs[1], "TSA one", 2))
        with pytest.raises(Busy, match="TSA one: 2 alla volta"), place(catalogs[2], "TSA one", 2, patience=0.3):
            pass
        with place(catalogs[2], "TSA two", 2, patience=0):
            pass
        first.close()
        with place(catalogs[2], "TSA one", 2, patience=0):
            pass


@pytest.fixture
def engine(postgres: Postgres) -> str:
    """The address of an engine with its tables, owned by an ordinary user."""
    url = postgres.url(postgres.fresh(owner=OWNER), user=OWNER, password=re.sub(r"\W", _quoted, PASSWORD), tcp=True)
    assert install(url) is True
    return url


def _quoted(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"


def test_the_tables_are_made_once_by_a_user_who_owns_the_database(engine: str) -> None:
    assert install(engine) is False
    with Ledger.opened(engine) as ledger:
        assert ledger.night() is None
    assert Queue(engine).waiting() == []


def test_tables_of_an_older_library_are_brought_up_by_its_own_migrations(postgres: Postgres) -> None:
    name = postgres.fresh()
    url = postgres.url(name)
    install(url)
    known = Tables(postgres, name)
    newest = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
    known.ask(f"DELETE FROM migration WHERE name = '{newest}'")
    with pytest.raises(ConfigError, match="archiver catalog upgrade"), Ledger.opened(url):
        pass
    assert install(url) is True
    with Ledger.opened(url):
        pass


def test_a_unit_that_has_ended_stays_as_it_was_and_is_not_begun_again(engine: str) -> None:
    from support.embedded import EVENING

    unit = Unit("seal", "h")
    with Ledger.opened(engine) as ledger:
        ledger.begin_night("n", EVENING, [unit])
        assert ledger.begin("n", unit, EVENING) is not None
        assert ledger.end("n", unit, EVENING, "first") is True
        assert ledger.end("n", unit, EVENING, "second") is False
        assert ledger.begin("n", unit, EVENING) is None
        assert [row.told for row in ledger.units("n")] == ["first"]


def test_one_plans_at_a_time_and_one_night_is_under_way(engine: str) -> None:
    from support.embedded import EVENING

    with Ledger.opened(engine) as one, Ledger.opened(engine) as other:
        assert one.my_turn()
        assert not other.my_turn()
        one.begin_night("n", EVENING, [])
    with Ledger.opened(engine) as other:
        assert other.my_turn()


def test_doctor_and_a_rebuild_do_not_stumble_over_the_engines_tables(tmp_path: Path, postgres: Postgres) -> None:
    archive = made(tmp_path, postgres, messages=(5,), machines=1)
    [machine] = archive.machines
    [outcome] = ended(machine.start("worker", "--once"))
    assert outcome.code == 0, outcome
    done("seal", "--now", config=machine.config)
    checks = archiver("doctor", "--json", config=machine.config).json["checks"]
    assert [item for item in checks if item["name"] == "catalog" and item["state"] != "ok"] == []
    known = tables(archive, postgres)
    known.server.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public", known.database)
    done("catalog", "rebuild", config=machine.config)
    assert archive.complaints() == []
    done("catalog", "upgrade", config=machine.config)
    [outcome] = ended(machine.start("worker", "--now", "--once"))
    assert outcome.code == 0, outcome


def test_the_queue_is_measured(tmp_path: Path, postgres: Postgres) -> None:
    archive = made(tmp_path, postgres, machines=1)
    [machine] = archive.machines
    worker = Worker(machine.config, tmp_path / "log", ("--queues", "night")).start()
    try:
        until(lambda: tables(archive, postgres).queued() == 3, "all that waits for nothing is queued")
        text = archiver("metrics", config=machine.config).out
    finally:
        worker.end()
    found = {
        (sample.name, *sample.labels.values()): sample.value for family in families(text) for sample in family.samples
    }
    assert found["pec_archiver_workers",] == 1
    assert found["pec_archiver_queue_jobs", "ingest", "todo"] == 2
    assert found["pec_archiver_queue_oldest_timestamp_seconds", "ingest"] > 0
    assert found["pec_archiver_units_due",] == 2 + 1 + 3 * 4 + 4


def test_a_catalog_of_one_machine_is_refused_with_the_way_out(tmp_path: Path) -> None:
    refused = archiver("worker", config=demo(tmp_path / "a"))
    assert refused.code == 2
    assert "archiver nightly" in refused.err
    assert "postgresql://" in refused.err


def test_without_the_engines_tables_the_command_that_makes_them_is_named(tmp_path: Path, postgres: Postgres) -> None:
    config = demo(tmp_path / "a")
    set_lines(config, "archive", {"catalog": f'"{postgres.url(postgres.fresh())}"'})
    refused = archiver("worker", config=config)
    assert refused.code == 2
    assert "archiver catalog upgrade" in refused.err


@pytest.mark.parametrize("queues", ["ingst", "ingest,night,purge"])
def test_queues_that_there_are_not_are_named(tmp_path: Path, queues: str) -> None:
    refused = archiver("worker", "--queues", queues, config=demo(tmp_path / "a"))
    assert refused.code == 2
    assert queues.rpartition(",")[2] in refused.err
