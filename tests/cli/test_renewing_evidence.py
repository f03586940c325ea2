"""`renew` as people and machines call it: what it says, what it answers, how it ends."""

import json
from pathlib import Path

import pytest
from support.archives import demo
from support.commands import archiver, done
from support.letters import plain


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A demo with one sealed message."""
    config = demo(tmp_path / "archive")
    mail = tmp_path / "mail"
    mail.mkdir()
    (mail / "1.eml").write_bytes(plain(1))
    done("ingest", "--from", mail, config=config)
    done("seal", "--now", config=config)
    return config


def test_nothing_is_due_on_the_first_night(config: Path) -> None:
    found = done("renew", config=config)
    assert {key: found[key] for key in ("due", "renewed", "failed", "tokens")} == {
        "due": 0,
        "renewed": 0,
        "failed": 0,
        "tokens": 0,
    }


def test_a_dry_run_tells_how_many_why_how_many_bytes_and_tokens_and_does_nothing(config: Path) -> None:
    store = config.parent / "store"
    before = sorted(path for path in store.rglob("*"))
    (config.parent / "ca/ca.crl").unlink()  # the CA would make another list: one that a real run would fetch and keep
    assert done("renew", "--dry-run", config=config)["due"] == 0  # asks whether an authority was revoked
    found = done("renew", "--dry-run", "--hash", "sha3-512", config=config)
    (plan,) = found["plan"]
    assert (found["due"], found["expected_tokens"], plan["reason"], plan["target"]) == (1, 1, "asked", "sha3_512")
    assert found["bytes"] > len(plain(1))
    assert sorted(path for path in store.rglob("*")) == before
    said = archiver("renew", "--dry-run", "--horizon", "9000d", config=config).out
    assert "scade il certificato della TSA" in said
    assert said.endswith("1 evidence record da rinnovare, 0 byte da rileggere, 1 marche temporali\n")


def test_a_new_tree_is_made_judged_and_judged_again_by_anybody(config: Path, tmp_path: Path) -> None:
    found = done("renew", "--hash", "sha3-512", config=config)
    assert (found["due"], found["renewed"], found["tokens"], found["failed"]) == (1, 1, 1, 0)
    assert done("verify", config=config)["indication"] == "PASSED"
    (record,) = (config.parent / "store").rglob("volumes/*/evidence/local/000002.ers")
    ca = config.parent / "ca/ca.pem"
    (tmp_path / "message.eml").write_bytes(plain(1))
    alone = archiver("verify", record, "--data", tmp_path / "message.eml", "--trust", ca, "--json")
    assert alone.code == 0, alone
    assert [(item["chain"], item["algorithm"]) for item in alone.json["stamps"]] == [(1, "sha512"), (2, "sha3_512")]
    (tmp_path / "message.eml").write_bytes(plain(2))
    assert archiver("verify", record, "--data", tmp_path / "message.eml", "--trust", ca).code == 1


def test_a_renewal_that_gains_nothing_ends_with_1_and_says_what_is_needed(config: Path) -> None:
    found = archiver("renew", "--horizon", "9000d", config=config)
    assert found.code == 1
    assert "serve un'altra autorità" in found.err
    assert list((config.parent / "store").rglob("000002.ers")) == []


def test_a_forecast_names_days_reasons_and_tokens_a_year(config: Path) -> None:
    found = done("renew", "--simulate", "2060-01-01", config=config)
    assert [step["reason"] for step in found["steps"]] == ["certificate"] * 3
    assert sum(found["tokens_per_year"].values()) == 3
    assert "Ipotesi" in archiver("renew", "--simulate", "2060-01-01", config=config).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--horizon", "soon"), "a number of days"),
        (("--simulate", "9999-12-31"), "not after 2200"),
        (("--simulate", "never"), "a day such as"),
        (("--simulate", "2046-01-01", "--dry-run"), "looks ahead"),
        (("--hash", "md5"), "sha3-512"),
        (("--hash", "sha-256"), "weaker"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_way_out(config: Path, words: tuple[str, ...], said: str) -> None:
    found = archiver("renew", *words, config=config)
    assert found.code == 2
    assert said in found.err


def test_status_says_what_must_be_renewed(config: Path, tmp_path: Path) -> None:
    overlay = config.parent / "stricter.toml"
    overlay.write_text('source = "prova"\n[[algorithm]]\nname = "sha512"\nuntil = 2026-12-31\n', encoding="utf-8")
    text = config.read_text(encoding="utf-8") + '\n[trust]\nfetch = false\nalgorithms = "stricter.toml"\n'
    config.write_text(text, encoding="utf-8")
    (alert,) = [item for item in done("status", config=config)["alerts"] if "renew" in item]
    assert "1" in alert
    judged = json.loads(archiver("verify", "--at", "2027-06-01", "--json", config=config).out)
    assert (judged["indication"], "prova" in judged["algorithms"]) == ("INDETERMINATE", True)
