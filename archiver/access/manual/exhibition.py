"""Points f, i and k: exhibition and export, duplicates and copies, the public official."""

from archiver.access.manual.facts import SOURCE, Told
from archiver.access.printing.editable import Editable, todo


def exhibition(paper: Editable, told: Told) -> None:  # noqa: ARG001  (every point takes the same)
    """Point f."""
    paper.heading("f) Esibizione ed esportazione: pacchetti di distribuzione")
    paper.note(SOURCE.format("f"))
    paper.table(
        ("richiesta", "comando", "che cosa produce"),
        [
            ("uno o più messaggi con le ricevute", "archiver evidence", "PdD: un file ZIP che si verifica da sé nel"
             " browser, con i messaggi originali, l'indice, i metadati, gli evidence record, rapporto.pdf"
             " (PDF/A-3, firmato) e verify.py"),
            ("deposito telematico", "archiver evidence --for pct|ptt", "cartella con gli .eml originali e rapporto.pdf"
             " (PDF/A-2b), nei limiti dell'ufficio"),
            ("contenitore europeo", "archiver evidence --format asice", "ASiC-E (EN 319 162-1)"),
            ("ispezione, periodo, ricerca", "archiver export", "PdD in parti, elenco di consistenza,"
             " campione estraibile di nuovo da chiunque"),
            ("cessazione, altro conservatore", "archiver export --everything", "ogni PdA come cartella, RdV, evidenza,"
             " registro, resoconti, elenco di consistenza; `archiver import` lo prende in carico"),
        ],
        (4.2, 4.5, 7.8),
    )  # fmt: skip
    paper.bullets(
        [
            "Ricerca per cognome, nome, denominazione, codice fiscale, partita IVA, data e loro combinazioni (DMEF 17"
            " giugno 2014, art. 3): archiver search.",
            "Ogni accesso è scritto nel registro prima che qualcosa sia mostrato: chi, quando, perché, impronte dei"
            " messaggi.",
            "Un'esibizione contiene solo i propri messaggi; i metadati altrui restano nell'archivio.",
            "Chiunque verifica senza questo programma: openssl, unzip, sha256sum; il formato è descritto con il"
            " programma.",
            "Un messaggio soggetto a limitazione (GDPR, art. 18) non compare in ricerche ed esibizioni; se ne dice il"
            " numero.",
        ]
    )
    paper.text("Chi può chiedere un'esibizione, a chi e con quali tempi: " + todo("procedura di richiesta ed evasione"))
    paper.text("Accesso delle autorità: " + todo("luogo e modalità dell'accesso diretto per ispezioni"))


def duplicates(paper: Editable, told: Told) -> None:
    """Point i."""
    paper.heading("i) Produzione di duplicati e copie")
    paper.note(SOURCE.format("i"))
    replicas = [store for store in told["stores"] if not store["primary"]]
    paper.bullets(
        [
            "I file .eml esibiti o esportati, e le repliche nei depositi, sono duplicati informatici (CAD, art. 1 e"
            " 23-bis):"
            " stessa sequenza di bit.",
            f"Repliche configurate: {len(replicas)}. Un messaggio è al sicuro quando {told['copies']} depositi ne hanno"
            " restituito i byte.",
            "rapporto.pdf e le stampe sono copie di cortesia: non sostituiscono l'originale.",
            "Riversamento: l'originale si conserva sempre insieme alla copia, legato ad essa; il sistema non ne"
            " esegue.",
        ]
    )
    paper.text("Attestazioni di conformità: " + todo("chi le rilascia, quando occorrono; il sistema non attesta mai"))


def official(paper: Editable, told: Told) -> None:  # noqa: ARG001
    """Point k."""
    paper.heading("k) Intervento del pubblico ufficiale")
    paper.note(SOURCE.format("k"))
    paper.text(
        "Il sistema non agisce come pubblico ufficiale: prepara, per chi ne ha titolo, un'attestazione di conformità in"
        " bianco con nomi e impronte dei file (rapporto.pdf)."
    )
    paper.text("Quando è richiesto, e chi interviene: " + todo("casi, modalità e nominativi; o «non ricorre»"))
