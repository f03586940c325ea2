"""Every message that a provider writes, as rows of one table (RFC 6109, 3).

A new kind of notice is a new row: who issues it, subject prefix, daticert, sentence for people, what rides along.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from simulator.original import Original, as_received, forged_hashes, hashes, postacert


@dataclass(frozen=True, slots=True)
class Variant:
    """One kind of notice; `sentence` says to people what happened.

    `issuer` is whose provider writes it. `tipo` is daticert's, and when empty there is none; `trasporto` makes it an
    envelope rather than a receipt; `estesi` are the ways to write errore-esteso, `{gestore}` standing for the issuer;
    `ricevuta` is the type given, `asked` for the one that the original asks for; `carries` writes the postacert.eml
    from the original, its identificativo and the way of hashing. `service` goes to the sender's provider, not to the
    sender: a user sees it only when somebody forwards it.
    """

    issuer: Literal["sender", "recipient", "holder"]
    tipo: str
    prefix: str
    title: str
    sentence: str
    errore: str = "nessuno"
    estesi: tuple[str, ...] = ("",)
    ricevuta: str = ""
    trasporto: str = ""
    carries: Callable[[Original, str, str], bytes] | None = None
    service: bool = False

    @property
    def kind(self) -> str:
        """What the message is called: daticert's `tipo`, or `anomalia` for what certifies nothing."""
        return self.tipo or "anomalia"


_REFUSAL = "si è riscontrato un problema che ne impedisce l'accettazione: {esteso}. Il messaggio NON è stato accettato."
_FAILURE = "non ha potuto essere recapitato alla casella {consegna}: {esteso}. La consegna NON è avvenuta."
_DELIVERY = "è stato messo a disposizione nella casella {consegna}. "
_HASHES = "L'allegato postacert.eml contiene le impronte dei file."
_FIRST = "non è stato ancora recapitato alla casella {consegna}. Potrebbe non giungere a buon fine."
_SECOND = "non è stato recapitato alla casella {consegna}. La spedizione si considera conclusa con esito negativo."


def _delivery(ricevuta: str, words: str, carries: Callable[[Original, str, str], bytes] | None = None) -> Variant:
    return Variant(
        issuer="recipient",
        tipo="avvenuta-consegna",
        prefix="CONSEGNA: ",
        title=f"Ricevuta {ricevuta} di avvenuta consegna",
        sentence=_DELIVERY + words,
        ricevuta=ricevuta,
        carries=carries,
    )


def _failure(
    errore: str, *estesi: str, issuer: Literal["sender", "recipient"] = "recipient", virus: bool = False
) -> Variant:
    return Variant(
        issuer=issuer,
        tipo="errore-consegna",
        prefix=f"AVVISO DI MANCATA CONSEGNA{' PER VIRUS' if virus else ''}: ",
        title="Avviso di mancata consegna",
        sentence=_FAILURE,
        errore=errore,
        estesi=estesi,
    )


def _timeout(sentence: str, *estesi: str) -> Variant:
    return Variant(
        issuer="sender",
        tipo="preavviso-errore-consegna",
        prefix="AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ",
        title="Avviso di mancata consegna",
        sentence=sentence,
        errore="altro",
        estesi=estesi,
    )


VARIANTS = {
    "accettazione": Variant(
        issuer="sender",
        tipo="accettazione",
        prefix="ACCETTAZIONE: ",
        title="Ricevuta di accettazione",
        sentence="è stato accettato e avviato verso i destinatari.",
    ),
    "non-accettazione": Variant(
        issuer="sender",
        tipo="non-accettazione",
        prefix="AVVISO DI NON ACCETTAZIONE: ",
        title="Avviso di non accettazione",
        sentence=_REFUSAL,
        errore="altro",
        estesi=("5.6.0 - {gestore} - il campo Bcc contiene un valore", "5.6.0 - {gestore} - errore formale"),
    ),
    "non-accettazione-virus": Variant(
        issuer="sender",
        tipo="non-accettazione",
        prefix="AVVISO DI NON ACCETTAZIONE PER VIRUS: ",
        title="Avviso di non accettazione per virus",
        sentence=_REFUSAL,
        errore="virus",
        estesi=("5.7.1 - {gestore} - contenuto non sicuro: EICAR-Test-File",),
    ),
    "busta": Variant(
        issuer="sender",
        tipo="posta-certificata",
        prefix="POSTA CERTIFICATA: ",
        title="Messaggio di posta elettronica certificata",
        sentence="è stato inviato ed è riportato per intero nell'allegato postacert.eml.",
        ricevuta="asked",
        trasporto="posta-certificata",
        carries=postacert,
    ),
    "anomalia": Variant(
        issuer="holder",
        tipo="",
        prefix="ANOMALIA MESSAGGIO: ",
        title="Anomalia nel messaggio",
        sentence="è arrivato dalla posta ordinaria: i suoi dati NON sono certificati. È allegato per intero.",
        trasporto="errore",
        carries=as_received,
    ),
    "presa-in-carico": Variant(
        issuer="recipient",
        tipo="presa-in-carico",
        prefix="PRESA IN CARICO: ",
        title="Ricevuta di presa in carico",
        sentence="è stato preso in carico dal gestore del destinatario.",
        service=True,
    ),
    "rilevazione-virus": Variant(
        issuer="recipient",
        tipo="rilevazione-virus",
        prefix="PROBLEMA DI SICUREZZA: ",
        title="Avviso di rilevazione di virus informatico",
        sentence="contiene un virus e non viene recapitato alla casella {consegna}: {esteso}.",
        errore="virus",
        estesi=("5.7.1 - {gestore} - contenuto non sicuro: EICAR-Test-File",),
        service=True,
    ),
    "consegna-completa": _delivery(
        "completa", "L'allegato postacert.eml è il messaggio così come è stato consegnato.", postacert
    ),
    "consegna-senza-messaggio": _delivery("completa", "Il messaggio non è riportato."),
    "consegna-breve": _delivery("breve", _HASHES, hashes),
    "consegna-breve-falsa": _delivery("breve", _HASHES, forged_hashes),
    "consegna-sintetica": _delivery("sintetica", "La ricevuta sintetica non riporta il messaggio."),
    "errore-no-dest": _failure("no-dest", "5.1.1 - {gestore} - indirizzo non valido"),
    "errore-sconosciuto": _failure("altro", "5.1.1 - {gestore} - indirizzo non valido", "550 5.1.1 User unknown"),
    "errore-no-dominio": _failure(  # of a domain that nobody serves nobody else can speak
        "no-dominio", "5.1.2 - {gestore} - dominio non valido", issuer="sender"
    ),
    "errore-piena": _failure(
        "altro", "5.2.2 - {gestore} - casella piena", "552 5.2.2 Mailbox full", "4.2.2 - {gestore} - quota superata"
    ),
    "errore-disabilitata": _failure("altro", "5.2.1 - {gestore} - casella disabilitata", "5.2.1 - casella sospesa"),
    "errore-altro": _failure("altro", "5.3.0 - {gestore} - errore generico nella consegna", "4.4.1 - {gestore}"),
    "errore-virus": _failure("virus", "5.7.1 - {gestore} - virus: EICAR-Test-File", issuer="sender", virus=True),
    "avviso-12": _timeout(
        _FIRST,
        "5.4.7 - {gestore} - messaggio non consegnato nelle prime 12 ore dal suo invio",
        "messaggio non consegnato nelle prime dodici ore",
    ),
    "avviso-24": _timeout(
        _SECOND,
        "5.4.7 - {gestore} - messaggio non consegnato entro 24 ore dal suo invio",
        "messaggio non consegnato entro ventiquattro ore",
    ),
    "avviso-12-muto": _timeout(_FIRST, "5.4.7 - {gestore} - superamento del tempo massimo"),
    "avviso-24-muto": _timeout(_SECOND, "5.4.7 - {gestore} - superamento del tempo massimo"),
    "avviso-24-nel-testo": _timeout(
        "non è stato recapitato alla casella {consegna} entro 24 ore dal suo invio.",
        "5.4.7 - {gestore} - superamento del tempo massimo",
    ),
}
