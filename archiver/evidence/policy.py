"""What seals, tokens and records are judged with: certificates and lists, and how long algorithms may be trusted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from archiver.chain import NOTHING, Material
from archiver.evidence.accepted import NO_LIST, Accepted
from archiver.evidence.algorithms import CATALOGUE, Catalogue


@dataclass(frozen=True, slots=True)
class Policy:
    """A validation policy (EN 319 102-1, 4.1.2). `require_revocation`: no verdict PASSED without current lists.

    `accepted` says which time stamping authorities were qualified; it decides nothing, and is said.
    """

    material: Material = NOTHING
    catalogue: Catalogue = CATALOGUE
    require_revocation: bool = False
    accepted: Accepted = NO_LIST

    def plus(
        self, *, certificates: Iterable[bytes] = (), crls: Iterable[bytes] = (), ocsps: Iterable[bytes] = ()
    ) -> "Policy":
        """The same, with more material beside its anchors."""
        return replace(self, material=self.material.plus(certificates=certificates, crls=crls, ocsps=ocsps))


NOBODY = Policy()
"""Believes nobody: every path ends in doubt."""
