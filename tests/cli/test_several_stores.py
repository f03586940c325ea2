"""Replicas in a configuration: what is refused, and why."""

from pathlib import Path

import pytest

from archiver.config import demo_text, parse
from archiver.errors import ConfigError

REPLICA = '\n[[store]]\nid = "{id}"\nkind = "filesystem"\npath = "{path}"\ncountry = "IT"\noperator = "altri"\n'


def configured(folder: Path, *replicas: tuple[str, str]) -> object:
    text = demo_text(holder_id="h-prova", mailbox_id="m-prova", today="2026-01-01")
    return parse(text + "".join(REPLICA.format(id=id, path=path) for id, path in replicas), folder)


@pytest.mark.parametrize("path", ["store", "store/../store", "link", "store/copia", "."])
def test_a_replica_at_the_place_of_another_store_or_within_it_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "store")
    with pytest.raises(ConfigError, match="lie at the same place, or one within the other"):
        configured(tmp_path, ("copia", path))


def test_replicas_at_other_places_are_taken(tmp_path: Path) -> None:
    config = configured(tmp_path, ("copia", "store-copia"), ("altra", "/mnt/altra"))
    assert [store.id for store in config.stores] == ["primary", "copia", "altra"]  # type: ignore[attr-defined]
    assert config.copies == 3  # type: ignore[attr-defined]


def test_two_stores_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="same id 'primary'"):
        configured(tmp_path, ("primary", "copia"))
