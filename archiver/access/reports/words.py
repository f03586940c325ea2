"""The documents' own words, Italian and English. Terms of Italian law stay as they are in both."""

from archiver.access.words import Words

TERMS: Words = {
    "page": ("pagina", "page"),
    "of": ("di", "of"),
    "verifica title": ("Verbale di verifica periodica", "Record of the periodic check"),
    "verifica subtitle": (
        "Integrità e leggibilità degli archivi: linee guida AgID sulla formazione, gestione e conservazione dei"
        " documenti"
        " informatici, 4.5 e 4.7",
        "Integrity and readability of what is kept: AgID guidelines on electronic documents, 4.5 and 4.7",
    ),
    "integrity title": ("Rapporto di integrità {year}", "Integrity report {year}"),
    "integrity subtitle": (
        "Che cosa è conservato, come è provato, che cosa è accaduto; sul modello del regolamento eIDAS, art. 45 decies"
        " (45j), e di CEN/TS 18170",
        "What is kept, how it is proven, what happened; on the pattern of eIDAS, art. 45j, and of CEN/TS 18170",
    ),
    "PASSED": ("nessun rilievo che comprometta", "no finding that compromises"),
    "INDETERMINATE": ("verifica non conclusiva", "not conclusive"),
    "FAILED": ("rilievi da sanare", "findings to put right"),
    "PASSED sentence": (
        "Ogni copia è stata riletta nei termini e corrisponde a quanto promesso; i messaggi sono stati aperti nei"
        " termini; nessun danno è aperto.",
        "Every copy was read in time and is what was promised; the messages were opened in time; no damage is open.",
    ),
    "INDETERMINATE sentence": (
        "Nessun danno è aperto, ma non tutto è stato verificato nei termini: vedere «Rilievi e proposte».",
        "No damage is open, but not everything was checked in time: see “Findings and proposals”.",
    ),
    "FAILED sentence": (
        "Vi sono danni aperti o prove scadute: vedere «Rilievi e proposte».",
        "There are open damages, or evidence that has ended: see “Findings and proposals”.",
    ),
    "holder": ("titolare", "titolare (holder)"),
    "responsible": ("responsabile della conservazione", "responsabile della conservazione"),
    "nobody": ("nessuno in carica secondo la configurazione", "nobody in office by the configuration"),
    "mailbox": ("casella", "mailbox"),
    "period": ("periodo", "period"),
    "from to": ("dal {since} al {until}", "from {since} to {until}"),
    "beginning": ("principio", "the beginning"),
    "made": ("redatto", "made"),
    "by": ("da", "by"),
    "manual": ("manuale", "manuale di conservazione"),
    "software": ("programma", "software"),
    "configuration": ("configurazione", "configuration"),
    "signature": ("Sottoscrizione", "Signature"),
    "declares": (
        "Il responsabile della conservazione, {name}, preso atto di quanto precede, dichiara di avere verificato per il"
        " periodo indicato l'integrità e la leggibilità degli archivi e dispone quanto proposto nei rilievi, salvo"
        " quanto annotato a margine.",
        "The responsabile della conservazione, {name}, having read the above, declares that integrity and readability"
        " were checked for the period, and orders what the findings propose, but for what is noted beside them.",
    ),
    "by system": (
        "Rapporto redatto automaticamente dal sistema di conservazione; il responsabile della conservazione lo"
        " sottoscrive per presa visione.",
        "Report made automatically by the preservation system; the responsabile della conservazione signs that it was"
        " seen.",
    ),
    "sealed": (
        "Il documento reca il sigillo dell'archivio (PAdES); i dati da cui è tratto vi sono allegati in JSON.",
        "The document carries the archive's seal (PAdES); the data that it was made from are attached as JSON.",
    ),
    "not sealed": (
        "Il documento NON reca il sigillo dell'archivio; i dati da cui è tratto vi sono allegati in JSON.",
        "The document does NOT carry the archive's seal; the data that it was made from are attached as JSON.",
    ),
    "place": ("Luogo e data", "Place and date"),
    "responsible signs": ("Il responsabile della conservazione", "The responsabile della conservazione"),
    # what is held
    "held": ("Che cosa è conservato", "What is kept"),
    "class": ("classe", "class"),
    "year": ("anno", "year"),
    "messages": ("messaggi", "messages"),
    "size": ("dimensione", "size"),
    "volumes": ("volumi (PdA)", "volumes (PdA)"),
    "kept until": ("da conservare fino al", "to be kept until"),
    "for ever": ("senza termine", "for ever"),
    "total": ("totale", "total"),
    "nothing held": ("Nessun messaggio è ancora conservato.", "No message is kept yet."),
    "pending note": (
        "{pending} messaggi attendono la chiusura del loro volume: fino ad allora li prova il rapporto di versamento.",
        "{pending} messages wait for their volume to close: until then the rapporto di versamento proves them.",
    ),
    "kinds": ("Tipi di messaggio", "Kinds of message"),
    "kind": ("tipo", "kind"),
    "contents": ("Firme dei gestori, all'ingresso", "Providers' signatures, at intake"),
    "contents note": (
        "Esito della verifica della firma del gestore quando il messaggio è entrato: integrità, origine, tempo,"
        " algoritmo. Un messaggio alterato o non firmato si conserva com'è arrivato.",
        "Outcome of the check of the provider's signature when the message came in: integrity, origin, time, algorithm."
        " A message that was altered, or not signed, is kept as it came.",
    ),
    "outcome": ("esito", "outcome"),
    "unsigned": ("senza firma di un gestore", "without a provider's signature"),
    # integrity
    "copies": ("Integrità: che cosa è stato riletto", "Integrity: what was read"),
    "copies note": (
        "Ogni oggetto di ogni copia si rilegge per intero e la sua impronta si confronta con quella attesa. Promessa:"
        " ogni copia entro {days} giorni; copie richieste: {copies}.",
        "Every object of every copy is read whole, and its digest compared with what it must be. The promise: every"
        " copy"
        " within {days} days; copies asked for: {copies}.",
    ),
    "store": ("deposito", "store"),
    "objects": ("oggetti", "objects"),
    "read in period": ("riletti nel periodo", "read in the period"),
    "oldest": ("il meno recente letto", "the oldest read"),
    "sweeps": ("Controlli eseguiti", "Checks that were made"),
    "sweeps note": (
        "Un resoconto per controllo resta nell'archivio, legato al precedente e coperto dall'evidenza della notte"
        " seguente.",
        "Each check leaves a report in the archive, chained to the one before and covered by the next night's"
        " evidence.",
    ),
    "no sweeps": ("Nel periodo nessun controllo ha lasciato un resoconto.", "No check left a report in the period."),
    "date": ("data", "date"),
    "listed": ("elencati", "listed"),
    "read": ("riletti", "read"),
    "opened": ("messaggi aperti", "messages opened"),
    "found": ("trovato", "found"),
    "clean": ("nessun danno", "no damage"),
    "open number": ("{number} aperti", "{number} open"),
    "noted number": ("{number} da guardare", "{number} to look at"),
    "objects number": ("{number} oggetti", "{number} objects"),
    "repaired number": ("{number} riparati", "{number} repaired"),
    "incomplete": ("incompleto", "incomplete"),
    "promise broken": ("promessa non mantenuta", "promise broken"),
    "report unsigned": ("resoconto senza firma", "report without a signature"),
    "more sweeps": ("e altri {number} controlli, nei dati allegati", "and {number} more checks, in the attached data"),
    "repairs": ("Riparazioni", "Repairs"),
    "repairs note": (
        "Il danno è stato coperto con i byte integri di un'altra copia, come nuova versione: nulla è stato"
        " sovrascritto.",
        "The damage was covered with the intact bytes of another copy, as a new version: nothing was overwritten.",
    ),
    "no repairs": ("Nessuna riparazione nel periodo.", "No repair in the period."),
    "object": ("oggetto", "object"),
    "damage": ("danno", "damage"),
    "from": ("da", "from"),
    "open": ("Danni e rilievi aperti", "Open damages and findings"),
    "nothing open": ("Nessuno alla data di redazione.", "None when this was made."),
    "since": ("dal", "since"),
    # readability
    "readability": ("Leggibilità", "Readability"),
    "readability note": (
        "Di ogni messaggio aperto si decodificano le intestazioni, si apre la struttura MIME e si riconosce il formato"
        " degli allegati dal contenuto; la classe viene da una tabella datata {table}. Un messaggio aperto più volte"
        " conta più volte.",
        "Of each message that was opened the headers are decoded, the MIME structure is opened, and the format of the"
        " attachments told by their content; the class is that of a table dated {table}. A message that was opened more"
        " than once counts as often.",
    ),
    "segments opened": ("segmenti", "segments"),
    "messages opened": ("messaggi", "messages"),
    "opened what": ("aperto nel periodo", "opened in the period"),
    "headers opened": ("di cui con intestazioni non decodificabili", "of them with headers that do not decode"),
    "mime opened": ("di cui con struttura MIME non apribile", "of them with a MIME structure that does not open"),
    "readable": ("leggibili", "readable"),
    "at_risk": ("a rischio", "at risk"),
    "unknown": ("di formato ignoto", "of unknown format"),
    "encrypted": ("cifrati", "encrypted"),
    "attachments": ("allegati", "attachments"),
    "formats": ("formati", "formats"),
    # evidence
    "evidence": ("Rinnovi dell'evidenza", "Renewals of the evidence"),
    "renewed": ("Rinnovi eseguiti", "Renewals that were made"),
    "no renewals": ("Nessun rinnovo nel periodo.", "No renewal in the period."),
    "tsa": ("TSA", "TSA"),
    "algorithm": ("algoritmo", "algorithm"),
    "records": ("evidence record", "evidence records"),
    "due": ("Prossime scadenze", "Next ends"),
    "due note": (
        "La prova vale fino alla prima scadenza fra certificato della TSA, impronta e algoritmo di firma; il rinnovo la"
        " precede di 90 giorni.",
        "Evidence proves until the first of these ends: the TSA's certificate, the digest, the signature's algorithm;"
        " renewal comes 90 days before.",
    ),
    "until": ("fino al", "until"),
    "reason": ("motivo", "reason"),
    "reason certificate": ("certificato", "certificate"),
    "reason signature": ("algoritmo di firma", "signature algorithm"),
    "reason digest": ("impronta", "digest"),
    "reason asked": ("richiesto", "asked for"),
    "no evidence": ("Nessun evidence record è ancora stato creato.", "No evidence record was made yet."),
    # findings
    "findings": ("Rilievi e proposte", "Findings and proposals"),
    "no findings": ("Nessun rilievo.", "No findings."),
    "severity": ("gravità", "severity"),
    "error": ("da sanare", "put right"),
    "doubt": ("non conclusivo", "not conclusive"),
    "warning": ("attenzione", "attention"),
    "info": ("informazione", "information"),
    "finding": ("rilievo", "finding"),
    "more": ("e altri {number}, nei dati allegati", "and {number} more, in the attached data"),
}


def say(term: str, lang: str, **values: object) -> str:
    """One of the documents' own terms, its `{values}` filled in. Raises KeyError for one that they do not have."""
    italian, english = TERMS[term]
    return (english if lang == "en" else italian).format_map(values)
