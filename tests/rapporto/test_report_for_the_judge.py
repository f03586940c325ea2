"""rapporto.pdf says what a judge must read, in Italian and English, marked where it has no legal value."""

import json
import re
from typing import Any

import pytest
from support import printed
from support.told_reports import SUBJECT, told

from archiver.access.exhibit.rapporto import rapporto
from archiver.access.exhibit.rapporto.copies import RECEIPTS_PRINTED
from archiver.access.exhibit.rapporto.words import MARK
from archiver.access.exhibit.told import written

FIRST_PAGE = {
    "it": [
        SUBJECT,
        "studio.bianchi@pec.esempio.it",
        "Accettato il 02/03/2026 ore 10:15:31 (+0100) · 2026-03-02 09:15:31 UTC",
        "destinatario000@pec.controparte.it: consegnato 02/03/2026 ore 10:15:36 (+0100)",
        "Diffida firmata.pdf.p7m",
        "Integro dal 2026-03-03 02:10:00 UTC",
        "Che cosa NON è provato",
        "riferimento temporale non qualificato",
        "fino al 30/06/2035; poi chiedere un esibito aggiornato",
        "duplicati informatici",
        "copie di cortesia",
        "R.G. 1234/2026",
    ],
    "en": [
        "Accepted at 02/03/2026 at 10:15:31 (+0100) · 2026-03-02 09:15:31 UTC",
        "destinatario000@pec.controparte.it: delivered",
        "Intact since 2026-03-03 02:10:00 UTC",
        "What is NOT proven",
        "until 30/06/2035; after that, ask for an updated exhibit",
        "duplicati informatici",
        "courtesy copies",
    ],
}


@pytest.fixture(scope="module")
def italian() -> bytes:
    return rapporto(told())


@pytest.fixture(scope="module")
def crowd() -> list[str]:
    """The pages of a report on one message to five hundred."""
    return printed.pages(rapporto(told(500)))


@pytest.mark.parametrize("lang", FIRST_PAGE)
def test_the_first_page_says_what_a_judge_asks_first(lang):
    page = printed.pages(rapporto(told(lang=lang)))[0]
    assert [claim for claim in FIRST_PAGE[lang] if claim not in page] == []


def test_each_attached_document_stands_on_the_first_page_with_its_digest(italian):
    (attachment,) = told()["dossiers"][0]["messages"][0]["attachments"]
    assert attachment["sha256"] in printed.pages(italian)[0]


def test_every_check_is_told_with_its_date(italian):
    shown = printed.text(italian)
    missing = [check for check in told()["checks"] if check["it"] not in shown or check["at"][:10] not in shown]
    assert missing == []


def test_what_remains_indeterminate_is_told_with_the_reason_and_the_clause(italian):
    shown = printed.text(italian)
    assert "certificato scaduto il 01/01/2026, prima dell'ingresso (norma: EN 319 102-1, 5.2.6)" in shown


@pytest.mark.parametrize("legal", [True, False])
def test_without_legal_value_every_page_says_so_and_only_then(legal):
    pages = printed.pages(rapporto({**told(), "legal_value": legal}))
    assert [MARK in page for page in pages] == [not legal] * len(pages)


def test_pages_are_numbered_n_of_m(italian):
    pages = printed.pages(italian)
    assert [f"pagina {number} di {len(pages)}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)


def test_every_one_of_five_hundred_recipients_is_listed_with_the_outcome(crowd):
    shown = "".join(crowd).replace(" ", "")
    everyone = told(500)["dossiers"][0]["recipients"]
    assert [one["address"] for one in everyone if one["address"] not in shown] == []
    assert (shown.count("casellapiena;«"), shown.count("completa:")) == (71, 429)


def test_hundreds_of_recipients_are_counted_on_the_first_page_not_listed(crowd):
    assert "429 × consegnato" in crowd[0]
    assert "71 × non consegnato" in crowd[0]
    assert "destinatario007" not in crowd[0]


def test_hundreds_of_deliveries_are_one_dot_on_the_timeline(crowd):
    assert "Consegnato · 429 eventi uguali, l'ultimo il 02/03/2026" in crowd[1]


def test_of_hundreds_of_receipts_the_first_few_are_printed_and_each_has_its_line(crowd):
    shown = " ".join(crowd)
    assert shown.count("COPIA DI CORTESIA") == RECEIPTS_PRINTED + 1  # and the message
    assert f"Altre {501 - RECEIPTS_PRINTED} ricevute, che ripetono il messaggio, non sono stampate" in shown
    listed = shown[: shown.index("Copie di cortesia Stampa")]
    receipts = told(500)["dossiers"][0]["messages"][2:]
    assert [item for item in receipts if item["sha256"] not in listed] == []


def test_copies_of_hundreds_of_messages_are_limited_and_those_left_out_are_counted():
    report = told()
    (dossier,) = report["dossiers"]
    many = [{**dossier["messages"][0], "sha256": f"{number:064x}", "text": "x " * 400} for number in range(150)]
    dossier["messages"] = many
    shown = printed.text(rapporto(report))
    copies = shown.count("COPIA DI CORTESIA")
    assert 50 < copies < 150
    assert f"Le copie di cortesia di altri {150 - copies} messaggi sono omesse" in shown


def test_the_receipt_that_holds_the_message_is_printed_whichever_it_is():
    report = told(40)
    (dossier,) = report["dossiers"]
    carrier = dossier["messages"][-1]
    dossier["original"] |= {"source": "avvenuta-consegna", "sha256": carrier["sha256"]}
    carrier["text"] = "proprio questo testo"
    assert "proprio questo testo" in printed.text(rapporto(report))


def test_a_delivery_by_night_is_noted():
    report = told()
    (one,) = report["dossiers"][0]["recipients"]
    one["at"] = "2026-03-02T21:00:00+01:00"
    assert "art. 147 c. 3 c.p.c." in printed.pages(rapporto(report))[0]
    one["at"] = "2026-03-02T20:59:59+01:00"
    assert "art. 147 c. 3 c.p.c." not in printed.text(rapporto(report))


def test_messages_in_no_volume_are_not_said_to_be_intact_since_anything():
    report = told()
    for message in report["dossiers"][0]["messages"]:
        message |= {"volume": None, "since": None, "until": None}
    report |= {"valid_until": None, "volumes": []}
    page = printed.pages(rapporto(report))[0]
    assert "Integro dal non ancora provato da una marca temporale" in page
    assert "la durata della prova non si può indicare" in page
    assert "in nessun volume: non ancora sigillato" in printed.text(rapporto(report))


def test_one_message_in_no_volume_is_enough_for_intact_since_to_be_unproven():
    report = told()
    report["dossiers"][0]["messages"][2] |= {"volume": None, "since": None, "until": None}
    assert "Integro dal non ancora provato da una marca temporale" in printed.pages(rapporto(report))[0]


def test_intact_since_is_the_latest_first_stamp_of_all_messages():
    report = told()
    report["dossiers"][0]["messages"][1]["since"] = "2026-04-05T02:10:00+00:00"
    assert "Integro dal 2026-04-05 02:10:00 UTC" in printed.pages(rapporto(report))[0]


def test_a_failed_exhibit_says_so_on_the_first_page():
    report = told()
    report["verdict"] |= {"indication": "FAILED"}
    report["verdict"]["findings"] = [{"code": "X", "severity": "error", "subject": "messages/x.eml", "clause": "",
                                      "text": "impronta diversa"}]  # fmt: skip
    shown = rapporto(report)
    assert "FAILED · verifica NON superata" in printed.pages(shown)[0]
    assert "Che cosa è fallito – messages/x.eml: impronta diversa" in printed.text(shown)


def test_an_unsealed_exhibit_says_so_on_the_first_page():
    assert "esibito NON sigillato" in printed.pages(rapporto({**told(), "sealed": False}))[0]


def test_copies_are_marked_as_copies_and_hold_the_text(italian):
    shown = printed.text(italian)
    assert shown.count("COPIA DI CORTESIA") == len(told()["dossiers"][0]["messages"])
    assert "Vi diffidiamo ad adempiere entro quindici giorni" in shown


def test_the_form_for_the_lawyer_is_blank_and_names_each_file_by_its_digest(italian):
    last = printed.pages(italian)[-1]
    assert "ATTESTO" in last
    assert "_" * 28 in last
    assert [item["sha256"] for item in told()["dossiers"][0]["messages"] if item["sha256"] not in last] == []
    assert "Anna Bianchi" not in last, "the system attests nothing, in nobody's name"


def test_several_dossiers_are_listed_and_each_is_told():
    report = two_dossiers()
    shown = printed.text(rapporto(report))
    assert "I dossier esibiti: 2" in shown
    assert re.search(r"Dossier 1: .* · Destinatari ed esiti", shown)
    assert re.search(r"Dossier 2: Seconda diffida · Destinatari ed esiti", shown)


def test_the_sender_of_a_message_received_is_who_wrote_it_not_the_provider():
    report = told()
    (dossier,) = report["dossiers"]
    message = {**dossier["messages"][0], "kind": "posta-certificata", "attachments": []}
    inner = {"headers": [["From", "Mario Verdi <verdi@pec.altri.it>"]], "text": "", "html": "", "inner": None}
    message["inner"] = {**inner, "attachments": [{**told()["dossiers"][0]["messages"][0]["attachments"][0]}]}
    dossier |= {"recipients": [], "messages": [message]}
    stated = {"source": "posta-certificata", "from": "posta-certificata@pec.gestore.it"}
    dossier["original"] = written(dossier["original"] | stated, dossier["messages"])
    page = printed.pages(rapporto(report))[0]
    assert "Mittente Mario Verdi <verdi@pec.altri.it> busta di trasporto da posta-certificata@pec.gestore.it" in page
    assert "Documenti allegati Diffida firmata.pdf.p7m" in page


def test_where_only_receipts_are_there_the_provider_is_said_to_declare_the_sender():
    report = told()
    (dossier,) = report["dossiers"]
    receipt = next(item for item in dossier["messages"] if item["kind"] == "accettazione")
    dossier["messages"] = [receipt]
    dossier["original"] |= {"source": "daticert", "sha256": receipt["sha256"], "date": None}
    page = printed.pages(rapporto(report))[0]
    assert "Mittente studio.bianchi@pec.esempio.it dichiarato dal gestore (daticert.xml)" in page
    assert "non noti: nell'esibito ci sono soltanto ricevute" in page
    assert "Allegati daticert.xml" not in page
    assert "daticert.xml (" not in page


def test_an_export_without_dossiers_counts_its_messages():
    report = told()
    report |= {"kind": "export", "dossiers": []}
    page = printed.pages(rapporto(report))[0]
    assert "Rapporto di esportazione" in page
    assert "Messaggi esibiti: 3" in page


def two_dossiers() -> dict[str, Any]:
    report = told()
    report["dossiers"] += told(2, subject="Seconda diffida")["dossiers"]
    return report


def test_the_same_report_gives_the_same_bytes():
    assert rapporto(told(9)) == rapporto(json.loads(json.dumps(told(9))))
