"""The register on its own in a folder: acts and records as they lie in the store, and how to check them by hand."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.access.registered import premis
from archiver.access.registered.entry import Entry, table
from archiver.errors import Conflict, Malformed
from archiver.package import act, layout
from archiver.package.act import Act, build
from archiver.package.layout import Kind
from archiver.ports import ObjectStore
from archiver.submission.acts import noted

STORE = "store"
README, TABLE, PREMIS, SUMS = "LEGGIMI.txt", "registro.csv", "premis.xml", "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Exported:
    """How many acts and records are in the folder, and what could not be read and is there all the same."""

    path: Path
    acts: int
    records: int
    bytes: int
    unreadable: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "path": str(self.path),
            "acts": self.acts,
            "records": self.records,
            "bytes": self.bytes,
            "unreadable": list(self.unreadable),
        }


def export(
    store: ObjectStore, holders: Sequence[str], out: Path, *, anchors: Sequence[bytes] = (), lang: str = "it"
) -> Exported:
    """Writes the registers of these holders into the new folder `out`, with the `anchors` (DER) of the time stamps.

    Raises Conflict when there is something in it, OSError when it cannot be written.
    """
    vacant(out)
    out.mkdir(parents=True, exist_ok=True)
    sums: list[str] = []
    done = _Copied(store, out, sums)
    names = [item.name for holder in holders for item in store.list(f"{holder}/acts/")]
    done.copy(names)
    for der in dict.fromkeys(anchors):
        done.write(f"anchors/{hashlib.sha256(der).hexdigest()}.cer", der)
    with (out / TABLE).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table(done.entries()))
    with (out / PREMIS).open("wb") as written:
        premis.write(done.acts(), written)
    (out / README).write_text(_README[lang], encoding="utf-8")
    for name in (README, TABLE, PREMIS):
        sums.append(f"{hashlib.sha256((out / name).read_bytes()).hexdigest()}  {name}\n")
    (out / SUMS).write_text("".join(sorted(sums, key=lambda line: line[66:])), encoding="utf-8")
    return Exported(out, len(done.names), done.records, done.bytes, tuple(done.unreadable))


def vacant(out: Path) -> None:
    """Nothing, when nothing is in that folder. Raises Conflict."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Conflict(f"{out}: c'è già: indicare una cartella nuova o vuota (something is there already)")


class _Copied:
    """What was written: acts are read again from the folder, one at a time."""

    def __init__(self, store: ObjectStore, out: Path, sums: list[str]) -> None:
        self._store, self._out, self._sums = store, out, sums
        self.names: list[str] = []
        self.unreadable: list[str] = []
        self.records = self.bytes = 0

    def copy(self, names: Sequence[str]) -> None:
        """Every act and record, whatever is in it."""
        for name in names:
            parsed = layout.parse(name)
            if parsed is None or parsed.kind not in (Kind.ACT, Kind.ACT_RECORD):
                continue
            octets = self._store.get(name)
            self.write(f"{STORE}/{name}", octets)
            if parsed.kind is Kind.ACT_RECORD:
                self.records += 1
                continue
            self.names.append(name)
            try:
                act.read(octets)
            except Malformed:
                self.unreadable.append(name)

    def write(self, name: str, octets: bytes) -> None:
        """One file of the folder."""
        path = self._out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)
        self.bytes += len(octets)
        self._sums.append(f"{hashlib.sha256(octets).hexdigest()}  {name}\n")

    def acts(self) -> Iterator[Act]:
        """Those that can be read."""
        for name in self.names:
            try:
                yield act.read((self._out / STORE / name).read_bytes())
            except Malformed:
                continue

    def entries(self) -> Iterator[Entry]:
        """The same as they are shown; whether they are proven is for the judge."""
        return (Entry(noted(item, build(item)).row, item, proven=self._covered(item)) for item in self.acts())

    def _covered(self, item: Act) -> bool:
        """Whether the act has a record of its own here."""
        return any((self._out / STORE / item.name).parent.glob(f"{item.id}.*.ers"))


_CHAIN = r"""    cd store/HOLDER/acts
    for f in *.json; do
      set -- $(sed -n 's/.*"previous":{"id":"\([^"]*\)","sha512":"\([^"]*\)"}.*/\1 \2/p' "$f")
      [ -z "$1" ] || echo "$2  $1.json"
    done | sha512sum --check --quiet
"""
_NAMES = r"""    for f in *.json; do
      [ "$(sha256sum < "$f" | cut -c1-32)" = "$(basename "$f" .json | tail -c 33)" ] || echo "$f"
    done
"""
_README = {
    "it": f"""REGISTRO DEGLI ACCESSI E DEGLI ATTI

store/<titolare>/acts/   gli atti (.json) e gli evidence record (.ers, RFC 4998), come stanno nell'archivio
anchors/                 i certificati a cui portano le marche temporali: vengono dall'archivio, confrontarli altrove
registro.csv             gli stessi atti in tabella (`proven` = 1: ha un evidence record proprio)
premis.xml               gli stessi atti come eventi PREMIS 3
SHA256SUMS               le impronte di questi file: sha256sum -c SHA256SUMS

Ogni atto dice chi (utente della macchina e ruolo), quando (UTC), che cosa e perché. Non contiene indirizzi, oggetti o
parole cercate: i messaggi sono indicati con la loro impronta SHA-256; di una ricerca restano i nomi dei filtri, il
numero dei risultati e l'impronta della domanda.

COME VERIFICARE A MANO (al posto di HOLDER il titolare)

1. La catena. Ogni atto nomina il precedente con identificativo e SHA-512. Nessuna riga: la catena è intera.

{_CHAIN}
2. I nomi. Ogni nome finisce con l'inizio della SHA-256 dell'atto. Nessuna riga: nessun atto è stato cambiato.

{_NAMES}
3. Il tempo. Ogni notte un evidence record copre l'ultimo atto, e con lui tutti quelli prima:

    archiver verify store/HOLDER/acts/NOME.ers --data store/HOLDER/acts/NOME.json --trust anchors
    archiver verify store --trust anchors

Quel che questi file da soli non possono dire: se gli ultimi atti, non ancora coperti, sono stati tolti tutti insieme.
Lo dice `archiver log verify` nell'archivio, che ne conserva l'elenco, e ogni sua replica.
""",
    "en": f"""REGISTER OF ACCESSES AND ACTS

store/<holder>/acts/     the acts (.json) and the evidence records (.ers, RFC 4998) as they lie in the archive
anchors/                 what the time stamps lead to: it comes from the archive, compare it elsewhere
registro.csv             the same acts as a table (`proven` = 1: has an evidence record of its own)
premis.xml               the same acts as PREMIS 3 events
SHA256SUMS               the digests of these files: sha256sum -c SHA256SUMS

Each act says who (user of the machine, and role), when (UTC), what and why. It holds no address, no subject, nothing
that was searched for: messages are named by their SHA-256; of a search there are the names of the filters, the number
of results and the digest of the question.

HOW TO CHECK BY HAND (HOLDER stands for the holder)

1. The chain. Each act names the one before it by id and SHA-512. No line: the chain is whole.

{_CHAIN}
2. The names. Each name ends with the beginning of the act's SHA-256. No line: no act was changed.

{_NAMES}
3. The time. Every night an evidence record covers the last act, and with it all before it:

    archiver verify store/HOLDER/acts/NAME.ers --data store/HOLDER/acts/NAME.json --trust anchors
    archiver verify store --trust anchors

What these files alone cannot tell: whether the last acts, which nothing covers yet, were taken away together. That says
`archiver log verify` in the archive, which keeps a list of them, and so does every replica.
""",
}
