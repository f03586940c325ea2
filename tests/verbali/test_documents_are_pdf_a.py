"""Verbale, integrity report and a person's document are the PDF/A that they say they are (veraPDF), sealed too."""

from pathlib import Path

from conformances.java import Missing
from conformances.vera import judge
from support.estates import Estate
from support.tools import absent, tool

from archiver import compose


def test_verapdf_accepts_every_document(estate: Estate, tmp_path: Path) -> None:
    for program in ("java", "javac", "mvn"):
        tool(program)
    archive = estate.open()
    asked = {"lang": "it", "clock": archive.clock}
    compose.report_verifica(archive, tmp_path / "sealed.pdf", **asked)
    compose.report_verifica(archive, tmp_path / "plain.pdf", unsigned=True, lang="en", clock=archive.clock)
    compose.report_integrity(archive, tmp_path / "year.pdf", year=2026, **asked)
    compose.person_access(archive, ["mario@posta-ordinaria.example"], tmp_path / "p", reason="", **asked)
    (tmp_path / "wrong.pdf").write_bytes((tmp_path / "plain.pdf").read_bytes())
    files = [
        ("3b", tmp_path / "sealed.pdf"),
        ("3b", tmp_path / "plain.pdf"),
        ("3b", tmp_path / "year.pdf"),
        ("2b", tmp_path / "p" / "rapporto.pdf"),
        ("2b", tmp_path / "wrong.pdf"),
    ]
    try:
        *answers, other = judge(files)
    except Missing as error:
        absent(str(error))
    refused = {
        path.name: answer.words for (_, path), answer in zip(files, answers, strict=False) if not answer.accepted
    }
    assert refused == {}
    assert not other.accepted, "with an attachment it is no PDF/A-2b: the judge does judge"
