"""Where a probe is made: names of its own below `.probe/`, never the archive's; answers, good or bad, as values."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import md5, sha256
from secrets import token_hex
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from archiver.adapters.stores.s3.bucket import Bucket
from archiver.adapters.stores.s3.errors import Cut, errors

FOLDER = ".probe/"
"""Below the prefix; whatever lies there belongs to nobody and may be removed once its lock has ended."""

SHORT = timedelta(seconds=40)
"""For how long what the probe locks stays locked: under a minute in every mode."""

_UNKNOWN = 501
"""Not Implemented: an answer, unlike other numbers above 500."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered: accepted or refused, which is an answer too."""

    status: int
    code: str
    data: dict[str, Any]

    @property
    def accepted(self) -> bool:
        return self.status < 300

    @property
    def version(self) -> str | None:
        """The version that a PUT made."""
        return self.data.get("VersionId")

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip() if self.code != str(self.status) else str(self.status)


@dataclass(slots=True)
class Ground:
    """One probe's own part of a bucket. `skew` is how far the server's clock is ahead of ours, once it is known.

    `versioned` and `lockable` are what the bucket says of itself: versioning enabled, made with object lock.

    What the server says is returned as `Reply`; what keeps it from answering is raised, Unavailable or ConfigError.
    """

    bucket: Bucket
    client: Any
    base: str = ""
    skew: timedelta = timedelta(0)
    versioned: bool = False
    lockable: bool = False
    short: dict[str, Any] = field(default_factory=dict)
    """Sent with each PUT where the bucket would otherwise lock it for as long as it likes."""

    def __post_init__(self) -> None:
        self.base = f"{self.bucket.prefix}{FOLDER}{token_hex(8)}/"

    def ask(self, operation: str, **parameters: Any) -> Reply:
        """One request about the bucket."""
        with errors(self.bucket, FOLDER):
            try:
                data = getattr(self.client, operation)(Bucket=self.bucket.name, **parameters)
            except ClientError as error:
                reply = _refusal(error)
                if reply.status >= 500 and reply.status != _UNKNOWN:
                    raise
                return reply
        return Reply(int(data["ResponseMetadata"]["HTTPStatusCode"]), "", data)

    def need(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """One request without which there is no probe: a refusal is raised too."""
        with errors(self.bucket, FOLDER):
            data: dict[str, Any] = getattr(self.client, operation)(Bucket=self.bucket.name, **parameters)
        return data

    def put(self, name: str, body: bytes, **parameters: Any) -> Reply:
        """A PUT below the probe's own folder, with the checksum that the archive would send."""
        wanted = {**self.short, **self._declared(body), **parameters}
        return self.ask("put_object", Key=self.base + name, Body=body, **wanted)

    def must_put(self, key: str, body: bytes) -> None:
        """A PUT without which there is no probe, under its full name."""
        self.need("put_object", Key=key, Body=body, **self.short, **self._declared(body))

    def body(self, reply: Reply) -> bytes:
        """What a GET brought; nothing, if it was refused, or broke off, or was not what its own checksum says."""
        if not reply.accepted:
            return b""
        try:
            with errors(self.bucket, FOLDER):
                found: bytes = reply.data["Body"].read()
        except Cut:
            return b""
        return found

    def versions(self, name: str = "") -> list[dict[str, Any]]:
        """Versions below the probe's own folder whose names start with `name`, newest of a name first."""
        pages = self.pages("list_object_versions", name, size=1000)
        return [entry for page in pages for entry in page.get("Versions", ())]

    def pages(self, operation: str, name: str, *, size: int) -> list[dict[str, Any]]:
        """All pages of a listing of the probe's own folder."""
        with errors(self.bucket, FOLDER):
            paginator = self.client.get_paginator(operation)
            asked = paginator.paginate(
                Bucket=self.bucket.name, Prefix=self.base + name, PaginationConfig={"PageSize": size}
            )
            return list(asked)

    def until(self, at: datetime, lasting: timedelta) -> datetime:
        """When a lock of so long ends by the server's own clock; whole seconds, for some keep no more."""
        return (at + self.skew + lasting).replace(microsecond=0)

    def clean(self) -> None:
        """Removes what can be removed at once. What is still locked, or may not be deleted by these keys, stays."""
        with suppress(BotoCoreError, ClientError):
            self._clean()

    def _declared(self, body: bytes) -> dict[str, str]:
        return md5_of(body) if self.bucket.compat else sha256_of(body)

    def _clean(self) -> None:
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=self.bucket.name, Prefix=self.base)
        for page in pages:
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            wanted = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in found]
            if wanted:
                self.client.delete_objects(Bucket=self.bucket.name, Delete={"Objects": wanted, "Quiet": True})


def sha256_of(body: bytes) -> dict[str, str]:
    """What declares these bytes in mode full."""
    return {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": b64encode(sha256(body).digest()).decode()}


def md5_of(body: bytes) -> dict[str, str]:
    """What declares these bytes in mode compat."""
    return {"ContentMD5": b64encode(md5(body, usedforsecurity=False).digest()).decode()}


@contextmanager
def damaged(client: Any) -> Iterator[None]:
    """Every PUT within loses one bit after it was signed, as a bad network would do it."""
    event = "before-send.s3.PutObject"

    def damage(request: Any, **_: object) -> None:
        body = request.body if isinstance(request.body, bytes | bytearray) else request.body.read()
        request.body = body[:-1] + bytes([body[-1] ^ 1])

    client.meta.events.register(event, damage)
    try:
        yield
    finally:
        client.meta.events.unregister(event, damage)


def _refusal(error: ClientError) -> Reply:
    about = error.response.get("ResponseMetadata", {})
    told = error.response.get("Error", {})
    return Reply(int(about.get("HTTPStatusCode", 0)), str(told.get("Code", "")), dict(error.response))
