"""What is kept together: never two mailboxes, two classes or two calendar years of Rome in one segment or volume."""

from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from support.archives import add_mailbox, demo, folder_of, kept, letter, sealed, segments, volumes
from support.commands import done

from archiver.evidence.cms import open_signed
from archiver.package.index import reader

TODAY = datetime.now(UTC).year


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return demo(tmp_path / "archive")


def years(config: Path) -> dict[int, set[str]]:
    """The subjects in the volumes of each calendar year."""
    found: dict[int, set[str]] = {}
    store = config.parent / "store"
    for volume in volumes(config):
        index = reader.read(open_signed((volume / "PIndex.xml.p7m").read_bytes()).content or b"")
        for segment in index.volume.segments:
            (path,) = store.rglob(f"{segment.sha256}.zip")
            with ZipFile(path) as file:
                subjects = {
                    file.read(name).partition(b"Subject: ")[2].partition(b"\r\n")[0] for name in file.namelist()
                }
            assert index.volume.year not in found or not found[index.volume.year] & {each.decode() for each in subjects}
            found.setdefault(index.volume.year, set()).update(each.decode() for each in subjects)
    return found


def test_the_same_message_in_two_mailboxes_of_one_holder_is_kept_for_each(config: Path, tmp_path: Path) -> None:
    add_mailbox(config, "segreteria", "segreteria@pec.esempio-legale.it")
    mail = folder_of(tmp_path / "mail", letter("la stessa"))
    for name in ("import", "segreteria"):
        assert done("ingest", "--from", mail, "--mailbox", name, config=config)["new"] == 1
    assert len(segments(config)) == 2
    assert sealed(config)["volumes"] == 2
    assert len(kept(config)) == 1
    for name in ("import", "segreteria"):
        (hit,) = done("search", "stessa", "--mailbox", name, config=config)["results"]
        assert hit["mailbox"] == name


def test_two_classes_never_share_a_volume(config: Path, tmp_path: Path) -> None:
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[retention.fatture]\nyears = 15\nevent = "31 dicembre"\nbasis = "DPR 633/1972"\nfiscal = true\n')
    add_mailbox(config, "fatture", **{"class": '"fatture"'})
    for name in ("import", "fatture"):
        mail = folder_of(tmp_path / name, letter(f"per {name}"))
        done("ingest", "--from", mail, "--mailbox", name, config=config)
    assert sealed(config)["volumes"] == 2
    classes = set()
    for volume in volumes(config):
        index = reader.read(open_signed((volume / "PIndex.xml.p7m").read_bytes()).content or b"")
        classes.add((index.volume.retention.name, index.volume.retention.years))
    assert classes == {("corrispondenza", 10), ("fatture", 15)}


# the date a message states, and the calendar year of Rome under which it is kept
DATES = {
    "midnight": ("Wed, 01 Jan 2025 00:00:00 +0100", 2025),
    "a second before": ("Tue, 31 Dec 2024 23:59:59 +0100", 2024),
    "still last year in UTC": ("Tue, 31 Dec 2024 23:30:00 +0000", 2025),
    "already next year in Tokyo": ("Wed, 01 Jan 2025 07:00:00 +0900", 2024),
    "a zone that says nothing": ("Tue, 31 Dec 2024 23:30:00 -0000", 2025),
    "summer": ("Mon, 01 Jul 2024 00:00:00 +0200", 2024),
    "before any law": ("Thu, 01 Jan 1970 00:00:00 +0000", TODAY),
    "the year 1904": ("Fri, 01 Jan 1904 00:00:00 +0000", TODAY),
    "the future": (f"Mon, 01 Mar {TODAY + 5} 00:00:00 +0000", TODAY),
    "the year 9999": ("Fri, 31 Dec 9999 23:59:59 -1200", TODAY),
    "nonsense": ("ieri sera", TODAY),
    "none": ("", TODAY),
    "an offset that is none": ("Tue, 31 Dec 2024 12:00:00 +9999", None),
}


def test_every_message_is_kept_under_its_calendar_year_of_rome(config: Path, tmp_path: Path) -> None:
    mail = [letter(name, date=date) for name, (date, _) in DATES.items()]
    found = done("ingest", "--from", folder_of(tmp_path / "mail", *mail), config=config)
    assert found["new"] == len(DATES)
    assert found["findings"]["DATE_IMPLAUSIBLE"] + found["findings"]["DATE_NOT_STATED"] >= 6
    assert sealed(config)["messages"] == len(DATES)
    by_year = years(config)
    assert set().union(*by_year.values()) == set(DATES)
    for name, (_, year) in DATES.items():
        if year:
            assert name in by_year[year], (name, by_year)


def test_each_year_gets_a_segment_and_a_volume_of_its_own(config: Path, tmp_path: Path) -> None:
    mail = [letter(f"del {year}", date=f"Wed, 05 Jun {year} 12:00:00 +0200") for year in (2019, 2020, 2021, 2020)]
    done("ingest", "--from", folder_of(tmp_path / "mail", *mail), config=config)
    assert len(segments(config)) == 3
    assert sealed(config)["volumes"] == 3
    assert years(config) == {year: {f"del {year}"} for year in (2019, 2020, 2021)}
