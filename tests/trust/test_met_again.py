"""A catalog that was put back forgot whose certificates it met: what was cut is noted again as it was."""

from pathlib import Path

from support.forgetting import forget
from support.small import EVENING, HOLDER, HOUR, few, make

from archiver import compose
from archiver.compose.sealing import catch_up


def test_a_providers_certificate_is_met_again_by_whoever_heals(tmp_path: Path) -> None:
    small = make(tmp_path / "archive", few("2026-02-01"), sealed=False)
    archive = compose.open_archive(small.folder / "archiver.toml", environ={}, clock=lambda: EVENING + HOUR)
    before = archive.catalog.trust_of(HOLDER, kind="provider")
    assert before
    forget(archive.catalog)
    assert catch_up(archive, lambda: EVENING + HOUR) == []
    assert archive.catalog.trust_of(HOLDER, kind="provider") == before
