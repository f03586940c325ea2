"""The exit drill says that nothing differs when nothing does, and names what does."""

import json
import subprocess
import sys
from pathlib import Path

from exiting.cli import told
from exiting.drill import drill, objects
from support.estates import NIGHT, Estate, silent
from support.small import HOLDER, HOUR

from archiver import compose
from archiver.adapters.stores.memory import MemoryStore
from archiver.compose.handover import drawn
from archiver.compose.trust import trust_decide
from archiver.package.act import ActKind

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "exit-drill"


def test_a_whole_archive_comes_out_the_same(rich: Estate, tmp_path: Path) -> None:
    estate = rich.copied(tmp_path / "a")
    done = drill(estate.open(), tmp_path / "work", sample=None, seed=1, clock=lambda: NIGHT)
    assert done.same, done.differences
    assert (done.before, done.after) == ("PASSED", "PASSED")
    # and the act by which it was handed over is among what was compared
    assert done.objects == len(estate.objects()) == len(rich.objects()) + 2
    assert "NESSUNA DIFFERENZA" in told(done)


def test_a_certificate_is_what_the_decision_was_about_for_a_holder_that_never_met_it(
    rich: Estate, tmp_path: Path
) -> None:
    estate = rich.copied(tmp_path / "a")
    archive = estate.open()
    met = archive.catalog.trust_of(HOLDER, kind="provider")[0].sha256
    assert archive.catalog.trust_of("h-altra", kind="provider") == []
    trust_decide(archive, met, ActKind.TRUST_CONFIRMED, reason="elenco AgID", at=NIGHT)
    night = NIGHT + HOUR  # from here on the rows say since when evidence covers them
    compose.seal(archive, everything=True, to_sign=None, signed=None, clock=lambda: night, progress=silent)
    done = drill(archive, tmp_path / "work", sample=None, seed=1, clock=lambda: NIGHT + 2 * HOUR)
    assert done.same, done.differences


def test_a_sample_is_drawn_by_its_seed_and_compared(rich: Estate, tmp_path: Path) -> None:
    store = rich.store()
    assert drawn(store, 1, 1) == drawn(store, 1, 1) != drawn(store, 1, 5)
    assert drawn(store, 2, 1) < drawn(store, 99, 1)
    estate = rich.copied(tmp_path / "a")
    done = drill(estate.open(), tmp_path / "work", sample=1, seed=5, clock=lambda: NIGHT)
    assert (done.volumes, done.differences) == (1, ())
    assert done.rows > 3
    found = [path.name for path in (tmp_path / "work/out/data").glob("*/volumes/*")]
    assert set(found) == drawn(store, 1, 5)


def test_the_script_answers_one_for_an_archive_with_a_flipped_byte(rich: Estate, tmp_path: Path) -> None:
    estate = rich.copied(tmp_path / "a")
    name = next(name for name in sorted(estate.objects()) if "/segments/" in name)
    path = estate.root() / name
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:200] + b"?" + path.read_bytes()[201:])
    asked = [sys.executable, SCRIPT, "--config", estate.config, "--folder", tmp_path, "--json"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert found.returncode == 1, found.stderr
    told = json.loads(found.stdout)
    assert not told["same"]
    assert any(name in line or "messages/" in line for line in told["differences"])


def test_every_kind_of_difference_between_two_stores_is_named() -> None:
    one, other = MemoryStore(), MemoryStore()
    for store, name, octets in (
        (one, "h/trust/a.cer", b"1"),
        (other, "h/trust/a.cer", b"2"),
        (one, "h/trust/b.cer", b"1"),
        (other, "h/trust/c.cer", b"1"),
    ):
        store.put(name, octets)
    found = list(objects(["h/trust/a.cer", "h/trust/b.cer", "h/trust/c.cer"], one, other))
    assert [line.split(": ")[1].split(" (")[1] for line in found] == [
        "differs)",
        "not taken over)",
        "not in the archive)",
    ]
