"""Notices over real servers of mail and HTTP: TLS verified or nothing said, and every refusal told without names."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from servers.hooks import HookServer
from servers.mail_room import PASSWORD, USER, MailRoom
from support.archives import demo
from support.commands import archiver
from support.told import TO, append, notified

from archiver.adapters.notices import MailServer, SmtpNotice, WebhookNotice
from archiver.errors import ArchiverError, ConfigError, Unavailable
from archiver.ports import Letter

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LETTER = Letter("Archivio PEC: notte perché sì", "prima riga\n.\n.due punti\n" + "è" * 2_000 + "\n", {"id": "abc"})
SECRET = "gettone-segreto-31"


def notice(
    port: int, security: str, folder: Path, *, trusted: bool = True, password: str = PASSWORD, **more: str
) -> SmtpNotice:
    login = {} if security == "local" else {"user": USER, "password": lambda: password}
    ca = folder / "cert.pem" if trusted else None
    server = MailServer(more.get("host", "localhost"), port, security, ca=ca, timeout=5, **login)
    return SmtpNotice(server, sender="archivio@studio.example", to=(TO, "due@studio.example"))


@pytest.mark.parametrize("security", ["starttls", "tls", "local"])
def test_a_mail_arrives_whole(security: str, certificate: Path) -> None:
    with MailRoom(certificate, tls=security == "tls") as room:
        notice(room.port, security, certificate).send(LETTER, at=AT)
    [mail] = room.mails
    assert mail.get_content().replace("\r\n", "\n") == LETTER.text
    assert mail["Subject"] == LETTER.subject
    assert mail["To"] == f"{TO}, due@studio.example"
    assert mail["Date"].datetime == AT
    assert mail["Message-ID"].startswith("<abc.")
    assert room.secured == [security != "local"]
    assert len(room.logins) == (security != "local")
    assert all(line.isascii() for line in room.raw[0].splitlines() if not room.raw[0].startswith(b"8BIT"))


REFUSED: dict[str, tuple[str, dict[str, object], type[ArchiverError], str]] = {
    "a certificate that nobody vouches for": ("starttls", {"trusted": False}, Unavailable, "certificate refused"),
    "the same over TLS": ("tls", {"trusted": False}, Unavailable, "certificate refused"),
    "no STARTTLS": ("bare", {}, ConfigError, "no STARTTLS offered"),
    "a wrong password": ("starttls", {"password": "sbagliata-8"}, ConfigError, "login refused"),
    "a recipient that is refused": ("550", {}, ConfigError, "550"),
    "a recipient that is put off": ("451", {}, Unavailable, "451"),
    "TLS where STARTTLS is meant": ("crossed", {}, Unavailable, "not delivered"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_mail_server_refuses_is_told_without_secrets_and_names(name: str, certificate: Path) -> None:
    kind, changes, error, words = REFUSED[name]
    security = "tls" if kind in ("tls", "crossed") else "starttls"
    refuses = kind if kind.isdigit() else ""
    server = MailRoom(certificate, tls=kind == "tls", starttls=kind != "bare", refuses=refuses)
    with server as room, pytest.raises(error) as caught:
        notice(room.port, security, certificate, **changes).send(LETTER, at=AT)  # type: ignore[arg-type]
    said = str(caught.value)
    assert words in said
    assert f"localhost:{room.port}" in said
    for planted in (PASSWORD, "sbagliata-8", TO):
        assert planted not in said
    assert room.mails == []
    if words in ("certificate refused", "no STARTTLS offered"):
        assert room.logins == []  # nothing was said before the other side was known


def test_one_recipient_who_is_refused_is_said_and_the_other_is_told(certificate: Path) -> None:
    with MailRoom(certificate, refuses="550") as room:
        room.refused = "due@"
        with pytest.raises(ConfigError, match="550"):
            notice(room.port, "starttls", certificate).send(LETTER, at=AT)
    assert len(room.mails) == 1


def test_a_mail_server_that_is_not_there_is_unavailable(certificate: Path) -> None:
    with MailRoom(certificate) as room:
        pass
    with pytest.raises(Unavailable, match="not delivered"):
        notice(room.port, "starttls", certificate).send(LETTER, at=AT)


@pytest.mark.parametrize("tls", [True, False])
def test_a_hook_is_told_in_json_with_its_token(tls: bool, certificate: Path) -> None:
    with HookServer(certificate if tls else None) as hook:
        WebhookNotice(hook.url, token=lambda: SECRET, ca=certificate / "cert.pem").send(LETTER, at=AT)
    assert hook.tokens == [f"Bearer {SECRET}"]
    assert hook.bodies == [{"subject": LETTER.subject, "text": LETTER.text, "at": AT.isoformat(), "id": "abc"}]


ANSWERS = [
    (302, ConfigError),
    (401, ConfigError),
    (404, ConfigError),
    (429, Unavailable),
    (500, Unavailable),
    (503, Unavailable),
]


@pytest.mark.parametrize(("status", "error"), ANSWERS)
def test_a_hook_that_does_not_take_it_is_told_and_asked_once(status: int, error: type[ArchiverError]) -> None:
    with HookServer(status=status) as hook, pytest.raises(error, match=str(status)) as caught:
        WebhookNotice(hook.url, token=lambda: SECRET).send(LETTER, at=AT)
    assert len(hook.bodies) == 1
    assert "/pec" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_hook_whose_certificate_nobody_vouches_for_hears_nothing(certificate: Path) -> None:
    with HookServer(certificate) as hook, pytest.raises(Unavailable, match="certificate"):
        WebhookNotice(hook.url, token=lambda: SECRET).send(LETTER, at=AT)
    assert hook.bodies == []


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return demo(tmp_path / "archive")


ENVIRON = {"SMTP_PASSWORD": PASSWORD, "HOOK_TOKEN": SECRET}


def test_a_trial_goes_over_every_way(config: Path, certificate: Path) -> None:
    with MailRoom(certificate) as room, HookServer(certificate) as hook:
        notified(config, certificate, room=room, hook=hook)
        found = archiver("notify", "--test", "--json", config=config, environ=ENVIRON)
    assert (found.code, found.json) == (0, {"sent": 2, "failures": []})
    assert "prova - SENZA VALORE LEGALE" in room.mails[0]["Subject"]
    assert hook.bodies[0]["id"] == "trial"


def test_one_way_that_fails_does_not_stop_the_other_and_is_said(config: Path, certificate: Path) -> None:
    with MailRoom(certificate) as room, HookServer(certificate, status=500) as hook:
        notified(config, certificate, room=room, hook=hook)
        found = archiver("notify", "--test", config=config, environ=ENVIRON)
        night = archiver("nightly", "--json", config=config, environ=ENVIRON)
    assert (found.code, found.out) == (1, "1 avvisi inviati\n")
    assert "webhook: " in found.err
    assert len(room.mails) == 2
    assert (night.code, night.json["failed"]) == (3, ["notify"])
    assert night.json["steps"]["notify"]["failures"][0]["next"] == "archiver notify --test"
    told = archiver("status", "--json", config=config).json["night"]
    assert (told["code"], told["failed"]) == (3, ["notify"])


def test_a_secret_that_is_not_there_is_a_notice_that_was_not_sent(config: Path, certificate: Path) -> None:
    with MailRoom(certificate) as room:
        notified(config, certificate, room=room)
        found = archiver("nightly", "--json", config=config, environ={})
    assert (found.code, found.json["failed"]) == (2, ["notify"])
    assert room.mails == []


@pytest.mark.parametrize(("when", "mails"), [("always", 1), ("problems", 0)])
def test_a_good_night_is_told_to_who_wants_to_know_it(config: Path, certificate: Path, when: str, mails: int) -> None:
    with MailRoom(certificate) as room:
        notified(config, certificate, room=room, more=f'when = "{when}"')
        assert archiver("nightly", config=config, environ=ENVIRON).code == 0
    assert len(room.mails) == mails


def test_without_any_way_a_trial_says_what_to_add(config: Path) -> None:
    found = archiver("notify", "--test", config=config)
    assert found.code == 2
    assert "[notify.email]" in found.err
    assert archiver("notify", config=config).code == 2


def edited(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


EMAIL = (
    '[notify.email]\nto = ["a@studio.example"]\nfrom = "b@studio.example"\nhost = "smtp.example.it"\nuser = "u"\n'
    'password = "env:P"\n'
)
HOOK = '[notify.webhook]\nurl = "https://hook.example.it/x"\n'
WRONG = {
    "to an archived mailbox": (edited("a@studio.example", "Studio@PEC.esempio-legale.it"), "to: 'Studio@PEC"),
    "from an archived mailbox": (edited("b@studio.example", "studio@pec.esempio-legale.it"), "from: 'studio@pec"),
    "with its user": (edited('"u"', '"studio@pec.esempio-legale.it"'), "user: 'studio@pec"),
    "nobody": (edited('to = ["a@studio.example"]', "to = []"), "to: is missing"),
    "no list": (edited('["a@studio.example"]', '"a@studio.example"'), "to: must be a list"),
    "no address": (edited("a@studio.example", "the boss"), "to: must be mail addresses"),
    "two in one": (edited("a@studio.example", "a@x.example, b@x.example"), "to: must be mail addresses"),
    "no sender": (edited('from = "b@studio.example"\n', ""), "from: is missing"),
    "a password in the open": (edited("env:P", "Segreta1"), "password: must be env:NAME"),
    "a user without a password": (edited('password = "env:P"\n', ""), "password: is missing"),
    "in the clear to another": (edited("[notify.email]", '[notify.email]\nsecurity = "local"'), "'local' is for"),
    "in the clear": (edited("[notify.email]", '[notify.email]\nsecurity = "none"'), "security: must be one of"),
    "when": (edited("[notify.email]", '[notify.email]\nwhen = "mai"'), "when: must be one of"),
    "a hook in the clear": (edited("https://hook", "http://hook"), "url: must be an https address"),
    "a hook with a password": (edited("https://hook", "https://u:Segreta1@hook"), "url: must be an https address"),
    "a hook without a host": (edited("https://hook.example.it", "https://"), "url: must be an https address"),
    "a misspelt way": (edited("[notify.webhook]", "[notify.slack]"), "[notify] slack: unknown key"),
    "a file that nobody reads": (lambda text: f'{text}[metrics]\ntextfile = "x.txt"\n', "must end in .prom"),
    "a level": (lambda text: f'{text}[logs]\nlevel = "loud"\n', "[logs] level: must be one of"),
    "a format": (lambda text: f'{text}[logs]\nformat = "xml"\n', "[logs] format: must be one of"),
    "hours": (lambda text: f"{text}[night]\nhours = 0\n", "[night] hours: must be a number"),
}  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A configuration that can be used."""
    return demo(tmp_path_factory.mktemp("written") / "archive").read_text()


@pytest.mark.parametrize("name", WRONG)
def test_who_is_told_is_checked_before_anything_runs(name: str, written: str, tmp_path: Path) -> None:
    change, words = WRONG[name]
    config = tmp_path / "archiver.toml"
    config.write_text(written)
    append(config, change(EMAIL + HOOK))
    found = archiver("status", config=config)
    assert found.code == 2
    assert words in found.err
    assert "Segreta1" not in found.err


def test_what_the_template_shows_can_be_used_as_it_is(config: Path) -> None:
    """Every commented line of the night, the workers, the notices, the metrics and the logs."""
    text = config.read_text()
    start, end = text.index("# [night]"), text.index("# Chi può fare che cosa")
    lines = [line[2:] for line in text[start:end].splitlines() if not line.startswith(("# A chi dirlo", "# Su più"))]
    config.write_text(text[:start] + "\n".join(lines) + text[end:])
    assert archiver("status", config=config).code == 0


def test_a_credential_is_where_systemd_puts_it(config: Path, certificate: Path, tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text(PASSWORD + "\n")
    with MailRoom(certificate) as room:
        notified(config, certificate, room=room)
        config.write_text(config.read_text().replace('"env:SMTP_PASSWORD"', '"credential:smtp"'))
        found = archiver("notify", "--test", config=config, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)})
        without = archiver("notify", "--test", config=config, environ={"CREDENTIALS_DIRECTORY": None})  # type: ignore[dict-item]
    assert found.code == 0, found
    assert without.code == 2
    assert "CREDENTIALS_DIRECTORY" in without.err
