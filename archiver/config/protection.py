"""What a configuration lets travel unprotected: allowed where somebody wrote it down, and never in silence."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from archiver.config.values import Config

_HERE = frozenset(("localhost", "127.0.0.1", "::1"))


def unprotected(config: Config) -> Iterator[str]:
    """A warning for each connection to another machine that proves nothing of the other side, or can be listened to."""
    for store in config.stores:
        if store.s3 and store.s3.endpoint.startswith("http://") and _host(store.s3.endpoint) not in _HERE:
            yield f"store {store.shown}: http: messages travel in the clear, to whoever answers: use https"
    for tsa in config.tsas:
        if tsa.http and tsa.http.password and tsa.http.url.startswith("http://"):
            yield f"tsa {tsa.id}: its password travels in the clear: use https"
    mode = _mode(config.catalog)
    if mode:
        yield (
            f"catalog: sslmode={mode}: the server need not prove who it is, and gets the password and every header: use"
            " sslmode=verify-full, or leave it out"
        )


def _mode(catalog: str) -> str:
    """The sslmode of an address on another machine, if it is weaker than verify-full; empty when it is not."""
    try:
        address = urlsplit(catalog)
        host = address.hostname or ""
    except ValueError:
        return ""  # what is no address is said elsewhere
    mode = parse_qs(address.query).get("sslmode", [""])[-1]
    return mode if address.scheme != "sqlite" and host and host not in _HERE and mode != "verify-full" else ""


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""
