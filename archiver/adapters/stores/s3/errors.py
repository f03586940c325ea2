"""What the refusals of an S3 server mean to whoever runs an archive: every error of the driver, with the way out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
    ResponseStreamingError,
    SSLError,
)
from urllib3.exceptions import HTTPError

from archiver.adapters.stores.s3.bucket import Bucket
from archiver.errors import Absent, ArchiverError, ConfigError, Conflict, Unavailable

_KEYS = (
    "chiavi rifiutate: controllare access_key e secret_key dello store, e che siano di questo servizio"
    " (keys refused: check them, and that they are this service's)"
)
_EXPIRED = "credenziali temporanee scadute: rinnovarle e ripetere (temporary credentials have expired)"
_DENIED = (
    "permesso negato: le chiavi devono poter leggere, scrivere ed elencare versioni, e leggere e scrivere la retention;"
    " per passare da governance a compliance anche BypassGovernanceRetention (access denied: the keys must be allowed"
    " to get, put and list versions, and to get and put retention)"
)
_CLOCK = (
    "l'orologio di questa macchina e quello del server differiscono troppo: sincronizzarli (NTP) e ripetere"
    " (clock skew: synchronise the clocks)"
)
_GONE = (
    "il bucket non c'è: nome sbagliato, o cancellato; non è un archivio vuoto. `archiver init` ne crea uno"
    " (no such bucket: wrong name, or deleted)"
)
_BUSY = "il server chiede di rallentare: ripetere più tardi (the server is busy, try again later)"
_BROKEN = "errore del server: ripetere più tardi (the server failed, try again later)"
_FULL = (
    "spazio o quota esauriti: liberare o ampliare, e ripetere; quanto già scritto è integro (storage or quota is full)"
)
_SPOILT = (
    "byte danneggiati sul percorso, il server non li ha accettati: ripetere; se continua, provare checksums = "
    '"compat" (bytes damaged on the way and refused)'
)
_DIALECT = (
    'il server non capisce la richiesta: provare checksums = "compat" (the server does not understand the request)'
)
_PLACE = (
    "il bucket è di un'altra regione o di un altro endpoint: correggere region ed endpoint"
    " (the bucket lives in another region)"
)
_LOCK = (
    'il server non accetta il blocco: il bucket dev\'essere creato con object lock, altrimenti lock = "off"'
    " (lock refused: the bucket must be made with object lock)"
)
_FROZEN = (
    "l'oggetto è in un deposito freddo: farlo ripristinare dal servizio e ripetere (archived: have it restored first)"
)
_TAKEN = "un bucket con questo nome è di qualcun altro: indicarne un altro (the name is taken by somebody else)"
_THERE = "c'è già (already there)"

_TABLE: dict[str, tuple[type[ArchiverError], str]] = {
    "404": (Absent, ""),
    "NoSuchKey": (Absent, ""),
    "NoSuchVersion": (Absent, ""),
    "412": (Conflict, _THERE),
    "PreconditionFailed": (Conflict, _THERE),
    "ConditionalRequestConflict": (Conflict, _THERE),
    "NoSuchBucket": (Unavailable, _GONE),
    "InvalidAccessKeyId": (ConfigError, _KEYS),
    "SignatureDoesNotMatch": (ConfigError, _KEYS),
    "InvalidToken": (ConfigError, _KEYS),
    "ExpiredToken": (ConfigError, _EXPIRED),
    "TokenRefreshRequired": (ConfigError, _EXPIRED),
    "AccessDenied": (ConfigError, _DENIED),
    "AllAccessDisabled": (ConfigError, _DENIED),
    "AccountProblem": (ConfigError, _DENIED),
    "RequestTimeTooSkewed": (Unavailable, _CLOCK),
    "RequestExpired": (Unavailable, _CLOCK),
    "SlowDown": (Unavailable, _BUSY),
    "503": (Unavailable, _BUSY),
    "429": (Unavailable, _BUSY),
    "ServiceUnavailable": (Unavailable, _BUSY),
    "Throttling": (Unavailable, _BUSY),
    "ThrottlingException": (Unavailable, _BUSY),
    "TooManyRequests": (Unavailable, _BUSY),
    "RequestLimitExceeded": (Unavailable, _BUSY),
    "BandwidthLimitExceeded": (Unavailable, _BUSY),
    "RequestTimeout": (Unavailable, _BUSY),
    "QuotaExceeded": (Unavailable, _FULL),
    "InsufficientStorage": (Unavailable, _FULL),
    "InsufficientCapacity": (Unavailable, _FULL),
    "XMinioStorageFull": (Unavailable, _FULL),
    "XMinioAdminBucketQuotaExceeded": (Unavailable, _FULL),
    "507": (Unavailable, _FULL),
    "BadDigest": (Unavailable, _SPOILT),
    "InvalidDigest": (Unavailable, _SPOILT),
    "IncompleteBody": (Unavailable, _SPOILT),
    "XAmzContentSHA256Mismatch": (Unavailable, _SPOILT),
    "XAmzContentChecksumMismatch": (Unavailable, _SPOILT),
    "MissingContentLength": (ConfigError, _DIALECT),
    "MissingContentMD5": (ConfigError, _DIALECT),
    "NotImplemented": (ConfigError, _DIALECT),
    "411": (ConfigError, _DIALECT),
    "PermanentRedirect": (ConfigError, _PLACE),
    "TemporaryRedirect": (ConfigError, _PLACE),
    "301": (ConfigError, _PLACE),
    "AuthorizationHeaderMalformed": (ConfigError, _PLACE),
    "IllegalLocationConstraintException": (ConfigError, _PLACE),
    "InvalidLocationConstraint": (ConfigError, _PLACE),
    "ObjectLockConfigurationNotFoundError": (ConfigError, _LOCK),
    "NoSuchObjectLockConfiguration": (ConfigError, _LOCK),
    "BucketAlreadyOwnedByYou": (Conflict, _THERE),
    "BucketAlreadyExists": (ConfigError, _TAKEN),
    "InvalidObjectState": (Unavailable, _FROZEN),
}
_LONGEST = 200


class Cut(Unavailable):
    """The body of an answer ended before its end: worth asking for once more at once."""


@contextmanager
def errors(bucket: Bucket, name: str) -> Iterator[None]:
    """Turn every error of the driver within the block into one of ours, about the object `name`, or the bucket."""
    try:
        yield
    except (BotoCoreError, ClientError, HTTPError) as error:
        kind, text = _meaning(bucket, error)
        raise kind(": ".join(part for part in (name, bucket.shown, text) if part)) from error


def missing(bucket: Bucket, name: str) -> Absent:
    """The error to be raised for an object that is not there."""
    return Absent(f"{name}: non è nell'archivio {bucket.shown} (not in the store)")


def _meaning(bucket: Bucket, error: Exception) -> tuple[type[ArchiverError], str]:
    match error:
        case ClientError():
            return _refusal(error.response)
        case SSLError():
            return ConfigError, (
                "TLS non riuscito: il certificato del server non è di un'autorità fidata o di questo nome; indicare la"
                f" sua CA con ca = FILE, ora {bucket.ca or 'quelle del sistema'} (TLS failed: name the server's CA):"
                f" {_shown(error.kwargs.get('error', error))}"
            )
        case IncompleteReadError() | ResponseStreamingError() | FlexibleChecksumError():
            return Cut, f"risposta interrotta o danneggiata: ripetere (answer cut short or damaged): {_shown(error)}"
        case NoCredentialsError() | PartialCredentialsError() | CredentialRetrievalError():
            return ConfigError, "nessuna credenziale: indicare access_key e secret_key (no credentials found)"
        case ConnectionError() | HTTPClientError() | HTTPError():
            return Unavailable, (
                f"il server non risponde: controllare endpoint e rete, e ripetere (cannot be reached): {_shown(error)}"
            )
        case _:
            return ConfigError, f"richiesta impossibile (cannot be asked): {_shown(error)}"


def _refusal(response: dict[str, Any]) -> tuple[type[ArchiverError], str]:
    told, about = response.get("Error", {}), response.get("ResponseMetadata", {})
    code, status = str(told.get("Code", "")), int(about.get("HTTPStatusCode", 0))
    said = _shown(told.get("Message", ""))
    if code == "InvalidRequest" and "lock" in said.lower():
        return ConfigError, f"{_LOCK}: {said}"
    if code in _TABLE:
        return _TABLE[code]
    if code in ("403", "400", "401"):  # the answer to a HEAD has no body, and so no reason
        return ConfigError, f"{_bare(code)} {_dated(about)}"
    if status >= 500:
        return Unavailable, f"{_BROKEN}: {status} {code} {said}"
    return Unavailable, f"il server rifiuta (the server refuses): {status} {_shown(code)} {said}"


def _bare(code: str) -> str:
    return (
        f"il server rifiuta senza dire perché ({code}): chiavi sbagliate, permesso mancante, regione sbagliata, od"
        " orologi che differiscono (refused without a reason: keys, permission, region, or clocks)"
    )


def _dated(about: dict[str, Any]) -> str:
    date = about.get("HTTPHeaders", {}).get("date")
    return f"; ora del server: {_shown(date)}" if date else ""


def _shown(said: object) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in str(said))
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
