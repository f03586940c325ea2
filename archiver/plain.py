"""Values that go to another process by the thousand."""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any


class Plain:
    """A dataclass of two fields or more that pickles as its class and its values: frozen slots would otherwise go
    through lists of their fields. What comes out was built, and so checked, as at first.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        kind: Any = type(self)
        return kind, _values(kind)(self)


@cache
def _values(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*[field.name for field in fields(kind)])
