"""The connection to a bucket: botocore's client, told everything by the configuration and nothing by the environment.

Proxies of the environment are not used: what the archive says to its storage goes where the configuration says, or
nowhere. The one exception are credentials, when the configuration names none: then botocore looks for them where it
always does (variables, ~/.aws, the machine's role).
"""

import os
from dataclasses import replace
from functools import lru_cache
from typing import Any

from botocore.config import Config
from botocore.session import Session

from archiver.adapters.stores.s3.bucket import Bucket, Lock
from archiver.adapters.stores.s3.errors import errors
from archiver.errors import ConfigError

_CONNECT = 10.0
"""Seconds after which a server that does not even accept a connection is not there."""

_NOWHERE = (None, None, os.devnull, None)
_ISOLATED = {"profile": (None, None, None, None), "config_file": _NOWHERE, "credentials_file": _NOWHERE}


class Connection:
    """The way to one bucket; the client behind it is made when it is first needed. Threads may share it."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self._server = replace(bucket, name="", prefix="", lock=Lock.OFF, lock_days=0)

    @property
    def client(self) -> Any:
        """The client of this process. Raises ConfigError."""
        return _shared(os.getpid(), self._server)

    def ask(self, operation: str, name: str, **parameters: Any) -> dict[str, Any]:
        """One request about the bucket, in which `name` is what messages speak of; with every error translated."""
        with errors(self.bucket, name):
            answer: dict[str, Any] = getattr(self.client, operation)(Bucket=self.bucket.name, **parameters)
        return answer

    def about(self, operation: str, name: str, **parameters: Any) -> dict[str, Any]:
        """One request about the object `name` below the prefix."""
        return self.ask(operation, name, Key=self.bucket.prefix + name, **parameters)


@lru_cache(maxsize=8)
def _shared(process: int, server: Bucket) -> Any:  # noqa: ARG001  (a pool of connections must not cross a fork)
    """One client a process and server, whatever bucket is asked for: it costs 0.1 s and 14 MB."""
    return client(server)


def client(bucket: Bucket) -> Any:
    """A botocore S3 client for `bucket`; nothing is asked of the server yet. Raises ConfigError."""
    if bucket.ca and not bucket.ca.is_file():
        raise ConfigError(f"{bucket.endpoint}: ca = {bucket.ca}: il file non c'è (no such file)")
    keys = {}
    session = Session()
    if bucket.access and bucket.secret:
        keys = {
            "aws_access_key_id": _key(bucket, "access_key", bucket.access()),
            "aws_secret_access_key": _key(bucket, "secret_key", bucket.secret()),
        }
        session = Session(session_vars=_ISOLATED)
    with errors(bucket, ""):
        return session.create_client(
            "s3",
            region_name=bucket.region,
            endpoint_url=bucket.endpoint or None,
            verify=str(bucket.ca) if bucket.ca else True,
            config=_config(bucket),
            **keys,
        )


def _key(bucket: Bucket, name: str, value: str) -> str:
    """Raises ConfigError for what no key can be; it is not shown."""
    if not value or not all("!" <= letter <= "~" for letter in value):
        raise ConfigError(
            f"{bucket.shown}: {name}: la chiave contiene spazi, a capo o caratteri che una chiave non ha: copiarla di"
            " nuovo, su una riga sola (the key holds blanks, line breaks or other letters that no key has)"
        )
    return value


def _config(bucket: Bucket) -> Config:
    checksums = "when_required" if bucket.compat else "when_supported"
    addressing: dict[str, Any] = {"addressing_style": "virtual" if bucket.virtual else "path"}
    if bucket.compat:
        addressing["payload_signing_enabled"] = True
    return Config(
        signature_version="s3v4",
        s3=addressing,
        retries={"total_max_attempts": bucket.attempts, "mode": "standard"},
        max_pool_connections=bucket.connections,
        connect_timeout=min(_CONNECT, bucket.timeout),
        read_timeout=bucket.timeout,
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        proxies={},
        ignore_configured_endpoint_urls=True,
        use_fips_endpoint=False,
        use_dualstack_endpoint=False,
        defaults_mode="legacy",
        tcp_keepalive=True,
    )
