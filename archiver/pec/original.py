"""The message that a provider's message carries (postacert.eml), for those who have no sent copy."""

from dataclasses import dataclass
from datetime import datetime

from archiver.pec import address, mime, parts, provider, words
from archiver.pec.address import Address


@dataclass(frozen=True, slots=True)
class Original:
    """What its headers state, and the names of its attachments. `to` and `cc` are bare addresses."""

    date: datetime | None
    subject: str
    sender: Address
    to: tuple[str, ...]
    cc: tuple[str, ...]
    attachments: tuple[str, ...]


def read(raw: bytes) -> Original | None:
    """The original in a provider's message, None when it holds none. Never raises."""
    part = provider.parts_of(raw).original
    if part is None:
        return None
    inner = parts.original(raw, part)
    whole = mime.entity(inner)
    return Original(
        date=address.moment(whole.headers.first("date")),
        subject=whole.headers.text("subject"),
        sender=address.first(whole.headers.joined("from")),
        to=_bare(whole.headers.joined("to")),
        cc=_bare(whole.headers.joined("cc")),
        attachments=parts.to_message(inner, whole).names,
    )


def octets(raw: bytes) -> bytes | None:
    """The original message in `raw`, its transfer encoding undone; None when `raw` holds none."""
    part = provider.parts_of(raw).original
    return None if part is None else parts.original(raw, part)


def _bare(value: str) -> tuple[str, ...]:
    return tuple(words.clean(item.address) for item in address.addresses(value))
