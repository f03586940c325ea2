"""The exhibit (pacchetto di distribuzione, PdD): messages out of the archive with all that proves them.

Whoever makes one goes three steps, on one `Bag` over one sink:

1. `collect(store, selection, bag, ...)` puts the messages, their volumes' indexes, metadata, trust material, evidence
   and discards below `data/`, one message at a time, and says what it put;
2. `told` makes of it what people and machines read, `dossier.json`, after the judge has been over it;
3. `finish(told, bag, ...)` adds the page, the report, the verifier, the sealed index and the manifests.

`made` is all three, for dossiers; an export takes them one by one.
"""

from archiver.access.exhibit.bag import Bag, Sink
from archiver.access.exhibit.collect import Collected, Selection, Taken, collect
from archiver.access.exhibit.write import Made, Making, finish, made

__all__ = ["Bag", "Collected", "Made", "Making", "Selection", "Sink", "Taken", "collect", "finish", "made"]
