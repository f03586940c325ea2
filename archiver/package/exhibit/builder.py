"""Writes the index of an exhibit: PIndex of UNI 11386:2020 (AgID guidelines, 4.7, the PdD's data structure)."""

from itertools import groupby

from archiver.package.exhibit.values import FORMAT, MOREINFO_NAMESPACE, MOREINFO_SCHEMA, File, Pdd
from archiver.package.index.builder import process
from archiver.package.index.values import NAMESPACE, SCHEMA, VERSION, Source
from archiver.package.markup import Markup, boolean

_LOCAL = {"sincro:scheme": "local"}
_HASH = {"sincro:hashFunction": "SHA-256", "sincro:canonicalXML": "false"}
_ROOT = {
    "xmlns:sincro": NAMESPACE,
    "xmlns:pdd": MOREINFO_NAMESPACE,
    "sincro:language": "it",
    "sincro:uri": SCHEMA,
    "sincro:sincroVersion": VERSION,
}
LAWS = (
    "Linee guida AgID sulla formazione, gestione e conservazione dei documenti informatici, 4.7 (pacchetto di"
    " distribuzione)"
)


def build(pdd: Pdd) -> bytes:
    """The index as UTF-8 XML; the same values give the same bytes."""
    xml = Markup()
    with xml.element("sincro:PIndex", _ROOT):
        _self_description(xml, pdd)
        _volume(xml, pdd)
        for group, files in groupby(pdd.files, key=lambda file: file.group):
            with xml.element("sincro:FileGroup"):
                _id(xml, f"urn:pec-archiver:group:{group}")
                for file in files:
                    _file(xml, file)
        process(xml, pdd.parties, at=pdd.at, stamped=pdd.stamped, laws=LAWS)
    return xml.bytes()


def _self_description(xml: Markup, pdd: Pdd) -> None:
    with xml.element("sincro:SelfDescription"):
        _id(xml, f"urn:pec-archiver:pdd-pindex:{pdd.id}")
        with xml.element("sincro:CreatingApplication"):
            xml.leaf("sincro:Name", pdd.application.name)
            xml.leaf("sincro:Version", pdd.application.version)
            xml.leaf("sincro:Producer", pdd.application.producer)
        for source in pdd.sources:
            with xml.element("sincro:PIndexSource", {"sincro:derivation": source.derivation}):
                _id(xml, _pindex(source))
                xml.leaf("sincro:Path", source.path)
                xml.leaf("sincro:Hash", source.sha256, _HASH)


def _volume(xml: Markup, pdd: Pdd) -> None:
    facts = {
        "formato": FORMAT,
        "genere": pdd.genre,
        "integrale": boolean(pdd.whole),
        "messaggi": str(pdd.messages),
    }
    with xml.element("sincro:PVolume"):
        _id(xml, f"urn:pec-archiver:pdd:{pdd.id}")
        for source in pdd.sources:
            with xml.element("sincro:PVolumeSource"):
                _id(xml, f"urn:pec-archiver:volume:{source.volume}")
                xml.leaf("sincro:PIndexID", _pindex(source), _LOCAL)
        with xml.element("sincro:PVolumeGroup"):
            _id(xml, f"urn:pec-archiver:holder:{pdd.holder}")
        more = xml.element("sincro:MoreInfo", {"sincro:xmlSchema": MOREINFO_SCHEMA})
        with more, xml.element("sincro:EmbeddedMetadata"):
            xml.leaf("pdd:Distribuzione", "", facts)


def _file(xml: Markup, file: File) -> None:
    # paths, digests and media types are plain: nothing in them needs an escape, and there are tens of thousands
    xml.plain(
        f'  <sincro:File sincro:encoding="binary" sincro:extension="{file.extension}" sincro:format="{file.media}">',
        f'   <sincro:ID sincro:scheme="local">urn:pec-archiver:file:{file.id}</sincro:ID>',
        f"   <sincro:Path>{file.path}</sincro:Path>",
        f'   <sincro:Hash sincro:hashFunction="SHA-256" sincro:canonicalXML="false">{file.sha256}</sincro:Hash>',
        "  </sincro:File>",
    )


def _pindex(source: Source) -> str:
    return f"urn:pec-archiver:pindex:{source.volume}:1"


def _id(xml: Markup, value: str) -> None:
    xml.leaf("sincro:ID", value, _LOCAL)
