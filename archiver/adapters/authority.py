"""The authority in the house, for the demo: a CA, a seal and an RFC 3161 TSA, all of them WITHOUT LEGAL VALUE.

Its files are PEM and can be read by hand: ca.pem, ca.key, seal.pem, seal.key, tsa.pem, tsa.key (later tsa-2.pem, ...);
ca.crl is DER.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import randbits

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from archiver.errors import ConfigError, Unavailable

MARK = "SENZA VALORE LEGALE - WITHOUT LEGAL VALUE"
POLICY = "2.25.226443520397193744826613943317207834145"
"""Policy of the tokens: an OID of our own (ITU-T X.667), so that none of another authority is claimed."""

FILES = ("ca.pem", "ca.key", "seal.pem", "seal.key", "tsa.pem", "tsa.key")
YEAR = timedelta(days=365)
_DIGEST_SIZES = {"sha256": 32, "sha384": 48, "sha512": 64, "sha3_256": 32, "sha3_384": 48, "sha3_512": 64}


def create(folder: Path, *, at: datetime, holder_name: str, holder_code: str = "") -> bool:
    """Makes the authority in `folder`, all of its files or none; True if it was made, False if it was there already.

    `holder_code` is the codice fiscale or partita IVA that the seal carries. Certificates begin at `at` (aware); the CA
    lasts 30 years, the TSA 10, the seal 3. Nothing is ever overwritten.
    Raises ConfigError when something else is in the folder.
    """
    if folder.is_dir() and all((folder / name).is_file() for name in FILES):
        return False
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        missing = ", ".join(name for name in FILES if not (folder / name).is_file())
        raise ConfigError(
            f"{folder}: holds files, but not all of an authority (missing: {missing}); empty it or move it"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in _contents(at.astimezone(UTC).replace(microsecond=0), holder_name, holder_code).items():
            _write(made / name, content)
        _sync(made)
        made.rename(folder)  # a folder appears with all of its files, or not at all
        _sync(folder.parent)
    except BaseException:  # whatever stops it, an interrupt too: half an authority must not stay
        shutil.rmtree(made, ignore_errors=True)
        raise
    return True


def crl(folder: Path, at: datetime) -> bytes:
    """The CA's list of revocations (none: it revokes nothing), DER; kept as ca.crl, made anew when a day old.

    It lasts 30 days. Raises ConfigError when the CA cannot be read, Unavailable when the list cannot be kept.
    """
    kept = folder / "ca.crl"
    if kept.is_file():
        octets = kept.read_bytes()
        with suppress(ValueError):  # one that cannot be read is made anew
            if timedelta(0) <= at - x509.load_der_x509_crl(octets).last_update_utc < timedelta(days=1):
                return octets
    octets = _empty_list(folder, at.astimezone(UTC).replace(microsecond=0))
    _replace(kept, octets)
    return octets


class LocalAuthority:
    """The TSA of such a folder, as a `ports.TimeStampingAuthority`; `clock` tells its time, aware.

    Raises ConfigError when its files cannot be read.
    """

    def __init__(self, folder: Path, clock: Callable[[], datetime], *, name: str = "local") -> None:
        pair = _pair(folder, clock().astimezone(UTC).replace(microsecond=0))
        self._certificate = asn1_x509.Certificate.load(
            _certificate(pair.with_suffix(".pem")).public_bytes(Encoding.DER), strict=True
        )
        self._key = _key(pair.with_suffix(".key"))
        self._clock = clock
        self._name = name

    @property
    def id(self) -> str:
        """Its name in the configuration and in the store."""
        return self._name

    def answer(self, query: bytes) -> bytes:
        """DER TimeStampReq -> DER TimeStampResp (RFC 3161, 2.4); a query that breaks the rules is rejected."""
        try:
            asked = tsp.TimeStampReq.load(query, strict=True)
            imprint = asked["message_imprint"]
            name, size = imprint["hash_algorithm"]["algorithm"].native, len(imprint["hashed_message"].native)
            nonce, wanted = asked["nonce"].native, asked["cert_req"].native
        except (ValueError, TypeError):
            return _rejection("bad_data_format", "not a TimeStampReq in DER")
        if name not in _DIGEST_SIZES:
            return _rejection("bad_alg", f"digest {name}: expected one of {', '.join(_DIGEST_SIZES)}")
        if size != _DIGEST_SIZES[name]:
            return _rejection("bad_data_format", f"imprint of {size} bytes: {name} has {_DIGEST_SIZES[name]}")
        token = self._token(imprint, nonce, with_certificate=bool(wanted))
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def _token(self, imprint: tsp.MessageImprint, nonce: int | None, *, with_certificate: bool) -> cms.ContentInfo:
        now = self._clock().astimezone(UTC).replace(microsecond=0)
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": POLICY,
                "message_imprint": imprint,
                "serial_number": randbits(63) + 1,
                "gen_time": now,
                "accuracy": {"seconds": 1},
                **({} if nonce is None else {"nonce": nonce}),
            }
        )
        attributes = self._attributes(info.dump(), now)
        signature = self._key.sign(attributes.dump(), ECDSA(hashes.SHA256()))
        return cms.ContentInfo(
            {
                "content_type": "signed_data",
                "content": {
                    "version": "v3",
                    "digest_algorithms": [{"algorithm": "sha256"}],
                    "encap_content_info": {
                        "content_type": "tst_info",
                        "content": core.ParsableOctetString(info.dump()),
                    },
                    **({"certificates": [self._certificate]} if with_certificate else {}),
                    "signer_infos": [self._signer(attributes, signature)],
                },
            }
        )

    def _attributes(self, content: bytes, now: datetime) -> cms.CMSAttributes:
        bound = tsp.SigningCertificateV2({"certs": [{"cert_hash": _sha256(self._certificate.dump())}]})
        return cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "signing_time", "values": [_time(now)]},
                {"type": "message_digest", "values": [_sha256(content)]},
                {"type": "signing_certificate_v2", "values": [bound]},
            ]
        )

    def _signer(self, attributes: cms.CMSAttributes, signature: bytes) -> cms.SignerInfo:
        serial = {"issuer": self._certificate.issuer, "serial_number": self._certificate.serial_number}
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": {"issuer_and_serial_number": serial},
                "digest_algorithm": {"algorithm": "sha256"},
                "signed_attrs": attributes,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
                "signature": signature,
            }
        )


def _pair(folder: Path, at: datetime) -> Path:
    """Certificate and key of the TSA, without their endings: the newest pair, made anew in the last year of its term.

    `tsa`, then `tsa-2`, ...: evidence made under the last one can be renewed in time. The certificate is written last:
    a pair is there, or is not.
    """
    pairs = {1: folder / "tsa"}
    for path in folder.glob("tsa-*.pem"):
        number = path.stem.removeprefix("tsa-")
        if number.isdecimal():
            pairs[int(number)] = path.with_suffix("")
    newest = max(pairs)
    if not (folder / "ca.key").is_file():
        return pairs[newest]  # whoever took the CA's key away renews by hand
    ends = _certificate(pairs[newest].with_suffix(".pem")).not_valid_after_utc
    ca = _certificate(folder / "ca.pem")
    if at < ends - YEAR or ca.not_valid_after_utc <= ends:
        return pairs[newest]
    return _renewed(folder, ca, newest + 1, at)


def _renewed(folder: Path, ca: x509.Certificate, number: int, at: datetime) -> Path:
    pair, key = folder / f"tsa-{number}", generate_private_key(SECP256R1())
    subject = _certificate(folder / "tsa.pem").subject
    life = min(10 * YEAR, ca.not_valid_after_utc - at)
    builder = _tsa(ca.subject, subject, key, _key(folder / "ca.key"), at, life)
    signed = builder.sign(_key(folder / "ca.key"), hashes.SHA256())
    pair.with_suffix(".key").unlink(missing_ok=True)  # left by whoever was cut short before the certificate
    _write(pair.with_suffix(".key"), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write(pair.with_suffix(".pem"), signed.public_bytes(Encoding.PEM))
    _sync(folder)
    return pair


def _time(at: datetime) -> cms.Time:
    """RFC 5652, 11.3: from 2050 on as GeneralizedTime."""
    return cms.Time({"utc_time" if at.year < 2050 else "generalized_time": at})


class _Rejected(core.Sequence):  # type: ignore[misc]
    """A TimeStampResp without a token: asn1crypto's own class insists on one."""

    _fields = [("status", tsp.PKIStatusInfo)]


def _rejection(fault: str, reason: str) -> bytes:
    status = {"status": "rejection", "status_string": [reason], "fail_info": {fault}}
    return bytes(_Rejected({"status": status}).dump())


def _contents(at: datetime, holder_name: str, holder_code: str) -> dict[str, bytes]:
    """The files of a new authority."""
    ca_key, seal_key, tsa_key = (generate_private_key(SECP256R1()) for _ in range(3))
    issuer = _name("CA", holder_name)
    ca = _base(issuer, issuer, ca_key, at, 30 * YEAR)
    ca = ca.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    ca = ca.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    seal = _leaf(issuer, _name("Seal", holder_name, holder_code), seal_key, ca_key, at, 3 * YEAR)
    seal = seal.add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
    tsa = _tsa(issuer, _name("TSA", holder_name), tsa_key, ca_key, at, 10 * YEAR)
    files = {}
    for name, builder, key in (("ca", ca, ca_key), ("seal", seal, seal_key), ("tsa", tsa, tsa_key)):
        files[f"{name}.pem"] = builder.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM)
        files[f"{name}.key"] = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return files


def _name(kind: str, holder_name: str, code: str = "") -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, "IT"), (NameOID.ORGANIZATION_NAME, MARK)]
    if holder_name.strip():
        parts.append((NameOID.ORGANIZATIONAL_UNIT_NAME, holder_name.strip()[:64]))
    if code:
        parts.append((NameOID.ORGANIZATION_IDENTIFIER, f"VATIT-{code}"))  # ETSI EN 319 412-1, 5.1.4
    parts.append((NameOID.COMMON_NAME, f"Demo {kind} - {MARK}"))
    return x509.Name([x509.NameAttribute(kind_of, value) for kind_of, value in parts])


def _base(
    issuer: x509.Name, subject: x509.Name, key: EllipticCurvePrivateKey, at: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at)
        .not_valid_after(at + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _leaf(
    issuer: x509.Name,
    subject: x509.Name,
    key: EllipticCurvePrivateKey,
    ca_key: EllipticCurvePrivateKey,
    at: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    return (
        _base(issuer, subject, key, at, life)
        .add_extension(above, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )


def _tsa(
    issuer: x509.Name,
    subject: x509.Name,
    key: EllipticCurvePrivateKey,
    ca_key: EllipticCurvePrivateKey,
    at: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    made = _leaf(issuer, subject, key, ca_key, at, life).add_extension(_usage(digital_signature=True), critical=True)
    return made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)


def _usage(**granted: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: granted.get(name, False) for name in names})


def _empty_list(folder: Path, at: datetime) -> bytes:
    ca, key = _certificate(folder / "ca.pem"), _key(folder / "ca.key")
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    builder = x509.CertificateRevocationListBuilder(ca.subject, at, at + timedelta(days=30))
    builder = builder.add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
    return builder.add_extension(above, critical=False).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: not a certificate in PEM ({error})") from error


def _key(path: Path) -> EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"{path}: not a private key in PEM ({error})") from error
    if not isinstance(key, EllipticCurvePrivateKey):
        raise ConfigError(f"{path}: expected an EC key, found {type(key).__name__}")
    return key


def _sha256(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    return digest.finalize()


def _write(path: Path, content: bytes) -> None:
    """A new file, on the disk when this returns; keys are for their owner alone."""
    mode = 0o600 if path.suffix == ".key" else 0o644
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as sink:
        sink.write(content)
        sink.flush()
        os.fsync(sink.fileno())


def _replace(path: Path, content: bytes) -> None:
    """A file with other content, whole at any moment, whoever else does the same."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.unlink(missing_ok=True)
        _write(fresh, content)
        fresh.replace(path)
        _sync(path.parent)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise Unavailable(f"{path}: cannot be written: {error.strerror}") from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
