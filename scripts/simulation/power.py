"""Power and turns: every call through a port passes here, may be the last one, and may let another worker go first."""

import threading
from collections.abc import Callable, Iterator
from types import GeneratorType
from typing import Any

from simulation.fate import Fate


class PowerCut(BaseException):
    """The machine is dead: nothing in the program may catch this, and every later call meets it again."""


class Power:
    """The mains of one machine, and whose turn it is among its workers (threads of which one runs at a time)."""

    def __init__(self, fate: Fate) -> None:
        self.fate = fate
        self.dead = False
        self.moment = 0
        self.cut: int | None = None
        self.noted: Callable[[str], None] = lambda what: None
        self._turns: dict[str, threading.Semaphore] = {}
        self._now = ""

    @property
    def worker(self) -> str:
        """Whose turn it is; empty when nobody shares the machine."""
        return self._now

    def spend(self, what: str) -> None:
        """One more moment, spent on `what`. Raises PowerCut when the cut comes now, or has come."""
        if self.dead:
            raise PowerCut(what)
        self.moment += 1
        self.fate.tell(f"    {self._now}{self.moment} {what}")
        if self.cut is not None and self.moment >= self.cut:
            self.dead = True
            self.fate.fault("power cut", what)
            raise PowerCut(f"moment {self.moment}, {what}")
        self.noted(what)
        if self._turns and self.fate.chance("turns", 0.25):
            self._give_way()

    def together(self, errands: dict[str, Callable[[], None]]) -> None:
        """Runs all of them, one at a time, with turns that the seed decides. What they raise is theirs to keep."""
        self._turns = {name: threading.Semaphore(0) for name in errands}
        done = threading.Semaphore(0)

        fatal: list[BaseException] = []

        def work(name: str, errand: Callable[[], None]) -> None:
            self._turns[name].acquire()
            try:
                errand()
            except BaseException as error:  # a bug, of the program's or of ours: the other one ends first
                fatal.append(error)
                self.dead = True
            finally:
                del self._turns[name]
                self._pass_on(done)

        threads = [threading.Thread(target=work, args=item, daemon=True) for item in errands.items()]
        for thread in threads:
            thread.start()
        self._pass_on(done)
        done.acquire()
        for thread in threads:
            thread.join()
        self._now = ""
        if fatal:
            raise fatal[0]

    def _pass_on(self, done: threading.Semaphore) -> None:
        if not self._turns:
            done.release()
            return
        self._now = self.fate.dice("turns").choice(sorted(self._turns))
        self._turns[self._now].release()

    def _give_way(self) -> None:
        mine = self._now
        chosen = self.fate.dice("turns").choice(sorted(self._turns))
        if chosen != mine:
            self._now = chosen
            self._turns[chosen].release()
            self._turns[mine].acquire()
            if self.dead:
                raise PowerCut("while it waited for its turn")


def wired(port: Any, power: Power, name: str, *, told: bool = True) -> Any:
    """The same port, on this power; `told`: the log names the first argument."""
    return _Wired(port, power, name, told)


class _Wired:
    def __init__(self, port: Any, power: Power, name: str, told: bool) -> None:
        self._port, self._power, self._name, self._told = port, power, name, told

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._call(found, f"{self._name}.{name}") if callable(found) else found

    def _call(self, method: Callable[..., Any], what: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            shown = f"{what} {args[0]}" if self._told and args and isinstance(args[0], str) else what
            self._power.spend(f"before {shown}")
            result = method(*args, **kwargs)
            self._power.spend(f"after {shown}")
            return self._items(result, what) if isinstance(result, GeneratorType) else result

        return call

    def _items(self, items: Iterator[Any], what: str) -> Iterator[Any]:
        for item in items:
            self._power.spend(f"item of {what}")
            yield item
