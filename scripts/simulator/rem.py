"""Registered electronic mail (ETSI EN 319 532, and TS 102 640 before it): the message with its evidence.

Only what tells it from other mail is made after the standards; the evidence is not signed by itself.
"""

from datetime import UTC, datetime
from typing import NamedTuple
from xml.sax.saxutils import escape

from simulator import mime
from simulator.mime import Leaf
from simulator.notice import boundary, signed
from simulator.original import Original, received, sent_copy

EVENT = "http://uri.etsi.org/19522/Event/ContentConsignment"


class Form(NamedTuple):
    """One manner: headers of the message, the evidence's root element, namespace and file name."""

    headers: tuple[str, ...]
    root: str
    namespace: str
    name: str


FORMS = {
    "en-319-532": Form(
        ("REM-Section-Type: rem_message/dispatch", "REM-UAMessageIdentifier: <{msgid}>"),
        "Evidence",
        "http://uri.etsi.org/19522/v1#",
        "ContentConsignment.xml",
    ),
    "ts-102-640": Form(
        ("X-REM-Msg-Type: REMDispatch",),
        "DeliveryNonDeliveryToRecipient",
        "http://uri.etsi.org/02640/v2#",
        "DeliveryNonDeliveryToRecipient.xml",
    ),
    "evidence-only": Form((), "Evidence", "http://uri.etsi.org/19522/v1#", "SubmissionAcceptance.xml"),
}


def write(message: Original, form: str, name: str, at: datetime) -> bytes:
    """The REM message called `name`, signed by the service that the sender's provider runs; `form` is one of FORMS."""
    chosen, gestore = FORMS[form], message.sender.gestore
    own = (f"{row}\r\n".format(msgid=message.msgid) for row in chosen.headers)
    headers = (
        f"Return-Path: <{message.sender.address}>\r\n".encode("ascii"),
        received(f"rem.{gestore.domain}", "mx.posta.example", at),
        mime.addresses("From", (message.sender,)),
        mime.addresses("To", message.to),
        mime.header("Subject", message.subject, message.coding),
        f"Date: {mime.date(at)}\r\nMessage-ID: <{name}>\r\n".encode("ascii"),
        *(row.encode("ascii") for row in own),
    )
    return b"".join(headers) + signed(_entity(message, chosen, name, at), gestore, gestore.styles[0], at=at, name=name)


def _entity(message: Original, form: Form, name: str, at: datetime) -> bytes:
    text = mime.quoted_printable("Messaggio REM SIMULATO, senza valore legale.\n", "utf-8")
    whole, evidence = sent_copy(message), mime.base64_body(_evidence(message, form, name, at))
    parts = (
        Leaf('text/plain; charset="utf-8"', text, "quoted-printable"),
        Leaf("message/rfc822", whole, "7bit" if whole.isascii() else "8bit", "AttachedMimeMessage.eml", "attachment"),
        Leaf("application/xml", evidence, "base64", form.name, "attachment"),
    )
    written = (mime.octets(each) for each in parts)
    return b"MIME-Version: 1.0\r\n" + mime.multipart("multipart/mixed", boundary(name, "mixed"), written)


def _evidence(message: Original, form: Form, name: str, at: datetime) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ev:{form.root} xmlns:ev="{form.namespace}">\n'
        f"  <EvidenceIdentifier>{name}</EvidenceIdentifier>\n  <ERDSEventId>{EVENT}</ERDSEventId>\n"
        f"  <EventTime>{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</EventTime>\n"
        f"  <SenderDetails><Identifier>{escape(message.sender.address)}</Identifier></SenderDetails>\n"
        f"  <RecipientDetails><Identifier>{escape(message.to[0].address)}</Identifier></RecipientDetails>\n"
        f"  <MessageIdentifier>{escape(message.msgid)}</MessageIdentifier>\n</ev:{form.root}>\n"
    ).encode()
