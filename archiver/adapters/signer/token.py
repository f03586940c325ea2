"""Where a key in a token or HSM is (PKCS#11), and what a token's refusal means to the operator."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pkcs11

from archiver.errors import ArchiverError, ConfigError, Unavailable

BY_HAND = "log in once by hand with the right PIN (pkcs11-tool --login --test), and correct `pin`"

_TO_MEND: dict[type[pkcs11.PKCS11Error], str] = {
    pkcs11.PinIncorrect: f"the PIN is wrong; it is not given again: {BY_HAND}",
    pkcs11.PinInvalid: f"the PIN is none that this token can have; it is not given again: {BY_HAND}",
    pkcs11.PinLenRange: f"the PIN is too short or too long for this token; it is not given again: {BY_HAND}",
    pkcs11.PinLocked: "the PIN is locked after wrong ones; unlock it with the token's own program (PUK, SO PIN)",
    pkcs11.PinExpired: "the PIN has expired; set a new one with the token's own program",
    pkcs11.UserPinNotInitialized: "the token has no user PIN yet; set one with the token's own program",
    pkcs11.UserTooManyTypes: "the token lets no more users in; end the other programs that use it",
    pkcs11.MechanismInvalid: "the token cannot sign in this way; see `mechanism`, or use another kind of key",
    pkcs11.MechanismParamInvalid: "the token cannot sign in this way; see `mechanism`, or use another kind of key",
    pkcs11.KeyTypeInconsistent: "the key is of another kind than the certificate's; correct `key` or `certificate`",
    pkcs11.KeySizeRange: "the token cannot sign with a key of this size; use another key",
}
"""What no waiting mends; everything else may pass."""

_NOT_PERMITTED = "0x68"  # CKR_KEY_FUNCTION_NOT_PERMITTED, for which python-pkcs11 has no class


@dataclass(frozen=True, slots=True)
class Token:
    """Where a key is: the library of its maker, the token's label or slot, the key's label or id (hexadecimal).

    Empty or None: whichever is there, when it is the only one. `slot` is the number that `pkcs11-tool --list-slots`
    shows in brackets. `pin` is asked once in a process, when the key is needed; None for tokens with a pad of their
    own, or without a PIN. `certificate` None: the token's own, of the key's label or id. `mechanism`: see
    `mechanism_of`.
    """

    module: Path
    token: str = ""
    slot: int | None = None
    key: str = ""
    key_id: str = ""
    pin: Callable[[], str] | None = field(default=None, repr=False)
    certificate: Path | None = None
    chain: tuple[Path, ...] = ()
    mechanism: str = ""

    @property
    def where(self) -> str:
        """The module and the token, as messages name them."""
        label = f", token {self.token!r}" if self.token else ""
        slot = "" if self.slot is None else f", slot {self.slot}"
        return f"{self.module}{label}{slot}"

    @property
    def wanted(self) -> str:
        """The key, as messages name it."""
        label = f" {self.key!r}" if self.key else ""
        return f"key{label}{f' (id {self.key_id})' if self.key_id else ''}"


def told(error: pkcs11.PKCS11Error, token: Token, doing: str) -> ArchiverError:
    """The error of ours that says what to do: ConfigError for what the operator must mend, else Unavailable."""
    subject = f"{token.where}, {token.wanted}"
    code = f"{type(error).__name__}{f': {error}' if str(error) else ''}"
    reason = next((text for kind, text in _TO_MEND.items() if isinstance(error, kind)), None)
    if str(error).endswith(_NOT_PERMITTED):
        reason = "the key may not sign; use another key"
    if reason is not None:
        return ConfigError(f"{subject}: {doing}: {reason} ({code})")
    return Unavailable(f"{subject}: {doing}: the token does not answer as it should ({code}); is it there? try again")
