"""`archiver trust`: what was met is listed, shown, confirmed and revoked; the act comes first, the newest holds."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from simulator import pki
from support.commands import Outcome, archiver, done
from support.forgetting import forget

from archiver import compose
from archiver.access.trust import Entry, named
from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.standing import Standings
from archiver.cli.door import now
from archiver.collect.describe import described
from archiver.compose import material
from archiver.digest import sha256
from archiver.errors import ConfigError, Unavailable
from archiver.package import act, layout
from archiver.package.act import ActKind

CA = sha256(pki.root().public_bytes(Encoding.DER))


def listed(config: Path, *options: str) -> list[dict[str, object]]:
    return list(done("trust", "list", *options, config=config)["certificates"])


def new(config: Path) -> list[str]:
    return [str(item["sha256"]) for item in listed(config, "--new")]


def acts(config: Path) -> list[Path]:
    return sorted((config.parent / "store").glob("*/acts/*.json"))


def decide(config: Path, verb: str, digest: str, reason: str = "confrontato") -> dict[str, object]:
    return done("trust", verb, digest, "--reason", reason, config=config)


def standing(config: Path, digest: str) -> object:
    return next(item["standing"] for item in listed(config) if item["sha256"] == digest)


def test_providers_met_in_messages_are_new_and_configured_cas_are_not(config: Path) -> None:
    found = {item["sha256"]: item for item in listed(config)}
    assert len(new(config)) == 3
    assert found[CA]["configured"] is True
    assert (found[CA]["standing"], found[CA]["first_seen"]) == ("", None)
    for digest in new(config):
        assert (found[digest]["kind"], found[digest]["configured"]) == ("provider", False)
        assert found[digest]["covered"] == {"h-prova": ""}
        kept = (config.parent / "store" / layout.trust("h-prova", digest, "cer")).read_bytes()  # type: ignore[arg-type]
        assert sha256(kept) == digest


def test_a_confirmation_is_an_act_of_somebody_with_a_reason_and_then_the_alert_is_gone(config: Path) -> None:
    digest = new(config)[0]
    before = done("status", config=config)["alerts"]
    answer = decide(config, "confirm", digest[:12], "confrontato con l'elenco")
    (file,) = acts(config)
    read = act.read(file.read_bytes())
    assert answer == {
        "sha256": digest,
        "name": read.what["certificate"]["subject"],
        "state": "confirmed",
        "acts": [read.name],
    }
    assert (read.kind, read.reason, read.certificate) == (ActKind.TRUST_CONFIRMED, "confrontato con l'elenco", digest)
    assert read.who
    assert digest not in new(config)
    after = done("status", config=config)["alerts"]
    assert [alert for alert in before if alert not in after] == [alert for alert in before if digest[:16] in alert]


def test_the_newest_act_holds_also_when_the_clock_goes_back(config: Path) -> None:
    digest = new(config)[0]
    for verb, state in (("confirm", "confirmed"), ("revoke", "revoked"), ("confirm", "confirmed")):
        decide(config, verb, digest)
        assert standing(config, digest) == state
    archive = compose.open_archive(config, environ={}, clock=now)
    early = now().replace(year=2020)
    done_then = compose.trust_decide(archive, digest, ActKind.TRUST_REVOKED, reason="r", at=early)
    assert done_then.state == "revoked"
    assert standing(config, digest) == "revoked"
    assert len(acts(config)) == 4


def test_show_tells_all_of_a_certificate_in_both_languages(config: Path) -> None:
    digest = new(config)[0]
    decide(config, "revoke", digest, "furto denunciato")
    shown = done("trust", "show", digest[:8], config=config)
    assert (shown["sha256"], shown["standing"], shown["revocation"]) == (digest, "revoked", "unknown")
    assert [step["sha256"] for step in shown["path"]] == [digest, CA]
    assert shown["usages"] == ["digital_signature"]
    ends = shown["algorithms"]
    assert (ends["rsa 2048"][:10], ends["sha256"][:10]) == ("2029-01-01", "9999-12-31")
    assert [item["reason"] for item in shown["acts"]] == ["furto denunciato"]
    for lang, word in (("it", "revocato da una persona"), ("en", "revoked by a person")):
        text = archiver("--lang", lang, "trust", "show", digest, config=config).out
        assert word in text
        assert digest in text


REFUSED = {
    "nothing begins so": (("show", "0000"), 1, "nessun certificato"),
    "too few digits": (("show", "abc"), 2, "almeno 4"),
    "no digits": (("show", "zzzz"), 2, "esadecimali"),
    "no reason": (("revoke", "{provider}", "--reason", " "), 2, "reason"),
    "a reason of two lines": (("revoke", "{provider}", "--reason", "a\nb"), 2, "reason"),
    "a reason without end": (("confirm", "{provider}", "--reason", "a" * 1001), 2, "1000"),
}


@pytest.mark.parametrize(("words", "code", "text"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_and_changes_nothing(
    config: Path, words: tuple[str, ...], code: int, text: str
) -> None:
    digest = new(config)[0]
    found = archiver("trust", *(word.format(provider=digest) for word in words), config=config)
    assert (found.code, text in found.err) == (code, True), found
    assert not acts(config)


def test_a_reason_must_be_given(config: Path) -> None:
    assert archiver("trust", "confirm", new(config)[0], config=config).code == 2


def test_a_beginning_that_several_share_is_asked_back_with_all_of_them(config: Path) -> None:

    at = now()
    entries = [
        Entry(sha256(b"x")[:8] + end * 56, "cer", "provider", name, "", at, None, at, "new", "", {}, False)  # type: ignore[arg-type]
        for end, name in (("0", "Gestore Uno"), ("1", "Gestore Due"))
    ]
    with pytest.raises(ConfigError, match=r"(?s)Gestore Uno.*Gestore Due"):
        named(entries, entries[0].sha256[:8])
    assert named(entries, entries[1].sha256[:9]).name == "Gestore Due"
    colons = ":".join(entries[1].sha256[n : n + 2] for n in range(0, 64, 2)).upper()
    assert named(entries, colons).name == "Gestore Due"


def test_a_time_stamping_authority_cannot_be_revoked_by_hand_and_the_way_out_is_named(config: Path) -> None:

    tsa = next((config.parent / "ca").glob("tsa*.pem"))
    octets = material.certificates(tsa)[0]
    row = described("h-prova", octets, "cer", kind="tsa", at=now())
    with_catalog(config, lambda catalog: catalog.record_trust([row]))
    store = config.parent / "store" / layout.trust("h-prova", sha256(octets), "cer")
    store.write_bytes(octets)
    found = archiver("trust", "revoke", sha256(octets), "--reason", "chiusa", config=config)
    assert (found.code, "retired = true" in found.err) == (2, True)
    assert decide(config, "confirm", sha256(octets))["state"] == "confirmed"


def with_catalog(config: Path, do: object) -> None:
    catalog = Catalog.open(f"sqlite:///{config.parent}/catalog.db")
    do(catalog)  # type: ignore[operator]
    catalog.close()


def test_a_ca_of_providers_can_be_revoked_though_no_message_brought_it(config: Path) -> None:
    assert decide(config, "revoke", CA)["state"] == "revoked"
    assert standing(config, CA) == "revoked"


def test_the_act_is_in_the_store_before_it_takes_effect_and_the_next_command_heals_a_cut(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = new(config)[0]
    with monkeypatch.context() as cut:
        real, rows = Standings.stand, []

        def off(self: Standings, said: object) -> None:
            rows.append(said)
            if said:
                assert len(acts(config)) == 1
                raise Unavailable("power cut")
            real(self, [])

        cut.setattr(Standings, "stand", off)
        assert archiver("trust", "revoke", digest, "--reason", "furto", config=config).code == 3
    assert standing(config, digest) == "revoked"


def test_an_act_that_cannot_be_read_is_named_and_hides_nothing(config: Path) -> None:
    digest = new(config)[0]
    decide(config, "revoke", digest)
    broken = acts(config)[0].parent / f"20270101t000000z-{'0' * 32}.json"
    broken.write_bytes(b"{}")
    found: Outcome = archiver("trust", "list", config=config)
    assert (found.code, broken.name in found.err) == (0, True)
    assert standing(config, digest) == "revoked"


def test_every_holder_of_the_configuration_gets_its_own_act(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    first = text[text.index("[[holder]]") : text.index("# Il produttore")]
    config.write_text(text.replace(first, first + first.replace("h-prova", "h-altro")), encoding="utf-8")
    digest = new(config)[0]
    answer = decide(config, "revoke", digest)
    names = [act.read(file.read_bytes()).name for file in acts(config)]
    assert sorted(answer["acts"]) == sorted(names)  # type: ignore[call-overload]
    assert {name.split("/")[0] for name in names} == {"h-prova", "h-altro"}
    assert (config.parent / "store" / layout.trust("h-altro", digest, "cer")).is_file()  # type: ignore[arg-type]


def test_the_index_of_acts_can_be_lost_and_is_made_again_from_the_store(config: Path) -> None:
    digest = new(config)[0]
    decide(config, "revoke", digest)
    with_catalog(config, forget)
    archive = compose.open_archive(config, environ={}, clock=now)
    compose.trust_list(archive, at=now())
    assert archive.catalog.standings()[digest].state == "revoked"  # type: ignore[index]
