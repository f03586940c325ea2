"""Lies that an S3 server may tell, each before or after an honest imitation; and one truth that the imitation lacks."""

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import md5, sha256

from servers.imitation import Answer, Lie, Request, Response

_REFUSED = b"<Error><Code>%s</Code><Message>no</Message></Error>"


def ignores_locks(request: Request, server: Answer) -> Response:
    """Answers 200 to a lock and forgets it, as Swift's S3 does."""
    if "retention" in _query(request):
        return Response(200, {}, b"") if request.method == "PUT" else _refused(404, "NoSuchObjectLockConfiguration")
    headers = {name: value for name, value in request.headers.items() if not name.startswith("x-amz-object-lock-")}
    return server(Request(request.method, request.path, headers, request.body))


def hides_locks(request: Request, server: Answer) -> Response:
    """Locks, and does not show it in the answer to a HEAD."""
    answer = server(request)
    if request.method == "HEAD":
        answer.headers = {name: value for name, value in answer.headers.items() if "object-lock" not in name}
    return answer


def locks_for_less(request: Request, server: Answer) -> Response:
    """Keeps a lock that ends before the day asked for."""
    headers, name = dict(request.headers), "x-amz-object-lock-retain-until-date"
    if name in headers:
        headers[name] = (datetime.fromisoformat(headers[name]) - timedelta(seconds=15)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return server(Request(request.method, request.path, headers, request.body))


def deletes_what_is_locked(request: Request, server: Answer) -> Response:
    """Shows the lock, and deletes all the same."""
    deleting = request.method == "DELETE" or (request.method == "POST" and "delete" in _query(request))
    headers = {**request.headers, "x-amz-bypass-governance-retention": "true"} if deleting else request.headers
    return server(Request(request.method, request.path, dict(headers), request.body))


def deletes_in_batches(request: Request, server: Answer) -> Response:
    """Refuses to delete what is locked, unless it is asked to delete several."""
    return deletes_what_is_locked(request, server) if request.method == "POST" else server(request)


def extends_no_lock(request: Request, server: Answer) -> Response:
    """Has no way to change a lock."""
    changing = request.method == "PUT" and "retention" in _query(request)
    return _refused(403, "AccessDenied") if changing else server(request)


def bypasses_compliance(request: Request, server: Answer) -> Response:
    """Takes a COMPLIANCE lock for one that may be bypassed."""
    if request.method == "DELETE" and request.headers.get("x-amz-bypass-governance-retention"):
        until = (datetime.now(UTC) + timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        weaker = f"<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>"
        server(Request("PUT", f"{request.path}&retention", request.headers, weaker.encode()))
    return server(request)


def clock_off(by: timedelta) -> Lie:
    """Says another time."""

    def lie(request: Request, server: Answer) -> Response:
        answer = server(request)
        answer.headers["date"] = format_datetime(datetime.now(UTC) + by, usegmt=True)
        return answer

    return lie


def has_no_date(request: Request, server: Answer) -> Response:
    """Says what nobody can read for a time."""
    answer = server(request)
    answer.headers["date"] = "soon"
    return answer


def ignores_ranges(request: Request, server: Answer) -> Response:
    """Gives the whole for a part."""
    headers = {name: value for name, value in request.headers.items() if name != "range"}
    return server(Request(request.method, request.path, headers, request.body))


def shifts_ranges(request: Request, server: Answer) -> Response:
    """Gives as many bytes as were asked for, and others."""
    headers = dict(request.headers)
    if "range" in headers:
        first, last = (int(number) for number in re.findall(r"\d+", headers["range"]))
        headers["range"] = f"bytes={first + 1}-{last + 1}"
    return server(Request(request.method, request.path, headers, request.body))


def hides_ranges(request: Request, server: Answer) -> Response:
    """Gives a part, and does not say which."""
    answer = server(request)
    answer.headers.pop("content-range", None)
    return answer


def loses_the_end(request: Request, server: Answer) -> Response:
    """Keeps less than it was given."""
    whole = request.method != "PUT" or not request.body or "?" in request.path
    return server(request if whole else Request("PUT", request.path, request.headers, request.body[:-1]))


def lists_late(request: Request, server: Answer) -> Response:
    """Has not yet heard of what was written last."""
    answer = server(request)
    answer.body = re.sub(rb"<Contents>(?:(?!</Contents>).)*list/a0</Key>.*?</Contents>", b"", answer.body, flags=re.S)
    return answer


def lists_versions_late(request: Request, server: Answer) -> Response:
    """The same for versions only."""
    answer = server(request)
    answer.body = re.sub(rb"<Version>(?:(?!</Version>).)*list/a0</Key>.*?</Version>", b"", answer.body, flags=re.S)
    return answer


def lists_backwards(request: Request, server: Answer) -> Response:
    """All is there, in the order of chance."""
    answer = server(request)
    entry = re.compile(rb"<Contents>.*?</Contents>", flags=re.S)
    other_way = iter(entry.findall(answer.body)[::-1])
    answer.body = entry.sub(lambda _: next(other_way), answer.body)
    return answer


def keeps_only_the_last(request: Request, server: Answer) -> Response:
    """Says that it keeps versions, and gives the last one whichever is asked for."""
    reading = request.method == "GET" and "version" in request.path
    path = re.sub(r"[?&]versionId=[^&]*", "", request.path) if reading else request.path
    return server(Request(request.method, path, request.headers, request.body))


def makes_no_version(request: Request, server: Answer) -> Response:
    """Says that it keeps versions, and names none."""
    answer = server(request)
    if request.method == "PUT" and "/version" in request.path:
        answer.headers.pop("x-amz-version-id", None)
    return answer


def overwrites(request: Request, server: Answer) -> Response:
    """Does not know If-None-Match."""
    headers = {name: value for name, value in request.headers.items() if name != "if-none-match"}
    return server(Request(request.method, request.path, headers, request.body))


def overwrites_in_a_race(request: Request, server: Answer) -> Response:
    """Knows it, and looks too early."""
    return overwrites(request, server) if "/race" in request.path else server(request)


def knows_no_conditions(request: Request, server: Answer) -> Response:
    """Refuses what it does not know."""
    return _refused(501, "NotImplemented") if "if-none-match" in request.headers else server(request)


def loses_the_answer(request: Request, server: Answer) -> Response:
    """Suspends versioning, and fails before it has said so."""
    answer = server(request)
    return _refused(500, "InternalError") if b"Suspended" in request.body else answer


def keeps_no_checksum(request: Request, server: Answer) -> Response:
    """Takes a checksum and forgets it."""
    answer = server(request)
    answer.headers.pop("x-amz-checksum-sha256", None)
    return answer


def checks(request: Request, server: Answer) -> Response:
    """No lie: compares bytes with what was declared of them, which the imitation does not."""
    declared = {
        "x-amz-checksum-sha256": b64encode(sha256(request.body).digest()).decode(),
        "content-md5": b64encode(md5(request.body, usedforsecurity=False).digest()).decode(),
    }
    if any(name in request.headers and request.headers[name] != value for name, value in declared.items()):
        return _refused(400, "BadDigest")
    return server(request)


def _refused(status: int, code: str) -> Response:
    return Response(status, {"content-type": "application/xml"}, _REFUSED % code.encode())


def _query(request: Request) -> list[str]:
    return [item.partition("=")[0] for item in request.path.partition("?")[2].split("&")]
