"""Who lives in the simulation: three providers, and as many correspondents as a mailbox needs, all invented."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator import pki
from simulator.cms import Signer

LEAD = timedelta(days=30)  # the certificates are a month old when the first message is written


@dataclass(frozen=True, slots=True)
class Provider:
    """A gestore di PEC: the name it certifies with, its domain, how it labels its signatures, and its signer."""

    name: str
    domain: str
    micalg: str
    protocol: str
    signer: Signer

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


# slug, gestore-emittente, domain, digest, micalg and protocol as the header writes them: real providers differ there
_PROVIDERS = (
    ("gestore-uno", "Gestore Uno SIMULATO SpA", "pec.gestore-uno.example", "sha256", '"sha-256"', "x-pkcs7-signature"),
    ("gestore-due", "Gestore Due SIMULATO Srl", "cert.gestore-due.example", "sha256", "sha-256", "pkcs7-signature"),
    ("gestore-tre", "Gestore Tre SIMULATO SpA", "posta.gestore-tre.example", "sha1", "sha1", "x-pkcs7-signature"),
)  # fmt: skip

_SURNAMES = (
    "bianchi", "conti", "costa", "de.luca", "esposito", "ferrari", "fontana", "gallo", "greco", "lombardi",
    "mancini", "marino", "moretti", "ricci", "rinaldi", "rizzo", "romano", "russo", "santoro", "villa",
)  # fmt: skip

_DOMAINS = ("pec.studio-associato.example", "pec.comune-di-prova.example", "pec.impresa-edile.example")
_ORDINARY_DOMAIN = "posta-ordinaria.example"


def providers(start: datetime) -> tuple[Provider, ...]:
    """The three providers, their certificates valid three years from a month before `start`; the last signs SHA-1."""
    return tuple(
        Provider(
            name,
            domain,
            micalg,
            f"application/{protocol}",
            pki.signer(
                slug, name, f"posta-certificata@{domain}", serial=0x51_0000 + row, digest=digest, since=start - LEAD
            ),
        )
        for row, (slug, name, domain, digest, micalg, protocol) in enumerate(_PROVIDERS, start=1)
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


def _title(surname: str) -> str:
    return surname.replace(".", " ").title()
