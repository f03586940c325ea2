"""Trust, with everything that the configuration gives it: what is fetched, what is laid over the catalogue."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from archiver.collect import Catalog, Collected, Collector, Store, When
from archiver.config import Config, TrustConfig
from archiver.errors import ConfigError, Malformed
from archiver.evidence.accepted import NO_LIST, Accepted
from archiver.evidence.algorithms import CATALOGUE, Catalogue


def catalogue(config: TrustConfig) -> Catalogue:
    """The catalogue of algorithms, under the operator's stricter table if there is one. Raises ConfigError."""
    if config.algorithms is None:
        return CATALOGUE
    try:
        return CATALOGUE.stricter(_octets(config.algorithms))
    except Malformed as error:
        raise ConfigError(f"[trust] algorithms = {config.algorithms}: {error}") from error


def accepted(config: TrustConfig) -> Accepted:
    """Who was qualified, by the lists in files; those from the web are in the store. Raises ConfigError."""
    found = NO_LIST
    for path in config.lists:
        try:
            found = found.plus(Accepted.read(_octets(path), path.name))
        except Malformed as error:
            raise ConfigError(f"[trust] lists: {path}: {error}") from error
    return found


def collector(config: TrustConfig, store: Store, catalog: Catalog, clock: Callable[[], datetime]) -> Collector:
    """Who collects, as configured; without `fetch` nothing is asked of the network."""
    source = None
    if config.fetch:
        from archiver.adapters.revocation import HttpRevocation

        source = HttpRevocation(proxy=config.proxy, allow_private=config.allow_private)
    return Collector(source, store, catalog, clock, ocsp=When(config.ocsp))


def trusted_lists(config: Config, collector: Collector) -> Collected:
    """The trusted lists of the day, kept for all holders. Raises ConfigError for a file that cannot be read."""
    files = {str(path): _octets(path) for path in config.trust.lists}
    return collector.lists(files, config.trust.list_urls, config.holders)


def _octets(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"[trust] {path}: cannot be read: {error.strerror}") from error
