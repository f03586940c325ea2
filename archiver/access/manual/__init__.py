"""The manuale di conservazione: twelve points (AgID guidelines, 4.6), filled from the archive itself where it knows.

In Italian alone: it is a document of Italian law, which the responsabile finishes, signs and, in an administration,
publishes. What the program cannot know is a marked place, and all of these are listed on the last page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.access.manual import exhibition, kept, law, people, process, system, watch
from archiver.access.manual.facts import day
from archiver.access.printing import MARK
from archiver.access.printing.editable import Editable, Place

__all__ = ["Manual", "manual"]

POINTS = (
    people.responsibles,
    people.organisation,
    kept.objects,
    process.intake,
    process.packages,
    exhibition.exhibition,
    system.system,
    watch.monitoring,
    exhibition.duplicates,
    kept.terms,
    exhibition.official,
    law.law,
)
"""The points a to l, in order."""


@dataclass(frozen=True, slots=True)
class Manual:
    """The document, and the places that the responsabile has to fill in."""

    octets: bytes
    places: tuple[Place, ...]


def manual(told: Mapping[str, Any]) -> Manual:
    """The manual of the archive that `told` describes. Raises KeyError for what is not whole."""
    at = datetime.fromisoformat(told["made"]).replace(hour=0, minute=0, second=0)
    mark = "" if told["legal_value"] else MARK
    holder = ", ".join(one["name"] for one in told["holders"])
    paper = Editable(
        title="Manuale di conservazione della posta elettronica certificata",
        subject=told["manual"],
        author=told["software"],
        at=at,
        mark=mark,
        running=f"{told['manual']} · {holder} · {day(told['made'])}",
    )
    _cover(paper, told, holder, mark)
    law.nature(paper, told)
    for point in POINTS:
        point(paper, told)
    law.findings(paper)
    _open_places(paper)
    return Manual(paper.octets(), tuple(paper.places))


def _cover(paper: Editable, told: Mapping[str, Any], holder: str, mark: str) -> None:
    paper.title("Manuale di conservazione", "della posta elettronica certificata (PEC)")
    if mark:
        paper.warning(mark)
    paper.pairs(
        [
            ("Titolare", holder),
            ("Denominazione e versione", told["manual"]),
            ("Generato il", day(told["made"])),
            ("Da", f"{told['software']}, Python {told['python']}"),
            ("Configurazione (SHA-256)", told["configuration"]),
            (
                "Riferimento",
                "Linee guida AgID sulla formazione, gestione e conservazione dei documenti informatici, 4.6",
            ),
            ("Approvato da, il", "[DA COMPLETARE: responsabile della conservazione, data e firma]"),
        ],
        (5, 11.5),
    )
    paper.note(
        "Quanto segue è tratto dalla configurazione, dal catalogo e dal codice del sistema alla data indicata; le parti"
        " evidenziate spettano al responsabile della conservazione, che le completa, verifica il tutto e lo"
        " sottoscrive."
    )
    paper.contents("Sommario")
    paper.page()


def _open_places(paper: Editable) -> None:
    """The last page: what is left to do, by chapter."""
    paper.page()
    left = list(paper.places)
    paper.heading("Parti da completare")
    if not left:
        paper.text("Nessuna.")
        return
    rows = [(str(number), place.chapter, place.wanted) for number, place in enumerate(left, 1)]
    paper.table(("n.", "punto", "che cosa manca"), rows, (1, 5.5, 10))
