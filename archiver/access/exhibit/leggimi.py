"""LEGGIMI.txt: what the exhibit is, and how to check it without trusting whoever made it; Italian, then English.

Lines that begin with `    $ ` are commands, to be given in the extracted folder with a POSIX shell. They write beside
the folder and never into it: one more file in it would not be in its manifests.
"""

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from archiver.access.exhibit.limits import left_out
from archiver.package.exhibit import layout

_LISTED = "awk -F'[<>]' '/sincro:Path/{p=$3} /sincro:Hash/{print $3\"  \"p}'"
_CMS = "openssl cms -verify -cades -binary -inform DER -purpose any -no_check_time -CAfile ../ancore.pem"


def leggimi(told: Mapping[str, Any]) -> bytes:
    """UTF-8, lines of at most 100 characters but for commands. `told` is dossier.json."""
    lines = [*_italian(told), "", "-" * 78, "", *_english(told)]
    return "\n".join([*lines, ""]).encode("utf-8", "replace")


def commands(told: Mapping[str, Any]) -> list[str]:
    """What the text says to type, one after the other: digests, index, anchors, seals, volumes."""
    found = [f"{name}sum -c {layout.manifest(name)}" for name in layout.ALGORITHMS]
    found += [f"{name}sum -c {layout.tag_manifest(name)}" for name in layout.ALGORITHMS]
    found.append(
        'for c in data/anchors/seal/*.cer data/anchors/tsa/*.cer; do openssl x509 -inform DER -in "$c"; done'
        " > ../ancore.pem"
    )
    if told["sealed"]:
        found.append(f"{_CMS} -in {layout.SEALED} -out ../PdD.xml")
    else:
        found.append(f"cp {layout.INDEX} ../PdD.xml")
    found.append(f"{_LISTED} ../PdD.xml | sha256sum -c --quiet")
    if told["volumes"]:
        found += [
            f'for v in data/volumes/*; do {_CMS} -in "$v"/PIndex.xml.p7m -out ../PIndex-"${{v##*/}}".xml; done',
            f'for v in data/volumes/*; do {_LISTED} ../PIndex-"${{v##*/}}".xml'
            ' | (cd "$v" && sha256sum -c --quiet --ignore-missing); done',
        ]
    return found


def _italian(told: Mapping[str, Any]) -> Iterator[str]:
    yield "ESIBIZIONE DI MESSAGGI DI POSTA ELETTRONICA CERTIFICATA (PEC)"
    yield "pacchetto di distribuzione (PdD) di un sistema di conservazione, linee guida AgID"
    yield ""
    yield f"titolare: {told['holder']['name']}"
    yield f"prodotta il: {told['made']} (UTC) con {told['software']}"
    if not told["legal_value"]:
        yield "*** SENZA VALORE LEGALE: firme e marche temporali di un'autorità dimostrativa interna ***"
    if not told["sealed"]:
        yield "*** ESIBIZIONE NON FIRMATA: nessuno garantisce quel che dicono index.html, rapporto.pdf e"
        yield "    dossier.json; valgono i soli .eml con i loro volumi ***"
    yield from _withheld(told, "it")
    if told["pending"]:
        yield f"*** {len(told['pending'])} messaggi non ancora in un volume chiuso: INDETERMINATI ***"
    yield ""
    yield "PRIMA DI TUTTO: ESTRARRE lo ZIP in una cartella (tasto destro, Estrai tutto), poi aprire"
    yield "  index.html     la pagina da leggere; il pulsante Verifica ricalcola tutto, senza rete"
    yield "  rapporto.pdf   la stessa relazione, da stampare o depositare"
    yield ""
    yield "CHE COSA C'È"
    yield "  data/volumes/<id>/messages/   i messaggi originali (.eml), byte per byte: duplicati informatici"
    yield "                                (CAD, art. 23-bis); il nome di ciascuno è la sua impronta SHA-256"
    yield "  data/volumes/<id>/            l'indice sigillato del volume (PIndex, UNI 11386), i metadati dei soli"
    yield "                                messaggi esibiti, certificati e liste di revoca (trust/), le prove"
    yield "                                nel tempo (evidence/, RFC 4998)"
    yield "  data/anchors/                 i certificati di cui si fida chi ha prodotto l'esibizione"
    yield "  data/dossier.json             la relazione per i programmi"
    index = layout.SEALED if told["sealed"] else layout.INDEX
    yield f"  {index:<30}l'indice dell'esibizione: ogni file con la sua impronta"
    yield "  manifest-*.txt                le impronte nel formato di sha256sum (BagIt, RFC 8493)"
    yield ""
    yield "COME CONTROLLARE SENZA FIDARSI DI CHI L'HA PRODOTTA"
    yield "Nella cartella estratta (Linux, macOS, Windows con WSL); nessun comando scrive nella cartella."
    yield "Le impronte, i sigilli degli indici, e i file contro gli indici sigillati:"
    yield ""
    yield from _shown(told)
    yield ""
    yield "(-no_check_time: i certificati di ieri oggi possono essere scaduti; che fossero validi al momento della"
    yield "firma lo provano le marche temporali, che controlla il comando seguente.) Tutto il resto - marche"
    yield "temporali, evidence record, firme dei gestori PEC - con il solo Python e la libreria cryptography:"
    yield ""
    yield "    $ python3 verify.py"
    yield ""
    yield "Le marche temporali con openssl ts: estrarle in una cartella nuova, con i comandi da dare:"
    yield ""
    yield "    $ python3 verify.py --extract ../estratti"
    yield ""
    yield "STRUMENTI INDIPENDENTI"
    yield "  firme e marche di .p7m e PDF: DSS della Commissione europea (Digital Signature Service, anche come"
    yield "  pagina dimostrativa), GoSign Desktop, ArubaSign, o altro verificatore di un prestatore qualificato"
    yield "  evidence record (RFC 4998): la libreria Bouncy Castle, ERVerifyTool del BSI, DSS"
    yield ""
    yield "LE ANCORE DI FIDUCIA"
    yield "I certificati in data/anchors/ li ha messi una parte: chi controlla confronti queste impronte SHA-256"
    yield "con una fonte propria: la lista di fiducia italiana (AgID, eidas.agid.gov.it) per sigilli e marche,"
    yield "l'elenco dei gestori PEC presso AgID per le firme dei gestori."
    yield ""
    yield from _anchors(told)
    yield ""
    yield "CHE COSA NON È PROVATO"
    yield from _limits(told, "it")
    if told["valid_until"]:
        yield f"La prova è verificabile con i dati qui contenuti fino al {told['valid_until'][:10]}; poi chiedere"
        yield "un'esibizione aggiornata."
    yield "Stampe e rapporto.pdf sono copie di cortesia: fanno fede i file .eml con le loro prove."


def _english(told: Mapping[str, Any]) -> Iterator[str]:
    yield "EXHIBIT OF CERTIFIED MAIL MESSAGES (PEC)"
    yield "pacchetto di distribuzione (PdD) of a sistema di conservazione, AgID guidelines"
    yield ""
    yield f"holder: {told['holder']['name']}"
    yield f"made: {told['made']} (UTC) with {told['software']}"
    if not told["legal_value"]:
        yield "*** WITHOUT LEGAL VALUE: signatures and time stamps of a demonstration authority of its own ***"
    if not told["sealed"]:
        yield "*** EXHIBIT NOT SIGNED: nobody vouches for what index.html, rapporto.pdf and dossier.json say;"
        yield "    only the .eml files with their volumes count ***"
    yield from _withheld(told, "en")
    if told["pending"]:
        yield f"*** {len(told['pending'])} messages in no closed volume yet: INDETERMINATE ***"
    yield ""
    yield "FIRST EXTRACT the ZIP into a folder, then open index.html (its Verify button computes everything"
    yield "again, without a network) or rapporto.pdf."
    yield ""
    yield "The messages (.eml) are there byte for byte, each named by its SHA-256, with the sealed index of their"
    yield "volume (PIndex, UNI 11386), their own metadata, certificates and lists of revocations, and evidence"
    yield "records (RFC 4998). The commands above check digests, seals, and files against the sealed indexes;"
    yield "`python3 verify.py` checks time stamps, evidence records and the providers' signatures too."
    yield "(-no_check_time: yesterday's certificates may have ended; time stamps prove that they were valid.)"
    yield ""
    yield "Independent tools: the European Commission's DSS, GoSign Desktop, ArubaSign for .p7m and PDF; Bouncy"
    yield "Castle, the BSI's ERVerifyTool, DSS for evidence records. The anchors in data/anchors/ were put there"
    yield "by one party: compare their fingerprints with a source of your own (the Italian trusted list at"
    yield "eidas.agid.gov.it, AgID's list of PEC providers)."
    yield ""
    yield "WHAT IS NOT PROVEN"
    yield from _limits(told, "en")
    if told["valid_until"]:
        yield f"The proof can be verified with what is in here until {told['valid_until'][:10]}; then ask for an"
        yield "updated exhibit."
    yield "Printouts and rapporto.pdf are courtesy copies: what counts are the .eml files with their proofs."


def _withheld(told: Mapping[str, Any], lang: str) -> Iterator[str]:
    for said in left_out(told["dossiers"]):
        yield from wrap(f"*** {said[lang]} ***", 96, subsequent_indent="    ")


def _shown(told: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"    $ {command}" for command in commands(told))


def _anchors(told: Mapping[str, Any]) -> Iterator[str]:
    for item in told["anchors"]:
        yield f"  {item['role']:<10}{item['sha256']}"
        yield f"            {item['subject']}"


def _limits(told: Mapping[str, Any], lang: str) -> Iterator[str]:
    for item in told["not_proven"]:
        yield f"  - {item[lang]}"
