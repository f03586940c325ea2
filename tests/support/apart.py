"""A machine of its own, as far as the network goes: a program in an empty namespace, and the wires that lead out.

    with Wire(folder / "s3", 8080) as wire:                        # to a port of 127.0.0.1, or to a Unix socket
        Popen([*apart({9000: wire.path}), "archiver", "worker"])   # sees 127.0.0.1:9000, and nothing else
        wire.cut()

Within the namespace only the loopback device exists; what listens there hands on to Unix sockets, which belong to the
file system and to no network. Where a namespace may not be made (no root, and no user namespaces) the same program runs
without one: its wires can be cut as well, but nothing proves that it uses no other.
"""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

ADDRESS = "127.0.0.1"
_PIECE = 1 << 16
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _UP = 0x8913, 0x8914, 1
_PR_SET_PDEATHSIG = 1


def apart(ports: Mapping[int, Path]) -> list[str]:
    """What stands before a command that is to see these ports of 127.0.0.1 only, each a wire's path."""
    wires = [f"{port}={path}" for port, path in ports.items()]
    return [*_namespace(), sys.executable, str(Path(__file__)), *wires, "--"]


def isolated() -> bool:
    """Whether machines are really apart here."""
    return bool(_namespace())


@cache
def _namespace() -> tuple[str, ...]:
    for command in (("unshare", "-n"), ("unshare", "-rn")):
        with suppress(FileNotFoundError):
            if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
                return command
    return ()


class Wire:
    """Listens on a Unix socket, and hands on to a port of 127.0.0.1 or to another Unix socket, until it is cut."""

    def __init__(self, path: Path, behind: int | Path) -> None:
        self.path, self._behind = path, behind
        self._ends: set[socket.socket] = set()
        self._whole = True

    def __enter__(self) -> "Wire":
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self.path.chmod(0o777)
        self._listener.listen(64)
        threading.Thread(target=_listen, args=(self._listener, self._reach, self._ends), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Every connection ends, and none is taken."""
        self._whole = False
        for end in tuple(self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """As before."""
        self._whole = True

    def _reach(self) -> socket.socket:
        if not self._whole:
            raise ConnectionRefusedError
        if isinstance(self._behind, int):
            return socket.create_connection((ADDRESS, self._behind))
        return _unix(self._behind)


def _unix(path: Path) -> socket.socket:
    found = socket.socket(socket.AF_UNIX)
    found.connect(str(path))
    return found


def _listen(listener: socket.socket, reach: "object", ends: set[socket.socket]) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_carry, args=(client, reach, ends), daemon=True).start()


def _carry(client: socket.socket, reach: object, ends: set[socket.socket]) -> None:
    with suppress(OSError), client, reach() as server:  # type: ignore[operator]
        for end in (client, server):
            if end.family == socket.AF_INET:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ends.update((client, server))
        back = threading.Thread(target=_pour, args=(server, client), daemon=True)
        back.start()
        _pour(client, server)
        back.join()
        ends.difference_update((client, server))


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while octets := source.recv(_PIECE):
            sink.sendall(octets)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _up() -> None:
    """Brings the loopback device of this namespace up; in one where it is up already, or may not be, nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device, suppress(OSError):
        asked = struct.pack("16sh", b"lo", 0)
        (flags,) = struct.unpack_from("h", fcntl.ioctl(device, _SIOCGIFFLAGS, asked.ljust(40, b"\0")), 16)
        fcntl.ioctl(device, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | _UP).ljust(40, b"\0"))


def _die_together() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def main(arguments: list[str]) -> int:
    """Hands on the ports, and runs the command; who kills this kills both."""
    place = arguments.index("--")
    _up()
    for wire in arguments[:place]:
        port, _, path = wire.partition("=")
        listener = socket.create_server((ADDRESS, int(port)), backlog=64)
        reach = lambda path=path: _unix(Path(path))  # noqa: E731
        threading.Thread(target=_listen, args=(listener, reach, set()), daemon=True).start()
    child = subprocess.Popen(arguments[place + 1 :], preexec_fn=_die_together)
    signal.signal(signal.SIGTERM, lambda number, _: os.kill(child.pid, number))
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
