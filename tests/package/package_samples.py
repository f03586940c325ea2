"""Values to build packages from: small ones by hand, and any by hypothesis."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from archiver.digest import Sha256, Sha512
from archiver.package import layout
from archiver.package.agents import Agent, AgentType, AuthorizedSigner, Holder, HolderRole, Parties, Retention
from archiver.package.index import values as index
from archiver.package.rdv import values as rdv

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "package"
"""Bytes of each format's first number; never edited: another encoding needs another number."""

AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
STUDIO = Agent(
    AgentType.LEGAL_PERSON, ("Manuale di conservazione 1.0",), ("VATIT-01234567890",), "Studio <Esempio> & C."
)
MARIO = Agent(AgentType.NATURAL_PERSON, ("Nomina 12/2026",), ("TINIT-RSSMRA80A01H501U",), "", "Mario", "Rossi")
PARTIES = Parties(STUDIO, (Holder(STUDIO),), (AuthorizedSigner(MARIO, "Responsabile della conservazione"),))
TEN_YEARS = Retention("corrispondenza", 10, "fine anno", "art. 2220 c.c.")


def sha(text: object) -> Sha256:
    return Sha256(hashlib.sha256(str(text).encode()).hexdigest())


def sha512(text: object) -> Sha512:
    return Sha512(hashlib.sha512(str(text).encode()).hexdigest())


# --- any text that XML can hold, and any values made of it

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r"),
    max_size=20,
)
words = texts.filter(bool)
digests = st.integers(0, 2**256 - 1).map(lambda number: Sha256(f"{number:064x}"))
digests512 = st.integers(0, 2**512 - 1).map(lambda number: Sha512(f"{number:0128x}"))
instants = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)).map(
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)
ids = st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True)
retentions = st.builds(Retention, texts, st.integers(1, 9999), texts, texts)
codes = st.from_regex(r"(TIN|VAT|NTR|IDC|PNO|PAS)[A-Z]{2}-[A-Za-z0-9]{1,16}", fullmatch=True)
_documents, _codes = st.lists(words, min_size=1, max_size=2).map(tuple), st.lists(codes, max_size=2).map(tuple)
agents = st.one_of(
    st.builds(Agent, st.just(AgentType.LEGAL_PERSON), _documents, _codes, words),
    st.builds(Agent, st.just(AgentType.NATURAL_PERSON), _documents, _codes, st.just(""), words, words),
)
parties = st.builds(
    Parties,
    agents,
    st.lists(st.builds(Holder, agents, st.sampled_from(HolderRole)), min_size=1, max_size=2).map(tuple),
    st.lists(st.builds(AuthorizedSigner, agents, texts), min_size=1, max_size=2).map(tuple),
)


# --- rapporti


def accepted(number: int, segment: Sha256) -> rdv.Item:
    return rdv.Item(
        rdv.Esito.ACCETTATO,
        sha(number),
        sha512(number),
        20_000 + number,
        "posta-certificata",
        AT,
        segment,
        origin=f"UID {number}",
        folder="INBOX",
        received=AT,
        signature=rdv.Signature("PASSED", "PASSED", "INDETERMINATE", "PASSED"),
        remarks=(rdv.Remark("ALGORITHM_WEAK", (("algorithm", "sha1"),)),),
    )


def rapporto(count: int = 3, **changes: object) -> rdv.Rdv:
    """A rapporto of `count` accepted messages in one segment, a duplicate, and one that could not be fetched."""
    digests_ = sorted(sha(number) for number in range(count))
    segment = rdv.Segment(sha("segment"), 1_000_000, count, digests_[0], digests_[-1], TEN_YEARS, 2026)
    items = [accepted(number, segment.sha256) for number in range(count)]
    items.append(rdv.Item(rdv.Esito.DUPLICATO, sha(0), sha512(0), 20_000, "accettazione", AT, origin="UID 98"))
    items.append(rdv.Item(rdv.Esito.NON_ACQUISITO, origin="UID 99", remarks=(rdv.Remark("UNFETCHED"),)))
    facts: dict[str, object] = {
        "id": layout.pdv_id("studio", "info", None, "7:41"),
        "previous": rdv.Previous(sha("previous"), sha("its bytes")),
        "at": AT,
        "system": rdv.System("pec-archiver", "0.1.0", "1.0"),
        "holder_id": "studio",
        "holder": STUDIO,
        "producer": MARIO,
        "mailbox": "info",
        "address": "info@pec.example.it",
        "provenance": rdv.Provenienza.OSSERVATA,
        "folders": ("INBOX", "Posta inviata"),
        "before": "7:41",
        "after": "7:99",
        "segments": (segment,),
        "items": tuple(items),
    }
    return rdv.Rdv(**(facts | changes))  # type: ignore[arg-type]


# --- indexes


def message(number: int, *relations: index.Relation, previous: index.Previous | None = None) -> index.File:
    facts = index.Message("avvenuta-consegna", AT, 20_000, index.Metadata(sha(f"metadata {number}")))
    return index.message(sha(number), facts, *relations, previous=previous)


def volume(count: int, retention: Retention = TEN_YEARS) -> index.Volume:
    digests_ = sorted(sha(number) for number in range(count))
    segment = index.Segment(sha("segment"), 1_000_000, count, digests_[0], digests_[-1])
    zipped = index.MetadataZip(sha("metadata.zip"), 9_000, count, digests_[0], digests_[-1])
    return index.Volume("info", retention, 2026, (segment,), zipped)


def pindex(count: int = 3, **changes: object) -> index.Index:
    """An index of `count` messages, each but the first the receipt of the first, two RdV, three trust files."""
    receipt = index.Relation(index.RelationType.RICEVUTA_DI, (index.message_id(sha(0)),))
    files = [message(0), *(message(number, receipt) for number in range(1, count))]
    facts: dict[str, object] = {
        "application": index.Application("pec-archiver", "0.1.0", "Esempio S.r.l."),
        "volume": volume(count),
        "groups": (index.FileGroup(f"t-{sha(0)[:16]}", tuple(files)),),
        "rdvs": tuple(
            sorted((index.rdv(sha(f"pdv {n}"), sha(f"rdv {n}")) for n in range(2)), key=lambda file: file.path)
        ),
        "trust": tuple(
            sorted((index.trust(sha(ext), ext) for ext in ("cer", "crl", "ocsp")), key=lambda file: file.path)
        ),
        "parties": PARTIES,
        "at": AT,
        "stamped": True,
        "laws": "Linee guida AgID sulla formazione, gestione e conservazione dei documenti informatici",
    }
    return index.Index(**(facts | changes))  # type: ignore[arg-type]
