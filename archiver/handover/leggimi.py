"""LEGGIMI.txt of what is handed over: what lies where, how anybody checks it, how it is taken over."""

from string import Template
from typing import Final

NAME: Final = "LEGGIMI.txt"

_NOTICE: Final = "SENZA VALORE LEGALE / WITHOUT LEGAL VALUE\n\n"

_ITALIAN: Final = Template(
    """\
ARCHIVIO DI CONSERVAZIONE CONSEGNATO A UN ALTRO CONSERVATORE
$notice
Fatto il $made con $software. $sample
$volumes volumi (PdA), $messages messaggi; $pending messaggi non sono ancora in un volume: li provano i loro rapporti di
versamento (RdV), ma nessun indice sigillato li elenca.

CONTROLLARE
  sha256sum -c manifest-sha256.txt        i contenuti (data/)
  sha256sum -c tagmanifest-sha256.txt     gli elenchi e questo file
  openssl cms -verify -cades -binary -inform DER -in PIndex.xml.p7m -CAfile CA.pem -purpose any -out PIndex.xml
PRENDERE IN CARICO
  archiver import CARTELLA                verifica tutto, poi prende in carico; se qualcosa non torna, non scrive nulla

CHE COSA C'È
  data/consistenza.json                   elenco di consistenza, per le macchine
  data/ELENCO-DI-CONSISTENZA.txt          lo stesso, da leggere
  data/<titolare>/volumes/<id>/           un pacchetto di archiviazione (PdA) ciascuno, come file singoli:
      PIndex.xml.p7m                      l'indice sigillato (UNI 11386:2020; CAdES con marca temporale)
      messages/<sha256>.eml               i messaggi, byte per byte
      metadata/<sha256>.xml               i metadati (linee guida AgID, allegato 5), uno per messaggio
      trust/                              certificati, CRL e risposte OCSP
      pdv/                                i rapporti di versamento e i loro evidence record
      evidence/<tsa>/000001.ers           gli evidence record (RFC 4998); ogni rinnovo ne aggiunge uno
  data/<titolare>/pending/messages/       i messaggi non ancora in un volume
  data/<titolare>/pdv/<casella>/          tutti i rapporti di versamento, con i loro evidence record
  data/<titolare>/trust/                  tutto il materiale di fiducia; in batches/ quello raccolto dopo i sigilli
  data/<titolare>/acts/ reports/ discards/  atti e registro, verbali, scarti; i loro evidence record accanto
  data/<titolare>/takeovers/              pacchetti di altri conservatori presi in carico a suo tempo
  data/<titolare>/segments/               come i file singoli tornano negli oggetti dello store (ZIP senza compressione,
                                          in ordine di nome, data 1980: stessi file, stessi byte)
  data/<titolare>/as-found/               ciò che era danneggiato o incompleto, com'è stato trovato; l'elenco lo nomina

I messaggi soggetti a limitazione (GDPR art. 18) sono compresi: la limitazione va mantenuta da chi riceve.
Lo scarto e la cancellazione presso chi consegna restano da fare e da provare separatamente.
"""
)

_ENGLISH: Final = Template(
    """\
AN ARCHIVE HANDED OVER TO ANOTHER CONSERVATORE
$notice
Made $made with $software. $sample
$volumes volumes (PdA), $messages messages; $pending messages are in no volume yet: their rapporti di versamento (RdV)
prove them, and no sealed index lists them.

TO CHECK
  sha256sum -c manifest-sha256.txt        the contents (data/)
  sha256sum -c tagmanifest-sha256.txt     the lists, and this file
  openssl cms -verify -cades -binary -inform DER -in PIndex.xml.p7m -CAfile CA.pem -purpose any -out PIndex.xml
TO TAKE OVER
  archiver import FOLDER                  verifies all, then takes over; nothing is written if anything is wrong

WHAT IS THERE
  data/consistenza.json                   elenco di consistenza, for machines
  data/ELENCO-DI-CONSISTENZA.txt          the same, to be read
  data/<holder>/volumes/<id>/             one archival package (PdA) each, as single files:
      PIndex.xml.p7m                      the sealed index (UNI 11386:2020; CAdES with a time stamp)
      messages/<sha256>.eml               the messages, byte for byte
      metadata/<sha256>.xml               the metadata (AgID guidelines, allegato 5), one a message
      trust/                              certificates, CRLs and OCSP answers
      pdv/                                the rapporti di versamento and their evidence records
      evidence/<tsa>/000001.ers           the evidence records (RFC 4998); each renewal adds one
  data/<holder>/pending/messages/         messages that are in no volume yet
  data/<holder>/pdv/<mailbox>/            all rapporti di versamento, with their evidence records
  data/<holder>/trust/                    all trust material; in batches/ what was collected after the seals
  data/<holder>/acts/ reports/ discards/  acts and register, verbali, discards; their evidence records beside them
  data/<holder>/takeovers/                packages of other conservatori, taken over at their time
  data/<holder>/segments/                 how single files become the store's objects again (ZIP without compression, by
                                          name, dated 1980: the same files, the same bytes)
  data/<holder>/as-found/                 what was damaged or incomplete, as it was found; the elenco names it

What is restricted (GDPR art. 18) is included: whoever receives it has to keep up the restriction.
Discard and deletion at the one who hands over are still to be done, and proven apart.
"""
)


def leggimi(
    *, lang: str, made: str, software: str, legal_value: bool, sample: str, volumes: int, messages: int, pending: int
) -> bytes:
    """The text, UTF-8; `sample` is empty for a complete export."""
    template = _ENGLISH if lang == "en" else _ITALIAN
    return template.substitute(
        notice="" if legal_value else _NOTICE,
        made=made,
        software=software,
        sample=sample,
        volumes=volumes,
        messages=messages,
        pending=pending,
    ).encode()
