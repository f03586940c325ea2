"""Point g: the system: technological, physical and logical parts, and how it is changed."""

from collections.abc import Iterator

from archiver.access.manual.facts import SOURCE, Told, day
from archiver.access.printing.editable import Editable, todo

LOCKS = {
    "none": "nessuno (cartella)",
    "off": "nessuno",
    "governance": "object lock, governance",
    "compliance": "object lock, compliance",
}

MODULES = (
    ("pec", "che cosa è arrivato: messaggi, firme dei gestori, daticert.xml, dossier"),
    ("package", "che cosa si conserva: RdV, indice UNI 11386, metadati, segmenti, atti, resoconti"),
    ("evidence", "perché si crede: marche RFC 3161, firme CAdES, evidence record RFC 4998, algoritmi"),
    ("verify", "il verificatore: senza rete, senza database, senza codice di chi costruisce"),
    ("ingest, seal, renew, sweep, purge, rebuild", "le lavorazioni: acquisizione, sigillo, rinnovo, rilettura,"
     " cancellazione dalle caselle, ricostruzione del catalogo"),
    ("access", "consultazione, esibizione, esportazione, registro, questo manuale"),
    ("adapters", "depositi, catalogo, caselle, TSA, firma"),
)  # fmt: skip


def system(paper: Editable, told: Told) -> None:
    """Point g."""
    paper.heading("g) Il sistema di conservazione")
    paper.note(SOURCE.format("g"))
    paper.heading("Componenti logiche", 2)
    libraries = ", ".join(f"{name} {version}" for name, version in told["libraries"].items())
    paper.text(f"Programma: {told['software']} (EUPL 1.2), Python {told['python']}; {libraries}.")
    paper.table(("modulo", "funzione"), MODULES, (5, 11.5))
    paper.text(
        f"Catalogo: {_catalog(told)}; è solo un indice, ricostruibile dai depositi in ogni riga (archiver catalog"
        f" rebuild)."
    )
    paper.heading("Depositi", 2)
    head = ("id", "tipo", "gestore", "paese", "blocco", "scrittura")
    paper.table(head, list(_stores(told)), (2.2, 4, 3.3, 1.4, 3.2, 2.4))
    paper.text(f"Copie richieste perché un messaggio sia al sicuro: {told['copies']}.")
    for line in _abroad(told):
        paper.text(line)
    paper.heading("Autorità di marcatura temporale", 2)
    columns = ("id", "indirizzo", "uso", "impronta", "certificato fino al")
    paper.table(columns, list(_tsas(told)), (2.3, 5, 4, 2.4, 2.8))
    if any(tsa["kind"] == "local" and not tsa["retired"] for tsa in told["tsas"]):
        paper.text(
            "L'autorità integrata non è qualificata: riferimento temporale non qualificato, senza valore legale."
        )
    trust = told["trust"]
    fetched = "raccolti ogni notte e conservati" if trust["fetch"] else "non richiesti in rete"
    paper.text(
        f"Revoche ed elenchi di fiducia: {fetched}; elenchi configurati: {trust['lists']}. Catalogo degli algoritmi:"
        f" {told['catalogue']['source']}."
    )
    paper.heading("Componenti fisiche", 2)
    paper.text(
        "Sede, macchine, rete, alimentazione: " + todo("luoghi, apparati, responsabili, contratti dei fornitori")
    )
    paper.heading("Sicurezza", 2)
    paper.bullets(
        [
            "Segreti solo per riferimento (variabile o file), mai nella configurazione né nei log.",
            "Connessioni alle caselle con TLS; un certificato non valido non si accetta.",
            "Ruoli e registro degli accessi, concatenato con SHA-512 e coperto ogni notte dall'evidenza (punto b).",
            "XML letto senza DTD e senza rete; allegati aperti in un processo separato e limitato.",
        ]
    )
    paper.text(
        "Piano della sicurezza e misure dell'ambiente: " + todo("riferimento al piano, cifratura dei dischi, permessi")
    )
    paper.heading("Gestione dei cambiamenti", 2)
    paper.steps(
        [
            "Una versione nuova del programma si prova su una copia dell'archivio (archiver doctor, verify, sweep).",
            "archiver catalog upgrade aggiorna il catalogo, tutto o niente; i pacchetti non si toccano mai: ogni"
            " formato ha"
            " un numero e resta leggibile dalle versioni successive.",
            "Un deposito, una TSA o un certificato nuovi si aggiungono alla configurazione; quelli cessati vi restano"
            " (retired, succeeds), perché le loro prove si giudicano ancora.",
            "Ogni cambiamento che tocca questo manuale ne richiede una versione nuova.",
        ]
    )
    paper.text("Chi approva i cambiamenti, e dove si annotano: " + todo("procedura interna e registro delle modifiche"))


def _catalog(told: Told) -> str:
    return "SQLite, sulla stessa macchina" if told["catalog"] == "sqlite" else "PostgreSQL"


def _stores(told: Told) -> Iterator[tuple[str, ...]]:
    for store in told["stores"]:
        kind = f"S3, {store['host']}" if store["kind"] == "s3" else "cartella su disco"
        lock = LOCKS[store["lock"]] + (f", {store['lock_days']} giorni" if store["lock_days"] else "")
        write = "primario" if store["primary"] else "contestuale" if store["sync"] else "notturna"
        yield store["id"], kind, store["operator"], store["country"], lock, write


def _abroad(told: Told) -> Iterator[str]:
    abroad = [f"{store['id']} ({store['country']})" for store in told["stores"] if store["country"] != "IT"]
    if abroad:
        what = (
            "una pubblica amministrazione conserva sul territorio nazionale"
            if told["kind"] == "pa"
            else "valutarne la base"
        )
        yield f"Depositi fuori dall'Italia: {', '.join(abroad)}; {what}: " + todo("valutazione del responsabile")


def _tsas(told: Told) -> Iterator[tuple[str, ...]]:
    for tsa in told["tsas"]:
        use = "ritirata" if tsa["retired"] else "ridondante" if tsa["redundant"] else "principale o di riserva"
        token = tsa["token"] or {}
        where = tsa["host"] or "integrata, senza valore legale"
        yield tsa["id"], where, use, tsa["digest"], day(token.get("until"))
