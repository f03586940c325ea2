"""Three workers, each on its own machine, that are killed and cut off: nothing lost, nothing twice, the night ends.

Each runs in a network namespace without any device but loopback, and reaches PostgreSQL, the S3 gateway and the mail
server over a wire of its own (support/apart.py). A wire that is cut ends its connections and takes no others, as a
firewall or a server that is restarted does; one on which all is silent takes the clients' own minute to be noticed.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from servers.ceph import Ceph
from servers.postgres import Postgres
from servers.processes import free_ports
from simulator.dovecot import PASSWORD, Dovecot
from support.apart import Wire, apart, isolated
from support.archives import demo, letter
from support.commands import done
from support.imap import Server
from support.machines import Machine, Shared
from support.told import append, on_server
from support.workers import Tables, Worker, until

from archiver.digest import sha256
from archiver.package.layout import parse

LARGE = 5_050
"""More than a volume takes: one closes in the first night."""

KINDS = ("ingest", "seal", "replicate", "renew", "index", "sweep", "list", "alarms", "night")
STORE = """\
kind = "s3"
endpoint = "http://127.0.0.1:{port}"
bucket = "{bucket}"
prefix = "studio/"
checksums = "compat"
lock = "governance"
attempts = 2
access_key = "file:access"
secret_key = "file:secret"
"""
ARCHIVER = (sys.executable, "-m", "archiver")
ENVIRON = os.environ | {"PEC": PASSWORD}


@dataclass
class Place:
    """One machine: its worker, and its wires to the database and to the store."""

    worker: Worker
    database: Wire
    store: Wire


@dataclass
class House:
    """An archive in a bucket, with a database and three mailboxes, and the machines that work on it."""

    home: Shared
    """As somebody sees it who reaches everything."""
    tables: Tables
    gateway: Ceph
    bucket: str
    places: list[Place] = field(default_factory=list)

    def fetched(self) -> list[str]:
        """Everything that keeps it from being the whole archive: the bucket as a folder, before the judge."""
        config = self.home.machines[0].config
        done("seal", "--now", config=config)
        client, store = self.gateway.client(), config.parent / "store"
        shutil.rmtree(store, ignore_errors=True)
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="studio/"):
            for item in page.get("Contents", ()):
                name = item["Key"].removeprefix("studio/")
                if parse(name):
                    (store / name).parent.mkdir(parents=True, exist_ok=True)
                    (store / name).write_bytes(client.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read())
        return self.home.complaints()

    def over(self) -> bool:
        """Whether a night has come to its end, and none is under way."""
        nights = self.tables.nights()
        return bool(nights) and all(ended for _, ended in nights)

    def supervised(self) -> None:
        """Who has died is started again, as systemd does."""
        for place in self.places:
            if place.worker.code is not None:
                place.worker.start()

    def complaints_of_workers(self) -> list[object]:
        """Units that failed, wherever."""
        return [
            one for place in self.places for one in place.worker.events() if one.get("code") or one["level"] == "error"
        ]

    def told(self) -> tuple[int, str]:
        """Exit code of the night, and its report."""
        query = "SELECT code, told FROM public.night WHERE ended IS NOT NULL"
        [(code, text)] = self.tables.ask(query)
        return code, text


@pytest.fixture
def house(tmp_path: Path, postgres: Postgres, gateway: Ceph, dovecot: Dovecot) -> Iterator[House]:
    user = tmp_path.name[-20:].replace("_", "-")
    mail = {
        "uno": [letter(f"uno {number}") for number in range(400)],
        "due": [letter(f"due {number}") for number in range(400)],
        "grande": [letter(f"grande {number}") for number in range(LARGE)],
    }
    for name, messages in mail.items():
        Server(dovecot, f"{name}-{user}").put(messages)
    database, bucket = postgres.fresh(), gateway.bucket()
    address = postgres.url(database)
    config = demo(tmp_path / "home")
    folders = [config.parent, *(tmp_path / f"m{number}" for number in range(3))]
    for folder in folders[1:]:
        shutil.copytree(config.parent, folder)
    with ExitStack() as stack:
        home = configured(folders[0], gateway.url.rpartition(":")[2], dovecot.tls, address, bucket, gateway)
        for name in mail:
            on_server(home, name, port=dovecot.tls, ca=dovecot.ca, password="PEC", user=f"{name}-{user}")
        os.environ["PEC"] = PASSWORD
        done("init", home.parent)
        done("catalog", "upgrade", config=home)
        digests = {f"m-{name}": frozenset(map(sha256, messages)) for name, messages in mail.items()}
        found = House(Shared((Machine(home),), digests), Tables(postgres, database), gateway, bucket)
        sockets = stack.enter_context(short())
        for number, folder in enumerate(folders[1:]):
            # a store is probed under its address: apart from one another, all machines may have the same
            far, (near, imap) = int(gateway.url.rpartition(":")[2]), free_ports(2)
            s3 = far if isolated() else near
            (sockets / f"{number}").mkdir()
            pg = postgres.folder / f".s.PGSQL.{postgres.port}"
            wires = [
                stack.enter_context(Wire(sockets / f"{number}" / name, behind))
                for name, behind in (
                    (".s.PGSQL.5432", pg), ("s3", far), ("imap", dovecot.tls),
                )
            ]  # fmt: skip
            own = f"postgresql://test@/{database}?host={sockets / str(number)}&port=5432"
            mine = configured(folder, str(s3), imap, own, bucket, gateway)
            for name in mail:
                on_server(mine, name, port=imap, ca=dovecot.ca, password="PEC", user=f"{name}-{user}")
            before = apart({s3: wires[1].path, imap: wires[2].path})
            if not isolated():
                probe = [*before, *ARCHIVER, "--config", str(mine), "doctor"]
                subprocess.run(probe, env=ENVIRON, capture_output=True, check=False)
            worker = Worker(mine, tmp_path / f"log{number}", (), ENVIRON, before)
            found.places.append(Place(worker, wires[0], wires[1]))
        try:
            yield found
        finally:
            for place in found.places:
                if place.worker.started:
                    place.worker.end()


def configured(folder: Path, s3: str, imap: int, catalog: str, bucket: str, gateway: Ceph) -> Path:
    """The configuration of one machine, which has its own ports."""
    config = folder / "archiver.toml"
    (folder / "access").write_text(gateway.owner.access)
    (folder / "secret").write_text(gateway.owner.secret)
    shutil.rmtree(folder / "store", ignore_errors=True)
    (folder / "catalog.db").unlink(missing_ok=True)
    text = config.read_text(encoding="utf-8").replace(
        'kind = "filesystem"\npath = "store"\n', STORE.format(port=s3, bucket=bucket)
    )
    lines = [f'catalog = "{catalog}"' if line.startswith("catalog = ") else line for line in text.splitlines()]
    if not any(line.startswith("catalog = ") for line in lines):
        lines.insert(lines.index("[archive]") + 1, f'catalog = "{catalog}"')
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    append(config, "[engine]", "shards = 2", "heartbeat = 1", "patience = 5")
    return config


class short:
    """A folder whose name is short enough for Unix sockets in it."""

    def __enter__(self) -> Path:
        self._path = Path("/tmp") / f"w{os.getpid()}-{time.monotonic_ns() % 1_000_000}"
        self._path.mkdir()
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)


NOT_BEGUN = 256 - signal.SIGTERM
"""How one ends that was started a moment ago and cannot listen yet."""


def kind_of(at: tuple[str, str] | None) -> str:
    return "" if at is None else "list" if at == ("sweep", "list") else at[0]


def test_a_worker_is_killed_in_the_middle_of_each_kind_of_unit_and_the_night_comes_to_its_end(house: House) -> None:
    left = set(KINDS)
    for place in house.places:
        place.worker.start()
    deadline = time.monotonic() + 500
    while left or not house.over():
        assert time.monotonic() < deadline, (left, house.tables.due(), house.tables.ask("TABLE procrastinate_jobs"))
        for place in house.places:
            at = place.worker.at()
            if kind_of(at) in left and place.worker.code is None:
                place.worker.send(signal.SIGKILL)
                place.worker.wait()
                if place.worker.at() == at and at in house.tables.due():
                    left.discard(kind_of(at))
        house.supervised()
        time.sleep(0.01)
    for place in house.places:
        place.worker.send(signal.SIGTERM)
    assert {place.worker.wait() for place in house.places} <= {0, NOT_BEGUN}, house.complaints_of_workers()
    code, told = house.told()
    assert code == 0, told
    assert '"volumes": 1' in told
    assert house.fetched() == []


def test_who_is_cut_off_from_the_database_or_from_the_store_leaves_its_units_to_the_others(house: House) -> None:
    for place in house.places:
        place.worker.start()
    without_database, without_store = until(lambda: two_at_work(house), "two poll a mailbox")
    without_database.database.cut()
    without_store.store.cut()
    until(house.over, "the night has come to its end", patience=200)
    code, told = house.told()
    assert code == 0, told
    assert without_database.worker.wait() == 3
    assert "Traceback" not in without_database.worker.said()
    assert any(one["event"] == "unit.again" for one in without_store.worker.events())
    ended = [one for one in without_store.worker.events() if one["event"] == "unit.end" and one["code"]]
    assert ended == [], "what it could not do was nobody's failure"
    without_database.database.mend()
    without_store.store.mend()
    for place in house.places:
        place.worker.send(signal.SIGTERM)
    assert house.fetched() == []


def two_at_work(house: House) -> tuple[Place, Place] | None:
    """Who polls a mailbox."""
    busy = [place for place in house.places if kind_of(place.worker.at()) == "ingest"]
    return (busy[0], busy[1]) if len(busy) >= 2 else None


def test_a_machine_reaches_nothing_but_over_its_wires(house: House, postgres: Postgres) -> None:
    """What the others prove hangs on this; where no namespace can be made, it is not so."""
    if not isolated():
        pytest.skip("no network namespace can be made here: the wires can be cut, and are not the only way")
    worker = house.places[0].worker
    text = worker.config.read_text()
    worker.config.write_text(text.replace(f"?host={house.places[0].database.path.parent}&port=5432", "@").replace(
        f"test@/{house.tables.database}@", f"test@127.0.0.1:{postgres.port}/{house.tables.database}"
    ))  # fmt: skip
    assert f"127.0.0.1:{postgres.port}" in worker.config.read_text()
    assert worker.start().wait() == 3
    assert "Connection refused" in worker.said()
