"""What a provider writes about one sending of ours, signed by a provider of our own: any event, any receipt."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from support.pec_provider import Provider

ME = "me@pec.example"
A, B, C = "a@pec.example", "b@pec.example", "c@mail.example"
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
LISTED = ((A, "certificato"), (B, "certificato"), (C, "esterno"))


@dataclass(frozen=True)
class Post:
    """One sending: what the client called it, what the provider called it, whom the provider lists."""

    provider: Provider
    msgid: str = "m1@client.example"
    identificativo: str = "i1@pec.example"
    listed: tuple[tuple[str, str], ...] = LISTED

    def says(
        self,
        kind: str,
        hours: float = 0,
        *,
        consegna: str = "",
        ricevuta: str = "",
        original: bytes | None = None,
        errore: str = "nessuno",
        esteso: str = "",
        text: str = "Testo",
        name: str = "",
        to: str = ME,
    ) -> bytes:
        """A message of this kind, `hours` after START; another `name` makes another message of the same event."""
        header = b"X-Trasporto" if kind == "posta-certificata" else b"X-Ricevuta"
        message_id = self.identificativo if kind == "posta-certificata" else f"{kind}.{consegna}.{hours}.{name}@x"
        headers = (
            header
            + f": {kind}\r\nTo: {to}\r\nMessage-ID: <{message_id}>\r\nSubject: {kind}\r\n"
            f"X-Riferimento-Message-ID: <{self.msgid}>\r\n".encode()
        )
        xml = self._daticert(kind, hours, consegna=consegna, ricevuta=ricevuta, errore=errore, esteso=esteso)
        parts = [
            b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode(),
            b'Content-Type: application/xml; name="daticert.xml"\r\n\r\n' + xml,
        ]
        if original is not None:
            parts.append(b'Content-Type: message/rfc822; name="postacert.eml"\r\n\r\n' + original)
        return self.provider.sign(multipart(*parts, boundary="in"), headers)

    def sent(self, body: bytes, *, cc: str = B) -> bytes:
        """The sent copy: `body` from its Content-Type on."""
        return (
            f"From: Io <{ME}>\r\nTo: {A}, {C}\r\nCc: {cc}\r\nSubject: Diffida\r\n"
            f"Date: Mon, 02 Nov 2026 10:00:00 +0100\r\nMessage-ID: <{self.msgid}>\r\n"
        ).encode() + body

    def _daticert(self, kind: str, hours: float, *, consegna: str, ricevuta: str, errore: str, esteso: str) -> bytes:
        at = START + timedelta(hours=hours + 1)
        listed = "".join(f'<destinatari tipo="{tipo}">{address}</destinatari>' for address, tipo in self.listed)
        rest = f"<msgid>&lt;{self.msgid}&gt;</msgid>"
        rest += f'<ricevuta tipo="{ricevuta}"/>' if ricevuta else ""
        rest += f"<consegna>{consegna}</consegna>" if consegna else ""
        rest += f"<errore-esteso>{esteso}</errore-esteso>" if esteso else ""
        return (
            f'<postacert tipo="{kind}" errore="{errore}"><intestazione><mittente>{ME}</mittente>{listed}'
            f"<risposte>{ME}</risposte><oggetto>Diffida</oggetto></intestazione><dati>"
            f'<gestore-emittente>Prova</gestore-emittente><data zona="+0100"><giorno>{at:%d/%m/%Y}</giorno>'
            f"<ora>{at:%H:%M:%S}</ora></data><identificativo>{self.identificativo}</identificativo>{rest}"
            "</dati></postacert>"
        ).encode()


def multipart(*parts: bytes, boundary: str, kind: str = "mixed") -> bytes:
    """A multipart entity from its Content-Type on."""
    mark = b"--" + boundary.encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def attachment(name: str, body: bytes, *, media: str = "application/pdf", encoding: str = "base64") -> bytes:
    """A part with a name; `body` as it travels."""
    return (
        f'Content-Type: {media}; name="{name}"\r\nContent-Transfer-Encoding: {encoding}\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    ).encode() + body
