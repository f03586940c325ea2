"""What is exported, and that nothing watches what is not: the dashboard and the rules name only metrics that exist."""

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families as families
from support.archives import demo, folder_of, letter
from support.commands import archiver, done
from support.tools import ROOT, lucky

from archiver.adapters.metrics import FAMILIES, Figure, exposed, served, written
from archiver.adapters.metrics.families import PREFIX
from archiver.errors import ConfigError, Unavailable

RULES, DASHBOARD = ROOT / "ops/alerts.yml", ROOT / "ops/grafana/pec-archiver.json"
NAME = re.compile(rf"\b{PREFIX}\w+")
ONLY_SOMETIMES = {
    "up",  # of who answers over HTTP
    "oldest_pending_timestamp_seconds", "damages", "mailbox_unarchived_messages", "mailbox_used_bytes",
    "mailbox_quota_bytes", "mailbox_poll_timestamp_seconds",
    "workers", "queue_jobs", "queue_oldest_timestamp_seconds", "units_due",  # of many machines: tests/engine
}  # fmt: skip
"""Nothing is pending or damaged, no server is asked: what the fixture's night does not have; other tests do."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a night behind it."""
    config = demo(tmp_path_factory.mktemp("metrics") / "archive")
    mail = [letter(f"Fattura segretissima {number}") for number in range(5)]
    folder_of(config.parent / "mail", *mail, b"nothing that anybody could read\r\n")
    text = config.read_text().replace('# path = "/var/mail/pec"', 'path = "mail"')
    config.write_text(text + '\n[metrics]\ntextfile = "pec.prom"\n')
    done("nightly", config=config)
    done("seal", "--now", config=config)
    return config


@pytest.fixture(scope="module")
def text(archive: Path) -> str:
    found = archiver("metrics", config=archive)
    assert found.code == 0, found
    return found.out


def exported(text: str) -> dict[str, list[dict[str, str]]]:
    return {
        sample.name: [other.labels for other in family.samples]
        for family in families(text)
        for sample in family.samples
    }


def test_a_night_leaves_every_family_but_those_of_what_it_did_not_meet(text: str) -> None:
    assert {PREFIX + name for name in FAMILIES} - set(exported(text)) <= {PREFIX + name for name in ONLY_SOMETIMES}


def test_each_sample_has_the_labels_of_its_family(text: str) -> None:
    for name, all_labels in exported(text).items():
        for labels in all_labels:
            assert set(labels) == set(FAMILIES[name.removeprefix(PREFIX)].labels), name


def test_names_keep_to_the_conventions_of_prometheus() -> None:
    for name, family in FAMILIES.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert name.endswith("_total") == family.counter, name
        assert not re.search(r"_(days|hours|minutes|ms|kb|mb|count)$", name) or name == "tsa_tokens_30d", name
        assert family.help.endswith(".")


def test_the_file_of_the_night_says_the_same_and_others_may_read_it(archive: Path) -> None:
    path = archive.parent / "pec.prom"
    assert path.stat().st_mode & 0o777 == 0o644
    assert PREFIX + "night_exit_code" in exported(path.read_text())
    assert [other.name for other in path.parent.glob(".pec.prom*")] == []


def test_no_figure_names_a_person(text: str) -> None:
    assert "segretissima" not in text
    assert "@" not in text


def test_the_json_has_every_sample_of_the_text(archive: Path, text: str) -> None:
    told = {(one["name"], tuple(sorted(one["labels"].items()))) for one in done("metrics", config=archive)["metrics"]}
    assert told == {(name, tuple(sorted(labels.items()))) for name, every in exported(text).items() for labels in every}


def expressions() -> Iterator[tuple[str, str]]:
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            yield f"rule {rule['alert']}", rule["expr"]
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            yield f"panel {panel['title']}", target["expr"]


@pytest.mark.parametrize(("where", "expression"), list(expressions()), ids=lambda value: value[:40])
def test_what_is_watched_exists(where: str, expression: str) -> None:
    names = {name.removeprefix(PREFIX) for name in NAME.findall(expression)}
    assert names, where
    assert names <= set(FAMILIES), where
    for name, selector in re.findall(rf"{PREFIX}(\w+)\{{([^}}]*)\}}", expression):
        assert set(re.findall(r"(\w+)\s*=", selector)) <= set(FAMILIES[name].labels), where


def test_what_a_rule_says_names_only_labels_that_its_metric_has() -> None:
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            used = set(re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])))
            known = {
                label for name in NAME.findall(rule["expr"]) for label in FAMILIES[name.removeprefix(PREFIX)].labels
            }
            assert used <= known, rule["alert"]
            command = rule["annotations"]["next"]
            assert command


def test_every_family_that_tells_of_trouble_has_a_rule() -> None:
    watched = {name for where, said in expressions() if where.startswith("rule") for name in NAME.findall(said)}
    for name in ("damages", "step_failed", "mailbox_failed", "night_end_timestamp_seconds", "unsafe_messages", "alarms",
                 "next_renewal_timestamp_seconds", "certificate_expiry_timestamp_seconds"):  # fmt: skip
        assert PREFIX + name in watched


def test_promtool_reads_the_rules_and_the_metrics(text: str) -> None:
    promtool = lucky("promtool")
    subprocess.run([promtool, "check", "rules", str(RULES)], check=True)
    subprocess.run([promtool, "check", "metrics"], input=text, text=True, check=True)


def test_scrapes_are_answered_and_say_when_the_figures_cannot_be_had() -> None:
    said = [[Figure("up", 1), Figure("volumes", 3)], [Figure("up", 0)]]
    with served("127.0.0.1", 0, lambda: said.pop(0)) as port:
        scrapes = [_get(port) for _ in range(2)]
    assert [PREFIX + "volumes 3.0" in scrape for scrape in scrapes] == [True, False]
    assert PREFIX + "up 0.0" in scrapes[1]


def test_an_address_where_nobody_may_listen_is_refused() -> None:
    with served("127.0.0.1", 0, list) as port, pytest.raises(ConfigError, match="cannot listen here"):
        served("127.0.0.1", port, list).__enter__()


def test_a_file_that_cannot_be_written_is_said_and_the_old_one_stays(tmp_path: Path) -> None:
    written(tmp_path / "a.prom", [Figure("volumes", 1)])
    with pytest.raises(Unavailable, match="cannot be written"):
        written(tmp_path / "nowhere/a.prom", [Figure("volumes", 2)])
    assert PREFIX + "volumes 1.0" in (tmp_path / "a.prom").read_text()


def test_a_catalog_that_is_missing_is_said_without_a_traceback(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    (config.parent / "catalog.db").unlink()
    found = archiver("metrics", config=config)
    assert (found.code, found.out) == (2, "")
    assert "catalog.db" in found.err


@pytest.mark.parametrize("place", ["", "x", "localhost", "127.0.0.1:99999", "1.2.3.4:5:6"])
def test_a_place_to_listen_that_is_none_is_a_matter_of_usage(place: str, archive: Path) -> None:
    assert archiver("metrics", "--serve", place, config=archive).code == 2


def test_damages_and_copies_that_lack_are_counted(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    mail = folder_of(tmp_path / "mail", letter("x"))
    done("ingest", "--from", mail, config=config)
    [segment] = (config.parent / "store").glob("*/segments/*/*.zip")
    assert archiver("sweep", "--all", config=config).code == 0
    segment.chmod(0o644)
    segment.write_bytes(segment.read_bytes()[:-1] + b"?")
    assert archiver("sweep", "--all", config=config).code == 1
    found: dict[str, Any] = {one["name"]: one for one in done("metrics", config=config)["metrics"]}
    assert found[PREFIX + "damages"]["labels"] == {"store": "primary", "code": "DIGEST"}
    assert found[PREFIX + "unsafe_messages"]["value"] == 1
    assert found[PREFIX + "oldest_pending_timestamp_seconds"]["value"] > 1_700_000_000


def test_text_of_figures_is_what_prometheus_reads() -> None:
    [family] = families(exposed([Figure("tsa_tokens_total", 7, ("a",))]))
    assert (family.type, family.samples[0].value) == ("counter", 7)


def _get(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        octets: bytes = answer.read()
    return octets.decode()
