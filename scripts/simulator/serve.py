"""The simulated mailboxes behind a real IMAP server."""

import signal
from collections import Counter
from pathlib import Path

from simulator.arrival import Message
from simulator.dovecot import ADDRESS, PASSWORD, Dovecot
from simulator.mailbox import deliver
from simulator.plan import Plan
from simulator.writing import messages, prepared


def served(plan: Plan, home: Path) -> Dovecot:
    """A Dovecot with its files in `home`, filled with the plan's messages, not started; UIDs in order of arrival.

    Its users are `plan.address` and `plan.second`. The truth lies in `home`/expected.json, the providers' authority in
    `home`/providers.
    """
    server, truth = Dovecot(home), prepared(plan, home)
    counts: Counter[str] = Counter()
    places: dict[tuple[str, str], Path] = {}
    for message in messages(plan, truth):
        counts[message.mailbox] += 1
        deliver(message, _place(server, message, places), counts[message.mailbox])
    truth.write(home / "expected.json")
    return server


def serve(plan: Plan, home: Path) -> None:
    """Fills a Dovecot and runs it until Ctrl-C; says how to reach it."""
    for one in (signal.SIGTERM, signal.SIGINT):  # whoever is started in the background was told to ignore the second
        signal.signal(one, signal.default_int_handler)
    try:
        with served(plan, home) as server:
            print(_reachable(plan, server), flush=True)
            signal.pause()
    except KeyboardInterrupt:
        print("stopped")


def _place(server: Dovecot, message: Message, places: dict[tuple[str, str], Path]) -> Path:
    key = message.mailbox, message.folder
    if key not in places:
        places[key] = server.maildir(*key)
    return places[key]


def _reachable(plan: Plan, server: Dovecot) -> str:
    """What a person needs, and the block for archiver.toml."""
    users = [user for user in (plan.address, plan.second) if user]
    folders = {user: ", ".join(_folders(server, user)) for user in users}
    blocks = "\n".join(_block(user, server) for user in users)
    return (
        f"""SIMULATED, without legal value. A Dovecot runs until Ctrl-C.
  address   {ADDRESS}, port {server.tls} (TLS), {server.starttls} (STARTTLS)
  CA        {server.ca}
  password  {PASSWORD}  (export PEC_PASSWORD={PASSWORD})
"""
        + "".join(f"  user      {user}: {names}\n" for user, names in folders.items())
        + f"""
For archiver.toml (name, id, holder and class as in the other mailboxes there):

{blocks}"""
    )


def _folders(server: Dovecot, user: str) -> list[str]:
    base = server.maildir(user)
    return ["INBOX", *sorted(path.name[1:] for path in base.iterdir() if path.name.startswith(".") and path.is_dir())]


def _block(user: str, server: Dovecot) -> str:
    name = user.partition("@")[0]
    return f"""[[mailbox]]
name = "{name}"
id = "m-{name}"
holder = "..."
address = "{user}"
[mailbox.imap]
host = "{ADDRESS}"
port = {server.tls}
user = "{user}"
password = "env:PEC_PASSWORD"
ca = "{server.ca}"
"""
