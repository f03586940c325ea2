"""Time stamping authorities that are not ours: certomancer's, under one CA, over HTTP on 127.0.0.1.

    with Certomancer(Path(folder)) as server:
        server.url("p256")          # where it is asked
        server.anchor, server.crl() # DER; `server.ca` is the anchor as a PEM file

With the header X-Certomancer-Fake-Time it answers, and lists revocations, as of another day. ESSCertID in its tokens is
the old one with SHA-1.
"""

import os
import sys
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from servers.processes import ADDRESS, Child, free_ports, wait

FAKE_TIME = "x-certomancer-fake-time"
POLICY = "1.3.6.1.4.1.4146.2.3"
"""Under which all of them give tokens, whatever is asked for."""
KINDS = ("rsa2048", "rsa3072", "pss", "p256", "ed25519", "ended")
"""`pss` signs with the key of `rsa3072`; the certificate of `ended` was valid in 2024 only."""

_CONFIGURATION = """\
external-url-prefix: "http://{address}:{port}"
keysets:
  marche:
    path-prefix: keys
    keys:
{keys}
pki-architectures:
  marche:
    keyset: marche
    entity-defaults: {{country-name: IT, organization-name: Prestatore di prova}}
    entities:
      root: {{common-name: CA di Certomancer}}
      responder: {{common-name: Risponditore OCSP}}
{entities}
    certs:
      root:
        subject: root
        issuer: root
        validity: {{valid-from: "2020-01-01T00:00:00+0000", valid-to: "2099-01-01T00:00:00+0000"}}
        extensions:
          - {{id: basic_constraints, critical: true, value: {{ca: true}}}}
          - {{id: key_usage, critical: true, smart-value: {{schema: key-usage, params: [key_cert_sign, crl_sign]}}}}
      responder:
        subject: responder
        issuer: root
        validity: {{valid-from: "2024-01-01T00:00:00+0000", valid-to: "2040-01-01T00:00:00+0000"}}
        extensions:
          - {{id: key_usage, critical: true, smart-value: {{schema: key-usage, params: [digital_signature]}}}}
          - {{id: extended_key_usage, value: [ocsp_signing]}}
          - {{id: ocsp_no_check, value: null}}
{certificates}
    services:
      crl-repo:
        root: {{for-issuer: root, signing-key: root, simulated-update-schedule: P30D}}
      cert-repo:
        root: {{for-issuer: root}}
      ocsp:
        root: {{for-issuer: root, responder-cert: responder, signing-key: responder}}
      time-stamping:
{services}
"""
_CERTIFICATE = """\
      {kind}:
        subject: {kind}
        issuer: root
        subject-key: {key}
        validity: {{valid-from: "{since}-01-01T00:00:00+0000", valid-to: "{until}-01-01T00:00:00+0000"}}
        extensions:
          - {{id: key_usage, critical: true, smart-value: {{schema: key-usage, params: [digital_signature]}}}}
          - {{id: extended_key_usage, critical: true, value: [time_stamping]}}
          - {{id: crl_distribution_points, smart-value: {{schema: crl-dist-url, params: {{crl-repo-names: [root]}}}}}}
"""
_PERSON = """\
      {kind}:
        subject: {kind}
        issuer: root
        subject-key: p256
        validity: {{valid-from: "2024-01-01T00:00:00+0000", valid-to: "2040-01-01T00:00:00+0000"}}
{revoked}        extensions:
          - {{id: key_usage, critical: true, smart-value: {{schema: key-usage, params: [non_repudiation]}}}}
{told}"""
_TOLD = {
    "listed": "crl_distribution_points, smart-value: {schema: crl-dist-url, params: {crl-repo-names: [root]}}",
    "asked": "authority_information_access, smart-value: {schema: aia-urls, params: {ocsp-responder-names: [root]}}",
}
_REVOKED = '        revocation: {revoked-since: "2025-06-01T00:00:00+0000", reason: key_compromise}\n'
PEOPLE = {"listed": ("listed",), "asked": ("asked",), "both": ("listed", "asked"), "revoked": ("listed", "asked")}
"""Certificates of people: where each says that one is told of its revocation, by a list or by an OCSP responder."""
_SERVICE = "        {kind}: {{signing-key: {key}, signing-cert: {kind}{algorithm}}}\n"


@dataclass(slots=True)
class Certomancer:
    """A server whose files lie in `home`; one process, one question at a time."""

    home: Path
    _port: int = 0
    _child: Child | None = field(default=None, repr=False)

    def __enter__(self) -> "Certomancer":
        (self.home / "keys").mkdir(parents=True)
        for name, key in _keys().items():
            octets = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (self.home / "keys" / f"{name}.pem").write_bytes(octets)
        (self._port,) = free_ports(1)
        (self.home / "certomancer.yml").write_text(_configuration(self._port))
        command = [sys.executable, "-m", "certomancer", "animate", "--port", str(self._port), "--no-web-ui"]
        self._child = Child.start(
            "certomancer",
            [*command[:3], "--config", str(self.home / "certomancer.yml"), *command[3:]],
            self.home / "certomancer.log",
            environment={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
        )
        try:
            wait(self._answers, [self._child], logs=self.home)
        except BaseException:  # whatever stops it: nothing of ours stays behind
            self._child.end()
            raise
        self.ca.write_bytes(x509.load_der_x509_certificate(self.anchor).public_bytes(Encoding.PEM))
        return self

    def __exit__(self, *_: object) -> None:
        assert self._child
        self._child.end()

    @property
    def ca(self) -> Path:
        """The CA of all of them, PEM."""
        return self.home / "ca.pem"

    @property
    def anchor(self) -> bytes:
        """The same, DER."""
        return self._get("/marche/certs/root/ca.crt")

    def crl(self, day: str = "") -> bytes:
        """The CA's list of revocations, DER, of today or as of a day (ISO)."""
        return self._get("/marche/crls/root/latest.crl", day)

    def person(self, which: str) -> bytes:
        """The certificate of one of PEOPLE, DER."""
        return self._get(f"/marche/certs/root/issued/{which}.crt")

    def url(self, kind: str) -> str:
        """Where one of the KINDS is asked."""
        return f"http://{ADDRESS}:{self._port}/marche/tsa/{kind}"

    def _answers(self) -> bool:
        try:
            return bool(self.anchor)
        except (OSError, HTTPException):
            return False

    def _get(self, path: str, day: str = "") -> bytes:
        connection = HTTPConnection(ADDRESS, self._port, timeout=30)
        try:
            connection.request("GET", path, headers={FAKE_TIME: day} if day else {})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise OSError(f"{path}: HTTP {answer.status}")
        return body


def _keys() -> dict[str, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey]:
    curve = ec.SECP256R1()
    return {
        "root": ec.generate_private_key(curve),
        "responder": ec.generate_private_key(curve),
        "rsa2048": rsa.generate_private_key(65537, 2048),
        "rsa3072": rsa.generate_private_key(65537, 3072),
        "p256": ec.generate_private_key(curve),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }


def _configuration(port: int) -> str:
    own = {"pss": "rsa3072", "ended": "p256"}
    terms = {"ended": (2024, 2025)}
    algorithms = {"pss": ", signature-algo: rsassa_pss"}
    certificates, services = "", ""
    named = [name for name in ("root", "responder", *KINDS) if name not in own]
    for kind in KINDS:
        since, until = terms.get(kind, (2024, 2040))
        key = own.get(kind, kind)
        certificates += _CERTIFICATE.format(kind=kind, key=key, since=since, until=until)
        services += _SERVICE.format(kind=kind, key=key, algorithm=algorithms.get(kind, ""))
    for kind, told in PEOPLE.items():
        lines = "".join(f"          - {{id: {_TOLD[how]}}}\n" for how in told)
        certificates += _PERSON.format(kind=kind, told=lines, revoked=_REVOKED if kind == "revoked" else "")
    return _CONFIGURATION.format(
        address=ADDRESS,
        port=port,
        keys="\n".join(f"      {name}: {{path: {name}.pem}}" for name in named),
        entities="\n".join(
            [f"      {kind}: {{common-name: TSA {kind}}}" for kind in KINDS]
            + [f"      {kind}: {{common-name: Firma {kind}}}" for kind in PEOPLE]
        ),
        certificates=certificates,
        services=services,
    )
