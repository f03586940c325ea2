"""A small sealed archive whose configuration names everything that one can have, with secrets planted in it."""

from pathlib import Path

import pytest
from support.small import few, make

MAIL = tuple(few("2026-01-07", seed=2))

MORE = """
[[holder]]
id = "h-secondo"
type = "natural person"
first_name = "Carla"
last_name = "Seconda"
tax_code = "SCNCRL80A41H501X"
document = "visura seconda"

[[responsible]]
type = "natural person"
first_name = "Ugo"
last_name = "Precedente"
tax_code = "PRCGUO60A01H501X"
document = "nomina precedente"
valid_from = 2020-01-01
valid_to = 2025-12-31

[service]
type = "legal person"
name = "Servizi S.p.A."
vat = "11122233344"
document = "contratto di servizio"

[[tsa]]
id = "tsa-vecchia"
kind = "http"
url = "https://tsa-vecchia.example.it/tsa?key=SEGRETO-NEL-PERCORSO"
anchors = ["ca/ca.pem"]
user = "SEGRETO-UTENTE"
password = "env:SEGRETO_TSA"
retired = true

[[tsa]]
id = "tsa-seconda"
kind = "http"
url = "https://tsa-seconda.example.it/tsa"
anchors = ["ca/ca.pem"]
redundant = true
digest = "sha3-512"

[[store]]
id = "copia-nuvola"
kind = "s3"
endpoint = "https://s3.example.eu"
region = "eu-1"
bucket = "pec"
access_key = "env:SEGRETO_ACCESSO"
secret_key = "file:/run/SEGRETO-CHIAVE"
lock = "compliance"
lock_days = 60
country = "DE"
operator = "Nuvola GmbH"

[[mailbox]]
name = "ufficio"
id = "m-ufficio"
holder = "h-secondo"
address = "ufficio@pec.esempio-legale.it"
class = "fiscale"
close_after = "7d"
riservato = true
[mailbox.imap]
host = "imaps.pec.example.it"
password = "file:/run/SEGRETO-IMAP"

[retention.fiscale]
years = 15
event = "31 dicembre dell'anno d'imposta"
basis = "DPR 633/1972"
fiscal = true

[retention.storico]
years = 9999
event = "nessuno"
basis = "archivio storico"

[sweep]
days = 77

[[user]]
login = "SEGRETO-LOGIN"
role = "responsabile"
[[user]]
login = "altro"
role = "utente"
mailboxes = ["ufficio"]
"""


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration of the archive as the demo has it; nobody changes it."""
    return make(tmp_path_factory.mktemp("manual") / "archive", MAIL).folder / "archiver.toml"


@pytest.fixture(scope="session")
def rich(bare: Path) -> Path:
    """The same with everything, in a configuration beside it."""
    config = bare.parent / "rich.toml"
    text = bare.read_text(encoding="utf-8").replace("[retention.corrispondenza]", "[retention.corrispondenza]", 1)
    config.write_text(text + MORE, encoding="utf-8")
    return config
