"""A throwaway PostgreSQL: TCP on 127.0.0.1 and a Unix socket, everybody but the superuser `test` with a password.

Debian: postgresql. Its settings are those that surprise: another time zone, dates as Germans write them.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

import psycopg

from servers.processes import ADDRESS, Child, free_ports, run, wait

OWNER = "archiver"
PASSWORD = "s3gr@to /di:prova"
"""Of the ordinary user `OWNER`; in an address it must be quoted."""

_NOBODY = 65534
_ATTEMPTS = 3
"""A port that was free may be taken by the time it is wanted."""

_RULES = f"""\
local all test trust
host all test {ADDRESS}/32 trust
local all all scram-sha-256
host all all {ADDRESS}/32 scram-sha-256
"""
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
_FAST = ("fsync=off", "shared_buffers=32MB")
_ODD = ("timezone=America/New_York", "datestyle=SQL,DMY", "intervalstyle=sql_standard", "bytea_output=escape")


@dataclass
class Postgres:
    """A server whose files lie in `folder`; `port` stays the same from start to start."""

    folder: Path
    port: int = 0
    databases: int = 0
    _child: Child | None = None

    def url(self, database: str = "postgres", *, user: str = "test", password: str = "", tcp: bool = False) -> str:
        """The address of a database; `password` as it stands in an address, quoted."""
        secret = f":{password}" if password else ""
        if tcp:
            return f"postgresql://{user}{secret}@{ADDRESS}:{self.port}/{database}"
        return f"postgresql://{user}{secret}@/{database}?host={self.folder}&port={self.port}"

    def fresh(self, *, owner: str = "test", like: str = "template0", encoding: str = "UTF8") -> str:
        """The name of a new database: empty, or a copy of another one that nobody uses."""
        self.databases += 1
        name = f"catalog_{self.databases}"
        self.sql(
            f"CREATE DATABASE {name} OWNER \"{owner}\" TEMPLATE {like} ENCODING '{encoding}'"
            " LC_COLLATE 'C' LC_CTYPE 'C' STRATEGY file_copy"
        )
        return name

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """What the superuser is answered."""
        where = {"host": str(self.folder), "port": self.port, "user": "test", "dbname": database}
        with psycopg.connect(**where, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Starts it; another port is taken when somebody else has that of the first start."""
        first = not self.port
        for attempt in range(_ATTEMPTS):
            self.port = free_ports(1)[0] if first else self.port
            self._child = Child.start(
                "postgres", self._command(), self._logs / "postgres.log", environment=_ENVIRONMENT
            )
            try:
                wait(self._answers, [self._child], logs=self._logs)
                return
            except RuntimeError:
                self.stop()
                if not first or attempt + 1 == _ATTEMPTS:
                    raise

    def stop(self, number: int = signal.SIGQUIT) -> None:
        """SIGQUIT is a crash (the next start recovers), SIGINT an orderly end."""
        if self._child:
            self._child.end(number)

    def restart(self) -> None:
        """A crash, and the server is there again."""
        self.stop()
        self.start()

    def make(self) -> None:
        """Its files, and the users."""
        self._logs.mkdir()
        if os.geteuid() == 0:
            os.chown(self.folder, _NOBODY, _NOBODY)
        tool = _programs() / "initdb"
        options = ("-D", str(self._data), "-U", "test", "-A", "trust", "--no-sync", "-E", "UTF8")
        run([*_as_nobody(), str(tool), *options], environment=_ENVIRONMENT)
        (self._data / "pg_hba.conf").write_text(_RULES)
        self.start()
        self.sql(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{PASSWORD}'")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _logs(self) -> Path:
        return self.folder / "logs"

    def _command(self) -> list[str]:
        fixed = (f"port={self.port}", f"listen_addresses={ADDRESS}", f"unix_socket_directories={self.folder}")
        settings = (item for setting in (*fixed, *_FAST, *_ODD) for item in ("-c", setting))
        return [*_as_nobody(), str(_programs() / "postgres"), "-D", str(self._data), *settings]

    def _answers(self) -> bool:
        try:
            return self.sql("SELECT 1") == [(1,)]
        except psycopg.OperationalError:
            return False


def installed() -> bool:
    """Whether the server's programs are on this machine."""
    return any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


@contextmanager
def running(folder: Path) -> Iterator[Postgres]:
    """A server in an empty folder, until the end of the block."""
    server = Postgres(folder)
    try:
        server.make()
        yield server
    finally:
        server.stop()


def _as_nobody() -> list[str]:
    """PostgreSQL refuses root. It ends, in order, when whoever started it is killed."""
    become = [f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *become, "--pdeathsig", "INT"] if which("setpriv") else []


def _programs() -> Path:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))[-1]
