"""daticert.xml: what departs from the DTD is read with a finding; what is hostile is not read."""

import gc
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import Malformed
from archiver.pec import daticert
from archiver.pec.daticert import Daticert, Recipient

XML = """<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="avvenuta-consegna">
  <intestazione>
    <mittente> a@pec.example </mittente>
    <destinatari>b@pec.example</destinatari><destinatari tipo="esterno">c@mail.example</destinatari>
    <risposte>a@pec.example</risposte><oggetto>perché no</oggetto>
  </intestazione>
  <dati>
    <gestore-emittente>GESTORE S.p.A.</gestore-emittente>
    <data zona="+0200"><giorno>25/10/2026</giorno><ora>02:30:00</ora></data>
    <identificativo>x1@pec.example</identificativo><msgid>&lt;m1@client&gt;</msgid>
    <ricevuta tipo="breve"/><consegna>b@pec.example</consegna>
  </dati>
</postacert>"""


def read(xml: str | bytes) -> tuple[Daticert | None, list[str]]:
    found, findings = daticert.read(xml if isinstance(xml, bytes) else xml.encode(), "m")
    return found, [item.code for item in findings]


def test_every_value_is_read_and_the_defaults_of_the_dtd_apply() -> None:
    found, codes = read(XML)
    assert codes == []
    assert found is not None
    assert found.errore == "nessuno"
    assert found.destinatari == (Recipient("b@pec.example", True), Recipient("c@mail.example", False))
    assert (found.mittente, found.oggetto, found.msgid) == ("a@pec.example", "perché no", "<m1@client>")
    assert (found.ricevuta, found.consegna, found.identificativo) == ("breve", "b@pec.example", "x1@pec.example")


def test_the_hour_that_comes_twice_is_told_apart_by_its_zone() -> None:
    summer, winter = read(XML)[0], read(XML.replace("+0200", "+0100"))[0]
    assert summer is not None
    assert winter is not None
    assert summer.data is not None
    assert winter.data is not None
    assert winter.data - summer.data == timedelta(hours=1)
    assert summer.data.isoformat() == "2026-10-25T02:30:00+02:00"


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("DATICERT_STRAY_TEXT", "</risposte>", "</risposte>a"),
        ("DATICERT_TRAILING", "</postacert>", "</postacert>\0\0garbage"),
        ("DATICERT_TIPO_UNKNOWN", "avvenuta-consegna", "mancata-consegna"),
        ("DATICERT_ORDER", "<dati>", "<dati><msgid/>"),
        ("DATICERT_INCOMPLETE", "<identificativo>x1@pec.example</identificativo>", ""),
        ("DATICERT_DATE_UNREADABLE", "25/10/2026", "31/02/2026"),
        ("DATICERT_DATE_UNREADABLE", ' zona="+0200"', ""),
        ("DATICERT_DATE_UNREADABLE", "25/10/2026", "٢٥/10/2026"),
    ],
)
def test_what_departs_from_the_dtd_is_read_with_a_finding(code: str, before: str, after: str) -> None:
    assert before in XML
    found, codes = read(XML.replace(before, after))
    assert found is not None
    assert codes == [code]
    assert found.mittente == "a@pec.example"


BOMB = '<!DOCTYPE postacert [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"\0\0\0",
        b"<postacert",
        b"<altro/>",
        XML.replace("<postacert", BOMB + "<postacert", 1).replace("perché no", "&b;").encode(),
        XML.replace("<postacert", '<!DOCTYPE p [<!ENTITY f SYSTEM "file:///etc/hostname">]><postacert', 1)
        .replace("perché no", "&f;")
        .encode(),
        b"<postacert>" + b" " * daticert.LIMIT + b"</postacert>",
        b"<a>" * 100_000,
    ],
)
def test_what_is_hostile_or_no_daticert_is_not_read(xml: bytes) -> None:
    found, codes = read(xml)
    assert found is None
    assert codes[-1] == "DATICERT_UNREADABLE"


def test_a_doctype_alone_is_harmless_and_nothing_is_fetched(tmp_path: Path) -> None:
    dtd = tmp_path / "postacert.dtd"
    dtd.write_text('<!ENTITY a "loaded">')
    found, codes = read(XML.replace("<postacert", f'<!DOCTYPE postacert SYSTEM "{dtd}"><postacert', 1))
    assert found is not None
    assert codes == []


def test_a_genuine_failure_of_2026_is_read(corpus: Path) -> None:
    found, findings = daticert.read(next((corpus / "daticert").glob("*.xml")).read_bytes(), "m")
    assert findings == ()
    assert found is not None
    assert (found.tipo, found.errore) == ("errore-consegna", "altro")
    assert found.errore_esteso == "5.1.1 - ARUBA PEC S.p.A. - indirizzo non valido"
    assert daticert.from_json(daticert.to_json(found)) == found


TEXT = st.text(max_size=20)


@given(
    st.builds(
        Daticert,
        tipo=TEXT,
        errore=TEXT,
        destinatari=st.lists(st.builds(Recipient, TEXT, st.booleans())).map(tuple),
        data=st.none() | st.datetimes(timezones=st.timezones()).map(lambda at: at.fromisoformat(at.isoformat())),
        ricezione=st.lists(TEXT).map(tuple),
        errore_esteso=TEXT,
    )
)
def test_json_gives_back_what_it_was_made_of(value: Daticert) -> None:
    assert daticert.from_json(daticert.to_json(value)) == value


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tipo":"a","nope":1}', '{"tipo":"a","data":"x"}', "null"])
def test_json_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        daticert.from_json(text)


@given(st.binary())
def test_no_bytes_raise(xml: bytes) -> None:
    daticert.read(xml, "m")
    daticert.read(b"<postacert><dati>" + xml + b"</dati></postacert>", "m")


def test_a_list_of_recipients_that_comes_again_is_kept_once_and_an_endless_one_never() -> None:
    def sent(number: int, recipients: int) -> Daticert:
        names = "".join(f"<destinatari>{place}@{number}.example</destinatari>" for place in range(recipients))
        found, codes = read(f"<postacert><intestazione>{names}</intestazione></postacert>")
        assert found is not None
        assert "DATICERT_UNREADABLE" not in codes
        assert len(found.destinatari) == recipients
        return found

    assert sent(0, 500).destinatari is sent(0, 500).destinatari
    text = daticert.to_json(sent(0, 500))
    assert daticert.from_json(text).destinatari is daticert.from_json(text).destinatari
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(5):
            daticert.from_json(daticert.to_json(sent(number, 20_000)))
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 4 << 20  # one list has that
    finally:
        tracemalloc.stop()
