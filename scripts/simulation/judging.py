"""The judge's word on the primary store: PASSED, or exactly the damage that is really there."""

import re

from archiver.evidence.policy import Policy
from archiver.verdict import Indication, Severity
from archiver.verify import Report, Trust, judge_store
from simulation import post
from simulation.house import World, opened
from simulation.reference import GRAVE, Reference


def sound(world: World) -> str:
    """What is wrong with the verdict on a store that nobody has harmed; empty when it is right."""
    report = _judged(world)
    if report.indication is Indication.PASSED:
        return ""
    return f"a sound archive is {report.indication}: {_grave(report)[:5]}"


def harmed(world: World, reference: Reference) -> str:
    """The same of one that the weather has harmed: it fails, and each harm that a judge can see is named."""
    primary = next(iter(world.places))
    names = {name: harm.kind for (store, name), harm in reference.harmed.items() if store == primary}
    names = {name: kind for name, kind in names.items() if kind in GRAVE}
    report = _judged(world)
    said = _grave(report)
    world.fate.tell(f"  judged {report.indication} {sorted(names)}")
    if not names:
        # a seal that was cut before its evidence is finished by the next run; until then nothing proves it
        said = [text for text in said if "EVIDENCE_ABSENT" not in text or _ids(text) & reference.volumes]
        return f"a sound archive is {report.indication}: {said[:5]}" if said else ""
    for name, kind in names.items():
        if not _visible(name, kind):
            continue
        if report.indication is Indication.PASSED:
            return f"PASSED, although {name} is {kind}"
        if not any(_ids(name) <= _ids(text) for text in said):
            return f"{name} is {kind}, and the judge names only {said[:5]}"
    return ""


def _visible(name: str, kind: str) -> bool:
    """Whether the files alone tell. Of what is gone only what another file promises: the catalog knows the rest."""
    return kind != "deleted" or "/segments/" in name or name.endswith(("/metadata.zip", "/PIndex.xml.p7m"))


def _ids(text: str) -> frozenset[str]:
    """The digests in a name or a sentence."""
    return frozenset(re.findall(r"[0-9a-f]{32,}", text))


def _judged(world: World) -> Report:
    house = opened(world)
    lists = tuple(world.crl(root) for root in world.roots)
    policy = Policy(house.policy.material.plus(crls=lists), house.policy.catalogue)
    return judge_store(house.site.opened(), trust=Trust(post.providers(), policy), at=world.now)


def _grave(report: Report) -> list[str]:
    grave = (found for found in report.verdict.findings if found.severity in (Severity.ERROR, Severity.DOUBT))
    return [f"{found.subject}: {found.code} {found.text('en')}" for found in grave]
