"""Asks a server, before an archive relies on it, what it really does: many accept what they do not keep.

The probe writes below `.probe/`, under names that nobody else uses; what it locks ends within a minute. It takes a
second on a near server, some seconds on a far one. Its answers are stored beside the archive, version after version.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from archiver.adapters.stores.s3.bucket import Bucket
from archiver.adapters.stores.s3.client import Connection, client
from archiver.adapters.stores.s3.errors import errors
from archiver.adapters.stores.s3.probe.ground import FOLDER, Ground
from archiver.adapters.stores.s3.probe.locking import default_retention, locks
from archiver.adapters.stores.s3.probe.reading import clock as clocks
from archiver.adapters.stores.s3.probe.reading import given_back, https, listing
from archiver.adapters.stores.s3.probe.values import Line, Probe, Severity, checksums
from archiver.adapters.stores.s3.probe.writing import checksums as damages
from archiver.adapters.stores.s3.probe.writing import create_once, versions
from archiver.errors import Absent, Malformed

NAME = ".archiver-probe.json"
"""Where the answers are kept, below the prefix."""

ATTEMPTS = 2
"""How often a question is put: whoever waits for the answers would rather know soon."""


def probe(bucket: Bucket, clock: Callable[[], datetime]) -> Probe:
    """All questions, and their answers stored. The bucket must be there; what lies in it stays as it is.

    Raises Unavailable when the server does not answer, and ConfigError when it does not let us in.
    """
    # a client of its own: what is spoilt on purpose must be nobody else's
    ground = Ground(bucket, client(replace(bucket, attempts=min(bucket.attempts, ATTEMPTS))))
    lines = tuple(_lines(ground, clock))
    # a probe that was cut leaves its objects to `S3Store.tidy`: a server that has just failed is not asked for more
    ground.clean()
    found = Probe(clock(), bucket.shown, bucket.lock.value, checksums(bucket), lines)
    ground.must_put(bucket.prefix + NAME, found.as_json())
    return found


def last_probe(bucket: Bucket) -> Probe | None:
    """The answers stored last; None when there are none, or none that can be read. Raises Unavailable, ConfigError."""
    try:
        with errors(bucket, NAME):
            answer = Connection(bucket).client.get_object(Bucket=bucket.name, Key=bucket.prefix + NAME)
            return Probe.from_json(answer["Body"].read())
    except (Absent, Malformed):
        return None


def _lines(ground: Ground, clock: Callable[[], datetime]) -> Iterator[Line]:
    yield https(ground.bucket)
    yield clocks(ground, clock)
    yield default_retention(ground, clock())
    yield from given_back(ground)
    yield listing(ground)
    yield from versions(ground)
    yield from create_once(ground)
    yield from damages(ground)
    yield from locks(ground, clock)


__all__ = ["FOLDER", "NAME", "Line", "Probe", "Severity", "last_probe", "probe"]
