"""Formats that say at once what they are: by their first octets, or by octets at a fixed place."""

import re

_FIRST: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "compound"),
    (b"{\\rtf", "rtf"),
    (b"%!PS", "postscript"),
    (b"\xc5\xd0\xd3\xc6", "postscript"),
    # images
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jpeg2000"),
    (b"\xff\x4f\xff\x51", "jpeg2000"),
    (b"\0\0\1\0", "ico"),
    (b"8BPS", "psd"),
    (b"gimp xcf", "xcf"),
    (b"v/1\1", "openexr"),
    (b"AT&TFORM", "djvu"),
    (b"\xd7\xcd\xc6\x9a", "wmf"),
    (b"AC10", "dwg"),
    # sound and moving pictures
    (b"ID3", "mp3"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b".snd", "au"),
    (b"#!AMR", "amr"),
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"\0\0\1\xba", "mpeg"),
    (b"\0\0\1\xb3", "mpeg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (b"FLV\1", "flv"),
    # archives
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"MSCF\0\0\0\0", "cab"),
    # programs, databases, mail
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"L\0\0\0\1\x14\2\0", "lnk"),
    (b"SQLite format 3\0", "sqlite"),
    (b"\0\1\0\0Standard Jet DB\0", "access"),
    (b"\0\1\0\0Standard ACE DB\0", "access"),
    (b"!BDN", "pst"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"\xffWPC", "wordperfect"),
    (b"ITSF", "chm"),
    (b"\0\1\0\0\0", "font"),
    (b"OTTO", "font"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"-----BEGIN PGP MESSAGE-----", "pgp"),
    (b"-----BEGIN PGP SIGNATURE-----", "pgp-signature"),
    (b"-----BEGIN PGP PUBLIC KEY BLOCK-----", "pgp-key"),
)
_BY_LENGTH = sorted(_FIRST, key=lambda row: -len(row[0]))
_INITIALS = frozenset(magic[0] for magic, _ in _FIRST)
_PLACED: tuple[tuple[int, bytes, str], ...] = (
    (257, b"ustar", "tar"),
    (128, b"DICM", "dicom"),
    (40, b" EMF", "emf"),
    (32769, b"CD001", "iso"),
)
_RIFF = {b"WAVE": "wav", b"AVI ": "avi", b"WEBP": "webp"}
_FORM = {b"AIFF": "aiff", b"AIFC": "aiff"}
_BRANDS = {b"heic": "heif", b"heix": "heif", b"mif1": "heif", b"hevc": "heif", b"avif": "avif", b"qt  ": "quicktime"}
_MPEG_AUDIO = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]")
_NETPBM = re.compile(rb"P[1-7]\s+(?:#[^\n]*\n)?(?:\d+\s+\d+\s|WIDTH )")
_HEAD = 1024
_PDF_LATE = re.compile(rb"%PDF-\d\.\d")


def by_first_octets(octets: bytes) -> str:
    """The format, or `compound` (OLE 2), or empty."""
    if octets[0] in _INITIALS:
        for magic, name in _BY_LENGTH:
            if octets.startswith(magic):
                return name
    return _container(octets)


def by_later_octets(octets: bytes) -> str:
    """The format, or empty: of what does not begin as anything else."""
    name = next((name for at, magic, name in _PLACED if octets.startswith(magic, at)), "")
    # ISO 32000-1, annex H.3.4.1: readers look for the header in the first 1024 octets
    return name or ("pdf" if _PDF_LATE.search(octets, 0, _HEAD) else "")


def _container(octets: bytes) -> str:
    if octets.startswith(b"RIFF"):
        return _RIFF.get(octets[8:12], "")
    if octets.startswith(b"FORM"):
        return _FORM.get(octets[8:12], "")
    if octets[4:8] == b"ftyp":  # ISO 14496-12
        return _BRANDS.get(octets[8:12], "mp4")
    if octets.startswith(b"BM") and int.from_bytes(octets[2:6], "little") == len(octets):
        return "bmp"
    if _NETPBM.match(octets):
        return "netpbm"
    return "mp3" if _MPEG_AUDIO.match(octets) else ""
