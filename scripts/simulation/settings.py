"""The configuration of a simulated archive: what a person would have written, as far as the seed varies it."""

import re
from pathlib import Path

from archiver.config import Config, demo_text, parse
from simulation.fate import Fate
from simulation.house import HOLDER, MAILBOX

_MAILBOX = """
[mailbox.imap]
host = "imap.invalid"
user = "studio"
password = "env:NEVER_ASKED"
"""


def configured(fate: Fate, folder: Path) -> Config:
    """A configuration with one to three stores, one or two authorities, volumes by week or month."""
    dice = fate.dice("settings")
    replicas = dice.choice((0, 1, 1, 2, 2))
    stores = _store("primary", "nightly") + "".join(
        _store(f"replica-{number}", dice.choice(("nightly", "sync"))) for number in range(1, replicas + 1)
    )
    tsas = _tsa("prima", "sha-512") + (_tsa("seconda", "sha-256", redundant=True) if dice.random() < 0.6 else "")
    text = demo_text(holder_id=HOLDER, mailbox_id=MAILBOX, today="2026-01-01")
    text = re.sub(r'(?m)^\[\[tsa\]\]\nid = "local".*\nkind = "local"\n', tsas, text)
    text = re.sub(r'(?ms)^\[\[store\]\]\nkind = "filesystem"\n.*?^operator = .*?\n', stores, text, count=1)
    text = re.sub(r'close_after = "\w+"', f'close_after = "{dice.choice(("7d", "1M", "1M"))}"', text)
    text = re.sub(r"(?m)^riservato = false\n", lambda found: found[0] + _MAILBOX, text, count=1)
    copies = dice.randint(1, replicas + 1)
    text = text.replace("[archive]\n", f"[archive]\ncopies = {copies}\n", 1)
    if dice.random() < 0.3:
        text += "\n[rdv]\nsign = true\n"
    text += f"\n[sweep]\ndays = {dice.choice((60, 90, 180))}\nrepair = true\n"
    return parse(text, folder)


def _store(name: str, write: str) -> str:
    mode = "" if name == "primary" else f'write = "{write}"\n'
    return f'[[store]]\nid = "{name}"\nkind = "filesystem"\npath = "{name}"\n{mode}country = "IT"\noperator = "x"\n'


def _tsa(name: str, digest: str, *, redundant: bool = False) -> str:
    more = "redundant = true\n" if redundant else ""
    return f'[[tsa]]\nid = "{name}"\nkind = "local"\ndigest = "{digest}"\n{more}'
