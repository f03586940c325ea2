"""Points c and j: what is kept, with which metadata and formats; for how long, and how it is discarded."""

from collections.abc import Iterator

from archiver.access.manual.facts import SOURCE, Told, day, number, size, years
from archiver.access.printing.editable import Editable, todo
from archiver.package.metadata.values import DOCUMENT_TYPES

CLASSES = {
    "readable": ("leggibili", "descrizione pubblicata, aperti da più programmi indipendenti"),
    "at_risk": ("a rischio", "dipendono da un solo produttore, sono superati, eseguono codice o hanno perso i lettori"),
}


def objects(paper: Editable, told: Told) -> None:
    """Point c."""
    paper.heading("c) Tipologie di oggetti, formati, metadati, eccezioni")
    paper.note(SOURCE.format("c"))
    paper.heading("Oggetti", 2)
    paper.text(
        "Oggetto della conservazione è il messaggio come la casella lo ha consegnato, byte per byte (EML, RFC 5322):"
        " messaggi inviati e ricevuti e ricevute della PEC. La lettura è una vista; nessun byte viene riscritto."
    )
    kinds = told["kinds"]
    rows = [(name, kind, number(kinds.get(kind, 0))) for kind, name in DOCUMENT_TYPES.items()]
    paper.table(("tipologia documentale", "tipo", "conservati"), rows, (8.5, 5, 3))
    paper.heading("Caselle", 2)
    paper.table(
        ("casella", "indirizzo", "titolare", "classe", "riservata"),
        [
            (box["name"], box["address"], box["holder"], box["class"], "sì" if box["riservato"] else "no")
            for box in told["mailboxes"]
        ],
        (3, 5.5, 3, 3.2, 1.8),
    )
    paper.heading("Metadati", 2)
    paper.text(
        "Ogni messaggio ha un documento di metadati proprio, secondo l'Allegato 5 delle linee guida"
        + (" (documento amministrativo informatico)." if told["kind"] == "pa" else " (documento informatico).")
    )
    paper.table(("elemento", "contenuto"), METADATA, (5.5, 11))
    paper.heading("Formati", 2)
    formats = told["formats"]
    paper.text(
        "Il messaggio si conserva sempre come EML (Allegato 2: obbligatorio per i singoli messaggi). Gli allegati"
        " restano"
        " dentro il messaggio, in qualunque formato: il formato si riconosce dal contenuto e si classifica con la"
        " tabella"
        f" datata {day(formats['issued'])} ({formats['source']})."
    )
    paper.table(("classe", "significato", "formati"), list(_formats(told)), (2.2, 4.3, 10))
    paper.text(
        "Valutazione di interoperabilità: la tabella si riesamina a ogni verifica periodica. "
        + todo("data e esito dell'ultimo riesame; formati propri dell'organizzazione")
    )
    paper.heading("Eccezioni", 2)
    paper.bullets(
        [
            "Bozze e posta indesiderata non si acquisiscono; il cestino sì, perché vi finiscono le ricevute.",
            "File .msg e .pst sono rifiutati: i byte originali vi sono ricostruiti e la firma è persa.",
            "Un messaggio illeggibile o alterato si conserva com'è, con il rilievo nel rapporto di versamento.",
            "Un messaggio che il server non consegna è ritentato per tre notti; poi il rapporto lo dichiara non"
            " acquisito.",
        ]
    )
    paper.text("Altre eccezioni: " + todo("documenti o caselle esclusi dalla conservazione, e perché; o «nessuna»"))


def terms(paper: Editable, told: Told) -> None:
    """Point j."""
    paper.heading("j) Tempi di conservazione, versamento e scarto per tipologia")
    paper.note(SOURCE.format("j"))
    paper.table(
        ("classe", "durata", "decorrenza", "fondamento", "fiscale"),
        [
            (one["name"], years(one["years"]), one["event"], one["basis"], "sì" if one["fiscal"] else "no")
            for one in told["retentions"]
        ],
        (3, 2.3, 4.5, 5.2, 1.5),
    )
    paper.text(
        "La classe vale dal primo byte: sta nel rapporto di versamento, nell'indice e nei metadati"
        " (TempoDiConservazione)."
        " Regole successive e vincoli possono solo allungare il termine. Un pacchetto contiene una sola classe, una"
        " sola"
        " casella e un solo anno solare (Europe/Rome), perché possa essere scartato intero."
    )
    paper.heading("Quanto è conservato, e fino a quando", 2)
    rows = [
        (row["mailbox"], row["class"], str(row["year"]), number(row["messages"]), size(row["bytes"]),
         day(row["until"]) if row["until"] else "senza termine")
        for row in told["held"]
    ]  # fmt: skip
    paper.table(
        ("casella", "classe", "anno", "messaggi", "dimensione", "fino al"),
        rows or [("-",) * 6],
        (3, 3.5, 1.6, 2.4, 2.8, 3.2),
    )
    if told["lengthened"]:
        paper.heading("Termini allungati e blocchi", 2)
        paper.text(
            "Oltre la regola con cui furono sigillati: per decisione scritta nel registro (archiver retention extend) o"
            " per un blocco in vigore (archiver hold list), che impedisce ogni scarto finché qualcuno non lo toglie."
        )
        paper.table(
            ("casella", "classe", "anno", "volumi", "fino al", "di cui bloccati"),
            [
                (row["mailbox"], row["class"], str(row["year"]), number(row["volumes"]),
                 day(row["ends"]) if row["ends"] else "senza termine", number(row["held"]))
                for row in told["lengthened"]
            ],
            (3, 3.5, 1.6, 2.4, 3.2, 2.8),
        )  # fmt: skip
    fiscal = [one["name"] for one in told["retentions"] if one["fiscal"]]
    if fiscal:
        paper.text(
            f"Classi fiscali: {', '.join(fiscal)}. I documenti dell'anno d'imposta si sigillano entro il tredicesimo"
            f" mese"
            f" dalla sua chiusura ({told['alarms']['fiscal_year_end']}); un avviso lo ricorda."
        )
    paper.heading("Scarto", 2)
    paper.steps(
        [
            "Decorso il termine, una persona propone lo scarto (archiver discard propose): l'elenco di scarto, firmato"
            " e marcato, contiene pacchetti, impronte, classe e fondamento, mai indirizzi od oggetti.",
            "Il titolare decide; per gli archivi pubblici e per quelli privati dichiarati di interesse storico occorre"
            " prima l'autorizzazione della Soprintendenza, anche parziale. Chi approva (archiver discard approve) è una"
            " persona diversa da chi propone, con il proprio utente.",
            "I pacchetti si distruggono nel deposito primario, poi in ogni copia (archiver discard execute), dopo avere"
            " riletto termini e blocchi dai registri di ogni deposito; un blocco (contenzioso, ordine: archiver hold"
            " place) ferma tutto finché dura.",
            "Lo scarto è efficace quando qualcuno attesta che non restano copie di sicurezza anteriori (archiver"
            " discard confirm-backups); resta un certificato sigillato e marcato di ciò che fu distrutto (archiver"
            " discard show ID -o FILE).",
            "Per ordine di un'autorità o su richiesta accolta dell'interessato si scartano singoli messaggi prima del"
            " termine (via eccezionale: archiver discard propose --messages, con il fondamento); ciò che resta del"
            " pacchetto continua a verificarsi.",
        ]
    )
    compliance = [store["id"] for store in told["stores"] if store["lock"] == "compliance"]
    if compliance:
        paper.text(
            f"Attenzione: nei depositi {', '.join(compliance)} il blocco è «compliance»: nulla vi si distrugge prima"
            f" del"
            " termine, nemmeno per ordine di un'autorità."
        )
    paper.text("Piano di conservazione: " + todo("estremi del piano di conservazione o massimario adottato"))
    paper.text(
        "Distruzione negli altri sistemi del titolare: " + todo("sistemi da cui gli stessi documenti si cancellano")
    )


def _formats(told: Told) -> Iterator[tuple[str, str, str]]:
    rows = told["formats"]["rows"]
    for kind, (name, meaning) in CLASSES.items():
        yield name, meaning, ", ".join(form for form, found in rows.items() if found == kind) or "-"
    yield "ignoti", "ogni formato che la tabella non nomina", "-"
    yield "cifrati", "ciò che si apre solo con un segreto, qualunque ne sia il formato", "-"


METADATA = [
    ("IdDoc", "impronta SHA-256 del messaggio, identificativo urn:pec-archiver:message:<impronta>"),
    ("ModalitaDiFormazione", "inviati: creazione; ricevuti, ricevute, importati: acquisizione per via telematica"),
    ("TipologiaDocumentale", "quella dell'elenco chiuso qui sopra"),
    ("DatiDiRegistrazione", "flusso entrata, uscita, interno; registro «Nessuno», o il protocollo fornito dall'ente;"
     " data da daticert.xml se integro, altrimenti dall'intestazione Date; numero: identificativo della PEC"),
    ("Soggetti", "il titolare dalla configurazione; gli altri dall'indirizzo, con la nota «dedotto dall'indirizzo»;"
     " produttore: il programma"),
    ("ChiaveDescrittiva", "oggetto del messaggio, parole chiave"),
    ("Allegati", "numero degli allegati del messaggio originale"),
    ("Riservato", "come configurato per la casella"),
    ("IdentificativoDelFormato", "message/rfc822"),
    ("Verifica", "sigillo elettronico: sì, se la firma del gestore è integra; marcatura: no; copia: no"),
    ("Agg", "serie documentale: casella e anno"),
    ("VersioneDelDocumento, NomeDelDocumento", "prima versione; nome del file del messaggio"),
    ("TempoDiConservazione", "anni della classe; 9999: senza termine"),
]  # fmt: skip
