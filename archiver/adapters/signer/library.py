"""The library of a token's maker, loaded once in a process, and the tokens that it shows."""

import os
from contextlib import suppress
from typing import Any

import pkcs11
from pkcs11 import PKCS11Error, TokenFlag

from archiver.adapters.signer.token import Token
from archiver.errors import ConfigError, Unavailable

_processes: dict[str, int] = {}
"""The process in which each library was started: what a fork inherits of it belongs to the parent."""


def library(token: Token, *, anew: bool = False) -> Any:
    """The library, started in this process; `anew`: started once more, which ends every session in it.

    Raises ConfigError when the file is no such library, Unavailable when it does not start.
    """
    path = str(token.module)
    if not token.module.is_file():
        raise ConfigError(f"{path}: there is no such file; `module` is the PKCS#11 library of the token's maker")
    try:
        found = pkcs11.lib(path)
        if anew or _processes.get(path, os.getpid()) != os.getpid():
            with suppress(PKCS11Error):  # where it was not started, there is nothing to end
                found.finalize()
            found.initialize()
    except PKCS11Error as error:
        if "while loading" in str(error):
            raise ConfigError(f"{path}: not a PKCS#11 library that can be loaded: {error}") from error
        raise Unavailable(
            f"{path}: the library does not start ({_code(error)}); does it find its own configuration?"
        ) from error
    _processes[path] = os.getpid()
    return found


def find(token: Token, *, anew: bool = False) -> Any:
    """The token, as its library shows it now.

    Raises Unavailable when it is not there, ConfigError when several are meant.
    """
    there = _present(token, library(token, anew=anew))
    fitting = [
        item
        for item in there
        if (not token.token or item.label == token.token) and (token.slot is None or item.slot.slot_id == token.slot)
    ]
    if not fitting:
        shown = "; ".join(f"{item.label!r} in slot {item.slot.slot_id}" for item in there) or "none"
        raise Unavailable(
            f"{token.where}: the token is not there, found: {shown}; put it in, or correct `token` and `slot`"
        )
    if len(fitting) > 1:
        slots = ", ".join(str(item.slot.slot_id) for item in fitting)
        raise ConfigError(f"{token.where}: expected one token, found {len(fitting)}; say which: slot = one of {slots}")
    return fitting[0]


def _present(token: Token, loaded: Any) -> list[Any]:
    """All tokens that somebody has made ready for use."""
    found = []
    try:
        for slot in loaded.get_slots(token_present=True):
            with suppress(pkcs11.TokenNotPresent, pkcs11.TokenNotRecognised, pkcs11.DeviceRemoved):
                found.append(slot.get_token())
    except PKCS11Error as error:
        raise Unavailable(f"{token.where}: the library shows no tokens ({_code(error)}); try again") from error
    return [item for item in found if item.flags & TokenFlag.TOKEN_INITIALIZED]


def _code(error: PKCS11Error) -> str:
    return f"{type(error).__name__}{f': {error}' if str(error) else ''}"
