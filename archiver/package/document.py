"""XML read child by child: a cursor that refuses whatever its reader did not ask for.

The parser knows no DTD, no entity and no network. Every complaint is a ValueError that names the place; a format's
reader turns it into Malformed once, at its door.
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

_UNKNOWN: Final = "expected {expected}, found {found}"


def root(xml: bytes, *tags: str, namespace: str, qualified: bool = False) -> "Node":
    """The root element, one of `tags` of `namespace`; `qualified`: its attributes carry the namespace too.

    Raises ValueError for what is no well-formed UTF-8 XML, has a DOCTYPE, or another root.
    """
    if b"<!DOCTYPE" in xml:  # before parsing: nothing of a DTD is ever looked at
        raise ValueError("DOCTYPE: expected none, found one")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        element = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, LookupError) as error:
        raise ValueError(f"not well-formed XML: {error}") from error
    node = Node(element, namespace, qualified)
    if element.tag not in map(node.name, tags):
        raise ValueError(_UNKNOWN.format(expected=" or ".join(map(node.name, tags)), found=element.tag))
    return node


class Node:
    """One element. Children are taken in their order; `end` (or `text`) comes last and refuses what is left over."""

    __slots__ = ("_attributes", "_children", "_element", "_namespace", "_next", "_qualified")

    def __init__(self, element: "etree._Element", namespace: str, qualified: bool) -> None:
        self._element = element
        self._namespace = namespace
        self._qualified = qualified
        self._attributes: dict[str, str] = {str(key): str(value) for key, value in element.items()}
        self._children = list(element)
        self._next = 0

    @property
    def tag(self) -> str:
        """The element's name without its namespace."""
        return str(self._element.tag).rpartition("}")[2]

    def name(self, tag: str) -> str:
        """`tag` in this document's namespace, in Clark's notation."""
        return f"{{{self._namespace}}}{tag}" if self._namespace else tag

    def maybe(self, tag: str) -> "Node | None":
        """The next child if it is `tag`."""
        if self._next == len(self._children) or self._children[self._next].tag != self.name(tag):
            return None
        self._next += 1
        return Node(self._children[self._next - 1], self._namespace, self._qualified)

    def take(self, tag: str) -> "Node":
        """The next child, which must be `tag`."""
        child = self.maybe(tag)
        if child is None:
            found = self._children[self._next].tag if self._next < len(self._children) else "nothing more"
            raise self.complaint(_UNKNOWN.format(expected=self.name(tag), found=found))
        return child

    def each(self, tag: str) -> Iterator["Node"]:
        """The next children as long as they are `tag`; may be none."""
        while (child := self.maybe(tag)) is not None:
            yield child

    def foreign(self, tag: str, *, namespace: str) -> "Node":
        """The next child, which must be `tag` of another namespace whose attributes are unqualified."""
        inner = Node(self._element, namespace, False)
        inner._next = self._next
        child = inner.take(tag)
        self._next = inner._next
        return child

    def attribute(self, name: str) -> str:
        """The attribute `name`, which must be there; each is asked for once."""
        value = self.optional(name)
        if value is None:
            raise self.complaint(f"attribute {name}: expected, found none")
        return value

    def optional(self, name: str) -> str | None:
        """The attribute `name`, or None."""
        return self._attributes.pop(self.name(name) if self._qualified else name, None)

    def fixed(self, name: str, value: str) -> None:
        """The attribute `name` must say `value`."""
        if (found := self.attribute(name)) != value:
            raise self.complaint(f"attribute {name}: expected {value!r}, found {found!r}")

    def end(self) -> None:
        """Nothing else may stand here: no child, no attribute, no text between children."""
        if self._next < len(self._children):
            raise self.complaint(f"expected nothing more, found {self._children[self._next].tag}")
        if self._attributes:
            raise self.complaint(f"attributes: expected no others, found {sorted(map(str, self._attributes))}")
        between = [self._element.text, *(child.tail for child in self._children)]
        if any(text and text.strip() for text in between):
            raise self.complaint("expected elements only, found text between them")

    def text(self) -> str:
        """The text of an element that has no children; empty when there is none."""
        if self._children:
            raise self.complaint(f"expected text only, found {self._children[0].tag}")
        if self._attributes:
            raise self.complaint(f"attributes: expected no others, found {sorted(map(str, self._attributes))}")
        return self._element.text or ""

    def complaint(self, what: str) -> ValueError:
        """A ValueError that says where: the path of this element."""
        return ValueError(f"{self._element.getroottree().getpath(self._element)}: {what}")
