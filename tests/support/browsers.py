"""A real Chromium without a screen, as a fixture: import it into a conftest. What a page logs and asks for is kept.

Playwright keeps an event loop running in the thread that it was started in, where no `asyncio.run` of ours would work
any more: so it has a thread of its own.
"""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support.tools import absent, tool

Run = Callable[[Callable[[], Any]], Any]


@dataclass
class Opened:
    """One page, and all that it said and asked for since it was opened."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def others(self) -> list[str]:
        """What was asked for besides the page itself; what lies in it (data:, about:) is asked of nobody."""
        return [url for url in self.asked[1:] if not url.startswith(("data:", "about:"))]


class Browser:
    """Chromium, one process for the session, a fresh context for each page."""

    def __init__(self, running: Any, run: Run) -> None:
        self._running, self._run = running, run

    def open(self, path: Path, *, width: int = 1100) -> Opened:
        """The file as a reader opens it, from file://."""
        opened = Opened(None)
        opened.page = _Remote(self._run(lambda: self._opened(opened, path, width)), self._run)
        return opened

    def _opened(self, opened: Opened, path: Path, width: int) -> Any:
        context = self._running.new_context(locale="it-IT", viewport={"width": width, "height": 1000})
        page = context.new_page()
        page.on("console", lambda message: opened.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        page.on("dialog", lambda dialog: opened.complaints.append(f"dialog: {dialog.message}"))
        page.on("websocket", lambda socket: opened.asked.append(socket.url))
        page.on("popup", lambda other: opened.complaints.append(f"window: {other.url}"))
        context.on("request", lambda request: opened.asked.append(request.url))
        page.goto(path.as_uri())
        return page


class _Remote:
    """Something of Playwright's, whose every use happens in Playwright's thread."""

    def __init__(self, thing: Any, run: Run) -> None:
        self._thing, self._run = thing, run

    def __getattr__(self, name: str) -> Any:
        return self._wrapped(self._run(lambda: getattr(self._thing, name)))

    def __call__(self, *given: Any, **named: Any) -> Any:
        plain = [item._thing if isinstance(item, _Remote) else item for item in given]
        inside = {
            key: {one: two._thing if isinstance(two, _Remote) else two for one, two in item.items()}
            for key, item in ((key, item) for key, item in named.items() if isinstance(item, dict))
        }
        return self._wrapped(self._run(lambda: self._thing(*plain, **{**named, **inside})))

    def _wrapped(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._wrapped(item) for item in value]
        foreign = type(value).__module__.startswith("playwright") or callable(value)
        return _Remote(value, self._run) if foreign else value


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright; it downloads no browser of its own."""
    if not shutil.which("chromium"):
        absent("the program chromium is not installed")
    api = pytest.importorskip("playwright.sync_api")
    with ThreadPoolExecutor(max_workers=1) as thread:

        def run(work: Callable[[], Any]) -> Any:
            return thread.submit(work).result()

        driver = run(lambda: api.sync_playwright().start())
        try:
            arguments = {"executable_path": tool("chromium"), "args": ["--no-sandbox"]}
            running = run(lambda: driver.chromium.launch(**arguments))
            yield Browser(running, run)
            run(running.close)
        finally:
            run(driver.stop)


__all__ = ["Browser", "Opened", "browser"]
