"""Figures in Prometheus' text format: for a person, in a file that is there whole or not at all, or over HTTP."""

import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from archiver.adapters.metrics.families import FAMILIES, PREFIX
from archiver.errors import ConfigError, Unavailable

_READABLE = 0o644
"""node_exporter runs as another user; no figure names anybody."""

__all__ = ["FAMILIES", "Figure", "exposed", "served", "written"]


class Figure(NamedTuple):
    """One value of a family, under the values of its labels, in their order."""

    family: str
    value: float
    labels: tuple[str, ...] = ()


def exposed(figures: Iterable[Figure]) -> str:
    """All of them as text."""
    return generate_latest(_registry(lambda: list(figures))).decode()


def written(path: Path, figures: Iterable[Figure]) -> None:
    """A file that who reads it finds whole, the old one or this one; readable by everybody. Raises Unavailable."""
    text = exposed(figures)
    name = ""
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            name = file.name
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), _READABLE)
        Path(name).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(name or path / "-").unlink()
        raise Unavailable(
            f"{path}: le metriche non si possono scrivere: {error.strerror}: controllare cartella e permessi (cannot be"
            " written)"
        ) from error


@contextmanager
def served(host: str, port: int, figures: Callable[[], list[Figure]]) -> Iterator[int]:
    """Answers on this address, with what `figures` says each time; the port it is. Raises ConfigError."""
    try:
        server, thread = start_http_server(port, host, _registry(figures))
    except OSError as error:
        raise ConfigError(f"{host}:{port}: non si può ascoltare qui (cannot listen here): {error.strerror}") from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _registry(figures: Callable[[], list[Figure]]) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(figures))
    return registry


class _Families(Collector):
    def __init__(self, figures: Callable[[], list[Figure]]) -> None:
        self._figures = figures
        self._one_at_a_time = threading.Lock()

    def describe(self) -> Iterator[Metric]:
        yield from ()

    def collect(self) -> Iterator[Metric]:
        with self._one_at_a_time:
            found = self._figures()
        for name, family in FAMILIES.items():
            mine = [figure for figure in found if figure.family == name]
            kind = CounterMetricFamily if family.counter else GaugeMetricFamily
            metric = kind(PREFIX + name, family.help, labels=family.labels)
            for figure in mine:
                metric.add_metric(figure.labels, figure.value)
            if mine:
                yield metric
