"""Locks as they are asked for and as the server shows them: set, read back, compared."""

from collections.abc import Callable
from datetime import datetime, timedelta

from archiver.adapters.stores.s3.bucket import Lock
from archiver.adapters.stores.s3.client import Connection
from archiver.adapters.stores.s3.retention import Retention
from archiver.adapters.stores.s3.versions import Version
from archiver.errors import ConfigError, Unavailable


class Locks:
    """The locks of single versions below the bucket's prefix."""

    def __init__(self, connection: Connection, clock: Callable[[], datetime]) -> None:
        self.connection = connection
        self.bucket = connection.bucket
        self._clock = clock

    def fresh(self) -> Retention:
        """What comes with every PUT."""
        return Retention.of(self.bucket.lock, self._clock() + timedelta(days=self.bucket.lock_days))

    def asked(self, until: datetime) -> Retention | None:
        """What is to be asked for so that nobody destroys something before `until`; None for nothing."""
        if self.bucket.lock is Lock.OFF or until <= self._clock():  # S3 takes no day that has passed
            return None
        return Retention.of(self.bucket.lock, until)

    def held(self, name: str, version: Version) -> Retention:
        """The lock as the server shows it now. Raises Absent, Unavailable."""
        return Retention.of_head(self.connection.about("head_object", name, **version.address))

    def inspect(self, name: str, version: Version, size: int, asked: Retention) -> None:
        """Read back what was written just now. Raises Unavailable when it is not what was asked for."""
        answer = self.connection.about("head_object", name, **version.address)
        if answer["ContentLength"] != size:
            raise Unavailable(
                f"{name}: {self.bucket.shown}: scritti {size} byte, il server ne ha {answer['ContentLength']}: non va"
                " usato (the server keeps another size)"
            )
        self._insist(name, Retention.of_head(answer), asked)

    def extend(self, name: str, version: Version, asked: Retention) -> None:
        """Lock it as asked, if it is not; never less than it is. What may not be made stronger is made longer."""
        held = self.held(name, version)
        if held.covers(asked):
            return
        if held.lock in (Lock.OFF, held.joined(asked).lock):
            self._lock(name, version, held.joined(asked), asked)
            return
        try:
            # S3 takes a change of mode for a weakening, whichever way it goes
            self._lock(name, version, held.joined(asked), asked, BypassGovernanceRetention=True)
        except ConfigError:  # our keys are denied the bypass, as they should be
            asked = Retention(held.lock, asked.until)
            if not held.covers(asked):
                self._lock(name, version, asked, asked)

    def _lock(self, name: str, version: Version, wanted: Retention, asked: Retention, **stronger: bool) -> None:
        retention, place = {"Mode": wanted.lock.wire, "RetainUntilDate": wanted.until}, version.address
        self.connection.about("put_object_retention", name, Retention=retention, **place, **stronger)
        told = self.connection.about("get_object_retention", name, **place).get("Retention", {})
        self._insist(name, Retention.read(told.get("Mode"), told.get("RetainUntilDate")), asked)

    def _insist(self, name: str, held: Retention, asked: Retention) -> None:
        if not held.covers(asked):
            raise Unavailable(
                f"{name}: {self.bucket.shown}: chiesto il blocco {asked}, il server mostra {held}: l'oggetto c'è, ma"
                " può essere distrutto prima; controllare l'object lock del bucket e il permesso GetObjectRetention,"
                " poi ripetere (lock asked for and not kept: the object could be destroyed earlier)"
            )
