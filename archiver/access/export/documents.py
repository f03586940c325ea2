"""The files at the top of an export: the consistency list as JSON, the draw, and what to read first."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from archiver.access.export import sample
from archiver.access.export.asked import Asked
from archiver.access.export.counted import Counted
from archiver.access.export.sample import Drawn

LIST, LIST_JSON = "consistenza.csv", "consistenza.json"
SUMMARY, FIGURES = "riepilogo.html", "statistiche.json"
DRAW, POPULATION = "campione.json", "popolazione.txt"
README, SUMS = "LEGGIMI.txt", "SHA256SUMS"

NOTHING = "-"
"""Instead of the digest of a part that has no file."""

_README = {
    "it": """ESPORTAZIONE PER VERIFICA{legal}

riepilogo.html       da leggere per primo: che cosa è stato chiesto, che cosa manca e perché, statistiche
consistenza.csv      elenco di consistenza: una riga per ogni messaggio chiesto (SHA-256, stato, parte, percorso)
consistenza.json     la domanda, le parti e le loro impronte, i totali
statistiche.json     i numeri dei grafici
{parts}{sample}esportazione.json    lo stato dell'esportazione: lo stesso comando, ripetuto, riprende da qui
SHA256SUMS           `sha256sum -c SHA256SUMS` confronta tutti i file di questa cartella

Ogni messaggio è il duplicato informatico (CAD, art. 23-bis) di quello conservato: gli stessi byte.
Prodotta {made} da {software}.
""",
    "en": """AUDITOR'S EXPORT{legal}

riepilogo.html       read it first: what was asked, what is missing and why, statistics
consistenza.csv      the consistency list: a line for each message that was asked for (SHA-256, state, part, path)
consistenza.json     the question, the parts and their digests, the totals
statistiche.json     the numbers behind the plots
{parts}{sample}esportazione.json    the state of the export: the same command, given again, goes on from here
SHA256SUMS           `sha256sum -c SHA256SUMS` compares all files of this folder

Each message is the duplicato informatico (CAD, art. 23-bis) of the one that is kept: the same bytes.
Made {made} by {software}.
""",
}
_PARTS = {
    "zip": {
        "it": "parte-*.zip          le parti: estrarle e aprire index.html, oppure `archiver verify parte-0001.zip`\n",
        "en": "parte-*.zip          the parts: extract them and open index.html, or `archiver verify parte-0001.zip`\n",
    },
    "bag": {
        "it": "parte-*/             le parti (BagIt): aprire index.html, oppure `archiver verify parte-0001`\n",
        "en": "parte-*/             the parts (BagIt): open index.html, or `archiver verify parte-0001`\n",
    },
    "asice": {
        "it": "*.asice              un contenitore ASiC-E per volume (EN 319 162-1): `archiver verify`, DSS e altri\n",
        "en": "*.asice              an ASiC-E container a volume (EN 319 162-1): `archiver verify`, DSS, others\n",
    },
}
_SAMPLE = {
    "it": "campione.json        l'estrazione del campione e come rifarla; popolazione.txt ne è l'insieme di partenza\n",
    "en": "campione.json        the draw and how to repeat it; popolazione.txt is what it was drawn from\n",
}
_LEGAL = "\nSENZA VALORE LEGALE / WITHOUT LEGAL VALUE"


def readme(asked: Asked, *, made: str, software: str, legal: bool, lang: str) -> bytes:
    """LEGGIMI.txt."""
    return (
        _README[lang]
        .format(
            legal="" if legal else _LEGAL,
            parts=_PARTS[asked.format.value][lang],
            sample="" if asked.sample is None else _SAMPLE[lang],
            made=made,
            software=software,
        )
        .encode()
    )


def drawn(
    asked: Asked, found: Counted, items: Iterable[Drawn], where: Callable[[str], Mapping[str, str]]
) -> dict[str, Any]:
    """`campione.json`: the draw, and how to make it again. `where` says part and path of a message."""
    return {
        "algorithm": sample.ALGORITHM,
        "seed": asked.seed,
        "asked": asked.sample,
        "population": len(found.digests),
        "population_sha256": found.population_sha256,
        "again": (
            "sha256sum popolazione.txt\n"
            'while read -r d; do printf \'%s %s\\n\' "$(printf \'%s:%s\' "$SEED" "$d" | sha256sum | cut -c1-64)" "$d";'
            f" done < popolazione.txt | LC_ALL=C sort | head -n {asked.sample}"
        ),
        "drawn": [{"sha256": item.sha256, "number": item.number, **where(item.sha256)} for item in items],
    }


def as_json(value: Mapping[str, Any]) -> bytes:
    """Indented, for people too."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
