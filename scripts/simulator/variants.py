"""Every message that a provider writes, as rows of one table (RFC 6109, 3).

A new kind of notice is a new row: who issues it, subject prefix, daticert, sentence for people, what rides along.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from simulator.original import Original, as_received, postacert


@dataclass(frozen=True, slots=True)
class Variant:
    """One kind of notice; `sentence` says to people what happened.

    `issuer` is whose provider writes it. `tipo` is daticert's, and when empty there is none; `trasporto` makes it an
    envelope rather than a receipt; `esteso` is errore-esteso, `{gestore}` standing for the issuer; `ricevuta` is the
    type asked for or given; `carries` writes the postacert.eml from the original and its identificativo.
    """

    issuer: Literal["sender", "recipient", "holder"]
    tipo: str
    prefix: str
    title: str
    sentence: str
    errore: str = "nessuno"
    esteso: str = ""
    ricevuta: str = ""
    trasporto: str = ""
    carries: Callable[[Original, str], bytes] | None = None

    @property
    def kind(self) -> str:
        """What the message is called: daticert's `tipo`, or `anomalia` for what certifies nothing."""
        return self.tipo or "anomalia"


_REFUSAL = "si è riscontrato un problema che ne impedisce l'accettazione: {esteso}. Il messaggio NON è stato accettato."
_FAILURE = "non ha potuto essere recapitato alla casella {consegna}: {esteso}. La consegna NON è avvenuta."
_DELIVERY = "è stato messo a disposizione nella casella {consegna}. "

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
        esteso="5.6.0 - {gestore} - il campo Bcc contiene un valore",
    ),
    "busta": Variant(
        issuer="sender",
        tipo="posta-certificata",
        prefix="POSTA CERTIFICATA: ",
        title="Messaggio di posta elettronica certificata",
        sentence="è stato inviato ed è riportato per intero nell'allegato postacert.eml.",
        ricevuta="completa",
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
    "consegna-completa": Variant(
        issuer="recipient",
        tipo="avvenuta-consegna",
        prefix="CONSEGNA: ",
        title="Ricevuta completa di avvenuta consegna",
        sentence=_DELIVERY + "L'allegato postacert.eml è il messaggio così come è stato consegnato.",
        ricevuta="completa",
        carries=postacert,
    ),
    "consegna-sintetica": Variant(
        issuer="recipient",
        tipo="avvenuta-consegna",
        prefix="CONSEGNA: ",
        title="Ricevuta sintetica di avvenuta consegna",
        sentence=_DELIVERY + "La ricevuta sintetica non riporta il messaggio.",
        ricevuta="sintetica",
    ),
    "errore-no-dest": Variant(
        issuer="recipient",
        tipo="errore-consegna",
        prefix="AVVISO DI MANCATA CONSEGNA: ",
        title="Avviso di mancata consegna",
        sentence=_FAILURE,
        errore="no-dest",
        esteso="5.1.1 - {gestore} - indirizzo non valido",
    ),
    "errore-no-dominio": Variant(
        issuer="sender",  # of a domain that nobody serves nobody else can speak
        tipo="errore-consegna",
        prefix="AVVISO DI MANCATA CONSEGNA: ",
        title="Avviso di mancata consegna",
        sentence=_FAILURE,
        errore="no-dominio",
        esteso="5.1.2 - {gestore} - dominio non valido",
    ),
    "errore-altro": Variant(
        issuer="recipient",
        tipo="errore-consegna",
        prefix="AVVISO DI MANCATA CONSEGNA: ",
        title="Avviso di mancata consegna",
        sentence=_FAILURE,
        errore="altro",
        esteso="5.2.2 - {gestore} - casella piena",
    ),
}
