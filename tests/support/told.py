"""Archives whose nights are told: lines of [notify], [metrics] and mailboxes on servers."""

from pathlib import Path

from servers.hooks import Hook
from servers.mail_room import USER, Room

TO = "responsabile@studio.example"


def notified(
    config: Path, certificate: Path, *, room: Room | None = None, hook: Hook | None = None, more: str = ""
) -> None:
    """Adds who is told; secrets are in SMTP_PASSWORD and HOOK_TOKEN."""
    lines = []
    if room:
        lines += [
            "[notify.email]", f'to = ["{TO}"]', 'from = "archivio@studio.example"', 'host = "localhost"',
            f"port = {room.port}", f'user = "{USER}"', 'password = "env:SMTP_PASSWORD"',
            f'ca = "{certificate / "cert.pem"}"', more,
        ]  # fmt: skip
    if hook:
        ca = [f'ca = "{certificate / "cert.pem"}"'] if hook.url.startswith("https") else []
        lines += ["[notify.webhook]", f'url = "{hook.url}"', 'token = "env:HOOK_TOKEN"', *ca]
    append(config, *lines)


def append(config: Path, *lines: str) -> None:
    """More lines at the end of a configuration."""
    with config.open("a", encoding="utf-8") as file:
        file.write("\n" + "\n".join(lines) + "\n")


def on_server(config: Path, name: str, *, port: int, ca: Path, password: str, user: str = "") -> None:
    """Adds a mailbox on a mail server of this machine."""
    text = config.read_text(encoding="utf-8")
    holder = text.split("[[holder]]\nid = ")[1].splitlines()[0]
    append(
        config,
        "[[mailbox]]", f'name = "{name}"', f'id = "m-{name}"', f"holder = {holder}",
        f'address = "{name}@pec.archiviata.example"', "[mailbox.imap]", 'host = "localhost"', f"port = {port}",
        f'user = "{user or name}"', f'password = "env:{password}"', f'ca = "{ca}"',
    )  # fmt: skip
