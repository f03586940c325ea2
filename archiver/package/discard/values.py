"""What a record of destruction says: what is gone, why, who authorised it; digests only, no subject and no address."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from archiver.digest import Sha256, Sha512
from archiver.package import rules

NAMESPACE: Final = "urn:pec-archiver:discard:1"
FORMAT: Final = "1"


@dataclass(frozen=True, slots=True)
class Authorization:
    """The nulla osta: of whom, under which protocol number, of which day."""

    authority: str
    protocol: str
    date: date

    def __post_init__(self) -> None:
        if not self.authority or not self.protocol:
            raise ValueError("authorization: expected authority and protocol, found one empty")


@dataclass(frozen=True, slots=True)
class NotRequired:
    """No authorisation was needed, and why."""

    reason: str

    def __post_init__(self) -> None:
        if not self.reason:
            raise ValueError("authorization not required: expected the reason, found none")


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """A segment that was destroyed (`new` is None) or replaced by one without the destroyed messages."""

    old: Sha256
    new: Sha256 | None = None

    def __post_init__(self) -> None:
        _check_change(self.old, self.new)


@dataclass(frozen=True, slots=True)
class MetadataChange:
    """The same for the `metadata.zip` of a volume."""

    volume: str
    old: Sha256
    new: Sha256 | None = None

    def __post_init__(self) -> None:
        rules.sha256(self.volume)
        _check_change(self.old, self.new)


@dataclass(frozen=True, slots=True)
class MetadataDigests:
    """Both digests of a destroyed metadata document."""

    sha256: Sha256
    sha512: Sha512

    def __post_init__(self) -> None:
        rules.sha256(self.sha256)
        rules.sha512(self.sha512)


@dataclass(frozen=True, slots=True)
class Member:
    """One destroyed message and its metadata document; `volume` and `metadata` are None if it was not sealed yet."""

    sha256: Sha256
    sha512: Sha512
    volume: str | None = None
    metadata: MetadataDigests | None = None

    def __post_init__(self) -> None:
        rules.sha256(self.sha256)
        rules.sha512(self.sha512)
        if self.volume is not None:
            rules.sha256(self.volume)


@dataclass(frozen=True, slots=True)
class Discard:
    """One destruction: `reason` in words, `decided_by` a role and no name, `volumes` the ids of those gone whole.

    Raises ValueError when nothing was destroyed or one thing comes twice.
    """

    id: str
    holder: str
    at: datetime
    reason: str
    decided_by: str
    authorization: Authorization | NotRequired
    segments: tuple[SegmentChange, ...] = ()
    metadata: tuple[MetadataChange, ...] = ()
    members: tuple[Member, ...] = ()
    volumes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rules.opaque(self.id)
        rules.opaque(self.holder)
        rules.moment(self.at)
        for volume in self.volumes:
            rules.sha256(volume)
        if not self.reason or not self.decided_by:
            raise ValueError(f"discard {self.id}: expected reason and who decided, found one empty")
        self._check_effects()

    def gone_sha256(self, volume: str | None) -> frozenset[Sha256]:
        """SHA-256 of every message and metadata document destroyed in `volume`: what explains an absence in its index.

        None: of those that were in no volume yet. The same message may live on in another mailbox's volume.
        """
        members = [member for member in self.members if member.volume == volume]
        documents = {member.metadata.sha256 for member in members if member.metadata}
        return frozenset({member.sha256 for member in members} | documents)

    def gone_sha512(self, volume: str | None) -> frozenset[Sha512]:
        """SHA-512 of the same: what explains an absence in the group of the volume's evidence records."""
        members = [member for member in self.members if member.volume == volume]
        documents = {member.metadata.sha512 for member in members if member.metadata}
        return frozenset({member.sha512 for member in members} | documents)

    @property
    def replaced(self) -> dict[Sha256, Sha256 | None]:
        """Old digest to new one of every segment and metadata.zip; None where nothing took its place."""
        segments: dict[Sha256, Sha256 | None] = {change.old: change.new for change in self.segments}
        return segments | {change.old: change.new for change in self.metadata}

    def _check_effects(self) -> None:
        effects = [change.old for change in self.segments] + [change.old for change in self.metadata]
        members = [(member.volume, member.sha256) for member in self.members]
        for listed in (effects, members, self.volumes):
            if len(set(listed)) != len(listed):
                raise ValueError(f"discard {self.id}: expected each effect once, found one twice")
        if not members and not self.volumes:
            raise ValueError(f"discard {self.id}: expected a destroyed message or volume, found none")


def _check_change(old: Sha256, new: Sha256 | None) -> None:
    rules.sha256(old)
    if new is not None and rules.sha256(new) == old:
        raise ValueError(f"discard: expected another digest in the place of {old}, found the same")
