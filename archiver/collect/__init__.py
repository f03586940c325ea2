"""Trust is collected on the day, and kept: certificates, lists of revocations, OCSP answers, trusted lists.

What proves a signature today is gone in ten years; what is kept with the archive, and covered by its evidence, is not.
Nothing that comes in waits for it: what could not be had is a finding.
"""

from collections.abc import Sequence

from archiver.collect.batch import Batch, batches, manifest
from archiver.collect.collector import Collector
from archiver.collect.values import NOTHING, Catalog, Collected, Need, Store, When

__all__: Sequence[str] = [
    "NOTHING",
    "Batch",
    "Catalog",
    "Collected",
    "Collector",
    "Need",
    "Store",
    "When",
    "batches",
    "manifest",
]
