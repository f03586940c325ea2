"""A question about one certificate and its answer, looked at before it is kept (RFC 6960)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from asn1crypto import ocsp, x509

from archiver.collect.certificates import UNREADABLE, called, load
from archiver.collect.crl import SKEW
from archiver.errors import Malformed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

FRESH = timedelta(days=1)
"""So old may be an answer that does not say when the next one is due."""

ALGORITHMS = ("sha1", "sha256")
"""How a question names a certificate: as all responders know it (RFC 5019, 2.1.1), then as some want it now."""


def request(certificate: x509.Certificate, issuer: x509.Certificate, algorithm: str) -> bytes:
    """An OCSPRequest (DER) without a nonce, which responders may answer from a cache (RFC 5019). Raises Malformed."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509 import load_der_x509_certificate
    from cryptography.x509.ocsp import OCSPRequestBuilder

    how = {"sha1": hashes.SHA1, "sha256": hashes.SHA256}[algorithm]()
    try:
        pair = (load_der_x509_certificate(certificate.dump()), load_der_x509_certificate(issuer.dump()))
        return _der(OCSPRequestBuilder().add_certificate(*pair, how).build())
    except (ValueError, TypeError) as error:
        raise Malformed(f"OCSP: nessuna domanda possibile su questo certificato (cannot be asked): {error}") from error


def check(octets: bytes, certificate: x509.Certificate, issuer: x509.Certificate, *, at: datetime) -> None:
    """Nothing, if it is an answer about this certificate, by who may give it, current at `at`. Raises Malformed.

    `good` and `revoked` are both answers; `unknown` is none.
    """
    found = _basic(octets)
    single = _about(found, certificate, issuer)
    if single["cert_status"].name == "unknown":
        raise Malformed("OCSP: il risponditore non conosce il certificato (unknown)")
    if not any(_signed(found, item) for item in _responders(found, issuer, at)):
        raise Malformed(
            f"OCSP: nessuna firma di {called(issuer.subject)} o di un suo delegato (signature does not fit)"
        )
    since, until = _term(single)
    if since > at + SKEW:
        raise Malformed(f"OCSP dal futuro (from the future): thisUpdate {since}, ora {at}")
    if until is None and since + FRESH <= at:
        raise Malformed(f"OCSP vecchia e senza nextUpdate (old, without nextUpdate): thisUpdate {since}, ora {at}")
    if until is not None and until <= at:
        raise Malformed(f"OCSP scaduta (stale): nextUpdate {until}, ora {at}")


def term(octets: bytes) -> tuple[datetime, datetime | None]:
    """thisUpdate and nextUpdate of the first thing it tells. Raises Malformed."""
    return _term(_basic(octets)["tbs_response_data"]["responses"][0])


def serial_of(octets: bytes) -> int:
    """The serial number of the first certificate that it tells of. Raises Malformed."""
    return int(_basic(octets)["tbs_response_data"]["responses"][0]["cert_id"]["serial_number"].native)


def _der(asked: object) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return bytes(asked.public_bytes(Encoding.DER))  # type: ignore[attr-defined]


def _basic(octets: bytes) -> ocsp.BasicOCSPResponse:
    try:
        response = ocsp.OCSPResponse.load(octets, strict=True)
        status = response["response_status"].native
        if status == "successful":
            if response["response_bytes"]["response_type"].native != "basic_ocsp_response":
                raise Malformed("OCSP: tipo di risposta sconosciuto (unknown type of response)")
            basic = response["response_bytes"]["response"].parsed
            _ = basic.native  # asn1crypto is lazy: read all of it now
            if not len(basic["tbs_response_data"]["responses"]):
                raise Malformed("OCSP: risposta senza contenuto (no responses)")
            return basic
    except UNREADABLE as error:
        raise Malformed(f"OCSP illeggibile (unreadable): {error}") from error
    raise Malformed(f"OCSP: il risponditore rifiuta (refused): {status}")


def _about(
    found: ocsp.BasicOCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> ocsp.SingleResponse:
    for single in found["tbs_response_data"]["responses"]:
        named = single["cert_id"]
        algorithm = named["hash_algorithm"]["algorithm"].native
        if (
            named["serial_number"].native == certificate.serial_number
            and algorithm in ALGORITHMS
            and named["issuer_name_hash"].native == getattr(certificate.issuer, algorithm)
            and named["issuer_key_hash"].native == getattr(issuer.public_key, algorithm)
        ):
            return single
    raise Malformed(f"OCSP: parla di altri certificati (another certificate), non di {certificate.serial_number:x}")


def _term(single: ocsp.SingleResponse) -> tuple[datetime, datetime | None]:
    return single["this_update"].native, single["next_update"].native


def _responders(found: ocsp.BasicOCSPResponse, issuer: x509.Certificate, at: datetime) -> Iterator[x509.Certificate]:
    """Who may answer: the issuer, or whom the issuer gave a certificate for just this (RFC 6960, 4.2.2.2)."""
    yield issuer
    for bagged in found["certs"] or ():
        delegate = load(bagged.dump())
        usage = delegate.extended_key_usage_value
        if (
            usage is not None
            and "ocsp_signing" in usage.native
            and delegate.not_valid_before <= at <= delegate.not_valid_after
            and _issued(delegate, issuer)
        ):
            yield delegate


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.x509 import load_der_x509_certificate

    try:
        above = load_der_x509_certificate(issuer.dump())
        load_der_x509_certificate(certificate.dump()).verify_directly_issued_by(above)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _signed(found: ocsp.BasicOCSPResponse, responder: x509.Certificate) -> bool:
    """Whether this certificate's key made the signature; PKCS #1 v1.5, PSS, ECDSA and EdDSA."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    how, signature = found["signature_algorithm"], found["signature"].native
    data = found["tbs_response_data"].dump()
    try:
        key = load_der_public_key(responder.public_key.dump())
        match key, how.signature_algo:
            case ((ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey()), ("ed25519" | "ed448")):
                key.verify(signature, data)
            case ec.EllipticCurvePublicKey(), "ecdsa":
                key.verify(signature, data, ec.ECDSA(_digest(how.hash_algo)))
            case rsa.RSAPublicKey(), "rsassa_pkcs1v15":
                key.verify(signature, data, padding.PKCS1v15(), _digest(how.hash_algo))
            case rsa.RSAPublicKey(), "rsassa_pss":
                digest = _digest(how.hash_algo)
                key.verify(signature, data, padding.PSS(padding.MGF1(digest), padding.PSS.AUTO), digest)
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, LookupError, ValueError, TypeError):
        return False
    return True


def _digest(name: str) -> "HashAlgorithm":
    """Raises LookupError for one that nobody should sign with any more."""
    from cryptography.hazmat.primitives import hashes

    known = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(), "sha1": hashes.SHA1()}  # noqa: S303
    return known[name]
