"""One session with one token, in one process: opened when it is needed, logged in once, opened again once when lost."""

import os
from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, ObjectClass, PKCS11Error, TokenFlag

from archiver.adapters.signer.library import find
from archiver.adapters.signer.mechanism import Mechanism
from archiver.adapters.signer.token import BY_HAND, Token, told
from archiver.errors import ArchiverError, ConfigError

KINDS = {"ecdsa": KeyType.EC, "rsassa_pss": KeyType.RSA, "rsassa_pkcs1v15": KeyType.RSA}


class Session:
    """The key of a `Token`, ready to sign. A PIN that was refused is never given again: tokens lock themselves."""

    def __init__(self, token: Token) -> None:
        self._token = token
        self._process = 0
        self._session: Any = None
        self._key: Any = None
        self._pin: str | None = None
        self._refused: ArchiverError | None = None

    def open(self) -> None:
        """Logs in and finds the key; nothing to do when that is done.

        Raises ConfigError for what the operator must mend, Unavailable for what may pass.
        """
        if self._key is None or self._process != os.getpid():
            self._open(anew=False)

    def sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        """The signature of `data` (ECDSA: DER). A session that is lost is opened once more.

        Raises ConfigError and Unavailable as `open`.
        """
        self.open()
        try:
            return self._sign(data, mechanism)
        except PKCS11Error as error:
            self._told(error, "sign")  # a refusal is remembered, and raised by opening
        self._open(anew=True)
        try:
            return self._sign(data, mechanism)
        except PKCS11Error as error:
            raise self._told(error, "sign") from error

    def certificate(self) -> bytes:
        """The certificate in the token that goes with the key, DER; the PIN is asked only where it is needed.

        Raises ConfigError and Unavailable as `open`.
        """
        try:
            if self._key is None or self._process != os.getpid():
                with find(self._token).open() as anybody:
                    found = _certificates(anybody, self._token)
                if len(found) == 1:
                    return found.pop()
            self.open()
            found = _certificates(self._session, self._token, _octets(self._key, Attribute.ID))
        except PKCS11Error as error:
            raise told(error, self._token, "read the certificate") from error
        if len(found) == 1:
            return found.pop()
        problem = f"holds {len(found)} certificates" if found else "holds no certificate"
        raise ConfigError(
            f"{self._token.where}: the token {problem} for {self._token.wanted}; name a file: certificate = PATH"
        )

    def _open(self, *, anew: bool) -> None:
        token, self._key = self._token, None
        if self._refused is not None:
            raise self._refused
        there = find(token, anew=anew)
        try:
            self._session = self._logged_in(there)
            self._key = _key(self._session, token, without_pin=self._pin is None)
        except PKCS11Error as error:
            raise self._told(error, "log in") from error
        self._process = os.getpid()

    def _told(self, error: PKCS11Error, doing: str) -> ArchiverError:
        """The error to raise; what the operator must mend is remembered, and never tried again by this process."""
        self._key, refusal = None, told(error, self._token, doing)
        if isinstance(refusal, ConfigError):
            self._refused = refusal
        return refusal

    def _logged_in(self, there: Any) -> Any:
        if self._token.pin is None:
            pad = there.flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH
            return there.open(user_pin=pkcs11.PROTECTED_AUTH) if pad else there.open()
        _look_at_the_count(there, self._token)
        if self._pin is None:
            self._pin = self._token.pin()
        try:
            return there.open(user_pin=self._pin)
        except pkcs11.UserAlreadyLoggedIn:  # another session of this process: the login is the process's
            return there.open()

    def _sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        from pyhanko.sign.pkcs11 import select_pkcs11_signing_params

        if self._key.key_type is not KINDS[mechanism.name]:
            raise pkcs11.KeyTypeInconsistent
        # the digest is made here for ECDSA: many tokens have no ECDSA_SHA256
        how = select_pkcs11_signing_params(mechanism.announced, "sha256", mechanism.name == "ecdsa", self._consent())
        made = self._key.sign(how.pre_sign_transform(data) if how.pre_sign_transform else data, **how.sign_kwargs)
        return bytes(how.post_sign_transform(made) if how.post_sign_transform else made)

    def _consent(self) -> dict[str, Any]:
        """The PIN once more where each signature wants it (CKA_ALWAYS_AUTHENTICATE): it was right at the login."""
        always = _attribute(self._key, Attribute.ALWAYS_AUTHENTICATE, False)
        return {"pin": self._pin} if always and self._pin is not None else {}


def _look_at_the_count(there: Any, token: Token) -> None:
    """Raises ConfigError when somebody gave a wrong PIN since the last right one: the next may be the last."""
    if there.flags & TokenFlag.USER_PIN_LOCKED:
        raise told(pkcs11.PinLocked(), token, "log in")
    if there.flags & (TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.USER_PIN_FINAL_TRY):
        left = "one try is left" if there.flags & TokenFlag.USER_PIN_FINAL_TRY else "few tries are left"
        raise ConfigError(
            f"{token.where}, {token.wanted}: a wrong PIN was given and {left}: none is given automatically; {BY_HAND}"
        )


def _key(session: Any, token: Token, *, without_pin: bool) -> Any:
    """The one private key that is meant, and may sign. Raises ConfigError."""
    keys = list(session.get_objects(_query(ObjectClass.PRIVATE_KEY, token)))
    if not keys:
        every = ", ".join(map(_name, session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))) or "none"
        hint = "give its PIN (pin = ...)" if without_pin and every == "none" else "correct `key` and `key_id`"
        raise ConfigError(f"{token.where}: no private {token.wanted}, found: {every}; {hint}")
    if len(keys) > 1:
        shown = ", ".join(map(_name, keys))
        raise ConfigError(f"{token.where}: {len(keys)} private keys are {token.wanted}: {shown}; say which: key_id")
    if not _attribute(keys[0], Attribute.SIGN, True):
        raise ConfigError(f"{token.where}: {token.wanted} may not sign (CKA_SIGN is false); use another key")
    return keys[0]


def _certificates(session: Any, token: Token, key_id: bytes = b"") -> set[bytes]:
    """Those with the key's label and id; where there is none, those with the id that the key itself has."""
    found = session.get_objects(_query(ObjectClass.CERTIFICATE, token))
    certificates = {_octets(item, Attribute.VALUE) for item in found}
    if key_id and not certificates:
        found = session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.ID: key_id})
        certificates = {_octets(item, Attribute.VALUE) for item in found}
    return certificates


def _query(kind: ObjectClass, token: Token) -> dict[Attribute, Any]:
    wanted: dict[Attribute, Any] = {Attribute.CLASS: kind}
    if token.key:
        wanted[Attribute.LABEL] = token.key
    if token.key_id:
        wanted[Attribute.ID] = bytes.fromhex(token.key_id)
    return wanted


def _name(key: Any) -> str:
    return f"{_attribute(key, Attribute.LABEL, '')!r} (id {_octets(key, Attribute.ID).hex()})"


def _octets(found: Any, attribute: Attribute) -> bytes:
    return bytes(_attribute(found, attribute, b""))


def _attribute(found: Any, attribute: Attribute, default: Any) -> Any:
    """An attribute that a token need not have."""
    try:
        return found[attribute]
    except (pkcs11.AttributeTypeInvalid, pkcs11.AttributeSensitive, pkcs11.FunctionFailed):
        return default
