"""A real S3 with object lock: Ceph's gateway over one monitor and one store, in memory or on disk, on 127.0.0.1 only.

Debian: radosgw ceph-mon ceph-osd ceph-common openssl. Needs no root. `kill` is a power cut: what was answered before it
must be there after the next `start`, if the store is on disk (one in memory never comes back). `down` and `up` take
only the gateway away, for a while; nothing is lost, whatever the store.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from secrets import token_hex
from shutil import which
from typing import Any
from uuid import uuid4

from servers.processes import ADDRESS, Child, free_ports, last_lines, run, wait

PROGRAMS = ("radosgw", "radosgw-admin", "ceph-mon", "ceph-osd", "ceph", "monmaptool", "openssl")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ATTEMPTS = 3
"""A port that was free may be taken by the time it is wanted."""
_TAKEN = ("in use", "ended with 98")
"""How its programs say that: in words, or by the number of EADDRINUSE alone."""

_CONFIGURATION = """\
[global]
fsid = {fsid}
mon_host = [v2:{address}:{mon2},v1:{address}:{mon1}]
public_addr = {address}
cluster_addr = {address}
ms_bind_ipv6 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
{crc}
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_crush_update_on_start = false
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 2000
mon_data_avail_warn = 1
mon_data_avail_crit = 0
# one monitor has nobody to wait for
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
run_dir = {home}/run
admin_socket = {home}/run/$name.$pid.asok
log_file = {home}/log/$name.log
pid_file = {home}/run/$name.pid
crash_dir = {home}/log
[mon]
mon_data = {home}/mon
[osd]
osd_data = {home}/osd
osd_objectstore = {kind}
memstore_device_bytes = 8589934592
bluestore_block_size = 10737418240
bluestore_block_create = true
osd_memory_target = 1073741824
[client.rgw]
# else each answer with a body waits 40 ms for the acknowledgement of its header
rgw_frontends = beast endpoint={address}:{http} ssl_endpoint={address}:{https} ssl_certificate={home}/tls.pem {quick}
rgw_thread_pool_size = 64
"""


@dataclass(frozen=True, slots=True)
class Keys:
    """Who may come in."""

    access: str
    secret: str


OWNER = Keys("archive-key", "archive-secret")


@dataclass(slots=True)
class Ceph:
    """The gateway whose files lie in `home`; `url` and `tls_url` (certificate: `ca`) stay from start to start."""

    home: Path
    on_disk: bool = False
    within: Path | None = None
    """Another root that holds the programs; None: this machine's own."""
    owner: Keys = OWNER
    """Owns the buckets that `bucket` makes."""
    _ports: list[int] = field(default_factory=list)
    _children: list[Child] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self.home = self.home.resolve()

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self._ports[2]}"

    @property
    def tls_url(self) -> str:
        return f"https://localhost:{self._ports[3]}"

    @property
    def ca(self) -> Path:
        """The certificate that clients of `tls_url` must trust; it names localhost and 127.0.0.1."""
        return self.home / "cert.pem"

    def start(self) -> "Ceph":
        """Starts it, and makes it first if it was not there. Raises RuntimeError with the last lines of its logs."""
        again = bool(self._ports)
        for attempt in range(_ATTEMPTS):
            try:
                self._again() if again else self._make(attempt)
                return self
            except BaseException as error:  # whatever stops it: nothing half started is left
                self.kill()
                if again or attempt == _ATTEMPTS - 1 or not any(sign in str(error) for sign in _TAKEN):
                    raise
        raise AssertionError("unreachable")

    def stop(self) -> None:
        """Ends it in order."""
        for child in reversed(self._children):
            child.end(signal.SIGTERM)
        self._children.clear()

    def kill(self) -> None:
        """A power cut: no part of it may say a last word."""
        for child in self._children:
            child.process.kill()
        for child in self._children:
            child.end(signal.SIGKILL)
        self._children.clear()

    def down(self) -> None:
        """Takes the gateway away: connections are refused until `up`."""
        self._children.pop().end(signal.SIGKILL)

    def up(self) -> None:
        """Brings the gateway back."""
        self._gateway()

    def __enter__(self) -> "Ceph":
        return self.start()

    def __exit__(self, *_: object) -> None:
        # nothing of a throwaway server is worth an orderly end
        self.kill()

    def user(self, name: str) -> Keys:
        """Another user, with keys of his own; made anew. His access key is his name too, in policies."""
        keys = Keys(f"{name}-{token_hex(4)}", token_hex(16))
        self._user(keys.access, keys)
        return keys

    def client(self, *, keys: Keys | None = None, tls: bool = False) -> Any:
        """boto3's own client, for tests that go past the adapter: no retries, payload signed, no extra checksums."""
        keys = keys or self.owner
        return client(self.tls_url if tls else self.url, keys, ca=self.ca if tls else None)

    def bucket(self, *, lock: bool = True, versioned: bool = True) -> str:
        """A new bucket's name: with object lock (and so with versions), only with versions, or with neither."""
        return bucket(self.client(), lock=lock, versioned=versioned)

    def below(self, *command: str, brought: bytes | None = None) -> bytes:
        """The program `rados` on the pool with the objects' bytes: what an administrator does, past every lock."""
        whole = self._entering("rados", "-p", "default.rgw.buckets.data", *command)
        done = subprocess.run(
            whole, env=self._environment(), input=brought, capture_output=True, check=True, timeout=60
        )
        return done.stdout

    def logs(self) -> str:
        return last_lines(self.home / "log")

    def _make(self, attempt: int) -> None:
        self.home = self.home if attempt == 0 else self.home.with_name(f"{self.home.name}-{attempt}")
        for name in ("mon", "osd", "run", "log"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        self._ports = free_ports(4)
        fsid = str(uuid4())
        mon1, mon2, http, https = self._ports
        self._certificate()
        self._configuration.write_text(
            _CONFIGURATION.format(
                fsid=fsid, home=self.home, address=ADDRESS, mon1=mon1, mon2=mon2, http=http, https=https,
                kind="bluestore" if self.on_disk else "memstore", quick="tcp_nodelay=1",
                crc="\n".join(f"ms_{who}_mode = crc" for who in _WIRES),
            )
        )  # fmt: skip
        monmap = str(self.home / "monmap")
        where = f"[v2:{ADDRESS}:{mon2},v1:{ADDRESS}:{mon1}]"
        self._run("monmaptool", "--create", "--clobber", "--fsid", fsid, "--addv", "a", where, monmap)
        self._run("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap)
        self._daemon("ceph-mon", "-i", "a")
        store = str(uuid4())
        self._run("ceph", "osd", "new", store)
        self._run("ceph", "osd", "crush", "add", "osd.0", "1.0", "root=default", "host=localhost")
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store)
        self._daemon("ceph-osd", "-i", "0")
        self._gateway()
        self._user("archive", self.owner)

    def _again(self) -> None:
        if not self.on_disk:
            raise RuntimeError("a store in memory is gone with its process: use on_disk=True, or down and up")
        self._daemon("ceph-mon", "-i", "a")
        self._daemon("ceph-osd", "-i", "0")
        self._gateway()

    def _gateway(self) -> None:
        self._daemon("radosgw", "-n", "client.rgw")
        wait(self._answers, self._children, logs=self.home / "log")

    def _answers(self) -> bool:
        connection = HTTPConnection(ADDRESS, self._ports[2], timeout=5)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status > 0
        except OSError:
            return False
        finally:
            connection.close()

    def _user(self, uid: str, keys: Keys) -> None:
        names = ("--uid", uid, "--display-name", uid, "--access-key", keys.access, "--secret-key", keys.secret)
        self._run("radosgw-admin", "-n", "client.rgw", "user", "create", *names)

    def _daemon(self, program: str, *arguments: str) -> None:
        log = self.home / "log" / f"{program}.out.log"
        command = self._entering(program, *arguments, "-f")
        self._children.append(Child.start(program, command, log, environment=self._environment()))

    def _run(self, *command: str) -> None:
        try:
            run(self._entering(*command), environment=self._environment())
        except RuntimeError as error:
            raise RuntimeError(f"{error}\n{self.logs()}") from error

    def _entering(self, *command: str) -> Sequence[str]:
        if self.within is None:
            return command
        # a mount namespace of its own: what is mounted for the program is gone with it
        root, there = str(self.within), str(self.within) + str(self.home)
        mounts = 'mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; mkdir -p "$1"; mount --bind "$2" "$1"'
        script = f'set -e; {mounts}; root=$0; shift 2; exec chroot "$root" "$@"'
        return ("unshare", "--mount", "sh", "-c", script, root, there, str(self.home), *command)

    @property
    def _configuration(self) -> Path:
        return self.home / "ceph.conf"

    def _environment(self) -> dict[str, str]:
        return {"PATH": _PATH, "CEPH_CONF": str(self._configuration), "HOME": str(self.home), "LC_ALL": "C.UTF-8"}

    def _certificate(self) -> None:
        key, both = self.home / "key.pem", self.home / "tls.pem"
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=localhost"
        names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(self.ca)]
        run([*command.split(), *names], environment=dict(os.environ))
        both.write_text(key.read_text() + self.ca.read_text())


_WIRES = ("cluster", "service", "client", "mon_cluster", "mon_service", "mon_client")


def missing() -> str:
    """The first program of those needed that is not installed, or nothing."""
    return next((name for name in PROGRAMS if not which(name, path=_PATH)), "")


def client(url: str, keys: Keys, *, ca: Path | None = None) -> Any:
    """boto3's client for an S3 of ours."""
    import boto3
    from botocore.config import Config

    modest = Config(
        s3={"addressing_style": "path", "payload_signing_enabled": True},
        retries={"max_attempts": 1, "mode": "standard"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        proxies={},
    )
    return boto3.client(
        "s3", endpoint_url=url, aws_access_key_id=keys.access, aws_secret_access_key=keys.secret,
        region_name="us-east-1", verify=str(ca) if ca else None, config=modest,
    )  # fmt: skip


def bucket(s3: Any, *, lock: bool = True, versioned: bool = True) -> str:
    """Makes a bucket that nobody has used, and says its name."""
    name = f"test-{token_hex(6)}"
    s3.create_bucket(Bucket=name, **({"ObjectLockEnabledForBucket": True} if lock else {}))
    if versioned and not lock:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name
