"""The report's own words, Italian and English. Terms of Italian law stay as they are in both."""

from archiver.access.printing import MARK as MARK
from archiver.access.words import ANSWERS, CONTENTS, REASONS, ROLES, STATES, Words

KINDS: Words = {
    "inviato": ("messaggio inviato", "message sent"),
    "posta-certificata": ("busta di trasporto (messaggio ricevuto)", "busta di trasporto (message received)"),
    "accettazione": ("ricevuta di accettazione", "ricevuta di accettazione (accepted by the sender's provider)"),
    "non-accettazione": ("avviso di non accettazione", "avviso di non accettazione (refused)"),
    "presa-in-carico": ("ricevuta di presa in carico", "ricevuta di presa in carico (taken in charge)"),
    "avvenuta-consegna": ("ricevuta di avvenuta consegna", "ricevuta di avvenuta consegna (delivered)"),
    "errore-consegna": ("avviso di mancata consegna", "avviso di mancata consegna (not delivered)"),
    "preavviso-errore-consegna": (
        "avviso di mancata consegna per superamento dei tempi",
        "avviso di mancata consegna per superamento dei tempi (time-out)",
    ),
    "rilevazione-virus": ("avviso di rilevazione di virus", "avviso di rilevazione di virus (virus found)"),
    "anomalia": ("busta di anomalia", "busta di anomalia (anomaly envelope)"),
    "rem": ("messaggio REM", "REM message"),
    "ordinario": ("messaggio di posta ordinaria", "ordinary mail"),
}

INDICATIONS: Words = {
    "PASSED": ("verifica superata", "verification passed"),
    "INDETERMINATE": ("verifica non conclusiva", "verification not conclusive"),
    "FAILED": ("verifica NON superata", "verification FAILED"),
}

SENTENCES: Words = {
    "PASSED": (
        "Impronte, sigilli, marche temporali ed evidence record contenuti nell'esibito sono stati ricalcolati alla sua "
        "formazione, e tutti concordano.",
        "The digests, seals, time stamps and evidence records in this exhibit were computed anew when it was made, and "
        "all of them agree.",
    ),
    "INDETERMINATE": (
        "Nessuna alterazione è stata trovata, ma non tutto si può concludere con i dati disponibili: vedere «Che cosa "
        "resta INDETERMINATE».",
        "No alteration was found, but not everything can be concluded from the data at hand: see “What remains "
        "INDETERMINATE”.",
    ),
    "FAILED": (
        "Almeno una verifica è fallita: l'esibito, o ciò che contiene, è alterato o non è provato. Vedere «Esito della "
        "verifica».",
        "At least one check failed: the exhibit, or what is in it, is altered or not proven. See “Outcome of the "
        "verification”.",
    ),
}

CHECKS: Words = {
    "intake": ("ingresso", "intake"),
    "seal": ("sigillo", "seal"),
    "evidence": ("marca temporale", "time stamp"),
    "renewal": ("rinnovo", "renewal"),
    "sweep": ("rilettura", "sweep"),
    "repair": ("riparazione", "repair"),
    "exhibit": ("esibizione", "exhibit"),
}

TERMS: Words = {
    "title": ("Rapporto di esibizione", "Report of exhibition"),
    "title export": ("Rapporto di esportazione", "Report of export"),
    "subtitle": (
        "Pacchetto di distribuzione (PdD) di messaggi di posta elettronica certificata",
        "Pacchetto di distribuzione (PdD) of certified e-mail messages (PEC)",
    ),
    "page": ("pagina", "page"),
    "of": ("di", "of"),
    "outcome": ("Esito della verifica", "Outcome of the verification"),
    "message": ("Il messaggio", "The message"),
    "dossiers": ("I dossier esibiti", "The dossiers exhibited"),
    "dossier": ("Dossier", "Dossier"),
    "subject": ("Oggetto", "Subject"),
    "from": ("Mittente", "Sender"),
    "declared": ("dichiarato dal gestore (daticert.xml)", "as the provider states (daticert.xml)"),
    "declared other": ("il gestore dichiara {address} (daticert.xml)", "the provider states {address} (daticert.xml)"),
    "documents unknown": (
        "non noti: nell'esibito ci sono soltanto ricevute, che non contengono il messaggio",
        "not known: the exhibit has only receipts, which do not hold the message",
    ),
    "only receipts": (
        "Nessuna copia del messaggio nell'esibito: mittente, destinatari e oggetto sono quelli dichiarati dal gestore "
        "(daticert.xml)",
        "No copy of the message in the exhibit: sender, recipients and subject are those that the provider states "
        "(daticert.xml)",
    ),
    "envelope": ("busta di trasporto da {address}", "busta di trasporto from {address}"),
    "to": ("Destinatari", "Recipients"),
    "state": ("Stato", "State"),
    "accepted": ("Accettato il", "Accepted at"),
    "received": ("Ricevuto il", "Received at"),
    "delivered": ("Consegnato il", "Delivered at"),
    "no acceptance": ("nessuna ricevuta di accettazione nell'esibito", "no ricevuta di accettazione in the exhibit"),
    "documents": ("Documenti allegati", "Documents attached"),
    "no documents": ("nessuno", "none"),
    "intact since": ("Integro dal", "Intact since"),
    "first stamp": ("prima marca temporale dell'archivio", "first time stamp of the archive"),
    "not stamped": ("non ancora provato da una marca temporale", "not yet proven by a time stamp"),
    "identifier": ("Identificativo", "Identificativo"),
    "contradiction": ("con ricevute contraddittorie", "with contradictory receipts"),
    "stranger": ("da un gestore NON riconosciuto", "by a provider that is NOT known"),
    "night": (
        "tra le 21 e le 7: art. 147 c. 3 c.p.c., se notificazione",
        "between 21 and 7: art. 147 c. 3 c.p.c., if served as a notice",
    ),
    "carried": (
        "Nessuna copia inviata tra i messaggi esibiti: il messaggio è quello contenuto nella ricevuta di consegna"
        " (postacert.eml)",
        "No sent copy among the messages exhibited: the message is the one in the delivery receipt (postacert.eml)",
    ),
    "not proven": ("Che cosa NON è provato", "What is NOT proven"),
    "nothing unproven": (
        "Null'altro da segnalare oltre a quanto scritto in questo rapporto.",
        "Nothing beyond what this report says.",
    ),
    "valid": (
        "Prova verificabile con i dati qui contenuti fino al {day}; poi chiedere un esibito aggiornato.",
        "The proof can be verified with the data herein until {day}; after that, ask for an updated exhibit.",
    ),
    "valid unknown": (
        "Non vi è ancora una marca temporale dell'archivio: la durata della prova non si può indicare.",
        "There is no time stamp of the archive yet: how long the proof holds cannot be said.",
    ),
    "nature": ("Natura dei documenti", "Nature of the documents"),
    "duplicates": (
        "I file .eml sono duplicati informatici dei messaggi conservati: la stessa sequenza di bit (CAD, artt. 1 e "
        "23-bis). Le stampe in questo rapporto sono copie di cortesia e non sostituiscono i file .eml.",
        "The .eml files are duplicati informatici of the messages kept: the same sequence of bits (CAD, artt. 1 and "
        "23-bis). The printouts in this report are courtesy copies and do not replace the .eml files.",
    ),
    "by whom": ("Formazione dell'esibito", "Making of the exhibit"),
    "holder": ("Titolare", "Holder"),
    "responsible": ("Responsabile della conservazione", "Responsabile della conservazione"),
    "made": ("Formato il", "Made at"),
    "operator": ("Operatore", "Operator"),
    "reason": ("Motivo", "Reason"),
    "act": ("Atto nel registro", "Act in the register"),
    "software": ("Programma", "Program"),
    "recipient": ("Limitato al destinatario", "Limited to the recipient"),
    "sealed": ("Sigillo", "Seal"),
    "sealed yes": ("l'indice del PdD è sigillato", "the index of the PdD is sealed"),
    "sealed no": ("esibito NON sigillato", "exhibit NOT sealed"),
    "role": ("ruolo", "role"),
    "timeline": ("Che cosa è accaduto", "What happened"),
    "timeline note": (
        "Gli orari sono quelli dichiarati da ciascuna ricevuta, con il loro scarto da UTC; la marca temporale "
        "dell'archivio non è la data del messaggio.",
        "Times are those that each receipt states, with their offset from UTC; the archive's time stamp is not the "
        "date of the message.",
    ),
    "later": ("dopo {time}", "{time} later"),
    "grouped": ("{number} eventi uguali, l'ultimo il {last}", "{number} like events, the last at {last}"),
    "recipients": ("Destinatari ed esiti", "Recipients and outcomes"),
    "address": ("Indirizzo", "Address"),
    "when": ("Quando", "When"),
    "receipt": ("Ricevuta e contenuto", "Receipt and content"),
    "unsigned": ("nessuna firma del gestore", "no provider's signature"),
    "all delivered": ("tutti consegnati tra il {first} e il {last}", "all delivered between {first} and {last}"),
    "see list": ("elenco completo: «{title}»", "complete list: “{title}”"),
    "more": ("e altri {number}: vedere «{title}»", "and {number} more: see “{title}”"),
    "messages": ("Messaggi esibiti", "Messages exhibited"),
    "number": ("N.", "No."),
    "kind": ("Tipo", "Kind"),
    "date": ("Data dichiarata", "Date stated"),
    "signature": ("Firma del gestore", "Provider's signature"),
    "proof": ("Prova dell'archivio", "Proof of the archive"),
    "since": ("esiste dal {at}", "exists since {at}"),
    "until": ("verificabile fino al {day}", "verifiable until {day}"),
    "pending": ("in nessun volume: non ancora sigillato", "in no volume: not sealed yet"),
    "volumes": ("Pacchetti di archiviazione (PdA) da cui proviene", "Pacchetti di archiviazione (PdA) it comes from"),
    "volume": ("Volume", "Volume"),
    "shown": ("{shown} messaggi esibiti su {messages}", "{shown} messages of {messages} shown"),
    "signer": ("Sigillato da", "Sealed by"),
    "record": ("Evidence record (RFC 4998)", "Evidence record (RFC 4998)"),
    "algorithm": ("Algoritmo", "Algorithm"),
    "authority": ("Autorità di marcatura temporale", "Time stamping authority"),
    "qualified": ("marca temporale qualificata", "qualified time stamp"),
    "unqualified": ("riferimento temporale non qualificato", "riferimento temporale non qualificato"),
    "checks": (
        "Verifiche eseguite dal giorno della ricezione",
        "Every check made since the day of receipt",
    ),
    "check": ("Verifica", "Check"),
    "result": ("Esito", "Outcome"),
    "detail": ("Che cosa", "What"),
    "no checks": ("nessuna verifica annotata", "no check on record"),
    "open": ("Che cosa resta INDETERMINATE, e perché", "What remains INDETERMINATE, and why"),
    "failed": ("Che cosa è fallito", "What failed"),
    "none open": ("nulla resta INDETERMINATE", "nothing remains INDETERMINATE"),
    "contents": (
        "Il giudizio sul contenuto di ciascun messaggio (la firma del gestore) sta accanto a quello sul pacchetto e "
        "non lo cambia.",
        "The judgement on the content of each message (the provider's signature) stands beside that on the package "
        "and does not change it.",
    ),
    "clause": ("norma", "clause"),
    "notes": ("Annotazioni sul dossier", "Notes on the dossier"),
    "other notes": ("Altre annotazioni", "Other notes"),
    "anchors": ("Impronte da confrontare", "Fingerprints to compare"),
    "anchors note": (
        "Questi certificati sono forniti dalla parte che esibisce: la loro impronta va confrontata con l'elenco "
        "europeo dei prestatori fiduciari (trusted list), con AgID o con il prestatore stesso, prima di crederli.",
        "These certificates come from the party that exhibits: compare their fingerprints with the European trusted "
        "list, with AgID or with the provider itself, before believing them.",
    ),
    "role anchor": ("Per", "For"),
    "name": ("Nome", "Name"),
    "seal": ("sigillo", "seal"),
    "tsa": ("marche temporali", "time stamps"),
    "providers": ("gestori PEC", "PEC providers"),
    "copies": ("Copie di cortesia", "Courtesy copies"),
    "copies note": (
        "Stampa del contenuto dei messaggi, a solo scopo di lettura. Il segno ▯ sta per un carattere che questa stampa "
        "non può mostrare, [U+...] per un carattere di controllo. Fa fede il file .eml.",
        "Printout of the messages' content, for reading only. The sign ▯ stands for a character that this printout "
        "cannot show, [U+...] for a control character. The .eml file is what counts.",
    ),
    "of all": (
        "Di tutti i messaggi, salvo quelli che dicono altro: {said}",
        "Of all messages, but those that say otherwise: {said}",
    ),
    "taken too": (
        "Con lo stesso esito altri {number} messaggi: le loro firme, una per una, in «{title}».",
        "With the same outcome {number} more messages: their signatures, one by one, in “{title}”.",
    ),
    "brief": (
        "Altre {number} ricevute, che ripetono il messaggio, non sono stampate: tipo, data e impronta di ciascuna sono "
        "in «{title}», il testo nei file .eml.",
        "{number} more receipts, which repeat the message, are not printed: kind, date and digest of each are in "
        "“{title}”, the text in the .eml files.",
    ),
    "copy": ("COPIA DI CORTESIA", "COURTESY COPY"),
    "html": ("testo ricavato dall'HTML", "text taken from the HTML"),
    "no text": ("nessun testo", "no text"),
    "cut": (
        "... testo troncato: altri {number} caratteri nel file .eml",
        "... text cut: {number} more characters in the .eml file",
    ),
    "partial": ("... il resto è nel file .eml", "... the rest is in the .eml file"),
    "copies cut": (
        "Le copie di cortesia di altri {number} messaggi sono omesse per brevità: leggere i file .eml.",
        "The courtesy copies of {number} more messages are left out for brevity: read the .eml files.",
    ),
    "attachments": ("Allegati", "Attachments"),
    "inner": ("Messaggio originale contenuto (postacert.eml)", "Original message inside (postacert.eml)"),
    "size": ("Dimensione", "Size"),
    "file": ("File", "File"),
    "deposit": ("Deposito", "Filing"),
    "deposit note": (
        "File preparati per il {system} secondo i limiti in vigore dal {since} ({source}).",
        "Files prepared for the {system} within the limits in force since {since} ({source}).",
    ),
    "send": ("Invio", "Send"),
    "exhibit zip": (
        "L'esibito completo, con indici sigillati, evidence record e strumenti di verifica, è il file {name} "
        "({size}), a disposizione del giudice e del consulente. SHA-256:",
        "The full exhibit, with sealed indexes, evidence records and means to verify them, is the file {name} "
        "({size}), at the disposal of the court and its expert. SHA-256:",
    ),
    "attestation": ("Attestazione di conformità (da compilare)", "Attestazione di conformità (to be filled in)"),
    "attestation note": (
        "Modulo in bianco per il difensore o il pubblico ufficiale che ne ha il potere. Il sistema di conservazione "
        "non attesta conformità. I duplicati informatici (.eml) non richiedono attestazione.",
        "Blank form for the lawyer or public official who has the power to sign it. The system never attests "
        "conformity. Duplicati informatici (.eml) need no attestation. The form is in Italian, as the law is.",
    ),
}  # fmt: skip

FORM = (
    "Io sottoscritto/a {line}, nella qualità di {line}, C.F. {line},",
    "ATTESTO",
    "ai sensi e per gli effetti (barrare ciò che ricorre):",
    "☐ degli artt. 6 c. 1 e 9 c. 1-bis e 1-ter L. 21 gennaio 1994 n. 53 e 23 c. 1 D.Lgs. 82/2005, "
    "che le stampe qui unite sono conformi ai documenti informatici da cui sono tratte;",
    "☐ degli artt. 196-novies e 196-undecies disp. att. c.p.c., che le copie informatiche qui elencate sono conformi "
    "agli originali o ai duplicati da cui sono estratte;",
    "☐ altro: {line}",
    "I documenti cui l'attestazione si riferisce sono individuati dal nome del file e dalla sua impronta SHA-256:",
)

__all__ = ["ANSWERS", "CHECKS", "CONTENTS", "FORM", "INDICATIONS", "KINDS", "MARK", "REASONS", "ROLES", "SENTENCES",
           "STATES", "TERMS", "Words", "say", "word"]  # fmt: skip


def word(words: Words, key: str, lang: str) -> str:
    """A word of a table; one that the table does not have stands for itself."""
    italian, english = words.get(key, (key, key))
    return english if lang == "en" else italian


def say(term: str, lang: str, **values: object) -> str:
    """One of the report's own terms, its `{values}` filled in. Raises KeyError for one that it does not have."""
    italian, english = TERMS[term]
    return (english if lang == "en" else italian).format_map(values)
