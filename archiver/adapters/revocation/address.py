"""Where an address leads: it stands in a certificate, whoever made that chose it, and it must not lead inside.

A name is looked up once, and connected to is what was looked at: a second answer of the DNS cannot lead elsewhere.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

_NAT64 = IPv6Network("64:ff9b::/96")
_LONGEST = 2000


class Forbidden(Exception):
    """An address that is not asked, with the reason."""


def checked(url: str) -> str:
    """The address, if it is one of a web server. Raises Forbidden."""
    try:
        parts = urlsplit(url)
        usable = parts.hostname and parts.port != 0 and parts.username is None and len(url) <= _LONGEST
    except ValueError as error:
        raise Forbidden(f"indirizzo non valido (no such address): {error}") from error
    if parts.scheme not in ("http", "https"):
        raise Forbidden(f"schema {parts.scheme or '?'}: si interrogano solo http e https (only http and https)")
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        raise Forbidden("indirizzo non valido (no such address)")
    return url


def resolved(host: str, port: int) -> list[str]:
    """The numeric addresses of a host that lie outside. Raises Forbidden when all lie inside, OSError for no host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = list(dict.fromkeys(str(item[4][0]) for item in found))
    outside = [number for number in numbers if is_public(number)]
    if not outside:
        raise _inside(numbers[0])
    return outside


def refuse_inside(host: str) -> None:
    """For whoever asks by way of a proxy, which looks names up itself. Raises Forbidden for a number that lies inside.

    What a name means there is the proxy's matter.
    """
    number = host.strip("[]")
    try:
        ip_address(number)
    except ValueError:
        if host.lower().rstrip(".") == "localhost":
            raise _inside(host) from None
        return
    if not is_public(number):
        raise _inside(host)


def is_public(number: str) -> bool:
    """Whether a numeric address is one of the internet: not loopback, private, link-local, multicast or reserved."""
    address = ip_address(number.partition("%")[0])
    inner = _carried(address) if isinstance(address, IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    return address.is_global and not address.is_multicast


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for (RFC 4291, 2.5.5.2; RFC 3056; RFC 6052)."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _inside(where: str) -> Forbidden:
    return Forbidden(
        f"{where} è un indirizzo interno, non interrogato: se è giusto, [trust] allow_private = true (leads inside)"
    )
