"""Which names an object may have: the same in every store, so that an archive can move from one to another."""

LONGEST_PART = 255
"""Bytes; what common file systems take as one file name."""

LONGEST_NAME = 1024
"""Bytes; what S3 takes as one key."""


def checked(name: str) -> str:
    """`name`, if an object may be called so: relative, forward slashes, printable, no part empty or with a leading dot.

    A leading dot is kept for the stores themselves, and so `.` and `..` are out too. Raises ValueError.
    """
    parts = name.split("/")
    if not name.isprintable() or "\\" in name or any(not part or part.startswith(".") for part in parts):
        raise ValueError(f"not a name for an object: {name!r}")
    if len(name.encode()) > LONGEST_NAME or any(len(part.encode()) > LONGEST_PART for part in parts):
        raise ValueError(f"too long a name for an object: {name!r}")
    return name


def checked_prefix(prefix: str) -> str:
    """`prefix`, if names may start so: empty, or a name cut anywhere. Raises ValueError."""
    whole = prefix.removesuffix("/")
    if whole:
        checked(whole)
    elif prefix:
        raise ValueError(f"not a beginning of a name: {prefix!r}")
    return prefix
