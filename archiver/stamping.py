"""Time stamping authorities, asked in order; an answer is believed only after every check of RFC 3161."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from archiver.chain import validate
from archiver.errors import ArchiverError, ConfigError, Malformed, Unavailable
from archiver.evidence.policy import Policy
from archiver.evidence.timestamp import Token, judge_token, query, read_token, token_of
from archiver.ports import TimeStampingAuthority
from archiver.verdict import Finding, Indication, finding

_USAGE = frozenset({"time_stamping"})


@dataclass(frozen=True, slots=True, eq=False)
class Authority:
    """A time stamping authority, and what its tokens are judged with: its anchors (DER) among it.

    `policy` is the OID to ask for (empty: any), `digest` what evidence under it is hashed with, in asn1crypto's names;
    `succeeds` are authorities that are asked no more, whose records it renews.
    """

    port: TimeStampingAuthority
    trusted: Policy
    policy: str = ""
    digest: str = "sha512"
    succeeds: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its name in the configuration and in the store."""
        return self.port.id

    @property
    def anchors(self) -> tuple[bytes, ...]:
        """What its tokens must lead to, DER."""
        return self.trusted.material.anchors


Line = tuple[Authority, ...]
"""Authorities that stand in for one another, the preferred one first: a record of one of them is enough."""


@dataclass(slots=True)
class Asked:
    """What asking came to in one run: tokens, what is to be said, and who is not asked again, and why."""

    tokens: int = 0
    warnings: list[Finding] = field(default_factory=list)
    silent: dict[Authority, ArchiverError] = field(default_factory=dict)


class Stamper:
    """A `ports.Stamp` of one line of authorities.

    One that does not answer, or whose answer is refused, is passed over: `asked` says why, the next one is asked, and
    it is not asked again in this run.
    """

    def __init__(self, line: Line, asked: Asked, *, clock: Callable[[], datetime], nonce: Callable[[], int]) -> None:
        self._line = line
        self._asked = asked
        self._clock = clock
        self._nonce = nonce

    def __call__(self, algorithm: str, imprint: bytes) -> bytes:
        """The token over `imprint`, octets as received.

        Raises Unavailable when none of the line gives a good one; ConfigError when all of them want mending.
        """
        return self.stamped(algorithm, imprint)[1]

    def stamped(self, algorithm: str, imprint: bytes) -> tuple[Authority, bytes]:
        """The same, with the authority that gave it."""
        silent = self._asked.silent
        for authority in self._line:
            if authority in silent:
                continue
            try:
                return authority, self._ask(authority, algorithm, imprint)
            except (Unavailable, ConfigError) as error:
                silent[authority] = error
                if authority is not self._line[-1]:
                    found = finding("TSA_PASSED_OVER", f"TSA {authority.id}", reason=str(error))
                    self._asked.warnings.append(found)
        errors = [silent[authority] for authority in self._line]
        mend = all(isinstance(error, ConfigError) for error in errors)
        raise (ConfigError if mend else Unavailable)("\n".join(map(str, errors)))

    def _ask(self, authority: Authority, algorithm: str, imprint: bytes) -> bytes:
        nonce = self._nonce()
        reply = authority.port.answer(query(algorithm, imprint, nonce, authority.policy))
        self._asked.tokens += 1
        at, subject = self._clock(), f"TSA {authority.id}"
        try:
            token = token_of(reply, algorithm=algorithm, imprint=imprint, nonce=nonce, at=at, policy=authority.policy)
            read = read_token(token, authority.anchors)
            judged = judge_token(
                read, authority.trusted, algorithm=algorithm, data_digest=imprint, at=at, subject=subject
            )
        except Malformed as error:
            raise Unavailable(f"{subject}: its answer is refused: {error}") from error
        if judged.indication is not Indication.PASSED:
            found = "; ".join(item.text("en") for item in judged.findings)
            raise Unavailable(f"{subject}: its token is refused: {found}")
        return token


def path_of(token: Token, policy: Policy, *, now: datetime) -> tuple[bytes, ...]:
    """From the certificate of a token's authority to an anchor, DER, as of the token's time; empty without a path."""
    if token.certificate is None:
        return ()
    known = policy.material.plus(certificates=token.certificates, crls=token.crls, ocsps=token.ocsps)
    return validate(
        token.certificate, known, at=token.gen_time, vouched=now, extended_key_usage=_USAGE, subject=""
    ).path


@contextmanager
def stopping(stops: list[ArchiverError]) -> Iterator[None]:
    """What stops here does not stop what comes after: one line of authorities is not the other's."""
    try:
        yield
    except (Unavailable, ConfigError) as error:
        stops.append(error)


def end_with(stops: list[ArchiverError]) -> None:
    """Raises what stopped, all of it in one; nothing when nothing did."""
    if stops:
        texts = dict.fromkeys(part for error in stops for part in str(error).splitlines())
        raise type(stops[0])("\n".join(texts)) from stops[0]
