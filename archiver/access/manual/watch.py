"""Point h: monitoring and checks of integrity, and what is done about anomalies."""

from archiver.access.manual.facts import SOURCE, Told, day, number
from archiver.access.printing.editable import Editable, todo

REASONS = {
    "certificate": "certificato della TSA",
    "signature": "algoritmo di firma",
    "digest": "impronta dell'albero",
}

ALARMS = (
    ("messaggio senza ricevuta di accettazione, o senza esito, dopo un giorno", "archiver show"),
    ("consegna fallita; ricevute mancanti mentre il log del gestore è ancora richiedibile (30 mesi)", "archiver show"),
    ("casella non letta, o con molti meno messaggi del solito", "archiver ingest; status --continuity"),
    ("certificato di un gestore mai visto prima", "archiver trust list --new"),
    ("rilettura in ritardo, danni aperti sulle copie", "archiver sweep --repair"),
    ("evidenza da rinnovare", "archiver renew"),
    ("certificato di firma in scadenza (60, 30, 7 giorni)", "archiver doctor"),
    ("termine fiscale vicino o trascorso", "archiver seal --now"),
    ("leggibilità o verbale di verifica oltre quattro anni e sei mesi", "archiver report verifica"),
    ("notte non conclusa da troppo tempo, o non riuscita", "archiver nightly"),
    ("casella piena oltre il 90 % del suo spazio", "archiver purge CASELLA --older-than 90d --dry-run"),
    ("blocco da riesaminare; scarto che attende una decisione", "archiver hold list; archiver discard show"),
)


def monitoring(paper: Editable, told: Told) -> None:
    """Point h."""
    sweep, rules = told["sweep"], told["rules"]
    paper.heading("h) Monitoraggio e verifica dell'integrità, gestione delle anomalie")
    paper.note(SOURCE.format("h"))
    paper.heading("Rilettura delle copie", 2)
    repair = "ripara ciò che può" if sweep["repair"] else "ripara solo se richiesto (--repair)"
    paper.text(
        f"Promessa: ogni oggetto di ogni copia è riletto per intero entro {sweep['days']} giorni, dal meno recente, e"
        f" la sua"
        " impronta confrontata con quella attesa; ogni deposito è elencato a ogni esecuzione. Ciò che manca è un"
        " errore."
        f" Il controllo {repair}. Ogni controllo lascia un resoconto nell'archivio, firmato, marcato e legato al"
        f" precedente."
    )
    paper.heading("Leggibilità", 2)
    paper.text(
        f"I messaggi si riaprono almeno ogni {sweep['opened_days']} giorni: intestazioni, struttura MIME, formato degli"
        " allegati riconosciuto dal contenuto e contato come leggibile, a rischio, ignoto o cifrato. Almeno ogni"
        " cinque anni"
        " il responsabile sottoscrive il verbale di verifica (archiver report verifica); un avviso lo ricorda dopo"
        " quattro"
        " anni e sei mesi."
    )
    paper.heading("Rinnovo dell'evidenza", 2)
    paper.text(
        f"Ogni notte si cercano le prove che finiscono entro {rules['renew_days']} giorni: certificato della TSA,"
        f" impronta,"
        " algoritmo di firma. Ciò che è dovuto riceve una sola marca nuova; se cade l'impronta, un albero nuovo dopo"
        " avere"
        " riletto e giudicato ogni file. I record precedenti restano."
    )
    due = [
        (day(tsa["token"]["due"]), tsa["id"], REASONS[tsa["token"]["reason"]]) for tsa in told["tsas"] if tsa["token"]
    ]
    if due:
        paper.table(("prossima scadenza", "TSA", "motivo"), due, (4, 6, 6.5))
    paper.heading("Avvisi", 2)
    paper.table(("avviso", "comando"), ALARMS, (11, 5.5))
    paper.text(f"Gli invii degli ultimi {number(told['alarms']['days'])} giorni sono seguiti fino all'esito.")
    paper.heading("Anomalie", 2)
    paper.bullets(
        [
            "Un danno resta scritto e segnalato finché una copia integra non lo ripara come versione nuova; nulla è"
            " sovrascritto; ciò che nessuna copia ha più resta dichiarato.",
            "Un guasto di una casella, di una TSA o di una replica non ferma le altre; la notte seguente riprende.",
            "Una verifica non conclusiva non è un'alterazione: le risposte sono tre, superata, non conclusiva,"
            " fallita.",
        ]
    )
    paper.text("Chi riceve gli avvisi, e chi interviene: " + todo("destinatari, tempi, registro degli incidenti"))
    paper.text("Violazioni di dati personali: " + todo("procedura di notifica (GDPR, artt. 33 e 34)"))
