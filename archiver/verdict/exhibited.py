"""Findings about an exhibit: its manifests, its index, its ZIP, and what it cannot prove."""

from archiver.verdict.row import Row

EXHIBITED: dict[str, Row] = {
    "EXHIBIT_MANIFEST": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 8493, 2.1",
        "Involucro BagIt o elenco delle impronte mancante o illeggibile: {reason}.",
        "BagIt frame or list of digests that is missing or cannot be read: {reason}.",
    ),
    "EXHIBIT_MISSING": Row(
        "error",
        "SIGNED_DATA_NOT_FOUND",
        "RFC 8493, 3; UNI 11386:2020, File",
        "Manca, benché sia elencato in {by}.",
        "Missing, though {by} lists it.",
    ),
    "EXHIBIT_UNLISTED": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 8493, 3; UNI 11386:2020, File",
        "È qui, ma {by} non lo elenca.",
        "It is here, but {by} does not list it.",
    ),
    "EXHIBIT_DIGEST": Row(
        "error",
        "HASH_FAILURE",
        "RFC 8493, 3; UNI 11386:2020, Hash",
        "Impronta diversa da quella in {by}: attesa {expected}, trovata {found}.",
        "Other digest than that in {by}: expected {expected}, found {found}.",
    ),
    "EXHIBIT_OXUM": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 8493, 2.2.2",
        "Byte e numero di file diversi da quelli dichiarati: attesi {expected}, trovati {found}.",
        "Other bytes and number of files than stated: expected {expected}, found {found}.",
    ),
    "EXHIBIT_INDEX_ABSENT": Row(
        "error",
        "SIGNED_DATA_NOT_FOUND",
        "Linee guida AgID, 4.7",
        "Manca l'indice del pacchetto di distribuzione (PdD.xml.p7m o PdD.xml).",
        "The index of the pacchetto di distribuzione (PdD.xml.p7m or PdD.xml) is missing.",
    ),
    "EXHIBIT_INDEX_TWICE": Row(
        "error",
        "FORMAT_FAILURE",
        "Linee guida AgID, 4.7",
        "Ci sono due indici, firmato e non firmato: uno solo può valere.",
        "There are two indexes, signed and unsigned: only one can count.",
    ),
    "EXHIBIT_INDEX_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "UNI 11386:2020",
        "Indice del pacchetto di distribuzione illeggibile: {reason}.",
        "Index of the pacchetto di distribuzione that cannot be read: {reason}.",
    ),
    # whoever unpacks an exhibit can rewrite all that is told in it when nobody sealed it
    "EXHIBIT_UNSIGNED": Row(
        "doubt",
        "SIGNED_DATA_NOT_FOUND",
        "Linee guida AgID, 4.7",
        "Esibizione non sigillata: nessuno garantisce quel che dicono index.html, rapporto.pdf e dossier.json;"
        " valgono i soli .eml con i loro volumi.",
        "Exhibit not sealed: nobody vouches for what index.html, rapporto.pdf and dossier.json say; only the .eml"
        " files with their volumes count.",
    ),
    # said of the index: its certificate's subject (organizationIdentifier, else serialNumber; without either issuer
    # and number of the certificate) is not that of the seal of any volume here; nothing is said without volumes
    "EXHIBIT_OTHER_SIGNER": Row(
        "warning",
        "",
        "Linee guida AgID, 4.7",
        "Chi ha sigillato l'esibizione ({signer}) non ha sigillato alcun volume: quel che raccontano index.html,"
        " rapporto.pdf e dossier.json è parola sua, non dell'archivio. Sigilli dei volumi: {volumes}.",
        "Whoever sealed the exhibit ({signer}) sealed none of its volumes: what index.html, rapporto.pdf and"
        " dossier.json tell is their word, not the archive's. Seals of the volumes: {volumes}.",
    ),
    "EXHIBIT_OTHER_SIGNER_ONLY": Row(
        "doubt",
        "NO_CERTIFICATE_CHAIN_FOUND",
        "Linee guida AgID, 4.7",
        "Chi ha sigillato l'esibizione ({signer}) non ha sigillato alcun volume. Sigilli dei volumi: {volumes}.",
        "Whoever sealed the exhibit ({signer}) sealed none of its volumes. Seals of the volumes: {volumes}.",
    ),
    "EXHIBIT_SEAL": Row(
        "error",
        "FORMAT_FAILURE",
        "Linee guida AgID, 4.7",
        "L'indice è firmato e dossier.json dice di no, o il contrario: una firma è stata tolta o messa.",
        "The index is signed and dossier.json says that it is not, or the other way: a signature was taken off or put.",
    ),
    "EXHIBIT_DOSSIER": Row(
        "error",
        "FORMAT_FAILURE",
        "formato 1, esibizione",
        "dossier.json mancante o illeggibile: {reason}.",
        "dossier.json that is missing or cannot be read: {reason}.",
    ),
    "EXHIBIT_TOLD_DIFFERS": Row(
        "error",
        "FORMAT_FAILURE",
        "formato 1, esibizione",
        "dossier.json non corrisponde ai file: {reason}.",
        "dossier.json does not agree with the files: {reason}.",
    ),
    "EXHIBIT_ELSEWHERE": Row(
        "error",
        "FORMAT_FAILURE",
        "formato 1, esibizione",
        "L'indice è di un altro pacchetto: atteso {expected}, trovato {found}.",
        "The index is of another package: expected {expected}, found {found}.",
    ),
    "EXHIBIT_NAMED_OTHERWISE": Row(
        "error",
        "HASH_FAILURE",
        "formato 1, esibizione",
        "Il nome promette l'impronta SHA-256 {expected}, i byte hanno {found}.",
        "Its name promises the SHA-256 {expected}, its bytes have {found}.",
    ),
    "EXHIBIT_STRANGER": Row(
        "error",
        "FORMAT_FAILURE",
        "formato 1, esibizione",
        "File che nessuna esibizione contiene.",
        "A file that no exhibit contains.",
    ),
    "EXHIBIT_EMPTY": Row(
        "error",
        "SIGNED_DATA_NOT_FOUND",
        "formato 1, esibizione",
        "L'esibizione non contiene alcun messaggio.",
        "The exhibit holds no message.",
    ),
    "EXHIBIT_PENDING": Row(
        "doubt",
        "NO_POE",
        "RFC 4998",
        "Il messaggio non è ancora in un volume chiuso: qui nulla ne prova la data e l'integrità.",
        "The message is in no closed volume yet: nothing here proves its date and integrity.",
    ),
    "EXHIBIT_PENDING_PROVEN": Row(
        "info",
        "",
        "RFC 4998",
        "Il messaggio non è ancora in un volume chiuso: lo provano il rapporto di versamento {rdv} e il suo evidence"
        " record, dal {since}.",
        "The message is in no closed volume yet: the rapporto di versamento {rdv} and its evidence record prove it,"
        " since {since}.",
    ),
    # the rapporto is bare XML, not XML.p7m: anybody can write one and have it stamped
    "EXHIBIT_PENDING_UNSEALED": Row(
        "doubt",
        "NO_POE",
        "RFC 4998; DPCM 3 dicembre 2013, 9",
        "Il messaggio non è ancora in un volume chiuso e il suo rapporto di versamento {rdv} non è sigillato: la marca"
        " prova che esisteva dal {since}, nessuno garantisce che l'archivio l'abbia ricevuto.",
        "The message is in no closed volume yet and its rapporto di versamento {rdv} is not sealed: the time stamp"
        " proves that it existed since {since}, nobody vouches that the archive received it.",
    ),
    # .DS_Store, desktop.ini, Thumbs.db (in any case), ._* and all below __MACOSX: neither read nor counted anywhere
    "EXHIBIT_LITTER": Row(
        "warning",
        "",
        "formato 1, esibizione",
        "File che il sistema operativo lascia dove apre cartelle: non è dell'esibizione e non viene letto.",
        "A file that operating systems leave where they open folders: it is not the exhibit's, and is not read.",
    ),
    "EXHIBIT_TRAILING": Row(
        "warning",
        "",
        "APPNOTE 6.3, 4.3.16",
        "Dopo la fine dello ZIP ci sono altri {size} byte, che nessuno legge.",
        "After the end of the ZIP there are {size} more bytes, which nobody reads.",
    ),
    # also of a ZIP with data before its first entry: two programs would see two files
    "EXHIBIT_ZIP_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "APPNOTE 6.3",
        "ZIP illeggibile: {reason}.",
        "ZIP that cannot be read: {reason}.",
    ),
    "EXHIBIT_ZIP_NAME": Row(
        "error",
        "FORMAT_FAILURE",
        "APPNOTE 6.3, 4.4.17",
        "Nome non ammesso in un'esibizione ({reason}): il file non viene letto.",
        "A name that an exhibit cannot have ({reason}): the file is not read.",
    ),
    "EXHIBIT_ZIP_TWICE": Row(
        "error",
        "FORMAT_FAILURE",
        "APPNOTE 6.3",
        "Lo stesso nome compare due volte nello ZIP: ogni programma ne mostrerebbe uno a caso.",
        "The same name is twice in the ZIP: each program would show either.",
    ),
    "EXHIBIT_ZIP_TOO_LARGE": Row(
        "error",
        "FORMAT_FAILURE",
        "APPNOTE 6.3",
        "Lo ZIP promette più di quanto un'esibizione possa contenere ({reason}): non viene letto.",
        "The ZIP promises more than an exhibit can hold ({reason}): it is not read.",
    ),
}
