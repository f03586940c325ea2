"""Point l: the law; what this system is not; and the findings that intake may note, from the program's own table."""

import re

from archiver.access.manual.facts import SOURCE, Told
from archiver.access.printing.editable import Editable, todo
from archiver.verdict.arrived import PEC

LAWS = (
    (
        "D.Lgs. 82/2005 (CAD), artt. 20, 23-bis, 34, 43, 44, 45, 48",
        "documento informatico, duplicati, conservazione, PEC",
    ),
    ("Linee guida AgID (determinazioni 407/2020 e 371/2021) e Allegati 1-6", "formazione, gestione, conservazione"),
    ("DPCM 22 febbraio 2013, artt. 41 e 62", "riferimenti temporali opponibili, firme nel tempo"),
    ("DPR 68/2005; DM 2 novembre 2005", "posta elettronica certificata; log dei gestori per 30 mesi"),
    ("Codice civile, artt. 2214 e 2220", "scritture contabili e corrispondenza: dieci anni"),
    ("DPR 600/1973, art. 22; DMEF 17 giugno 2014; DL 357/1994, art. 7", "documenti fiscali"),
    (
        "Regolamento (UE) 910/2014 (eIDAS), modificato dal regolamento (UE) 2024/1183",
        "firme, sigilli, marche, archiviazione",
    ),
    ("Regolamento (UE) 2016/679 (GDPR), artt. 5, 6, 15, 17, 18, 28, 30, 32", "protezione dei dati personali"),
    ("UNI 11386 (SInCRO); ISO 14721 (OAIS)", "indice del pacchetto; modello di riferimento"),
    ("RFC 3161; RFC 4998; ETSI EN 319 122-1, EN 319 102-1, TS 119 312", "marche, evidenza, firme, algoritmi"),
)


def nature(paper: Editable, told: Told) -> None:
    """What this system is, and what it plainly is not (before the points)."""
    paper.heading("Che cosa è, e che cosa non è, questo sistema")
    paper.text(
        "Conservazione in proprio, da parte del titolare, dei messaggi di posta elettronica certificata delle caselle"
        " indicate al punto c). Il programma non rende da solo legittimo il processo: occorrono il responsabile della"
        " conservazione e questo manuale."
    )
    paper.bullets(
        [
            "Non è un servizio fiduciario, qualificato o no (eIDAS): nessun prestatore ne risponde.",
            "Non è un archivio elettronico qualificato (eIDAS, art. 45 decies, 45j): la presunzione di integrità e"
            " origine"
            " che la legge lega a quel servizio non vale; la prova è quella che i pacchetti portano con sé.",
            "Non è la conservazione fiscale delle fatture elettroniche che una PEC trasporta: quella resta dovuta a"
            " parte.",
        ]
    )
    if not told["legal_value"]:
        paper.warning("Archivio dimostrativo: SENZA VALORE LEGALE / WITHOUT LEGAL VALUE")


def law(paper: Editable, told: Told) -> None:
    """Point l."""
    paper.heading("l) Normativa in vigore nei luoghi di conservazione")
    paper.note(SOURCE.format("l"))
    places = sorted({store["country"] for store in told["stores"]})
    paper.text(f"Gli oggetti sono conservati in: {', '.join(places)}. Si applicano:")
    paper.table(("norma", "oggetto"), LAWS, (10, 6.5))
    abroad = [country for country in places if country != "IT"]
    if abroad:
        paper.text(f"Norme dei luoghi fuori dall'Italia ({', '.join(abroad)}): " + todo("norme locali applicabili"))
    paper.text(
        "Verificare che ogni riferimento sia quello vigente alla data del manuale: "
        + todo("esito della verifica normativa")
    )


def findings(paper: Editable) -> None:
    """The appendix: every finding that intake may write into a rapporto."""
    paper.page()
    paper.heading("Appendice: rilievi possibili alla presa in carico")
    paper.text("Tratti dalla tabella del programma; «…» sta per il valore del caso.")
    words = {"error": "errore", "doubt": "non conclusivo", "warning": "attenzione", "info": "informazione"}
    rows = [(code, words[row.severity], re.sub(r"{\w+}", "…", row.italian)) for code, row in sorted(PEC.items())]
    paper.table(("codice", "gravità", "testo"), rows, (5.2, 2.3, 9))
