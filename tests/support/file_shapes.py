"""Files of many formats, as small as a file of that format can be: enough for whoever asks what it is."""

import base64
import codecs
import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder
from cryptography.x509.oid import NameOID

from support.quick_tsa import QuickCA, QuickTSA, key
from support.signed_files import split

START = datetime(2026, 1, 1, tzinfo=UTC)
TSA = QuickTSA("TSA", START, START + timedelta(days=3000), "rsa", ca=QuickCA())
TOKEN = TSA.stamp("sha512", b"x" * 64, START + timedelta(days=1))
# 7-Zip 16: one file stored; two files, AES, header packed with LZMA; two files, header encrypted too
SEVEN_PLAIN = bytes.fromhex(
    "377abcaf271c00045a1008680c000000000000004200000000000000d3806b206369616f2c206d6f6e646f0a0104060001090c00070b0100"
    "0101000c0c00080a01363e84ea00000501110d0061002e007400780074000000140a0100111106366d7add01150601002080a4810000"
)
SEVEN_FILES = bytes.fromhex(
    "377abcaf271c0004dfd6183795000000000000002100000000000000c6cb3d33e0d830235fbff019189f4fafe0ca001bcc8e8cfcdb102ea4"
    "480531d5d029d7670000813307ae0fd00eb03c9f39109c9fa6d533dab22eb0eab5905dd4b4b1024dceaf8bfc008551a476f966686b508bd2"
    "806fa70188e1ae273ad6d36e50cfa34a8f626513e8db0b50eacdfc2560232ba0ab2221760abf8900e69f3c946d40248f342d0eee94765324"
    "a5d68b0cb0309de7b7d900000017062001097500070b01000123030101055d001000000c808e0a01e1fa9fa10000"
)
SEVEN_HEADER = bytes.fromhex(
    "377abcaf271c0004b222f37ca0000000000000003d000000000000007fdad4ed7b8bb933f789b511320256031d85c79c6296c5218072176e"
    "1164c94b1461fe71875c0edf40acbf8532f814bb39ca5b737acf4a82c0c5f87b166d423c41ef68847fd4f5cb793afb0b313ea6af7a2318a1"
    "8d5c505a63821d65a6720fafb73d65570289879533b3ec9fc517f6e23b4613777124544f31f2793232485f26a7bf4ac2905796916c198b21"
    "39d79c8595740b90b0cc47e511db7a7869a3cf06477f55d11706200109808000070b0100022406f1070112530f264059fbed28ea58fb8cc0"
    "2baf2d1af923030101055d0010000001000c75808e0a015d48dcbf0000"
)


def zipped(entries: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these entries; `mimetype` is stored, as ODF and ASiC want it."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as file:
        for name, octets in entries.items():
            file.writestr(name, octets, zipfile.ZIP_STORED if name == "mimetype" else method)
    return sink.getvalue()


def locked(octets: bytes) -> bytes:
    """The ZIP with the bit that says encrypted set in its directory."""
    at = octets.index(b"PK\1\2") + 8
    return octets[:at] + bytes([octets[at] | 1]) + octets[at + 1 :]


def office(folder: str, *more: str) -> bytes:
    """An Office Open XML document."""
    return zipped(dict.fromkeys(("[Content_Types].xml", "_rels/.rels", f"{folder}/document.xml", *more), b"<x/>"))


def opendocument(media: str, manifest: bytes = b"<manifest:manifest/>") -> bytes:
    """An OpenDocument."""
    return zipped({"mimetype": media.encode(), "content.xml": b"<x/>", "META-INF/manifest.xml": manifest})


ODF = "application/vnd.oasis.opendocument."
ODF_LOCKED = opendocument(
    ODF + "text", b'<manifest:file-entry><manifest:encryption-data manifest:checksum="x"/></manifest:file-entry>'
)


def compound(streams: Sequence[tuple[str, bytes]], *, spread: int = 0) -> bytes:
    """A compound file: header, one table of sectors, the directory (`spread` sectors further on), the streams."""
    entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0)]
    sectors, place = [], 1
    directory = -(-(len(streams) + 1) // 4)
    place += directory + spread
    for name, octets in streams:
        entries.append(_entry(name, 2, place, max(len(octets), 4096)))
        sectors.append(octets.ljust(512, b"\0")[:512])
        place += 1
    listing = b"".join(entries).ljust(512 * directory, b"\0")
    chain = [0xFFFFFFFD] + [0xFFFFFFFF] * 127
    numbers = [1 + spread + number for number in range(directory)]
    for number, after in zip(numbers, [*numbers[1:], 0xFFFFFFFE], strict=True):
        chain[number] = after
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9L", 0, 1, 1 + spread, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109L", 0, *[0xFFFFFFFF] * 108)
    return head + struct.pack("<128L", *chain) + bytes(512 * spread) + listing + b"".join(sectors)


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    head = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded) + 2, kind, 1) + bytes(48)
    return head + struct.pack("<LQ", start, size)


def word(*, encrypted: bool) -> bytes:
    """A Word 97 document; its FIB says whether it is encrypted."""
    return compound([("WordDocument", struct.pack("<6H", 0xA5EC, 0xC1, 0, 0, 0, 0x0100 if encrypted else 0))])


def excel(*records: int, stream: str = "Workbook") -> bytes:
    """An Excel 97 workbook whose first records are these."""
    return compound([(stream, b"".join(struct.pack("<HH4x", kind, 4) for kind in (0x0809, *records)))])


def pdf(
    version: str = "1.7", *, encrypted: bool = False, stream: bool = False, more: bytes = b"", before: bytes = b""
) -> bytes:
    """A PDF with a table of references, or a stream of them, where its end points; a revision of `before`."""
    encrypt = b" /Encrypt 5 0 R" if encrypted else b""
    body = f"%PDF-{version}\n".encode() + more + b"1 0 obj << /Type /Catalog >> endobj\n"
    if stream:
        trailer = b"7 0 obj << /Type /XRef /Size 1" + encrypt + b" >> stream\n/Encrypt 1 0 R\nendstream endobj\n"
    else:
        trailer = b"xref\n0 1\n0000000000 65535 f\ntrailer << /Size 1" + encrypt + b" >>\n"
    return body + trailer + b"startxref\n%d\n%%%%EOF\n" % len(before + body)


def rar4(*, headers: bool = False, file: bool = False) -> bytes:
    """RAR 4: main header, and the header of a file after a comment with data of its own."""
    main = struct.pack("<HBHH6x", 0, 0x73, 0x80 if headers else 0, 13)
    other = struct.pack("<HBHHL", 0, 0x7A, 0x8000, 11, 5) + b"12345"
    return b"Rar!\x1a\7\0" + main + other + struct.pack("<HBHHL21x", 0, 0x74, 0x04 if file else 0, 32, 0)


def rar5(*, headers: bool = False, file: bool = False) -> bytes:
    """RAR 5: an encryption header, or main and file headers."""
    start = b"Rar!\x1a\7\1\0"
    if headers:
        return start + _rar5(b"\4\0\0")
    extra = bytes([3, 5, 0, 0, *((2, 1, 0) if file else (2, 2, 0))])
    return start + _rar5(b"\1\2\3") + b"abc" + _rar5(b"\2\1" + bytes([len(extra)]) + extra)


def _rar5(content: bytes) -> bytes:
    return bytes(4) + bytes([len(content)]) + content


def enveloped() -> bytes:
    """A CMS EnvelopedData for the TSA's key."""
    builder = PKCS7EnvelopeBuilder().set_data(b"segreto").add_recipient(x509.load_der_x509_certificate(TSA.der))
    return builder.encrypt(Encoding.DER, [])


def pfx() -> bytes:
    """A PKCS #12 file."""
    return pkcs12.serialize_key_and_certificates(b"x", key("rsa", TSA.name), None, None, NoEncryption())


def request() -> bytes:
    """A certification request."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    return builder.sign(key("p256", "x"), hashes.SHA256()).public_bytes(Encoding.DER)


def pem(word_: str, octets: bytes) -> bytes:
    """PEM."""
    return f"-----BEGIN {word_}-----\n".encode() + base64.encodebytes(octets) + f"-----END {word_}-----\n".encode()


def invoice(prefix: str = "p:") -> bytes:
    """The root of a FatturaPA."""
    space = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"
    mark = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    root = f"{prefix}FatturaElettronica"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<?xml-stylesheet type="text/xsl" href="x.xsl"?>\n<!-- > -->\n'
        f'<{root} versione="FPR12" {mark}="{space}"></{root}>'
    ).encode()


SIGNED_PDF = split(pdf(), 1000)
UTF16 = codecs.BOM_UTF16_LE + "perché, città".encode("utf-16-le")
