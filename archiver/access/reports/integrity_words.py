"""What only the yearly integrity report says, Italian and English."""

from archiver.access.words import Words

TERMS: Words = {
    "nature": ("1. Natura del rapporto", "1. What this report is"),
    "nature text": (
        "Il rapporto segue l'impostazione che il regolamento (UE) n. 910/2014 come modificato dal regolamento (UE)"
        " 2024/1183, art. 45 decies (45j), e la specifica CEN/TS 18170 danno ai rapporti di integrità dei servizi di"
        " archiviazione elettronica. È redatto automaticamente dai dati del sistema: configurazione, catalogo,"
        " resoconti"
        " dei controlli, registro.",
        "The report follows the pattern that Regulation (EU) No 910/2014 as amended by Regulation (EU) 2024/1183, art."
        " 45j, and CEN/TS 18170 give to the integrity reports of electronic archiving services. It is made"
        " automatically"
        " from the system's data: configuration, catalog, reports of checks, register.",
    ),
    "not": ("Che cosa non è", "What this is not"),
    "not 1": (
        "Conservazione in proprio da parte del titolare: nessun prestatore di servizi fiduciari, qualificato o no, ne"
        " risponde.",
        "Conservation by the holder itself: no trust service provider, qualified or not, answers for it.",
    ),
    "not 2": (
        "Non un archivio elettronico qualificato (eIDAS, art. 45 decies): la presunzione di integrità e origine che la"
        " legge lega a quel servizio non vale qui; la prova è quella che i pacchetti portano con sé.",
        "Not a qualified electronic archive (eIDAS, art. 45j): the presumption of integrity and origin that the law"
        " ties"
        " to that service does not hold here; the proof is that which the packages carry.",
    ),
    "not 3": (
        "Non la conservazione fiscale delle fatture elettroniche che una PEC trasporta.",
        "Not the fiscal conservation of electronic invoices that a PEC carries.",
    ),
    "not 4": (
        "Il testo di CEN/TS 18170 non è stato verificato capitolo per capitolo: la corrispondenza è di contenuto, non"
        " certificata.",
        "The text of CEN/TS 18170 was not checked chapter by chapter: the correspondence is one of content, and not"
        " certified.",
    ),
    "policy": ("3. Politica di conservazione", "3. Preservation policy"),
    "policy note": (
        "Come oggi configurata; il manuale di conservazione la descrive per esteso.",
        "As configured today; the manuale di conservazione describes it in full.",
    ),
    "classes": ("Classi di conservazione", "Retention classes"),
    "event": ("decorrenza", "counted from"),
    "years": ("anni", "years"),
    "basis": ("fondamento", "legal basis"),
    "digests": ("impronte", "digests"),
    "digests text": (
        "SHA-256 nell'indice UNI 11386; una seconda famiglia negli evidence record (RFC 4998), che coprono ogni file.",
        "SHA-256 in the index (UNI 11386); a second family in the evidence records (RFC 4998), which cover every file.",
    ),
    "renewal": ("rinnovo", "renewal"),
    "renewal text": (
        "90 giorni prima della prima scadenza; subito, se una TSA o un algoritmo cade; nuovo albero quando cade"
        " l'impronta.",
        "90 days before the first end; at once if an authority or an algorithm falls; a new tree when the digest"
        " falls.",
    ),
    "seal": ("sigillo degli indici", "seal of the indexes"),
    "reading": ("rilettura", "reading"),
    "reading text": (
        "ogni copia entro {days} giorni, su {copies} depositi",
        "every copy in {days} days, on {copies} stores",
    ),
    "suspicion": ("in caso di sospetto", "on suspicion"),
    "suspicion text": (
        "Un danno resta aperto finché una copia integra lo ripara come nuova versione; ciò che nessuna copia ha resta"
        " dichiarato; nulla si sovrascrive.",
        "A damage stays open until an intact copy repairs it as a new version; what no copy has stays declared; nothing"
        " is overwritten.",
    ),
    "algorithms": ("4. Algoritmi e loro scadenze", "4. Algorithms and their ends"),
    "algorithms note": ("Catalogo: {source}.", "Catalogue: {source}."),
    "key": ("chiave da", "key from"),
    "no end": ("nessuna fine annunciata", "no end announced"),
    "tokens": ("Autorità di marcatura temporale", "Time stamping authorities"),
    "certificate until": ("certificato fino al", "certificate until"),
    "last token": ("ultima marca", "last token"),
    "local": ("integrata, senza valore legale", "embedded, without legal value"),
    "retired": ("ritirata", "retired"),
    "ahead": ("Rinnovi attesi fino al {day}", "Renewals expected until {day}"),
    "ahead note": (
        "Previsione: ciò che c'è oggi, rinnovato 90 giorni prima di ogni scadenza.",
        "Forecast: what is there today, renewed 90 days before each end.",
    ),
    "no steps": ("Nessun rinnovo atteso.", "No renewal expected."),
    "token number": ("marche", "tokens"),
    "events": ("7. Eventi dell'anno", "7. Events of the year"),
    "events note": (
        "Dal registro degli accessi e degli atti, che nomina ogni atto con il precedente e che l'evidenza di ogni notte"
        " copre.",
        "From the register of accesses and acts, in which each act names the one before it, and which each night's"
        " evidence covers.",
    ),
    "act": ("atto", "act"),
    "number": ("numero", "number"),
    "closed": (
        "Nell'anno sono stati chiusi {volumes} volumi (PdA) con {messages} messaggi.",
        "In the year {volumes} volumes (PdA) with {messages} messages were closed.",
    ),
    "no acts": ("Nessun atto nell'anno.", "No acts in the year."),
    "availability": ("8. Disponibilità", "8. Availability"),
    "availability note": (
        "Quanto il sistema ne sa: risposte dei depositi alla redazione e durante i controlli, ultima lettura delle"
        " caselle. Non è una misura continua.",
        "What the system knows of it: whether stores answered now and during checks, when mailboxes were read last. It"
        " is no continuous measure.",
    ),
    "answers": ("risponde alla redazione", "answers now"),
    "yes": ("sì", "yes"),
    "no": ("NO", "NO"),
    "silent sweeps": ("controlli in cui non rispondeva", "checks in which it did not answer"),
    "last poll": ("ultima lettura", "last poll"),
    "never": ("mai da un server", "never from a server"),
    "incidents": ("9. Incidenti", "9. Incidents"),
    "incidents note": (
        "Danni trovati alle copie nell'anno, riparazioni, controlli incompleti. Incidenti fuori dal sistema (persone,"
        " locali, reti) vanno aggiunti a mano dal responsabile.",
        "Damages found in copies in the year, repairs, incomplete checks. Incidents outside of the system (people,"
        " premises, networks) are to be added by hand by the responsabile.",
    ),
    "no incidents": ("Nessuno di cui il sistema sappia.", "None that the system knows of."),
    "incident sweep": (
        "{number} danni aperti alla fine del controllo",
        "{number} damages open at the end of the check",
    ),
    "incident repair": ("{number} oggetti riparati", "{number} objects repaired"),
    "changes": (
        "10. Cambiamenti di prestatori, certificati, programma",
        "10. Changes of providers, certificates, software",
    ),
    "met": ("Certificati incontrati per la prima volta", "Certificates met for the first time"),
    "signer": ("sigillo o firma", "seal or signature"),
    "provider": ("gestore PEC", "PEC provider"),
    "no met": ("Nessuno.", "None."),
    "versions": ("Versioni del programma nei controlli dell'anno", "Versions of the software in the year's checks"),
    "stores": ("Depositi", "Stores"),
    "country": ("paese", "country"),
    "operator": ("gestore", "operator"),
    "lock": ("blocco", "lock"),
    "none": ("nessuno", "none"),
    "primary": ("primario", "primary"),
}
