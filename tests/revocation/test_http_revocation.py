"""archiver.adapters.revocation on the line: whatever a server does, octets or a reason, in time; never inside."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from itertools import repeat

import pytest
from servers.certomancer import Certomancer
from tsa.relay import Relay
from tsa.scripted import Asked, Raw, Reply, Scripted
from tsa.tls import Web

from archiver.adapters.revocation import HttpRevocation
from archiver.adapters.revocation.address import Forbidden, checked, is_public, refuse_inside
from archiver.adapters.revocation.http import LARGEST, LARGEST_ANSWER
from archiver.errors import Unavailable

Said = Callable[[Asked], Reply | Raw]


def source(**changed: object) -> HttpRevocation:
    return HttpRevocation(**{"allow_private": True, "timeout": 5.0, "pause": lambda seconds: None, **changed})  # type: ignore[arg-type]


def endless(asked: Asked) -> Reply:
    def octets() -> Iterator[bytes]:
        while True:
            yield bytes(1 << 20)

    return Reply(body=octets())


def loop(asked: Asked) -> Reply:
    return Reply(302, {"location": "/again"})


def away(status: int, target: str) -> Said:
    return lambda asked: Reply(status, {"location": target})


LIES: dict[str, tuple[Said, str, int]] = {
    "not there": (lambda asked: Reply(404), "^HTTP 404$", 1),
    "forbidden": (lambda asked: Reply(403, body=b"<html>no</html>"), "^HTTP 403$", 1),
    "broken": (lambda asked: Reply(500), "^HTTP 500$", 2),
    "busy": (lambda asked: Reply(429), "^HTTP 429$", 2),
    "nothing": (lambda asked: Reply(200), "empty answer", 1),
    "compressed": (lambda asked: Reply(200, {"content-encoding": "gzip"}, b"abc"), "compressed", 1),
    "cut short": (lambda asked: Raw([b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc"]), "cannot be reached", 2),
    "hung up": (lambda asked: Raw(), "cannot be reached", 2),
    "no HTTP": (lambda asked: Raw([b"220 smtp.example ESMTP\r\n"]), "cannot be reached", 2),
    "a length that is none": (
        lambda asked: Raw([b"HTTP/1.1 200 OK\r\ncontent-length: 1, 2\r\n\r\nab"]), "cannot be reached", 2,
    ),
    "endless": (endless, f"oltre {LARGEST} byte", 1),
    "round and round": (loop, "too many redirects", 4),
    "redirected to a file": (away(302, "file:///etc/passwd"), "only http and https", 1),
    "redirected to a directory": (away(301, "ldap://127.0.0.1/cn=ca"), "only http and https", 1),
    "redirected to nowhere": (away(302, "http://:80/"), "no such address", 1),
    "redirected without a place": (lambda asked: Reply(302), "^HTTP 302$", 1),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_whatever_a_server_does_is_a_reason(lie: str) -> None:
    said, reason, times = LIES[lie]
    with Scripted(said) as server, pytest.raises(Unavailable, match=reason):
        source().crl(server.url)
    assert len(server.asked) == times


def test_what_lies_there_comes_back_octet_for_octet_also_by_way_of_a_redirect() -> None:
    octets = bytes(range(256)) * 400

    def script(asked: Asked) -> Reply:
        return Reply(302, {"location": "/new.crl"}) if asked.path == "/tsa" else Reply(body=octets)

    with Scripted(script) as server:
        assert source().crl(server.url) == octets
    assert [(asked.method, asked.path) for asked in server.asked] == [("GET", "/tsa"), ("GET", "/new.crl")]
    assert server.asked[0].headers["accept-encoding"] == "identity"


def test_a_server_that_recovers_is_believed_at_the_second_attempt() -> None:
    answers = iter([Reply(503), Reply(body=b"a list")])
    with Scripted(lambda asked: next(answers)) as server:
        assert source().crl(server.url) == b"a list"


def test_a_responder_is_asked_by_post_and_its_answer_is_small() -> None:
    with Scripted(lambda asked: Reply(body=asked.body[::-1])) as server:
        assert source().ocsp(server.url, b"question") == b"noitseuq"
    (asked,) = server.asked
    assert (asked.method, asked.headers["content-type"]) == ("POST", "application/ocsp-request")
    with Scripted(endless) as server, pytest.raises(Unavailable, match=f"oltre {LARGEST_ANSWER} byte"):
        source().ocsp(server.url, b"question")
    with Scripted(loop) as server, pytest.raises(Unavailable, match="HTTP 302"):
        source().ocsp(server.url, b"question")


SLOW: dict[str, Said] = {
    "silence": lambda asked: Raw(iter([b"", b""]), pause=3),
    "headers, octet by octet": lambda asked: Raw((b"HTTP/1.1 200 OK\r\n", *repeat(b"x", 400)), pause=0.05),
    "a body, octet by octet": lambda asked: Reply(body=(b"x" for _ in range(400)), pause=0.05),
    "redirects, slowly": lambda asked: Raw([b"HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n"], 0.3),
}


@pytest.mark.parametrize("how", SLOW)
def test_a_slow_server_is_given_up_when_the_time_of_the_whole_is_over(how: str) -> None:
    began = time.monotonic()
    with Scripted(SLOW[how]) as server, pytest.raises(Unavailable):
        source(timeout=0.8, attempts=5).crl(server.url)
    assert time.monotonic() - began < 2.5


# whom nobody asks

INSIDE = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::",
]  # fmt: skip
OUTSIDE = ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]


@pytest.mark.parametrize("number", INSIDE)
def test_a_number_of_the_inside(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize("number", OUTSIDE)
def test_a_number_of_the_outside(number: str) -> None:
    assert is_public(number)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1"])
def test_no_address_of_a_certificate_leads_inside(host: str) -> None:
    """Also in the spellings that only the system's resolver understands."""
    with Scripted(lambda asked: Reply(body=b"secret")) as server:
        for ask in (source(allow_private=False).crl, lambda url: source(allow_private=False).ocsp(url, b"")):
            with pytest.raises(Unavailable, match=r"leads inside|cannot be reached") as raised:
                ask(f"http://{host}:{server.port}/")
            assert "leads inside" in str(raised.value) or host == "2130706433", raised.value
    assert server.asked == []


def test_no_redirect_leads_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first name is of the outside to us, and only the proxy knows it; the redirect is a number of the inside."""
    real = socket.getaddrinfo
    known = {"ca.example": "127.0.0.1"}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **how: real(known.get(host, host), *rest, **how))
    with Scripted(away(302, "http://127.0.0.2/")) as server, Relay() as relay:
        with pytest.raises(Unavailable, match=r"127\.0\.0\.2 è un indirizzo interno"):
            source(allow_private=False, proxy=relay.url).crl(f"http://ca.example:{server.port}/")
        assert (len(server.asked), len(relay.seen)) == (1, 1)


def test_a_name_that_leads_inside_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    with Scripted(lambda asked: Reply(body=b"secret")) as server:
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **how: real("127.0.0.1", *rest, **how))
        with pytest.raises(Unavailable, match="leads inside"):
            source(allow_private=False).crl(f"http://ca.example:{server.port}/")
        assert server.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "", "ca.crl", "//ca.example/ca.crl", "ftp://ca.example/ca.crl", "ldap://ca.example/", "file:///etc/passwd",
        "gopher://ca.example/", "http://", "http:///ca.crl", "http://user@ca.example/", "http://user:pass@ca.example/",
        "http://ca.example:0/", "http://ca.example:99999/", "http://ca.example/a b", "http://ca.example/\r\nx: y",
        "http://ca.example/è", "http://[::1", "http://ca.example/" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_web_server_is_not_asked(url: str) -> None:
    with pytest.raises(Forbidden):
        checked(url)


def test_a_proxy_carries_the_question_and_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with Scripted(lambda asked: Reply(body=b"a list")) as server, Relay() as relay:
        assert source().crl(server.url) == b"a list"
        assert relay.seen == []
        assert source(proxy=relay.url).crl(server.url) == b"a list"
        assert len(relay.seen) == 1
        with pytest.raises(Unavailable, match="leads inside"):
            source(proxy=relay.url, allow_private=False).crl(server.url)
        assert len(relay.seen) == 1
    with pytest.raises(Forbidden):
        refuse_inside("localhost.")
    refuse_inside("ca.example")


def test_a_proxy_that_is_not_there_is_a_reason() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        source(proxy="http://127.0.0.1:9").crl("http://ca.example/ca.crl")


def test_a_server_of_an_unknown_authority_is_not_believed_and_https_leads_to_no_plain_http(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        Scripted(lambda asked: Reply(body=b"a list")) as plain,
        Scripted(lambda asked: Reply(302, {"location": plain.url}), tls=web.context()) as server,
    ):
        with pytest.raises(Unavailable, match=r"(?i)certificate.verify.failed"):
            source().crl(server.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(web["ca.pem"]))
        with pytest.raises(Unavailable, match="redirect to another scheme"):
            source().crl(server.url)
        assert (len(plain.asked), len(server.asked)) == (0, 1)


def test_a_secret_in_the_reason_of_a_server_is_no_danger_to_a_terminal() -> None:
    with Scripted(lambda asked: Raw([b"HTTP/1.1 \x1b[31m\r\n\r\n"])) as server, pytest.raises(Unavailable) as raised:
        source().crl(server.url)
    assert str(raised.value).isprintable()


def test_certomancer_is_asked_for_its_list_and_its_answers(certomancer: Certomancer) -> None:
    from asn1crypto import x509

    from archiver.collect import ocsp

    pair = [x509.Certificate.load(octets) for octets in (certomancer.person("asked"), certomancer.anchor)]
    (url,) = pair[0].ocsp_urls
    answer = source().ocsp(url, ocsp.request(*pair, "sha1"))
    assert ocsp.serial_of(answer) == pair[0].serial_number
    assert source().crl(re.sub("ocsp/root$", "crls/root/latest.crl", url))[0] == 0x30
