"""Who sealed an exhibit and who its volumes: whoever tells the story must be one of those who kept the messages."""

from collections.abc import Iterable
from dataclasses import dataclass

from asn1crypto import x509

from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.package.exhibit import layout
from archiver.verdict import Finding, finding
from archiver.verify.files import Files

_IDENTIFIERS = ("organization_identifier", "serial_number")
"""Of a subject (EN 319 412-3, 4.2.1; EN 319 412-2, 4.2.4), the first that is there."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """The certificate (DER) of whoever sealed the file at `path`."""

    path: str
    certificate: bytes

    @property
    def name(self) -> str:
        """Its subject, for people."""
        return str(x509.Certificate.load(self.certificate).subject.human_friendly)

    @property
    def identity(self) -> str:
        """Whose it is, however often it was renewed, and by whose key it was issued: anybody's CA can write any name.

        Without an identifier the certificate itself.
        """
        read = x509.Certificate.load(self.certificate)
        values = {part["type"].native: str(part["value"].native) for rdn in read.subject.chosen for part in rdn}
        issued = (read.authority_key_identifier or b"").hex() or read.issuer.sha256.hex()
        for kind in _IDENTIFIERS:
            if value := values.get(kind, "").strip():
                return f"{kind}={value.casefold()} {issued}"
        return f"{read.issuer.sha256.hex()} {read.serial_number}"

    def __str__(self) -> str:
        return f"{self.name} (SHA-256 {sha256(self.certificate)})  {self.path}"


def sealers(files: Files) -> tuple[Sealer, ...]:
    """Those of the volumes, one for each whose seal can be read; whether it holds, the volume's verdict says."""
    found = []
    for item in files.list(layout.DATA):
        parsed = layout.parse(item.name)
        if parsed and parsed.kind is layout.Kind.INDEX:
            certificate = _certificate(files.get(item.name))
            found += [Sealer(item.name, certificate)] if certificate else []
    return tuple(found)


def foreign(own: Sealer, volumes: Iterable[Sealer], *, strict: bool) -> tuple[Finding, ...]:
    """What is to be said where whoever sealed the exhibit sealed none of its volumes."""
    others = tuple(volumes)
    if not others or own.identity in {one.identity for one in others}:
        return ()
    code = "EXHIBIT_OTHER_SIGNER_ONLY" if strict else "EXHIBIT_OTHER_SIGNER"
    return (finding(code, own.path, signer=own.name, volumes="; ".join(dict.fromkeys(one.name for one in others))),)


def _certificate(p7m: bytes) -> bytes | None:
    try:
        return open_signed(p7m).certificate
    except Malformed:
        return None
