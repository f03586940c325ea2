"""archiver.adapters.tsa.HttpAuthority on the line: credentials, TLS, proxies, patience, and what it never shows."""

import re
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tsa.asking import account, believed
from tsa.liar import Liar
from tsa.relay import Relay
from tsa.scripted import REPLY, Asked, Raw, Reply, Scripted
from tsa.tls import PASSWORD, Web

from archiver.adapters.tsa import Account, HttpAuthority
from archiver.errors import ConfigError, Unavailable

SECRET = "parola-segreta-7"
BASIC = "Basic " + b64encode(f"studio:{SECRET}".encode()).decode()
GRANTED = bytes.fromhex("30053003020100")


def asked_of(authority: HttpAuthority) -> bytes:
    return authority.answer(b"una domanda")


def refused(*words: str, **changed: Any) -> str:
    """What is said when an answer cannot be had, which must hold all these words."""
    with pytest.raises(Unavailable) as raised:
        asked_of(HttpAuthority(account(**changed), pause=lambda seconds: None))
    said = str(raised.value)
    assert said.startswith("TSA prova: ")
    for word in words:
        assert re.search(word, said), said
    return said


# what is sent


def test_the_question_goes_out_as_rfc_3161_says_and_the_answer_comes_back_as_it_is() -> None:
    octets = bytes(range(256)) * 40
    with Scripted(lambda asked: octets) as server:
        assert asked_of(HttpAuthority(account(server.url))) == octets
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/tsa", b"una domanda")
    assert asked.headers["content-type"] == "application/timestamp-query"
    assert asked.headers["accept"] == REPLY
    assert asked.headers["accept-encoding"] == "identity"
    assert "authorization" not in asked.headers


def test_user_and_password_are_asked_for_at_each_question_and_sent() -> None:
    words = iter([SECRET, "nuova"])
    current = [""]

    def password() -> str:
        return current[0]

    with Scripted(lambda asked: GRANTED) as server:
        authority = HttpAuthority(account(server.url, user="studio", password=password))
        for current[0] in words:
            asked_of(authority)
    sent = [asked.headers["authorization"] for asked in server.asked]
    assert sent == [BASIC, "Basic " + b64encode(b"studio:nuova").decode()]


def test_a_query_in_the_address_is_sent_too() -> None:
    with Scripted(lambda asked: GRANTED) as server:
        asked_of(HttpAuthority(account(f"{server.url}?profilo=qualificato")))
    assert server.asked[0].path == "/tsa?profilo=qualificato"


def test_one_connection_carries_many_questions() -> None:
    with Scripted(lambda asked: GRANTED) as server:
        authority = HttpAuthority(account(server.url))
        for _ in range(5):
            asked_of(authority)
    assert len({asked.peer for asked in server.asked}) == 1


def test_many_threads_ask_at_once_and_each_gets_its_own_answer() -> None:
    together = threading.Barrier(6, timeout=20)

    def echo(asked: Asked) -> bytes:
        together.wait()
        return asked.body

    found: dict[int, bytes] = {}
    with Scripted(echo) as server:
        authority = HttpAuthority(account(server.url, timeout=20))

        def ask(number: int) -> None:
            for turn in range(3):
                found[number, turn] = authority.answer(b"%d/%d" % (number, turn))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {(number, turn): b"%d/%d" % (number, turn) for number in range(6) for turn in range(3)}
    assert len({asked.peer for asked in server.asked}) == 6


# what is not an answer

STATUSES = {
    400: r"HTTP 400: domanda non accettata: controllare `url`",
    401: r"HTTP 401: accesso rifiutato: controllare `user`, `password` e il certificato client",
    403: r"HTTP 403: accesso rifiutato",
    404: r"HTTP 404: domanda non accettata: controllare `url`",
    407: r"HTTP 407",
    204: r"HTTP 204",
    200: f"HTTP 200: atteso {REPLY}, trovato text/plain",
}


@pytest.mark.parametrize("status", STATUSES)
def test_an_answer_that_repeating_will_not_change_is_not_repeated(status: int) -> None:
    reply = Reply(status, {"content-type": "text/plain"}, b"" if status == 204 else b"non qui")
    with Scripted(lambda asked: reply) as server:
        said = refused(STATUSES[status], url=server.url, attempts=5)
    assert len(server.asked) == 1
    assert ("«non qui»" in said) == (status not in (204, 407))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_told_and_not_followed(status: int) -> None:
    with Scripted(lambda asked: GRANTED) as other:
        target = other.url.replace("://", f"://studio:{SECRET}@") + f"?chiave={SECRET}"
        with Scripted(lambda asked: Reply(status, {"location": target})) as server:
            said = refused(
                f"rimanda a {re.escape(other.url)}: se è giusto, metterlo in `url`", url=server.url, attempts=5
            )
    assert SECRET not in said
    assert (len(server.asked), other.asked) == (1, [])


# patience


class Patience:
    """Waits in no time, and remembers how long it should have been."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.waited.append(seconds)


def after(*first: Reply | Raw) -> Callable[[Asked], Reply | Raw | bytes]:
    """These answers, then a good one."""
    answers: Iterator[Reply | Raw] = iter(first)
    return lambda asked: next(answers, GRANTED)


BUSY = Reply(503, {"retry-after": "7"})
DATED = Raw(
    [
        b"HTTP/1.1 503 Busy\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\n",
        b"Retry-After: Sun, 22 Nov 2026 10:00:40 GMT\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    ]
)
WAITS: dict[str, tuple[tuple[Reply | Raw, ...], list[float]]] = {
    "503 that says how long": ((BUSY,), [7]),
    "503 that says until when": ((DATED,), [40]),
    "429 that says how long": ((Reply(429, {"retry-after": "60"}),), [60]),
    "503 that says nothing": ((Reply(503),), [1]),
    "a time that is none": ((Reply(503, {"retry-after": "presto"}),), [1]),
    "growing": ((Reply(500), Reply(502), Reply(504), Reply(500)), [1, 2, 4, 8]),
    "connections that end": ((Raw(), Raw([b"HTTP/1"])), [1, 2]),
    "of both kinds": ((Reply(500), BUSY, Raw()), [1, 7, 4]),
}


@pytest.mark.parametrize("name", WAITS)
def test_what_may_pass_is_asked_again_after_a_pause(name: str) -> None:
    first, pauses = WAITS[name]
    patience = Patience()
    with Scripted(after(*first)) as server:
        assert HttpAuthority(account(server.url, attempts=5), pause=patience).answer(b"?") == GRANTED
    assert patience.waited == pauses
    assert len(server.asked) == len(first) + 1


def test_no_pause_is_longer_than_a_minute() -> None:
    patience = Patience()
    with Scripted(lambda asked: Reply(500)) as server, pytest.raises(Unavailable, match="tentativi: 9"):
        HttpAuthority(account(server.url, attempts=9), pause=patience).answer(b"?")
    assert patience.waited == [1, 2, 4, 8, 16, 32, 60, 60]


def test_who_asks_to_wait_longer_than_a_minute_is_left_alone() -> None:
    patience = Patience()
    with (
        Scripted(lambda asked: Reply(503, {"retry-after": "3600"})) as server,
        pytest.raises(Unavailable, match=r"HTTP 503: .*attendere 3600 s"),
    ):
        HttpAuthority(account(server.url, attempts=5), pause=patience).answer(b"?")
    assert (len(server.asked), patience.waited) == (1, [])


def test_errors_without_end_are_given_up_with_the_last_reason() -> None:
    with Scripted(lambda asked: Reply(500, {"content-type": "text/html"}, b"<h1>Guasto</h1>")) as server:
        refused("HTTP 500: errore del server .*«Guasto»; tentativi: 3; riprovare più tardi", url=server.url, attempts=3)
    assert len(server.asked) == 3


def test_who_does_not_listen_is_told_apart_from_who_does_not_exist() -> None:
    with Scripted(lambda asked: GRANTED) as server:
        gone = server.url
    refused("non raggiungibile .*Connection refused; tentativi: 2", url=gone, attempts=2)


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    quiet = threading.Event()

    def silent(asked: Asked) -> Raw:
        quiet.wait(20)
        return Raw()

    with Scripted(silent) as server:
        refused(r"nessuna risposta completa entro 0\.3 s \(timed out\)", url=server.url, timeout=0.3)
        quiet.set()


def test_a_question_after_one_that_was_cut_off_gets_its_own_answer() -> None:
    """No connection with the rest of another answer in it is used again."""
    parts = iter([Reply(headers={"content-type": REPLY}, body=bytes(2 << 20))])
    with Scripted(lambda asked: next(parts, asked.body)) as server:
        authority = HttpAuthority(account(server.url))
        with pytest.raises(Unavailable, match="risposta oltre"):
            asked_of(authority)
        assert authority.answer(b"seconda") == b"seconda"
    assert len({asked.peer for asked in server.asked}) == 2


# TLS


def test_a_private_ca_is_trusted_where_it_is_named(web: Web, liar: Liar) -> None:
    with Scripted(lambda asked: liar.tell(asked.body), tls=web.context()) as server:
        assert believed(HttpAuthority(account(server.url, ca=web["ca.pem"])), liar.anchor)


def test_a_ca_that_nobody_named_is_not_trusted(web: Web) -> None:
    with Scripted(lambda asked: GRANTED, tls=web.context()) as server:
        refused(r"certificato del server non accettato \(.*issuer certificate\).*`ca`", url=server.url, attempts=5)
    assert server.asked == []


def test_a_certificate_for_another_host_is_not_accepted(web: Web) -> None:
    with Scripted(lambda asked: GRANTED, tls=web.context("elsewhere")) as server:
        refused("certificato del server non accettato .*127.0.0.1", url=server.url, ca=web["ca.pem"])
    assert server.asked == []


def test_a_client_certificate_opens_the_door(web: Web, liar: Liar) -> None:
    shown = {"certificate": web["client.pem"], "key": web["client.key"], "key_password": lambda: PASSWORD}
    with Scripted(lambda asked: liar.tell(asked.body), tls=web.context(clients=True)) as server:
        assert believed(HttpAuthority(account(server.url, ca=web["ca.pem"], **shown)), liar.anchor)
        refused("server chiede un certificato client.*`certificate`.*`key`", url=server.url, ca=web["ca.pem"])
    assert len(server.asked) == 1


def test_http_on_a_port_of_https_and_the_other_way_round_are_told(web: Web) -> None:
    with Scripted(lambda asked: GRANTED) as server:
        refused("TLS non riuscito: controllare in `url` la porta", url=server.url.replace("http:", "https:"))
    with Scripted(lambda asked: GRANTED, tls=web.context()) as server:
        refused("connessione interrotta", url=server.url.replace("https:", "http:"))


def test_files_that_cannot_be_used_are_named(web: Web) -> None:
    client = {"certificate": web["client.pem"], "key": web["client.key"]}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"ca": web["manca.pem"]}, "manca.pem: certificati della CA non leggibili"),
        ({"ca": web["server.key"]}, "server.key: certificati della CA non leggibili"),
        (client, "client.pem con chiave .*client.key non utilizzabile.*`key_password`"),
        (client | {"key_password": lambda: "sbagliata"}, "client.pem con chiave .*client.key non utilizzabile"),
        (client | {"key": web["server.key"]}, "client.pem con chiave .*server.key non utilizzabile"),
        ({"certificate": web["manca.pem"]}, "certificato client .*manca.pem non utilizzabile"),
    ]
    for changed, words in wrong:
        with pytest.raises(ConfigError, match=f"^TSA prova: .*{words}") as raised:
            asked_of(HttpAuthority(account("https://127.0.0.1:1/tsa", **changed)))
        assert "sbagliata" not in str(raised.value)


# proxies


def test_a_proxy_carries_http(liar: Liar) -> None:
    with Relay() as relay, Scripted(lambda asked: liar.tell(asked.body)) as server:
        assert believed(HttpAuthority(account(server.url, proxy=relay.url)), liar.anchor)
    assert relay.seen == [f"POST {server.url} HTTP/1.1"]


def test_a_proxy_opens_a_tunnel_for_https_and_sees_nothing_of_it(web: Web, liar: Liar) -> None:
    with Relay() as relay, Scripted(lambda asked: liar.tell(asked.body), tls=web.context()) as server:
        authority = HttpAuthority(account(server.url, proxy=relay.url, ca=web["ca.pem"], user="u", password=str))
        assert believed(authority, liar.anchor)
        assert believed(authority, liar.anchor)
    assert relay.seen == [f"CONNECT 127.0.0.1:{server.port} HTTP/1.0"], "one tunnel for both"
    assert "proxy-authorization" not in server.asked[0].headers


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_a_proxy_that_wants_to_know_who_asks_is_told(web: Web, tls: bool) -> None:
    with (
        Relay(user=f"studio:{SECRET}") as relay,
        Scripted(lambda asked: GRANTED, tls=web.context() if tls else None) as server,
    ):
        named = relay.url.replace("://", f"://studio:{SECRET}@")
        assert asked_of(HttpAuthority(account(server.url, proxy=named, ca=web["ca.pem"]))) == GRANTED
        for proxy in (relay.url, named.replace(SECRET, "sbagliata")):
            said = refused("HTTP 407.*controllare `proxy`", url=server.url, proxy=proxy, ca=web["ca.pem"], attempts=5)
            assert "sbagliata" not in said
    assert len(relay.seen) == 3, "a refusal is not asked again"
    assert len(server.asked) == 1


def test_a_proxy_that_bars_the_way_is_told_apart_from_the_authority(web: Web) -> None:
    with Scripted(lambda asked: GRANTED, tls=web.context()) as server:
        with Relay(refuses=403) as relay:
            refused("proxy 127.*HTTP 403.*autorizzare la destinazione", url=server.url, proxy=relay.url, attempts=2)
        assert len(relay.seen) == 1
        with Relay(refuses=502) as relay:
            refused("proxy 127.*HTTP 502.*tentativi: 2", url=server.url, proxy=relay.url, attempts=2)
        refused("proxy 127.*: non raggiungibile: controllare `proxy`", url=server.url, proxy=relay.url)
    assert server.asked == []


def test_the_proxy_of_the_environment_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    with Relay() as relay, Scripted(lambda asked: GRANTED) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, relay.url)
        assert asked_of(HttpAuthority(account(server.url))) == GRANTED
    assert relay.seen == []


# secrets


@pytest.mark.parametrize("status", [200, 401, 500])
def test_a_page_that_shows_our_secrets_back_does_not_bring_them_into_a_message(status: int) -> None:
    def mirror(asked: Asked) -> Reply:
        page = f"{'x' * 90} {asked.headers['authorization']} {SECRET}".encode()
        return Reply(status, {"content-type": "text/plain"}, page)

    with Scripted(mirror) as server:
        said = refused(r"\*\*\*", url=server.url, user="studio", password=lambda: SECRET)
    for secret in (SECRET, BASIC.removeprefix("Basic ")):
        assert not any(secret[:size] in said for size in range(8, len(secret) + 1))


def test_an_account_does_not_show_its_secrets_when_printed() -> None:
    shown = repr(account(f"https://tsa.example.it/?k={SECRET}", proxy=f"http://u:{SECRET}@p", password=lambda: SECRET))
    assert SECRET not in shown


ADDRESSES = {
    "": "`url`: indirizzo non valido",
    "tsa.example.it": "`url`: indirizzo non valido",
    "ftp://tsa.example.it/": "`url`: indirizzo non valido",
    "https:///tsa": "`url`: indirizzo non valido",
    "https://tsa.example.it:99999/": "`url`: indirizzo non valido",
    "https://tsa.example.it/\n": "`url`: indirizzo non valido",
    f"https://studio:{SECRET}@tsa.example.it/": "`url` contiene un utente",
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_that_is_none_is_refused_before_it_is_asked(url: str) -> None:
    with pytest.raises(ConfigError, match=f"^TSA prova: {ADDRESSES[url]}") as raised:
        account(url)
    assert SECRET not in str(raised.value)


def test_a_proxy_that_is_none_is_refused_before_it_is_asked() -> None:
    with pytest.raises(ConfigError, match=r"^TSA prova: `proxy`: indirizzo non valido"):
        Account(id="prova", url="https://tsa.example.it/", proxy="socks5://127.0.0.1:1080")
