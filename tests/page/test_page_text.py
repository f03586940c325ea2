"""index.html as a file: what it says without a program, and that nothing in it can run but its own."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from support.page_exhibits import Tree

from archiver.access.exhibit.page import READABLE, page
from archiver.access.exhibit.page.text import moment, safe
from archiver.access.exhibit.page.timeline import LANES, drawn


class Elements(HTMLParser):
    """Elements, what stands in scripts and styles, and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag = self.found[-1][0] if self.found else ""
        if self.cdata_elem:
            self.raw.append((tag, data))
        else:
            self.text += data


def parsed(html: bytes) -> Elements:
    """The page, read."""
    reader = Elements()
    reader.feed(html.decode())
    return reader


def minimal(**more: Any) -> dict[str, Any]:
    """As little as can be told."""
    return {"format": 1, "kind": "exhibit", "lang": "it", "dossiers": [], **more}


def test_only_its_own_program_and_styles_may_run(tree: Tree) -> None:
    found = parsed(tree["index.html"])
    policy = next(told["content"] for tag, told in found.found if tag == "meta" and "http-equiv" in told)
    assert policy
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"connect-src|\*|https?:", policy)
    for tag, source in found.raw:
        hashed = f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
        is_data = source.startswith("{")
        assert (hashed in policy) != is_data, (tag, source[:80])
    assert [tag for tag, _ in found.raw].count("script") == 3


def test_nothing_in_it_is_fetched_and_no_handler_or_style_stands_in_it(tree: Tree) -> None:
    for tag, told in parsed(tree["index.html"]).found:
        assert not [name for name in told if name.startswith("on")], tag
        assert "style" not in told
        assert not told.keys() & {"href", "action", "data", "background", "srcset"}
        assert "src" not in told


def test_the_same_account_gives_the_same_page() -> None:
    assert page(minimal()) == page(minimal())


@pytest.mark.parametrize(("lang", "title"), [("it", "Fascicolo di esibizione"), ("en", "Exhibit of preserved")])
def test_its_language_is_that_of_the_exhibit(lang: str, title: str) -> None:
    html = page(minimal(lang=lang)).decode()
    assert f'<html lang="{lang}">' in html
    assert re.search(rf"<title>{title}", html)


@pytest.mark.parametrize("value", [False, None, 0, "true"])
def test_what_is_not_said_to_have_legal_value_has_none(value: object) -> None:
    assert "SENZA VALORE LEGALE" in parsed(page(minimal(legal_value=value))).text
    assert "SENZA VALORE LEGALE" not in parsed(page(minimal(legal_value=True))).text


def test_markup_in_what_is_told_stays_text() -> None:
    bad = "</title></script><script>alert(1)</script><!--\"'&"
    told = minimal(
        holder={"id": "h", "name": bad, "codes": [bad]}, reason=bad, act=bad, made=bad, responsible=bad, recipient=bad,
        by={"login": bad, "role": bad}, anchors=[{"role": bad, "subject": bad, "sha256": bad, "path": bad}],
        checks=[{"at": bad, "kind": bad, "outcome": bad, "it": bad, "en": bad}], not_proven=[{"it": bad, "en": bad}],
        volumes=[{"id": bad, "path": bad, "signer": bad, "level": bad, "records": []}],
        dossiers=[{"subject": bad, "state": bad, "timeline": [
            {"at": bad, "at_utc": "2026-01-01T00:00:00Z", "kind": bad, "recipient": bad, "it": bad, "en": bad}
        ], "recipients": [{"address": bad, "role": bad, "state": bad, "receipt": bad, "content": bad}],
            "messages": [{"sha256": bad, "kind": bad, "headers": [[bad, bad]], "text": bad, "html": bad,
                          "attachments": [{"name": bad, "media_type": bad, "size": bad, "sha256": bad}]}]}],
    )  # fmt: skip
    found = parsed(page(told))
    assert [tag for tag, _ in found.raw].count("script") == 3
    assert found.text.count("<script>alert(1)</script>") > 20


def test_characters_that_nobody_sees_are_shown_and_lone_surrogates_do_no_harm() -> None:
    assert safe("a\u202eb\u200bc") == "a[U+202E]b[U+200B]c"
    assert safe("a\x00\x1b\x85b\ud800") == "a\ufffd\ufffd\ufffdb\ufffd"
    assert safe("righe\r\ndue\tcolonne") == "righe\ndue\tcolonne"
    assert page(minimal(reason="\udcff")).decode()


def test_a_time_is_told_as_it_was_stated_with_utc_beside() -> None:
    assert moment("2026-02-25T20:15:06+01:00") == "25/02/2026 20:15:06 (+0100) <small>25/02/2026 19:15:06 UTC</small>"
    assert moment("2026-02-20T20:00:00Z") == "20/02/2026 20:00:00 UTC"
    assert moment(None) == "-"
    assert moment("ieri") == "ieri"


def test_five_hundred_recipients_share_the_lanes_of_the_picture_and_none_is_left_out_of_the_list() -> None:
    events = [
        {"at": f"2026-01-01T10:{number % 60:02}:00+01:00", "at_utc": f"2026-01-01T09:{number % 60:02}:00Z",
         "kind": "avvenuta-consegna", "recipient": f"n{number}@pec.example", "it": f"n{number}", "en": "x"}
        for number in range(500)
    ]  # fmt: skip
    shown = drawn(events, name="x")
    assert shown.count('<line class="lane"') == LANES + 2  # the sender, and those who share one
    assert shown.count("<li ") == 500
    places = [float(place) for place in re.findall(r'<circle cx="([0-9.]+)"', shown)]
    assert all(0 < place < 960 for place in places)


def test_of_more_messages_than_can_be_read_only_the_facts_are_shown() -> None:
    one = {"sha256": "0" * 64, "kind": "inviato", "text": "parole", "subject": "s"}
    few, many = ({"subject": "x", "messages": [one] * number} for number in (READABLE, READABLE + 1))
    assert b"parole" in page(minimal(dossiers=[few]))
    assert b"parole" not in page(minimal(dossiers=[many]))
