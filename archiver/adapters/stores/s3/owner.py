"""Whose a prefix is: nobody's, this archive's or another's; and what lies there that is no archive's at all."""

from contextlib import suppress
from dataclasses import replace

from archiver.adapters.stores.filesystem import FORMAT, MARKER
from archiver.adapters.stores.s3.bucket import Bucket
from archiver.adapters.stores.s3.client import Connection
from archiver.adapters.stores.s3.objects import Objects
from archiver.errors import Absent, ConfigError, Conflict

OWNER = ".archiver-owner"
"""One id a line, sorted: those whose archive was made here first. Written once."""


def claim(objects: Objects, owners: tuple[str, ...]) -> None:
    """The prefix is theirs from now on, if it was nobody's. Raises ConfigError when it is of others altogether."""
    found = _owners(objects)
    if not found:
        with suppress(Conflict):  # another archive was quicker
            objects.put(OWNER, "".join(f"{one}\n" for one in sorted(owners)).encode())
        found = _owners(objects)
    if found.isdisjoint(owners):
        raise ConfigError(
            f"{objects.bucket.shown}: è l'archivio di {', '.join(sorted(found))}, non di {', '.join(sorted(owners))}:"
            " indicare un altro prefix o un altro bucket (another archive's store: name another prefix or bucket)"
        )


def own(name: str) -> bool:
    """Whether it is the store's own, or a folder that some console has drawn."""
    return not name or name.endswith("/") or any(part.startswith(".") for part in name.split("/"))


def stranger(objects: Objects) -> str:
    """The first name below the prefix that is not the store's own, or nothing. Another store's marker is one too."""
    return next((name for name, _ in objects.list("") if not own(name) or name.endswith(f"/{MARKER}")), "")


def refuse_strangers(objects: Objects) -> None:
    """Raises ConfigError when a store that is made here would lie in another one, around one, or on other things."""
    _refuse_around(objects.bucket)
    found = stranger(objects)
    if not found:
        return
    bucket = objects.bucket
    if found.endswith(f"/{MARKER}"):
        raise ConfigError(
            f"{bucket.shown}: contiene già un archivio ({found}): indicare un prefix che non ne contenga"
            " (another archive lies below this prefix)"
        )
    endpoint = f" --endpoint-url {bucket.endpoint}" if bucket.endpoint else ""
    raise ConfigError(
        f"{bucket.shown}: c'è altro ({found}) e non è un archivio: nulla è stato creato; indicare un altro prefix o un"
        f" altro bucket. Se è un archivio che ha perso il suo {MARKER}, o una sua copia, rimetterlo:"
        f" `echo {FORMAT.decode().strip()} > marker; aws s3api put-object --bucket {bucket.name}"
        f" --key {bucket.prefix}{MARKER} --body marker{endpoint}` (not empty, and not a store: nothing was made)"
    )


def _refuse_around(bucket: Bucket) -> None:
    parts = bucket.prefix.split("/")[:-1]
    for count in range(len(parts)):
        around = "".join(f"{part}/" for part in parts[:count])
        try:
            Connection(replace(bucket, prefix=around)).about("head_object", MARKER)
        except (Absent, ConfigError):  # none there; or our keys see nothing but our own prefix, and cannot tell
            continue
        raise ConfigError(
            f"{bucket.shown}: è dentro un altro archivio ({around}{MARKER}): indicare un prefix fuori da quello"
            " (the prefix lies within another archive's)"
        )


def _owners(objects: Objects) -> set[str]:
    try:
        return set(objects.get(OWNER).decode("utf-8", "replace").split())
    except Absent:
        return set()
