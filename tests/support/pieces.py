"""Pieces of one dossier, made in a line: the sent copy, the acceptance, what providers report of a recipient."""

from datetime import UTC, datetime, timedelta

from archiver.digest import sha256
from archiver.pec.daticert import Daticert, Recipient
from archiver.pec.kind import Kind
from archiver.pec.piece import Piece

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
ME = "me@pec.example"
A, B, C = "a@pec.example", "b@pec.example", "c@mail.example"
RECIPIENTS = (Recipient(A, True), Recipient(B, True), Recipient(C, False))


def piece(
    kind: Kind,
    hours: float = 0,
    *,
    name: str = "",
    daticert: Daticert | None = None,
    original: bool = False,
    sender: str = "posta-certificata@pec.example",
    to: tuple[str, ...] = (ME,),
    cc: tuple[str, ...] = (),
    message_id: str = "",
    reference: str = "",
) -> Piece:
    """A message `hours` after START; another `name` makes other bytes of it."""
    at = START + timedelta(hours=hours)
    label = f"{kind} {at} {name} {daticert} {message_id}"
    return Piece(
        sha256=sha256(label.encode()),
        kind=kind,
        date=at,
        message_id=message_id or f"{sha256(label.encode())[:8]}@pec.example",
        reference=reference,
        subject="x",
        sender=sender,
        to=to,
        cc=cc,
        daticert=daticert,
        has_original=original,
    )


def sent(hours: float = 0, *, message_id: str = "m1@client", name: str = "") -> Piece:
    """The sent copy: to A and C, in copy to B."""
    return piece(Kind.INVIATO, hours, sender=ME, to=(A, C), cc=(B,), message_id=message_id, name=name)


def receipt(
    kind: Kind,
    hours: float = 0,
    consegna: str = "",
    *,
    identificativo: str = "i1@pec.example",
    errore: str = "nessuno",
    words: str = "",
    ricevuta: str = "",
    original: bool = False,
    msgid: str = "<m1@client>",
    name: str = "",
) -> Piece:
    """What a provider says of the sending."""
    data = Daticert(
        tipo=kind,
        errore=errore,
        mittente=ME,
        destinatari=RECIPIENTS,
        data=START + timedelta(hours=hours),
        identificativo=identificativo,
        msgid=msgid,
        consegna=consegna,
        ricevuta=ricevuta,
        errore_esteso=words,
    )
    return piece(kind, hours, daticert=data, original=original, reference=msgid.strip("<>"), name=name)


ACCEPTED = receipt(Kind.ACCETTAZIONE)


def delivered(
    to: str = A, hours: float = 0.1, ricevuta: str = "completa", *, original: bool = True, name: str = ""
) -> Piece:
    """A receipt of delivery."""
    return receipt(Kind.AVVENUTA_CONSEGNA, hours, to, ricevuta=ricevuta, original=original, name=name)


def failed(
    to: str = A, hours: float = 0.1, errore: str = "altro", words: str = "5.1.1 - indirizzo non valido"
) -> Piece:
    """A notice of non-delivery."""
    return receipt(Kind.ERRORE_CONSEGNA, hours, to, errore=errore, words=words)


def notice(hours: float, words: str = "", to: str = A) -> Piece:
    """One of the two notices that time ran out."""
    return receipt(Kind.PREAVVISO_ERRORE_CONSEGNA, hours, to, words=words)
