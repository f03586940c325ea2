"""What leaves the house names nobody: addresses, users and secrets are struck out of the reasons that servers give."""

import re
from collections.abc import Iterable

STRUCK = "***"

_ADDRESS = re.compile(r"""("[^"\n]*"|[^\s<>"'«»()\[\],;:=]*)@(\[[^\]\s]*\]|[\w.-]*\w)""")
_SHORTEST = 3


class Discreet:
    """Strikes out mail addresses, and these `names` and `secrets` wherever they stand."""

    def __init__(self, *, names: Iterable[str] = (), secrets: Iterable[str] = ()) -> None:
        self._names = _any_of(name for name in names if len(name) >= _SHORTEST)
        self._secrets = _any_of(secret for secret in secrets if secret)

    def __call__(self, text: str) -> str:
        """The text without them, on one line."""
        said = _ADDRESS.sub(STRUCK, self.without_secrets(" ".join(text.split())))
        return self._names.sub(STRUCK, said) if self._names else said

    def without_secrets(self, text: str) -> str:
        """The text without secrets only."""
        return self._secrets.sub(STRUCK, text) if self._secrets else text


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """Finds each of them, the longest first: one may be the beginning of another."""
    ordered = sorted(set(words), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)), re.IGNORECASE) if ordered else None
