"""Messages out of an open folder, ascending, each with one outcome: read, not to be read, or gone.

`stream` keeps two commands under way: while a batch is read, the next is on its way, and so are the sizes of the
messages after it. What is not answered soundly is asked for once more, alone. `one_by_one` is for after a failure.
"""

import tempfile
from collections import deque
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain

from archiver.adapters.imap import syntax
from archiver.adapters.imap.items import LONGER, NIL, Item
from archiver.adapters.imap.selected import Question, Selected
from archiver.adapters.imap.session import PASSING
from archiver.adapters.imap.wire import Refused
from archiver.errors import Unavailable
from archiver.ports import Fetched, Gone, Unfetched
from archiver.uids import Uids

Outcome = Fetched | Unfetched | Gone

PORTION = 500
"""Messages whose sizes are asked for at once."""
BATCH = 100, 4 << 20
"""Messages, and octets, asked for with one command; a longer message makes a batch of its own."""
PIECE = 16 << 20
"""A message above this is read in pieces of it; more than a batch holds."""
PIECES = 1 << 14
"""So many pieces at most: a server may give shorter ones than it is asked for, but an end must come."""
LARGEST = 1 << 30
"""A message above this is not read at all."""
AHEAD = 2
"""Commands under way at once."""

SIZE_DIFFERS = "SIZE_DIFFERS"
"""The code of the finding about a message whose length is not the one that the server states: twice the same,
and nothing after it."""

_SIZES = "(UID RFC822.SIZE)"
_WHOLE = "(UID INTERNALDATE RFC822.SIZE BODY.PEEK[])"
_SLACK = 1 << 20
_UNANSWERED = "nessuna risposta a due domande (asked twice, no answer)"
_TOO_LARGE = f"oltre {LARGEST >> 30} GiB (too large)"


def stream(selected: Selected, uids: Uids) -> Iterator[Outcome]:
    """All of `uids`, in batches. Raises Broken; `selected.reading` is then the last UID of the batch that failed."""
    for question in _ahead(selected, _questions(selected, uids)):
        sound = {uid: item for uid, item in question.items.items() if not _unsound(item, question.sizes[uid])}
        doubtful = Uids.of(uid for uid in question.uids if uid not in sound)
        present = selected.present(doubtful) if doubtful else doubtful
        for uid in question.uids:
            item = question.items.pop(uid, None)
            if uid in sound:
                yield _fetched(selected.name, uid, sound.pop(uid))
            else:
                yield _alone(selected, uid, item) if uid in present else Gone(uid)


def one_by_one(selected: Selected, uids: Uids) -> Iterator[Outcome]:
    """All of `uids`, each alone and nothing else under way. Raises Broken at the first that was not yielded."""
    for uid in uids:
        selected.reading = uid
        yield _alone(selected, uid) if selected.present(Uids.span(uid, uid)) else Gone(uid)


def _ahead(selected: Selected, questions: Iterator[Question]) -> Iterator[Question]:
    """The questions about bodies, answered, while the next ones are under way."""
    waiting: deque[Question] = deque()
    for question in questions:
        if question.what:
            selected.ask(question)
        waiting.append(question)
        while len(waiting) >= AHEAD:
            yield from _answered(selected, waiting.popleft())
    while waiting:
        yield from _answered(selected, waiting.popleft())


def _answered(selected: Selected, question: Question) -> Iterator[Question]:
    if question.what:
        selected.settle(question)
    if question.what != _SIZES:
        yield question


def _questions(selected: Selected, uids: Uids) -> Iterator[Question]:
    """Sizes of the first portion, sizes of the second, bodies of the first, and so on: no portion waits for sizes."""
    portions = uids.portions(PORTION)
    present: Question | None = None
    for portion in chain(portions, (None,)):
        following = Question(portion, _SIZES, _SLACK) if portion else None
        if following:
            yield following
        if present:
            selected.settle(present)
            yield from _batches(present)
        present = following


def _batches(sizes: Question) -> Iterator[Question]:
    """The bodies of one portion. A message whose size was not told is asked for as if it had none: it may be gone."""
    batch: dict[int, int] = {}
    octets = 0
    for uid in sizes.uids:
        size = sizes.items[uid].size if uid in sizes.items else -1
        if batch and (len(batch) >= BATCH[0] or octets + size > BATCH[1]):
            yield _bodies(batch)
            batch, octets = {}, 0
        if size > PIECE:
            yield Question(Uids.span(uid, uid), "", 0, {uid: size})
        else:
            batch[uid] = size
            octets += max(size, 0)
    if batch:
        yield _bodies(batch)


def _bodies(batch: dict[int, int]) -> Question:
    room = sum(max(size, 0) for size in batch.values()) + _SLACK
    return Question(Uids.of(batch), _WHOLE, room, dict(batch))


def _alone(selected: Selected, uid: int, before: Item | None = None) -> Outcome:
    """One message that is there, asked for alone; once more when its length is not what the server states."""
    seen, reason = _fingerprint(before), ""
    del before
    for _ in range(1 if seen else 2):
        item = _asked(selected, uid, seen[0] if seen else -1)
        reason = _unsound(item)
        if not reason:
            return _fetched(selected.name, uid, item)
        here = _fingerprint(item)
        if here and here == seen:
            if not (beyond := _piece(selected, uid, here[0], 1)).body and not beyond.trouble:
                return _fetched(selected.name, uid, item, note=SIZE_DIFFERS)
            reason = beyond.trouble or _more(item, here[0])
        seen = here
        del item
    return Unfetched(selected.name, reason, selected.name, uid)


def _asked(selected: Selected, uid: int, size: int) -> Item:
    """The message at `uid`, whole or in pieces; `size` is known or -1. Raises Unavailable."""
    this = Uids.span(uid, uid)
    if size < 0:
        size = selected.told(Question(this, _SIZES, _SLACK)).items.get(uid, Item()).size
    if size > LARGEST:
        return Item(trouble=_TOO_LARGE)
    if size <= PIECE:
        item = _answer(selected, Question(this, _WHOLE, PIECE), uid)
        if item.trouble != LONGER:
            return item
    return _pieces(selected, uid)


def _pieces(selected: Selected, uid: int) -> Item:
    """A message read piece by piece into a file: one copy of it in memory.

    A server may give shorter pieces than it is asked for; the last is one after which nothing comes, or a short one
    that ends where the server says that the message does.
    """
    whole, at = Item(), 0
    try:
        with tempfile.TemporaryFile() as spool:
            for _ in range(PIECES):
                end = max(whole.size, 1) if whole.size >= 0 else LARGEST + 1
                item = _piece(selected, uid, at, PIECE, end)
                if item.trouble or item.body is None:
                    return item
                at += spool.write(item.body)
                short, over = len(item.body) < PIECE, not item.body
                whole = Item(max(item.size, whole.size), item.date or whole.date)
                if over or (short and at == whole.size):
                    spool.seek(0)
                    del item
                    whole.body = spool.read()
                    return whole
                if at > LARGEST:
                    break
    except OSError as error:
        raise Unavailable(
            f"{tempfile.gettempdir()}: un messaggio di oltre {at} byte non si può tenere qui ({error.strerror}): fare"
            " posto, o indicare un'altra cartella con TMPDIR (no room for a large message: make room, or set TMPDIR)"
        ) from error
    return Item(trouble=_TOO_LARGE)


def _piece(selected: Selected, uid: int, at: int, length: int, end: int = 0) -> Item:
    """At most `length` octets from `at` (RFC 3501, 6.4.5, partial), or what the trouble is.

    Beyond the end there is nothing, and some servers refuse to say so: from `end` on, a refusal is nothing, and NIL is.
    """
    this = Uids.span(uid, uid)
    what = f"(UID INTERNALDATE RFC822.SIZE BODY.PEEK[]<{at}.{length}>)"
    question = Question(this, what, length + _SLACK, offset=at)
    item = _answer(selected, question, uid)
    refused = question.done is not None and not question.done.ok
    if item.body is None and at >= end and (refused or item.trouble == NIL):
        return Item(item.size, item.date, b"")
    if item.trouble or item.body is None or len(item.body) > length:
        return Item(trouble=item.trouble or _UNANSWERED)
    return item


def _answer(selected: Selected, question: Question, uid: int) -> Item:
    """What is answered about this one message. Raises Refused when the server does not give it now."""
    done = selected.told(question).done
    item = question.items.get(uid, Item())
    if item.body is None and done and not done.ok and done.code in PASSING:
        raise Refused(f"{selected.name}: il server non lo dà per ora (does not give it now): {done.said}")
    if item.body is None and not item.trouble and done and not done.ok:
        item.trouble = f"rifiutato dal server (refused by the server): {done.said}"
    return item


def _unsound(item: Item, stated: int = -1) -> str:
    """Why this body is not to be taken as it is, or nothing; `stated` is a size that the server told before."""
    if item.trouble or item.body is None:
        return item.trouble or _UNANSWERED
    sizes = {size for size in (stated, item.size) if size >= 0}
    if sizes <= {len(item.body)}:
        return ""
    received = len(item.body)
    return f"dichiarati {max(sizes)} byte, ricevuti {received} e ogni volta altri (stated, received, never the same)"


def _more(item: Item, received: int) -> str:
    return (
        f"dichiarati {item.size} byte, ricevuti {received} due volte, e oltre quelli ce n'è ancora: il server tronca"
        " (stated, received twice, and there is more: the server cuts it short)"
    )


def _fingerprint(item: Item | None) -> tuple[int, bytes] | None:
    """What is kept of a body in order to know it again."""
    if item is None or item.body is None or item.trouble:
        return None
    return len(item.body), sha256(item.body).digest()


def _fetched(folder: str, uid: int, item: Item, note: str = "") -> Fetched:
    return Fetched(item.body or b"", folder, folder, syntax.date(item.date), uid, note)
