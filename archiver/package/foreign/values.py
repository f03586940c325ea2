"""What a foreign index says: as much as it takes to check its files, and to tell people what it is."""

from dataclasses import dataclass

DIGESTS = {
    "sha1": "sha1",
    "sha160": "sha1",
    "sha224": "sha224",
    "sha256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
    "sha3256": "sha3_256",
    "sha3512": "sha3_512",
    "md5": "md5",
    "ripemd160": "ripemd160",
}
"""What hash functions are called, without dashes and blanks, in lower case; by the name that hashlib has."""

WEAK = frozenset(("md5", "sha1", "ripemd160"))


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of a foreign index. `path` may be empty: then its id is all there is to find it by.

    `function` is as written, `algorithm` hashlib's name for it (empty: unknown); `digest` is empty for a hash that is
    neither hexadecimal nor base64 of the right length. `canonical`: it is of the canonical form of an XML file.
    """

    id: str
    path: str
    function: str
    algorithm: str
    digest: bytes
    written: str
    canonical: bool
    format: str
    extension: str
    metadata: bool = False


@dataclass(frozen=True, slots=True)
class ForeignIndex:
    """A foreign index: `generation` 2 is PIndex (2020), 1 is IdC (2010). Texts may be empty.

    `time` is the declared one, `stamp` the path of a time stamp that it says lies beside. `sources` are earlier indexes
    that it derives from.
    """

    generation: int
    id: str
    package: str
    application: str
    holders: tuple[str, ...]
    signers: tuple[str, ...]
    time: str
    stamp: str
    files: tuple[Listed, ...]
    sources: tuple[Listed, ...]
