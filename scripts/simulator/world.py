"""Who lives in the simulation: three providers, and as many correspondents as a mailbox needs, all invented."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from simulator import pki
from simulator.cms import Signer

LEAD = timedelta(days=30)  # the certificates are a month old when the first message is written


class Style(NamedTuple):
    """One manner in which a provider writes what it signs.

    `digest` and `indefinite` (BER lengths) are of the signature, `micalg` and `protocol` as the header writes them.
    `order` names the parts in the signed part: text, xml, original, and logo for providers that send one. `html` puts
    an alternative beside the text. `hashed` is over what a brief receipt takes its hashes: a key of `breve.HASHED`.
    """

    digest: str
    micalg: str
    protocol: str
    indefinite: bool
    order: tuple[str, ...]
    html: bool
    hashed: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A gestore di PEC: the name it certifies with, its domain, its signer, and the manners in which it writes."""

    name: str
    domain: str
    signer: Signer
    styles: tuple[Style, ...]

    @property
    def mailbox(self) -> str:
        """The service address that envelopes and receipts come from."""
        return f"posta-certificata@{self.domain}"


@dataclass(frozen=True, slots=True)
class Party:
    """A mailbox and the name its client shows; no provider means ordinary mail (`esterno`)."""

    address: str
    name: str
    provider: Provider | None

    @property
    def tipo(self) -> str:
        """As daticert.xml has it: `certificato` or `esterno`."""
        return "certificato" if self.provider else "esterno"

    @property
    def gestore(self) -> Provider:
        """The provider of a certified mailbox; ValueError for ordinary mail."""
        if self.provider is None:
            raise ValueError(f"{self.address}: expected a certified mailbox, found ordinary mail")
        return self.provider


_X, _PLAIN = "application/x-pkcs7-signature", "application/pkcs7-signature"
_XML_FIRST, _XML_LAST = ("text", "xml", "original"), ("text", "original", "xml")
_LOGO = ("text", "logo", "xml", "original")

# slug, gestore-emittente, domain, manners: real providers differ in them, and change them from year to year
_PROVIDERS = (
    (
        "gestore-uno", "Gestore Uno SIMULATO SpA", "pec.gestore-uno.example",
        (
            Style("sha256", '"sha-256"', _X, False, _XML_FIRST, False, "codificato-crlf"),
            Style("sha256", "sha256", _X, True, _XML_LAST, True, "decodificato"),
        ),
    ),
    (
        "gestore-due", "Gestore Due SIMULATO Srl", "cert.gestore-due.example",
        (
            Style("sha256", "sha-256", _PLAIN, False, _LOGO, True, "codificato"),
            Style("sha1", "sha1", _PLAIN, True, _XML_FIRST, False, "codificato-lf"),
        ),
    ),
    (
        "gestore-tre", "Gestore Tre SIMULATO SpA", "posta.gestore-tre.example",
        (
            Style("sha1", '"sha1"', _X, False, _XML_FIRST, True, "codificato-lf-senza-fine"),
            Style("sha1", '"SHA1"', _X, True, _XML_LAST, False, "codificato-crlf"),
        ),
    ),
)  # fmt: skip

_SURNAMES = (
    "bianchi", "conti", "costa", "de.luca", "esposito", "ferrari", "fontana", "gallo", "greco", "lombardi",
    "mancini", "marino", "moretti", "ricci", "rinaldi", "rizzo", "romano", "russo", "santoro", "villa",
)  # fmt: skip

_DOMAINS = ("pec.studio-associato.example", "pec.comune-di-prova.example", "pec.impresa-edile.example")
_ORDINARY_DOMAIN = "posta-ordinaria.example"
_COURTS = ("roma", "milano", "napoli", "torino", "bologna")


def providers(start: datetime) -> tuple[Provider, ...]:
    """The three providers, their certificates valid three years from a month before `start`; the last signs SHA-1."""
    return tuple(
        Provider(
            name,
            domain,
            pki.signer(
                slug,
                name,
                f"posta-certificata@{domain}",
                serial=0x51_0000 + row,
                digest=styles[0].digest,
                since=start - LEAD,
            ),
            styles,
        )
        for row, (slug, name, domain, styles) in enumerate(_PROVIDERS, start=1)
    )


def correspondent(number: int, known: tuple[Provider, ...]) -> Party:
    """The certified correspondent of that number, always the same; its provider is one of `known`."""
    provider = number % len(known)
    surname = _SURNAMES[number % len(_SURNAMES)]
    return Party(f"{surname}.{number}@{_DOMAINS[provider]}", _title(surname), known[provider])


def outsider(number: int) -> Party:
    """The correspondent of that number who has ordinary mail only."""
    surname = _SURNAMES[number % len(_SURNAMES)]
    return Party(f"{surname}{number}@{_ORDINARY_DOMAIN}", _title(surname), None)


def court(number: int, known: tuple[Provider, ...]) -> Party:
    """A court's registry, where acts are filed (processo civile telematico)."""
    return Party(f"tribunale.{_COURTS[number % len(_COURTS)]}@civile.ptel.giustiziacert.example", "", known[1])


def exchange(number: int, known: tuple[Provider, ...]) -> Party:
    """The Sistema di Interscambio, which takes and delivers electronic invoices."""
    return Party(f"sdi{number % 60:02}@pec.fatturapa.example", "", known[2])


def _title(surname: str) -> str:
    return surname.replace(".", " ").title()
