"""The office whose archive the runbooks mend, and what does a page in it."""

import os
from collections.abc import Callable

import pytest
from support.dovecots import dovecot  # noqa: F401  (a fixture)
from support.offices import PAGES, Office, mine, office, stampers  # noqa: F401  (fixtures)
from support.pages import Page


@pytest.fixture
def page(mine: Office) -> Callable[..., Page]:  # noqa: F811  (the fixture)
    """Does what a page says, in the copy."""

    def did(name: str, values: dict[str, str] | None = None, **environ: str) -> Page:
        known = {**os.environ, **environ}
        return Page(PAGES / f"{name}.md", values or {}, {**environ, "HOME": known["HOME"]}).run(mine.folder)

    return did
