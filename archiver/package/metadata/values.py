"""What AgID Allegato 5 wants to be known about one message."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from archiver.digest import Sha256
from archiver.package import rules

MOST_KEYWORDS: Final = 5
LONGEST_YEARS: Final = 4999
"""The longest TempoDiConservazione that every copy of the schema takes; some stop here, some at 9999."""
MOST_ATTACHMENTS: Final = 4999
"""The highest NumeroAllegati that every copy of the schema takes."""

DOCUMENT_TYPES: Final = {
    "posta-certificata": "PEC - busta di trasporto",
    "anomalia": "PEC - busta di anomalia",
    "inviato": "PEC - messaggio inviato",
    "accettazione": "PEC - ricevuta di accettazione",
    "non-accettazione": "PEC - avviso di non accettazione",
    "presa-in-carico": "PEC - ricevuta di presa in carico",
    "avvenuta-consegna": "PEC - ricevuta di avvenuta consegna",
    "preavviso-errore-consegna": "PEC - avviso di mancata consegna per superamento dei tempi massimi",
    "errore-consegna": "PEC - avviso di mancata consegna",
    "rilevazione-virus": "PEC - avviso di rilevazione virus",
    "rem": "REM - messaggio di recapito certificato",
    "ordinario": "Posta elettronica ordinaria",
}
"""TipologiaDocumentale of each kind of message: a closed list, printed in the manual."""

_PROTOCOL_NUMBER = re.compile(r"[0-9]{7,}")
_REGISTER = re.compile(r"[A-Za-z0-9_.-]{1,16}")


class ModalitaDiFormazione(StrEnum):
    """The two sentences of the schema that fit mail: one is created (sent), or acquired (all else)."""

    CREAZIONE = (
        "creazione tramite utilizzo di strumenti software che assicurino la produzione di documenti nei formati"
        " previsti in allegato 2"
    )
    ACQUISIZIONE = (
        "acquisizione di un documento informatico per via telematica o su supporto informatico, acquisizione della"
        " copia per immagine su supporto informatico di un documento analogico, acquisizione della copia informatica"
        " di un documento analogico"
    )


class TipologiaDiFlusso(StrEnum):
    """Which way the document went: in, out, or from own to own."""

    ENTRATA = "E"
    USCITA = "U"
    INTERNO = "I"


class TipoAggregazione(StrEnum):
    """What a document may be a part of."""

    FASCICOLO = "Fascicolo"
    SERIE_DOCUMENTALE = "Serie Documentale"
    SERIE_DI_FASCICOLI = "Serie Di Fascicoli"


@dataclass(frozen=True, slots=True)
class Aggregazione:
    """One folder or series, by its id."""

    kind: TipoAggregazione
    id: str


@dataclass(frozen=True, slots=True)
class PG:
    """A body, or whoever is known by an address only: then `deduced`, and the document's Note says so.

    `code` is a codice fiscale or partita IVA of 11 digits; one of another shape is left out of the document.
    """

    name: str
    code: str = ""
    office: str = ""
    addresses: tuple[str, ...] = ()
    deduced: bool = False


@dataclass(frozen=True, slots=True)
class PF:
    """A person, only where the configuration names one. A `code` that is no codice fiscale is left out."""

    last_name: str
    first_name: str
    code: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PAI:
    """An Italian administration with its codes in the IPA register, its AOO, and at least one address."""

    name: str
    code: str
    aoo_name: str
    aoo_code: str
    addresses: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.addresses:
            raise ValueError(f"PAI {self.name}: expected at least one digital address, found none")


Party = PG | PF | PAI


@dataclass(frozen=True, slots=True)
class Registration:
    """The holder's own protocol, which makes the document a DocumentoAmministrativoInformatico."""

    number: str
    date: datetime
    register: str
    index: str
    description: str
    aggregation: Aggregazione
    registrar: PAI | None = None

    def __post_init__(self) -> None:
        rules.moment(self.date)
        if not _PROTOCOL_NUMBER.fullmatch(self.number):
            raise ValueError(f"NumeroProtocolloDocumento: expected at least 7 digits, found {self.number!r}")
        if not _REGISTER.fullmatch(self.register):
            raise ValueError(f"CodiceRegistro: expected 1 to 16 of A-Z a-z 0-9 _ . -, found {self.register!r}")
        if not self.index or not self.description:
            raise ValueError("Classificazione: expected index and description, found one empty")


@dataclass(frozen=True, slots=True)
class Verifica:
    """What was checked, as Allegato 5 asks: the provider's intact signature is a seal; its time is no marca."""

    sealed: bool
    signed: bool = False
    stamped: bool = False
    certified_copy: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One message, `sha256` being the digest of its bytes. Raises ValueError for what no schema would take.

    `document_type` is a value of DOCUMENT_TYPES; `date` and `number` are the document's own (without own protocol);
    `software` names this system and its version; `years` is the retention, 9999 for ever; `attachments` counts those
    of the original.
    """

    sha256: Sha256
    identifier: str
    formation: ModalitaDiFormazione
    document_type: str
    flow: TipologiaDiFlusso
    date: datetime
    number: str
    subject: str
    sender: Party | None
    recipients: tuple[Party, ...]
    software: str
    check: Verifica
    years: int
    keywords: tuple[str, ...] = ()
    attachments: int = 0
    reserved: bool = False
    aggregations: tuple[Aggregazione, ...] = ()
    note: str = ""
    registration: Registration | None = None

    def __post_init__(self) -> None:
        rules.sha256(self.sha256)
        rules.moment(self.date)
        rules.at_least(1, self.years, "TempoDiConservazione")
        rules.at_least(0, self.attachments, "NumeroAllegati")
        if self.document_type not in DOCUMENT_TYPES.values():
            raise ValueError(f"TipologiaDocumentale: expected one of the closed list, found {self.document_type!r}")
        if len(self.keywords) > MOST_KEYWORDS:
            raise ValueError(f"ParoleChiave: expected at most {MOST_KEYWORDS}, found {len(self.keywords)}")
