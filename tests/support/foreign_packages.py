"""Packages of conservatori that never saw this program: indexes of both generations, sealed and stamped by others.

Written by hand from the schemas, sharing nothing with the reader under test; sealed by `openssl cms`.
"""

import base64
import hashlib
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from asn1crypto import cms, tsp

from support.tools import tool

V2 = "http://www.uni.com/U3011/sincro-v2/"
V1 = "http://www.uni.com/U3011/sincro/"

Hashed = Callable[[bytes], str]


def hexadecimal(octets: bytes, function: str = "sha256") -> str:
    """As most write it."""
    return hashlib.new(function, octets).hexdigest()


def base_64(octets: bytes, function: str = "sha256") -> str:
    """As some write it."""
    return base64.b64encode(hashlib.new(function, octets).digest()).decode()


def pindex(
    files: Mapping[str, bytes],
    *,
    hashed: Hashed = hexadecimal,
    function: str = "SHA-256",
    embedded: str = "<a xmlns='urn:prova'>1</a>",
    path: Callable[[str], str] = quote,
) -> bytes:
    """A PIndex of 2020 over these files."""
    listed = "".join(
        f"""<sincro:File sincro:encoding="binary" sincro:extension="{name.rpartition(".")[2]}"
        sincro:format="{"message/rfc822" if name.endswith(".eml") else "application/octet-stream"}">
        <sincro:ID sincro:scheme="local">doc-{number}</sincro:ID><sincro:Path>{escape(path(name))}</sincro:Path>
        <sincro:Hash sincro:canonicalXML="false" sincro:hashFunction="{function}">{hashed(octets)}</sincro:Hash>
        </sincro:File>"""
        for number, (name, octets) in enumerate(files.items())
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<sincro:PIndex xmlns:sincro="{V2}" sincro:language="it" sincro:uri="{V2}PIndex.xsd" sincro:sincroVersion="2.0">
<sincro:SelfDescription><sincro:ID sincro:scheme="local">indice-1</sincro:ID><sincro:CreatingApplication>
<sincro:Name>Conserva</sincro:Name><sincro:Version>4.2</sincro:Version><sincro:Producer>Altri S.p.A.</sincro:Producer>
</sincro:CreatingApplication></sincro:SelfDescription>
<sincro:PVolume><sincro:ID sincro:scheme="local">pda-1</sincro:ID>
<sincro:MoreInfo sincro:xmlSchema="s.xsd">
<sincro:EmbeddedMetadata>{embedded}</sincro:EmbeddedMetadata></sincro:MoreInfo>
</sincro:PVolume>
<sincro:FileGroup><sincro:ID sincro:scheme="local">gruppo</sincro:ID>{listed}</sincro:FileGroup>
<sincro:Process>
<sincro:Submitter sincro:agentType="legal person"><sincro:AgentName><sincro:FormalName>Ente</sincro:FormalName>
</sincro:AgentName><sincro:RelevantDocument>contratto</sincro:RelevantDocument></sincro:Submitter>
<sincro:Holder sincro:agentType="legal person" sincro:holderRole="soggetto produttore"><sincro:AgentName>
<sincro:FormalName>Ente</sincro:FormalName></sincro:AgentName><sincro:RelevantDocument>contratto</sincro:RelevantDocument>
</sincro:Holder>
<sincro:AuthorizedSigner sincro:agentType="natural person"><sincro:AgentName><sincro:NameAndSurname>
<sincro:FirstName>Ada</sincro:FirstName><sincro:LastName>Neri</sincro:LastName></sincro:NameAndSurname></sincro:AgentName>
<sincro:RelevantDocument>nomina</sincro:RelevantDocument></sincro:AuthorizedSigner>
<sincro:TimeReference><sincro:TimeInfo sincro:attachedTimeStamp="false">2019-05-06T07:08:09Z</sincro:TimeInfo>
</sincro:TimeReference></sincro:Process></sincro:PIndex>""".encode()


def idc(files: Mapping[str, bytes], *, function: str = "", hashed: Hashed | None = None) -> bytes:
    """An IdC of 2010; without a function the hashes are SHA-1, as its schema has it."""
    compute = hashed or (lambda octets: hexadecimal(octets, "sha1"))
    stated = f' sincro:function="{function}"' if function else ""
    listed = "".join(
        f"""<sincro:File sincro:encoding="binary"
        sincro:format="{"message/rfc822" if name.endswith(".eml") else "application/pdf"}">
        <sincro:ID sincro:scheme="local">{number}</sincro:ID><sincro:Path>/{escape(quote(name))}</sincro:Path>
        <sincro:Hash{stated}>{compute(octets)}</sincro:Hash></sincro:File>"""
        for number, (name, octets) in enumerate(files.items())
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<sincro:IdC xmlns:sincro="{V1}" sincro:version="1.0" sincro:url="{V1}">
<sincro:SelfDescription><sincro:ID sincro:scheme="local">idc-1</sincro:ID><sincro:CreatingApplication>
<sincro:Name>Vecchio</sincro:Name><sincro:Version>1</sincro:Version><sincro:Producer>Altri</sincro:Producer>
</sincro:CreatingApplication></sincro:SelfDescription>
<sincro:VdC><sincro:ID sincro:scheme="local">vdc-1</sincro:ID></sincro:VdC>
<sincro:FileGroup>{listed}</sincro:FileGroup>
<sincro:Process><sincro:Agent sincro:type="person" sincro:role="PreservationManager"><sincro:AgentName>
<sincro:NameAndSurname><sincro:FirstName>Ada</sincro:FirstName><sincro:LastName>Neri</sincro:LastName>
</sincro:NameAndSurname></sincro:AgentName></sincro:Agent>
<sincro:TimeReference><sincro:TimeInfo>2012-05-06T07:08:09Z</sincro:TimeInfo></sincro:TimeReference>
</sincro:Process></sincro:IdC>""".encode()


@dataclass(frozen=True)
class House:
    """The other conservatore: its certificate and key as files, its CA, and an authority that answers queries."""

    certificate: Path
    key: Path
    ca: Path
    stamp: Callable[[bytes], bytes]

    def sealed(self, xml: bytes, folder: Path, *, detached: bool = False) -> bytes:
        """CAdES-B by `openssl cms`, DER."""
        folder.mkdir(exist_ok=True)
        (folder / "in.xml").write_bytes(xml)
        command = [
            tool("openssl"), "cms", "-sign", "-cades", "-binary", "-md", "sha256", "-outform", "DER",
            "-in", folder / "in.xml", "-signer", self.certificate, "-inkey", self.key, "-certfile", self.ca,
            "-out", folder / "out.p7m",
        ]  # fmt: skip
        subprocess.run([*command, *([] if detached else ["-nodetach"])], check=True, capture_output=True)
        return (folder / "out.p7m").read_bytes()

    def answered(self, octets: bytes) -> bytes:
        """A `.tsr`: the authority's answer about these octets."""
        imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": hashlib.sha256(octets).digest()}
        query = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True})
        return self.stamp(query.dump())

    def stamped_data(self, octets: bytes) -> bytes:
        """A `.tsd`: these octets, and a token over them (RFC 5544)."""
        token = tsp.TimeStampResp.load(self.answered(octets))["time_stamp_token"]
        evidence = tsp.Evidence(
            name="tst_evidence",
            value=tsp.TimeStampTokenEvidence([{"time_stamp": tsp.EncapsulatedContentInfo.load(token.dump())}]),
        )
        data = tsp.TimeStampedData({"version": "v1", "content": octets, "temporal_evidence": evidence})
        return cms.ContentInfo({"content_type": "timestamped_data", "content": data}).dump()


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    """All of it on disk."""
    for name, octets in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(octets)
    return folder
