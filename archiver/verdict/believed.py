"""Findings about why it is believed (`archiver.evidence`, `archiver.chain`)."""

from archiver.verdict.row import Row

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
        "Certificato {name} della TSA scaduto il {end}, prova non rinnovata: valido alla data della marca, non al {at}",
        "The TSA's certificate {name} expired on {end}, not renewed: valid at the timestamp's time, not at {at}",
    ),
    "TOKEN_QUALIFIED": Row(
        "info",
        "",
        "eIDAS, 41 and 42; ETSI TS 119 612, 5.5",
        "Marca temporale qualificata al {at}, secondo: {source} (firma dell'elenco non verificata)",
        "Qualified time stamp at {at}, according to: {source} (the list's own signature was not verified)",
    ),
    "TOKEN_UNQUALIFIED": Row(
        "info",
        "",
        "eIDAS, 41 and 42; ETSI TS 119 612, 5.5",
        "Riferimento temporale non qualificato al {at}, secondo: {source} (firma dell'elenco non verificata)",
        "Time stamp not qualified at {at}, according to: {source} (the list's own signature was not verified)",
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
        "RFC 4998, 4.3 step 2; 5.3 steps 1 and 3",
        "L'evidence record non copre {member}: catena {chain}, elenco 1: atteso {expected}, trovato solo altro",
        "The evidence record does not cover {member}: chain {chain}, list 1: expected {expected}, found only others",
    ),
    "EVIDENCE_UNLISTED": Row(
        "error",
        "HASH_FAILURE",
        "RFC 4998, 4.3 step 3",
        "L'evidence record (catena {chain}) copre {count} file né mostrati né dichiarati assenti, per esempio {found}",
        "The evidence record (chain {chain}) covers {count} files that are neither shown nor declared absent, for "
        "instance {found}",
    ),
    "EVIDENCE_NOTHING_SHOWN": Row(
        "doubt",
        "SIGNED_DATA_NOT_FOUND",
        "RFC 4998, 4.3",
        "Nessun file da confrontare con l'evidence record, che ne copre {total}",
        "No file to compare with the evidence record, which covers {total}",
    ),
    "EVIDENCE_FORMAT": Row(
        "doubt",
        "GENERIC",
        "RFC 6283",
        "Formato non supportato: l'evidence record è in XML (RFC 6283), questa versione legge quelli in DER (RFC 4998)",
        "Format not supported: the evidence record is XML (RFC 6283), this version reads those in DER (RFC 4998)",
    ),
    "EVIDENCE_TOKEN_FORM": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 5652, 5",
        "Marca temporale, {field}: atteso {expected}, trovato {found}",
        "Timestamp, {field}: expected {expected}, found {found}",
    ),
    "EVIDENCE_TOKEN_VERSION": Row(
        "warning",
        "",
        "RFC 5652, 5.1",
        "Versione del SignedData della marca temporale: atteso {expected}, per le risposte OCSP che contiene, trovato "
        "{found}; la firma non la copre",
        "Version of the timestamp's SignedData: expected {expected}, for the OCSP answers in it, found {found}; the "
        "signature does not cover it",
    ),
    "EVIDENCE_NODE_LISTED": Row(
        "warning",
        "",
        "RFC 4998, 4.2 step 5",
        "Catena {chain}, ArchiveTimeStamp {number}: un nodo calcolato sta anche nell'elenco sopra di lui; la RFC non "
        "ve lo mette",
        "Chain {chain}, ArchiveTimeStamp {number}: a computed node stands in the list above it too; the RFC does not "
        "keep it",
    ),
    "EVIDENCE_CHAIN_ALGORITHM": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 4998, 5.3 step 2",
        "Catena {chain}: atteso un solo algoritmo di impronta, {expected}, trovato {found}",
        "Chain {chain}: expected one digest algorithm, {expected}, found {found}",
    ),
    "EVIDENCE_LINK": Row(
        "error",
        "HASH_FAILURE",
        "RFC 4998, 5.3 step 2",
        "Anello rotto: catena {chain}, ArchiveTimeStamp {number}, elenco 1: attesa l'impronta {expected} della marca "
        "temporale precedente, trovate solo altre",
        "Broken link: chain {chain}, ArchiveTimeStamp {number}, list 1: expected the digest {expected} of the "
        "timestamp before, found only others",
    ),
    "EVIDENCE_ORDER": Row(
        "error",
        "TIMESTAMP_ORDER_FAILURE",
        "RFC 4998, 5.1",
        "Catena {chain}, ArchiveTimeStamp {number}: attesa una marca temporale non anteriore al {expected}, trovato "
        "{found}",
        "Chain {chain}, ArchiveTimeStamp {number}: expected a timestamp not before {expected}, found {found}",
    ),
    "EVIDENCE_SORTED_RENEWAL": Row(
        "warning",
        "",
        "RFC 4998, 5.2 step 4",
        "Catena {chain}, elenco 1: rinnovo con le impronte ordinate prima di unirle (figura 4 della RFC) e non "
        "nell'ordine del passo 4; {count} file coperti così",
        "Chain {chain}, list 1: renewed with the digests sorted before they were joined (the RFC's figure 4), not in "
        "the order of step 4; {count} files are covered thus",
    ),
    "EVIDENCE_DOUBLE_HASHED": Row(
        "warning",
        "",
        "RFC 4998, 4.2 step 3",
        "Catena {chain}, ArchiveTimeStamp {number}, elenco 1: l'unica impronta è stata calcolata di nuovo prima di "
        "salire nell'albero; la RFC la fa salire com'è",
        "Chain {chain}, ArchiveTimeStamp {number}, list 1: its only digest was hashed again before it went up the tree;"
        " the RFC lets it go up as it is",
    ),
    "EVIDENCE_DIGEST_UNKNOWN": Row(
        "doubt",
        "SIGNED_DATA_NOT_FOUND",
        "RFC 4998, 5.3 step 3",
        "Catena {chain}: serve l'impronta {algorithm} di {count} file, per esempio {member}, e non è data",
        "Chain {chain}: the {algorithm} digest of {count} files is needed, for instance of {member}, and is not given",
    ),
    "EVIDENCE_NOT_CONTINUED": Row(
        "error",
        "HASH_FAILURE",
        "RFC 4998, 5.2; RFC 6283, 4.2",
        "L'evidence record non continua quello prima di lui: {reason}",
        "The evidence record does not continue the one before it: {reason}",
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
    "SIGNER_ALGORITHM": Row(
        "warning",
        "",
        "ETSI TS 119 312",
        "Firma di {name} con {how} e {bits} bit: ammessa fino al {end} ({source}); passare a ECDSA P-256 o a "
        "RSASSA-PSS con 3072 bit",
        "Signature of {name} with {how} and {bits} bits: allowed until {end} ({source}); go over to ECDSA P-256 or to "
        "RSASSA-PSS with 3072 bits",
    ),
}
