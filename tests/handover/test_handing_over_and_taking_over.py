"""What one archive hands over, an empty one takes over: every object, every row, every verdict; or nothing at all."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from exiting.drill import compared, objects, strangers
from support.commands import archiver
from support.estates import NIGHT, Estate, renew, silent
from support.power import Mains, PowerCut, wired
from support.small import HOLDER, HOUR, ORDINARY, few, look
from support.tools import tool

from archiver import compose
from archiver.access import tree
from archiver.compose.founding import furnish
from archiver.compose.register import register
from archiver.digest import sha256
from archiver.errors import ConfigError, Conflict, Unavailable
from archiver.handover import hand_over
from archiver.handover.values import Handing
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.verdict import Indication


def test_an_empty_archive_has_every_object_and_every_row_afterwards(rich: Estate, handed: Path, tmp_path: Path) -> None:
    other = heir(rich, tmp_path / "b")
    done = taken(other, handed)
    assert done.whole, done.said
    names = sorted(rich.objects())
    assert list(objects(names, rich.store(), other.store())) == []
    assert list(strangers(set(names), other.store())) == []
    count, differences = compared(rich.open(), other.open(), None)
    assert differences == []
    assert count > 100
    kinds = {parsed.kind for name in names if (parsed := layout.parse(name))}
    assert kinds == set(Kind) - {Kind.DISCARD, Kind.DISCARD_RECORD, Kind.TAKEOVER, Kind.TAKEOVER_RECORD}
    assert {layout.parse(name).tsa for name in names if name.endswith(".ers")} == {"local", "seconda"}  # type: ignore[union-attr]


def test_what_is_handed_over_is_judged_where_it_lies(rich: Estate, handed: Path, tmp_path: Path) -> None:
    at = rich.at.isoformat()
    whole = archiver("verify", handed, "--at", at, "--json", config=rich.config)
    taken_over = taken(heir(rich, tmp_path / "b"), handed).taken.report
    assert whole.json["indication"] == taken_over.indication.value == "PASSED"
    copy = shutil.copytree(handed, tmp_path / "c")
    (message, *_) = copy.glob("data/*/volumes/*/messages/*.eml")
    message.write_bytes(message.read_bytes()[:-1] + b"!")
    altered = archiver("verify", copy, "--at", at, "--json", config=rich.config)
    assert (altered.code, altered.json["indication"]) == (1, "FAILED")
    assert [found["code"] for found in altered.json["findings"]] == ["HANDED_DIGEST"]
    assert message.name in altered.json["findings"][0]["subject"]


def test_the_heir_verifies_shows_sweeps_renews_and_goes_on(rich: Estate, handed: Path, tmp_path: Path) -> None:
    other = heir(rich, tmp_path / "b")
    taken(other, handed)
    assert other.judged().indication is Indication.PASSED
    shown = archiver("show", sha256(ORDINARY), "--mailbox", "import", "--json", config=other.config)
    assert shown.code == 0, shown.err
    report = other.sweep(everything=True).as_json()
    assert (report["missing"], report["corrupt"], report["unexpected"]) == (0, 0, 0)
    renew(other, at=NIGHT + HOUR, target="sha512")
    assert any("000003.ers" in name for name in other.objects())
    again = compose.seal(
        other.open(), everything=True, to_sign=None, signed=None, clock=lambda: NIGHT + 2 * HOUR, progress=silent
    )
    assert not again.failures  # the message that waited is in a volume now
    assert len(look(other.folder).files.kind(Kind.INDEX)) == len(look(rich.folder).files.kind(Kind.INDEX)) + 1


def test_every_pda_is_a_tree_that_ordinary_tools_check(rich: Estate, handed: Path) -> None:
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        subprocess.run([tool("sha256sum"), "--quiet", "-c", manifest], cwd=handed, check=True)
    subprocess.run([tool("sha512sum"), "--quiet", "-c", "manifest-sha512.txt"], cwd=handed, check=True)
    listed = {line.split("  ")[1] for line in (handed / "manifest-sha256.txt").read_text().splitlines()}
    assert listed == {path.relative_to(handed).as_posix() for path in (handed / "data").rglob("*") if path.is_file()}
    for index in (handed / "data").glob("*/volumes/*/PIndex.xml.p7m"):
        messages = list((index.parent / "messages").iterdir())
        assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in messages} == {path.stem for path in messages}
        assert {path.stem for path in (index.parent / "metadata").iterdir()} == {path.stem for path in messages}
        for folder in ("trust", "pdv", "evidence/local", "evidence/seconda"):
            assert list((index.parent / folder).iterdir())
        ca = rich.folder / "ca" / "ca.pem"
        command = [
            "cms",
            "-verify",
            "-cades",
            "-binary",
            "-inform",
            "DER",
            "-in",
            index,
            "-CAfile",
            ca,
            "-purpose",
            "any",
        ]
        subprocess.run([tool("openssl"), *command, "-out", "/dev/null"], check=True, capture_output=True)


def test_the_elenco_di_consistenza_counts_what_is_there(rich: Estate, handed: Path) -> None:
    told = json.loads((handed / "data/consistenza.json").read_bytes())
    by_holder = {holder["id"]: holder for holder in told["holders"]}
    assert set(by_holder) == {HOLDER, "h-altra"}
    for name, holder in by_holder.items():
        mails = list((handed / "data" / name).glob("*/*/messages/*.eml")) + list(
            (handed / "data" / name).glob("pending/messages/*.eml")
        )
        assert holder["documents"] == len(mails)
        assert holder["bytes"] == sum(path.stat().st_size for path in mails)
        assert holder["personal_data"] is True
        assert {volume["indication"] for volume in holder["volumes"]} == {"PASSED"}
        assert {volume["class"] for volume in holder["volumes"]} == {"corrispondenza"}
        assert all(volume["records"] and volume["keep_until"] for volume in holder["volumes"])
    assert by_holder[HOLDER]["pending"]["messages"] == 1
    text = (handed / "data/ELENCO-DI-CONSISTENZA.txt").read_text()
    assert "SENZA VALORE LEGALE" in text
    assert "98765432109" in text
    assert "SENZA VALORE LEGALE" in (handed / "LEGGIMI.txt").read_text()


def test_taken_over_twice_nothing_is_new(rich: Estate, handed: Path, tmp_path: Path) -> None:
    other = heir(rich, tmp_path / "b")
    first = taken(other, handed).taken
    again = taken(other, handed).taken
    assert (first.known, again.new, again.known) == (0, 0, first.new)


# --- discards, as the format has them


def test_what_was_discarded_is_not_handed_over_and_its_record_is(discarded: Estate, tmp_path: Path) -> None:
    other = heir(discarded, tmp_path / "b")
    out = tmp_path / "out"
    # its catalog was not told: only the store counts
    done = hand_over(handing(discarded, out))
    assert not done.damaged
    assert not list(out.rglob(f"{sha256(b'')}.*"))
    result = taken(other, out)
    assert result.whole, result.said
    assert list(objects(sorted(discarded.objects()), discarded.store(), other.store())) == []


# --- nothing is taken over that is not what was handed over


def message(out: Path) -> Path:
    return next(path for path in sorted((out / "data").glob("*/volumes/*/messages/*.eml")) if path.stat().st_size)


TELLING: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "of no holder": (lambda told: told.update(holders=[]), "HANDED_TOLD"),
    "of no holder and no sample": (lambda told: told.update(holders=[], sample=[]), "HANDED_TOLD"),
    "of another sample": (lambda told: told.update(sample=["0" * 64]), "HANDED_TOLD"),
    "of more messages": (lambda told: told["holders"][0]["volumes"][0].update(messages=999), "HANDED_TOLD"),
    "of more that wait": (lambda told: told["holders"][0]["pending"].update(messages=999), "HANDED_TOLD"),
    "of a volume less": (lambda told: told["holders"][0]["volumes"].pop(), "HANDED_TOLD"),
    "of a mailbox less": (lambda told: told["holders"][0]["mailboxes"].pop(), "HANDED_TOLD"),
    "of no mailboxes": (lambda told: told["holders"][0].pop("mailboxes"), "HANDED_UNREADABLE"),
    "of a mailbox without address": (
        lambda told: told["holders"][0].update(mailboxes=[{"id": "m-99999999"}]),
        "HANDED_UNREADABLE",
    ),
    "of agents that are none": (lambda told: told["holders"][0].update(agent=[]), "HANDED_UNREADABLE"),
    "of codes that are none": (lambda told: told["holders"][0].update(codes=[1]), "HANDED_UNREADABLE"),
    "of a number that is none": (
        lambda told: told["holders"][0]["volumes"][0].update(messages="9"),
        "HANDED_UNREADABLE",
    ),
    "nothing but a list": (lambda told: told.update(holders={}), "HANDED_UNREADABLE"),
}
ALTERED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a message": (lambda out: flip(message(out)), "HANDED_DIGEST"),
    "an index": (lambda out: flip(next((out / "data").glob("*/volumes/*/PIndex.xml.p7m"))), "HANDED_DIGEST"),
    "a record": (lambda out: flip(next((out / "data").glob("*/volumes/*/evidence/local/000001.ers"))), "HANDED_DIGEST"),
    "a rapporto": (lambda out: flip(next((out / "data").glob("*/pdv/*/*.xml"))), "HANDED_DIGEST"),
    "a file less": (lambda out: message(out).unlink(), "HANDED_MISSING"),
    "a file more": (lambda out: (out / "data" / HOLDER / "altro.txt").write_bytes(b"x"), "HANDED_UNLISTED"),
    "a manifest": (lambda out: flip(out / "manifest-sha512.txt"), "HANDED_DIGEST"),
    "a message, listed anew": (lambda out: listed_anew(out, message(out), b"altro"), "HANDED_SEGMENT"),
    "a message less, listed anew": (lambda out: listed_anew(out, message(out), None), "HANDED_SEGMENT"),
    "an index, listed anew": (
        lambda out: listed_anew(out, next((out / "data").glob("*/volumes/*/PIndex.xml.p7m")), b"altro"),
        "INDEX_UNREADABLE",
    ),
    "records gone, listed anew": (
        lambda out: (
            [listed_anew(out, path, None) for path in sorted((out / "data").glob(f"{HOLDER}/volumes/*/evidence/*/*"))]
            and None
        ),
        "EVIDENCE_ABSENT",
    ),
    **{
        f"an elenco that tells {what}": (partial(lambda change, out: retold(out, change), change), code)
        for what, (change, code) in TELLING.items()
    },
    "an elenco that is none, listed anew": (
        lambda out: listed_anew(out, out / "data/consistenza.json", b"{}"),
        "HANDED_UNREADABLE",
    ),
}


@pytest.mark.parametrize("case", ALTERED)
def test_what_was_altered_on_the_way_is_refused_and_leaves_no_trace(
    rich: Estate, handed: Path, tmp_path: Path, case: str
) -> None:
    alter, code = ALTERED[case]
    out = tmp_path / "out"
    shutil.copytree(handed, out)
    alter(out)
    other = heir(rich, tmp_path / "b")
    done = taken(other, out)
    assert done.taken.refused
    assert code in {found.code for found in done.taken.report.verdict.findings}
    assert other.objects() == {}


def test_a_seal_that_was_bent_is_judged_whatever_the_elenco_tells(rich: Estate, handed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(handed, out)
    index = next((out / "data").glob("*/volumes/*/PIndex.xml.p7m"))
    listed_anew(out, index, bent(index.read_bytes()))
    retold(out, lambda told: told.update(holders=[], sample=[]))
    other = heir(rich, tmp_path / "b")
    done = taken(other, out)
    assert {found.subject.split("/")[-1] for found in done.said if found.altered} >= {"PIndex.xml.p7m"}
    assert (done.taken.refused, other.objects()) == (True, {})
    as_it_is = taken(other, out, as_is=True).taken
    there = list((out / "data").glob("*/*/*/messages/*.eml")) + list((out / "data").glob("*/pending/messages/*.eml"))
    assert (as_it_is.messages, as_it_is.volumes) == (len(there), len(list((out / "data").glob("*/volumes/*"))))


def test_objects_of_a_holder_nobody_configured_are_refused_though_no_elenco_names_him(
    rich: Estate, handed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(handed, out)
    retold(out, lambda told: told.update(holders=[one for one in told["holders"] if one["id"] != "h-altra"]))
    other = heir(rich, tmp_path / "b")
    whole = other.config.read_text(encoding="utf-8")
    other.config.write_text(whole[: whole.index('\n[[holder]]\nid = "h-altra"')], encoding="utf-8")
    found = archiver("import", out, "--as-is", config=other.config)
    assert (found.code, other.objects()) == (2, {})
    assert '"h-altra"' in found.err


def test_a_sample_is_judged_with_all_that_lies_beside_its_volumes(rich: Estate, tmp_path: Path) -> None:
    estate = rich.copied(tmp_path / "a")
    out = tmp_path / "out"
    compose.hand_over(estate.open(), out, sample=1, seed=5, clock=lambda: NIGHT)
    assert taken(heir(estate, tmp_path / "b"), out).taken.report.indication is Indication.PASSED
    act = min((out / "data").glob("*/acts/*.json"))
    listed_anew(out, act, act.read_bytes().replace(b'"kind"', b'"kimd"'))
    other = heir(estate, tmp_path / "c")
    done = taken(other, out)
    assert act.name in {found.subject.split("/")[-1] for found in done.said}
    assert (done.taken.refused, other.objects()) == (True, {})


# --- what is damaged where it comes from


def test_what_is_damaged_is_named_and_handed_over_as_it_is(rich: Estate, tmp_path: Path) -> None:
    estate = rich.copied(tmp_path / "a")
    name = next(name for name in sorted(estate.objects()) if "/segments/" in name and name.startswith(HOLDER))
    flip(estate.root() / name, at=200)
    out = tmp_path / "out"
    done = compose.hand_over(estate.open(), out, clock=lambda: NIGHT)
    assert done.failed
    assert any(name in where or where.endswith(".eml") for where, _ in done.damaged)
    found = list((out / "data").glob(f"*/as-found/{name.partition('/')[2]}"))
    assert [path.read_bytes() for path in found] == [estate.objects()[name]]
    other = heir(estate, tmp_path / "b")
    refused = taken(other, out)
    assert refused.taken.refused
    assert {"HANDED_DAMAGED"} <= {item.code for item in refused.said}
    assert other.objects() == {}
    kept = taken(other, out, as_is=True)
    assert not kept.whole
    assert list(objects(sorted(estate.objects()), estate.store(), other.store())) == []


# --- power cuts


def test_a_handing_over_that_was_cut_goes_on_and_comes_out_the_same(rich: Estate, handed: Path, tmp_path: Path) -> None:
    out, calls = tmp_path / "out", 0
    work = handing(rich, out)

    def cut_short(*args: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        for number, file in enumerate(work.tree(*args, **options)):  # type: ignore[arg-type]
            if calls == 2 and number == 3:
                raise Unavailable("la corrente")
            yield file

    with pytest.raises(Unavailable):
        hand_over(replace(work, tree=cut_short))  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="interrotta"):
        taken(heir(rich, tmp_path / "b"), out)
    hand_over(work)
    assert contents(out) == contents(handed)


@pytest.mark.parametrize("moment", [60, 230])
def test_a_taking_over_that_was_cut_goes_on(rich: Estate, handed: Path, tmp_path: Path, moment: int) -> None:
    other = heir(rich, tmp_path / "b")
    archive = other.open()
    furnish(archive)
    mains = Mains(moment)
    archive.__dict__["store"] = wired(archive.store, mains)  # where it is kept once it was opened
    with pytest.raises(PowerCut):
        compose.take_over(archive, handed, clock=lambda: NIGHT)
    assert taken(other, handed).whole
    assert list(objects(sorted(rich.objects()), rich.store(), other.store())) == []
    assert compared(rich.open(), other.open(), None)[1] == []


# --- where it does not fit


def test_an_archive_that_does_not_know_the_parties_is_told_which_lines_to_add(
    handed: Path, rich: Estate, tmp_path: Path
) -> None:
    other = heir(rich, tmp_path / "b")
    whole = other.config.read_text(encoding="utf-8")
    start = whole.index('\n[[holder]]\nid = "h-altra"')
    other.config.write_text(whole[:start], encoding="utf-8")
    found = archiver("import", handed, config=other.config)
    assert (found.code, other.objects()) == (2, {})
    lines = found.err[found.err.index("[[holder]]") :]
    other.config.write_text(whole[:start] + "\n" + lines, encoding="utf-8")
    assert taken(other, handed).whole


def test_another_history_of_the_same_mailbox_is_a_conflict(rich: Estate, handed: Path, tmp_path: Path) -> None:
    other = heir(rich, tmp_path / "b")
    mail = tmp_path / "mail"
    mail.mkdir()
    (mail / "1.eml").write_bytes(few("2026-01-07", seed=9)[0])
    compose.ingest(other.open(), (), source=mail, target="import", clock=lambda: NIGHT)
    before = other.objects()
    found = archiver("import", handed, config=other.config)
    assert (found.code, other.objects()) == (4, before)
    assert f"{HOLDER}/pdv/" in found.err


def test_a_register_that_has_begun_here_already_is_a_conflict(rich: Estate, handed: Path, tmp_path: Path) -> None:
    other = heir(rich, tmp_path / "b")
    archive = other.open()
    furnish(archive)
    register(archive, holders=[HOLDER], kind="search", what={"results": 0}, reason="", clock=lambda: NIGHT)
    before = other.objects()
    found = archiver("import", handed, config=other.config)
    assert (found.code, other.objects()) == (4, before)
    assert f"{HOLDER}/acts/" in found.err


def test_an_archive_of_others_takes_it_in_beside_its_own(rich: Estate, handed: Path, tmp_path: Path) -> None:
    other = heir(rich, tmp_path / "b")
    text = other.config.read_text(encoding="utf-8")
    extra = (
        '\n[[holder]]\nid = "h-terza"\ntype = "legal person"\nname = "Terza"\ntax_code = "11111111111"\n'
        'document = "x"\n'
        '\n[[mailbox]]\nname = "terza"\nid = "m-terza"\nholder = "h-terza"\naddress = "terza@pec.it"\n'
    )
    other.config.write_text(text + extra, encoding="utf-8")
    mail = tmp_path / "mail"
    mail.mkdir()
    (mail / "1.eml").write_bytes(ORDINARY)
    compose.ingest(other.open(), (), source=mail, target="terza", clock=lambda: NIGHT)
    assert taken(other, handed).whole
    assert other.judged().indication is Indication.PASSED
    names = {name for name in other.objects() if name.startswith("h-terza/")}
    assert names
    assert list(objects(sorted(rich.objects()), rich.store(), other.store())) == []


def test_a_folder_with_something_in_it_is_not_written_to(rich: Estate, handed: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "altro.txt").write_bytes(b"x")
    for target in (tmp_path / "out", handed):
        with pytest.raises(Conflict):
            compose.hand_over(rich.open(), target, clock=lambda: NIGHT)


# --- helps


def heir(estate: Estate, folder: Path) -> Estate:
    """An archive with the same configuration and authority, and nothing in it."""
    folder.mkdir()
    shutil.copy(estate.config, folder / "archiver.toml")
    for name in ("ca", "providers"):
        shutil.copytree(estate.folder / name, folder / name)
    return Estate(folder, NIGHT)


def taken(estate: Estate, out: Path, *, as_is: bool = False) -> compose.TakenOver:
    done = compose.take_over(estate.open(), out, as_is=as_is, clock=lambda: NIGHT)
    assert isinstance(done, compose.TakenOver)
    return done


def handing(estate: Estate, target: Path) -> Handing:
    """As `compose` makes it, without the register."""
    archive = estate.open()
    whole = partial(tree.whole, rapporti=True)
    return Handing(archive.store, target, whole, archive.trust, lambda: NIGHT, "prova", legal_value=False)


def flip(path: Path, *, at: int = 3) -> None:
    octets = bytearray(path.read_bytes())
    octets[at] ^= 1
    path.chmod(0o644)
    path.write_bytes(octets)


def listed_anew(out: Path, path: Path, octets: bytes | None) -> None:
    """A file changed or taken away by somebody who writes the lists again."""
    name = path.relative_to(out).as_posix()
    path.unlink()  # it may be a second name of another file
    if octets is not None:
        path.write_bytes(octets)
    for manifest, function in (("manifest-sha256.txt", "sha256"), ("manifest-sha512.txt", "sha512")):
        lines = [line for line in (out / manifest).read_text().splitlines() if not line.endswith(f"  {name}")]
        if octets is not None:
            lines.append(f"{hashlib.new(function, octets).hexdigest()}  {name}")
        (out / manifest).write_text("\n".join(lines) + "\n")


def retold(out: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """An elenco di consistenza that tells something else."""
    path = out / "data/consistenza.json"
    told = json.loads(path.read_bytes())
    change(told)
    listed_anew(out, path, json.dumps(told).encode())


def bent(octets: bytes) -> bytes:
    """A signature of which one bit is another."""
    return octets[:-40] + bytes([octets[-40] ^ 1]) + octets[-39:]


def contents(out: Path) -> dict[str, bytes]:
    """Every payload file but the register, which each handing over makes longer, and the lists that count it."""
    found = {path.relative_to(out / "data"): path.read_bytes() for path in (out / "data").rglob("*") if path.is_file()}
    return {
        path.as_posix(): octets for path, octets in found.items() if len(path.parts) > 1 and path.parts[1] != "acts"
    }
