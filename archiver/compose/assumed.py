"""What a verdict takes for granted beyond what is: a stricter catalogue, fallen algorithms, authorities set aside."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from archiver.errors import ConfigError, Malformed
from archiver.package import layout
from archiver.verify import Files, Trust


@dataclass(frozen=True, slots=True)
class Assumed:
    """`algorithms` is the operator's table, laid over the catalogue; `broken` names algorithms, `without` TSA ids."""

    algorithms: Path | None = None
    broken: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()


AS_IT_IS = Assumed()


def assuming(trust: Trust, assumed: Assumed, at: datetime) -> Trust:
    """The same trust by the stricter catalogue, and with algorithms fallen at `at`.

    Raises ConfigError for a table that cannot be taken, and for a name that is unknown; it lists the known ones.
    """
    catalogue = trust.policy.catalogue
    try:
        if assumed.algorithms is not None:
            catalogue = catalogue.stricter(_read(assumed.algorithms))
        catalogue = catalogue.broken(assumed.broken, at)
    except Malformed as error:
        raise ConfigError(str(error)) from error
    return replace(trust, policy=replace(trust.policy, catalogue=catalogue))


def without(trust: Trust, names: frozenset[str], files: Files, prefix: str = "") -> Trust:
    """The same trust, those authorities set aside. Raises ConfigError for one that has no record below `prefix`."""
    if not names:
        return trust
    parsed = (layout.parse(listed.name) for listed in files.list(prefix))
    known = {name.tsa for name in parsed if name and name.tsa}
    unknown = sorted(names - known)
    if unknown:
        there = ", ".join(sorted(known)) or "none"
        raise ConfigError(f"--without-tsa {', '.join(unknown)}: no evidence of that authority; those here: {there}")
    return replace(trust, without=trust.without | names)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"--algorithms {path}: {error.strerror}") from error
