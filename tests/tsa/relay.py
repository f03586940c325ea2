"""A forward proxy on 127.0.0.1: carries plain HTTP and opens tunnels, asks for credentials if told to, adds headers.

with Relay(user="studio:segreto") as relay:
    relay.url, relay.seen            # the first line of every request
"""

import select
import socket
import threading
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from typing import BinaryIO
from urllib.parse import urlsplit

ADDRESS = "127.0.0.1"


class Relay:
    """`refuses` is a status that every request gets instead of its way through."""

    def __init__(self, *, user: str = "", adds: Mapping[str, str] | None = None, refuses: int = 0) -> None:
        self.seen: list[str] = []
        self._user = user
        self._adds = dict(adds or {})
        self._refuses = refuses

    def __enter__(self) -> "Relay":
        self._listener = socket.create_server((ADDRESS, 0))
        self.url = f"http://{ADDRESS}:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with suppress(OSError, ValueError), client, client.makefile("rb") as said:
            method, target, _ = (first := said.readline().decode("latin-1")).split()
            self.seen.append(first.strip())
            headers = _headers(said)
            if status := self._refusal(headers):
                client.sendall(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())
                return
            if method == "CONNECT":
                host, _, port = target.rpartition(":")
                with socket.create_connection((host, int(port))) as server:
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    _tunnel(client, server)
                return
            self._hand_on(client, said, method, target, headers)

    def _refusal(self, headers: Mapping[str, str]) -> int:
        wanted = "Basic " + b64encode(self._user.encode()).decode()
        return 407 if self._user and headers.get("proxy-authorization") != wanted else self._refuses

    def _hand_on(
        self, client: socket.socket, said: BinaryIO, method: str, target: str, headers: dict[str, str]
    ) -> None:
        there = urlsplit(target)
        body = said.read(int(headers.get("content-length", "0")))
        headers = {name: value for name, value in headers.items() if not name.startswith("proxy-")}
        headers |= self._adds | {"connection": "close"}
        lines = [f"{method} {there.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        with socket.create_connection((there.hostname or "", there.port or 80)) as server:
            server.sendall("\r\n".join(lines).encode("latin-1") + body)
            while octets := server.recv(1 << 16):
                client.sendall(octets)


def _headers(said: BinaryIO) -> dict[str, str]:
    headers = {}
    while line := said.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return headers


def _tunnel(client: socket.socket, server: socket.socket) -> None:
    other = {client: server, server: client}
    while True:
        for end in select.select(list(other), [], [])[0]:
            octets = end.recv(1 << 16)
            if not octets:
                return
            other[end].sendall(octets)
