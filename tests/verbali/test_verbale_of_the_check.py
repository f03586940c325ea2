"""The verbale of the periodic check: what the sweeps did, what is open, who signs; sealed, and in the register."""

import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from support import printed
from support.commands import archiver
from support.estates import DAY, HOUR, Estate
from support.small import HOLDER

from archiver import compose
from archiver.access.printing import MARK, canonical
from archiver.access.reports import verifica
from archiver.digest import sha256
from archiver.errors import ConfigError, Conflict
from archiver.verdict import Indication


def made(estate: Estate, out: Path, **options: Any) -> "compose.Reported":
    archive = estate.open()
    return compose.report_verifica(archive, out, **{"lang": "it", **options}, clock=archive.clock)


def codes(done: "compose.Reported") -> list[str]:
    return [item["code"] for item in done.told["findings"]]


def acts(estate: Estate, kind: str) -> list[Any]:
    archive = estate.open()
    filters = compose.Filters(kind=kind)
    return list(compose.log_show(archive, filters, limit=50, after=None).entries)


def test_after_a_deep_sweep_the_verbale_passes_and_says_what_was_read(estate: Estate, tmp_path: Path) -> None:
    done = made(estate, tmp_path / "v.pdf")
    assert done.indication is Indication.PASSED
    pdf = (tmp_path / "v.pdf").read_bytes()
    pages = printed.pages(pdf)
    text = " ".join(pages)
    for said in (
        "Verbale di verifica periodica",
        "Studio Dimostrativo",
        "Maria Dimostrativa",
        "Manuale dimostrativo v. 1.0",
        "nessun danno",
        "corrispondenza",
        "31/12/2036",
        "dichiara di avere verificato",
        "Luogo e data",
    ):
        assert said in text
    assert all(MARK in page for page in pages), "a demonstration is one on every page"
    (sweep,) = done.told["sweeps"]
    assert (sweep["read"], sweep["open"], sweep["messages"]) == (sweep["listed"], 0, 6)
    assert {row["store"]: row["read"] == row["objects"] - 1 for row in done.told["copies_read"]} == {
        "primary": True, "due": True,
    }, "all but the sweep's own report"  # fmt: skip
    assert printed.overflowing(pdf) == []


def test_the_document_is_sealed_and_what_it_tells_is_attached_octet_for_octet(estate: Estate, tmp_path: Path) -> None:
    done = made(estate, tmp_path / "v.pdf")
    pdf = (tmp_path / "v.pdf").read_bytes()
    assert len(PdfFileReader(io.BytesIO(pdf)).embedded_signatures) == 1
    assert printed.attached(pdf) == {"verifica.json": canonical(done.told)}
    assert done.sha256 == sha256(pdf)


def test_that_it_was_made_is_an_act_with_the_digests_of_both_forms(estate: Estate, tmp_path: Path) -> None:
    done = made(estate, tmp_path / "v.pdf", reason="verifica annuale")
    (entry,) = acts(estate, "verifica")
    assert entry.act is not None
    assert entry.act.id == done.act
    assert entry.act.reason == "verifica annuale"
    assert entry.act.what["pdf"] == sha256((tmp_path / "v.pdf").read_bytes())
    assert entry.act.what["told"] == sha256(canonical(done.told))
    assert entry.act.what["indication"] == "PASSED"


def test_unsigned_says_so_and_carries_no_signature(estate: Estate, tmp_path: Path) -> None:
    made(estate, tmp_path / "v.pdf", unsigned=True)
    pdf = (tmp_path / "v.pdf").read_bytes()
    assert PdfFileReader(io.BytesIO(pdf)).embedded_signatures == []
    assert "NON reca il sigillo" in printed.text(pdf)


def test_attachments_at_risk_are_counted_and_a_migration_is_proposed(estate: Estate, tmp_path: Path) -> None:
    done = made(estate, tmp_path / "v.pdf")
    assert done.told["opened"]["classes"]["at_risk"] == 1
    (finding,) = [item for item in done.told["findings"] if item["code"] == "VERIFICA_AT_RISK"]
    assert "doc" in finding["it"]
    assert "riversamento" in printed.text((tmp_path / "v.pdf").read_bytes())


def test_without_a_sweep_in_the_period_it_is_not_conclusive(estate: Estate, tmp_path: Path) -> None:
    made(estate, tmp_path / "first.pdf")
    estate.at += HOUR
    done = made(estate, tmp_path / "second.pdf")
    assert done.told["since"] is not None, "it begins where the last one ended"
    assert (done.indication, codes(done)[0]) == (Indication.INDETERMINATE, "VERIFICA_NO_SWEEP")


def test_what_was_damaged_is_open_until_it_is_repaired(
    estate: Estate, tmp_path: Path, rotten: Callable[[], str]
) -> None:
    name = rotten()
    estate.sweep(everything=True)
    estate.at += HOUR
    bad = made(estate, tmp_path / "bad.pdf")
    assert bad.indication is Indication.FAILED
    assert "VERIFICA_OPEN" in codes(bad)
    assert [(item["store"], item["name"], item["code"]) for item in bad.told["open"]] == [("due", name, "DIGEST")]
    assert [(item["store"], item["code"], item["number"]) for item in bad.told["noted"]] == [("due", "BEHIND", 1)]
    assert bad.told["sweeps"][-1]["open"] == 1, "a copy that is late is no damage"
    estate.at += HOUR
    estate.sweep(everything=True, repair=True)
    estate.at += HOUR
    good = made(estate, tmp_path / "good.pdf")
    assert good.indication is Indication.PASSED
    assert [item["name"] for item in good.told["repairs"]] == [name]
    text = printed.text((tmp_path / "good.pdf").read_bytes())
    assert "1 riparati" in text
    assert "nulla è stato sovrascritto" in text


def test_a_report_of_a_sweep_that_cannot_be_read_is_named(estate: Estate, tmp_path: Path) -> None:
    (name,) = [name for name in estate.objects() if "/reports/" in name and "sweep" in name and name.endswith("p7m")]
    estate.rot().flip(name)
    done = made(estate, tmp_path / "v.pdf")
    assert done.indication is Indication.INDETERMINATE
    lost = [item for item in done.told["findings"] if item["code"] == "VERIFICA_REPORT_LOST"]
    assert [item["subject"] for item in lost] == [name]


LATER = {
    "within the promise": (80 * DAY, []),
    "nobody read for longer than promised": (100 * DAY, ["VERIFICA_UNREAD", "VERIFICA_UNREAD"]),
    "nobody opened for four years": (1500 * DAY, ["VERIFICA_UNREAD", "VERIFICA_UNOPENED", "VERIFICA_UNREAD"]),
}


@pytest.mark.parametrize("case", LATER)
def test_copies_that_were_read_too_long_ago_leave_it_open(estate: Estate, tmp_path: Path, case: str) -> None:
    passed, expected = LATER[case]
    made(estate, tmp_path / "first.pdf")
    estate.at += passed
    done = made(estate, tmp_path / "later.pdf", unsigned=True)
    assert [code for code in codes(done) if code.startswith("VERIFICA_UN")] == expected


def test_a_catalog_that_was_made_again_knows_of_no_reading_until_the_next_sweep(estate: Estate, tmp_path: Path) -> None:
    estate.at += 95 * DAY
    for path in estate.folder.glob("catalog.db*"):
        path.unlink()
    archive = estate.open()
    compose.rebuild(archive, clock=archive.clock)
    assert "VERIFICA_NO_CENSUS" in codes(made(estate, tmp_path / "rebuilt.pdf"))
    estate.at += HOUR
    estate.sweep()
    estate.at += HOUR
    found = codes(made(estate, tmp_path / "swept.pdf"))
    assert "VERIFICA_NO_CENSUS" not in found
    assert "VERIFICA_UNOPENED" in found, "when the messages were opened, nobody knows any more"
    estate.sweep(deep=True)
    estate.replicate()
    estate.at += HOUR
    assert made(estate, tmp_path / "deep.pdf").indication is Indication.PASSED


def test_what_was_read_before_the_period_and_within_the_promise_is_not_late(estate: Estate, tmp_path: Path) -> None:
    estate.at += 100 * DAY
    estate.replicate()
    estate.at += HOUR
    estate.sweep(deep=True)
    estate.at += DAY
    made(estate, tmp_path / "first.pdf")
    estate.at += 9 * DAY
    done = made(estate, tmp_path / "later.pdf")
    assert [code for code in codes(done) if code.startswith("VERIFICA_UN")] == []
    assert codes(done)[0] == "VERIFICA_NO_SWEEP"


def test_evidence_that_has_ended_fails_and_that_ends_soon_is_said(estate: Estate, tmp_path: Path) -> None:
    due = datetime.fromisoformat(made(estate, tmp_path / "now.pdf").told["due"][0]["until"])
    assert made(estate, tmp_path / "now2.pdf").told["due"][0]["near"] is False
    for number, (at, code) in enumerate(((due - 30 * DAY, "RENEWAL_DUE"), (due + DAY, "RENEWAL_PAST"))):
        estate.at = at
        # the local seal has ended long before
        done = made(estate, tmp_path / f"{number}.pdf", unsigned=True)
        assert f"VERIFICA_{code}" in codes(done)


def test_one_mailbox_narrows_what_is_held(estate: Estate, tmp_path: Path) -> None:
    done = made(estate, tmp_path / "v.pdf", mailbox="import")
    assert (done.told["asked"], done.told["totals"]["messages"]) == (["import"], 6)
    assert "casella import" in printed.text((tmp_path / "v.pdf").read_bytes())


def test_until_leaves_out_what_came_later(estate: Estate, tmp_path: Path) -> None:
    done = made(estate, tmp_path / "v.pdf", until=estate.at - timedelta(days=300))
    assert (done.told["totals"]["messages"], done.told["sweeps"]) == (0, [])


def test_what_a_configuration_says_is_printed_and_never_read_as_markup(estate: Estate, tmp_path: Path) -> None:
    hostile = '#strong[x] *y* $z$ "q" \\\\'
    text = estate.config.read_text(encoding="utf-8")
    estate.config.write_text(text.replace('"Manuale dimostrativo v. 1.0"', f"'{hostile}'"), encoding="utf-8")
    made(estate, tmp_path / "v.pdf")
    assert hostile in printed.text((tmp_path / "v.pdf").read_bytes())


def test_the_same_telling_gives_the_same_bytes_in_both_languages(estate: Estate, tmp_path: Path) -> None:
    told = dict(made(estate, tmp_path / "v.pdf").told)
    for lang, title in (("it", "Verbale di verifica periodica"), ("en", "Record of the periodic check")):
        first, again = verifica({**told, "lang": lang}), verifica({**told, "lang": lang})
        assert first == again
        assert title in printed.text(first)
        assert printed.attached(first) == {"verifica.json": canonical({**told, "lang": lang})}


def test_a_signer_that_may_not_sign_is_refused_with_the_way_out(estate: Estate, tmp_path: Path) -> None:
    estate.at += 1500 * DAY
    with pytest.raises(ConfigError, match=r"(?s)expired.*--unsigned"):
        made(estate, tmp_path / "v.pdf")
    assert acts(estate, "verifica") == []
    assert not (tmp_path / "v.pdf").exists()


REFUSED: dict[str, tuple[dict[str, Any], str, type[Exception]]] = {
    "something is there": ({"name": "there.pdf"}, "is there already", Conflict),
    "no PDF": ({"name": "v.docx"}, "name of a new .pdf", ConfigError),
    "no folder": ({"name": "none/v.pdf"}, "no folder", ConfigError),
    "no such holder": ({"name": "v.pdf", "holder": "h-x"}, "no \\[\\[holder\\]\\]", ConfigError),
    "no such mailbox": ({"name": "v.pdf", "mailbox": "altra"}, "altra", ConfigError),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_made_is_refused_before_anything_is_registered(
    estate: Estate, tmp_path: Path, case: str
) -> None:
    options, text, kind = REFUSED[case]
    (tmp_path / "there.pdf").write_bytes(b"mine")
    options = dict(options)
    with pytest.raises(kind, match=text):
        made(estate, tmp_path / options.pop("name"), **options)
    assert acts(estate, "verifica") == []
    assert (tmp_path / "there.pdf").read_bytes() == b"mine"


def test_the_command_answers_with_one_object_and_1_when_something_is_left_to_do(estate: Estate, tmp_path: Path) -> None:
    found = archiver("report", "verifica", "-o", tmp_path / "v.pdf", "--json", config=estate.config)
    assert found.code == (0 if found.json["indication"] == "PASSED" else 1)
    assert {"path", "sha256", "act", "sealed", "indication", "findings", "sweeps", "opened"} <= set(found.json)
    assert found.json["holder"]["id"] == HOLDER
    again = archiver("report", "verifica", "-o", tmp_path / "v.pdf", config=estate.config)
    assert (again.code, again.out) == (4, "")
    assert json.loads(printed.attached((tmp_path / "v.pdf").read_bytes())["verifica.json"])["kind"] == "verifica"
