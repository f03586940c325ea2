"""A piece of a dossier: one message as far as a dossier needs it, and the names by which it knows its transaction."""

from dataclasses import dataclass
from datetime import datetime

from archiver.digest import Sha256
from archiver.pec import address
from archiver.pec.daticert import Daticert
from archiver.pec.kind import CERTIFIED, RECEIPTS, Kind
from archiver.plain import Plain
from archiver.verdict import Indication

_ORDER = {
    kind: place
    for place, kind in enumerate(
        (
            Kind.INVIATO,
            Kind.NON_ACCETTAZIONE,
            Kind.ACCETTAZIONE,
            Kind.PRESA_IN_CARICO,
            Kind.POSTA_CERTIFICATA,
            Kind.RILEVAZIONE_VIRUS,
            Kind.PREAVVISO_ERRORE_CONSEGNA,
            Kind.ERRORE_CONSEGNA,
            Kind.AVVENUTA_CONSEGNA,
            Kind.ANOMALIA,
            Kind.REM,
            Kind.ORDINARIO,
        )
    )
}


@dataclass(frozen=True, slots=True)
class Piece(Plain):
    """One message. Addresses bare, identifiers without angle brackets, `date` aware.

    `intact` is False when it speaks for a provider and no intact signature says so: it is shown, and changes nothing.
    `trusted` is whether that provider is one that the archive knows. `names_24` is whether the text of a notice for
    people names the 24 hours (see `archiver.pec.notice`).
    """

    sha256: Sha256
    kind: Kind
    date: datetime
    message_id: str
    reference: str
    subject: str
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    daticert: Daticert | None
    has_original: bool
    intact: bool = True
    trusted: bool = True
    names_24: bool = False

    def __hash__(self) -> int:
        """That of its digest: the others may list 500 recipients, and are compared only where digests agree."""
        return hash(self.sha256)

    @property
    def at(self) -> datetime:
        """The provider's time of it when stated, else the message's date."""
        return self.daticert.data if self.daticert and self.daticert.data else self.date

    @property
    def order(self) -> tuple[datetime, int, Sha256]:
        """The one order of pieces: by time, at one time in the order of a transmission, then by digest."""
        return self.at, _ORDER[self.kind], self.sha256

    @property
    def identificativo(self) -> str:
        """The provider's identifier that it carries; of an envelope its own Message-ID (RFC 6109, 3.1.2)."""
        if self.daticert and self.daticert.identificativo:
            return self.daticert.identificativo
        return self.message_id if self.kind is Kind.POSTA_CERTIFICATA else ""

    @property
    def msgid(self) -> str:
        """The client's Message-ID that it carries, without angle brackets; of unwrapped mail its own."""
        if self.daticert and self.daticert.msgid:
            return address.identifier(self.daticert.msgid)
        return self.reference if self.kind in CERTIFIED else self.message_id

    @property
    def mittente(self) -> str:
        """The address of who sent the message that this is, or is about; empty when it cannot say."""
        if self.daticert:
            return self.daticert.mittente
        if self.kind in RECEIPTS:
            return self.to[0] if self.to else ""  # a receipt goes to whoever sent
        return self.sender


def is_intact(kind: Kind, integrity: Indication | None) -> bool:
    """Whether a message of this kind may be believed: what only a provider can say must be signed, and intact."""
    return kind not in CERTIFIED or integrity is Indication.PASSED
