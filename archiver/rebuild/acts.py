"""What persons decided, from every store that answers: a replica that lags must not bring back what was revoked."""

from archiver.errors import Absent, ConfigError, Malformed, Unavailable
from archiver.package.act import Act
from archiver.ports import ObjectStore
from archiver.rebuild.values import Rebuilding, Report
from archiver.submission.acts import read_acts
from archiver.verdict import finding


def read_everywhere(work: Rebuilding, holder: str, report: Report) -> list[Act]:
    """The holder's acts in any store; each proves itself by its name. Raises Unavailable for the store that is read."""
    found, wrong = _read(work.store, holder)
    for id, store in work.others.items():
        try:
            there, _ = _read(store, holder)
        except (Absent, Unavailable, ConfigError) as error:
            report.notes.append(finding("REBUILD_SILENT", f"store {id}", reason=error))
            continue
        for name in sorted(there.keys() - found.keys()):
            report.notes.append(finding("REBUILD_ELSEWHERE", name, store=id))
        found = there | found
    report.lost += [finding("REBUILD_UNREADABLE", name, reason=reason) for name, reason in wrong.items()]
    return [found[name] for name in sorted(found)]


def _read(store: ObjectStore, holder: str) -> tuple[dict[str, Act], dict[str, str]]:
    """The acts by name, and of those that cannot be read the reason."""
    found: dict[str, Act] = {}
    wrong: dict[str, str] = {}
    for act in read_acts(store, [holder]):
        if isinstance(act, Malformed):
            name, _, reason = str(act).partition(": ")
            wrong[name] = reason
        else:
            found[act.name] = act
    return found, wrong
