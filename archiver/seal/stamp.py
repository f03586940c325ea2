"""Asks authorities for a token, in order, and believes an answer only after every check of RFC 3161."""

from archiver.errors import ConfigError, Malformed, Unavailable
from archiver.evidence.timestamp import judge_token, query, read_token, token_of
from archiver.seal.values import Authority, Line, Report, Sealing
from archiver.verdict import Indication, finding


class Stamper:
    """A `ports.Stamp` of one line of authorities; counts the tokens they give.

    One that does not answer, or whose answer is refused, is passed over: the report says why, the next one is asked,
    and it is not asked again in this run.
    """

    def __init__(self, line: Line, work: Sealing, report: Report) -> None:
        self._line = line
        self._work = work
        self._report = report

    def __call__(self, algorithm: str, imprint: bytes) -> bytes:
        """The token over `imprint`, octets as received.

        Raises Unavailable when none of the line gives a good one; ConfigError when all of them want mending.
        """
        return self.stamped(algorithm, imprint)[1]

    def stamped(self, algorithm: str, imprint: bytes) -> tuple[Authority, bytes]:
        """The same, with the authority that gave it."""
        silent = self._report.silent
        for authority in self._line:
            if authority in silent:
                continue
            try:
                return authority, self._ask(authority, algorithm, imprint)
            except (Unavailable, ConfigError) as error:
                silent[authority] = error
                if authority is not self._line[-1]:
                    found = finding("TSA_PASSED_OVER", f"TSA {authority.port.id}", reason=str(error))
                    self._report.warnings.append(found)
        errors = [silent[authority] for authority in self._line]
        mend = all(isinstance(error, ConfigError) for error in errors)
        raise (ConfigError if mend else Unavailable)("\n".join(map(str, errors)))

    def _ask(self, authority: Authority, algorithm: str, imprint: bytes) -> bytes:
        name, nonce = authority.port.id, self._work.nonce()
        reply = authority.port.answer(query(algorithm, imprint, nonce, authority.policy))
        self._report.tokens += 1
        at = self._work.clock()
        try:
            token = token_of(reply, algorithm=algorithm, imprint=imprint, nonce=nonce, at=at, policy=authority.policy)
            judged = judge_token(
                read_token(token, authority.anchors),
                algorithm=algorithm,
                data_digest=imprint,
                anchors=authority.anchors,
                crls=authority.crls,
                at=at,
                subject=f"TSA {name}",
            )
        except Malformed as error:
            raise Unavailable(f"TSA {name}: its answer is refused: {error}") from error
        if judged.indication is not Indication.PASSED:
            found = "; ".join(item.text("en") for item in judged.findings)
            raise Unavailable(f"TSA {name}: its token is refused: {found}")
        return token
