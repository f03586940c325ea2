"""Damage done on purpose to what lies in a store, past the store: as failing disks, intruders and administrators do.

    Rot(root).flip(name)                                 # a store in a folder
    Raw(client, bucket, prefix).flip(name)               # a store in a bucket; the client may bypass governance

Bytes of a version of S3 cannot be changed through S3: there the harmed bytes take the place of all versions, as when
somebody with the owner's keys destroys the object and puts another. Under COMPLIANCE nobody can: ClientError.
"""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

Change = Callable[[bytes], bytes]


def flipped(octets: bytes, place: int = 0) -> bytes:
    """One bit of the octet at `place` is another."""
    return octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :]


class Damage(Protocol):
    """Harm to objects by name, done at once."""

    def read(self, name: str) -> bytes:
        """The bytes that whoever knows nothing of the archive sees under the name."""

    def change(self, name: str, change: Change) -> None:
        """Other bytes are in its place."""

    def flip(self, name: str, place: int = 0) -> None:
        """One bit has turned over."""

    def truncate(self, name: str, size: int = 0) -> None:
        """Only the first octets are left."""

    def zero(self, name: str) -> None:
        """As long as before, and nothing but zeros."""

    def swap(self, one: str, other: str) -> None:
        """Each has the other's bytes."""

    def destroy(self, name: str) -> None:
        """Nothing of it is left, no version and no marker."""

    def foreign(self, name: str, octets: bytes = b"foreign") -> None:
        """Something lies where the archive never put anything."""

    def resurrect(self, name: str) -> None:
        """The oldest bytes that are left of it, those that a repair took out of the way too, are on top again."""

    def harms(self) -> dict[str, Callable[[str], None]]:
        """What can be done here to one object whose content is not empty, by its name."""


class _Harms:
    """What both kinds have in common."""

    def read(self, name: str) -> bytes:
        raise NotImplementedError

    def change(self, name: str, change: Change) -> None:
        raise NotImplementedError

    def destroy(self, name: str) -> None:
        raise NotImplementedError

    def flip(self, name: str, place: int = 0) -> None:
        self.change(name, lambda octets: flipped(octets, place))

    def truncate(self, name: str, size: int = 0) -> None:
        self.change(name, lambda octets: octets[:size])

    def zero(self, name: str) -> None:
        self.change(name, lambda octets: bytes(len(octets)))

    def swap(self, one: str, other: str) -> None:
        first, second = self.read(one), self.read(other)
        self.change(one, lambda _: second)
        self.change(other, lambda _: first)

    def harms(self) -> dict[str, Callable[[str], None]]:
        return {"flip": self.flip, "truncate": self.truncate, "zero": self.zero, "destroy": self.destroy}


class Rot(_Harms):
    """Damage to a `FilesystemStore` at `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def change(self, name: str, change: Change) -> None:
        """The same file, as when a disk rots: whoever holds it by another name sees it too."""
        path = self.root / name
        octets = change(path.read_bytes())
        path.chmod(0o644)
        path.write_bytes(octets)
        path.chmod(0o444)

    def destroy(self, name: str) -> None:
        (self.root / name).unlink()

    def foreign(self, name: str, octets: bytes = b"foreign") -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(octets)

    def resurrect(self, name: str) -> None:
        old = self.replaced(name)[0]
        copy = self.root / (name + ".copy")
        copy.write_bytes(old)
        os.replace(copy, self.root / name)

    def replaced(self, name: str) -> list[bytes]:
        """What repairs took out of the way, the first one first."""
        found = (self.root / ".replaced" / name).parent.glob(Path(name).name + ".*")
        return [path.read_bytes() for path in sorted(found, key=lambda path: int(path.name.rpartition(".")[2]))]


class Raw(_Harms):
    """Damage to an `S3Store` below `prefix` of `bucket`, by a boto3 client that may do everything."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        self.client, self.bucket, self.prefix = client, bucket, prefix

    def read(self, name: str) -> bytes:
        octets: bytes = self("get_object", name)["Body"].read()
        return octets

    def change(self, name: str, change: Change) -> None:
        octets = change(self._oldest(name))
        self.destroy(name)
        self.cover(name, octets)

    def destroy(self, name: str) -> None:
        for entry in list(self.everything(name)):
            self("delete_object", name, VersionId=entry["VersionId"], BypassGovernanceRetention=True)

    def foreign(self, name: str, octets: bytes = b"foreign") -> None:
        self.cover(name, octets)

    def resurrect(self, name: str) -> None:
        self.cover(name, self._oldest(name))

    def cover(self, name: str, octets: bytes = b"something else") -> None:
        """One more version lies on top, without a lock."""
        self("put_object", name, Body=octets)

    def hide(self, name: str) -> None:
        """A delete marker lies on top."""
        self("delete_object", name)

    def destroy_version(self, name: str, version: str) -> None:
        """One version, or marker, is gone."""
        self("delete_object", name, VersionId=version, BypassGovernanceRetention=True)

    def lock(self, name: str, until: datetime, *, mode: str = "GOVERNANCE") -> None:
        """The lock of the oldest version ends then, earlier than it did, where the store lets itself be told so."""
        retention, oldest = {"Mode": mode, "RetainUntilDate": until}, self.versions(name)[-1]
        self("put_object_retention", name, VersionId=oldest, Retention=retention, BypassGovernanceRetention=True)

    def versions(self, name: str) -> list[str]:
        """Ids, newest first, without markers."""
        return [entry["VersionId"] for entry in self.everything(name) if "Size" in entry]

    def everything(self, name: str) -> Iterator[dict[str, Any]]:
        """Versions, newest first, and then delete markers."""
        pages = list(
            self.client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=self.prefix + name)
        )
        for kind in ("Versions", "DeleteMarkers"):
            yield from (entry for page in pages for entry in page.get(kind, ()) if entry["Key"] == self.prefix + name)

    def harms(self) -> dict[str, Callable[[str], None]]:
        return {**super().harms(), "hide": self.hide, "cover": self.cover, "cover and hide": self._cover_and_hide}

    def __call__(self, operation: str, name: str, **parameters: Any) -> dict[str, Any]:
        """S3 as it is, about one object."""
        answer: dict[str, Any] = getattr(self.client, operation)(
            Bucket=self.bucket, Key=self.prefix + name, **parameters
        )
        return answer

    def _oldest(self, name: str) -> bytes:
        octets: bytes = self("get_object", name, VersionId=self.versions(name)[-1])["Body"].read()
        return octets

    def _cover_and_hide(self, name: str) -> None:
        self.cover(name)
        self.hide(name)


class Below:
    """Damage to one version of an object below S3, in the pool of a gateway of `servers.ceph`: no lock stands there."""

    def __init__(self, gateway: Any, prefix: str = "") -> None:
        self.gateway, self.prefix = gateway, prefix

    def change(self, name: str, version: str, change: Change) -> None:
        """The bytes of a version that fits into one piece (4 MiB) are others; its size, as S3 tells it, is not."""
        piece = self._piece(name, version)
        octets = change(self.gateway.below("get", piece, "-"))
        self.gateway.below("put", piece, "-", brought=octets)

    def destroy(self, name: str, version: str) -> None:
        """The bytes of a version are gone; S3 lists it still."""
        self.gateway.below("rm", self._piece(name, version))

    def _piece(self, name: str, version: str) -> str:
        pieces = self.gateway.below("ls").decode().splitlines()
        (found,) = [piece for piece in pieces if piece.endswith(f":{version}_{self.prefix}{name}")]
        return str(found)


__all__ = ["Below", "Damage", "Raw", "Rot", "flipped"]
