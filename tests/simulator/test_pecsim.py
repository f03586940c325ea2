"""The simulator writes the same each time, what it says it writes, in every shape, and refuses what it cannot use."""

import ast
import mailbox
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from simulator.cli import main
from simulator.story import TALES
from support.pecsim import Box, Mail, pecsim, sha256, tree

ROOT = Path(__file__).parents[2]
CA = "providers/ca-pec-simulata.pem"


def door(out: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs the simulator as its user does, in a process of its own."""
    command = [sys.executable, str(ROOT / "scripts/pecsim"), "--out", str(out), "--messages", "60", "--size", "300"]
    command += ["--second", "altra@pec.example", "--shuffle", "--duplicates", "10", "--reuse", "2"]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environ)


def test_the_same_arguments_give_the_same_bytes_whatever_the_zone_and_the_hash_seed(tmp_path: Path) -> None:
    assert door(tmp_path / "a", PYTHONHASHSEED="1", TZ="UTC").returncode == 0
    assert door(tmp_path / "b", PYTHONHASHSEED="2", TZ="Asia/Tokyo").returncode == 0
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert len([name for name in tree(tmp_path / "a") if "pecsim" in name]) == 60


def test_another_seed_gives_other_messages_under_the_same_authority(tmp_path: Path) -> None:
    truths = [pecsim(tmp_path / str(seed), seed=seed) for seed in (1, 2)]
    for question, name in (("messages", "sha256"), ("dossiers", "identificativo")):
        first, second = ({row[name] for row in truth[question]} - {""} for truth in truths)
        assert first.isdisjoint(second)
    assert (tmp_path / "1" / CA).read_bytes() == (tmp_path / "2" / CA).read_bytes()


def test_the_three_formats_hold_the_same_messages(tmp_path: Path) -> None:
    maildir, mbox, eml = (pecsim(tmp_path / shape, format=shape) for shape in ("maildir", "mbox", "eml"))
    assert maildir == mbox == eml


@pytest.mark.parametrize("options", [{}, {"duplicates": 30}, {"reuse": 3}, {"variants": "cinquecento,breve"}])
def test_exactly_as_many_messages_as_asked(tmp_path: Path, options: dict[str, object]) -> None:
    for count in (*range(1, 12), 50):
        out = tmp_path / str(count)
        truth = pecsim(out, messages=count, recipients=3, **options)
        assert len(truth["messages"]) == len(list((out / "mailbox").glob("*.eml"))) == count


def test_the_digests_are_those_of_the_files(whole: Box) -> None:
    assert [sha256(mail.raw) for mail in whole.mails] == [mail.truth["sha256"] for mail in whole.mails]


def test_a_maildir_holds_the_same_octets_in_its_folders_some_of_them_unread(tmp_path: Path) -> None:
    truth = pecsim(tmp_path / "out", format="maildir", messages=400)
    box = tmp_path / "out/mailbox"
    found = {
        folder: Counter(sha256(path.read_bytes()) for part in ("cur", "new") for path in (box / name / part).iterdir())
        for folder, name in (("INBOX", ""), ("Sent", ".Sent"), ("Trash", ".Trash"))
    }
    for folder, digests in found.items():
        assert digests == Counter(row["sha256"] for row in truth["messages"] if row["folder"] == folder)
    assert all(found.values())
    assert {path.name for path in box.iterdir()} == {"cur", "new", "tmp", ".Sent", ".Trash"}
    assert any((box / "new").iterdir())


def test_an_mbox_gives_its_messages_back_when_the_quoting_is_undone(tmp_path: Path) -> None:
    truth = pecsim(tmp_path / "out", format="mbox", messages=400)
    box = mailbox.mbox(tmp_path / "out/mailbox.mbox", create=False)
    quoted = [box.get_bytes(key) for key in box.iterkeys()]
    raws = [re.sub(rb"^>(?=>*From )", b"", raw, flags=re.MULTILINE) for raw in quoted]
    assert [sha256(raw) for raw in raws] == [m["sha256"] for m in truth["messages"]]
    assert raws != quoted, "nothing was quoted: the claim would be empty"


def test_only_the_variants_asked_for_and_envelopes_for_what_remains(tmp_path: Path) -> None:
    truth = pecsim(tmp_path / "out", variants="breve,rem", messages=30)
    assert {row["variant"] for row in truth["dossiers"]} - {"busta"} == {"breve", "rem"}


def test_a_variant_that_needs_more_messages_is_said_to_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pecsim(tmp_path / "out", variants="breve,cinquecento", messages=30)
    assert "without cinquecento: longer than 30 messages" in capsys.readouterr().out


def test_the_list_has_every_variant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(TALES)


def test_shuffled_the_same_messages_arrive_in_another_order_receipts_before_their_message(tmp_path: Path) -> None:
    plain, shuffled = (pecsim(tmp_path / str(len(flag)), messages=300, **flag) for flag in ({}, {"shuffle": True}))
    digests = [Counter(row["sha256"] for row in truth["messages"]) for truth in (plain, shuffled)]
    assert digests[0] == digests[1]
    assert early(plain) < early(shuffled) / 5


def early(truth: dict[str, Any]) -> int:
    """In how many dossiers a receipt arrives before the sent copy."""
    place = {row["sha256"]: number for number, row in enumerate(truth["messages"])}
    copies = {row["sha256"] for row in truth["messages"] if row["kind"] == "inviato"}
    members = [set(row["messages"]) for row in truth["dossiers"] if copies & set(row["messages"])]
    return sum(min(map(place.__getitem__, each)) < min(map(place.__getitem__, each & copies)) for each in members)


@pytest.mark.parametrize("percent", [0, 20, 100])
def test_so_many_percent_of_the_messages_arrive_twice_octet_for_octet(tmp_path: Path, percent: int) -> None:
    truth = pecsim(tmp_path / "out", duplicates=percent, variants="invio,busta,anomalia", messages=600)
    times = Counter(row["sha256"] for row in truth["messages"])
    twice = sum(count == 2 for count in times.values())
    assert set(times.values()) <= {1, 2}
    assert abs(100 * twice / len(times) - percent) < 6


def test_a_reused_message_is_the_same_event_under_other_outer_headers(tmp_path: Path) -> None:
    truth = pecsim(tmp_path / "out", reuse=4, variants="completa", messages=13)
    raws = [path.read_bytes() for path in sorted((tmp_path / "out/mailbox").glob("*.eml"))]
    assert len({sha256(raw) for raw in raws}) == 13
    mails = [Mail(raw, row) for raw, row in zip(raws, truth["messages"], strict=True)]
    delivered = [mail for mail in mails if mail.truth["kind"] == "avvenuta-consegna"]
    assert len(delivered) == 4
    assert len({mail.signed_octets for mail in delivered}) == 1
    (dossier,) = (row for row in truth["dossiers"] if row["variant"] == "completa")
    assert {mail.truth["sha256"] for mail in delivered} < set(dossier["messages"])


def test_a_second_mailbox_of_the_holder_has_its_share_in_a_folder_of_its_own(tmp_path: Path) -> None:
    truth = pecsim(tmp_path, second="altra@pec.example", messages=400, format="maildir")
    for address, folder in (("studio@pec.esempio-legale.it", "mailbox"), ("altra@pec.example", "second/mailbox")):
        paths = [path for path in (tmp_path / folder).rglob("*pecsim*") if path.is_file()]
        digests = Counter(sha256(path.read_bytes()) for path in paths)
        assert digests == Counter(row["sha256"] for row in truth["messages"] if row["mailbox"] == address)
    shares = {
        name: {
            row["kind"] for row in truth["messages"] if row["mailbox"] == "altra@pec.example" and row["folder"] == name
        }
        for name in ("INBOX", "Inviata")
    }
    assert shares["Inviata"] == {"inviato"}
    assert shares["INBOX"] >= {"accettazione", "avvenuta-consegna", "posta-certificata"}
    mailboxes = {row["sha256"]: row["mailbox"] for row in truth["messages"]}
    for variant in ("altra-casella", "fra-caselle"):
        dossiers = [row for row in truth["dossiers"] if row["variant"] == variant]
        assert dossiers
        assert all(len({mailboxes[each] for each in row["messages"]}) == 2 for row in dossiers)


def test_a_directory_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    done = door(tmp_path)
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert tree(tmp_path) == {"precious": b"mine"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--messages", "0"), "found '0'"),
        (("--recipients", "none"), "found 'none'"),
        (("--address", "studio"), "found 'studio'"),
        (("--second", "altra"), "found 'altra'"),
        (("--second", "studio@pec.esempio-legale.it"), "expected another address"),
        (("--start", "1/3/2024"), "found '1/3/2024'"),
        (("--start", "1999-01-01"), "found '1999-01-01'"),
        (("--duplicates", "101"), "found '101'"),
        (("--reuse", "0"), "found '0'"),
        (("--variants", "breve,brevissima"), "found 'brevissima'"),
        (("--variants", "altra-casella"), "expected --second"),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused_with_what_was_expected(
    wrong: tuple[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["--out", str(tmp_path / "out"), "--messages", "5", *wrong])
    assert refused.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_simulator_shares_no_code_with_the_archive() -> None:
    allowed = sys.stdlib_module_names | {"simulator", "cryptography"}
    for path in (ROOT / "scripts/simulator").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= allowed, f"{path.name}: {names}"
