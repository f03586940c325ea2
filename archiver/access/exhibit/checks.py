"""Every check made since the day of receipt, in words: intake, sealing, evidence, renewals, sweeps, repairs."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from archiver.access.exhibit.sweeps import Check, check, sweeps
from archiver.access.exhibit.volumes import Told
from archiver.access.show import Proof
from archiver.package import layout as archive
from archiver.pec.kind import Kind
from archiver.pec.signature import read_outcomes, worst
from archiver.ports import ObjectStore
from archiver.submission.rows import CopyRow, PdvRow
from archiver.verdict import Indication, verdict
from archiver.verify import UNSIGNED, Report


class Catalog(Protocol):
    """What is asked about the past."""

    def pdvs_of(self, segments: Collection[Any], *, mailbox: str | None = None) -> list[PdvRow]:
        """The rapporti that brought these segments."""

    def copies(self, store: str, names: Iterable[str]) -> dict[str, CopyRow]:
        """What is known of these objects in one store: when each was read last."""


def checks(
    proofs: Collection[Proof],
    volumes: Collection[Told],
    *,
    store: ObjectStore,
    stores: Collection[str],
    catalog: Catalog,
    holder: str,
    report: Report,
    at: datetime,
) -> list[Check]:
    """All of them in order of time; the making of the exhibit, with the judge's `report`, is the last."""
    names = _names(proofs, volumes, holder)
    found = [*_intake(proofs, catalog), *_volumes(volumes)]
    found += sweeps(store, holder, names, since=min((item["at"] for item in found), default=""))
    found += _readings(stores, names, catalog)
    return [*sorted(found, key=lambda item: item["at"]), _making(report, at)]


def _names(proofs: Iterable[Proof], volumes: Iterable[Told], holder: str) -> set[str]:
    """The objects of the store on which these messages rest."""
    found = {archive.segment(holder, proof.message.segment) for proof in proofs}
    for volume in volumes:
        found |= {archive.index(holder, volume.taken.id), archive.metadata(holder, volume.taken.id)}
        folder = archive.index(holder, volume.taken.id).removesuffix(archive.PINDEX)
        found |= {folder + record.path.removeprefix(volume.taken.path) for record in volume.records}
    return found


def _intake(proofs: Collection[Proof], catalog: Catalog) -> Iterator[Check]:
    """The answers on each provider's signature, as the rapporto di versamento says them."""
    rapporti = {row.id: row for row in catalog.pdvs_of(sorted({proof.message.segment for proof in proofs}))}
    for proof in proofs:
        row = proof.message
        at = rapporti[row.pdv].at if row.pdv in rapporti else row.received
        short, rdv = f"{row.sha256[:12]}… ({row.kind})", f"{row.pdv[:12]}…"
        if not row.content:
            own = row.kind == Kind.INVIATO
            yield check(
                at,
                "intake",
                UNSIGNED,
                f"Acquisito il messaggio {short} con il rapporto di versamento {rdv}; "
                + ("copia del mittente: nessun gestore la firma." if own else "nessuna firma di un gestore."),
                f"Message {short} taken in with the rapporto di versamento {rdv}; "
                + ("the sender's own copy: no provider signs it." if own else "no provider's signature."),
            )
            continue
        outcomes = read_outcomes(row.content)
        answers = dict(zip(("integrità", "origine", "tempo", "algoritmo"), outcomes, strict=True))
        english = dict(zip(("integrity", "origin", "time", "algorithm"), outcomes, strict=True))
        yield check(
            at,
            "intake",
            worst(outcomes),
            f"Acquisito il messaggio {short} con il rapporto di versamento {rdv}; firma del gestore: {_said(answers)}.",
            f"Message {short} taken in with the rapporto di versamento {rdv}; provider's signature: {_said(english)}.",
        )


def _volumes(volumes: Iterable[Told]) -> Iterator[Check]:
    for volume in volumes:
        short, signer = f"{volume.taken.id[:12]}…", volume.signer or "?"
        yield check(
            volume.taken.index.at,
            "seal",
            Indication.PASSED,
            f"Volume {short} chiuso: riletto, giudicato PASSED, indice sigillato ({volume.level}) da {signer}.",
            f"Volume {short} closed: read back, judged PASSED, index sealed ({volume.level}) by {signer}.",
        )
        for record in volume.records:
            if record.at is None:
                continue
            name, algorithm = f"{record.tsa}/{record.number:06}.ers", record.algorithm.replace("_", "-")
            first = record.number == 1
            yield check(
                record.at,
                "evidence" if first else "renewal",
                verdict(record.examined.findings).indication,
                f"{'Prima marca temporale' if first else 'Rinnovo della prova'} del volume {short}: evidence record"
                f" {name} (RFC 4998), albero {algorithm}.",
                f"{'First archive time stamp' if first else 'Renewal of the evidence'} of the volume {short}: evidence"
                f" record {name} (RFC 4998), tree {algorithm}.",
            )


def _readings(stores: Iterable[str], names: Collection[str], catalog: Catalog) -> Iterator[Check]:
    """When every one of these objects was read whole last, copy by copy."""
    for store in stores:
        known = catalog.copies(store, sorted(names))
        read = [row.read for row in known.values() if row.read]
        if read:
            count = f"{len(read)}/{len(names)}"
            yield check(
                min(read),
                "sweep",
                Indication.PASSED,
                f"Copia {store}: {count} oggetti da cui dipendono questi messaggi sono stati riletti per intero, con"
                " l'impronta attesa, da questa data in poi.",
                f"Copy {store}: {count} objects that these messages rest on were read whole, with the digest expected,"
                " at this time or later.",
            )


def _making(report: Report, at: datetime) -> Check:
    return check(
        at,
        "exhibit",
        report.indication,
        f"Esibizione prodotta e giudicata: {report.indication}"
        + (f" ({report.verdict.sub_indication})." if report.verdict.sub_indication else "."),
        f"Exhibit made and judged: {report.indication}"
        + (f" ({report.verdict.sub_indication})." if report.verdict.sub_indication else "."),
    )


def _said(answers: Mapping[str, Indication]) -> str:
    return ", ".join(f"{name} {outcome}" for name, outcome in answers.items())
