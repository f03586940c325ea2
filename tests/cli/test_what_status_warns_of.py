"""What `status` warns of: rapporti nobody stamped, authorities that are asked no more tonight; no PIN is spent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.archives import demo, folder_of, letter, set_lines
from support.commands import done

from archiver import compose

DAY = timedelta(days=1)
UNCOVERED = {"it": "rapporti senza alcuna evidenza: 1, il più vecchio del", "en": "rapporti without any evidence: 1"}
REACHED = {
    "it": "TSA locale: tetto di 2 richieste raggiunto per la notte del 2026-11-21",
    "en": "TSA locale: cap of 2 questions reached for the night of 2026-11-21",
}
TOKEN = """
[signer.pkcs11]
module = "/nowhere/module.so"
token = "pec"
key = "sigillo"
pin = "env:SEAL_PIN"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return demo(tmp_path / "archive")


def alerts(config: Path, at: datetime, lang: str = "it") -> str:
    archive = compose.open_archive(config, environ={}, clock=lambda: at)
    try:
        return "\n".join(compose.status(archive, at=at, lang=lang).alerts)
    finally:
        archive.catalog.close()


@pytest.mark.parametrize("lang", UNCOVERED)
def test_a_rapporto_that_no_authority_stamped_for_two_days_is_an_alert_until_it_is_sealed(
    tmp_path: Path, config: Path, lang: str
) -> None:
    done("ingest", "--from", folder_of(tmp_path / "mail", letter("uno")), config=config)
    since = datetime.now(UTC)
    assert "eviden" not in alerts(config, since + 1.9 * DAY, lang)
    told = alerts(config, since + 3 * DAY, lang)
    assert UNCOVERED[lang] in told
    assert f"{since:%Y-%m-%d}: `archiver seal`" in told
    done("seal", config=config)
    assert "eviden" not in alerts(config, since + 3 * DAY, lang)


@pytest.mark.parametrize("lang", REACHED)
def test_a_cap_that_is_reached_is_an_alert_until_noon(config: Path, lang: str) -> None:
    text = config.read_text(encoding="utf-8")
    name = text.split("[[tsa]]")[1].split('id = "')[1].split('"')[0]
    set_lines(config, "tsa", {"tokens_per_night": "2"})
    night, evening = datetime(2026, 11, 22, 3, tzinfo=UTC), datetime(2026, 11, 22, 20, tzinfo=UTC)
    said = REACHED[lang].replace("locale", name)
    archive = compose.open_archive(config, environ={}, clock=lambda: night)
    for _ in range(2):
        assert said not in alerts(config, night, lang)
        assert archive.catalog.ask(name, night.date() - DAY, cap=2)
    archive.catalog.close()
    assert said in alerts(config, night, lang)
    assert "TSA" not in alerts(config, evening, lang), "another night"


def test_status_asks_nothing_of_a_token_whose_certificate_only_it_has(config: Path) -> None:
    set_lines(config, "signer", {"kind": '"pkcs11"', "anchors": '["ca/ca.pem"]'})
    with config.open("a", encoding="utf-8") as file:
        file.write(TOKEN)
    told = alerts(config, datetime.now(UTC))
    assert "module.so" not in told
    assert "SEAL_PIN" not in told


def test_a_tokens_certificate_in_a_file_is_looked_at_without_the_token(config: Path) -> None:
    lines = {"kind": '"pkcs11"', "anchors": '["ca/ca.pem"]', "certificate": '"ca/seal.pem"'}
    set_lines(config, "signer", lines)
    with config.open("a", encoding="utf-8") as file:
        file.write(TOKEN)
    told = alerts(config, datetime.now(UTC) + 40 * 365 * DAY)
    assert "module.so" not in told
    assert "scadut" in told.lower() or "ended" in told.lower(), told
