"""Samples of a profiler, drawn: every function as wide as its share, nothing that is too small to be read."""

from benchmarks import flame
from lxml import etree

FOLDED = """\
<module> (archiver/__main__.py:7);seal (archiver/seal/__init__.py:60);draft (archiver/seal/draft.py:70) 600
<module> (archiver/__main__.py:7);seal (archiver/seal/__init__.py:66);judge (archiver/verify/volume.py:9) 396
<module> (archiver/__main__.py:7);seal (archiver/seal/__init__.py:66);<listcomp> (archiver/verify/volume.py:12) 4
"""

IMPORTING = """\
<module> (archiver/__main__.py:7);_find_and_load (<frozen importlib._bootstrap>:1);<module> (archiver/cli/door.py:3) 2
<module> (archiver/__main__.py:7);_find_and_load (<frozen importlib._bootstrap>:1027);exec_module (<frozen a>:940) 1
process 77:"python -m archiver";<module> (archiver/__main__.py:7);main (archiver/cli/__init__.py:60) 1
process 77:"python -m archiver" 1
"""


def drawn(folded: str) -> etree._Element:
    return etree.fromstring(flame.drawn(flame.read(folded), "seal <8,000>").encode())


def shares(svg: etree._Element) -> dict[str, str]:
    return dict((title.text or "").rsplit(" ", 1) for title in svg.iterfind(".//{*}title"))


def test_imports_are_one_box() -> None:
    assert shares(drawn(IMPORTING)) == {
        "<module> (archiver/__main__.py)": "80.0%",
        "imports (importlib)": "60.0%",
        "main (archiver/cli/__init__.py)": "20.0%",
        "python": "20.0%",
    }


def test_functions_are_as_wide_as_their_share_whatever_the_line() -> None:
    svg = drawn(FOLDED)
    assert shares(svg) == {
        "<module> (archiver/__main__.py)": "100.0%",
        "seal (archiver/seal/__init__.py)": "100.0%",
        "draft (archiver/seal/draft.py)": "60.0%",
        "judge (archiver/verify/volume.py)": "39.6%",
    }
    widths = [float(box.get("width")) for box in svg.iterfind(".//{*}g/{*}rect")]
    assert sorted(widths) == [475.2, 720.0, 1200.0, 1200.0]
    assert svg.findtext("{*}text") == "seal <8,000>: 1,000 samples"
