"""index.html in a real browser: what a reader sees after handing the exhibit over."""

import base64
from pathlib import Path
from typing import Any

import pytest
from support.bending import DEEP, message, removed
from support.browsers import Browser, Opened
from support.page_exhibits import Tree

INTACT = "il contenuto è integro"
CASES = (
    "a byte of a message",
    "a digit in the index",
    "a byte of the token",
    "a digest in the record",
    "the signature of the record's first token",
    "a message removed",
    "two messages swapped",
)


def handed(browser: Browser, page: Path, given: Path, **how: Any) -> Opened:
    """The page, after it has verified what was picked."""
    opened = browser.open(page, **how)
    opened.page.locator("#folder" if given.is_dir() else "#zip").set_input_files(given)
    ended(opened)
    return opened


def ended(opened: Opened) -> None:
    """Until it has an answer."""
    opened.page.locator("#result .whole:not(.running)").wait_for(timeout=30_000)


def lights(opened: Opened) -> dict[str, str]:
    """Each step's colour."""
    steps = opened.page.locator("#result li[data-step]").all()
    return {step.get_attribute("data-step"): step.get_attribute("class") for step in steps}


def clean(opened: Opened) -> None:
    """Nothing on the console, nobody asked."""
    assert opened.complaints == []
    assert opened.others == []


@pytest.fixture(scope="module")
def lying(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exhibit unpacked, and beside it the ZIP."""
    folder = tmp_path_factory.mktemp("lying")
    tree.zip(folder / "fascicolo.zip")
    return tree.write(folder)


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_an_untouched_exhibit_turns_green_and_its_anchors_yellow(browser: Browser, lying: Path, kind: str) -> None:
    opened = handed(browser, lying / "index.html", lying.parent / "fascicolo.zip" if kind == "zip" else lying)
    assert lights(opened).pop("anchors") == "anchor"
    assert {key: light for key, light in lights(opened).items() if key != "anchors"} == dict.fromkeys(
        ("manifest", "index", "pindex", "timestamp", "evidence", "shown", "providers"), "passed"
    )
    whole = opened.page.locator("#result .whole").inner_text()
    assert INTACT in whole
    assert "giallo" in whole
    left_out = opened.page.locator("#result > .note").inner_text()
    assert "La revoca dei certificati" in left_out
    anchors = opened.page.locator('[data-step="anchors"]').inner_text()
    assert "Confrontarla con una fonte indipendente" in anchors
    clean(opened)


@pytest.mark.parametrize("day", ["new tree", "new stamp"])
def test_after_a_renewal_too(browser: Browser, trees: dict[str, Tree], tmp_path: Path, day: str) -> None:
    folder = trees[day].write(tmp_path)
    opened = browser.open(folder / "index.html")
    opened.page.locator("#folder").set_input_files(folder)
    ended(opened)
    evidence = opened.page.locator('[data-step="evidence"]')
    found = set(evidence.locator("li[data-code]").evaluate_all("all => all.map(one => one.dataset.code)"))
    # what was stamped in 2035 is ahead of the browser's clock
    assert found <= {"GROUP_PARTIAL", "TOKEN_FROM_FUTURE"}
    assert "failed" not in lights(opened).values()
    evidence.locator("summary").click()
    last = "ArchiveTimeStamp 2.1"  # that of 2035 is set aside, as the judge does on a day before it
    evidence.locator("code", has_text=last).first.wait_for(timeout=10_000)
    clean(opened)


@pytest.mark.parametrize(
    ("name", "kind"), [*((name, "zip") for name in CASES), (CASES[0], "folder"), (CASES[5], "folder")]
)
def test_an_alteration_turns_its_step_red_though_all_manifests_agree(
    browser: Browser, tree: Tree, lying: Path, tmp_path: Path, name: str, kind: str
) -> None:
    bend, key, code = DEEP[name]
    made = bend(tree).unsigned()
    opened = handed(
        browser, lying / "index.html", made.zip(tmp_path / "x.zip") if kind == "zip" else made.write(tmp_path)
    )
    assert lights(opened)[key] == "failed"
    assert lights(opened)["manifest"] == "passed"
    assert opened.page.locator(f'[data-step="{key}"] [data-code="{code}"]').count() >= 1
    assert "NON superato" in opened.page.locator("#result .whole").inner_text()
    clean(opened)


def test_a_changed_byte_under_old_manifests_turns_manifest_and_index_red(
    browser: Browser, tree: Tree, lying: Path, tmp_path: Path
) -> None:
    opened = handed(browser, lying / "index.html", message(tree).zip(tmp_path / "x.zip"))
    assert (lights(opened)["manifest"], lights(opened)["index"]) == ("failed", "failed")
    framed = handed(browser, lying / "index.html", message(tree).framed().zip(tmp_path / "y.zip"))
    assert (lights(framed)["manifest"], lights(framed)["index"]) == ("passed", "failed")


def test_a_removed_file_is_named(browser: Browser, tree: Tree, lying: Path, tmp_path: Path) -> None:
    opened = handed(browser, lying / "index.html", removed(tree).zip(tmp_path / "x.zip"))
    gone = (set(tree) - set(removed(tree))).pop()
    assert gone in opened.page.locator('[data-step="manifest"]').inner_text()


def test_another_exhibit_is_told_from_the_one_shown(
    browser: Browser, trees: dict[str, Tree], lying: Path, tmp_path: Path
) -> None:
    opened = handed(browser, lying / "index.html", trees["new tree"].zip(tmp_path / "x.zip"))
    assert "ALTRO fascicolo" in opened.page.locator("#result").inner_text()
    assert "il contenuto è integro" not in opened.page.locator("#result .whole").inner_text()


def test_a_dropped_zip_is_verified_like_a_picked_one(browser: Browser, lying: Path) -> None:
    opened = browser.open(lying / "index.html")
    given = base64.b64encode((lying.parent / "fascicolo.zip").read_bytes()).decode()
    transfer = opened.page.evaluate_handle(
        """text => { const it = new DataTransfer();
        it.items.add(new File([Uint8Array.from(atob(text), one => one.charCodeAt(0))],
        "fascicolo.zip", {type: "application/zip"})); return it; }""",
        given,
    )
    opened.page.dispatch_event("#drop", "drop", event_init={"dataTransfer": transfer})
    ended(opened)
    assert lights(opened)["evidence"] == "passed"
    clean(opened)


def test_what_is_no_exhibit_is_refused_in_words(browser: Browser, lying: Path, tmp_path: Path) -> None:
    other = tmp_path / "altro.zip"
    other.write_bytes(b"PK\5\6" + bytes(18))
    text = handed(browser, lying / "index.html", other).page.locator("#result").inner_text()
    assert "bagit.txt, data/dossier.json" in text
    other.write_bytes(b"PK\5\6" + bytes(4) + b"\xff" * 12 + bytes(2))
    text = handed(browser, lying / "index.html", other).page.locator("#result").inner_text()
    assert "estrarlo in una cartella, poi premere «Scegliere la cartella»" in text
    other.write_bytes(b"nessuno zip")
    assert "ZIP illeggibile" in handed(browser, lying / "index.html", other).page.locator("#result").inner_text()


def test_inside_a_zip_viewer_the_page_asks_to_be_extracted(browser: Browser, lying: Path, tmp_path: Path) -> None:
    assert "banner" not in (browser.open(lying / "index.html").page.locator("#inside").get_attribute("class") or "")
    viewer = tmp_path / "Temp1_fascicolo.zip" / "fascicolo"
    viewer.mkdir(parents=True)
    (viewer / "index.html").write_bytes((lying / "index.html").read_bytes())
    inside = browser.open(viewer / "index.html").page.locator("#inside")
    assert inside.get_attribute("class") == "banner"
    assert "Estrarre prima" in inside.inner_text()


def test_the_language_changes_with_a_button_that_the_keyboard_reaches(browser: Browser, lying: Path) -> None:
    opened = handed(browser, lying / "index.html", lying)
    opened.page.locator('[data-lang="en"]').focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.locator("html").get_attribute("lang") == "en"
    assert "the content is intact" in opened.page.locator("#result .whole").inner_text()
    assert opened.page.locator("h1").inner_text() == "Exhibit of preserved PEC messages"
    clean(opened)


def test_everything_that_is_folded_is_unfolded_for_the_printer(browser: Browser, lying: Path, tmp_path: Path) -> None:
    opened = browser.open(lying / "index.html")
    printed = tmp_path / "print.pdf"
    opened.page.pdf(path=printed)
    assert printed.stat().st_size > 20_000
    assert opened.page.locator("details.message[open]").count() == 0  # and folded again
