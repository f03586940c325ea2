"""Archives on disk whose mailboxes lie on a mail server."""

import os
from collections.abc import Callable
from pathlib import Path

from simulator.dovecot import PASSWORD, Dovecot

from support.archives import demo

SECRET = "PEC_TEST_PASSWORD"
os.environ.setdefault(SECRET, PASSWORD)


def connected(
    folder: Path,
    server: Dovecot,
    *users: str,
    port: int | None = None,
    more: str = "",
    made: Callable[[Path], Path] = demo,
) -> Path:
    """A demonstration archive with one mailbox for each user of the server, called like it; its configuration."""
    config = made(folder)
    before, mark, after = config.read_text(encoding="utf-8").partition("[[mailbox]]")
    _, end, classes = after.partition("# Classi di conservazione")
    mailboxes = "".join(_mailbox(server, user, port or server.tls, more) for user in users)
    holder = next(line.split('"')[1] for line in before.splitlines() if line.startswith('id = "h-'))
    config.write_text(before + mailboxes.replace("HOLDER", holder) + end + classes, encoding="utf-8")
    assert mark
    return config


def _mailbox(server: Dovecot, user: str, port: int, more: str) -> str:
    name = user.partition("@")[0]
    return f"""[[mailbox]]
name = "{name}"
id = "m-{name}"
holder = "HOLDER"
address = "{user if "@" in user else user + "@pec.example"}"
[mailbox.imap]
host = "localhost"
port = {port}
user = "{user}"
password = "env:{SECRET}"
ca = "{server.ca}"
{more}

"""
