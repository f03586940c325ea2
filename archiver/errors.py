"""What can go wrong, told apart by what the caller can do about it."""


class ArchiverError(Exception):
    """Root of all errors that this system raises on purpose; its text is fit to be shown to a person."""


class Unavailable(ArchiverError):
    """A service did not answer, or is busy: nothing changed, try again later."""


class Busy(Unavailable):
    """Another process is at this very work: there is nothing to do but wait for it."""


class Absent(ArchiverError):
    """What was asked for is not there."""


class Conflict(ArchiverError):
    """Something else is there already, and must not be: stop."""


class Malformed(ArchiverError):
    """What came from outside does not keep its own rules: their fault, not ours."""


class ConfigError(ArchiverError):
    """The configuration cannot be used; all complaints at once, one a line."""


class Unfilled(ConfigError):
    """Fields of the configuration are missing or still empty; nothing else is wrong with it."""
