"""Who may do what, in a configuration: users of the operating system and their roles, and what an access must say."""

from collections import Counter
from collections.abc import Sequence

from archiver.config.table import Table
from archiver.config.values import AccessConfig, MailboxConfig, UserConfig

RESPONSIBLE, OPERATOR, AUDITOR, USER = "responsabile", "operatore", "auditor", "utente"
ROLES = (RESPONSIBLE, OPERATOR, AUDITOR, USER)
"""Responsabile della conservazione: everything; operatore: the errands, no messages; auditor: reads all, changes
nothing; utente: his own mailboxes."""


def users(top: Table) -> tuple[UserConfig, ...]:
    """The tables [[user]]; none is no complaint."""
    return tuple(_user(table) for table in top.tables("user", required=False))


def access(top: Table) -> AccessConfig:
    """The table [access]."""
    if not top.has("access"):
        return AccessConfig()
    table = top.table("access")
    found = AccessConfig(reason=table.flag("reason"))
    table.close()
    return found


def check_users(found: Sequence[UserConfig], mailboxes: Sequence[MailboxConfig], top: Table) -> None:
    """Whether each user is one, has mailboxes that there are, and somebody may decide."""
    for login, times in Counter(user.login for user in found).items():
        if times > 1:
            top.complain("", f"two [[user]] have the same login {login!r}: one user has one role")
    names = {mailbox.name for mailbox in mailboxes}
    for user in found:
        if unknown := sorted(set(user.mailboxes) - names):
            top.complain("", f"[[user]] {user.login!r}: no [[mailbox]] is called {', '.join(unknown)}")
        if user.role == USER and not user.mailboxes:
            top.complain("", f"[[user]] {user.login!r}: mailboxes is missing: those that an utente may read")
        if user.role != USER and user.mailboxes:
            top.complain("", f"[[user]] {user.login!r}: mailboxes is for role {USER!r}; an {user.role} has all of them")
    if found and all(user.role != RESPONSIBLE for user in found):
        top.complain("", f"no [[user]] has role {RESPONSIBLE!r}: nobody could confirm trust; give it to one")


def _user(table: Table) -> UserConfig:
    user = UserConfig(
        login=table.text("login", pattern=r"[^\s/:]+", hint="must be a user of this machine, as `id -un` says it"),
        role=table.text("role", one_of=ROLES),
        mailboxes=table.texts("mailboxes"),
    )
    table.close()
    return user
