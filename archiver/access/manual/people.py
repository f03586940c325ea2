"""Points a and b: who has been responsible over time, who does what."""

from collections.abc import Iterator

from archiver.access.manual.facts import SOURCE, Told, codes, day
from archiver.access.printing.editable import Editable, todo

ROLES = {
    "responsabile": "responsabile della conservazione: ogni funzione, comprese le decisioni",
    "operatore": "operatore: esegue le lavorazioni, non legge messaggi",
    "auditor": "auditor: legge tutto, registro compreso, non modifica nulla",
    "utente": "utente abilitato: cerca, consulta ed esibisce dalle sole caselle assegnate",
}


def responsibles(paper: Editable, told: Told) -> None:
    """Point a."""
    paper.heading("a) Soggetti responsabili della conservazione nel tempo")
    paper.note(SOURCE.format("a"))
    rows = [
        (
            one["name"],
            codes(one),
            one["document"],
            day(one["since"]),
            day(one["until"]) if one["until"] else "in carica",
        )
        for one in told["responsibles"]
    ]
    paper.text("Hanno assunto la responsabilità della conservazione, ciascuno nel periodo indicato:")
    paper.table(("nome", "codice fiscale", "atto di nomina", "dal", "al"), rows, (4, 3.3, 4.6, 2.2, 2.4))
    paper.text("Il successore si aggiunge in coda; nessuna nomina precedente si cancella dalla configurazione.")
    if told["service"]:
        one = told["service"]
        paper.text(f"Responsabile del servizio di conservazione: {one['name']} ({codes(one)}), {one['document']}.")
    paper.text(
        "Deleghe: " + todo("deleghe del responsabile, per iscritto, con soggetto, attività e periodo; o «nessuna»")
    )


def organisation(paper: Editable, told: Told) -> None:
    """Point b."""
    paper.heading("b) Struttura organizzativa, funzioni, responsabilità e obblighi")
    paper.note(SOURCE.format("b"))
    paper.heading("Soggetti", 2)
    paper.table(("ruolo", "soggetto", "codici", "documento"), list(_parties(told)), (4.2, 4.6, 3.2, 4.5))
    paper.heading("Ruoli nel sistema", 2)
    paper.text(
        "Chi esegue un comando è riconosciuto come utente del sistema operativo; il registro ne annota nome e ruolo."
    )
    paper.table(("ruolo", "utenti", "che cosa può fare"), list(_users(told)), (3, 1.8, 11.7))
    if not told["users"]:
        paper.text("Nessun utente è elencato nella configurazione: chi esegue il programma agisce come responsabile.")
    reason = "obbligatoria" if told["reason"] else "facoltativa"
    paper.text(f"La motivazione di ogni accesso ai messaggi è {reason}.")
    paper.heading("Attività e obblighi", 2)
    paper.table(
        ("attività", "chi", "come"),
        [
            ("acquisizione dei PdV e RdV", "sistema, ogni notte", "archiver ingest"),
            ("formazione, sigillo e marca dei PdA", "sistema; firma: punto e)", "archiver seal"),
            ("rinnovo dell'evidenza", "sistema", "archiver renew"),
            ("rilettura delle copie, riparazione", "sistema", "archiver sweep"),
            ("verifica periodica di integrità e leggibilità", "responsabile", "archiver report verifica"),
            ("esibizione (PdD)", "utente abilitato, responsabile", "archiver evidence, export"),
            ("decisioni sui certificati dei gestori", "responsabile", "archiver trust confirm, revoke"),
            ("scarto", "titolare, su elenco del responsabile", "punto j)"),
            ("diritti degli interessati", "titolare del trattamento, responsabile", "archiver privacy"),
        ],
        (6, 5, 5.5),
    )
    paper.text("Organigramma e contatti: " + todo("organigramma, recapiti, sostituzioni in caso di assenza"))
    paper.text(
        "Responsabile della protezione dei dati, della sicurezza, dei sistemi informativi: "
        + todo("nomi e atti di nomina, o motivo per cui non sono previsti")
    )


def _parties(told: Told) -> Iterator[tuple[str, str, str, str]]:
    for holder in told["holders"]:
        yield (
            f"titolare dell'oggetto della conservazione ({holder['id']})",
            holder["name"],
            codes(holder),
            holder["document"],
        )
    one = told["producer"]
    yield "produttore dei pacchetti di versamento", one["name"], codes(one), one["document"]
    one = told["signer"]
    yield f"firmatario degli indici: {one['role']}", one["name"], codes(one), one["document"]


def _users(told: Told) -> Iterator[tuple[str, str, str]]:
    for role, text in ROLES.items():
        count = sum(user["role"] == role for user in told["users"])
        boxes = sorted({box for user in told["users"] if user["role"] == role for box in user["mailboxes"]})
        where = f" (caselle: {', '.join(boxes)})" if boxes else ""
        yield role, str(count) if told["users"] else "-", text.partition(": ")[2] + where
