"""Answers of pure functions are kept: reading a token and judging a path cost milliseconds, and come back every night.

Nothing else changes: the same octets, moments and trust give the same answer, and another argument is asked anew.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from archiver.chain import validate
from archiver.chain.material import load
from archiver.evidence.cms import open_signed
from archiver.evidence.timestamp import read_token

_PURE: tuple[Callable[..., Any], ...] = (open_signed, read_token, validate, load)


@contextmanager
def remembering() -> Iterator[None]:
    """Every module of the archive has the remembering ones, as long as the block lasts."""
    made = {function: _kept(function) for function in _PURE}
    _swap(made)
    try:
        yield
    finally:
        _swap({new: old for old, new in made.items()})


def _kept(function: Callable[..., Any]) -> Callable[..., Any]:
    answers: dict[Any, Any] = {}

    def ask(*args: Any, **kwargs: Any) -> Any:
        key = (args, tuple(kwargs.items()))
        try:
            return answers[key]
        except KeyError:
            found = answers[key] = function(*args, **kwargs)
            return found
        except TypeError:  # bytearray, list: not asked before, as far as anybody can tell
            return function(*args, **kwargs)

    return ask


def _swap(new: dict[Callable[..., Any], Callable[..., Any]]) -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("archiver."):
            for attribute, value in list(vars(module).items()):
                if callable(value) and value.__hash__ is not None and value in new:
                    setattr(module, attribute, new[value])
