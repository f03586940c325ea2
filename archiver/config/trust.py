"""How trust is collected, in a configuration: what is fetched, from where, and which lists and tables are laid over."""

import re
from pathlib import Path

from archiver.config.table import Table
from archiver.config.values import TrustConfig

_WEB = re.compile(r"https?://")
_PROXY = r"https?://[^\s/@]+/?"


def trust(top: Table, folder: Path, *, demo: bool) -> TrustConfig:
    """The table [trust]; without one everything is fetched that certificates name, in the demo nothing."""
    if not top.has("trust"):
        return TrustConfig(fetch=not demo)
    table = top.table("trust")
    places = table.texts("lists")
    urls = tuple(place for place in places if _WEB.match(place))
    for url in urls:
        if not url.startswith("https://"):
            table.complain("lists", f"a list is fetched over https only, found {url!r}")
    found = TrustConfig(
        fetch=table.flag("fetch", not demo),
        ocsp=table.text("ocsp", "when-no-crl", one_of=("when-no-crl", "always", "never")),
        allow_private=table.flag("allow_private"),
        proxy=_proxy(table),
        lists=tuple(folder / Path(place).expanduser() for place in places if place not in urls),
        list_urls=urls,
        algorithms=table.path("algorithms", folder) if table.has("algorithms") else None,
    )
    if urls and not found.fetch:
        table.complain("lists", "has an address, and fetch = false: give a file, or let it be fetched")
    table.close()
    return found


def _proxy(table: Table) -> str:
    """An address without a user in it. One that is wrong is not shown: there may be a password in it."""
    value = table.text("proxy", "")
    if value and not re.fullmatch(_PROXY, value):
        table.complain("proxy", "must be an address such as http://proxy.example.it:3128, without a user in it")
    return value
