"""The table of findings: severity, sub-indication of EN 319 102-1, clause, and the text in Italian and English.

One literal, so that a lawyer can read all that this system may ever say. Codes are never reused.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """One code: `severity` is info, warning, doubt or error; texts may name `{values}` of the finding."""

    severity: str
    sub: str
    clause: str
    italian: str
    english: str


# what arrived: archiver.pec
PEC: dict[str, Row] = {
    # mail as mail: archiver.pec.message
    "MAIL_WITHOUT_HEADERS": Row(
        "warning",
        "",
        "RFC 5322, 2.2",
        "Messaggio senza intestazioni ({octets} byte): conservato così com'è",
        "Message without headers ({octets} octets): kept as it is",
    ),
    "MAIL_HEADER_BROKEN": Row(
        "info",
        "",
        "RFC 5322, 2.2",
        "Tra le intestazioni vi sono righe che non sono campi: non lette",
        "Some lines among the headers are no fields: not read",
    ),
    "MAIL_HEADER_REPEATED": Row(
        "warning",
        "",
        "RFC 5322, 3.6",
        "Intestazioni attese una volta, trovate ripetute: {names}; vale la prima",
        "Headers expected once, found repeated: {names}; the first counts",
    ),
    "MAIL_BOUNDARY_ABSENT": Row(
        "warning",
        "",
        "RFC 2046, 5.1.1",
        "Messaggio multipart il cui separatore ({found}) non compare: parti non leggibili",
        "Multipart message whose boundary ({found}) never shows: its parts cannot be read",
    ),
    "DATE_NOT_STATED": Row(
        "warning",
        "",
        "RFC 5322, 3.6.1",
        "Nessuna data leggibile nel messaggio: usata quella di {source} (received: casella; proof: archivio)",
        "No date can be read in the message: that of {source} is used (received: mailbox; proof: archive)",
    ),
    # what the message is: archiver.pec.provider
    "KIND_UNSIGNED": Row(
        "doubt",
        "SIGNED_DATA_NOT_FOUND",
        "RFC 6109, 3",
        "Il tipo {kind} è dichiarato dalle sole intestazioni: nessun dato firmato e integro lo conferma",
        "The kind {kind} is claimed by headers alone: no signed and intact data confirm it",
    ),
    "KIND_DIFFERS": Row(
        "warning",
        "",
        "RFC 6109, 3",
        "Tipo atteso dai dati firmati {expected}, trovato nelle intestazioni {found}: valgono i dati firmati",
        "Kind expected by the signed data {expected}, found in the headers {found}: the signed data count",
    ),
    "KIND_UNKNOWN": Row(
        "warning",
        "",
        "RFC 6109, 3",
        "X-Ricevuta o X-Trasporto con un valore sconosciuto: {found}; trattato come posta non certificata",
        "X-Ricevuta or X-Trasporto with an unknown value: {found}; treated as mail that is not certified",
    ),
    "SIGNED_BY_USER": Row(
        "info",
        "",
        "RFC 8551, 3.5",
        "Messaggio firmato (S/MIME), ma non da un gestore PEC: la firma non è stata verificata",
        "Signed message (S/MIME), but not by a PEC provider: the signature was not verified",
    ),
    "REM_EVIDENCES": Row(
        "info",
        "",
        "EN 319 522-3; TS 102 640",
        "Messaggio REM con le evidenze: {names}",
        "REM message with the evidences: {names}",
    ),
    # certification data: archiver.pec.daticert
    "DATICERT_UNREADABLE": Row(
        "warning",
        "",
        "RFC 6109, 4.4",
        "daticert.xml non leggibile: {reason}",
        "daticert.xml cannot be read: {reason}",
    ),
    "DATICERT_UNTRUSTED": Row(
        "warning",
        "",
        "RFC 6109, 4.5",
        "daticert.xml (tipo {found}) in un messaggio che nessun gestore riconosciuto ha firmato: ignorato",
        "daticert.xml (tipo {found}) in a message that no trusted provider signed: ignored",
    ),
    "DATICERT_TRAILING": Row(
        "info",
        "",
        "RFC 6109, 4.4",
        "daticert.xml: {octets} byte dopo la radice, non letti",
        "daticert.xml: {octets} octets after the root, not read",
    ),
    "DATICERT_STRAY_TEXT": Row(
        "info",
        "",
        "RFC 6109, 4.4",
        "daticert.xml: testo estraneo nell'elemento {element}: {found}",
        "daticert.xml: stray text in the element {element}: {found}",
    ),
    "DATICERT_ORDER": Row(
        "info",
        "",
        "RFC 6109, 4.4",
        "daticert.xml: gli elementi di {element} non seguono il DTD (attesi: {expected})",
        "daticert.xml: the elements of {element} do not follow the DTD (expected: {expected})",
    ),
    "DATICERT_INCOMPLETE": Row(
        "warning",
        "",
        "RFC 6109, 4.4",
        "daticert.xml: elementi obbligatori assenti: {missing}",
        "daticert.xml: required elements absent: {missing}",
    ),
    "DATICERT_TIPO_UNKNOWN": Row(
        "warning",
        "",
        "RFC 6109, 4.4",
        "daticert.xml: postacert/@tipo sconosciuto: {found}",
        "daticert.xml: unknown postacert/@tipo: {found}",
    ),
    "DATICERT_DATE_UNREADABLE": Row(
        "warning",
        "",
        "RFC 6109, 4.4",
        "daticert.xml: data attesa gg/mm/aaaa hh:mm:ss con zona [+|-]hhmm, trovata {found}",
        "daticert.xml: date expected dd/mm/yyyy hh:mm:ss with zone [+|-]hhmm, found {found}",
    ),
    # the provider's signature: archiver.pec.smime
    "PEC_SIGNATURE_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 5652, 5",
        "Firma del gestore non leggibile (atteso CMS SignedData con un firmatario)",
        "Provider's signature cannot be read (expected CMS SignedData with a signer)",
    ),
    "PEC_CONTENT_ALTERED": Row(
        "error",
        "HASH_FAILURE",
        "RFC 5652, 5.4",
        "Contenuto diverso da quello firmato dal gestore: {algorithm} atteso {expected}, trovato {found}",
        "Content differs from what the provider signed: {algorithm} expected {expected}, found {found}",
    ),
    "PEC_SIGNATURE_FALSE": Row(
        "error",
        "SIG_CRYPTO_FAILURE",
        "RFC 5652, 5.6",
        "Il valore della firma non è della chiave di {signer}",
        "The signature value was not made with the key of {signer}",
    ),
    "PEC_SIGNED_ATTRIBUTES_ABSENT": Row(
        "doubt",
        "SIG_CONSTRAINTS_FAILURE",
        "RFC 5652, 11.2",
        "Firma senza attributo messageDigest: integrità non verificabile",
        "Signature without messageDigest attribute: integrity cannot be verified",
    ),
    "PEC_SIGNATURE_UNSUPPORTED": Row(
        "doubt",
        "CRYPTO_CONSTRAINTS_FAILURE",
        "EN 319 102-1, 5.2.8",
        "Algoritmo della firma non riconosciuto: {algorithm}",
        "Algorithm of the signature not understood: {algorithm}",
    ),
    "PEC_SIGNER_ABSENT": Row(
        "doubt",
        "NO_SIGNING_CERTIFICATE_FOUND",
        "EN 319 102-1, 5.2.3",
        "Certificato del firmatario non trovato, né nel messaggio né tra quelli noti",
        "Signer's certificate not found, neither in the message nor among those known",
    ),
    "PEC_SIGNERS_MANY": Row(
        "warning",
        "",
        "RFC 5652, 5.1",
        "Firmatari attesi 1, trovati {found}: verificato il primo",
        "Signers expected 1, found {found}: the first was verified",
    ),
    "PEC_MICALG_DIFFERS": Row(
        "info",
        "",
        "RFC 8551, 3.5.3.2",
        "micalg atteso {expected} (algoritmo della firma), trovato {found}",
        "micalg expected {expected} (the signature's algorithm), found {found}",
    ),
    "CRLF_REPAIRED": Row(
        "warning",
        "",
        "RFC 8551, 3.1.1",
        "Firma integra solo dopo aver ripristinato i fine riga CRLF: il messaggio è stato salvato con LF",
        "Signature intact only with CRLF line ends restored: the message was stored with LF",
    ),
    "PEC_SENDER_DIFFERS": Row(
        "warning",
        "",
        "RFC 6109, 4.5.2",
        "Mittente atteso dal certificato {expected}, trovato in From {found}",
        "Sender expected by the certificate {expected}, found in From {found}",
    ),
    "PEC_SIGNER_EXPIRED_INTACT": Row(
        "doubt",
        "NO_POE",
        "EN 319 102-1, 5.6.2.4",
        "Firma del gestore integra; certificato scaduto il {end}, prima dell'ingresso ({proof}): l'archivio prova "
        "l'esistenza dal {proof}, non da prima; per il periodo anteriore: log del gestore (30 mesi) o altra prova",
        "Provider's signature intact; certificate expired on {end}, before intake ({proof}): the archive proves "
        "existence since {proof}, not before; for the time before: the provider's log (30 months) or other proof",
    ),
    "PEC_SIGNER_EXPIRED": Row(
        "doubt",
        "NO_POE",
        "EN 319 102-1, 5.6.2.4",
        "Certificato del gestore scaduto il {end}, prima dell'ingresso ({proof}): l'archivio prova l'esistenza dal "
        "{proof}, non da prima",
        "Provider's certificate expired on {end}, before intake ({proof}): the archive proves existence since {proof}, "
        "not before",
    ),
    "PEC_SIGNER_NOT_YET_VALID": Row(
        "doubt",
        "NOT_YET_VALID",
        "EN 319 102-1, 5.2.6",
        "Certificato del gestore valido dal {start}, dopo l'ingresso ({proof})",
        "Provider's certificate valid from {start}, after intake ({proof})",
    ),
    "PEC_SIGNING_TIME_OUTSIDE": Row(
        "warning",
        "",
        "RFC 5652, 11.3",
        "Ora di firma dichiarata attesa fra {start} e {end}, trovata {found}",
        "Claimed signing time expected between {start} and {end}, found {found}",
    ),
    "PEC_ALGORITHM_WEAK": Row(
        "doubt",
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
        "EN 319 102-1, 5.2.8",
        "Firma del gestore con {algorithm}, oggi debole: vale se il messaggio esisteva quando era ritenuto sicuro",
        "Provider's signature with {algorithm}, weak today: it counts if the message existed while that was held safe",
    ),
    "PEC_KEY_SHORT": Row(
        "doubt",
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
        "EN 319 102-1, 5.2.8",
        "Chiave RSA del gestore: bit attesi almeno {expected}, trovati {found}",
        "Provider's RSA key: bits expected at least {expected}, found {found}",
    ),
}

# what is kept: archiver.package
PACKAGE: dict[str, Row] = {}

# why it is believed: archiver.evidence, archiver.chain
EVIDENCE: dict[str, Row] = {
    # certificates and their chains: archiver.chain
    "CERTIFICATE_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 5280, 4.1",
        "Certificato illeggibile (atteso X.509 in DER)",
        "Certificate unreadable (expected X.509 in DER)",
    ),
    "CERTIFICATE_REVOKED": Row(
        "error",
        "REVOKED",
        "RFC 5280, 6.3; EN 319 102-1, 5.2.6",
        "Certificato di {name} revocato il {revoked} (motivo: {reason}), prima del momento giudicato {at}",
        "Certificate of {name} revoked on {revoked} (reason: {reason}), before the moment judged, {at}",
    ),
    "CERTIFICATE_COMPROMISED_LATER": Row(
        "doubt",
        "REVOKED_NO_POE",
        "RFC 3161, 4; EN 319 102-1, 5.2.6",
        "Certificato di {name} revocato il {revoked} per compromissione o senza motivo ({reason}): nulla prova che la "
        "chiave fosse sicura al {at}",
        "Certificate of {name} revoked on {revoked} for compromise or without a reason ({reason}): nothing proves that "
        "the key was safe at {at}",
    ),
    "CERTIFICATE_REVOKED_LATER": Row(
        "info",
        "",
        "RFC 3161, 4; EN 319 102-1, 5.2.6",
        "Certificato di {name} revocato il {revoked} (motivo: {reason}), dopo il momento giudicato {at}: non lo tocca",
        "Certificate of {name} revoked on {revoked} (reason: {reason}), after the moment judged, {at}: no harm to it",
    ),
    "CERTIFICATE_EXPIRED": Row(
        "doubt",
        "EXPIRED",
        "RFC 5280, 6.1.3; EN 319 102-1, 5.2.6",
        "Certificato di {name}: il percorso scade il {end}, prima del momento giudicato {at}",
        "Certificate of {name}: its path ends on {end}, before the moment judged, {at}",
    ),
    "CERTIFICATE_NOT_YET_VALID": Row(
        "doubt",
        "NOT_YET_VALID",
        "RFC 5280, 6.1.3; EN 319 102-1, 5.2.6",
        "Certificato di {name}: il percorso vale dal {start}, dopo il momento giudicato {at}",
        "Certificate of {name}: its path begins on {start}, after the moment judged, {at}",
    ),
    "CHAIN_NOT_FOUND": Row(
        "doubt",
        "NO_CERTIFICATE_CHAIN_FOUND",
        "RFC 5280, 6; EN 319 102-1, 5.2.6",
        "Nessun percorso da {name} a un'ancora di fiducia; emittente: {issuer}",
        "No path from {name} to a trust anchor; issuer: {issuer}",
    ),
    "CHAIN_REFUSED": Row(
        "doubt",
        "CHAIN_CONSTRAINTS_FAILURE",
        "RFC 5280, 6.1; EN 319 102-1, 5.2.6",
        "Percorso di {name} rifiutato: {reason}",
        "Path of {name} refused: {reason}",
    ),
    "REVOCATION_UNKNOWN": Row(
        "doubt",
        "TRY_LATER",
        "RFC 5280, 6.3; EN 319 102-1, 5.2.5",
        "Revoca di {name} al {at} non verificabile con le liste disponibili: {reason}",
        "Revocation of {name} at {at} cannot be told from the lists at hand: {reason}",
    ),
    # algorithms: archiver.evidence.algorithms
    "ALGORITHM_SPENT": Row(
        "doubt",
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
        "EN 319 102-1, 5.2.8; ETSI TS 119 312",
        "Algoritmo {name} (chiave {bits} bit): affidabile fino al {end}, richiesto al {at} (fonte: {source})",
        "Algorithm {name} (key of {bits} bits): to be trusted until {end}, needed at {at} (source: {source})",
    ),
    "ALGORITHM_UNKNOWN": Row(
        "doubt",
        "CRYPTO_CONSTRAINTS_FAILURE",
        "EN 319 102-1, 5.2.8; ETSI TS 119 312",
        "Algoritmo {name} (chiave {bits} bit): non è nella tabella {source}",
        "Algorithm {name} (key of {bits} bits): not in the table {source}",
    ),
    # CMS signatures, of seals and of tokens: archiver.evidence.cms
    "CMS_CONTENT_TYPE": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 5652, 11.1",
        "Tipo del contenuto firmato: atteso {expected}, trovato {found}",
        "Type of the signed content: expected {expected}, found {found}",
    ),
    "CMS_DIGEST": Row(
        "error",
        "HASH_FAILURE",
        "RFC 5652, 11.2",
        "Impronta del contenuto firmato: atteso {expected}, trovato {found}",
        "Digest of the signed content: expected {expected}, found {found}",
    ),
    "CMS_SIGNER_ABSENT": Row(
        "doubt",
        "NO_SIGNING_CERTIFICATE_FOUND",
        "RFC 5652, 5.3; EN 319 102-1, 5.2.3",
        "Il certificato di chi ha firmato non c'è, né qui né tra quelli noti",
        "The signer's certificate is neither here nor among those known",
    ),
    "CMS_REFERENCE_ABSENT": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 5035, 5; RFC 5816; EN 319 122-1, 5.2.2",
        "La firma non dice con quale certificato è fatta: atteso signing-certificate-v2, trovato nulla",
        "The signature does not say which certificate made it: expected signing-certificate-v2, found nothing",
    ),
    "CMS_REFERENCE": Row(
        "error",
        "SIG_CRYPTO_FAILURE",
        "RFC 5035, 5; RFC 5816; EN 319 122-1, 5.2.2",
        "Certificato indicato dalla firma: atteso {expected}, trovato {found}",
        "Certificate that the signature names: expected {expected}, found {found}",
    ),
    "CMS_SIGNATURE": Row(
        "error",
        "SIG_CRYPTO_FAILURE",
        "RFC 5652, 5.6",
        "La firma ({algorithm}) non corrisponde a quanto firmato",
        "The signature ({algorithm}) does not fit what was signed",
    ),
    "CMS_ALGORITHM": Row(
        "error",
        "SIG_CRYPTO_FAILURE",
        "RFC 5652, 5.6",
        "Firma {algorithm} non verificabile con la chiave del certificato: {reason}",
        "Signature {algorithm} cannot be checked with the certificate's key: {reason}",
    ),
    # timestamps: archiver.evidence.timestamp
    "TOKEN_IMPRINT": Row(
        "error",
        "HASH_FAILURE",
        "RFC 3161, 2.4.2",
        "Impronta nella marca temporale: atteso {expected}, trovato {found}",
        "Imprint in the timestamp: expected {expected}, found {found}",
    ),
    "TOKEN_USAGE": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 3161, 2.3",
        "Uso esteso della chiave della TSA: atteso time_stamping (critical), trovato {found}",
        "Extended key usage of the TSA: expected time_stamping (critical), found {found}",
    ),
    "TOKEN_OUTSIDE_CERTIFICATE": Row(
        "error",
        "EXPIRED",
        "RFC 3161, 2.3; RFC 5280, 4.1.2.5",
        "Marca temporale fuori dalla validità del certificato della TSA: atteso tra {start} e {end}, trovato {found}",
        "Timestamp outside the validity of the TSA's certificate: expected between {start} and {end}, found {found}",
    ),
    "TOKEN_FROM_FUTURE": Row(
        "doubt",
        "TIMESTAMP_ORDER_FAILURE",
        "EN 319 102-1, 5.5",
        "Marca temporale del {found}, dopo il momento della verifica {at}",
        "Timestamp of {found}, after the moment of verification, {at}",
    ),
    "TOKEN_RENEWAL_OVERDUE": Row(
        "doubt",
        "OUT_OF_BOUNDS_NO_POE",
        "RFC 4998, 5.2 and 5.3; EN 319 102-1, 5.4",
        "Certificato della TSA scaduto il {end} e prova non rinnovata: valido alla data della marca, non al {at}",
        "The TSA's certificate expired on {end}, evidence not renewed: valid at the timestamp's time, not at {at}",
    ),
    # seals: archiver.evidence.signature
    "SEAL_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 5652, 5; EN 319 122-1, 4",
        "Sigillo illeggibile: {reason}",
        "Seal unreadable: {reason}",
    ),
    "SEAL_DETACHED": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 5652, 5.2",
        "Sigillo senza contenuto: atteso il documento dentro il file, trovato nulla",
        "Seal without content: expected the document inside the file, found nothing",
    ),
    "SEAL_REFERENCE_VERSION": Row(
        "error",
        "FORMAT_FAILURE",
        "EN 319 122-1, 5.2.2",
        "Certificato del sigillo: atteso signing-certificate-v2, trovato signing-certificate (SHA-1)",
        "Certificate of the seal: expected signing-certificate-v2, found signing-certificate (SHA-1)",
    ),
    "SEAL_WITHOUT_TIMESTAMP": Row(
        "warning",
        "",
        "EN 319 122-1, 6.3",
        "Sigillo senza marca temporale della firma: atteso livello B-T, trovato B-B",
        "Seal without signature timestamp: expected level B-T, found B-B",
    ),
    "SEAL_KEY_USAGE": Row(
        "doubt",
        "SIG_CONSTRAINTS_FAILURE",
        "RFC 5280, 4.2.1.3",
        "Uso della chiave del sigillo: atteso digital_signature o non_repudiation, trovato {found}",
        "Key usage of the seal: expected digital_signature or non_repudiation, found {found}",
    ),
    # evidence records: archiver.evidence.record
    "EVIDENCE_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 4998, 3.1",
        "Evidence record illeggibile: {reason}",
        "Evidence record unreadable: {reason}",
    ),
    "EVIDENCE_ALGORITHM": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 4998, 3.2; RFC 5754, 2",
        "Algoritmo di impronta dell'evidence record: atteso {expected}, trovato {found}",
        "Digest algorithm of the evidence record: expected {expected}, found {found}",
    ),
    "EVIDENCE_MEMBER": Row(
        "error",
        "HASH_FAILURE",
        "RFC 4998, 4.3",
        "L'evidence record non copre {member}: atteso {expected} nel primo elenco, trovato solo altro",
        "The evidence record does not cover {member}: expected {expected} in its first list, found only others",
    ),
    "EVIDENCE_UNLISTED": Row(
        "error",
        "HASH_FAILURE",
        "RFC 4998, 4.3 step 3",
        "L'evidence record copre {count} file che non sono mostrati né dichiarati assenti, per esempio {found}",
        "The evidence record covers {count} files that are neither shown nor declared absent, for instance {found}",
    ),
    "EVIDENCE_NOTHING_SHOWN": Row(
        "doubt",
        "SIGNED_DATA_NOT_FOUND",
        "RFC 4998, 4.3",
        "Nessun file da confrontare con l'evidence record, che ne copre {total}",
        "No file to compare with the evidence record, which covers {total}",
    ),
    "EVIDENCE_RENEWED": Row(
        "doubt",
        "GENERIC",
        "RFC 4998, 5.3",
        "Rinnovi non verificati da questa versione: trovati {found} ArchiveTimeStamp, verificato il primo",
        "Renewals are not verified by this version: found {found} ArchiveTimeStamps, verified the first",
    ),
    "GROUP_PARTIAL": Row(
        "info",
        "",
        "RFC 4998, 4.3",
        "Gruppo mostrato in parte: {shown} file su {total}; la prova vale per quelli mostrati",
        "Group shown in part: {shown} files of {total}; the proof holds for those shown",
    ),
    # signing certificates before use: archiver.adapters.signer
    "SIGNER_EXPIRED": Row(
        "error",
        "EXPIRED",
        "RFC 5280, 4.1.2.5",
        "Certificato di firma di {name} scaduto il {end}: alla data {at} non si può firmare",
        "Signing certificate of {name} expired on {end}: at {at} nothing can be signed",
    ),
    "SIGNER_NOT_YET_VALID": Row(
        "error",
        "NOT_YET_VALID",
        "RFC 5280, 4.1.2.5",
        "Certificato di firma di {name} valido dal {start}: alla data {at} non si può firmare",
        "Signing certificate of {name} begins on {start}: at {at} nothing can be signed",
    ),
    "SIGNER_KEY_USAGE": Row(
        "error",
        "SIG_CONSTRAINTS_FAILURE",
        "RFC 5280, 4.2.1.3",
        "Certificato di firma di {name}: atteso uso digital_signature o non_repudiation, trovato {found}",
        "Signing certificate of {name}: expected usage digital_signature or non_repudiation, found {found}",
    ),
    "SIGNER_OTHER": Row(
        "error",
        "SIG_CONSTRAINTS_FAILURE",
        "",
        "Certificato di firma: atteso {expected}, trovato {found}",
        "Signing certificate: expected {expected}, found {found}",
    ),
    "SIGNER_EXPIRING": Row(
        "warning",
        "",
        "RFC 5280, 4.1.2.5",
        "Certificato di firma di {name}: scade il {end}, tra {days} giorni (avvisi a 60, 30 e 7); rinnovarlo",
        "Signing certificate of {name}: ends on {end}, in {days} days (alarms at 60, 30 and 7); renew it",
    ),
}

# the errands and the judge
JUDGE: dict[str, Row] = {
    "NOT_FETCHED": Row("warning", "", "", "Messaggio non acquisito: {reason}.", "Message not acquired: {reason}."),
    "ANNOTATION_MISSING": Row(
        "warning",
        "",
        "AgID All. 5, DatiDiRegistrazione",
        "Volume chiuso senza il protocollo dell'ente per {missing} messaggi su {found}: sono descritti come"
        " DocumentoInformatico, registro Nessuno.",
        "Volume closed without the administration's own protocol for {missing} messages of {found}: they are described"
        " as DocumentoInformatico, register Nessuno.",
    ),
    "DATE_IMPLAUSIBLE": Row(
        "warning",
        "",
        "AgID All. 5, DataDocumento",
        "La data dichiarata {found} non è plausibile: il messaggio è conservato sotto l'anno di acquisizione"
        " {expected}.",
        "The stated date {found} is not plausible: the message is kept under the year of intake {expected}.",
    ),
    "MISSING": Row(
        "error",
        "",
        "UNI 11386:2020",
        "Manca, benché sia promesso da un indice.",
        "Missing, though an index promises it.",
    ),
    "DIGEST": Row(
        "error",
        "HASH_FAILURE",
        "UNI 11386:2020, Hash",
        "Impronta SHA-256 diversa: attesa {expected}, trovata {found}.",
        "Other SHA-256: expected {expected}, found {found}.",
    ),
    "MEMBER_DIGEST": Row(
        "error",
        "HASH_FAILURE",
        "UNI 11386:2020, Hash",
        "Contiene {member}, i cui byte hanno invece l'impronta SHA-256 {found}.",
        "Holds {member}, whose bytes have the SHA-256 {found} instead.",
    ),
    "UNLISTED": Row(
        "error",
        "FORMAT_FAILURE",
        "UNI 11386:2020, File",
        "Contiene {member}, che nessun indice elenca.",
        "Holds {member}, which no index lists.",
    ),
    "DISCARDED": Row(
        "info",
        "",
        "AgID LG 4.11",
        "Non c'è più: scartato, come risulta dal verbale di scarto.",
        "No longer there: discarded, as the record of the discard says.",
    ),
    "DISCARD_UNFINISHED": Row(
        "warning",
        "",
        "AgID LG 4.11",
        "È ancora qui, benché un verbale di scarto lo dica distrutto: non esaminato, lo scarto va completato.",
        "Still here, though the record of a discard says it was destroyed: not judged, the discard is to be finished.",
    ),
    "DISCARD_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "AgID LG 4.11",
        "Verbale di scarto illeggibile: {reason}.",
        "Record of a discard cannot be read: {reason}.",
    ),
    "DISCARD_UNSEALED": Row(
        "warning",
        "",
        "AgID LG 4.11",
        "Verbale di scarto non sigillato: vale come dichiarazione di chi lo esibisce.",
        "Record of a discard without a seal: it is worth the word of whoever shows it.",
    ),
    "DISCARD_UNSEALED_ONLY": Row(
        "doubt",
        "NO_SIGNATURE",
        "AgID LG 4.11",
        "Verbale di scarto non sigillato: non basta a spiegare che manchino volumi interi.",
        "Record of a discard without a seal: not enough to explain that whole volumes are missing.",
    ),
    "SIGNER_UNNAMED": Row(
        "warning",
        "",
        "UNI 11386:2020, AuthorizedSigner",
        "Il certificato di chi ha sigillato ({name}) non porta il codice di alcun firmatario dell'indice: {expected}.",
        "The certificate of whoever sealed ({name}) carries the code of no AuthorizedSigner of the index ({expected}).",
    ),
    "DISCARD_ELSEWHERE": Row(
        "error",
        "FORMAT_FAILURE",
        "AgID LG 4.11",
        "Verbale di scarto fuori posto, non spiega nulla qui: atteso {expected}, trovato {found}.",
        "Record of a discard out of place, it explains nothing here: expected {expected}, found {found}.",
    ),
    "SEAL_STRIPPED": Row(
        "error",
        "FORMAT_FAILURE",
        "EN 319 122-1, 5.3",
        "L'indice dice che la firma porta una marca temporale, e la marca non c'è più.",
        "The index says that the signature carries a timestamp, and it is no longer there.",
    ),
    "INDEX_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "UNI 11386:2020",
        "L'indice non si può leggere: {reason}.",
        "The index cannot be read: {reason}.",
    ),
    "INDEX_ELSEWHERE": Row(
        "error",
        "FORMAT_FAILURE",
        "UNI 11386:2020, PVolume/ID",
        "È l'indice di un altro volume: atteso {expected}, trovato {found}.",
        "The index of another volume: expected {expected}, found {found}.",
    ),
    "SEGMENT_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "formato 1, segmento",
        "Non è un segmento integro: {reason}.",
        "Not a sound segment: {reason}.",
    ),
    "SEGMENT_ALONE": Row(
        "info",
        "",
        "",
        "Segmento esaminato da solo: le impronte non provano da quando esiste; verificare il volume.",
        "A segment judged alone: its digests do not prove since when it exists; verify the volume.",
    ),
    "METADATA_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "AgID All. 5",
        "Metadati illeggibili: {reason}.",
        "Metadata cannot be read: {reason}.",
    ),
    "METADATA_ELSEWHERE": Row(
        "error",
        "FORMAT_FAILURE",
        "AgID All. 5, IdDoc",
        "I metadati riguardano un altro file: attesa l'impronta {expected}, trovata {found}.",
        "The metadata are about another file: expected digest {expected}, found {found}.",
    ),
    "RDV_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "AgID LG 4.7 d",
        "Rapporto di versamento illeggibile: {reason}.",
        "Rapporto di versamento cannot be read: {reason}.",
    ),
    "RDV_ELSEWHERE": Row(
        "error",
        "FORMAT_FAILURE",
        "AgID LG 4.7 d",
        "Rapporto di versamento fuori posto: dice di essere {found}.",
        "Rapporto di versamento out of place: it says it is {found}.",
    ),
    "RDV_MISSING": Row(
        "error",
        "",
        "AgID LG 4.7 d",
        "Manca il rapporto di versamento precedente {expected}.",
        "The rapporto di versamento before it, {expected}, is missing.",
    ),
    "RDV_CHAIN": Row(
        "error",
        "HASH_FAILURE",
        "AgID LG 4.7 d",
        "Il rapporto precedente non è quello citato: attesa l'impronta {expected}, trovata {found}.",
        "The rapporto before it is another: expected digest {expected}, found {found}.",
    ),
    "RDV_FORKED": Row(
        "error",
        "",
        "AgID LG 4.7 d",
        "Segue lo stesso rapporto che è già seguito da {found}.",
        "Follows the same rapporto that {found} follows.",
    ),
    "RDV_NOT_COVERED": Row(
        "warning",
        "NO_POE",
        "RFC 4998",
        "Nessun evidence record lo copre ancora: lo fa il prossimo `archiver seal`.",
        "No evidence record covers it yet: the next `archiver seal` makes one.",
    ),
    "RDV_TWICE": Row(
        "error",
        "",
        "AgID LG 4.7 d",
        "Accetta {member}, che la casella ha già versato.",
        "Accepts {member}, which the mailbox has handed over before.",
    ),
    "INDEX_DIFFERS": Row(
        "error",
        "FORMAT_FAILURE",
        "UNI 11386:2020",
        "Di {member} l'indice non dice quel che dice il rapporto di versamento: atteso {expected}, trovato {found}.",
        "Of {member} the index does not say what the rapporto di versamento says: expected {expected}, found {found}.",
    ),
    "RDV_SILENT": Row(
        "error",
        "",
        "AgID LG 4.7 d",
        "Nessun rapporto di versamento del volume lo dichiara accettato.",
        "No rapporto di versamento of the volume says that it was accepted.",
    ),
    "RDV_DIFFERS": Row(
        "error",
        "HASH_FAILURE",
        "AgID LG 4.7 d",
        "Il rapporto dice di {member} un'altra impronta SHA-512: attesa {expected}, trovata {found}.",
        "The rapporto says another SHA-512 of {member}: expected {expected}, found {found}.",
    ),
    "EVIDENCE_CERTIFICATE": Row(
        "error",
        "NO_SIGNING_CERTIFICATE_FOUND",
        "formato 1; RFC 3161, 2.4.1 certReq",
        "La marca non porta più, leggibile, il certificato della sua autorità: alterata dopo la chiusura.",
        "The token no longer carries its authority's certificate in readable form: altered after closing.",
    ),
    "EVIDENCE_ABSENT": Row(
        "error",
        "NO_POE",
        "RFC 4998",
        "Manca l'evidence record: nulla prova da quando esiste.",
        "There is no evidence record: nothing proves since when it exists.",
    ),
    "ANCHOR_FROM_PACKAGE": Row(
        "warning",
        "",
        "EN 319 102-1, 5.2.6",
        "Ancora di fiducia presa dal pacchetto stesso: {name}, SHA-256 {fingerprint}. Confrontarla con una fonte"
        " indipendente.",
        "Trust anchor taken from the package itself: {name}, SHA-256 {fingerprint}. Compare it with an independent"
        " source.",
    ),
    "ANCHOR_FROM_PACKAGE_ONLY": Row(
        "doubt",
        "NO_CERTIFICATE_CHAIN_FOUND",
        "EN 319 102-1, 5.2.6",
        "Ancora di fiducia presa solo dal pacchetto: {name}, SHA-256 {fingerprint}.",
        "Trust anchor taken only from the package: {name}, SHA-256 {fingerprint}.",
    ),
    "ANCHOR_ABSENT": Row(
        "doubt",
        "NO_CERTIFICATE_CHAIN_FOUND",
        "EN 319 102-1, 5.2.6",
        "Nessuna ancora di fiducia, né indicata né nel pacchetto: usare --trust.",
        "No trust anchor, neither given nor in the package: use --trust.",
    ),
    "NOT_IN_INDEX": Row(
        "error",
        "HASH_FAILURE",
        "UNI 11386:2020, File",
        "L'indice sigillato del volume non elenca questo messaggio (SHA-256 {found}).",
        "The sealed index of the volume does not list this message (SHA-256 {found}).",
    ),
    "MESSAGE_UNSIGNED": Row(
        "doubt",
        "NO_SIGNATURE",
        "DPR 68/2005, art. 9",
        "Nessun gestore ha firmato questo messaggio: da solo non prova nulla.",
        "No provider signed this message: alone it proves nothing.",
    ),
    "CONTENTS_MORE": Row(
        "info",
        "",
        "",
        "Altri rilievi sui contenuti omessi dopo i primi {found}.",
        "More findings about contents left out after the first {found}.",
    ),
    "VOLUME_BEGUN": Row(
        "info",
        "",
        "",
        "Volume iniziato e non ancora sigillato: lo completa il prossimo `archiver seal`.",
        "A volume begun and not sealed yet: the next `archiver seal` finishes it.",
    ),
    "ORPHAN": Row(
        "info",
        "",
        "",
        "Segmento che nessun rapporto di versamento nomina: resto di un'acquisizione interrotta.",
        "A segment that no rapporto di versamento names: left by an intake that was cut short.",
    ),
    "STRANGER": Row(
        "warning",
        "",
        "formato 1",
        "Oggetto che non appartiene a un archivio.",
        "An object that does not belong to an archive.",
    ),
    "STORE_EMPTY": Row(
        "doubt",
        "",
        "",
        "Qui non c'è nessun oggetto d'archivio.",
        "There is no object of an archive here.",
    ),
    "MBOX_UNQUOTED": Row(
        "info",
        "",
        "RFC 4155",
        "Letto da un file mbox: tolto il segno «>» davanti alle righe che cominciano con «From », perché solo così la"
        " firma del gestore risulta integra.",
        "Read from an mbox file: the `>` before lines that begin with `From ` was removed, because only so the"
        " provider's signature verifies.",
    ),
}

TABLE: dict[str, Row] = {**PEC, **PACKAGE, **EVIDENCE, **JUDGE}
