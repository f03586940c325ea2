"""The report is the PDF/A that it says it is, sealed too (veraPDF); the machine's report is in it, or nothing is."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conformances.java import Missing
from conformances.vera import judge
from support import printed
from support.certificates import Authority, p256
from support.told_reports import told
from support.tools import absent, tool

from archiver.access.exhibit.rapporto import rapporto
from archiver.access.exhibit.told import canonical
from archiver.adapters.signer import FileSigner, sign_pdf

NOW = datetime.now(UTC).replace(microsecond=0)
HOSTILE = "合\u202e😀 \U0001f9d1 e\u0301 שלום"


def test_dossier_json_is_attached_octet_for_octet():
    report = told(lang="en")
    assert printed.attached(rapporto(report)) == {"dossier.json": canonical(report)}


def test_nothing_is_attached_to_the_report_for_a_court():
    assert printed.attached(rapporto(told(), embed=False)) == {}


def test_verapdf_accepts_every_report_as_what_it_says_it_is_before_and_after_the_seal(tmp_path: Path):
    for program in ("java", "javac", "mvn"):
        tool(program)
    certificate, key, above = Authority().person(key=p256()).pem(tmp_path)
    signer = FileSigner.from_pem(certificate, key, chain=(above,))
    reports = {
        "3b": [told(), told(9, lang="en"), told(subject=HOSTILE, text=HOSTILE), {**told(), "legal_value": True}],
        "2b": [told(), told(9, lang="en")],
    }
    files = []
    for flavour, tellings in reports.items():
        for number, report in enumerate(tellings):
            made = rapporto(report, embed=flavour == "3b")
            for name, octets in (("plain", made), ("sealed", sign_pdf(made, signer, NOW, None))):
                path = tmp_path / f"{flavour}-{number}-{name}.pdf"
                path.write_bytes(octets)
                files.append((flavour, path))
    wrong = tmp_path / "wrong.pdf"
    wrong.write_bytes(rapporto(told()))
    try:
        *answers, other = judge([*files, ("2b", wrong)])
    except Missing as error:
        absent(str(error))
    refused = {path.name: answer.words for (_, path), answer in zip(files, answers, strict=True) if not answer.accepted}
    assert refused == {}
    assert not other.accepted, "with an attachment it is no PDF/A-2b: the judge does judge"


@pytest.mark.parametrize("lang", ["it", "en"])
def test_what_is_told_is_not_changed_by_printing_it(lang):
    report = told(3, lang=lang)
    before = json.dumps(report)
    rapporto(report)
    assert json.dumps(report) == before
