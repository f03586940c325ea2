"""The trusted lists of the day are kept, once a night, from files and from the web."""

import pytest
from collecting import HOLDER, Archive, reasons
from support.revoking import DAY, NOW, Told

from archiver.collect.describe import NOT_SAID

TL = b"""<?xml version="1.0" encoding="UTF-8"?>
<tsl:TrustServiceStatusList xmlns:tsl="http://uri.etsi.org/02231/v2#"><tsl:SchemeInformation>
<tsl:SchemeName><tsl:Name xml:lang="it">IT: elenco di fiducia</tsl:Name></tsl:SchemeName>
<tsl:SchemeTerritory>IT</tsl:SchemeTerritory>
<tsl:ListIssueDateTime>2026-11-01T09:00:00Z</tsl:ListIssueDateTime>
<tsl:NextUpdate><tsl:dateTime>2027-04-30T22:00:00Z</tsl:dateTime></tsl:NextUpdate>
</tsl:SchemeInformation></tsl:TrustServiceStatusList>"""
URL = "https://tl.example/tl-it.xml"


def test_a_list_is_kept_for_every_holder_with_what_it_says_of_itself(archive: Archive) -> None:
    table = b'source = "elenco dello studio, 2026"\n'
    found = archive.collector(None).lists({"tl-it.xml": TL, "mine.toml": table}, (), (HOLDER, "comune"))
    assert (found.lists, found.findings) == ((TL, table), ())
    assert (archive.kept("xml"), archive.kept("toml", holder="comune")) == ([TL], [table])
    rows = {row.extension: row for row in archive.catalog.trust_of(HOLDER, kind="list")}
    xml = rows["xml"]
    assert (xml.name, xml.issuer) == ("IT: elenco di fiducia", "IT")
    assert (f"{xml.since:%Y-%m-%d}", f"{xml.until:%Y-%m-%d}") == ("2026-11-01", "2027-04-30")
    assert (rows["toml"].name, rows["toml"].since, rows["toml"].until) == ("elenco dello studio, 2026", NOT_SAID, None)


def test_a_list_on_the_web_is_fetched_once_a_night_and_its_last_state_stands_in(archive: Archive) -> None:
    source = Told({URL: TL})
    for _ in range(2):
        assert archive.collector(source).lists({}, (URL,), (HOLDER,)).lists == (TL,)
    assert source.asked == [URL]
    archive.now += DAY
    source.says = {URL: "HTTP 500"}
    found = archive.collector(source).lists({}, (URL,), (HOLDER,))
    assert (found.lists, "HTTP 500" in reasons(found)[0]) == ((TL,), True)
    archive.now = NOW + 300 * DAY  # past its NextUpdate: it is kept all the same, for whoever judges
    source.says, source.asked = {URL: TL}, []
    for _ in range(2):
        assert archive.collector(source).lists({}, (URL,), (HOLDER,)).lists == (TL,)
    assert source.asked == [URL]


BAD = {
    "no XML": ("a.xml", b"<html>"),
    "another document": ("a.xml", b"<html/>"),
    "entities": ("a.xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + TL),
    "nothing": ("a.xml", b""),
    "no TOML": ("a.toml", b"= 1"),
    "no UTF-8": ("a.toml", b"\xff"),
}


@pytest.mark.parametrize("which", BAD)
def test_what_is_no_trusted_list_is_a_finding_and_not_kept(archive: Archive, which: str) -> None:
    name, octets = BAD[which]
    found = archive.collector(None).lists({name: octets}, (), (HOLDER,))
    assert ([item.code for item in found.findings], found.lists) == (["LIST_NOT_FETCHED"], ())
    url = f"https://tl.example/{name}"
    found = archive.collector(Told({url: octets})).lists({}, (url,), (HOLDER,))
    assert ([item.code for item in found.findings], found.lists) == (["LIST_NOT_FETCHED"], ())
    assert archive.kept("xml", "toml") == []
