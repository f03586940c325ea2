"""A night of five mailboxes on a real mail server, each with its own trouble: the right report, and nothing lost."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families as families
from servers.hooks import Hook, HookServer
from servers.mail_room import PASSWORD as SMTP
from servers.mail_room import MailRoom, Room
from simulator.dovecot import PASSWORD, Dovecot
from support.archives import demo, kept, letter
from support.commands import Outcome, done, process
from support.faulty_proxy import ALWAYS, FaultyProxy, Harm, Trouble
from support.imap import Server
from support.told import append, notified, on_server

LARGE, CUT, AFTER = 5_000, 500, 200
WRONG, HOOK = "sbagliata-9182", "gettone-7733"
PLANTED = ("anna.verdi@clienti.example", "Separazione Verdi-Neri", "posta.example")


def cut_letter(number: int) -> bytes:
    """About a kilobyte, so that a connection of so many octets carries about 200."""
    head = f"From: {PLANTED[0]}\r\nSubject: {PLANTED[1]} {number}\r\nMessage-ID: <c{number}@posta.example>\r\n\r\n"
    return head.encode() + b"x" * 70 + b"\r\n" + (b"y" * 76 + b"\r\n") * 10


SIZE = len(cut_letter(100))


def broken() -> list[bytes]:
    """What no mail program would write; octets that a server hands on as they are."""
    signed = (
        b"X-Trasporto: posta-certificata\r\nContent-Type: multipart/signed; boundary=o; micalg=sha256;"
        b" protocol=application/x-pkcs7-signature\r\n\r\n--o\r\n"
        b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n"
        b"Content-Type: application/xml; name=daticert.xml\r\n\r\n<postacert tipo=%b\r\n--i--\r\n--o\r\n"
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n%b\r\n--o--\r\n"
    )
    return [
        b"no header at all, only words\r\n",
        b"Subject: " + b"\xff\xfe" * 400 + b"\r\nDate: yesterday\r\n\r\n\x80\x81\r\n",
        b"Content-Type: multipart/mixed; boundary=never\r\n\r\n--never\r\nContent-Type: multipart/mixed\r\n\r\n",
        b"From: " + b"<" * 3_000 + b"\r\n\r\n",
        signed % (b"accettazione>", b"AAAA"),
        signed % (b"'avvenuta-consegna' errore='nessuno'/>", b"!!!!"),
        b": \r\n:\r\n\r\n\r\n",
        b"Subject: =?utf-8?b?"
        + b"4" * 4_000
        + b"?=\r\nMIME-Version: x\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\r\n",
    ]


@dataclass(frozen=True)
class After:
    """What one night left behind: how it ended, and everything that it told."""

    config: Path
    outcome: Outcome
    room: Room
    hook: Hook
    given: dict[str, bytes]
    environ: dict[str, str]

    @property
    def steps(self) -> dict[str, Any]:
        return self.outcome.json["steps"]

    def figures(self) -> dict[str, dict[tuple[str, ...], float]]:
        text = (self.config.parent / "pec.prom").read_text()
        return {
            sample.name.removeprefix("pec_archiver_"): {
                tuple(other.labels.values()): other.value for other in family.samples if other.name == sample.name
            }
            for family in families(text)
            for sample in family.samples
        }


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot, certificate: Path) -> Iterator[After]:
    config = demo(tmp_path_factory.mktemp("five") / "archive")
    mail = {
        "grande": [letter(f"{PLANTED[1]} {number}") for number in range(LARGE)],
        "interrotta": [cut_letter(number) for number in range(CUT)],
        "rotta": broken(),
        "penale": [letter("not tonight")],
        "vuota": [],
    }
    with ExitStack() as stack:
        for name, messages in mail.items():
            Server(dovecot, name).put(messages)
        proxy = stack.enter_context(FaultyProxy(dovecot.tls))
        proxy.trouble(Trouble(Harm.CUT, after=AFTER * (SIZE + 130), times=ALWAYS))
        room = stack.enter_context(MailRoom(certificate))
        hook = stack.enter_context(HookServer(certificate))
        for name in mail:
            port = proxy.port if name == "interrotta" else dovecot.tls
            secret = "WRONG" if name == "penale" else "RIGHT"
            on_server(config, name, port=port, ca=dovecot.ca, password=secret)
        notified(config, certificate, room=room, hook=hook)
        append(config, "[metrics]", 'textfile = "pec.prom"')
        secrets = {"WRONG": WRONG, "RIGHT": PASSWORD, "SMTP_PASSWORD": SMTP, "HOOK_TOKEN": HOOK}
        environ = dict(os.environ) | secrets
        outcome = process("nightly", "--json", folder=config.parent, environ=environ)
        assert proxy.struck >= CUT // AFTER
        given = {
            sha256(raw).hexdigest(): raw for name, messages in mail.items() if name != "penale" for raw in messages
        }
        yield After(config, outcome, room, hook, given, environ)


def test_every_message_that_could_be_had_is_in_the_archive_and_the_judge_says_passed(after: After) -> None:
    found = kept(after.config)
    assert set(found) == set(after.given)
    assert found == after.given
    assert done("verify", after.config.parent / "store", config=after.config)["indication"] == "PASSED"


def test_the_report_says_of_each_mailbox_what_became_of_it(after: After) -> None:
    assert after.outcome.code == 1, after.outcome
    ingest = after.steps["ingest"]
    boxes = {name: (box["result"], box["new"], box["failed"]) for name, box in ingest["mailboxes"].items()}
    assert boxes == {
        "grande": ("done", LARGE, 0),
        "interrotta": ("done", CUT, 0),
        "rotta": ("done", len(broken()), 0),
        "penale": ("failed", 0, 0),
        "vuota": ("done", 0, 0),
    }
    [failure] = ingest["failures"]
    assert (failure["subject"], failure["code"]) == ("penale", 2)
    assert "password" in failure["reason"]
    assert after.outcome.json["failed"] == ["ingest"]
    assert {name: step["result"] for name, step in after.steps.items() if name != "ingest"} == dict.fromkeys(
        ("seal", "replicate", "renew", "sweep", "index", "alarms", "metrics", "notify"), "done"
    )
    assert after.steps["seal"]["messages"] == LARGE
    assert after.steps["index"]["read"] == len(after.given)


def test_the_mail_says_what_failed_first_and_came_over_tls(after: After) -> None:
    [mail] = after.room.mails
    assert after.room.secured == [True]
    assert "alcune unità non riuscite - SENZA VALORE LEGALE" in mail["Subject"]
    lines = mail.get_content().splitlines()
    first = lines.index("NON RIUSCITO")
    assert lines[first + 1].startswith("- acquisizione: penale: ")
    assert lines[first + 2].strip() == "archiver doctor"
    assert first < lines.index("CIFRE")
    assert any(line.strip().startswith("grande: fatto: 5000 nuovi") for line in lines)
    assert mail["Auto-Submitted"] == "auto-generated"


def test_the_hook_got_the_same_for_machines(after: After) -> None:
    [body] = after.hook.bodies
    assert after.hook.tokens == [f"Bearer {HOOK}"]
    assert body["failed"] == ["ingest"]
    assert body["steps"]["ingest"]["mailboxes"] == after.steps["ingest"]["mailboxes"]


def test_the_metrics_say_it_too(after: After) -> None:
    path = after.config.parent / "pec.prom"
    assert path.stat().st_mode & 0o777 == 0o644
    figures = after.figures()
    assert figures["step_failed"][("ingest",)] == 1
    assert figures["step_failed"][("seal",)] == 0
    assert figures["mailbox_failed"] == {
        ("m-grande",): 0, ("m-interrotta",): 0, ("m-rotta",): 0, ("m-vuota",): 0, ("m-penale",): 1,
    }  # fmt: skip
    assert sum(figures["messages"].values()) == len(after.given)
    assert sum(figures["pending_messages"].values()) == len(after.given) - LARGE
    assert figures["night_exit_code"] == {(): 1}
    assert figures["mailbox_quota_bytes"][("m-grande",)] == 4 << 20
    assert 500_000 < figures["mailbox_used_bytes"][("m-grande",)] < 4 << 20
    assert figures["mailbox_used_bytes"][("m-vuota",)] == 0
    assert figures["tsa_answer_max_seconds"][("local",)] > 0


def test_the_archive_remembers_the_night(after: After) -> None:
    told = done("status", config=after.config)
    assert told["night"]["code"] == 1
    assert told["night"]["failed"] == ["ingest"]
    assert any("codice 1: acquisizione" in alert for alert in told["alerts"])


def test_nothing_that_left_the_house_names_anybody_or_holds_a_secret(after: After) -> None:
    """Log, mail, hook, metrics and what the catalog keeps of the night."""
    left = [after.outcome.err, json.dumps(after.hook.bodies), (after.config.parent / "pec.prom").read_text()]
    left += [mail.get_content() for mail in after.room.mails]
    left.append(after.outcome.out)
    for text in left:
        for planted in (*PLANTED, "Subject", WRONG, SMTP, HOOK, "@pec.archiviata.example"):
            assert planted not in text, planted
    assert not re.search(r"[\w.]+@[\w.]+\.\w+", "".join(left))


def test_the_log_is_json_a_line_under_one_run(after: After) -> None:
    lines = [json.loads(line) for line in after.outcome.err.splitlines()]
    assert {line["run"] for line in lines} == {after.outcome.json["id"]}
    events = [(line["event"], line.get("step")) for line in lines]
    assert events[0] == ("night.begin", None)
    assert events[-1] == ("night.end", None)
    assert ("step.failure", "ingest") in events


def test_the_next_night_brings_what_this_one_could_not(after: After) -> None:
    again = process("nightly", "--json", folder=after.config.parent, environ=after.environ | {"WRONG": PASSWORD})
    assert again.code == 0, again
    boxes = again.json["steps"]["ingest"]["mailboxes"]
    assert {name: box["new"] for name, box in boxes.items()} == {
        "grande": 0, "interrotta": 0, "rotta": 0, "penale": 1, "vuota": 0,
    }  # fmt: skip
    assert len(kept(after.config)) == len(after.given) + 1
