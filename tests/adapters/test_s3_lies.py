"""What an object server may answer instead of the truth: no lie is believed, nothing is lost, the way out is told."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import md5, sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from servers.imitation import Answer, Imitation, Request, Response
from support.buckets import fresh, now

from archiver.adapters.stores.s3 import Lock, S3Store
from archiver.errors import Absent, ArchiverError, ConfigError, Conflict, Unavailable

NAME = "studio/segments/ab/one.zip"
MARKER = ".archiver-store"
Lie = Callable[[Request, Answer], Response]


class Told:
    """A server that is honest until `lie` is set, and notes what it was asked."""

    def __init__(self) -> None:
        self.lie: Lie = honest
        self.asked: list[Request] = []

    def __call__(self, request: Request, honestly: Answer) -> Response:
        self.asked.append(request)
        return self.lie(request, honestly)

    def requests(self, name: str = NAME) -> list[str]:
        """What was asked about one object since, in order."""
        return [verb(request) for request in self.asked if name in unquote(request.path)]


def honest(request: Request, honestly: Answer) -> Response:
    return honestly(request)


def verb(request: Request) -> str:
    query = request.path.partition("?")[2]
    what = next((word for word in ("versions", "retention") if word in query.split("&")), "")
    return f"{request.method} {what}".strip()


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


@pytest.fixture(scope="module")
def server(told: Told) -> Iterator[Imitation]:
    with Imitation(told) as server:
        yield server


@pytest.fixture
def store(server: Imitation, told: Told) -> Iterator[S3Store]:
    """Empty, and not lied to yet."""
    yield S3Store.create(fresh(server, attempts=1), now)
    told.lie = honest


@pytest.fixture
def asked(told: Told, store: S3Store) -> Told:
    told.asked.clear()
    return told


def lying(wanted: str, change: Callable[[Request, Response], Response], name: str = NAME) -> Lie:
    """To the requests `wanted` about `name`: the honest answer, changed."""

    def lie(request: Request, honestly: Answer) -> Response:
        answer = honestly(request)
        return change(request, answer) if verb(request) == wanted and name in unquote(request.path) else answer

    return lie


def error(status: int, code: str, message: str = "so it is") -> Response:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    return Response(status, {"content-type": "application/xml"}, body)


def without(answer: Response, *names: str, **others: str) -> Response:
    kept = {name: value for name, value in answer.headers.items() if name not in names}
    return Response(
        answer.status, {**kept, **{name.replace("_", "-"): value for name, value in others.items()}}, answer.body
    )


LOCK = ("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date")
LATER = (now() + timedelta(hours=23)).strftime("%Y-%m-%dT%H:%M:%SZ")

UNKEPT: dict[str, tuple[str, Callable[[Request, Response], Response], str]] = {
    "a lock that is ignored": ("HEAD", lambda _, answer: without(answer, *LOCK), "può essere distrutto"),
    "a lock that is shorter": (
        "HEAD", lambda _, answer: without(answer, x_amz_object_lock_retain_until_date=LATER), "può essere distrutto"
    ),
    "a lock of another mode": (
        "HEAD", lambda _, answer: without(answer, x_amz_object_lock_mode="LEGAL"), "può essere distrutto"
    ),
    "another size": ("HEAD", lambda _, answer: without(answer, content_length="3"), "3"),
    "a listing without it": ("GET versions", lambda _, answer: Response(200, {}, b"<ListVersionsResult/>"), "elenca"),
    "somebody first, who is not there": ("PUT", lambda _, __: error(412, "PreconditionFailed"), "elenca"),
}  # fmt: skip


@pytest.mark.parametrize("lie", UNKEPT)
def test_what_is_not_kept_as_it_was_put_is_not_taken_for_kept(store: S3Store, told: Told, lie: str) -> None:
    wanted, change, text = UNKEPT[lie]
    told.lie = lying(wanted, lambda request, answer: answer if answer.status == 404 else change(request, answer))
    if wanted == "PUT":
        told.lie = lambda request, honestly: (
            change(request, Response(200, {}, b"")) if verb(request) == "PUT" else honestly(request)
        )
    with pytest.raises(Unavailable, match=text):
        store.put(NAME, b"0123456789")
    told.lie = honest
    store.put(NAME, b"0123456789")
    assert store.get(NAME) == b"0123456789"


def test_the_lock_and_the_condition_come_with_the_put_itself_and_four_requests_do(store: S3Store, asked: Told) -> None:
    store.put(NAME, b"0123456789")
    assert asked.requests() == ["HEAD", "PUT", "GET versions", "HEAD"]
    put = asked.asked[1].headers
    assert (put["x-amz-object-lock-mode"], put["if-none-match"]) == ("GOVERNANCE", "*")
    assert put["x-amz-object-lock-retain-until-date"].startswith(f"{now() + timedelta(days=1):%Y-%m-%d}")
    assert put["x-amz-checksum-sha256"] == b64encode(sha256(b"0123456789").digest()).decode()


def test_a_range_is_one_request_and_needs_one_more_for_the_version_of_a_name_not_met_before(
    store: S3Store, server: Imitation, told: Told
) -> None:
    store.put(NAME, b"0123456789")
    told.asked.clear()
    assert store.read(NAME, 2, 3) == b"234"
    assert told.requests() == ["GET"]
    assert told.asked[0].headers["range"] == "bytes=2-4"
    other = S3Store(store._objects.bucket, now)
    told.asked.clear()
    assert [other.read(NAME, 2, 3), other.read(NAME, 9, 9), other.read(NAME, 10, 1)] == [b"234", b"9", b""]
    assert told.requests() == ["GET versions", "GET", "GET"]


def test_a_retention_that_is_accepted_and_ignored_is_found_out(store: S3Store, told: Told) -> None:
    store.put(NAME, b"x")
    told.lie = lambda request, honestly: (
        Response(200, {}, b"") if verb(request) == "PUT retention" else honestly(request)
    )
    with pytest.raises(Unavailable, match="2036-01-01T00:00:00Z") as refusal:
        store.retain(NAME, until=now().replace(year=2036, month=1, day=1, hour=0, minute=0, second=0, microsecond=0))
    assert "GOVERNANCE" in str(refusal.value)


def test_a_server_that_ignores_locks_altogether_is_found_out_when_asked_to_retain(store: S3Store, told: Told) -> None:
    store.put(NAME, b"x")

    def lockless(request: Request, honestly: Answer) -> Response:
        match verb(request):
            case "HEAD":
                return without(honestly(request), *LOCK)
            case "PUT retention":
                return Response(200, {}, b"")
            case "GET retention":
                return error(404, "NoSuchObjectLockConfiguration")
        return honestly(request)

    told.lie = lockless
    with pytest.raises(ConfigError, match="object lock"):
        store.retain(NAME, until=now() + timedelta(days=9))


MAKING: list[tuple[int, str, str]] = [
    (409, "BucketAlreadyExists", "qualcun altro"),
    (403, "AccessDenied", "permesso negato"),
]


@pytest.mark.parametrize(("status", "code", "text"), MAKING, ids=[row[1] for row in MAKING])
def test_a_bucket_that_cannot_be_made_is_said(
    server: Imitation, asked: Told, status: int, code: str, text: str
) -> None:
    asked.lie = lambda request, honestly: error(status, code) if verb(request) == "PUT" else honestly(request)
    with pytest.raises(ConfigError, match=text):
        S3Store.create(fresh(server), now)


def test_two_who_make_the_same_bucket_at_once_have_one(server: Imitation, asked: Told) -> None:
    bucket = fresh(server)

    def owned(request: Request, honestly: Answer) -> Response:
        answer = honestly(request)
        making = request.method == "PUT" and request.path.partition("?")[0].strip("/") == bucket.name
        return error(409, "BucketAlreadyOwnedByYou") if making else answer

    asked.lie = owned
    S3Store.create(bucket, now).put(NAME, b"x")


CUT = {
    "fewer bytes": lambda request, answer: Response(206, answer.headers, answer.body[:-1]),
    "the whole for a part": lambda request, answer: Response(200, {}, b"0123456789"),
    "another part": lambda request, answer: Response(206, {"content-range": "bytes 5-7/10"}, b"567"),
    "a part and no word which": lambda request, answer: Response(206, {}, b"567"),
}


@pytest.mark.parametrize("lie", CUT)
def test_a_range_that_is_not_what_was_asked_for_is_refused(store: S3Store, told: Told, lie: str) -> None:
    store.put(NAME, b"0123456789")
    told.lie = lying("GET", CUT[lie])
    with pytest.raises(Unavailable, match=r"ripetere|interrotta"):
        store.read(NAME, 2, 3)


@pytest.mark.parametrize("size", [0, 9, 11])
def test_a_whole_that_is_longer_or_shorter_than_the_object_is_refused(store: S3Store, told: Told, size: int) -> None:
    store.put(NAME, b"0123456789")
    told.lie = lying("GET", lambda request, answer: Response(200, {}, b"0123456789!"[:size]))
    for ask in (store.get, store.open):
        with pytest.raises(Unavailable, match=NAME):
            ask(NAME)


def test_an_answer_that_breaks_off_is_asked_for_again(server: Imitation, told: Told) -> None:
    patient = S3Store.create(fresh(server, attempts=2), now)
    patient.put(NAME, b"0123456789")
    faults = iter([True, False, True, False])
    told.lie = lying("GET", lambda _, answer: Response(200, {}, b"012") if next(faults) else answer)
    assert patient.get(NAME) == b"0123456789"
    with patient.open(NAME) as file:
        assert file.read() == b"0123456789"


def test_a_listing_in_pages_is_whole_and_one_that_stands_still_ends(store: S3Store, told: Told) -> None:
    names = sorted(f"studio/{number:02}" for number in range(20))
    for name in names:
        store.put(name, b"x")
    raw = store._objects
    for _ in range(4):
        raw.connection.about("put_object", names[3], Body=b"later")

    def small(request: Request, honestly: Answer) -> Response:
        return honestly(replace(request, path=re.sub(r"max-keys=\d+", "max-keys=3", request.path)))

    told.lie = small
    assert [item.name for item in store.list()] == names
    assert {item.size for item in store.list()} == {1}

    def still(request: Request, honestly: Answer) -> Response:
        path = re.sub(r"&?(key|version-id)-marker=[^&]*", "", request.path)
        return small(replace(request, path=path), honestly)

    told.lie = still
    with pytest.raises(Unavailable, match="non va avanti"):
        list(store.list())


REFUSALS: list[tuple[int, str, type[ArchiverError], str]] = [
    (403, "InvalidAccessKeyId", ConfigError, "access_key"),
    (403, "SignatureDoesNotMatch", ConfigError, "secret_key"),
    (400, "ExpiredToken", ConfigError, "scadute"),
    (403, "AccessDenied", ConfigError, "permesso"),
    (403, "RequestTimeTooSkewed", Unavailable, "orologio"),
    (404, "NoSuchBucket", Unavailable, "bucket non c'è"),
    (503, "SlowDown", Unavailable, "rallentare"),
    (500, "InternalError", Unavailable, "errore del server"),
    (403, "QuotaExceeded", Unavailable, "quota"),
    (507, "InsufficientStorage", Unavailable, "quota"),
    (400, "BadDigest", Unavailable, "danneggiati"),
    (400, "XAmzContentSHA256Mismatch", Unavailable, "danneggiati"),
    (411, "MissingContentLength", ConfigError, "compat"),
    (501, "NotImplemented", ConfigError, "compat"),
    (301, "PermanentRedirect", ConfigError, "regione"),
    (400, "InvalidRequest", Unavailable, "InvalidRequest so it is"),
    (418, "Teapot", Unavailable, "418 Teapot so it is"),
]


@pytest.mark.parametrize(("status", "code", "kind", "text"), REFUSALS, ids=[row[1] for row in REFUSALS])
def test_a_refusal_names_the_object_and_the_way_out(
    store: S3Store, told: Told, status: int, code: str, kind: type[ArchiverError], text: str
) -> None:
    told.lie = lambda request, honestly: error(status, code) if verb(request) == "PUT" else honestly(request)
    with pytest.raises(ArchiverError, match=text) as refusal:
        store.put(NAME, b"x")
    assert type(refusal.value) is kind
    assert NAME in str(refusal.value)
    assert store.shown in str(refusal.value)


def test_a_bucket_that_has_lost_its_object_lock_is_told_from_a_bad_request(store: S3Store, told: Told) -> None:
    said = error(400, "InvalidRequest", "Bucket is missing Object Lock Configuration")
    told.lie = lambda request, honestly: said if verb(request) == "PUT" else honestly(request)
    with pytest.raises(ConfigError, match="object lock"):
        store.put(NAME, b"x")


def test_a_refusal_without_a_reason_tells_the_time_of_the_server(store: S3Store, told: Told) -> None:
    told.lie = lambda request, honestly: Response(403, {"date": "Sat, 21 Nov 2026 10:00:00 GMT"}, b"")
    with pytest.raises(ConfigError, match=r"403.*21 Nov 2026 10:00:00"):
        store.put(NAME, b"x")


def test_a_server_that_is_busy_once_is_asked_again(server: Imitation, told: Told) -> None:
    patient = S3Store.create(fresh(server, attempts=3), now)
    busy = iter([True, True])
    told.lie = lambda request, honestly: (
        error(503, "SlowDown") if verb(request) == "PUT" and next(busy, False) else honestly(request)
    )
    patient.put(NAME, b"x")
    assert patient.get(NAME) == b"x"
    assert next(busy, None) is None


def test_nobody_sees_a_secret(store: S3Store, told: Told, server: Imitation) -> None:
    secret = server.owner.secret
    told.lie = lambda request, honestly: error(403, "SignatureDoesNotMatch", f"you said {secret}")
    with pytest.raises(ConfigError) as refusal:
        store.put(NAME, b"x")
    shown = [str(refusal.value), repr(store._objects.bucket), store.shown]
    assert not [text for text in shown if secret in text or server.owner.access in text]


def test_the_environment_decides_nothing(server: Imitation, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere")
    # other waits, so that the connection is not one that was made before
    bucket = fresh(server, timeout=21)
    S3Store.create(bucket, now).put(NAME, b"x")
    assert S3Store(bucket, now).get(NAME) == b"x"


def test_without_keys_those_of_the_machine_are_used_and_without_any_it_is_said(
    server: Imitation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "keys"))
    bucket = fresh(server, access=None, secret=None)
    with pytest.raises(ConfigError, match="access_key e secret_key"):
        S3Store.create(bucket, now)
    keys = "[default]\naws_access_key_id = k\naws_secret_access_key = s\n"
    (tmp_path / "keys").write_text(keys)
    S3Store.create(replace(bucket, timeout=22), now).put(NAME, b"x")


def test_what_the_checksum_modes_send(server: Imitation, told: Told) -> None:
    sent: dict[bool, dict[str, str]] = {}
    for compat in (False, True):
        store = S3Store.create(fresh(server, compat=compat, lock=Lock.OFF), now)
        told.asked.clear()
        store.put(NAME, b"x")
        sent[compat] = next(request.headers for request in told.asked if verb(request) == "PUT")
    assert sent[True]["content-md5"] == b64encode(md5(b"x").digest()).decode()
    assert sent[True]["x-amz-content-sha256"] == sha256(b"x").hexdigest()
    assert sent[False]["x-amz-checksum-sha256"] == b64encode(sha256(b"x").digest()).decode()
    assert not [name for name in sent[True] if "checksum" in name or "trailer" in name]
    assert not [name for name in sent[False] if "content-md5" in name or "trailer" in name]


def test_what_is_larger_than_one_put_takes_is_refused_before_it_is_read(
    store: S3Store, asked: Told, tmp_path: Path
) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate((5 << 30) + 1)
    with (tmp_path / "huge").open("rb") as file, pytest.raises(ConfigError, match=r"5368709121.*filesystem"):
        store.put(NAME, file)
    assert asked.asked == []


def test_an_object_that_was_destroyed_is_absent_and_a_store_without_its_marker_is_unavailable(
    store: S3Store, told: Told
) -> None:
    store.put(NAME, b"x")
    destroy(store, NAME)
    for ask in ASKS:
        with pytest.raises(Absent):
            ask(store)
    destroy(store, MARKER)
    for ask in (*ASKS, lambda store: store.has(NAME), lambda store: list(store.list())):
        with pytest.raises(Unavailable, match="bucket o prefix"):
            ask(store)


ASKS: list[Callable[[S3Store], Any]] = [
    lambda store: store.get(NAME), lambda store: store.open(NAME), lambda store: store.read(NAME, 0, 1),
]  # fmt: skip


def destroy(store: S3Store, name: str) -> None:
    version = store._objects.look(name)
    assert version
    store._objects.connection.about("delete_object", name, VersionId=version.id, BypassGovernanceRetention=True)


def test_a_conflict_is_told_also_when_the_server_says_that_somebody_was_first(store: S3Store, told: Told) -> None:
    store.put(NAME, b"x")
    told.lie = lying(
        "HEAD", lambda request, answer: Response(404, {}, b"") if "versionId" not in request.path else answer
    )
    store.put(NAME, b"x")
    with pytest.raises(Conflict):
        store.put(NAME, b"y")
