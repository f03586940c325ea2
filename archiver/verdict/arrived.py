"""Findings about what arrived (`archiver.pec`)."""

from archiver.verdict.row import Row

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
    "SIZE_DIFFERS": Row(
        "info",
        "",
        "RFC 3501, 2.3.4",
        "Lunghezza diversa da quella dichiarata dal server di posta; due letture hanno dato gli stessi byte",
        "Length other than the mail server states; reading twice gave the same octets",
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
    "NOTICE_24_HOURS": Row(
        "info",
        "",
        "RFC 6109, 3.1.6",
        "Avviso di mancata consegna il cui testo nomina le 24 ore: è il secondo, definitivo",
        "Notice of non-delivery whose text names the 24 hours: it is the second, the final one",
    ),
    # a brief receipt against the sent copy: archiver.access.told
    "BREVE_AGREES": Row(
        "info",
        "",
        "RFC 6109, 3.3.2.2",
        "Ricevuta breve: {number} parti concordi con la copia inviata {sent} (hash calcolato su: {rules}; crlf e lf: "
        "la parte codificata, con un fine riga in meno -1 o in più +1; decoded: decodificata; kept: riportata intera)",
        "Brief receipt: {number} parts agree with the sent copy {sent} (hash taken over: {rules}; crlf and lf: the "
        "encoded part, with one line end less -1 or more +1; decoded: the decoded one; kept: there as it is)",
    ),
    "BREVE_DIFFERS": Row(
        "warning",
        "",
        "RFC 6109, 3.3.2.2",
        "Ricevuta breve: non prova il contenuto della copia inviata {sent}: hash diverso per {differing}, assente per "
        "{unproven}, di parti che la copia non ha per {foreign}; diversi i campi o le parti senza nome: {altered}",
        "Brief receipt: does not prove the content of the sent copy {sent}: another hash for {differing}, none for "
        "{unproven}, of parts that the copy does not have for {foreign}; other fields or parts without a name: "
        "{altered}",
    ),
    "BREVE_WITHOUT_SENT_COPY": Row(
        "warning",
        "",
        "RFC 6109, 3.3.2.2",
        "Ricevuta breve: manca nell'archivio la copia inviata con cui confrontarne gli hash: il contenuto non è "
        "provato",
        "Brief receipt: the sent copy to compare its hashes with is not in the archive: the content is not proven",
    ),
    "MESSAGE_NOT_READ": Row(
        "warning",
        "",
        "",
        "Messaggio non letto dall'archivio ({reason}): ciò che ne dipende non è mostrato",
        "Message not read from the archive ({reason}): what depends on it is not shown",
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
    # certificates that messages brought: archiver.ingest.met, archiver.pec.providers
    "PROVIDER_NEW": Row(
        "warning",
        "",
        "RFC 6109, 4.5",
        "Certificato del gestore mai visto: {name}, emesso da {issuer}, valido fino al {end}, SHA-256 {short}: "
        "`archiver trust show {short}`, poi `archiver trust confirm {short} --reason ...`",
        "Provider's certificate never seen before: {name}, issued by {issuer}, valid until {end}, SHA-256 {short}: "
        "`archiver trust show {short}`, then `archiver trust confirm {short} --reason ...`",
    ),
    "PROVIDER_DISTRUSTED": Row(
        "doubt",
        "CHAIN_CONSTRAINTS_FAILURE",
        "EN 319 102-1, 5.2.6",
        "Certificato {name} (SHA-256 {short}) revocato da una persona con `archiver trust revoke`: origine non certa",
        "Certificate {name} (SHA-256 {short}) revoked by a person with `archiver trust revoke`: origin not certain",
    ),
    # signed attachments: archiver.submission.attachments
    "ATTACHMENT_SIGNED": Row(
        "info",
        "",
        "EN 319 122-1; EN 319 142-1",
        "Allegato {number} ({form}, SHA-256 {sha256}) firmato da {signer}, certificato di {issuer} fino al {end}: "
        "firma integra, catena {chain}",
        "Attachment {number} ({form}, SHA-256 {sha256}) signed by {signer}, certificate of {issuer} until {end}: "
        "signature intact, chain {chain}",
    ),
    "ATTACHMENT_SIGNER_DOUBTED": Row(
        "warning",
        "",
        "EN 319 102-1, 5.2.6",
        "Allegato {number} ({form}, SHA-256 {sha256}): certificato di {signer} non dicibile fidato: {reason}",
        "Attachment {number} ({form}, SHA-256 {sha256}): certificate of {signer} cannot be called trusted: {reason}",
    ),
    "ATTACHMENT_SIGNATURE_BROKEN": Row(
        "warning",
        "",
        "RFC 5652, 5.6",
        "Allegato {number} ({form}, SHA-256 {sha256}): firma di {signer} non integra o non verificabile: {reason}",
        "Attachment {number} ({form}, SHA-256 {sha256}): signature of {signer} broken or not verifiable: {reason}",
    ),
    "ATTACHMENT_EXTENDED": Row(
        "warning",
        "",
        "ISO 32000-1, 12.8.1",
        "Allegato {number} (PAdES, SHA-256 {sha256}): {octets} byte aggiunti dopo l'ultima firma, che non li copre",
        "Attachment {number} (PAdES, SHA-256 {sha256}): {octets} octets added after the last signature, not covered",
    ),
    "ATTACHMENT_SKIPPED": Row(
        "warning",
        "",
        "",
        "Allegato {number}: firme non esaminate, oltre il limite: {limit} (conservato come gli altri)",
        "Attachment {number}: signatures not looked at, over the limit: {limit} (archived like any other)",
    ),
    "ATTACHMENT_NESTED": Row(
        "warning",
        "",
        "",
        "Allegato {number} (SHA-256 {sha256}): buste firmate annidate oltre {limit} livelli, le altre non esaminate",
        "Attachment {number} (SHA-256 {sha256}): signed envelopes nested over {limit} levels, the others not looked at",
    ),
    "ATTACHMENTS_MANY": Row(
        "warning",
        "",
        "",
        "Firme degli allegati esaminate solo in parte: trovate {found}, esaminate le prime {limit}",
        "Signatures of attachments looked at in part: found {found}, the first {limit} looked at",
    ),
}
