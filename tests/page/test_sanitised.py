"""The HTML of messages: all of its text is there, and nothing of it can act, fetch, hide or lead anywhere."""

import re
from html.parser import HTMLParser

import pytest

from archiver.access.exhibit.bounded import DEEPEST, ROUGH, bearable
from archiver.access.exhibit.sanitised import BEYOND, LIMIT, sanitised

HARMLESS_SOURCES = re.compile(r"data:image/(png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]+")

ATTACKS = {
    "script": "<script>alert(1)</script><p>testo</p>",
    "script in svg": "<svg onload=alert(1)><script>alert(1)</script></svg>testo",
    "handler": '<p onclick="alert(1)" onmouseover=alert(2)>testo</p>',
    "javascript link": '<a href="javascript:alert(1)">testo</a>',
    "tabbed javascript link": '<a href="java\tscript:alert(1)">testo</a>',
    "remote image": '<img src="https://spia.example/p.gif" alt="foto">testo',
    "image set": '<img srcset="https://spia.example/p.gif 2x" src="cid:1">testo',
    "svg in data": '<img src="data:image/svg+xml;base64,PHN2Zy8+">testo',
    "html in data": '<iframe src="data:text/html,<script>alert(1)</script>"></iframe>testo',
    "style that fetches": '<p style="background:url(https://spia.example/b)">testo</p>',
    "style sheet": '<style>@import "https://spia.example/x.css"; p{display:none}</style><p>testo</p>',
    "link element": '<link rel=stylesheet href="https://spia.example/x.css">testo',
    "base and meta": '<base href="https://spia.example/"><meta http-equiv=refresh content="0;url=//x.example">testo',
    "form": '<form action="https://spia.example"><input autofocus onfocus=alert(1)><button>testo</button></form>',
    "hidden text": '<p style="display:none">testo</p>',
    "object": '<object data="https://spia.example/x"></object><embed src="https://spia.example/y">testo',
    "media": '<video src="https://spia.example/v" autoplay></video><audio src=x onerror=alert(1)></audio>testo',
    "mutation": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">testo',
    "math mutation": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img onerror=alert(1)&gt;">',
    "frame escape": '"></iframe><script>alert(1)</script>testo',
    "comment": "<!--><img src=x onerror=alert(1)>-->testo",
    "conditional comment": "<!--[if gte mso 9]><xml>x</xml><![endif]-->testo",
    "attribute end in a link": "<a href='https://x.example/\"onmouseover=\"alert(1)'>testo</a>",
    "markup in a link": '<a href="https://x.example/<script>alert(1)</script>">testo</a>',
    "name clobbering": '<img name=body><p id="words">testo</p>',
    "NUL": "<scr\0ipt>alert(1)</scr\0ipt>testo",
    "unclosed": "<table><tr><td><b><a href='https://x.example'>testo",
}


FORBIDDEN = {"script", "style", "svg", "math", "iframe", "object", "embed", "link", "meta", "base", "form", "a"}


class Reader(HTMLParser):
    """Every element and its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    """What a parser makes of it."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_that_acts_or_fetches_is_left(name: str) -> None:
    reader = read(sanitised(ATTACKS[name]))
    for tag, attributes in reader.found:
        assert tag not in FORBIDDEN
        assert attributes.keys() <= {"src", "alt", "colspan", "rowspan", "align", "start", "dir", "lang"}
        if "src" in attributes:
            assert HARMLESS_SOURCES.fullmatch(attributes["src"] or "")
    if name not in {"mutation", "comment", "math mutation"}:  # there it is inside what is dropped
        assert "testo" in reader.text


def test_a_link_shows_where_it_would_have_led() -> None:
    assert (
        read(sanitised('<a href="https://banca.example/x">la banca</a>')).text == "la banca [https://banca.example/x]"
    )
    assert read(sanitised('<a href="https://a.example/"><b>https://a.example/</b></a>')).text.count("a.example") == 2
    assert sanitised('<a href="https://a.example/">https://a.example/</a>') == "https://a.example/"


def test_a_remote_picture_is_named_and_an_embedded_one_is_kept() -> None:
    assert (
        sanitised('<img src="https://spia.example/p.gif" alt="foto">')
        == "<span>[img: foto: https://spia.example/p.gif]</span>"
    )
    kept = '<img src="data:image/png;base64,iVBORw0KGgo=" alt="">'
    assert sanitised(kept) == kept


def test_tables_and_paragraphs_of_an_ordinary_message_stay() -> None:
    ordinary = '<p>Egregio <b>avvocato</b>,<br>:</p><table><tbody><tr><td colspan="2">1</td></tr></tbody></table>'
    assert sanitised(ordinary) == ordinary


def test_it_ends_however_long_or_deep() -> None:
    long = sanitised("x" * (LIMIT + 1))
    assert long.endswith("<p>[...]</p>")
    assert len(long) < LIMIT + 100
    assert "testo" in sanitised("<div>" * 20_000 + "testo")


def test_what_is_nested_too_deeply_is_shown_as_text_and_says_so() -> None:
    shown = read(sanitised("<p>prima</p>" + "<div>" * 200_000 + "&lt;dentro&gt;<script>x</script></div><p>dopo"))
    assert [part in shown.text for part in ("prima", BEYOND, "<dentro>", "dopo")] == [True] * 4
    assert "x" not in shown.text.partition(BEYOND)[2].replace("text", "")
    assert len(shown.found) <= DEEPEST + 3


MANY = 30_000
BEYOND_BEARING = {
    "nested": "<div>" * MANY,
    "nested in tables": "<table><tr><td>" * MANY,
    "never closed, to be opened again in each block": "<div><font lang={}></div>" * MANY,
    "never closed, then many paragraphs": "<b lang={}>" * 350 + "<p>x</p>" * MANY,
    "closed in a comment": "<div><!--</div>-->" * MANY,
    "closed after a comment that ends at once": "<div><!--></div>-->" * MANY,
    "opened after a comment that ends otherwise": "<!-- --!><div>-->" * MANY,
    "closed in an attribute": "<div><p title='</div>'>" * MANY,
    "closed in an attribute whose quotes are not by the book": "<div><p x='y'z='</div>'>" * MANY,
    "closed in a text area": "<div><textarea></div></textarea>" * MANY,
    "opened after a style that ends early": "<style><!--</style><div>--></style>" * MANY,
    "closed in CDATA": "<svg><g><![CDATA[ x></g>]]>" * MANY,
    "end tags of others": "<div></span>" * MANY,
    "attributes": "<p " + " ".join(f"a{number}=1" for number in range(MANY)) + ">",
    "attributes between slashes": "<p " + "/".join(f"a{number}=1" for number in range(MANY)) + ">",
}


@pytest.mark.parametrize("name", BEYOND_BEARING)
def test_no_more_is_parsed_than_can_be_borne(name: str) -> None:
    html = BEYOND_BEARING[name]
    most = max(ROUGH, 45 * DEEPEST) if "paragraphs" not in name else 20_000
    assert bearable(html) <= most
    assert bearable("<p>x</p>" * 5_000 + html) <= 40_000 + most


ORDINARY = {
    "a table of many rows": "<table>" + "<tr><td class='a'>1<td>2<br></tr>" * 20_000 + "</table>",
    "paragraphs that nobody closes": '<p>testo <b>e</b> <a href="x">altro</a>' * 20_000,
    "a list that nobody closes": "<ul>" + "<li>uno" * 20_000,
    "Word's own": "<!--[if gte mso 9]><xml><o:p></xml><![endif]--><style><!-- p {a: b} --></style><o:p>&nbsp;</o:p>"
    * 5_000,
    "less than": "se a < b e b <3, <p>x</p>" * 5_000,
    "a picture": f'<img alt="" src="data:image/png;base64,{"A" * 400_000}">',
    "not by the book, and short": "<p x='y'z='1'>testo <font a=b\"c>" * 200,
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_message_is_parsed_whole(name: str) -> None:
    assert bearable(ORDINARY[name]) == len(ORDINARY[name])
