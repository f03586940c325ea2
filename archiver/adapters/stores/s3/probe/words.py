"""All that a probe may say: how grave each gap is, and what follows from it, in Italian and English.

A consequence is told by what happens to the archive; the terms of S3 stand beside it, in what was found.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """`severity` is refuses, warns or informs; the texts hold when the server does not do what was asked."""

    severity: str
    italian: str
    english: str


TABLE: dict[str, Row] = {
    "https": Row(
        "warns",
        "I messaggi viaggiano in chiaro: chi sta sul percorso li legge. Usare un endpoint https",
        "Messages travel in the clear: whoever is on the way reads them. Use an https endpoint",
    ),
    "clock": Row(
        "warns",
        "L'ora del server e quella di questa macchina differiscono: i blocchi finirebbero prima o dopo il giorno"
        " voluto, e le date registrate sarebbero sbagliate. Sincronizzare gli orologi (NTP) e ripetere",
        "The server's time and this machine's differ: locks would end before or after the day meant, and recorded"
        " dates would be wrong. Synchronise the clocks (NTP) and try again",
    ),
    "write-read": Row(
        "refuses",
        "Ciò che il server dice di aver scritto non si rilegge uguale: nessun archivio vi può stare",
        "What the server says it has written does not read back the same: no archive can live there",
    ),
    "range": Row(
        "refuses",
        "Il server non dà una parte di un oggetto: un singolo messaggio non si può leggere dal suo segmento",
        "The server does not give a part of an object: a single message cannot be read from its segment",
    ),
    "listing": Row(
        "refuses",
        "Gli elenchi non mostrano subito, tutto e in ordine ciò che è stato scritto: controlli e ricostruzione del"
        " catalogo darebbero per mancante ciò che c'è, e due scritture dello stesso nome non si vedrebbero",
        "Listings do not show at once, completely and in order what was written: checks and the rebuilding of the"
        " catalog would report as missing what is there, and two writes of one name would not be seen",
    ),
    "versioning": Row(
        "warns",
        "Il bucket non conserva le versioni: una scrittura o una cancellazione fatta da chiunque ne abbia le chiavi"
        " distrugge l'oggetto. Attivare le versioni sul bucket",
        "The bucket keeps no versions: a write or a deletion by whoever has keys to it destroys the object. Enable"
        " versioning on the bucket",
    ),
    "versions-kept": Row(
        "refuses",
        "Il server dice di conservare le versioni e non lo fa: una scrittura o una cancellazione posteriore"
        " nasconde o distrugge l'oggetto di prima",
        "The server says that it keeps versions and does not: a later write or deletion hides or destroys the"
        " object that was there",
    ),
    "conditional": Row(
        "refuses",
        "Il server rifiuta ogni scrittura che chieda di non sovrascrivere: l'archivio non vi può scrivere",
        "The server refuses every write that asks not to overwrite: the archive cannot write there",
    ),
    "create-once": Row(
        "informs",
        "Il server sovrascrive anche quando gli si chiede di non farlo: se l'archivio scrive due volte lo stesso"
        " nome restano due versioni; vale la più vecchia, e la differenza viene segnalata",
        "The server overwrites although asked not to: when the archive writes one name twice, two versions remain;"
        " the older one counts, and a difference is reported",
    ),
    "create-once-race": Row(
        "informs",
        "Due scritture contemporanee dello stesso nome possono restare entrambe come versioni: l'archivio usa la"
        " più vecchia e segnala la differenza",
        "Two simultaneous writes of one name may both remain as versions: the archive uses the older one and"
        " reports the difference",
    ),
    "overwrite": Row(
        "warns",
        "Senza versioni, e con un server che sovrascrive anche quando gli si chiede di non farlo, due scritture"
        " contemporanee dello stesso nome possono distruggere la prima senza traccia. Attivare le versioni sul"
        " bucket",
        "Without versions, and with a server that overwrites although asked not to, two simultaneous writes of one"
        " name may destroy the first without a trace. Enable versioning on the bucket",
    ),
    "checksum": Row(
        "refuses",
        "Il server accetta byte che non corrispondono alla SHA-256 dichiarata: un errore sul percorso diventerebbe"
        ' l\'oggetto. Impostare checksums = "compat" per questo server',
        "The server takes bytes that do not match the SHA-256 given: an error on the way would become the object."
        ' Set checksums = "compat" for this server',
    ),
    "checksum-kept": Row(
        "informs",
        "Il server non conserva la SHA-256 che gli si dà: per controllare un oggetto bisogna rileggerlo per intero",
        "The server does not keep the SHA-256 it is given: to check an object, all of it must be read again",
    ),
    "content-md5": Row(
        "warns",
        "Il server accetta byte che non corrispondono al Content-MD5 dichiarato: degli errori sul percorso si"
        " accorge solo dalla firma della richiesta",
        "The server takes bytes that do not match the Content-MD5 given: only the signature of the request shows it"
        " errors on the way",
    ),
    "payload-hash": Row(
        "warns",
        "Il server non confronta i byte con la firma della richiesta: degli errori sul percorso si accorge solo dal"
        " Content-MD5",
        "The server does not compare the bytes with the signature of the request: only Content-MD5 shows it errors"
        " on the way",
    ),
    "damage": Row(
        "refuses",
        "Il server accetta byte alterati sul percorso, comunque glieli si dichiari: un errore di rete diventerebbe"
        " l'oggetto",
        "The server takes bytes altered on the way, however they are declared: an error of the network would become"
        " the object",
    ),
    "default-retention": Row(
        "informs",
        "Il bucket blocca da sé ogni oggetto: anche i resti di un'interruzione e gli oggetti di prova restano fino"
        " a quel giorno, e con esso i dati che andrebbero scartati prima. L'archivio blocca già ogni oggetto quanto"
        " serve: togliere la regola del bucket",
        "The bucket itself locks every object: leftovers of a crash and probe objects stay until that day too, and"
        " so does what should be discarded before. The archive locks each object as long as needed: remove the"
        " bucket's rule",
    ),
    "suspension": Row(
        "refuses",
        "Con le chiavi dell'archivio si possono sospendere le versioni di un bucket bloccato: da allora ciò che"
        " viene scritto sostituisce senza traccia. Un server che lo permette non tiene i blocchi",
        "With the archive's keys the versions of a locked bucket can be suspended: from then on what is written"
        " replaces without a trace. A server that permits it does not keep locks",
    ),
    "lock-kept": Row(
        "refuses",
        "Il server non tiene il blocco chiesto con la scrittura, o non lo mostra: gli oggetti resterebbero"
        " cancellabili mentre l'archivio li crede bloccati. Creare il bucket con object lock, usare un altro"
        ' server, o impostare lock = "off"',
        "The server does not keep the lock asked for with the write, or does not show it: objects could be deleted"
        " while the archive believes them locked. Make the bucket with object lock, use another server, or set lock"
        ' = "off"',
    ),
    "lock-delete": Row(
        "refuses",
        "Un oggetto bloccato si può cancellare prima del suo giorno: il blocco è solo un'etichetta. Usare un altro"
        ' server, o impostare lock = "off"',
        "A locked object can be deleted before its day: the lock is no more than a label. Use another server, or"
        ' set lock = "off"',
    ),
    "lock-shorten": Row(
        "refuses",
        "Il blocco di un oggetto si può accorciare o indebolire, e poi l'oggetto cancellare: chi ha le chiavi"
        ' dell\'archivio può distruggerlo prima del suo giorno. Usare un altro server, o impostare lock = "off"',
        "The lock of an object can be shortened or weakened, and the object then deleted: whoever has the archive's"
        ' keys can destroy it before its day. Use another server, or set lock = "off"',
    ),
    "lock-extend": Row(
        "refuses",
        "Il blocco di un oggetto non si può prolungare: quando un volume si chiude, i suoi oggetti resterebbero"
        " bloccati solo per i primi giorni, e il volume non si chiuderebbe. Dare alle chiavi il permesso di"
        " scrivere la retention, o usare un altro server",
        "The lock of an object cannot be extended: when a volume closes, its objects would stay locked for the"
        " first days only, and so it would not close. Allow the keys to write retention, or use another server",
    ),
    "bypass": Row(
        "warns",
        "Con le chiavi dell'archivio si può scavalcare il blocco: chi le ruba distrugge tutto. Negare loro"
        " s3:BypassGovernanceRetention con un Deny nella policy del bucket (non concederlo non basta su ogni"
        " server), e lasciarlo solo a chi esegue gli scarti",
        "With the archive's keys the lock can be bypassed: whoever steals them destroys everything. Deny them"
        " s3:BypassGovernanceRetention in the bucket's policy (not granting it is not enough on every server), and"
        " leave it only to whoever carries out discards",
    ),
    "compliance-bypass": Row(
        "refuses",
        "Un blocco COMPLIANCE si può scavalcare con una richiesta: non è ciò che promette. Impostare lock ="
        ' "governance", o usare un altro server',
        'A COMPLIANCE lock can be bypassed by a request: it is not what it promises. Set lock = "governance", or'
        " use another server",
    ),
}
