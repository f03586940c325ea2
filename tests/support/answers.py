"""OCSP responses, as an issuer or somebody whom it made a responder gives them (RFC 6960, 4.2.1)."""

from datetime import datetime, timedelta
from hashlib import sha1

from asn1crypto import core, ocsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

DAY = timedelta(days=1)


def answer(
    certificate: Certificate,
    issuer: Certificate,
    *,
    by: Certificate,
    key: ec.EllipticCurvePrivateKey,
    made: datetime,
    revoked: datetime | None = None,
    reason: str | None = None,
    lost: datetime | None = None,
    enclosed: bool = True,
    lasts: timedelta = DAY,
) -> bytes:
    """The OCSPResponse about `certificate`, DER; `enclosed` puts the certificate `by` into it.

    `reason` in asn1crypto's names (`key_compromise`); `lost` is the invalidityDate.
    """
    above, responder = _read(issuer), _read(by)
    about = {
        "hash_algorithm": {"algorithm": "sha1"},
        "issuer_name_hash": sha1(above.subject.dump()).digest(),
        "issuer_key_hash": sha1(bytes(above.public_key["public_key"])).digest(),
        "serial_number": certificate.serial_number,
    }
    told = {"revocation_time": revoked, **({"revocation_reason": reason} if reason else {})}
    status = ("good",) if revoked is None else ("revoked", told)
    single = {"cert_id": about, "cert_status": ocsp.CertStatus(*status), "this_update": made}
    single["next_update"] = made + lasts
    if lost:
        value = core.ParsableOctetString(core.GeneralizedTime(lost).dump())
        single["single_extensions"] = [{"extn_id": "2.5.29.24", "extn_value": value}]
    data = ocsp.ResponseData(
        {
            "responder_id": ocsp.ResponderId("by_key", responder.public_key.sha1),
            "produced_at": made,
            "responses": [single],
        }
    )
    basic = {
        "tbs_response_data": data,
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": key.sign(data.dump(), ec.ECDSA(hashes.SHA256())),
        **({"certs": [responder]} if enclosed else {}),
    }
    response = {"response_type": "basic_ocsp_response", "response": ocsp.BasicOCSPResponse(basic)}
    return ocsp.OCSPResponse({"response_status": "successful", "response_bytes": response}).dump()


def _read(certificate: Certificate) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER))
