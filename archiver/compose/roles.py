"""Roles: what each user of the machine may do here (readings: responsabile, operatore, auditor, utente).

They are a discipline inside of the program, so that nobody does by mistake what is not his to do, and the register says
in which role somebody acted. Whoever can read the store's files needs no program: permissions of files are the wall.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from archiver.config import Config
from archiver.config.users import AUDITOR, OPERATOR, RESPONSIBLE, USER
from archiver.errors import ConfigError

NOBODY = "-"
"""Whoever calls without a door: a program that uses these rooms as a library."""


class Right(StrEnum):
    """What a command does: reads messages, runs an errand, decides, looks at the state of it, or at the register."""

    READ = "read"
    RUN = "run"
    DECIDE = "decide"
    LOOK = "look"
    AUDIT = "audit"


RIGHTS: Mapping[str, frozenset[Right]] = {
    RESPONSIBLE: frozenset(Right),
    OPERATOR: frozenset((Right.RUN, Right.LOOK)),
    AUDITOR: frozenset((Right.READ, Right.LOOK, Right.AUDIT)),
    USER: frozenset((Right.READ,)),
}

_WORDS = {
    Right.READ: "leggere messaggi (read messages)",
    Right.RUN: "eseguire le lavorazioni (run errands)",
    Right.DECIDE: "decidere (decide)",
    Right.LOOK: "guardare lo stato dell'archivio (look at the archive's state)",
    Right.AUDIT: "leggere il registro (read the register)",
}


@dataclass(frozen=True, slots=True)
class User:
    """Who runs the program: its login, its role, and the ids of the mailboxes that it may read; None: all."""

    login: str
    role: str
    mailboxes: frozenset[str] | None = None

    def may(self, right: Right) -> bool:
        """Whether the role has this right at all."""
        return right in RIGHTS[self.role]


def user(config: Config, login: str) -> User:
    """The user of that login; without any [[user]] everybody is responsabile. Raises ConfigError for one not listed."""
    if not config.users:
        return User(login or NOBODY, RESPONSIBLE)
    found = next((one for one in config.users if one.login == login), None)
    if found is None:
        raise ConfigError(
            f"l'utente {login or NOBODY!r} di questa macchina non è fra i [[user]] della configurazione"
            f" ({config.folder / 'archiver.toml'}): ve lo aggiunga il responsabile (this user is not listed there)"
        )
    ids = {mailbox.name: mailbox.id for mailbox in config.mailboxes}
    own = frozenset(ids[name] for name in found.mailboxes) if found.role == USER else None
    return User(found.login, found.role, own)


def check(who: User, right: Right, config: Config, mailbox: str | None) -> None:
    """Nothing, when `who` has the right, in the mailbox called `mailbox` too. Raises ConfigError."""
    if not who.may(right):
        roles = ", ".join(role for role in RIGHTS if right in RIGHTS[role])
        raise ConfigError(
            f"{who.login!r} ha il ruolo {who.role!r}, che non consente di {_WORDS[right]}: lo può {roles};"
            " i ruoli sono nei [[user]] della configurazione (this role may not)"
        )
    if mailbox is None or who.mailboxes is None:
        return
    if mailbox not in {one.name for one in config.mailboxes if one.id in who.mailboxes}:
        raise ConfigError(
            f"{who.login!r} non può leggere la casella {mailbox!r}: non è fra le sue (not one of its mailboxes)"
        )
