"""What proves certificates today: the lists and answers of every CA on the paths, each asked for once a night."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import pairwise

from asn1crypto import x509

from archiver.collect import crl, ocsp, trusted_list
from archiver.collect.certificates import (
    called,
    is_web,
    list_addresses,
    load,
    responder_addresses,
    whole,
)
from archiver.collect.questions import Question, Questions, Refused
from archiver.collect.shelf import Shelf
from archiver.collect.values import NOTHING, Catalog, Collected, Need, Store, When
from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.ports import RevocationSource
from archiver.verdict import Finding, finding


@dataclass(slots=True)
class _Link:
    """One certificate below an anchor and who issued it; `certificate` and `issuer` as octets are its name."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    holders: dict[str, None] = field(default_factory=dict)
    crls: dict[bytes, None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return called(self.certificate.subject)


class Collector:
    """Collects for an archive; `source` is None where nothing may be fetched. `clock` tells the time, aware.

    Store and catalog may raise Unavailable, the store Conflict; whatever else goes wrong is a finding.
    """

    def __init__(
        self,
        source: RevocationSource | None,
        store: Store,
        catalog: Catalog,
        clock: Callable[[], datetime],
        *,
        ocsp: When = When.NO_CRL,
    ) -> None:
        self._source = source
        self._catalog = catalog
        self._clock = clock
        self._when = ocsp
        self._shelf = Shelf(store, catalog)
        self._questions = Questions(self._shelf, catalog, clock, asking=source is not None)

    def collect(self, needs: Iterable[Need]) -> Collected:
        """Certificates, lists and answers for these paths, kept for their holders.

        Of each certificate below the anchor the newest list, and its responder's answer as configured. What cannot be
        had is a warning; what is kept from other nights and current still stands in for it.
        """
        needs = tuple(needs)
        at = self._clock()
        links, unreadable = _links(needs)
        self._shelf.keep_certificates(
            (
                (octets, holder, "ca" if above else need.kind)
                for need in needs
                for above, octets in enumerate(need.path)
                for holder in need.holders
            ),
            at=at,
        )
        parts = [Collected(tuple(octets for need in needs for octets in need.path), findings=unreadable)]
        lists = {key: self._lists(group) for key, group in _groups(links).items()}
        for link in links:
            had, said = lists[_key(link)]
            parts += (said, self._answers(link, had))
        return Collected.together(parts)

    def current(self, holder: str, certificate: bytes) -> Collected:
        """What is kept and current of this certificate's lists and answers; nothing is asked of the network.

        What was fetched counts for whichever holder it was kept, lists from files only for `holder`. Nothing for a
        certificate that cannot be read.
        """
        try:
            read = load(certificate)
        except Malformed:
            return NOTHING
        lists = self._kept_lists(read) or self._kept_from((holder,), read)
        answers = self._kept(tuple(_source(url, read) for url in responder_addresses(read)))
        return Collected(crls=lists, ocsps=answers)

    def lists(self, files: Mapping[str, bytes], urls: Iterable[str], holders: Iterable[str]) -> Collected:
        """The trusted lists of the day, from files (name -> octets) and from the web, kept for all `holders`."""
        holders, at = tuple(holders), self._clock()
        parts = []
        for name, octets in files.items():
            try:
                trusted_list.check(octets, trusted_list.extension_of(name))
            except Malformed as error:
                parts.append(Collected(findings=(finding("LIST_NOT_FETCHED", name, reason=error),)))
                continue
            self._shelf.keep(octets, trusted_list.extension_of(name), holders, at=at)
            parts.append(Collected(lists=(octets,)))
        return Collected.together((*parts, *(self._trusted_list(url, holders) for url in urls)))

    def heal(self, holder: str) -> None:
        """Notes what lies in the store and is in no row yet."""
        self._shelf.heal(holder, at=self._clock())

    def _trusted_list(self, url: str, holders: tuple[str, ...]) -> Collected:
        extension = trusted_list.extension_of(url)
        question = Question(url, extension, self._ask_document(url), partial(_check_list, extension))
        try:
            return Collected(lists=(self._questions.answer(question, holders),))
        except Refused as error:
            before = self._questions.last(url)
            return Collected(
                lists=(before[1],) if before else (), findings=(finding("LIST_NOT_FETCHED", url, reason=error),)
            )

    # --- lists of revocations

    def _lists(self, links: list[_Link]) -> tuple[tuple[bytes, ...], Collected]:
        """The lists of certificates that have the same issuer and addresses: those of today, and what is to be said."""
        first = links[0]
        holders = tuple(dict.fromkeys(holder for link in links for holder in link.holders))
        had, findings = self._put_there(first, dict.fromkeys(octets for link in links for octets in link.crls), holders)
        addresses = list_addresses(first.certificate)
        fetched, refusals = self._fetched(first, addresses, holders)
        had += fetched
        findings += refusals
        kept = had or self._kept_lists(first.certificate) or self._kept_from(holders, first.certificate)
        return had, Collected(crls=kept, findings=findings)

    def _put_there(
        self, link: _Link, lists: Iterable[bytes], holders: tuple[str, ...]
    ) -> tuple[tuple[bytes, ...], tuple[Finding, ...]]:
        """Lists that somebody configured: those of this issuer."""
        had: tuple[bytes, ...] = ()
        findings: tuple[Finding, ...] = ()
        at = self._clock()
        for octets in lists:
            try:
                if crl.issuer_of(octets).dump() != link.issuer.subject.dump():
                    continue
                crl.check(octets, link.issuer, at=at)
            except Malformed as error:
                findings += (_refusal(link, "crls", error),)
                continue
            if not crl.covers(octets, link.certificate):
                continue  # another file has the rest
            self._shelf.keep(octets, "crl", holders, at=at)
            had += (octets,)
        return had, findings

    def _fetched(
        self, link: _Link, addresses: tuple[str, ...], holders: tuple[str, ...]
    ) -> tuple[tuple[bytes, ...], tuple[Finding, ...]]:
        """The list at the first of the addresses that has one: they are several ways to the same."""
        findings: tuple[Finding, ...] = ()
        for url in filter(is_web, addresses):
            question = Question(
                url, "crl", self._ask_list(url), partial(self._check_list, link.issuer), newer=crl.check_newer
            )
            try:
                octets = self._questions.answer(question, holders)
                crl.check_covers(octets, link.certificate)
                return (octets,), ()
            except (Refused, Malformed) as error:
                findings += (_refusal(link, url, error),)
        return (), findings

    def _check_list(self, issuer: x509.Certificate, octets: bytes) -> None:
        crl.check(octets, issuer, at=self._clock())

    # --- answers about one certificate

    def _answers(self, link: _Link, lists: tuple[bytes, ...]) -> Collected:
        responders = tuple(filter(is_web, responder_addresses(link.certificate)))
        if responders and (self._when is When.ALWAYS or (self._when is When.NO_CRL and not lists)):
            return self._asked(link, responders)
        if lists or link.crls or any(map(is_web, list_addresses(link.certificate))):
            return NOTHING  # what could be said of its lists has been said
        if responders:
            return Collected(findings=(_refusal(link, responders[0], '[trust] ocsp = "never"'),))
        return Collected(findings=(finding("REVOCATION_NO_SOURCE", link.name, name=link.name),))

    def _asked(self, link: _Link, responders: tuple[str, ...]) -> Collected:
        findings: tuple[Finding, ...] = ()
        for url in responders:
            question = Question(
                _source(url, link.certificate),
                "ocsp",
                self._ask_responder(url, link),
                partial(self._check_answer, link),
            )
            try:
                return Collected(ocsps=(self._questions.answer(question, tuple(link.holders)),))
            except Refused as error:
                findings += (_refusal(link, url, error),)
        kept = self._kept(tuple(_source(url, link.certificate) for url in responders))
        return Collected(ocsps=kept, findings=findings)

    def _check_answer(self, link: _Link, octets: bytes) -> None:
        ocsp.check(octets, link.certificate, link.issuer, at=self._clock())

    # --- asking, and what is kept

    def _ask_list(self, url: str) -> Callable[[], bytes]:
        source = self._source
        return lambda: crl.in_der(source.crl(url)) if source else b""

    def _ask_document(self, url: str) -> Callable[[], bytes]:
        source = self._source
        return lambda: source.document(url) if source else b""

    def _ask_responder(self, url: str, link: _Link) -> Callable[[], bytes]:
        def ask() -> bytes:
            assert self._source is not None, "Questions asks nothing without a source"
            octets = b""
            for algorithm in ocsp.ALGORITHMS:
                octets = self._source.ocsp(url, ocsp.request(link.certificate, link.issuer, algorithm))
                try:
                    self._check_answer(link, octets)
                except Malformed:
                    continue  # one that knows no SHA-1 refuses, or knows nothing
                break
            return octets

        return ask

    def _kept(self, sources: tuple[str, ...]) -> tuple[bytes, ...]:
        """The newest answer of the first source that has one which is current still."""
        at = self._clock()
        for source in sources:
            found = self._questions.last(source)
            if found is not None and (found[0] is None or found[0] > at):
                return (found[1],)
        return ()

    def _kept_lists(self, certificate: x509.Certificate) -> tuple[bytes, ...]:
        """The list that its address gave last, if it is its issuer's: another CA's certificate may name the same."""
        found = self._kept(list_addresses(certificate))
        own = (octets for octets in found if crl.issuer_of(octets).dump() == certificate.issuer.dump())
        return tuple(octets for octets in own if crl.covers(octets, certificate))

    def _kept_from(self, holders: tuple[str, ...], certificate: x509.Certificate) -> tuple[bytes, ...]:
        """The newest current list of the certificate's issuer, wherever it came from."""
        at, issuer = self._clock(), whole(certificate.issuer)
        for row in (row for holder in holders for row in self._catalog.lists_from(holder, issuer)):
            octets = self._shelf.read(row) if row.until is not None and row.until > at else None
            if octets is not None and crl.covers(octets, certificate):
                return (octets,)
        return ()


def _links(needs: tuple[Need, ...]) -> tuple[list[_Link], tuple[Finding, ...]]:
    """Every certificate below an anchor, once, with its issuer; and those that cannot be read."""
    links: dict[tuple[bytes, bytes], _Link] = {}
    read: dict[bytes, x509.Certificate] = {}  # a CA is above thousands
    findings: dict[Finding, None] = {}
    for need in needs:
        for pair in pairwise(need.path):
            try:
                read |= {octets: load(octets) for octets in pair if octets not in read}
                link = links.setdefault(pair, _Link(read[pair[0]], read[pair[1]]))
            except Malformed as error:
                findings[finding("REVOCATION_NOT_FETCHED", sha256(pair[0]), name="?", url="-", reason=error)] = None
                continue
            link.holders |= dict.fromkeys(need.holders)
            link.crls |= dict.fromkeys(need.crls)
    return list(links.values()), tuple(findings)


def _groups(links: list[_Link]) -> dict[tuple[object, ...], list[_Link]]:
    groups: dict[tuple[object, ...], list[_Link]] = {}
    for link in links:
        groups.setdefault(_key(link), []).append(link)
    return groups


def _key(link: _Link) -> tuple[object, ...]:
    """Whose lists are the same."""
    return link.issuer.dump(), list_addresses(link.certificate), bool(link.certificate.ca)


def _source(url: str, certificate: x509.Certificate) -> str:
    """The name of a question about one certificate: the responder, the issuer, the serial number."""
    return f"{url} {sha256(certificate.issuer.dump())[:32]} {certificate.serial_number:x}"


def _check_list(extension: str, octets: bytes) -> None:
    trusted_list.check(octets, extension)


def _refusal(link: _Link, url: str, reason: object) -> Finding:
    return finding("REVOCATION_NOT_FETCHED", link.name, name=link.name, url=url, reason=reason)
