"""What is due: the earliest end among the TSA's certificate, the digests, and the signature's algorithm and key size.

RFC 4998, 5.2: a new timestamp while the tree's digest holds, a new tree when it does not.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from archiver.chain import Material, validate
from archiver.errors import ConfigError, Malformed
from archiver.evidence.algorithms import Catalogue
from archiver.evidence.policy import Policy
from archiver.evidence.timestamp import Token, end_of, read_token
from archiver.renew.values import Due, Renewing
from archiver.stamping import Line, path_of
from archiver.submission.rows import NewestRow
from archiver.verdict import Finding

STRONG = ("sha512", "sha3_512", "sha384", "sha3_384", "sha256", "sha3_256")
"""What a new tree is made with, unless somebody says: the first that lasts."""

LASTING = timedelta(days=5 * 365)
USAGE = frozenset({"time_stamping"})


class Lists:
    """What is known today of each authority's certificate: its path, its lists and OCSP answers, got once a run."""

    def __init__(self, work: Renewing, now: datetime) -> None:
        self._work = work
        self._now = now
        self._known: dict[bytes, tuple[Material, tuple[Finding, ...]]] = {}

    def of(self, token: Token) -> tuple[Material, tuple[Finding, ...]]:
        """What belongs beside the token (its anchors left out), and what was said while it was fetched."""
        key = token.certificate or b""
        if key not in self._known:
            path = path_of(token, self._work.trust.policy, now=self._now) or (key,)
            found, said = self._work.gather(path)
            self._known[key] = Material((), (*path, *found.certificates), found.crls, found.ocsps), said
        return self._known[key]

    def policy(self, token: Token) -> Policy:
        """What the token is judged with, that included."""
        beside, _ = self.of(token)
        policy = self._work.trust.policy
        return policy.plus(certificates=beside.certificates, crls=beside.crls, ocsps=beside.ocsps)

    def revoked(self, token: Token) -> bool:
        """Whether the authority's certificate was revoked since, for a reason that leaves its tokens good."""
        if token.certificate is None:
            return False
        known = self.policy(token).material.plus(certificates=token.certificates, crls=token.crls, ocsps=token.ocsps)
        chain = validate(
            token.certificate, known, at=token.gen_time, vouched=self._now, extended_key_usage=USAGE, subject=""
        )
        return any(item.code == "CERTIFICATE_REVOKED_LATER" for item in chain.verdict.findings)


def due(work: Renewing, lists: Lists, *, horizon: timedelta, target: str = "") -> list[Due]:
    """All that ends within `horizon`, the earliest first; with `target`, also every tree made with another digest.

    Raises ConfigError for a target that is weaker than a tree that is there.
    """
    now = work.clock()
    newest = work.catalog.newest_tokens(counted=False)
    _refuse_weaker(newest, target)
    asked: dict[bytes, bool] = {}
    found = (_due(row, work, lists, now, horizon, target, asked) for row in newest)
    counted = (replace(item, newest=work.catalog.counted(item.newest)) for item in found if item)
    return sorted(counted, key=lambda item: (item.until, item.newest.tsa))


def ends(newest: NewestRow, catalogue: Catalogue, certificates: Sequence[bytes] = ()) -> tuple[datetime, str]:
    """When the records on this token end, and why: `certificate`, `signature`, or `digest` for that of the tree."""
    tree = catalogue.usable_until(newest.algorithm) or newest.token.at
    try:
        end = end_of(read_token(newest.token.octets, certificates), catalogue)
    except Malformed:
        return newest.token.at, "certificate"
    if tree <= end.at:
        return tree, "digest"
    # a digest of the token's own, not of the tree: a new token of a better authority is enough
    return end.at, "certificate" if end.reason == "certificate" else "signature"


def owner(tsa: str, lines: tuple[Line, ...]) -> Line | None:
    """The line that renews the lineage which `tsa` began: its own, or that of its successor."""
    for line in lines:
        if any(tsa == authority.id or tsa in authority.succeeds for authority in line):
            return line
    return None


def line_of(tsa: str, lines: tuple[Line, ...]) -> Line:
    """The same; the first line takes on what nobody owns."""
    return owner(tsa, lines) or lines[0]


def stronger(catalogue: Catalogue, at: datetime) -> str:
    """The digest for a new tree: the first that is to last for five years, else the one that lasts longest."""
    until = {name: catalogue.usable_until(name) or at for name in STRONG}
    return next((name for name in STRONG if until[name] > at + LASTING), max(STRONG, key=lambda name: until[name]))


def groups(found: Sequence[Due], lines: tuple[Line, ...]) -> Iterator[tuple[Line, str, bool, list[Due]]]:
    """What shares a token: one line, one algorithm, one kind of renewal (True: a new tree over the files)."""
    for line in lines:
        mine = [item for item in found if line_of(item.newest.tsa, lines) is line]
        for algorithm, tree in sorted({(item.algorithm, bool(item.target)) for item in mine}):
            yield line, algorithm, tree, [i for i in mine if (i.algorithm, bool(i.target)) == (algorithm, tree)]


def _due(
    newest: NewestRow,
    work: Renewing,
    lists: Lists,
    now: datetime,
    horizon: timedelta,
    target: str,
    asked: dict[bytes, bool],
) -> Due | None:
    catalogue, certificates = work.trust.policy.catalogue, work.trust.policy.material.certificates
    until, reason = ends(newest, catalogue, certificates)
    if target and newest.algorithm != target:
        return Due(newest, until, reason if until <= now + horizon else "asked", target)
    if until <= now + horizon:
        return Due(newest, until, reason, stronger(catalogue, now) if reason == "digest" else "")
    token = read_token(newest.token.octets, certificates)
    key = token.certificate or b""
    if key not in asked:
        asked[key] = lists.revoked(token)
    return Due(newest, now, "revoked") if asked[key] else None


def _refuse_weaker(newest: Sequence[NewestRow], target: str) -> None:
    if not target:
        return
    there = {row.algorithm for row in newest}
    larger = sorted(name for name in there if hashlib.new(name).digest_size > hashlib.new(target).digest_size)
    if larger:
        raise ConfigError(
            f"--hash {target}: weaker than what is there ({', '.join(larger)}); a new tree is made under a digest of"
            " the same size or a larger one"
        )
