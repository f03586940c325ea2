"""Which folders are read, and what they are called: whatever a server calls them, each can be opened again."""

from pathlib import Path

import pytest
from support.imap import Server, bodies, letter, mailbox, taken
from support.liar import Liar

from archiver.adapters.imap import Account
from archiver.adapters.utf7 import decoded, encoded
from archiver.errors import Absent, Unavailable

ODD = (
    "Società & soci",
    'con "virgolette" e \\barra',
    "spazi  due",
    "日本語",
    "emoji 😀",
    "a&b",
    "&-",
    "perc%ent",
    "star*",
    "(parentesi) {graffe} {3}",
    "tilde~",
    "[Gmail]",
    "NIL",
    "Ünterlagen",
)


def test_all_folders_are_read_but_drafts_and_junk_and_trash_is_among_them(server: Server) -> None:
    for folder in (
        "Archivio",
        "Archivio/2024",
        "Bozze",
        "Drafts",
        "Junk",
        "Spam",
        "Trash",
        "Lavoro/Spam",
        "Lavoro/Note",
    ):
        server.put([letter(1)], folder)
    assert server.mailbox().folders() == ("INBOX", "Archivio", "Archivio/2024", "Lavoro/Note", "Trash")


def test_folders_with_odd_names_are_listed_by_the_names_that_people_see_and_can_be_read(server: Server) -> None:
    for number, folder in enumerate(ODD):
        server.put([letter(number)], folder)
    box = server.mailbox()
    assert set(box.folders()) == {"INBOX", *ODD}
    for number, folder in enumerate(ODD):
        assert bodies(taken(box, folder)) == {1: letter(number)}, folder
        assert bodies(taken(server.mailbox(), folder)) == {1: letter(number)}, folder  # without having asked for them


def test_the_folders_that_are_named_are_read_and_no_others_be_they_there_or_not(server: Server) -> None:
    for folder in ("Archivio", "Junk", "Altro"):
        server.put([letter(1)], folder)
    box = server.mailbox(folders=("Manca", "Junk", "inbox"), skip=())
    assert box.folders() == ("INBOX", "Junk", "Manca")
    with pytest.raises(Absent, match="Manca"):
        box.look("Manca")


def test_what_is_to_be_skipped_is_not_read(server: Server) -> None:
    for folder in ("Archivio", "Altro"):
        server.put([letter(1)], folder)
    assert server.mailbox(skip=("Altro", "Inbox")).folders() == ("Archivio",)


FOLDERS: tuple[tuple[list[bytes], tuple[str, ...]], ...] = (
    ([b'() "/" INBOX', b'() "/" "A b"', b"() NIL Solo"], ("INBOX", "A b", "Solo")),
    ([b'() "." inbox', b'(\\HasNoChildren) "." INBOX.Spam', b'() "." INBOX.Note'], ("INBOX", "INBOX.Note")),
    ([b'() "\\\\" "A\\\\Bozze"', b'() "\\\\" "Bozze\\\\A"'], ("Bozze\\A",)),
    ([b'(\\Drafts) "/" Minute', b'(\\junk) "/" X', b'(\\Trash) "/" Y', b'(\\Sent) "/" Z'], ("Y", "Z")),
    ([b'(\\All) "/" Tutti', b'() "/" Posta'], ("Posta", "Tutti")),
    ([b'(\\Flagged) "/" Speciali', b'(\\Important \\HasNoChildren) "/" Imp'], ()),
    ([b'(\\Noselect) "/" Padre', b'(\\NonExistent) "/" Via', b'() "/" Padre/Figlio'], ("Padre/Figlio",)),
    ([b'() "/" {9}\r\nLet"te\\ra', b'() "/" {4}\r\nN\xc3\xb2a'], ('Let"te\\ra', "Nòa")),
    ([b'() "/" "Citt&AOA-"', b'() "/" "Citt\xc3\xa0"'], ("Citt\\xc3\\xa0", "Città")),
    ([b'() "/" "Citt\xc3\xa0"', b'() "/" "Citt&AOA-"'], ("Citt\\xc3\\xa0", "Città")),
    ([b'() "/" "a&b"', b'() "/" "a&-b"'], ("a&b", "a&b (2)")),
    ([b'() "/" "a&b"', b'() "/" "a&-b"', b'() "/" "a&b (2)"'], ("a&b", "a&b (2)", "a&b (3)")),
    ([b'() "/" INBOX', b'() "/" inbox'], ("INBOX", "inbox (2)")),
    ([b'() "/" "A&B"', b'() "/" "&AOA"', b'() "/" "R&-S"'], ("&AOA", "A&B", "R&S")),
    ([b'() "/" "x\xff"', b'() "/" "A&AOA-" ("CHILDINFO" ("SUBSCRIBED"))'], ("Aà", "xÿ")),
    ([b'() "/" ""', b'() "/" NIL'], ("", "NIL")),
)


@pytest.mark.parametrize(("listed", "names"), FOLDERS, ids=lambda value: repr(value)[:40])
@pytest.mark.parametrize("capabilities", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1 AUTH=PLAIN LIST-EXTENDED SPECIAL-USE"])
def test_however_a_server_writes_its_folders_they_are_understood_and_opened_as_it_writes_them(
    certificate: Path, listed: list[bytes], names: tuple[str, ...], capabilities: str
) -> None:
    with Liar(certificate, {1: letter(1)}) as liar:
        named = any(b"inbox" in entry.lower().split() for entry in listed)
        liar.folders, liar.capabilities = listed if named else [*listed, b'() "/" INBOX'], capabilities
        names = names if named else ("INBOX", *names)
        there = Account("localhost", liar.port, "u", lambda: "pw", ca=certificate / "cert.pem")
        box = mailbox(there)
        assert box.folders() == names
        for name in names:
            assert bodies(taken(box, name)) == {1: letter(1)}
            assert bodies(taken(mailbox(there), name)) == {1: letter(1)}  # without having asked for the folders
        written = {entry.rpartition(b"\r\n")[2] if b"{" in entry else _written(entry) for entry in listed}
        assert set(liar.opened) <= {*written, b"INBOX"}


def _written(entry: bytes) -> bytes:
    """The name in a LIST answer, as it is."""
    name = entry.split(b") ", 1)[1].split(b" ", 1)[1].removesuffix(b' ("CHILDINFO" ("SUBSCRIBED"))')
    return name[1:-1].replace(b"\\\\", b"\\") if name.startswith(b'"') else name


def test_a_server_that_promises_more_than_it_can_list_is_asked_for_less(certificate: Path) -> None:
    with Liar(certificate) as liar:
        liar.capabilities += " LIST-EXTENDED SPECIAL-USE"
        liar.instead = lambda tag, command: f"{tag} BAD RETURN?\r\n".encode() if "RETURN (SPECIAL" in command else None
        box = mailbox(Account("localhost", liar.port, "u", lambda: "pw", ca=certificate / "cert.pem"))
        assert box.folders() == ("INBOX",)


def test_a_server_that_lists_no_folders_at_all_is_unavailable(certificate: Path) -> None:
    with Liar(certificate) as liar:
        liar.instead = lambda tag, command: f"{tag} NO sorry\r\n".encode() if command.startswith("LIST") else None
        box = mailbox(Account("localhost", liar.port, "u", lambda: "pw", ca=certificate / "cert.pem"))
        with pytest.raises(Unavailable, match="sorry"):
            box.folders()


@pytest.mark.parametrize(
    ("listed", "named", "found"),
    [
        ([], (), None),
        ([], ("Archivio",), None),
        ([b'() "/" Archivio'], (), None),
        ([b'() "/" Archivio'], ("Archivio",), ("Archivio",)),
        ([b'(\\Noselect) "/" Inbox'], (), ("INBOX",)),
    ],
)
def test_a_list_without_inbox_is_not_believed_unless_the_folders_are_named(
    certificate: Path, listed: list[bytes], named: tuple[str, ...], found: tuple[str, ...] | None
) -> None:
    with Liar(certificate) as liar:
        liar.folders = listed
        box = mailbox(Account("localhost", liar.port, "u", lambda: "pw", ca=certificate / "cert.pem", folders=named))
        if found is None:
            with pytest.raises(Unavailable, match="INBOX"):
                box.folders()
        else:
            assert box.folders() == found


@pytest.mark.parametrize("name", [*ODD, "", "&", "-", "à", "&à&", "\t", "a\r\nb", "𝄞", "x" * 300, "\x7f~"])
def test_a_name_in_modified_utf_7_is_ascii_and_comes_back(name: str) -> None:
    assert decoded(encoded(name)) == name
    assert encoded(name).isascii()
    assert encoded(name).isprintable()


@pytest.mark.parametrize(
    ("name", "wire"), [("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"), ("&", "&-")]
)
def test_the_examples_of_the_standard_are_written_so(name: str, wire: str) -> None:
    assert encoded(name) == wire
