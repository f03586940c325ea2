"""Asks an authority for a token, and believes the answer only after every check of RFC 3161."""

from archiver.errors import Malformed, Unavailable
from archiver.evidence.timestamp import judge_token, query, read_token, token_of
from archiver.seal.values import Authority, Report, Sealing
from archiver.verdict import Indication


class Stamper:
    """A `ports.Stamp` of one authority; counts the tokens it spends."""

    def __init__(self, authority: Authority, work: Sealing, report: Report) -> None:
        self._authority = authority
        self._work = work
        self._report = report

    def __call__(self, algorithm: str, imprint: bytes) -> bytes:
        """The token over `imprint`, octets as received.

        Raises Unavailable when the authority does not answer, or answers with what cannot be believed.
        """
        name, nonce = self._authority.port.id, self._work.nonce()
        reply = self._authority.port.answer(query(algorithm, imprint, nonce))
        self._report.tokens += 1
        at = self._work.clock()
        try:
            token = token_of(reply, algorithm=algorithm, imprint=imprint, nonce=nonce, at=at)
            judged = judge_token(
                read_token(token, self._authority.anchors),
                algorithm=algorithm,
                data_digest=imprint,
                anchors=self._authority.anchors,
                crls=self._authority.crls,
                at=at,
                subject=f"TSA {name}",
            )
        except Malformed as error:
            raise Unavailable(f"TSA {name}: its answer is refused: {error}") from error
        if judged.indication is not Indication.PASSED:
            found = "; ".join(item.text("en") for item in judged.findings)
            raise Unavailable(f"TSA {name}: its token is refused: {found}")
        return token
