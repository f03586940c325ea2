"""Style sheets, the program of the page, and the policy that lets nothing else run (Content Security Policy 3)."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

FRAME_STYLE: Final = (
    "body{font:15px/1.5 Georgia,serif;margin:12px;color:#1b1b1b;background:#fff;overflow-wrap:anywhere}"
)
"""Of the frames that hold messages."""


@cache
def style() -> str:
    """The page's own."""
    return _shipped("page.css")


@cache
def program() -> str:
    """The bundle that scripts/page builds out of src/."""
    return _shipped("page.js")


@cache
def licenses() -> str:
    """Of the libraries in the bundle."""
    return _shipped("licenses.txt")


@cache
def policy() -> str:
    """What the page may do: run this program, use these two style sheets, show pictures that lie in it."""
    return (
        f"default-src 'none'; script-src {_hashed(program())}; style-src {_hashed(style())} {_hashed(FRAME_STYLE)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


@cache
def frame_policy() -> str:
    """What a message in its frame may do: nothing but show the pictures that lie in it."""
    return f"default-src 'none'; style-src {_hashed(FRAME_STYLE)}; img-src data:; base-uri 'none'; form-action 'none'"


def _hashed(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _shipped(name: str) -> str:
    return files("archiver.access.exhibit.page").joinpath(name).read_text(encoding="utf-8")
