"""mbox files: where messages begin and end, byte for byte, and `>From ` only un-quoted when that is proven."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.adapters.sources import open_source, unquoted_candidates
from archiver.errors import Unavailable
from archiver.ports import Fetched, Unfetched
from archiver.verdict import finding

LINE = b"From fulvio@pec.example Thu Oct 24 19:48:59 2002"
ONE = b"Subject: one\n\nbody\n"
TWO = b"Subject: two\n\n>From here on\n\nlast line\n"


def mbox(*messages: bytes, end: bytes = b"\n", line: bytes = LINE) -> bytes:
    return b"".join(line + end + message + end for message in messages)


def read(tmp_path: Path, data: bytes, proves: Callable[[bytes], bool] | None = None) -> list[Fetched | Unfetched]:
    path = tmp_path / "box.mbox"
    path.write_bytes(data)
    return list(open_source(path, proves=proves).read())


def raws(items: list[Fetched | Unfetched]) -> list[bytes]:
    return [item.raw for item in items if isinstance(item, Fetched)]


def test_each_message_comes_back_with_its_place(tmp_path: Path) -> None:
    assert read(tmp_path, mbox(ONE, TWO)) == [Fetched(ONE, "box.mbox#1"), Fetched(TWO, "box.mbox#2")]


BODIES = st.lists(
    st.sampled_from([b"", b">From me", b"From me, to you", b">>From x", b"text", b"\xff\x00", b"X: y", b" From"])
).map(tuple)


@given(bodies=st.lists(BODIES, max_size=4), end=st.sampled_from([b"\n", b"\r\n"]))
def test_any_messages_written_to_an_mbox_are_read_from_it(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[tuple[bytes, ...]], end: bytes
) -> None:
    messages = [b"A: b" + end * 2 + b"".join(line + end for line in lines) for lines in bodies]
    # a field after "From me, to you" would make it a separator for any reader
    messages = [message for message in messages if b"you" + end + b"X: y" not in message]
    assert raws(read(tmp_path_factory.mktemp("mbox"), mbox(*messages, end=end))) == messages


@pytest.mark.parametrize(
    "line",
    [
        b"From - Mon Mar 03 10:00:00 2025",
        b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011",
        b"From ???@??? Tue Mar 04 08:00:00 1997",
        b"From 1234@xxx Tue Mar 01 10:00:00 +0000 2022",
        b"From a@b 2022-03-01 10:00",
        b"From a@b",
    ],
)
def test_the_separators_of_common_programs_are_recognised(tmp_path: Path, line: bytes) -> None:
    assert raws(read(tmp_path, mbox(ONE, TWO, line=line))) == [ONE, TWO]


def test_a_message_whose_end_has_no_blank_line_loses_nothing(tmp_path: Path) -> None:
    assert raws(read(tmp_path, mbox(ONE) + LINE + b"\nSubject: last\n\nno end")) == [ONE, b"Subject: last\n\nno end"]
    assert raws(read(tmp_path, LINE + b"\n" + ONE)) == [ONE]


def test_exactly_one_line_end_is_the_writers(tmp_path: Path) -> None:
    for message in (ONE + b"\n\n", ONE + b"\r\n", b"Subject: header only\n"):
        assert raws(read(tmp_path, mbox(message, ONE))) == [message, ONE]


def test_an_unquoted_line_in_a_paragraph_or_at_the_start_of_one_is_text(tmp_path: Path) -> None:
    message = b"Subject: x\n\nhello\nFrom a Thu Oct 24 19:48:59 2002\n\nFrom now on we meet on Mondays\n\nbye\n"
    assert raws(read(tmp_path, mbox(message, ONE))) == [message, ONE]


def test_an_mbox_of_no_bytes_has_no_messages(tmp_path: Path) -> None:
    assert read(tmp_path, b"") == []


def test_what_is_called_mbox_and_is_none_is_reported(tmp_path: Path) -> None:
    [item] = read(tmp_path, ONE)
    assert isinstance(item, Unfetched)
    assert "non è un mbox" in item.reason


def test_an_mbox_without_that_name_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "Inbox").write_bytes(mbox(ONE, TWO))
    (tmp_path / "Inbox.sbd").mkdir()
    (tmp_path / "Inbox.sbd" / "PEC").write_bytes(mbox(ONE))
    origins = [item.origin for item in open_source(tmp_path).read()]
    assert origins == ["Inbox#1", "Inbox#2", "Inbox.sbd/PEC#1"]
    assert raws(list(open_source(tmp_path / "Inbox").read())) == [ONE, TWO]


@pytest.mark.parametrize("after", [[ONE], [ONE * 2000] * 21], ids=["shrinks", "grows"])
def test_an_mbox_that_changes_while_it_is_read_is_said(tmp_path: Path, after: list[bytes]) -> None:
    path = tmp_path / "box.mbox"
    path.write_bytes(mbox(*[ONE * 2000] * 20))
    items = open_source(path).read()
    next(items)
    path.write_bytes(mbox(*after))
    with pytest.raises(Unavailable, match=r"box\.mbox.*cambiato"):
        list(items)


QUOTED = b"A: b\n\n>From x\n>>From y\n> From z\n>Fromage\n"
RD = b"A: b\n\nFrom x\n>From y\n> From z\n>Fromage\n"
O_ONLY = b"A: b\n\nFrom x\n>>From y\n> From z\n>Fromage\n"


def test_both_customs_of_quoting_are_candidates() -> None:
    assert list(unquoted_candidates(QUOTED)) == [(RD, "mboxrd"), (O_ONLY, "mboxo")]
    assert list(unquoted_candidates(b"A: b\n\n>From x\n")) == [(b"A: b\n\nFrom x\n", "mboxrd")]
    assert list(unquoted_candidates(b"A: b\n\n> From x\n")) == []


@pytest.mark.parametrize("genuine", [RD, O_ONLY])
def test_quoting_is_undone_when_only_that_proves_the_signature(tmp_path: Path, genuine: bytes) -> None:
    assert read(tmp_path, mbox(QUOTED), proves=genuine.__eq__) == [Fetched(genuine, "box.mbox#1", note="MBOX_UNQUOTED")]


def test_quoting_stays_when_nothing_is_proven_or_the_signature_holds_as_it_is(tmp_path: Path) -> None:
    never: Callable[[bytes], bool] = lambda raw: False  # noqa: E731
    for proves in (None, never, QUOTED.__eq__, lambda raw: True):
        assert read(tmp_path, mbox(QUOTED), proves=proves) == [Fetched(QUOTED, "box.mbox#1")]


def test_a_message_without_quoting_is_never_asked_to_prove_anything(tmp_path: Path) -> None:
    def asked(raw: bytes) -> bool:
        raise AssertionError(raw)

    assert raws(read(tmp_path, mbox(ONE), proves=asked)) == [ONE]


def test_what_was_undone_can_be_said_in_both_languages() -> None:
    note = finding("MBOX_UNQUOTED", sha256(RD).hexdigest())
    assert "mbox" in note.text("it")
    assert "mbox" in note.text("en")


def files_of_the_corpus() -> Iterator[Path]:
    corpus = Path(__file__).parents[2].parent / "shared" / "corpus"
    return (path for part in ("mail", "pec") for path in sorted((corpus / part).rglob("*.eml")))


def test_the_corpus_survives_the_way_through_an_mbox(tmp_path: Path) -> None:
    messages = [raw for path in files_of_the_corpus() if (raw := path.read_bytes())]
    if not messages:
        pytest.skip("the corpus is not beside the repository")
    messages = [raw for raw in messages if raw.endswith(b"\n") and b"\nFrom " not in raw]
    assert raws(read(tmp_path, mbox(*messages))) == messages
