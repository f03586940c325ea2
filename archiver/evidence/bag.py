"""A token taken apart: what its signature covers, and the bag that it does not (RFC 5652, 5.1). Octets, all of it."""

from dataclasses import dataclass, field

from archiver.evidence.der import INTEGER, SEQUENCE, Walk, check_der

CERTIFICATES, CRLS = 0xA0, 0xA1
CONTENT = 0xA0


@dataclass(frozen=True, slots=True)
class Bag:
    """`kind` is the ContentInfo's contentType, `head` digestAlgorithms and encapContentInfo, `tail` the signerInfos.

    Between the two stand `certificates` and `crls`, one by one and with their tags; other kinds of both among them.
    """

    kind: bytes
    version: int
    head: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    crls: tuple[bytes, ...] = field(repr=False)
    tail: bytes = field(repr=False)

    @classmethod
    def of(cls, token: bytes) -> "Bag":
        """Raises Malformed for anything but a SignedData in DER (the order in its sets aside)."""
        check_der(token)
        outer = Walk.over(token)
        info = outer.into(SEQUENCE, "ContentInfo")
        outer.finish("ContentInfo")
        kind = info.whole("contentType")
        wrapped = info.into(CONTENT, "content")
        info.finish("ContentInfo")
        data = wrapped.into(SEQUENCE, "SignedData")
        wrapped.finish("content")
        version = int.from_bytes(data.content(INTEGER, "version"))
        head = data.whole("digestAlgorithms") + data.whole("encapContentInfo")
        certificates, crls = _items(data, CERTIFICATES, "certificates"), _items(data, CRLS, "crls")
        tail = data.whole("signerInfos")
        data.finish("SignedData")
        return cls(kind, version, head, certificates, crls, tail)


def _items(walk: Walk, tag: int, name: str) -> tuple[bytes, ...]:
    if walk.tag != tag:
        return ()
    inner, items = walk.into(tag, name), []
    while not inner.done:
        items.append(inner.whole(name))
    return tuple(items)
