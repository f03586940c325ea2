"""Users of the machine in a configuration: whoever runs the tests, in one role or another."""

from pathlib import Path

from archiver.cli.door import login


def give_role(config: Path, role: str, *, mailboxes: tuple[str, ...] = (), others: str = "responsabile") -> None:
    """Whoever runs the tests has this role from now on; somebody else has the other one."""
    text = config.read_text(encoding="utf-8").partition("# --- users\n")[0]
    named = f"mailboxes = [{', '.join(repr(name) for name in mailboxes)}]\n" if mailboxes else ""
    text += f'# --- users\n[[user]]\nlogin = "{login()}"\nrole = "{role}"\n{named}'
    text += f'[[user]]\nlogin = "altri"\nrole = "{others}"\n'
    config.write_text(text, encoding="utf-8")


def unlist(config: Path) -> None:
    """Whoever runs the tests is nobody from now on."""
    give_role(config, "auditor")
    text = config.read_text(encoding="utf-8").replace(f'"{login()}"', '"qualcuno"')
    config.write_text(text, encoding="utf-8")
