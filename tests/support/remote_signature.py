"""A remote signature service on loopback: it signs digests for whoever brings the OTP, in good moods and in bad."""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from asn1crypto import algos, cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding

from support.certificates import Pair

PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)


class RemoteService:
    """The service while it runs: `answer` makes what it answers of the digest, `status` and `delay` are its moods.

    `asked` is every digest that came with the right OTP.
    """

    def __init__(self, otp: str, answer: Callable[[bytes], bytes]) -> None:
        self.otp, self.answer = otp, answer
        self.status, self.delay = 200, 0.0
        self.asked: list[bytes] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/firma"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                digest = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(service.delay)
                if self.headers["X-OTP"] != service.otp:
                    self._say(403, f"OTP errato: {self.headers['X-OTP']}".encode())
                elif service.status != 200:
                    self._say(service.status, b"servizio non disponibile")
                else:
                    service.asked.append(digest)
                    self._say(200, service.answer(digest))

            def _say(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Silent."""

        return Handler


def raw(pair: Pair, digest: bytes, *, salt: padding.PSS | padding.PKCS1v15 = PSS) -> bytes:
    """A signature of the digest as it is: ECDSA in DER, or RSA."""
    made_with = Prehashed(hashes.SHA256())
    if isinstance(pair.key, ec.EllipticCurvePrivateKey):
        return pair.key.sign(digest, ec.ECDSA(made_with))
    return pair.key.sign(digest, salt, made_with)


def in_a_row(signature: bytes, octets: int) -> bytes:
    """An ECDSA signature as r and s of so many octets each."""
    values = algos.DSASignature.load(signature)
    return b"".join(values[name].native.to_bytes(octets) for name in ("r", "s"))


@dataclass(frozen=True)
class Cades:
    """A detached CAdES-B-B over a digest, with an EC key; every field but `pair` is a way to get it wrong."""

    pair: Pair
    digest_algorithm: str = "sha256"
    signed_with: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)
    over: Callable[[bytes], bytes] = lambda digest: digest
    reference: int = 2
    content: Callable[[bytes], bytes] | None = None
    attributes: bool = True
    certificates: bool = True
    kind: str = "data"
    spoilt: bool = False
    signers: int = 1

    def __call__(self, digest: bytes) -> bytes:
        certificate = asn1_x509.Certificate.load(self.pair.certificate.public_bytes(Encoding.DER))
        content = {"content_type": "data", **({"content": self.content(digest)} if self.content else {})}
        signer = self._signer(certificate, self.over(digest))
        data = {
            "version": "v1",
            "digest_algorithms": [{"algorithm": self.digest_algorithm}],
            "encap_content_info": content,
            **({"certificates": [certificate]} if self.certificates else {}),
            "signer_infos": [signer] * self.signers,
        }
        return bytes(cms.ContentInfo({"content_type": "signed_data", "content": data}).dump())

    def _signer(self, certificate: asn1_x509.Certificate, digest: bytes) -> cms.SignerInfo:
        attributes = self._signed(certificate, digest)
        assert isinstance(self.pair.key, ec.EllipticCurvePrivateKey)
        if self.attributes:
            signature = self.pair.key.sign(attributes.dump(), ec.ECDSA(self.signed_with))
        else:
            signature = self.pair.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        serial = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": {"issuer_and_serial_number": serial},
                "digest_algorithm": {"algorithm": self.digest_algorithm},
                **({"signed_attrs": attributes} if self.attributes else {}),
                "signature_algorithm": {"algorithm": f"{self.signed_with.name}_ecdsa"},
                "signature": bytes((*signature[:-1], signature[-1] ^ self.spoilt)),
            }
        )

    def _signed(self, certificate: asn1_x509.Certificate, digest: bytes) -> cms.CMSAttributes:
        octets = certificate.dump()
        first = tsp.SigningCertificate({"certs": [{"cert_hash": hashlib.sha1(octets).digest()}]})
        second = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(octets).digest()}]})
        references = {1: ("signing_certificate", first), 2: ("signing_certificate_v2", second)}
        named = [references[self.reference]] if self.reference else []
        now = datetime.now(UTC).replace(microsecond=0)
        return cms.CMSAttributes(
            [
                {"type": "content_type", "values": [self.kind]},
                {"type": "signing_time", "values": [cms.Time({"utc_time": now})]},
                {"type": "message_digest", "values": [digest]},
                *({"type": kind, "values": [value]} for kind, value in named),
            ]
        )
