"""A signer whose key is in a token or HSM, and never leaves it (PKCS#11)."""

from datetime import datetime

from cryptography import x509

from archiver.adapters.signer.cades import Key, cades, stamped
from archiver.adapters.signer.certificate import certificates, may_seal, named
from archiver.adapters.signer.mechanism import mechanism_of
from archiver.adapters.signer.session import Session
from archiver.adapters.signer.token import Token
from archiver.errors import ConfigError
from archiver.ports import Stamp


class Pkcs11Signer:
    """A `ports.Signer`. Making one asks the token nothing; it signs in one session per process.

    Everywhere: ConfigError for what the operator must mend, Unavailable for what may pass. Both name the module, the
    token and the key, never the PIN.
    """

    def __init__(self, token: Token) -> None:
        self._token = token
        self._session = Session(token)
        self._certificate, *others = certificates(token.certificate) if token.certificate else (b"",)
        self._chain = (*others, *(octets for path in token.chain for octets in certificates(path)))
        if self._certificate:
            self._look(self._certificate)

    @property
    def certificate(self) -> bytes:
        """The signing certificate, DER: from its file, else from the token."""
        if not self._certificate:
            found = self._session.certificate()
            self._look(found)
            self._certificate = found
        return self._certificate

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates above it, DER, as far as known."""
        return self._chain

    def ready(self) -> None:
        """Logs in and finds the key: what `sign` would refuse for, but for the signature itself, is said now."""
        self._session.open()
        self._look(self.certificate)

    def sign(self, data: bytes, *, at: datetime, stamp: Stamp | None) -> bytes:
        """CAdES-B-T over `data`, attached, DER; B-B without `stamp`. `at` is the claimed signing time (aware).

        What the token signed is verified before it is used. What `stamp` raises comes out as it is.
        """
        return stamped(cades(data, self.key(), at=at), stamp)

    def key(self) -> Key:
        """The key as whoever makes another form of signature needs it. Raises as `ready`, when it signs."""
        certificate = self.certificate
        how = mechanism_of(certificate, self._token.mechanism, source=self._source)

        def raw(octets: bytes) -> bytes:
            made = self._session.sign(octets, how)
            if not how.fits(made, octets):
                raise ConfigError(
                    f"{self._token.where}: what {self._token.wanted} signed does not fit the certificate of "
                    f"{named(certificate)}; is it another key's? correct `key` or `certificate`"
                )
            return made

        return Key(raw, certificate, self._chain, how)

    @property
    def _source(self) -> str:
        return str(self._token.certificate or self._token.where)

    def _look(self, certificate: bytes) -> None:
        """Raises ConfigError for a certificate that cannot be read, or whose key cannot or may not sign."""
        try:
            x509.load_der_x509_certificate(certificate)
        except ValueError as error:
            raise ConfigError(f"{self._source}: the certificate in the token cannot be read: {error}") from error
        may_seal(certificate, source=self._source)
        mechanism_of(certificate, self._token.mechanism, source=self._source)
