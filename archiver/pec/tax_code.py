"""Codici fiscali and partite IVA among words: found by their shape, believed by their check character.

DM 23 December 1976 (codice fiscale, omocodia included: seven digits that may be letters), DPR 633/1972 art. 35
(partita IVA, eleven digits, the last a check digit; the codice fiscale of legal persons has the same shape).
"""

import re
from collections.abc import Iterable

LENGTH = 16
_LENGTHS = (11, 13, LENGTH)  # a number, with IT before it, and a person's
_FIGURE = "[0-9LMNP-V]"  # a digit, or the letter that stands for it where two people would have one code
_PERSON = re.compile(rf"[A-Z]{{6}}{_FIGURE}{{2}}[ABCDEHLMPRST]{_FIGURE}{{2}}[A-Z]{_FIGURE}{{3}}[A-Z]")
_NUMBER = re.compile("[0-9]{11}")
_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21),
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        ),
        strict=True,
    )
)
_EVEN = {sign: int(sign) if sign.isdigit() else ord(sign) - ord("A") for sign in _ODD}


def among(words: Iterable[str]) -> tuple[str, ...]:
    """The codes among words of lower-case letters and digits, separated by blanks; upper case, each once."""
    shaped = {word.upper() for text in words for word in text.split() if len(word) in _LENGTHS}
    plain = (word.removeprefix("IT") if len(word) < LENGTH else word for word in sorted(shaped))
    return tuple(dict.fromkeys(word for word in plain if is_code(word)))


def is_code(text: str) -> bool:
    """Whether `text`, upper case, is a codice fiscale or a partita IVA."""
    return is_person(text) if len(text) == LENGTH else is_number(text)


def is_person(code: str) -> bool:
    """Whether the check letter of a codice fiscale of 16 characters is right."""
    if not _PERSON.fullmatch(code):
        return False
    total = sum((_ODD if place % 2 == 0 else _EVEN)[sign] for place, sign in enumerate(code[:-1]))
    return chr(ord("A") + total % 26) == code[-1]


def is_number(code: str) -> bool:
    """Whether the check digit of eleven digits is right; eleven zeros are no number."""
    if not _NUMBER.fullmatch(code) or not code.strip("0"):
        return False
    doubled = (2 * int(sign) for sign in code[1:10:2])
    total = sum(map(int, code[0:10:2])) + sum(value - 9 if value > 9 else value for value in doubled)
    return (10 - total % 10) % 10 == int(code[-1])
