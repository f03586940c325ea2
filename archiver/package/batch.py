"""A trust batch as it reads: what was collected in one run and is listed in no index.

The manifest is a list as `sha256sum` writes and checks it (`sha256sum -c`, in the holder's folder): one line for each
object, `<sha256>  trust/<sha256>.<extension>`, sorted, each line ended by a line feed; at least one.
"""

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package import rules

Entry = tuple[Sha256, str]
"""The digest of an object and its extension: `layout.trust` gives its name."""


def read(octets: bytes) -> tuple[Entry, ...]:
    """The objects that a manifest lists, in its order. Raises Malformed for anything but the one form it has."""
    try:
        text = octets.decode("ascii")
    except UnicodeDecodeError as error:
        raise Malformed(f"manifest: expected ASCII, found the octet {octets[error.start]:02x}") from error
    lines = text.split("\n")
    if lines.pop() or not lines:
        raise Malformed("manifest: expected one or more lines, each ended by a line feed")
    if lines != sorted(set(lines)):
        raise Malformed("manifest: expected sorted lines, each once")
    return tuple(_entry(line) for line in lines)


def _entry(line: str) -> Entry:
    digest, _, path = line.partition("  ")
    name, _, extension = path.removeprefix("trust/").partition(".")
    try:
        entry = rules.sha256(digest), rules.extension(extension)
    except ValueError as error:
        raise Malformed(f"manifest: {error}") from error
    if path != f"trust/{digest}.{extension}" or name != digest:
        raise Malformed(f"manifest: expected {digest}  trust/{digest}.{extension}, found {line[:200]!r}")
    return entry
