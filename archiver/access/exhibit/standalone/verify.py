#!/usr/bin/env python3
# ruff: noqa: E501, UP017, B905, S314 - one line for each word; Python 3.9; XML with a DTD is refused before it is parsed
"""Verifica un fascicolo di PEC conservate, da solo: Python 3.9 o successivo e la libreria `cryptography` (42 o successiva).

    python3 verify.py                     dentro la cartella estratta
    python3 verify.py fascicolo.zip       o la cartella; --lang en, --json, --at 2030-01-01, --trust CARTELLA, --extract CARTELLA

Esce con 0 se il fascicolo e' PASSED, con 1 altrimenti, con 2 se non c'e' un fascicolo da leggere.

Verifies an exhibit of preserved certified mail by itself. It shares no code with the archive that made the exhibit. It
opens no connection and writes nothing (but for --extract). Read it in the order of its sections:

  1 words      every finding that can be made: what it does to the verdict, the clause, the text
  2 tree       the files of the exhibit, from a folder or a ZIP
  3 DER        a reader of DER and BER (X.690)
  4 certificate, path            RFC 5280, 6: issuers' signatures, validity at the time proven, basicConstraints, key usage.
                                 Left out: name constraints, policies, REVOCATION
  5 algorithms until when each may be trusted (ETSI TS 119 312)
  6 CMS        RFC 5652: one signer, signed attributes, ESS signing-certificate (RFC 5035), the signature
  7 timestamp  RFC 3161 and RFC 5816
  8 seal       CAdES (EN 319 122-1), judged at the time that its timestamp or the evidence proves (EN 319 102-1, 5.3, 5.5)
  9 record     RFC 4998: reduced hash trees, chains, renewals of both kinds
 10 lists      BagIt (RFC 8493) and the sealed indexes (UNI 11386:2020)
 11 volume     everything that one sealed volume shows
 12 content    what the PEC provider signed in each message (RFC 6109; RFC 8551): stands beside the verdict, never changes it
 13 exhibit    all of it, in order; report; command line

The verdict is that of EN 319 102-1: PASSED, INDETERMINATE, FAILED. It leaves REVOCATION aside, which is not judged here:
the report says so in a line of its own.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import io
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

UTC = timezone.utc
CLOCKS = timedelta(minutes=5)  # how far an authority's clock may be from ours

# --- 1. words -----------------------------------------------------------------------------------------------------------

ERROR, DOUBT, WARNING, INFO = "error", "doubt", "warning", "info"

WORDS: dict[str, tuple[str, str, str, str]] = {
    # code: (severity, clause, Italian, English); "error" fails the verdict, "doubt" leaves it open, the others do nothing
    "EXHIBIT_MANIFEST": (ERROR, "RFC 8493, 2.1.3", "Elenco delle impronte assente o illeggibile", "List of digests absent or unreadable"),
    "EXHIBIT_OXUM": (ERROR, "RFC 8493, 2.2.2", "Byte e numero di file diversi da quelli dichiarati", "Other bytes and number of files than stated"),
    "EXHIBIT_MISSING": (ERROR, "RFC 8493, 3; UNI 11386:2020", "Elencato, e non c'è", "Listed, and not there"),
    "EXHIBIT_UNLISTED": (ERROR, "RFC 8493, 3; UNI 11386:2020", "C'è, e un elenco non lo nomina", "There, and a list does not name it"),
    "EXHIBIT_DIGEST": (ERROR, "RFC 8493, 3; UNI 11386:2020", "Impronta diversa da quella elencata", "Other digest than the one listed"),
    "EXHIBIT_INDEX_ABSENT": (ERROR, "AgID LG 4.7", "Manca l'indice del pacchetto di distribuzione", "The index of the pacchetto di distribuzione is missing"),
    "EXHIBIT_INDEX_TWICE": (ERROR, "AgID LG 4.7", "Due indici, firmato e non firmato", "Two indexes, signed and unsigned"),
    "EXHIBIT_INDEX_UNREADABLE": (ERROR, "UNI 11386:2020", "Indice del pacchetto di distribuzione illeggibile", "Index of the pacchetto di distribuzione unreadable"),
    "EXHIBIT_ELSEWHERE": (ERROR, "UNI 11386:2020", "L'indice è di un altro pacchetto", "The index is of another package"),
    "EXHIBIT_UNSIGNED": (DOUBT, "AgID LG 4.7", "Fascicolo NON sigillato: nessuno garantisce quel che dicono index.html, rapporto.pdf e dossier.json; valgono i soli .eml con i loro volumi", "Exhibit NOT sealed: nobody vouches for what index.html, rapporto.pdf and dossier.json say; only the .eml files with their volumes count"),
    "EXHIBIT_OTHER_SIGNER": (WARNING, "AgID LG 4.7", "Chi ha sigillato il fascicolo non ha sigillato alcun volume: quel che raccontano index.html, rapporto.pdf e dossier.json è parola sua", "Whoever sealed the exhibit sealed none of its volumes: what index.html, rapporto.pdf and dossier.json tell is their word"),
    "EXHIBIT_SEAL": (ERROR, "EN 319 122-1", "dossier.json dice firmato (o non firmato), e non è così", "dossier.json says signed (or not), and it is not so"),
    "EXHIBIT_DOSSIER": (ERROR, "", "data/dossier.json assente o illeggibile", "data/dossier.json absent or unreadable"),
    "EXHIBIT_TOLD_DIFFERS": (ERROR, "", "data/dossier.json non corrisponde ai file", "data/dossier.json does not agree with the files"),
    "EXHIBIT_NAMED_OTHERWISE": (ERROR, "", "I byte non hanno l'impronta SHA-256 che il nome promette", "The bytes have not the SHA-256 that the name promises"),
    "EXHIBIT_STRANGER": (ERROR, "", "File che nessun fascicolo contiene", "A file that no exhibit contains"),
    "EXHIBIT_EMPTY": (ERROR, "", "Il fascicolo non contiene alcun messaggio", "The exhibit holds no message"),
    "EXHIBIT_PENDING": (DOUBT, "RFC 4998", "In nessun volume chiuso: nulla qui ne prova data e integrità", "In no closed volume: nothing here proves its date and integrity"),
    "EXHIBIT_PENDING_PROVEN": (INFO, "RFC 4998", "In nessun volume chiuso: lo provano il rapporto di versamento e il suo evidence record", "In no closed volume: the rapporto di versamento and its evidence record prove it"),
    "EXHIBIT_PENDING_UNSEALED": (DOUBT, "RFC 4998", "In nessun volume chiuso, e il suo rapporto di versamento non è sigillato: la marca prova che esisteva, nessuno che l'archivio l'abbia ricevuto", "In no closed volume, and its rapporto di versamento is not sealed: the stamp proves that it existed, nobody that the archive received it"),
    "EXHIBIT_LITTER": (WARNING, "", "Lasciato da un sistema operativo: non è del fascicolo e non viene letto", "Left by an operating system: not the exhibit's, and not read"),
    "EXHIBIT_TRAILING": (WARNING, "APPNOTE 4.3.16", "Altri byte dopo la fine dello ZIP, che nessuno legge", "More bytes after the end of the ZIP, which nobody reads"),
    "EXHIBIT_ZIP_UNREADABLE": (ERROR, "APPNOTE 6.3", "ZIP illeggibile: il file non viene letto", "ZIP that cannot be read: the file is not read"),
    "EXHIBIT_ZIP_NAME": (ERROR, "APPNOTE 4.4.17", "Nome non ammesso: il file non viene letto", "A name that is not allowed: the file is not read"),
    "EXHIBIT_ZIP_TOO_LARGE": (ERROR, "APPNOTE 6.3", "Lo ZIP promette più di quanto un fascicolo possa contenere: non viene letto", "The ZIP promises more than an exhibit can hold: it is not read"),
    "EXHIBIT_ZIP_TWICE": (ERROR, "APPNOTE 6.3", "Lo stesso nome due volte nello ZIP", "The same name twice in the ZIP"),
    "ANCHOR_FROM_PACKAGE": (WARNING, "EN 319 102-1, 5.2.6", "Ancora di fiducia arrivata con il fascicolo: confrontarne l'impronta con una fonte indipendente", "Trust anchor that came with the exhibit: compare its digest with an independent source"),
    "ANCHOR_ABSENT": (DOUBT, "EN 319 102-1, 5.2.6", "Nessuna ancora di fiducia", "No trust anchor"),
    "MISSING": (ERROR, "UNI 11386:2020", "Manca, benché sia promesso da un indice", "Missing, though an index promises it"),
    "DIGEST": (ERROR, "UNI 11386:2020, Hash", "Impronta SHA-256 diversa da quella dell'indice sigillato", "Other SHA-256 than in the sealed index"),
    "UNLISTED": (ERROR, "UNI 11386:2020, File", "L'indice sigillato del volume non lo elenca", "The volume's sealed index does not list it"),
    "INDEX_DIFFERS": (ERROR, "UNI 11386:2020", "L'indice non dice quel che dice il rapporto di versamento", "The index does not say what the rapporto di versamento says"),
    "INDEX_UNREADABLE": (ERROR, "UNI 11386:2020", "L'indice non si può leggere", "The index cannot be read"),
    "INDEX_ELSEWHERE": (ERROR, "UNI 11386:2020, PVolume/ID", "È l'indice di un altro volume", "The index of another volume"),
    "METADATA_UNREADABLE": (ERROR, "AgID All. 5", "Metadati illeggibili", "Metadata cannot be read"),
    "METADATA_ELSEWHERE": (ERROR, "AgID All. 5, IdDoc", "I metadati riguardano un altro file", "The metadata are about another file"),
    "RDV_UNREADABLE": (ERROR, "AgID LG 4.7 d", "Rapporto di versamento illeggibile", "Rapporto di versamento cannot be read"),
    "RDV_ELSEWHERE": (ERROR, "AgID LG 4.7 d", "Rapporto di versamento fuori posto", "Rapporto di versamento out of place"),
    "RDV_SILENT": (ERROR, "AgID LG 4.7 d", "Nessun rapporto di versamento lo dichiara accettato", "No rapporto di versamento says that it was accepted"),
    "RDV_DIFFERS": (ERROR, "AgID LG 4.7 d", "Il rapporto di versamento dice altro del messaggio", "The rapporto di versamento says otherwise of the message"),
    "RDV_NOT_COVERED": (WARNING, "RFC 4998", "Nessun evidence record copre ancora il rapporto", "No evidence record covers the rapporto yet"),
    "RDV_SEAL_LATE": (WARNING, "EN 319 102-1, 5.2.6", "Firma del rapporto provata solo dopo la scadenza del certificato", "The rapporto's signature is proven only after its certificate's end"),
    "RDV_RECORD_SUPERSEDED": (INFO, "RFC 4998, 5.2", "La prova propria del rapporto non è più rinnovata: vale quella del volume", "The rapporto's own evidence is renewed no longer: that of its volume counts"),
    "DISCARD_UNREADABLE": (ERROR, "AgID LG 4.11", "Verbale di scarto illeggibile", "Record of a discard cannot be read"),
    "DISCARD_ELSEWHERE": (ERROR, "AgID LG 4.11", "Verbale di scarto fuori posto", "Record of a discard out of place"),
    "DISCARD_UNSEALED": (WARNING, "AgID LG 4.11", "Verbale di scarto non sigillato: vale come dichiarazione di chi lo esibisce", "Record of a discard without a seal: the word of whoever shows it"),
    "DISCARD_UNSEALED_ONLY": (DOUBT, "AgID LG 4.11", "Verbale di scarto non sigillato: non basta a spiegare che manchino volumi interi", "Record of a discard without a seal: not enough to explain that whole volumes are missing"),
    "SEAL_UNREADABLE": (ERROR, "RFC 5652, 5; EN 319 122-1, 4", "Firma illeggibile", "Signature unreadable"),
    "SEAL_DETACHED": (ERROR, "RFC 5652, 5.2", "Firma senza contenuto", "Signature without content"),
    "SEAL_REFERENCE_VERSION": (ERROR, "EN 319 122-1, 5.2.2", "Atteso signing-certificate-v2, trovato signing-certificate (SHA-1)", "Expected signing-certificate-v2, found signing-certificate (SHA-1)"),
    "SEAL_WITHOUT_TIMESTAMP": (WARNING, "EN 319 122-1, 6.3", "Firma senza marca temporale (livello B-B)", "Signature without a timestamp (level B-B)"),
    "SEAL_STRIPPED": (ERROR, "EN 319 122-1, 5.3", "Era firmato, o marcato, e la firma o la marca non c'è più", "It was signed, or stamped, and the signature or the stamp is no longer there"),
    "SEAL_KEY_USAGE": (DOUBT, "RFC 5280, 4.2.1.3", "Il certificato di chi ha firmato non è per firmare", "The signer's certificate is not for signing"),
    "CMS_CONTENT_TYPE": (ERROR, "RFC 5652, 11.1", "Tipo del contenuto firmato diverso dall'atteso", "Other type of signed content than expected"),
    "CMS_DIGEST": (ERROR, "RFC 5652, 11.2", "Il contenuto non è quello firmato: impronta diversa", "The content is not what was signed: other digest"),
    "CMS_SIGNER_ABSENT": (DOUBT, "RFC 5652, 5.3", "Il certificato di chi ha firmato non c'è", "The signer's certificate is not there"),
    "CMS_REFERENCE_ABSENT": (ERROR, "RFC 5035, 3", "La firma non dice con quale certificato è fatta", "The signature does not say by which certificate it was made"),
    "CMS_REFERENCE": (ERROR, "RFC 5035, 5; RFC 5816", "La firma indica un altro certificato", "The signature names another certificate"),
    "CMS_SIGNATURE": (ERROR, "RFC 5652, 5.6", "La firma non corrisponde a quanto firmato", "The signature does not fit what was signed"),
    "CMS_ALGORITHM": (ERROR, "RFC 5652, 5.6", "Firma non verificabile con la chiave del certificato", "The signature cannot be checked with the certificate's key"),
    "CERTIFICATE_EXPIRED": (DOUBT, "RFC 5280, 6.1.3", "Certificato scaduto prima del momento giudicato", "Certificate ended before the moment judged"),
    "CERTIFICATE_NOT_YET_VALID": (DOUBT, "RFC 5280, 6.1.3", "Certificato valido solo dopo il momento giudicato", "Certificate begins after the moment judged"),
    "CHAIN_NOT_FOUND": (DOUBT, "RFC 5280, 6", "Nessun percorso fino a un'ancora di fiducia", "No path to a trust anchor"),
    "CHAIN_REFUSED": (DOUBT, "RFC 5280, 6.1", "Percorso fino all'ancora di fiducia rifiutato", "Path to the trust anchor refused"),
    "ALGORITHM_SPENT": (DOUBT, "ETSI TS 119 312", "Algoritmo non più affidabile al momento giudicato", "Algorithm not to be trusted any more at the moment judged"),
    "ALGORITHM_UNKNOWN": (DOUBT, "ETSI TS 119 312", "Algoritmo che la tabella non conosce", "Algorithm that the table does not know"),
    "TOKEN_IMPRINT": (ERROR, "RFC 3161, 2.4.2", "La marca temporale è di altri dati", "The timestamp is about other data"),
    "TOKEN_USAGE": (ERROR, "RFC 3161, 2.3", "Il certificato della TSA non è soltanto (critical) per marche temporali", "The TSA's certificate is not for timestamping alone (critical)"),
    "TOKEN_OUTSIDE_CERTIFICATE": (ERROR, "RFC 3161, 2.3", "Marca temporale fuori dalla validità del certificato della TSA", "Timestamp outside the validity of the TSA's certificate"),
    "TOKEN_FROM_FUTURE": (DOUBT, "EN 319 102-1, 5.5", "Marca temporale posteriore alla verifica", "Timestamp after the moment of verification"),
    "TOKEN_RENEWAL_OVERDUE": (DOUBT, "RFC 4998, 5.2, 5.3", "Certificato della TSA scaduto senza che la prova sia stata rinnovata", "The TSA's certificate ended, and the evidence was not renewed"),
    "EVIDENCE_UNREADABLE": (ERROR, "RFC 4998, 3.1", "Evidence record illeggibile", "Evidence record unreadable"),
    "EVIDENCE_ABSENT": (ERROR, "RFC 4998", "Manca l'evidence record: nulla prova da quando esiste", "There is no evidence record: nothing proves since when it exists"),
    "EVIDENCE_ALGORITHM": (ERROR, "RFC 4998, 3.2", "Algoritmo che l'evidence record non annuncia", "Algorithm that the evidence record does not announce"),
    "EVIDENCE_CHAIN_ALGORITHM": (ERROR, "RFC 4998, 5.3 step 2", "Più algoritmi in una catena", "Several algorithms in one chain"),
    "EVIDENCE_ORDER": (ERROR, "RFC 4998, 5.1", "Marche temporali non in ordine di tempo", "Timestamps not in order of time"),
    "EVIDENCE_LINK": (ERROR, "RFC 4998, 5.3 step 2", "Anello rotto: il rinnovo non copre la marca precedente", "Broken link: the renewal does not cover the timestamp before"),
    "EVIDENCE_MEMBER": (ERROR, "RFC 4998, 4.3 step 2; 5.3 steps 1, 3", "L'evidence record non copre il file", "The evidence record does not cover the file"),
    "EVIDENCE_UNLISTED": (ERROR, "RFC 4998, 4.3 step 3", "L'evidence record copre file né mostrati né dichiarati assenti", "The evidence record covers files that are neither shown nor declared absent"),
    "EVIDENCE_NOTHING_SHOWN": (DOUBT, "RFC 4998, 4.3", "Nessun file da confrontare con l'evidence record", "No file to compare with the evidence record"),
    "EVIDENCE_TOKEN_FORM": (ERROR, "RFC 5652, 5", "Marca temporale con un campo diverso dal prescritto", "Timestamp with a field other than prescribed"),
    "EVIDENCE_TOKEN_VERSION": (WARNING, "RFC 5652, 5.1", "Versione del SignedData della marca: 3 invece di 5", "Version of the timestamp's SignedData: 3 instead of 5"),
    "EVIDENCE_NOT_CONTINUED": (ERROR, "RFC 4998, 5.2", "L'evidence record non continua quello prima di lui", "The evidence record does not continue the one before it"),
    "EVIDENCE_CERTIFICATE": (ERROR, "RFC 3161, 2.4.1", "La marca non porta più il certificato della sua autorità", "The token no longer carries its authority's certificate"),
    "EVIDENCE_COPIED": (ERROR, "RFC 4998, 7", "La stessa marca di un altro evidence record: una copia non è una seconda prova", "The same token as another evidence record: a copy is no second proof"),
    "EVIDENCE_FELL": (WARNING, "RFC 4998, 7", "Non regge più; la prova resta sull'evidence record di un'altra autorità", "Holds no longer; the proof rests on another authority's evidence record"),
    "GROUP_PARTIAL": (INFO, "RFC 4998, 4.3", "Gruppo mostrato in parte: la prova vale per i file mostrati", "Group shown in part: the proof holds for the files shown"),
}  # fmt: skip

# what makes a fallen record an altered object, and not one that time has taken away (RFC 4998, 7)
ALTERED = frozenset(
    [
        "MISSING",
        "EVIDENCE_CERTIFICATE",
        "EVIDENCE_COPIED",
        "EVIDENCE_UNREADABLE",
        "EVIDENCE_ALGORITHM",
        "EVIDENCE_CHAIN_ALGORITHM",
        "EVIDENCE_LINK",
        "EVIDENCE_MEMBER",
        "EVIDENCE_TOKEN_FORM",
        "EVIDENCE_NOT_CONTINUED",
        "TOKEN_IMPRINT",
        "TOKEN_USAGE",
        "CMS_CONTENT_TYPE",
        "CMS_DIGEST",
        "CMS_REFERENCE_ABSENT",
        "CMS_REFERENCE",
        "CMS_SIGNATURE",
        "CMS_ALGORITHM",
    ]
)


class Finding(NamedTuple):
    """One thing noticed about one file; `detail` names what was expected and what was found."""

    code: str
    subject: str
    detail: str = ""

    @property
    def severity(self) -> str:
        return WORDS[self.code][0]


Findings = list[Finding]


def indication(findings: Iterable[Finding]) -> str:
    """EN 319 102-1, 5.1.3: the worst finding decides."""
    found = {item.severity for item in findings}
    return "FAILED" if ERROR in found else "INDETERMINATE" if DOUBT in found else "PASSED"


class Bad(Exception):
    """Octets are not what they should be."""


UNREADABLE = (
    Bad,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    RecursionError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)

# --- 2. tree ------------------------------------------------------------------------------------------------------------


class Tree:
    """The files of the exhibit by their path, with forward slashes; `wrong` is what they came in had to be told."""

    sums: dict[str, dict[str, str]]

    def __init__(self, path: Path) -> None:
        self.sums = {}
        self.wrong: Findings = []
        self.archive: zipfile.ZipFile | None = None
        self.places: dict[str, Any] = {}
        if path.is_dir():
            for place in sorted(item for item in path.rglob("*") if item.is_symlink() or not item.is_dir()):
                name = place.relative_to(path).as_posix()
                if LITTER.search(name):
                    self.wrong.append(Finding("EXHIBIT_LITTER", name))
                elif place.is_symlink() or not place.is_file():
                    self.wrong.append(Finding("EXHIBIT_ZIP_NAME", name))
                else:
                    self.places[name] = place
        else:
            self.archive = zipfile.ZipFile(path)
            self._zipped(self.archive, path)

    def _zipped(self, archive: zipfile.ZipFile, path: Path) -> None:
        """Plain relative names, each once, below one folder if there is one; no more than a computer can hold."""
        size, entries = path.stat().st_size, [info for info in archive.infolist() if not info.is_dir()]
        whole, largest = sum(info.file_size for info in entries), max((info.file_size for info in entries), default=0)
        if len(entries) > 1_000_000 or whole > max(200 * size, 64 << 20) or largest > 4 << 30:
            self.wrong.append(Finding("EXHIBIT_ZIP_TOO_LARGE", ".", f"{len(entries)}, {whole}"))
            return
        if min((info.header_offset for info in archive.infolist()), default=0):  # two programs would see two files
            self.wrong.append(Finding("EXHIBIT_ZIP_UNREADABLE", ".", "prima del primo file ci sono altri byte"))
            return
        behind = _behind(path)
        if behind:
            self.wrong.append(Finding("EXHIBIT_TRAILING", ".", f"{behind}"))
        found: dict[str, zipfile.ZipInfo] = {}
        for info in entries:
            name = info.orig_filename
            plain = not {"", ".", ".."} & set(name.split("/")) and re.fullmatch(r'[^\x00-\x1f\x7f\\:*?"<>|]+', name)
            link, encrypted = info.external_attr >> 16 & 0o170000 == 0o120000, info.flag_bits & 1
            if not plain or link or encrypted or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                self.wrong.append(Finding("EXHIBIT_ZIP_NAME", name))
            elif LITTER.search(name):
                self.wrong.append(Finding("EXHIBIT_LITTER", name))
            elif name in found:
                self.wrong.append(Finding("EXHIBIT_ZIP_TWICE", name))
            else:
                found[name] = info
        tops = {name.partition("/")[0] + "/" if "/" in name else "" for name in found}
        top = len(tops.pop()) if len(tops) == 1 else 0
        self.places = {name[top:]: info for name, info in found.items()}

    def settle(self) -> None:
        """Reads every file; one that cannot be read to its end is said, and is no file: no digest fits it."""
        for name in self.names:
            try:
                self.sum(name)
            except OSError as error:
                self.wrong.append(Finding("EXHIBIT_MISSING", name, str(error)))
            except _SPOILT as error:
                self.wrong.append(Finding("EXHIBIT_ZIP_UNREADABLE", name, str(error)))
            else:
                continue
            del self.places[name]

    @property
    def names(self) -> list[str]:
        return sorted(self.places)

    def below(self, prefix: str) -> list[str]:
        return [name for name in self.names if name.startswith(prefix)]

    def has(self, name: str) -> bool:
        return name in self.places

    def sum(self, name: str, algorithm: str = "sha256") -> str:
        """A file's digest in hexadecimal; each file is read once for both."""
        if name not in self.sums:
            octets = self.read(name)
            self.sums[name] = {
                "sha256": hashlib.sha256(octets).hexdigest(),
                "sha512": hashlib.sha512(octets).hexdigest(),
            }
        return self.sums[name][algorithm]

    def size(self, name: str) -> int:
        place = self.places[name]
        return int(place.file_size if self.archive is not None else place.stat().st_size)

    def read(self, name: str) -> bytes:
        """Raises OSError, or one of `_SPOILT` for an entry of a ZIP that is not what its directory says."""
        place = self.places[name]
        if self.archive is None:
            octets: bytes = place.read_bytes()
            return octets
        source = self.archive.fp
        assert source is not None
        source.seek(place.header_offset)
        head = source.read(30)  # zipfile compares the name, but not this checksum (APPNOTE 4.4.7)
        stated, streamed = int.from_bytes(head[14:18], "little"), place.flag_bits & 8
        if stated != place.CRC and (stated or not streamed):
            raise zipfile.BadZipFile(f"CRC-32 {stated:08x} / {place.CRC:08x}")
        return self.archive.read(place)


_SPOILT = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OverflowError,
    struct.error,
    zlib.error,
)
LITTER = re.compile(r"(^|/)(__MACOSX/|((?i:\.DS_Store|desktop\.ini|Thumbs\.db)|\._[^/]*)\Z)")


def _behind(path: Path) -> int:
    """Octets after the end of a ZIP, its comment left aside (APPNOTE 4.3.16)."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        start = file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\5\6")
    return size - start - at - 22 - int.from_bytes(tail[at + 20 : at + 22], "little") if at >= 0 else 0


# --- 3. DER, BER (X.690) ------------------------------------------------------------------------------------------------

INTEGER, OCTETS, OID, SEQUENCE, SET, GENERALIZED = 0x02, 0x04, 0x06, 0x30, 0x31, 0x18


class Item(NamedTuple):
    """One value: where it starts, where its content starts and ends, where the next value begins."""

    data: bytes
    tag: int
    start: int
    body: int
    end: int
    after: int

    @property
    def content(self) -> bytes:
        return self.data[self.body : self.end]

    @property
    def whole(self) -> bytes:
        return self.data[self.start : self.after]

    def items(self, der: bool = False) -> list[Item]:
        """The values inside."""
        found, at = [], self.body
        while at < self.end:
            found.append(value(self.data, at, self.end, der))
            at = found[-1].after
        return found

    def string(self) -> bytes:
        """The octets of a string, joined when BER splits it (X.690, 8.7.3)."""
        return b"".join(part.string() for part in self.items()) if self.tag & 0x20 else self.content


def value(data: bytes, at: int = 0, limit: int | None = None, der: bool = False, depth: int = 0) -> Item:
    """The value that begins at `at`; an indefinite length (BER) only where `der` is false."""
    limit = len(data) if limit is None else limit
    if at + 2 > limit or data[at] & 0x1F == 0x1F or depth > 30:
        raise Bad(f"DER: octet {at}")
    tag, length, body = data[at], data[at + 1], at + 2
    if length == 0x80:
        if der or not tag & 0x20:
            raise Bad(f"DER: octet {at}: indefinite length")
        end = body
        while data[end : end + 2] != b"\0\0":
            end = value(data, end, limit, der, depth + 1).after
        if end + 2 > limit:
            raise Bad(f"DER: octet {at}: not closed")
        return Item(data, tag, at, body, end, end + 2)
    if length > 0x80:
        octets = data[body : body + length - 0x80]
        body, size, length = body + len(octets), length - 0x80, int.from_bytes(octets, "big")
        if len(octets) != size or (der and (octets[0] == 0 or length < 0x80)):
            raise Bad(f"DER: octet {at}: length")
    if body + length > limit:
        raise Bad(f"DER: octet {at}: {length} octets")
    return Item(data, tag, at, body, body + length, body + length)


def only(data: bytes, der: bool = False) -> Item:
    """The one value in these octets, nothing behind it."""
    found = value(data, der=der)
    if found.after != len(data):
        raise Bad("DER: octets behind the value")
    return found


def inside(item: Item, *tags: int, der: bool = False) -> list[Item]:
    """The values in a SEQUENCE or SET; the first ones must have these tags."""
    found = item.items(der)
    if [part.tag for part in found[: len(tags)]] != list(tags):
        raise Bad(f"DER: octet {item.start}: expected tags {tags}, found {[part.tag for part in found]}")
    return found


def wrap(tag: int, content: bytes) -> bytes:
    """A value around some content, in DER."""
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def dotted(item: Item) -> str:
    """An OBJECT IDENTIFIER (X.690, 8.19)."""
    if item.tag != OID or not item.content or item.content[-1] & 0x80:
        raise Bad("DER: expected an OBJECT IDENTIFIER")
    numbers, number = [], 0
    for octet in item.content:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(str(part) for part in (first, numbers[0] - 40 * first, *numbers[1:]))


def moment(text: bytes) -> datetime:
    """A GeneralizedTime in UTC (RFC 3161, 2.4.2)."""
    read = re.fullmatch(rb"(\d{14})(?:\.(\d{1,9}))?Z", text)
    if not read:
        raise Bad("GeneralizedTime")
    fraction = int((read[2] or b"0").ljust(6, b"0")[:6])
    return datetime.strptime(read[1].decode(), "%Y%m%d%H%M%S").replace(microsecond=fraction, tzinfo=UTC)


def instant(text: str) -> datetime:
    """A time as the documents of the archive write it: 2026-11-22T07:15:00Z."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


# --- 4. certificates and their paths (RFC 5280) ---------------------------------------------------------------------------


class Certificate:
    """One certificate: its octets, and what `cryptography` reads in them."""

    def __init__(self, der: bytes) -> None:
        fields = only(only(der).items()[0].whole).items()
        fields = fields[1:] if fields[0].tag == 0xA0 else fields
        self.der, self.issuer, self.subject = der, fields[2].whole, fields[4].whole
        self.serial = int.from_bytes(fields[0].content, "big", signed=True)
        self.read = read = x509.load_der_x509_certificate(der)
        self.begins, self.ends = read.not_valid_before_utc, read.not_valid_after_utc
        self.extensions = {item.oid: item for item in read.extensions}
        self.key: Any = read.public_key()
        self.sha256 = hashlib.sha256(der).hexdigest()

    def extension(self, oid: Any) -> Any:
        found = self.extensions.get(oid)
        return None if found is None else found.value

    @property
    def name(self) -> str:
        return self.read.subject.rfc4514_string()

    @property
    def whose(self) -> tuple[str, ...]:
        """Whose it is: organizationIdentifier, else serialNumber, else this very certificate (EN 319 412-1, 5.1.3, 5.1.4)."""
        for kind in ("2.5.4.97", "2.5.4.5"):
            codes = tuple(str(one.value) for one in self.read.subject if one.oid.dotted_string == kind)
            if codes:
                return (kind, *codes)
        return (self.issuer.hex(), str(self.serial))

    @property
    def key_id(self) -> bytes:
        found = self.extension(ExtensionOID.SUBJECT_KEY_IDENTIFIER)
        return b"" if found is None else bytes(found.digest)

    @property
    def authority(self) -> bool:
        basic, usage = self.extension(ExtensionOID.BASIC_CONSTRAINTS), self.extension(ExtensionOID.KEY_USAGE)
        return basic is not None and bool(basic.ca) and (usage is None or bool(usage.key_cert_sign))

    @property
    def is_ca(self) -> bool:
        basic = self.extension(ExtensionOID.BASIC_CONSTRAINTS)
        return basic is not None and bool(basic.ca)

    @property
    def usages(self) -> list[str]:
        found = self.extension(ExtensionOID.EXTENDED_KEY_USAGE)
        return [] if found is None else [item.dotted_string for item in found]


@lru_cache(maxsize=2048)
def certificate(der: bytes) -> Certificate | None:
    """None for one that cannot be read."""
    try:
        return Certificate(der)
    except UNREADABLE:
        return None


def readable(many: Iterable[bytes]) -> list[Certificate]:
    return [read for read in map(certificate, dict.fromkeys(many)) if read is not None]


UNDERSTOOD = {
    ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.CERTIFICATE_POLICIES, ExtensionOID.NAME_CONSTRAINTS, ExtensionOID.POLICY_CONSTRAINTS,
    ExtensionOID.INHIBIT_ANY_POLICY, ExtensionOID.POLICY_MAPPINGS, ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.CRL_DISTRIBUTION_POINTS,
}  # fmt: skip


class Way(NamedTuple):
    """What is wrong with the path of a certificate (nothing: it is good), and the path, the anchor last."""

    findings: Findings
    path: tuple[Certificate, ...]


def judge_path(
    leaf: Certificate, pool: Iterable[bytes], anchors: Sequence[bytes], at: datetime, subject: str, *, usage: str = ""
) -> Way:
    """Whether a path leads from `leaf` to an anchor, all of it valid at `at`; an anchor is asked for nothing.

    `usage`: "timeStamping" or "digitalSignature", which the certificate must allow. Revocation is not judged.
    """
    if leaf.der in anchors:
        return Way(_dates(leaf, at, subject), (leaf,))
    refusals: list[Finding] = []
    for path in _paths((leaf,), readable([*anchors, *pool]), frozenset(anchors)):
        wrong = _refused(path, at, subject, usage)
        if wrong is None:
            return Way([], path)
        refusals.append(wrong)
    return Way(refusals[:1] or [Finding("CHAIN_NOT_FOUND", subject, leaf.name)], ())


def _paths(
    path: tuple[Certificate, ...], known: Sequence[Certificate], anchors: frozenset[bytes]
) -> Iterator[tuple[Certificate, ...]]:
    """Every way up by names and key identifiers, at most eight certificates long."""
    last = path[-1]
    stated = last.extension(ExtensionOID.AUTHORITY_KEY_IDENTIFIER)
    for issuer in known if len(path) < 8 else ():
        named = issuer.subject == last.issuer or issuer.read.subject == last.read.issuer
        meant = (
            stated is None or not stated.key_identifier or not issuer.key_id or stated.key_identifier == issuer.key_id
        )
        if not (named and meant) or issuer in path:
            continue
        if issuer.der in anchors:
            yield (*path, issuer)
        else:
            yield from _paths((*path, issuer), known, anchors)


def _refused(path: tuple[Certificate, ...], at: datetime, subject: str, usage: str) -> Finding | None:
    """The first thing that is wrong, from the anchor downwards (RFC 5280, 6.1.3 and 6.1.4)."""
    for place in range(len(path) - 2, -1, -1):
        one, issuer = path[place], path[place + 1]
        try:
            one.read.verify_directly_issued_by(issuer.read)
        except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
            return Finding("CHAIN_REFUSED", subject, f"{one.name}: signature of {issuer.name}")
        dates = _dates(one, at, subject)
        if dates:
            return dates[0]
        unknown = [
            str(oid.dotted_string) for oid, item in one.extensions.items() if item.critical and oid not in UNDERSTOOD
        ]
        if unknown:
            return Finding("CHAIN_REFUSED", subject, f"{one.name}: critical extension {unknown[0]}")
        if place:  # a CA below the anchor
            basic = one.extension(ExtensionOID.BASIC_CONSTRAINTS)
            if not one.authority or (basic.path_length is not None and place - 1 > basic.path_length):
                return Finding("CHAIN_REFUSED", subject, f"{one.name}: basicConstraints, keyUsage")
    leaf = path[0]
    key_usage = leaf.extension(ExtensionOID.KEY_USAGE)
    if usage == "timeStamping" and ExtendedKeyUsageOID.TIME_STAMPING.dotted_string not in leaf.usages:
        return Finding("CHAIN_REFUSED", subject, f"{leaf.name}: extKeyUsage {leaf.usages}")
    if usage == "digitalSignature" and not (key_usage is not None and key_usage.digital_signature):
        return Finding("CHAIN_REFUSED", subject, f"{leaf.name}: keyUsage")
    return None


def _dates(one: Certificate, at: datetime, subject: str) -> Findings:
    if at > one.ends:
        return [Finding("CERTIFICATE_EXPIRED", subject, f"{one.name}: {one.ends} < {at}")]
    if at < one.begins:
        return [Finding("CERTIFICATE_NOT_YET_VALID", subject, f"{one.name}: {one.begins} > {at}")]
    return []


# --- 5. algorithms: the last day of each (ETSI TS 119 312 V1.5.1; older ones: DSS crypto suite) -----------------------------

NEVER = "9999-12-31"
TERMS: dict[str, tuple[tuple[int, str], ...]] = {
    # for keys of at least so many bits, the largest first
    "md5": ((0, "2004-08-01"),), "sha1": ((0, "2012-08-01"),), "sha224": ((0, "2028-12-31"),),
    **dict.fromkeys(["sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "shake256", "ed25519", "ed448"], ((0, NEVER),)),
    "rsassa_pkcs1v15": ((1900, "2028-12-31"), (1024, "2019-10-01")),
    "rsassa_pss": ((3000, NEVER), (1900, "2028-12-31"), (1024, "2019-10-01")),
    "ecdsa": ((256, NEVER), (224, "2021-10-01")),
    "secp224r1": ((0, "2021-10-01"),), "brainpoolp224r1": ((0, "2021-10-01"),),
    **dict.fromkeys(["secp256r1", "secp384r1", "secp521r1", "brainpoolp256r1", "brainpoolp384r1", "brainpoolp512r1"], ((0, NEVER),)),
}  # fmt: skip


def spent(name: str, bits: int, at: datetime, subject: str) -> Findings:
    """Nothing if the algorithm could be trusted at `at` (EN 319 102-1, 5.2.8)."""
    last = next((day for least, day in TERMS.get(name, ()) if bits >= least), None)
    if last is None:
        return [Finding("ALGORITHM_UNKNOWN", subject, f"{name} {bits or ''}".strip())]
    if last != NEVER and at.astimezone(UTC).date().isoformat() > last:
        return [Finding("ALGORITHM_SPENT", subject, f"{name} {bits or ''}: {last} < {at.date()}")]
    return []


# --- 6. CMS SignedData (RFC 5652) -----------------------------------------------------------------------------------------

_NIST = "2.16.840.1.101.3.4."
DIGESTS = {
    "1.2.840.113549.2.5": "md5", "1.3.14.3.2.26": "sha1", f"{_NIST}2.4": "sha224", f"{_NIST}2.1": "sha256",
    f"{_NIST}2.2": "sha384", f"{_NIST}2.3": "sha512", f"{_NIST}2.7": "sha3_224", f"{_NIST}2.8": "sha3_256",
    f"{_NIST}2.9": "sha3_384", f"{_NIST}2.10": "sha3_512", f"{_NIST}2.12": "shake256", f"{_NIST}2.18": "shake256",
}  # fmt: skip
_RSA, _EC = "1.2.840.113549.1.1.", "1.2.840.10045."
MECHANISMS = {
    **{f"{_RSA}{last}": ("rsassa_pkcs1v15", name) for last, name in
       ((1, ""), (4, "md5"), (5, "sha1"), (14, "sha224"), (11, "sha256"), (12, "sha384"), (13, "sha512"))},
    **{f"{_NIST}3.{last}": ("rsassa_pkcs1v15", name) for last, name in
       ((13, "sha3_224"), (14, "sha3_256"), (15, "sha3_384"), (16, "sha3_512"))},
    f"{_RSA}10": ("rsassa_pss", ""),
    f"{_EC}2.1": ("ecdsa", ""), f"{_EC}4.1": ("ecdsa", "sha1"),
    **{f"{_EC}4.3.{last}": ("ecdsa", name) for last, name in ((1, "sha224"), (2, "sha256"), (3, "sha384"), (4, "sha512"))},
    **{f"{_NIST}3.{last}": ("ecdsa", name) for last, name in
       ((9, "sha3_224"), (10, "sha3_256"), (11, "sha3_384"), (12, "sha3_512"))},
    "1.3.101.112": ("ed25519", "sha512"), "1.3.101.113": ("ed448", "shake256"),
}  # fmt: skip
SIGNED_DATA, DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
ESS_V1, ESS_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"


def digest(name: str, data: bytes) -> bytes:
    """By the names of this file."""
    if name == "shake256":
        return hashlib.shake_256(data).digest(64)
    if name not in DIGESTS.values():
        raise Bad(f"digest algorithm {name}")
    return hashlib.new(name, data).digest()


def digest_name(identifier: Item) -> str:
    """The digest that an AlgorithmIdentifier means; one that is not known by its number."""
    number = dotted(inside(identifier, OID)[0])
    return DIGESTS.get(number, number)


class Signed(NamedTuple):
    """The (first) signer of a SignedData. Nothing in it is proven yet.

    `content` is None for a detached signature; `attributes` are the signed ones under the tag of a SET, otherwise as they
    came, which is what was signed (RFC 5652, 5.4); `form` what is odd about its fields.
    """

    content_type: str
    content: bytes | None
    signers: int
    digest: str
    announced: tuple[str, ...]
    mechanism: str
    made_with: str
    mask: str
    salt: int
    attributes: bytes
    values: dict[str, list[Item]]
    signature: bytes
    certificates: tuple[bytes, ...]
    signer: Certificate | None
    tokens: tuple[bytes, ...]
    form: tuple[tuple[str, str], ...]

    @property
    def algorithms(self) -> list[tuple[str, int]]:
        """What the signature rests on, with the bits of the key."""
        key = None if self.signer is None else self.signer.key
        edwards = isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey))
        named = dict.fromkeys(
            (self.digest,) if self.mechanism in ("ed25519", "ed448") else (self.digest, self.made_with)
        )
        found = [(name, 0) for name in named]
        if key is None:
            return found
        found.append((self.mechanism, 256 if edwards else key.key_size))
        return [*found, (key.curve.name.lower(), 0)] if isinstance(key, ec.EllipticCurvePublicKey) else found


def read_signed(octets: bytes, extra: Iterable[bytes] = (), *, mail: bool = False) -> Signed:
    """A ContentInfo with SignedData; `extra` are certificates that may be the signer's. Raises Bad and kin.

    Exactly one signer and signed attributes, unless it is the signature of a `mail`.
    """
    outer = value(octets) if mail else only(octets)
    kind, holder = inside(outer, OID, 0xA0)[:2]
    if outer.tag != SEQUENCE or dotted(kind) != SIGNED_DATA:
        raise Bad("no SignedData")
    fields = inside(inside(holder, SEQUENCE)[0], INTEGER, SET, SEQUENCE)
    version, announced, encapsulated, *bags, infos = fields
    signers = inside(infos)
    if infos.tag != SET or not signers or (len(signers) != 1 and not mail):
        raise Bad(f"expected one signer, found {len(signers)}")
    bag = [item for part in bags if part.tag == 0xA0 for item in part.items()]
    certificates = tuple(dict.fromkeys(item.whole for item in bag if item.tag == SEQUENCE))
    content_type, *wrapped = encapsulated.items()
    content = None
    if wrapped:
        content = wrapped[0].items()[0].string()
    number, sid, used, *rest = signers[0].items()
    attributes = rest.pop(0) if rest[0].tag == 0xA0 else None
    how, signature, *unsigned = rest
    if attributes is None and not mail:
        raise Bad("the signer signed no attributes")
    values = _attributes(attributes)
    mechanism, made_with, mask, salt = _mechanism(how)
    announces = tuple(digest_name(item) for item in announced.items())
    reference = None if mail else _references(values)
    if not mail and (digest_name(used) not in announces or len(values.get(CONTENT_TYPE, ())) != 1):
        raise Bad("digestAlgorithms, contentType")
    if not mail and len(values.get(MESSAGE_DIGEST, ())) != 1:
        raise Bad("messageDigest: expected one value")
    return Signed(
        content_type=dotted(content_type),
        content=content,
        signers=len(signers),
        digest=digest_name(used),
        announced=announces,
        mechanism=mechanism,
        made_with=made_with or digest_name(used),
        mask=mask,
        salt=salt,
        attributes=wrap(SET, attributes.content) if attributes else b"",
        values=values,
        signature=signature.string(),
        certificates=certificates,
        signer=_named(sid, (*certificates, *extra), reference),
        tokens=tuple(
            item.whole
            for part in unsigned
            if part.tag == 0xA1
            for item in _attributes(part).get(SIGNATURE_TIMESTAMP, ())
        ),
        form=tuple(_form(version, announced, bag, bags, dotted(content_type), number, sid, used)),
    )


def _attributes(field: Item | None) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for attribute in field.items() if field else ():
        kind, values = inside(attribute, OID, SET)[:2]
        found.setdefault(dotted(kind), []).extend(values.items())
    return found


def _mechanism(how: Item) -> tuple[str, str, str, int]:
    """How the signature was made, and with which digest; for RSASSA-PSS also the mask's digest and the salt (RFC 4055)."""
    kind, *parameters = inside(how, OID)
    number = dotted(kind)
    name, made_with = MECHANISMS.get(number, (number, ""))
    if name != "rsassa_pss":
        return name, made_with, "", 0
    stated = {part.tag: part.items()[0] for part in parameters[0].items()} if parameters else {}
    made_with = digest_name(stated[0xA0]) if 0xA0 in stated else "sha1"
    mask = digest_name(stated[0xA1].items()[1]) if 0xA1 in stated else "sha1"
    return name, made_with, mask, int.from_bytes(stated[0xA2].content, "big") if 0xA2 in stated else 20


def _named(sid: Item, bag: Iterable[bytes], reference: tuple[str, bytes, int, int] | None) -> Certificate | None:
    """The certificate that the signer names; among several, the one that the signed reference fits."""
    if sid.tag == SEQUENCE:
        issuer, serial = inside(sid, SEQUENCE, INTEGER)[:2]
        number = int.from_bytes(serial.content, "big", signed=True)
        named = [one for one in readable(bag) if one.serial == number and one.issuer == issuer.whole]
    else:
        named = [one for one in readable(bag) if one.key_id and one.key_id == sid.string()]
    fitting = [one for one in named if reference and _fits(reference, one)]
    return next(iter((*fitting, *named)), None)


def _references(values: dict[str, list[Item]]) -> tuple[str, bytes, int, int] | None:
    """ESSCertIDv2 or ESSCertID (RFC 5035): digest's name, digest, serial number (-1: none), version."""
    stated, version = values.get(ESS_V2), 2
    if stated is None:
        stated, version = values.get(ESS_V1), 1
    if stated is None:
        return None
    fields = stated[0].items()[0].items()[0].items()
    name = "sha1" if version == 1 else "sha256"
    if fields[0].tag == SEQUENCE:
        name = digest_name(fields.pop(0))
    serial = int.from_bytes(fields[1].items()[1].content, "big", signed=True) if len(fields) > 1 else -1
    return name, fields[0].string(), serial, version


def _fits(reference: tuple[str, bytes, int, int], one: Certificate) -> bool:
    return digest(reference[0], one.der) == reference[1] and reference[2] in (-1, one.serial)


def _form(
    version: Item, announced: Item, bag: list[Item], bags: list[Item], content: str, number: Item, sid: Item, used: Item
) -> Iterator[tuple[str, str]]:
    """RFC 5652, 5.1 and 5.3: versions by what is inside; RFC 5754, 2: digests have no parameters."""
    others = any(item.tag == 0xA1 for part in bags if part.tag == 0xA1 for item in part.items())
    tags = {item.tag for item in bag}
    third = content != DATA or number.content == b"\x03" or 0xA1 in tags
    expected = 5 if others or 0xA3 in tags else 4 if 0xA2 in tags else 3 if third else 1
    stated = int.from_bytes(version.content, "big")
    if stated != expected:
        yield "EVIDENCE_TOKEN_VERSION" if (expected, stated) == (5, 3) else "EVIDENCE_TOKEN_FORM", f"version {stated}"
    if number.content != (b"\x01" if sid.tag == SEQUENCE else b"\x03"):
        yield "EVIDENCE_TOKEN_FORM", f"SignerInfo.version {number.content.hex()}"
    for identifier in (*announced.items(), used):
        if [part.whole for part in identifier.items()[1:]] not in ([], [b"\x05\0"]):
            yield "EVIDENCE_TOKEN_FORM", "digestAlgorithm.parameters"


def faults(signed: Signed, kind: str, subject: str) -> Findings:
    """What does not fit between content, signed attributes, certificate and signature (RFC 5652, 5.6 and 11)."""
    found: Findings = []
    stated = dotted(signed.values[CONTENT_TYPE][0])
    if not signed.content_type == stated == kind:
        found.append(Finding("CMS_CONTENT_TYPE", subject, f"{signed.content_type} / {stated}"))
    expected, computed = signed.values[MESSAGE_DIGEST][0].string(), digest(signed.digest, signed.content or b"")
    if computed != expected:
        found.append(Finding("CMS_DIGEST", subject, f"{expected.hex()} / {computed.hex()}"))
    if signed.signer is None:
        return [*found, Finding("CMS_SIGNER_ABSENT", subject)]
    reference = _references(signed.values)
    if reference is None:
        found.append(Finding("CMS_REFERENCE_ABSENT", subject))
    elif not _fits(reference, signed.signer):
        found.append(
            Finding("CMS_REFERENCE", subject, f"{reference[1].hex()} / {digest(reference[0], signed.signer.der).hex()}")
        )
    holds = signature_holds(signed, signed.signer.key)
    if holds is None:
        found.append(Finding("CMS_ALGORITHM", subject, f"{signed.mechanism} {signed.made_with}"))
    elif not holds:
        found.append(Finding("CMS_SIGNATURE", subject, f"{signed.mechanism} {signed.made_with}"))
    return found


def signature_holds(signed: Signed, key: Any) -> bool | None:
    """Whether the key made the signature over the signed attributes; None: this key cannot have made such a one."""
    algorithm = _algorithm(signed.made_with)
    try:
        if isinstance(key, rsa.RSAPublicKey) and signed.mechanism == "rsassa_pkcs1v15" and algorithm:
            key.verify(signed.signature, signed.attributes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, rsa.RSAPublicKey) and signed.mechanism == "rsassa_pss" and algorithm:
            mask = _algorithm(signed.mask)
            if mask is None:
                return None
            key.verify(signed.signature, signed.attributes, padding.PSS(padding.MGF1(mask), signed.salt), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and signed.mechanism == "ecdsa" and algorithm:
            key.verify(signed.signature, signed.attributes, ec.ECDSA(algorithm))
        elif isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)) and signed.mechanism in (
            "ed25519",
            "ed448",
        ):
            key.verify(signed.signature, signed.attributes)
        else:
            return None
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return None
    return True


def _algorithm(name: str) -> hashes.HashAlgorithm | None:
    if name not in DIGESTS.values():
        return None
    found = getattr(hashes, name.upper())
    made: hashes.HashAlgorithm = found(64) if name == "shake256" else found()
    return made


# --- 7. timestamp tokens (RFC 3161) -----------------------------------------------------------------------------------------


class Token(NamedTuple):
    """`imprint` is what was stamped, by `algorithm`, at `at`."""

    octets: bytes
    at: datetime
    algorithm: str
    imprint: bytes
    signed: Signed


class Trust(NamedTuple):
    """Whom to believe, and the moment of judging."""

    anchors: tuple[bytes, ...]
    providers: tuple[bytes, ...]
    at: datetime


@lru_cache(maxsize=512)
def read_token(octets: bytes, extra: tuple[bytes, ...] = ()) -> Token:
    """Raises Bad and kin."""
    signed = read_signed(octets, extra)
    info = only(signed.content or b"", der=True)
    version, _, imprint, _, stamped = inside(info, INTEGER, OID, SEQUENCE, INTEGER, GENERALIZED)[:5]
    how, hashed = inside(imprint, SEQUENCE, OCTETS)[:2]
    if info.tag != SEQUENCE or version.content != b"\x01":
        raise Bad("TSTInfo")
    return Token(octets, moment(stamped.content), digest_name(how), hashed.content, signed)


def judge_token(
    token: Token, trust: Trust, algorithm: str, imprint: bytes, at: datetime, subject: str, pool: Iterable[bytes] = ()
) -> Findings:
    """Whether it proves that `imprint` existed at its time; `at`: the moment from which something younger vouches for it."""
    found: Findings = []
    # 1. it stamps this digest: algorithm and value (RFC 3161, 2.4.2)
    if (token.algorithm, token.imprint) != (algorithm, imprint):
        found.append(
            Finding("TOKEN_IMPRINT", subject, f"{algorithm}:{imprint.hex()} / {token.algorithm}:{token.imprint.hex()}")
        )
    # 2. content, attributes, ESSCertID and signature fit each other
    found += faults(token.signed, TST_INFO, subject)
    # 3. it does not come from the future
    if token.at > at + CLOCKS:
        found.append(Finding("TOKEN_FROM_FUTURE", subject, f"{token.at} > {at}"))
    # 4. its algorithms could be trusted then, and can still be
    for name, bits in ((token.algorithm, 0), *token.signed.algorithms):
        found += spent(name, bits, token.at, subject) or spent(name, bits, at, subject)
    signer = token.signed.signer
    if signer is None:
        return found
    # 5. a certificate for timestamping, and for nothing else, critical (RFC 3161, 2.3)
    usage = signer.extensions.get(ExtensionOID.EXTENDED_KEY_USAGE)
    if signer.usages != [ExtendedKeyUsageOID.TIME_STAMPING.dotted_string] or usage is None or not usage.critical:
        found.append(Finding("TOKEN_USAGE", subject, ", ".join(signer.usages)))
    # 6. given while that certificate was valid
    if not signer.begins <= token.at <= signer.ends:
        found.append(Finding("TOKEN_OUTSIDE_CERTIFICATE", subject, f"{signer.begins} {token.at} {signer.ends}"))
    # 7. a path to an anchor, valid at the token's time
    judged = judge_path(
        signer, (*token.signed.certificates, *pool), trust.anchors, token.at, subject, usage="timeStamping"
    )
    # 8. what has ended since should have been renewed before
    ends = [(one.ends, one.name) for one in judged.path if one.der not in trust.anchors or one is signer]
    if not judged.findings and ends and at > min(ends)[0]:
        found.append(Finding("TOKEN_RENEWAL_OVERDUE", subject, f"{min(ends)[1]}: {min(ends)[0]} < {at}"))
    return found + judged.findings


# --- 8. seals: attached CAdES signatures (EN 319 122-1) -----------------------------------------------------------------------


class Seal(NamedTuple):
    """`signed` is None for what cannot be read; `anchor` is the end of its certificate's path, if it has one."""

    findings: Findings
    signed: Signed | None
    token: Token | None
    anchor: Certificate | None = None

    @property
    def signer(self) -> Certificate | None:
        return self.signed.signer if self.signed else None


def judge_seal(octets: bytes, trust: Trust, since: datetime | None, subject: str) -> Seal:
    """Judged at its timestamp's time when that is proven, else at the first time that evidence proves, else now."""
    found: Findings = []
    token = anchor = None
    try:
        signed = read_signed(octets)
        if signed.tokens:  # the signature timestamp stamps the signature's value (5.3)
            token = read_token(signed.tokens[0], signed.certificates)
            stamped = digest(token.algorithm, signed.signature)
            found = judge_token(token, trust, token.algorithm, stamped, since or trust.at, subject, signed.certificates)
        else:
            found.append(Finding("SEAL_WITHOUT_TIMESTAMP", subject))
        at = token.at if token and indication(found) == "PASSED" else since or trust.at
        if signed.content is None:
            found.append(Finding("SEAL_DETACHED", subject))
        reference = _references(signed.values)
        if reference and reference[3] != 2:
            found.append(Finding("SEAL_REFERENCE_VERSION", subject))
        found += faults(signed, DATA, subject)
    except UNREADABLE as error:
        return Seal([Finding("SEAL_UNREADABLE", subject, str(error))], None, None)
    for name, bits in signed.algorithms:
        found += spent(name, bits, at, subject)
    if signed.signer is not None:
        way = judge_path(signed.signer, signed.certificates, trust.anchors, at, subject)
        found += way.findings
        anchor = way.path[-1] if way.path and not way.findings else None
        usage = signed.signer.extension(ExtensionOID.KEY_USAGE)
        if usage is not None and not (usage.digital_signature or usage.content_commitment):
            found.append(Finding("SEAL_KEY_USAGE", subject))
    return Seal(list(dict.fromkeys(found)), signed, token, anchor)


# --- 9. evidence records (RFC 4998) -------------------------------------------------------------------------------------------


class Stamp(NamedTuple):
    """One ArchiveTimeStamp: `lists` of its reduced hash tree, `head` before its token, `octets` the whole of it."""

    algorithm: str
    lists: tuple[tuple[bytes, ...], ...]
    head: bytes
    token: bytes
    octets: bytes


class Record(NamedTuple):
    """`earlier` has for each chain the ArchiveTimeStampSequence before that chain came, which its first tree covers."""

    announced: bytes
    algorithms: tuple[str, ...]
    infos: bytes
    chains: tuple[tuple[Stamp, ...], ...]
    earlier: tuple[bytes, ...]


@lru_cache(maxsize=512)
def read_record(octets: bytes) -> Record:
    """An EvidenceRecord in DER (3.1); the tokens in it may be BER. Raises Bad and kin."""
    outer = only(octets, der=True)
    version, announced, *rest = inside(outer, INTEGER, SEQUENCE, der=True)
    sequence = rest.pop()
    if outer.tag != SEQUENCE or version.content != b"\x01" or sequence.tag != SEQUENCE:
        raise Bad("EvidenceRecord")
    if [item.tag for item in rest] not in ([], [0xA0], [0xA1], [0xA0, 0xA1]):
        raise Bad("cryptoInfos, encryptionInfo")
    algorithms = tuple(_plain_digest(item) for item in announced.items(der=True))
    chains = tuple(tuple(_stamp(stamp) for stamp in inside(chain, der=True)) for chain in sequence.items(der=True))
    if not chains or not all(chains):
        raise Bad("archiveTimeStampSequence: an empty chain")
    earlier, held = [b""], b""
    for one in chains[:-1]:
        held += wrap(SEQUENCE, b"".join(stamp.octets for stamp in one))
        earlier.append(wrap(SEQUENCE, held))
    return Record(announced.content, algorithms, b"".join(item.whole for item in rest), chains, tuple(earlier))


def _stamp(item: Item) -> Stamp:
    """ArchiveTimeStamp (4.1), its tags IMPLICIT: digestAlgorithm [0], attributes [1], reducedHashtree [2], timeStamp."""
    algorithm, lists, at = "", [], item.body
    while at < item.end and item.data[at] in (0xA0, 0xA1, 0xA2):
        field = value(item.data, at, item.end, der=True)
        at = field.after
        if field.tag == 0xA0:
            algorithm = _plain_digest(only(b"\x30" + field.whole[1:], der=True))
        elif field.tag == 0xA2:
            for part in field.items(der=True):
                leaves = part.items(der=True)
                if part.tag != SEQUENCE or not leaves or {leaf.tag for leaf in leaves} != {OCTETS}:
                    raise Bad("reducedHashtree")
                lists.append(tuple(leaf.content for leaf in leaves))
    if item.tag != SEQUENCE or len({len(one) for part in lists for one in part}) > 1:
        raise Bad("ArchiveTimeStamp")
    return Stamp(algorithm, tuple(lists), item.data[item.body : at], item.data[at : item.end], item.whole)


def _plain_digest(identifier: Item) -> str:
    """Its parameters are absent or NULL (RFC 5754, 2)."""
    if identifier.tag != SEQUENCE or [part.whole for part in identifier.items()[1:]] not in ([], [b"\x05\0"]):
        raise Bad("AlgorithmIdentifier")
    return digest_name(identifier)


def root(lists: Sequence[tuple[bytes, ...]], algorithm: str) -> bytes:
    """Up the tree (4.3, 3): each list sorted with the value from the one before, duplicates kept; a lone digest as it is."""
    held: tuple[bytes, ...] = ()
    for part in lists:
        together = sorted((*held, *part))
        held = (together[0] if len(together) == 1 else digest(algorithm, b"".join(together)),)
    return held[0]


class Examined(NamedTuple):
    """A record without its files: what is wrong with it, and for each chain its algorithm, its first list, what it renewed."""

    findings: Findings
    links: tuple[tuple[str, tuple[bytes, ...], bytes], ...]
    tokens: tuple[Token, ...]

    @property
    def since(self) -> datetime | None:
        return self.tokens[0].at if self.tokens and indication(self.findings) == "PASSED" else None


def examine(octets: bytes, trust: Trust, subject: str) -> Examined:
    """Every ArchiveTimeStamp in order of time (5.3): each is judged at the time of the next, the last one now."""
    try:
        record = read_record(octets)
        held = [
            (chain, number, stamp, read_token(stamp.token))
            for chain, stamps in enumerate(record.chains, 1)
            for number, stamp in enumerate(stamps, 1)
        ]
        untils = [*(token.at for _, _, _, token in held[1:]), trust.at]
        found: Findings = []
        links, before = [], None
        for (chain, number, stamp, token), until in zip(held, untils):
            algorithm = stamp.algorithm or token.algorithm
            lists = stamp.lists or ((token.imprint,),)  # without a tree the object itself was stamped (4.2, 7)
            named = subject if len(held) == 1 else f"{subject} (ArchiveTimeStamp {chain}.{number})"
            if algorithm not in record.algorithms:  # 3.1
                found.append(Finding("EVIDENCE_ALGORITHM", named, algorithm))
            if before is not None:
                if token.at < before[1].at:  # 5.1: in ascending order of time
                    found.append(Finding("EVIDENCE_ORDER", named, f"{before[1].at} > {token.at}"))
                if number > 1 and algorithm != before[0]:  # 5.3, 2: one algorithm in a chain
                    found.append(Finding("EVIDENCE_CHAIN_ALGORITHM", named, f"{before[0]} / {algorithm}"))
                if number > 1 and digest(algorithm, before[1].octets) not in lists[0]:  # 5.3, 2: over the one before
                    found.append(Finding("EVIDENCE_LINK", named))
            if number == 1:
                links.append((algorithm, lists[0], record.earlier[chain - 1]))
            found += judge_token(token, trust, algorithm, root(lists, algorithm), until, named)
            found += [Finding(code, named, detail) for code, detail in token.signed.form]
            before = algorithm, token
        return Examined(list(dict.fromkeys(found)), tuple(links), tuple(token for *_, token in held))
    except UNREADABLE as error:
        return Examined([Finding("EVIDENCE_UNREADABLE", subject, str(error))], (), ())


def covers(examined: Examined, members: dict[str, bytes], subject: str, partial: bool) -> Findings:
    """Whether each file shown is in the first list of every chain (4.3, 2; 5.3, 1 and 3); `partial`: others may be left out."""
    found: Findings = []
    if examined.links and not members:
        return [Finding("EVIDENCE_NOTHING_SHOWN", subject)]
    lost: set[str] = set()
    for number, (algorithm, listed, earlier) in enumerate(examined.links, 1):
        there, before, covered = set(listed), digest(algorithm, earlier) if earlier else b"", set()
        for name, octets in members.items():
            leaf = digest(algorithm, octets)
            # a hash-tree renewal stamps H(h || ha), not sorted (5.2, step 4)
            leaf = digest(algorithm, leaf + before) if earlier else leaf
            if leaf in there:
                covered.add(leaf)
            elif name not in lost:
                lost.add(name)
                found.append(Finding("EVIDENCE_MEMBER", subject, name))
        if len(covered) < len(there) and not partial:
            found.append(Finding("EVIDENCE_UNLISTED", subject, f"{len(covered)}/{len(there)}"))
        elif number == 1 and 0 < len(covered) < len(there):
            found.append(Finding("GROUP_PARTIAL", subject, f"{len(covered)}/{len(there)}"))
    return found


def continues(older: bytes, newer: bytes) -> str:
    """What of the older record is gone or changed in the newer one (5.2); only certificates, CRLs and OCSP answers may
    have been added to its newest token (RFC 6283, 4.2). Empty: nothing."""
    try:
        was, now = read_record(older), read_record(newer)
        if not now.announced.startswith(was.announced) or was.infos != now.infos:
            return "digestAlgorithms, cryptoInfos"
        last = len(was.chains)
        for number, chain in enumerate(was.chains, 1):
            grown = now.chains[number - 1] if number <= len(now.chains) else ()
            if len(grown) < len(chain) or (number < last and len(grown) > len(chain)):
                return f"chain {number}"
            for place, (before, after) in enumerate(zip(chain, grown), 1):
                completed = (number, place) == (last, len(chain)) and _completed(before, after)
                if before.octets != after.octets and not completed:
                    return f"ArchiveTimeStamp {number}.{place}"
    except UNREADABLE as error:
        return str(error) or "?"
    return ""


def _completed(before: Stamp, after: Stamp) -> bool:
    """Whether only the bag of the token has grown, which its signature does not cover."""
    was, now = _bag(before.token), _bag(after.token)
    form = {code for code, _ in read_token(after.token).signed.form}
    return before.head == after.head and was[0] == now[0] and was[1] <= now[1] and "EVIDENCE_TOKEN_FORM" not in form


def _bag(token: bytes) -> tuple[list[bytes], set[bytes]]:
    kind, holder = only(token, der=True).items(der=True)
    fields = holder.items(der=True)[0].items(der=True)
    fixed = [kind.whole, *(item.whole for item in fields[1:] if item.tag not in (0xA0, 0xA1))]
    return fixed, {part.whole for item in fields if item.tag in (0xA0, 0xA1) for part in item.items(der=True)}


class Evidence(NamedTuple):
    """`since`: the first time that a record which holds proves its files to exist; `standing`: if only they fit."""

    findings: Findings
    since: datetime | None
    standing: datetime | None


RECORD = re.compile(r"(?P<tsa>[a-z0-9][a-z0-9-]{0,39})[/.](?P<number>[0-9]{6})\.ers")


def evidence(
    tree: Tree, names: Sequence[str], members: dict[str, bytes], trust: Trust, partial: bool = False
) -> Evidence:
    """The records of one group of files, by authority; two authorities are two proofs, and one of them is enough."""
    lineages: dict[str, list[str]] = {}
    for name in sorted(names):
        read = RECORD.search(name)
        if read:
            lineages.setdefault(read["tsa"], []).append(name)
    said: list[tuple[Findings, Examined, str]] = []
    seen: set[bytes] = set()
    for tsa in sorted(lineages):
        said.append(_lineage(tree, lineages[tsa], members, trust, seen, partial))
    holds = [item for item in said if indication(item[0]) == "PASSED"]
    found: Findings = []
    for item in said:
        if item in holds or not holds:
            found += item[0]
        else:
            found += [one for one in item[0] if one.severity == ERROR and one.code in ALTERED]
            found.append(Finding("EVIDENCE_FELL", item[2], "; ".join(dict.fromkeys(one.code for one in item[0]))))
    since = [[item[1].since for item in some if item[1].since] for some in (holds, said)]
    return Evidence(found, min(since[0], default=None), min(since[1], default=None))


def _lineage(
    tree: Tree, names: list[str], members: dict[str, bytes], trust: Trust, seen: set[bytes], partial: bool
) -> tuple[Findings, Examined, str]:
    """One authority's records: the newest decides, the older ones must be there and be its beginning (5.2)."""
    octets = [tree.read(name) for name in names]
    place, newest = len(names) - 1, examine(octets[-1], trust, names[-1])
    found: Findings = []
    while place and newest.tokens and newest.tokens[-1].at > trust.at + CLOCKS:  # as of a day before the last renewals
        # a time that nobody signed is no later day: what is altered stays said
        found += [one for one in newest.findings if one.code in ALTERED or one.code == "CMS_SIGNER_ABSENT"]
        place -= 1
        newest = examine(octets[place], trust, names[place])
    for number in range(1, len(names) + 1):
        expected = re.sub(r"[0-9]{6}\.ers$", f"{number:06}.ers", names[0])
        if expected not in names:
            found.append(Finding("MISSING", expected))
    for name, older, newer in zip(names[1:], octets, octets[1:]):
        broken = continues(older, newer)
        if broken:
            found.append(Finding("EVIDENCE_NOT_CONTINUED", name, broken))
    if any(token.signed.signer is None for token in newest.tokens):
        found.append(Finding("EVIDENCE_CERTIFICATE", names[place]))
    if newest.tokens:
        if newest.tokens[0].signed.signature in seen:  # one token is one proof, whatever folders it lies in
            found.append(Finding("EVIDENCE_COPIED", names[place]))
        seen.add(newest.tokens[0].signed.signature)
    return found + newest.findings + covers(newest, members, names[place], partial), newest, names[place]


# --- 10. lists: BagIt (RFC 8493), sealed indexes (UNI 11386:2020) ------------------------------------------------------------

SINCRO = "{http://www.uni.com/U3011/sincro-v2/}"
LINE = re.compile(r"([0-9a-f]+) [ *](\S.*)")


def bagit(tree: Tree) -> Findings:
    """Every file against its manifests in both directions (3): the payload data/**, and all else by the tag manifests."""
    found: Findings = []
    declared = tree.read("bagit.txt") if tree.has("bagit.txt") else b""
    if declared.split() != [b"BagIt-Version:", b"1.0", b"Tag-File-Character-Encoding:", b"UTF-8"]:
        found.append(Finding("EXHIBIT_MANIFEST", "bagit.txt"))
    payload = [name for name in tree.names if name.startswith("data/")]
    tags = [name for name in tree.names if not name.startswith(("data/", "tagmanifest-"))]
    for prefix, names in (("manifest", payload), ("tagmanifest", tags)):
        for algorithm in ("sha256", "sha512"):
            found += _manifest(tree, f"{prefix}-{algorithm}.txt", algorithm, names)
    stated = re.search(
        rb"(?m)^Payload-Oxum: ([0-9]+)\.([0-9]+)\r?$", tree.read("bag-info.txt") if tree.has("bag-info.txt") else b""
    )
    counted = sum(tree.size(name) for name in payload), len(payload)
    if stated and (int(stated[1]), int(stated[2])) != counted:
        found.append(Finding("EXHIBIT_OXUM", "bag-info.txt", f"{counted[0]}.{counted[1]}"))
    return list(dict.fromkeys(found))


def _manifest(tree: Tree, name: str, algorithm: str, names: list[str]) -> Findings:
    listed: dict[str, str] = {}
    try:
        for line in tree.read(name).decode("utf-8").splitlines():
            read = LINE.fullmatch(line)
            if not read or read[2] in listed or len(read[1]) != {"sha256": 64, "sha512": 128}[algorithm]:
                raise Bad(line[:80])
            listed[read[2]] = read[1]
    except UNREADABLE as error:
        return [Finding("EXHIBIT_MANIFEST", name, str(error))]
    return _against(tree, listed, names, name, algorithm)


def _against(tree: Tree, listed: dict[str, str], names: list[str], by: str, algorithm: str = "sha256") -> Findings:
    """A list of digests and the files that it should list, in both directions."""
    found = [Finding("EXHIBIT_MISSING", path, by) for path in listed if path not in names]
    found += [Finding("EXHIBIT_UNLISTED", path, by) for path in names if path not in listed]
    for path in names:
        if path in listed and tree.sum(path, algorithm) != listed[path]:
            found.append(Finding("EXHIBIT_DIGEST", path, by))
    return found


class Index(NamedTuple):
    """A PIndex: the ids of its volume and of the group, the files by path, what is embedded, the indexes it came from.

    `metadata` are path and digest of the document about a message, by the message's path; `kinds` kind and size of a
    message by its digest.
    """

    id: str
    group: str
    files: dict[str, str]
    metadata: dict[str, tuple[str, str]]
    kinds: dict[str, tuple[str, int]]
    sources: dict[str, str]
    stamped: bool


def read_xml(octets: bytes) -> ElementTree.Element:
    """UTF-8, without a DTD: no entity is ever expanded. Raises Bad and kin."""
    if b"<!DOCTYPE" in octets or b"<!ENTITY" in octets:
        raise Bad("DOCTYPE")
    octets.decode("utf-8")
    try:
        return ElementTree.fromstring(octets, ElementTree.XMLParser(encoding="utf-8"))
    except ElementTree.ParseError as error:
        raise Bad(str(error)) from error


def read_index(octets: bytes, kind: str) -> Index:
    """That of a `volume` or a `pdd`. Raises Bad and kin."""
    top = read_xml(octets)
    if top.tag != f"{SINCRO}PIndex":
        raise Bad(top.tag)
    files: dict[str, str] = {}
    metadata: dict[str, tuple[str, str]] = {}
    kinds: dict[str, tuple[str, int]] = {}
    sources = dict(_file(one) for one in top.iterfind(f"{SINCRO}SelfDescription/{SINCRO}PIndexSource"))
    for file in top.iterfind(f"{SINCRO}FileGroup/{SINCRO}File"):
        path, hashed = _file(file)
        if path in files:
            raise Bad(f"{path} twice")
        files[path] = hashed
        more = file.find(f"{SINCRO}MoreInfo/{SINCRO}ExternalMetadata")
        if more is not None:
            metadata[path] = _file(more)
            facts = more.find(f"{SINCRO}MoreInfo/{SINCRO}EmbeddedMetadata/*")
            if facts is None:
                raise Bad(f"{path}: EmbeddedMetadata")
            kinds[hashed] = facts.get("tipo", ""), int(facts.get("dimensione", "-1"))
    stated_kind, _, identity = (top.findtext(f"{SINCRO}PVolume/{SINCRO}ID") or "").rpartition(":")
    if stated_kind != f"urn:pec-archiver:{kind}":
        raise Bad(f"PVolume/ID {stated_kind}")
    group = (top.findtext(f"{SINCRO}PVolume/{SINCRO}PVolumeGroup/{SINCRO}ID") or "").rpartition(":")[2]
    own = (top.findtext(f"{SINCRO}SelfDescription/{SINCRO}ID") or "").split(":")
    info = top.find(f"{SINCRO}Process/{SINCRO}TimeReference/{SINCRO}TimeInfo")
    stated = None if info is None else info.get(f"{SINCRO}attachedTimeStamp")
    if not files or not group or identity not in own or stated not in ("true", "false"):
        raise Bad("ID, FileGroup, TimeInfo")
    return Index(identity, group, files, metadata, kinds, sources, stated == "true")


def _file(element: ElementTree.Element) -> tuple[str, str]:
    path, hashed = element.findtext(f"{SINCRO}Path") or "", element.find(f"{SINCRO}Hash")
    if hashed is None or hashed.get(f"{SINCRO}hashFunction") != "SHA-256":
        raise Bad(f"{path}: Hash")
    value_ = hashed.text or ""
    if not re.fullmatch("[0-9a-f]{64}", value_) or not path or ".." in path.split("/"):
        raise Bad(f"{path}: {value_[:80]}")
    return path, value_


# --- 11. volumes ----------------------------------------------------------------------------------------------------------------


class Shown(NamedTuple):
    """What a volume shows: since when it is proven, and each message with the time that its content is judged at."""

    findings: Findings
    since: datetime | None
    messages: dict[str, datetime]
    seal: Seal | None
    trust: Trust


def judge_volume(tree: Tree, identity: str, holder: str, trust: Trust) -> Shown:
    """One sealed volume, or the part of it that is shown: index, files, evidence, seal."""
    base = f"data/volumes/{identity}/"
    place = f"{base}PIndex.xml.p7m"
    if not tree.has(place):
        return Shown([Finding("MISSING", place)], None, {}, None, trust)
    p7m = tree.read(place)
    try:
        index = read_index(read_signed(p7m).content or b"", "volume")
    except UNREADABLE as error:
        seal = judge_seal(p7m, trust, None, place)
        return Shown([Finding("INDEX_UNREADABLE", place, str(error)), *seal.findings], None, {}, seal, trust)
    found: Findings = []
    if index.id != identity:
        found.append(Finding("INDEX_ELSEWHERE", place, f"{identity} / {index.id}"))
    # 1. what is shown is what the index lists (UNI 11386:2020); all of its trust material is shown
    members = {place: p7m, **_listed(tree, base, index, found)}
    messages = tree.below(f"{base}messages/")
    for name in messages:
        octets = members[name] = tree.read(name)
        stated = name.rpartition("/")[2][:-4]
        if hashlib.sha256(octets).hexdigest() != stated:
            found.append(Finding("DIGEST", name, stated))
        if index.files.get(f"messages/{stated}.eml") != stated:
            found.append(Finding("UNLISTED", name))
    found += _metadata(tree, base, index, messages, members)
    if not trust.anchors:  # nobody brought any: the CAs among the volume's own trust material
        carried = [
            octets for name, octets in members.items() if name.startswith(f"{base}trust/") and name.endswith(".cer")
        ]
        anchors, said = package_anchors({name: members[name] for name in members if members[name] in carried})
        trust = trust._replace(anchors=anchors, providers=anchors)
        found += said
    # 2. the evidence over all that is shown, in every chain of every authority (RFC 4998)
    records = [name for name in tree.below(f"{base}evidence/") if RECORD.search(name)]
    if not records:
        found.append(Finding("EVIDENCE_ABSENT", f"{base}evidence/"))
    proof = evidence(tree, records, members, trust, partial=True)
    found += proof.findings
    # 3. the rapporti di versamento, when the exhibit has them; without, contents are judged as of the volume's evidence
    proven = _rapporti(tree, base, index, holder, proof.standing, trust, messages, found)
    if records and not proven:
        proven = dict.fromkeys(messages, proof.standing or trust.at)
    # 4. the seal, as of the first time that it is proven to have been there (EN 319 102-1, 5.6)
    seal = judge_seal(p7m, trust, proof.since, place)
    found += seal.findings
    if index.stamped and seal.signed is not None and seal.token is None:
        found.append(Finding("SEAL_STRIPPED", place))
    for name in (*tree.below(f"{base}trust/"), *tree.below(f"{base}pdv/")):
        if not name.endswith(".ers") and name[len(base) :] not in index.files:
            found.append(Finding("UNLISTED", name))
    # 5. what was destroyed with leave (AgID guidelines, 4.11)
    found += _discards(tree, base, holder, trust)
    return Shown(found, proof.since, proven or dict.fromkeys(messages, trust.at), seal, trust)


def _listed(tree: Tree, base: str, index: Index, found: Findings) -> dict[str, bytes]:
    """Trust material, which must be there, and rapporti with their records, which may; compared with the index."""
    members = {}
    for path, stated in index.files.items():
        name = base + path
        if not path.startswith(("trust/", "pdv/")) or not (tree.has(name) or path.startswith("trust/")):
            continue
        if not tree.has(name):
            found.append(Finding("MISSING", name))
            continue
        octets = members[name] = tree.read(name)
        if hashlib.sha256(octets).hexdigest() != stated:
            found.append(Finding("DIGEST", name, stated))
    return members


def _metadata(tree: Tree, base: str, index: Index, messages: Sequence[str], members: dict[str, bytes]) -> Findings:
    """One document about each message (AgID Allegato 5): it is there, it is the listed one, and about this message."""
    about = {f"{base}{path}": (index.files[message], stated) for message, (path, stated) in index.metadata.items()}
    found: Findings = []
    for name in tree.below(f"{base}metadata/"):
        octets = members[name] = tree.read(name)
        if name not in about:
            found.append(Finding("UNLISTED", name))
            continue
        message, expected = about[name]
        if hashlib.sha256(octets).hexdigest() != expected:
            found.append(Finding("DIGEST", name, expected))
        try:
            imprint = read_xml(octets).find("IdDoc/ImprontaCrittograficaDelDocumento/Impronta")
            stated = base64.b64decode((imprint.text if imprint is not None else None) or "", validate=True).hex()
            if len(stated) != 64:
                raise Bad(stated)
        except UNREADABLE as error:
            found.append(Finding("METADATA_UNREADABLE", name, str(error)))
            continue
        if stated != message:
            found.append(Finding("METADATA_ELSEWHERE", name, stated))
    for name in messages:
        document = name.replace("/messages/", "/metadata/")[:-4] + ".xml"
        if document in about and not tree.has(document):
            found.append(Finding("MISSING", document))
    return found


def _rapporti(
    tree: Tree,
    base: str,
    index: Index,
    holder: str,
    covered: datetime | None,
    trust: Trust,
    messages: Sequence[str],
    found: Findings,
) -> dict[str, datetime]:
    """What the rapporti that are here say of the messages, and their own evidence; since when each message is proven."""
    shown = [base + path for path in index.files if path.startswith("pdv/") and not path.endswith(".ers")]
    read = [judge_rapporto(tree, name, holder, trust, covered, index, base) for name in shown if tree.has(name)]
    for rapporto in read:
        found += rapporto.findings
        records = tree.below(re.sub(r"\.xml(\.p7m)?$", ".", rapporto.name))
        if covered and not any(name.endswith(".000001.ers") for name in records):
            found.append(Finding("MISSING", rapporto.name.partition(".")[0] + ".*.000001.ers"))
    proven: dict[str, datetime] = {}
    for name in messages if read else ():
        octets, stated = tree.read(name), name.rpartition("/")[2][:-4]
        rapporto_ = next((one for one in reversed(read) if stated in one.accepted), None)
        if rapporto_ is None:
            found.append(Finding("RDV_SILENT", name))
            continue
        sha512, size, kind = rapporto_.accepted[stated]
        if (sha512, size) != (hashlib.sha512(octets).hexdigest(), len(octets)):
            found.append(Finding("RDV_DIFFERS", name, sha512))
        if stated in index.kinds and index.kinds[stated] != (kind, size):
            found.append(Finding("INDEX_DIFFERS", name, f"{kind} {size} / {index.kinds[stated]}"))
        proven[name] = rapporto_.since or rapporto_.at or trust.at
    return proven


class Rapporto(NamedTuple):
    """SHA-512, size and kind of the messages that it accepted, by SHA-256; what it says of itself; since when proven."""

    name: str
    accepted: dict[str, tuple[str, int, str]]
    at: datetime | None
    since: datetime | None
    findings: Findings


def judge_rapporto(
    tree: Tree, name: str, holder: str, trust: Trust, covered: datetime | None, index: Index | None, base: str
) -> Rapporto:
    """One rapporto with its own evidence; `covered`: since when a volume proves it."""
    octets, found = tree.read(name), []
    accepted: dict[str, tuple[str, int, str]] = {}
    at = None
    try:
        top = read_xml((read_signed(octets).content or b"") if name.endswith(".p7m") else octets)
        space = top.tag.partition("}")[0] + "}"
        if not top.tag.endswith("}RapportoDiVersamento"):
            raise Bad(top.tag)
        at = instant(top.findtext(f"{space}Istante") or "")
        for item in top.iter(f"{space}Oggetto"):
            if item.get("esito") == "accettato" and item.get("sha256"):
                facts = item.get("sha512", ""), int(item.get("dimensione", "-1")), item.get("tipo", "")
                accepted[item.get("sha256", "")] = facts
        imprint = top.find(f"{space}ImprontaPdV")  # the digests of a list of what was accepted, as sha256sum writes it
        for algorithm, place in (("sha256", None), ("sha512", 0)):
            lines = (f"{one if place is None else facts_[0]}  messages/{one}.eml\n" for one, facts_ in accepted.items())
            if imprint is None or imprint.get(algorithm) != digest(algorithm, "".join(lines).encode()).hex():
                raise Bad("ImprontaPdV")
        owner = top.find(f"{space}Titolare")
        identity = top.findtext(f"{space}Identificativo"), None if owner is None else owner.get("id")
        if identity != (name.rpartition("/")[2].partition(".")[0], holder):
            found.append(Finding("RDV_ELSEWHERE", name, str(identity)))
    except UNREADABLE as error:
        found.append(Finding("RDV_UNREADABLE", name, str(error)))
        accepted = {}
    stem = re.sub(r"\.xml(\.p7m)?$", ".", name)
    records = [item for item in tree.below(stem) if item.endswith(".ers")]
    carried = index is not None and records and all(item[len(base) :] in index.files for item in records)
    proof = evidence(tree, records, {name: octets}, trust._replace(at=covered) if carried and covered else trust)
    since = proof.since
    if covered and not since and indication(proof.findings) != "FAILED":
        since = covered
        doubts = [item.code for item in proof.findings if item.severity == DOUBT]
        found += [Finding("RDV_RECORD_SUPERSEDED", name, "; ".join(doubts))] if doubts else proof.findings
    elif not records and not covered:
        found.append(Finding("RDV_NOT_COVERED", name))
    else:
        found += proof.findings
    if name.endswith(".p7m"):
        for item_ in judge_seal(octets, trust, since, name).findings:
            late = (
                item_.code == "CERTIFICATE_EXPIRED"
            )  # nothing rests on this signature: chain and evidence prove the rest
            if item_.code != "SEAL_WITHOUT_TIMESTAMP":
                found.append(Finding("RDV_SEAL_LATE", name) if late else item_)
    return Rapporto(name, accepted, at, since, found)


def _discards(tree: Tree, base: str, holder: str, trust: Trust) -> Findings:
    """Records of destructions: sealed or not, each with its own evidence."""
    found: Findings = []
    for name in tree.below(f"{base}discards/"):
        if name.endswith(".ers"):
            continue
        parts = name[len(base) :].split("/")
        if len(parts) != 3 or parts[2] not in ("discard.xml", "discard.xml.p7m"):
            continue
        octets, sealed = tree.read(name), name.endswith(".p7m")
        records = [item for item in tree.below(f"{base}discards/{parts[1]}/discard.") if item.endswith(".ers")]
        proof = evidence(tree, records, {name: octets}, trust)
        said = proof.findings + (judge_seal(octets, trust, proof.since, name).findings if sealed else [])
        found += said
        if indication(said) == "FAILED":
            continue
        try:
            top = read_xml((read_signed(octets).content or b"") if sealed else octets)
            space = top.tag.partition("}")[0] + "}"
            if not top.tag.endswith("}Scarto"):
                raise Bad(top.tag)
            owner = top.find(f"{space}Titolare")
            if (top.findtext(f"{space}Identificativo"), owner is not None and owner.get("id")) != (parts[1], holder):
                found.append(Finding("DISCARD_ELSEWHERE", name))
            elif not sealed:
                whole = top.find(f"{space}Volume") is not None
                found.append(Finding("DISCARD_UNSEALED_ONLY" if whole else "DISCARD_UNSEALED", name))
        except UNREADABLE as error:
            found.append(Finding("DISCARD_UNREADABLE", name, str(error)))
    return found


# --- 12. contents: the PEC provider's own signature of each message (RFC 6109, 3.1 and 4.5; RFC 8551, 3.5.3) -------------------

RECEIPTS = frozenset(
    [
        "accettazione",
        "non-accettazione",
        "presa-in-carico",
        "avvenuta-consegna",
        "errore-consegna",
        "preavviso-errore-consegna",
        "rilevazione-virus",
    ]
)
TRANSPORT = frozenset(("posta-certificata", "errore"))
PARAMETER = re.compile(r""";\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))""", re.DOTALL)


class Entity(NamedTuple):
    """A MIME entity: its header fields by lower-case name, and where it and its body lie."""

    fields: dict[str, str]
    start: int
    body: int
    end: int

    @property
    def media(self) -> str:
        return self.fields.get("content-type", "").partition(";")[0].strip().lower() or "text/plain"

    def parameter(self, name: str, field: str = "content-type") -> str:
        for key, quoted, bare in PARAMETER.findall(self.fields.get(field, "")):
            if key.lower() == name:
                return re.sub(r"\\(.)", r"\1", quoted) if quoted else bare.strip()
        return ""

    @property
    def name(self) -> str:
        return (self.parameter("filename", "content-disposition") or self.parameter("name")).lower()


def entity(raw: bytes, start: int, end: int) -> Entity:
    blank = re.compile(rb"\r?\n\r?\n").search(raw, start, end)
    head, body = (raw[start : blank.start()], blank.end()) if blank else (raw[start:end], end)
    if raw.startswith((b"\n", b"\r\n"), start, end):
        head, body = b"", raw.index(b"\n", start) + 1
    fields: dict[str, str] = {}
    for line in re.sub(rb"\r?\n[ \t]", b" ", head).splitlines():
        name, colon, text = line.partition(b":")
        if colon and not re.search(rb"\s", name.rstrip()):
            fields.setdefault(name.strip().lower().decode("latin-1"), text.decode("utf-8", "replace").strip())
    return Entity(fields, start, body, end)


def parts(raw: bytes, whole: Entity) -> list[Entity]:
    """The parts of a multipart; the line end before a boundary belongs to the boundary (RFC 2046, 5.1.1)."""
    boundary = whole.parameter("boundary").rstrip().encode("utf-8", "replace")
    if not whole.media.startswith("multipart/") or not boundary:
        return []
    found, opened = [], None
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*\r?$", re.MULTILINE)
    for mark in line.finditer(raw, whole.body, whole.end):
        if opened is not None:
            stop = mark.start() - (2 if raw[mark.start() - 2 : mark.start()] == b"\r\n" else 1)
            found.append(entity(raw, opened, max(opened, stop)))
        opened = None if mark[1] else min(mark.end() + 1, whole.end)
        if mark[1]:
            break
    return found if opened is None else [*found, entity(raw, opened, whole.end)]


def decoded(raw: bytes, part: Entity) -> bytes:
    body = raw[part.body : part.end]
    if part.fields.get("content-transfer-encoding", "").lower() == "base64":
        text = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        return base64.b64decode(text + b"=" * (-len(text) % 4))
    return body


def is_rem(raw: bytes, part: Entity) -> bool:
    """Whether a part speaks of registered mail by its header, or is an evidence (EN 319 522-3, TS 102 640)."""
    if any(name.startswith(("rem-", "x-rem-")) for name in part.fields):
        return True
    if part.media not in ("application/xml", "text/xml") or part.end - part.body > 1 << 20:
        return False
    quoted = part.fields.get("content-transfer-encoding", "").lower() == "quoted-printable"
    try:
        octets = binascii.a2b_qp(raw[part.body : part.end]) if quoted else decoded(raw, part)
    except ValueError:
        return False
    return b"http://uri.etsi.org/19522/" in octets or b"http://uri.etsi.org/02640/" in octets


def content_of(raw: bytes, trust: Trust, proof: datetime) -> str:
    """PASSED, INDETERMINATE, FAILED, or UNSIGNED where no provider speaks; judged at the first proof of existence."""
    whole = entity(raw, 0, len(raw))
    found = parts(raw, whole) if whole.media == "multipart/signed" else []
    protocol = found[1].media if len(found) > 1 else whole.parameter("protocol").lower()
    if not found or not re.fullmatch(r"application/(x-)?pkcs7-signature", protocol):
        return "UNSIGNED"
    receipt, transport = (whole.fields.get(name, "").lower() for name in ("x-ricevuta", "x-trasporto"))
    rem = any(name.startswith(("rem-", "x-rem-")) for name in whole.fields)
    stated = receipt in RECEIPTS if receipt else transport in TRANSPORT if transport else rem
    level = parts(raw, found[0]) or [found[0]]
    claims = next((part for part in level if part.name in ("daticert.xml", "certdata.xml")), None)
    # a REM message need not say so in its own headers; beside daticert.xml no evidence is looked for
    stated = stated or any(is_rem(raw, part if claims is None else part._replace(body=part.end)) for part in level)
    if not stated and claims is None:
        return "UNSIGNED"
    try:
        signed = read_signed(decoded(raw, found[1]), mail=True) if len(found) > 1 else None
    except UNREADABLE:
        signed = None
    if signed is None:
        return "FAILED" if stated else "UNSIGNED"
    signer = signed.signer
    integrity = _integrity(raw, found[0], signed)
    if signer is None:
        return "FAILED" if integrity == "FAILED" else "INDETERMINATE"
    origin = judge_path(
        signer, signed.certificates, trust.providers, signer.ends, "", usage="digitalSignature"
    ).findings
    if not stated and (integrity != "PASSED" or origin):
        return "UNSIGNED"  # what merely looks like a PEC is ordinary mail
    usable = signer.begins <= proof <= signer.ends  # time: EN 319 102-1, 5.2.6
    weak = {signed.digest, signed.made_with} & {"md5", "sha1"}
    short = isinstance(signer.key, rsa.RSAPublicKey) and signer.key.key_size < 2048
    doubts = [item for name, bits in signed.algorithms for item in spent(name, bits, proof, "")]
    if integrity == "FAILED":
        return "FAILED"
    return "PASSED" if integrity == "PASSED" and not (origin or weak or short or doubts) and usable else "INDETERMINATE"


def _integrity(raw: bytes, part: Entity, signed: Signed) -> str:
    """The digest over the octets as they came, else with CRLF line ends, then the signature over the attributes."""
    stated = signed.values.get(MESSAGE_DIGEST)
    if not stated or signed.digest not in DIGESTS.values():
        return "INDETERMINATE"
    exact = raw[part.start : part.end]
    repaired = exact.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if stated[0].string() not in (digest(signed.digest, exact), digest(signed.digest, repaired)):
        return "FAILED"
    holds = None if signed.signer is None else signature_holds(signed, signed.signer.key)
    return "INDETERMINATE" if holds is None else "PASSED" if holds else "FAILED"


# --- 13. the exhibit --------------------------------------------------------------------------------------------------------------

FRAME = frozenset(
    (
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "manifest-sha512.txt",
        "tagmanifest-sha256.txt",
        "tagmanifest-sha512.txt",
        "PdD.xml",
        "PdD.xml.p7m",
    )
)
FACES = frozenset(("LEGGIMI.txt", "index.html", "rapporto.pdf", "verify.py"))
_HEX, _NAME, _END = "[0-9a-f]{64}", "[a-z0-9][a-z0-9-]{0,39}", r"(?!000000)[0-9]{6}\.ers"
PATHS = re.compile(
    rf"data/(dossier\.json|anchors/(seal|tsa|providers)/{_HEX}\.cer|trust/{_HEX}\.[a-z0-9]{{1,8}}"
    rf"|(volumes/{_HEX}|pending)/(messages/{_HEX}\.eml|pdv/{_HEX}\.(xml(\.p7m)?|{_NAME}\.{_END}))"
    rf"|volumes/{_HEX}/(PIndex\.xml\.p7m|metadata/{_HEX}\.xml|trust/{_HEX}\.[a-z0-9]{{1,8}}|evidence/{_NAME}/{_END}"
    rf"|discards/{_NAME}/discard\.(xml(\.p7m)?|{_NAME}\.{_END})))"
)
MESSAGE = re.compile(r"/messages/[0-9a-f]{64}\.eml$")
STEPS = {
    "bagit": ("Manifesti BagIt, nei due sensi", "BagIt manifests, both directions"),
    "told": ("Ciò che il fascicolo dice di mostrare", "What the exhibit says that it shows"),
    "anchors": ("Ancore di fiducia", "Trust anchors"),
    "index": ("Indice e firma del pacchetto di distribuzione", "Index and signature of the pacchetto di distribuzione"),
    "volumes": (
        "Volumi: indice, firma, marca, evidence record",
        "Volumes: index, signature, timestamp, evidence record",
    ),
    "pending": ("Messaggi non ancora in un volume", "Messages in no volume yet"),
}


class Report:
    """What was found, step by step, and the contents' outcomes beside it."""

    def __init__(self) -> None:
        self.steps: dict[str, Findings] = {step: [] for step in STEPS}
        self.content: dict[str, int] = {}
        self.contents: dict[str, str] = {}
        self.seals: dict[str, Seal] = {}
        self.proven: dict[str, str] = {}
        self.files = 0
        self.legal = True

    def judged(self, name: str, outcome: str) -> None:
        self.content[outcome] = self.content.get(outcome, 0) + 1
        self.contents[name] = outcome

    @property
    def sealed_by(self) -> list[str]:
        return list(dict.fromkeys(seal.signer.name for seal in self.seals.values() if seal.signer))

    @property
    def findings(self) -> Findings:
        return list(dict.fromkeys(item for found in self.steps.values() for item in found))


def judge(tree: Tree, at: datetime, anchors: Sequence[bytes] | None = None) -> Report:
    """All steps, in order."""
    report = Report()
    tree.settle()
    report.files = len(tree.names)
    # 1. BagIt, and nothing that no exhibit has
    report.steps["bagit"] = [*tree.wrong, *bagit(tree), *strangers(tree)]
    # 2. what dossier.json, the page and the report claim to show
    try:
        told = Told.read(tree.read("data/dossier.json") if tree.has("data/dossier.json") else b"")
    except (*UNREADABLE, AttributeError) as error:
        report.steps["told"] = [Finding("EXHIBIT_DOSSIER", "data/dossier.json", str(error))]
        return report
    report.legal, report.steps["told"] = told.legal, told.differences(tree)
    # 3. whom to believe
    trust, report.steps["anchors"] = believed(tree, at, anchors)
    # 4. the index of the pacchetto di distribuzione
    report.steps["index"] = judge_pdd(tree, trust, told, report)
    # 5. the volumes
    for identity in sorted(
        {name.split("/")[2] for name in tree.names if PATHS.fullmatch(name) and "/volumes/" in name}
    ):
        shown = judge_volume(tree, identity, told.holder, trust)
        report.steps["volumes"] += shown.findings
        if shown.seal:
            report.seals[f"data/volumes/{identity}/PIndex.xml.p7m"] = shown.seal
        if shown.since:
            report.proven[identity] = shown.since.isoformat()
        for name, proof in shown.messages.items():
            report.judged(name, content_of(tree.read(name), shown.trust, proof))
    report.steps["index"] += other_signer(report.seals)
    # 6. what no volume has yet
    report.steps["pending"] = judge_pending(tree, trust, told.holder, report)
    if not any(MESSAGE.search(name) for name in tree.names):
        report.steps["volumes"].append(Finding("EXHIBIT_EMPTY", "data/"))
    return report


def strangers(tree: Tree) -> Findings:
    """Files that the format does not know, and those whose names do not keep their promise."""
    found: Findings = []
    for name in tree.names:
        if not (PATHS.fullmatch(name) if name.startswith("data/") else name in FRAME | FACES):
            found.append(Finding("EXHIBIT_STRANGER", name))
        elif re.match("data/(anchors|trust|pending/messages)/", name):
            stated = name.rpartition("/")[2].partition(".")[0]
            if tree.sum(name) != stated:
                found.append(Finding("EXHIBIT_NAMED_OTHERWISE", name))
    return found


class Told(NamedTuple):
    """What dossier.json says that can be compared with the files."""

    holder: str
    sealed: bool
    legal: bool
    messages: frozenset[tuple[str, str]]
    volumes: frozenset[str]

    @classmethod
    def read(cls, octets: bytes) -> Told:
        """Raises Bad and kin."""
        told = json.loads(octets)
        if told["format"] != 1:
            raise Bad(f"format {told['format']}")
        messages = [(str(item["path"]), str(item["sha256"])) for one in told["dossiers"] for item in one["messages"]]
        holder = str(told["holder"]["id"])
        if not re.fullmatch("[a-z0-9][a-z0-9-]{0,39}", holder):
            raise Bad(f"holder {holder[:80]}")
        volumes = frozenset(str(item["id"]) for item in told["volumes"])
        return cls(holder, bool(told["sealed"]), told.get("legal_value") is True, frozenset(messages), volumes)

    def differences(self, tree: Tree) -> Findings:
        """The messages and volumes that it shows are those that are here."""
        shown = {path for path, _ in self.messages}
        wrong = [path for path, stated in self.messages if not tree.has(path) or tree.sum(path) != stated]
        there = {name for name in tree.names if PATHS.fullmatch(name) and MESSAGE.search(name)}
        wrong += (there - shown) if shown else ()
        volumes = {name.split("/")[2] for name in tree.below("data/volumes/") if PATHS.fullmatch(name)}
        wrong += [f"data/volumes/{one}/" for one in volumes ^ self.volumes]
        return [Finding("EXHIBIT_TOLD_DIFFERS", path) for path in sorted(wrong)]


def believed(tree: Tree, at: datetime, anchors: Sequence[bytes] | None) -> tuple[Trust, Findings]:
    """Those of --trust, else those that came with the exhibit, each named so that it can be compared elsewhere."""
    if anchors is not None:
        return Trust(tuple(anchors), tuple(anchors), at), []
    came = {name: tree.read(name) for name in tree.below("data/anchors/") if PATHS.fullmatch(name)}
    providers = tuple(octets for name, octets in came.items() if "/providers/" in name)
    together, found = package_anchors({name: octets for name, octets in came.items() if "/providers/" not in name})
    return Trust(together, providers, at), found


def package_anchors(material: dict[str, bytes]) -> tuple[tuple[bytes, ...], Findings]:
    """The CAs among these certificates; one whose issuer is among them too is no anchor (it is asked how long it lasts)."""
    read = {name: one for name, der in material.items() for one in readable([der])}
    read = {name: one for name, one in read.items() if one.is_ca}
    subjects = {one.subject for one in read.values()}
    tops = {name: one for name, one in read.items() if one.subject == one.issuer or one.issuer not in subjects}
    found = [Finding("ANCHOR_FROM_PACKAGE", name, f"{one.name}, SHA-256 {one.sha256}") for name, one in tops.items()]
    return tuple(dict.fromkeys(one.der for one in tops.values())), found or [Finding("ANCHOR_ABSENT", "data/anchors/")]


def judge_pdd(tree: Tree, trust: Trust, told: Told, report: Report) -> Findings:
    """The signed list of all files, in both directions, and its seal (AgID guidelines, 4.7; UNI 11386:2020)."""
    found: Findings = []
    sealed, bare = tree.has("PdD.xml.p7m"), tree.has("PdD.xml")
    if not sealed and not bare:
        return [Finding("EXHIBIT_INDEX_ABSENT", "PdD.xml.p7m")]
    if sealed and bare:
        found.append(Finding("EXHIBIT_INDEX_TWICE", "PdD.xml"))
    name = "PdD.xml.p7m" if sealed else "PdD.xml"
    if sealed is not told.sealed:
        found.append(Finding("EXHIBIT_SEAL", name))
    octets, stamp = tree.read(name), False
    if sealed:
        seal = judge_seal(octets, trust, None, name)
        found += seal.findings
        stamp = seal.token is not None
        octets = (seal.signed.content if seal.signed else None) or b""
        report.seals[name] = seal
    else:
        found.append(Finding("EXHIBIT_UNSIGNED", name))
    try:
        index = read_index(octets, "pdd")
    except UNREADABLE as error:
        return [*found, Finding("EXHIBIT_INDEX_UNREADABLE", name, str(error))]
    if sealed and index.stamped and not stamp:
        found.append(Finding("SEAL_STRIPPED", name))
    own = tree.sum("data/dossier.json")
    if (index.id, index.group) != (own, told.holder):  # the package is called by the digest of what it tells
        found.append(Finding("EXHIBIT_ELSEWHERE", name, f"{index.group} {index.id}"))
    found += _against(tree, index.files, [one for one in tree.names if one not in FRAME], name)
    for path, stated in index.sources.items():
        if tree.has(path) and tree.sum(path) != stated:
            found.append(Finding("EXHIBIT_DIGEST", path, name))
    return found


def other_signer(seals: dict[str, Seal]) -> Findings:
    """Whoever sealed the exhibit sealed one of its volumes too, if there are any; else it is a stranger's account.

    A certificate of the same name from another anchor is somebody else's: nothing here says whose the anchors are.
    """
    name = "PdD.xml.p7m"
    whose = {place: (one.signer.whose, one.anchor and one.anchor.der) for place, one in seals.items() if one.signer}
    mine, volumes = whose.pop(name, None), whose.values()
    if mine is None or not volumes or mine in volumes:
        return []
    names = [f"{one.signer.name}, SHA-256 {one.signer.sha256}" for one in seals.values() if one.signer]
    return [Finding("EXHIBIT_OTHER_SIGNER", name, " / ".join(dict.fromkeys(names)))]


def judge_pending(tree: Tree, trust: Trust, holder: str, report: Report) -> Findings:
    """Messages in no volume: proven only where a rapporto beside them names them, and its evidence holds."""
    found: Findings = []
    rapporti: dict[str, Rapporto] = {}
    for name in sorted(tree.below("data/pending/pdv/"), key=lambda one: one.endswith(".p7m")):  # a sealed one counts
        if PATHS.fullmatch(name) and not name.endswith(".ers"):
            rapporto = judge_rapporto(tree, name, holder, trust, None, None, "")
            found += rapporto.findings
            if indication(rapporto.findings) == "PASSED":
                rapporti.update(dict.fromkeys(rapporto.accepted, rapporto))
    for name in tree.below("data/pending/messages/"):
        if not PATHS.fullmatch(name):
            continue
        octets = tree.read(name)
        proof = rapporti.get(name.rpartition("/")[2][:-4])
        said = None if proof is None else proof.accepted.get(hashlib.sha256(octets).hexdigest())
        if proof is None or proof.since is None:
            found.append(Finding("EXHIBIT_PENDING", name))
        elif said is None or said[:2] != (hashlib.sha512(octets).hexdigest(), len(octets)):
            found.append(Finding("RDV_DIFFERS", name))
        elif not proof.name.endswith(".p7m"):  # anybody can write one and have it stamped
            found.append(Finding("EXHIBIT_PENDING_UNSEALED", name, proof.since.isoformat()))
        else:
            found.append(Finding("EXHIBIT_PENDING_PROVEN", name, proof.since.isoformat()))
        report.judged(name, content_of(octets, trust, proof.since if proof and proof.since else trust.at))
    return found


# --- what openssl needs -------------------------------------------------------------------------------------------------------------


def extract(tree: Tree, folder: Path) -> list[str]:
    """Writes what `openssl` can check by itself, tokens and anchors in PEM; answers with the commands."""
    folder.mkdir(parents=True, exist_ok=True)
    tree.settle()
    ours = [name for name in tree.names if PATHS.fullmatch(name) or name == "PdD.xml.p7m"]  # no name may be a command
    anchors = [name for name in ours if name.startswith("data/anchors/")]
    encoded = (base64.encodebytes(tree.read(name)).decode("ascii") for name in anchors)
    pem = "".join(f"-----BEGIN CERTIFICATE-----\n{one}-----END CERTIFICATE-----\n" for one in encoded)
    (folder / "anchors.pem").write_text(pem, encoding="ascii")
    commands = []
    for name in ours:
        try:
            found = list(_tokens(name, tree.read(name))) if name.endswith((".p7m", ".ers")) else []
        except UNREADABLE:
            continue
        for file, token, stamped in found:
            (folder / file).write_bytes(token.octets)
            command = f"openssl ts -verify -token_in -in {file} -digest {stamped.hex()} -CAfile anchors.pem"
            commands.append(f"{command} -attime {int(token.at.timestamp())}")
    (folder / "commands.sh").write_text("".join(f"{line}\n" for line in commands), encoding="ascii")
    return commands


def _tokens(name: str, octets: bytes) -> Iterator[tuple[str, Token, bytes]]:
    """Each token in a signature or a record: a name for its file, the token, the digest that it must have stamped."""
    stem = name.replace("/", "_")
    if name.endswith(".p7m"):
        signed = read_signed(octets)
        for token in map(read_token, signed.tokens[:1]):
            yield f"{stem}.tst", token, digest(token.algorithm, signed.signature)
        return
    for chain, stamps in enumerate(read_record(octets).chains, 1):
        for number, stamp in enumerate(stamps, 1):
            token = read_token(stamp.token)
            yield f"{stem}.{chain}.{number}.tst", token, root(stamp.lists or ((token.imprint,),), token.algorithm)


# --- what is printed: an exhibit may hold anything, a terminal obeys what it is told ------------------------------------------------------------------------------------------------------------------


def plain(text: object) -> str:
    """One line of signs that can be seen; all others as numbers (line ends, controls, right-to-left, lone surrogates)."""
    signs = (sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in str(text))
    return "".join(signs)


def as_json(report: Report, lang: str) -> dict[str, Any]:
    """For machines; `indication` leaves revocation aside, which stands beside it."""
    english = lang == "en"
    return {
        "indication": indication(report.findings),
        "revocation": "INDETERMINATE",
        "content": report.content,
        "contents": report.contents,
        "sealed_by": report.sealed_by,
        "seals": [
            {"file": name, "name": seal.signer.name, "sha256": seal.signer.sha256, "anchor": anchor}
            for name, seal in report.seals.items()
            if seal.signer
            for anchor in (seal.anchor.sha256 if seal.anchor else None,)
        ],
        "proven_at": report.proven,
        "findings": [
            {
                "code": item.code,
                "severity": item.severity,
                "subject": item.subject,
                "clause": WORDS[item.code][1],
                "text": WORDS[item.code][3 if english else 2],
                "detail": item.detail,
            }
            for item in report.findings
        ],
    }


def as_text(report: Report, lang: str) -> str:
    """For people: each step, what was found in it, and the verdict."""
    it = lang != "en"
    lines = []
    if not report.legal:
        lines.append(
            "SENZA VALORE LEGALE: sigillo o marche di prova" if it else "WITHOUT LEGAL VALUE: seal or stamps for trial"
        )
    lines.append(f"{report.files} file" if it else f"{report.files} files")
    for number, (step, found) in enumerate(report.steps.items(), 1):
        outcome = indication(found)
        mark = {"PASSED": "OK", "INDETERMINATE": "??", "FAILED": "NO"}[outcome]
        mark = "!!" if outcome == "PASSED" and any(item.severity == WARNING for item in found) else mark
        lines.append(f"[{mark}] {number}. {STEPS[step][0 if it else 1]}")
        for item in dict.fromkeys(found):
            _, clause, italian, english = WORDS[item.code]
            lines.append(f"     {item.severity:7} {item.code}  {plain(item.subject)}")
            lines.append(f"             {italian if it else english}{f' ({clause})' if clause else ''}")
            lines += [f"             {plain(item.detail)}"] if item.detail else []
    for identity, since in report.proven.items():
        lines.append(f"     volume {identity[:16]}: {'provato dal' if it else 'proven since'} {since}")
    for name, seal in report.seals.items():
        if seal.signer:
            lines.append(f"     {name}: {'sigillato da' if it else 'sealed by'} {plain(seal.signer.name)}")
            lines.append(f"             SHA-256 {seal.signer.sha256}")
        if seal.anchor:
            lines.append(f"             {'ancora' if it else 'anchor'} {plain(seal.anchor.name)}")
            lines.append(f"             SHA-256 {seal.anchor.sha256}")
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.content.items()))
    said = (
        "firma del gestore PEC sui messaggi (non muta l'esito)"
        if it
        else "PEC provider's signature on messages (never changes the outcome)"
    )
    lines.append(f"[--] {said}: {counts or '-'}")
    lines.append(
        "[??] "
        + (
            "revoca dei certificati: non controllata qui (INDETERMINATE)"
            if it
            else "revocation of certificates: not checked here (INDETERMINATE)"
        )
    )
    lines.append(f"{'ESITO (revoca a parte)' if it else 'OUTCOME (revocation aside)'}: {indication(report.findings)}")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 PASSED, 1 not, 2 nothing to read."""
    parser = argparse.ArgumentParser(description="Verifica un fascicolo di PEC conservate (Verifies an exhibit)")
    parser.add_argument(
        "path", nargs="?", type=Path, default=Path(__file__).resolve().parent, help="cartella o ZIP (folder or ZIP)"
    )
    parser.add_argument("--lang", choices=("it", "en"), default="it")
    parser.add_argument("--json", action="store_true", help="un oggetto JSON (one JSON object)")
    parser.add_argument("--at", metavar="DATE", help="verifica come in questa data, UTC (verify as of this date)")
    parser.add_argument("--trust", type=Path, metavar="DIR", help="ancore proprie, .cer o .pem (anchors of one's own)")
    parser.add_argument(
        "--extract",
        type=Path,
        metavar="DIR",
        help="scrive marche e comandi per openssl (tokens and commands for openssl)",
    )
    chosen = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):  # a terminal may know fewer signs than an exhibit
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        at = datetime.fromisoformat(chosen.at) if chosen.at else datetime.now(UTC)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        anchors = [der for place in sorted(chosen.trust.iterdir()) for der in _anchors(place)] if chosen.trust else None
        tree = Tree(chosen.path)
    except (OSError, *_SPOILT) as error:
        sys.stderr.write(f"{plain(error)}\n")
        return 2
    if not tree.wrong and not tree.has("bagit.txt") and not tree.has("data/dossier.json"):
        sys.stderr.write(
            f"{plain(chosen.path)}: non è un fascicolo: estrarre prima lo ZIP (no exhibit: extract the ZIP first)\n"
        )
        return 2
    if chosen.extract:
        for line in extract(tree, chosen.extract):
            sys.stderr.write(f"{line}\n")
    report = judge(tree, at, anchors)
    if chosen.json:
        sys.stdout.write(json.dumps(as_json(report, chosen.lang), indent=1) + "\n")
    else:
        sys.stdout.write(as_text(report, chosen.lang))
    return 0 if indication(report.findings) == "PASSED" else 1


def _anchors(place: Path) -> list[bytes]:
    octets = place.read_bytes() if place.suffix in (".cer", ".pem", ".crt", ".der") else b""
    blocks = re.findall(b"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", octets, re.DOTALL)
    return [base64.b64decode(block) for block in blocks] or ([octets] if octets else [])


if __name__ == "__main__":
    sys.exit(main())
