"""The register in words, Italian or English."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from archiver.access.registered.entry import Entry
from archiver.package.act import ActKind
from archiver.verify.acts import Registered

KINDS: Mapping[str, tuple[str, str]] = {
    ActKind.TRUST_CONFIRMED: ("conferma di un certificato", "certificate confirmed"),
    ActKind.TRUST_REVOKED: ("revoca di un certificato", "certificate revoked"),
    ActKind.SEARCH: ("ricerca", "search"),
    ActKind.SHOW: ("consultazione", "dossier shown"),
    ActKind.EVIDENCE: ("esibizione (PdD)", "exhibit (PdD)"),
    ActKind.EXPORT: ("esportazione", "export"),
    ActKind.TAKEOVER: ("presa in carico di un archivio", "archive taken over"),
    ActKind.VERIFICA: ("verbale di verifica periodica", "record of the periodic check"),
    ActKind.INTEGRITY: ("rapporto annuale di integrità", "yearly integrity report"),
    ActKind.PERSON: ("accesso ai dati di una persona (GDPR 15)", "access to a person's data (GDPR 15)"),
    ActKind.RESTRICTED: ("limitazione del trattamento (GDPR 18)", "restriction of processing (GDPR 18)"),
    ActKind.LIFTED: ("fine di una limitazione (GDPR 18)", "restriction lifted (GDPR 18)"),
    ActKind.HOLD_PLACED: ("blocco dello scarto", "hold placed"),
    ActKind.HOLD_RELEASED: ("fine del blocco dello scarto", "hold released"),
    ActKind.RETENTION_EXTENDED: ("termine di conservazione prorogato", "retention extended"),
    ActKind.DISCARD_PROPOSED: ("scarto proposto", "discard proposed"),
    ActKind.DISCARD_APPROVED: ("scarto autorizzato", "discard approved"),
    ActKind.DISCARD_REJECTED: ("scarto respinto", "discard rejected"),
    ActKind.DISCARD_DESTROYED: ("scarto eseguito", "discard executed"),
    ActKind.DISCARD_EFFECTIVE: ("scarto efficace", "discard effective"),
}
"""What an act is called, in Italian and English."""

_SHOWN = 3


def entry_lines(entry: Entry, lang: str) -> Iterator[str]:
    """One act: when (UTC), what, who; then why and about what."""
    italian = lang == "it"
    told = entry.as_json()
    kind = KINDS.get(told["kind"], (told["kind"] or "?",) * 2)[0 if italian else 1]
    role = f" ({told['role']})" if told["role"] else ""
    mark = "" if entry.proven else ("  [da coprire]" if italian else "  [not covered yet]")
    yield f"{entry.row.at:%Y-%m-%d %H:%M:%SZ}  {kind}: {told['who'] or '?'}{role}{mark}"
    if entry.trouble:
        yield f"    ! {entry.trouble}"
    if told["reason"]:
        yield f"    {'motivo' if italian else 'reason'}: {told['reason']}"
    if entry.act and (what := ", ".join(_what(entry.act.what, entry.act.about, italian))):
        yield f"    {what}"
    yield f"    {entry.row.holder} n. {entry.row.number}  {entry.row.id}"


def _what(what: Mapping[str, Any], about: tuple[str, ...], italian: bool) -> Iterator[str]:
    if isinstance(filters := what.get("filters"), list):
        yield ("filtri: " if italian else "filters: ") + (" ".join(map(str, filters)) or "-")
    if (results := what.get("results")) is not None:
        yield f"{'risultati' if italian else 'results'}: {results}{'+' if what.get('more') else ''}"
    named = [digest for digest in about if digest != what.get("question")]
    if named:
        more = f" +{len(named) - _SHOWN}" if len(named) > _SHOWN else ""
        yield "SHA-256 " + " ".join(digest[:16] for digest in named[:_SHOWN]) + more


def judged_lines(found: Iterable[Registered], lang: str) -> Iterator[str]:
    """What the judge says of each register."""
    italian = lang == "it"
    for item in found:
        acts = item.acts
        said = (
            f"{item.holder}: {acts.count} atti, {acts.covered} provati da {acts.heads} evidence record"
            if italian
            else f"{item.holder}: {acts.count} acts, {acts.covered} proven by {acts.heads} evidence records"
        )
        if acts.first and acts.last:
            said += f", {acts.first:%Y-%m-%d} - {acts.last:%Y-%m-%d}"
        yield said
        if acts.proven and acts.until:
            words = (
                ("provato dal", "prova da rinnovare prima del") if italian else ("proven since", "to be renewed before")
            )
            yield f"    {words[0]} {acts.proven:%Y-%m-%d %H:%M:%SZ}, {words[1]} {acts.until:%Y-%m-%d}"
        for finding in item.verdict.findings:
            clause = f" [{finding.clause}]" if finding.clause else ""
            yield f"    {finding.severity}: {finding.subject}: {finding.text(lang)}{clause}"
        sub = f" ({item.verdict.sub_indication})" if item.verdict.sub_indication else ""
        yield f"    {item.indication}{sub}"
