"""What a check-up says: of everything that it looks at, what that is and what can be found, in Italian and English."""

WORDS: dict[str, tuple[str, str]] = {
    "configuration.looked": ("il file di configurazione {file}", "the configuration {file}"),
    "configuration.ok": (
        "{holders} titolari, {mailboxes} caselle, {stores} store",
        "{holders} holders, {mailboxes} mailboxes, {stores} stores",
    ),
    "configuration.writable": (
        "permessi {mode}: altri utenti possono cambiare la configurazione, e con essa che cosa viene eseguito",
        "permissions {mode}: other users may change the configuration, and with it what is run",
    ),
    "configuration.readable": (
        "permessi {mode}: contiene la password del catalogo, e altri utenti possono leggerla",
        "permissions {mode}: it holds the catalog's password, and other users may read it",
    ),
    "users.looked": ("gli [[user]] e gli utenti di questa macchina", "the [[user]] tables and this machine's users"),
    "users.none": (
        "nessun [[user]]: chiunque esegua il programma può tutto",
        "no [[user]]: whoever runs it may do all",
    ),
    "users.ok": ("{count} utenti, tutti di questa macchina", "{count} users, all of this machine"),
    "users.unknown": (
        "{login} ({role}) non è un utente di questa macchina: non potrà fare nulla",
        "{login} ({role}) is no user of this machine: it will not be able to do anything",
    ),
    "secrets.looked": ("{count} fra segreti e chiavi: file e permessi", "{count} secrets and keys: files, permissions"),
    "secrets.none": ("la configurazione non ne nomina", "the configuration names none"),
    "secrets.ok": ("ci sono tutti, e nessun altro li può leggere", "all there, and nobody else may read them"),
    "secrets.open": (
        "{path}: permessi {mode}: altri utenti possono leggerlo",
        "{path}: permissions {mode}: other users may read it",
    ),
    "secrets.closed": ("{path}: permessi ora 0600", "{path}: permissions are 0600 now"),
    "programs.looked": ("Python e le librerie di questa macchina", "Python and this machine's libraries"),
    "programs.ok": ("Python {python}, {others}", "Python {python}, {others}"),
    "programs.old": (
        "Python {python} non riceve più aggiornamenti di sicurezza dal {end:%Y-%m-%d} ({others})",
        "Python {python} has had no security updates since {end:%Y-%m-%d} ({others})",
    ),
    "room.looked": ("lo spazio libero per {what} ({path})", "the room left for {what} ({path})"),
    "room.ok": ("{free} liberi di {total}", "{free} free of {total}"),
    "room.low": ("solo {free} liberi di {total}: ingrandire il disco", "only {free} free of {total}: enlarge the disk"),
    "room.full": (
        "{free} liberi di {total}: non basta per una notte, che si fermerà senza perdere nulla; liberare spazio",
        "{free} free of {total}: not enough for a night, which will stop and lose nothing; make room",
    ),
    "room.files": (
        "solo {files} file ancora possibili (inode): servono un altro file system o meno file",
        "only {files} more files possible (inodes): another file system is needed, or fewer files",
    ),
    "place.looked": ("dove stanno catalogo e store", "where catalog and stores lie"),
    "place.ok": ("non tutto su un solo disco", "not all of it on one disk"),
    "place.server": (
        "catalogo su un server: la sua copia di sicurezza è del server",
        "catalog on a server: its backup is that server's",
    ),
    "place.rebuilt": (
        "sullo stesso disco, ma il catalogo si rifà da {store}: {command}",
        "on one disk, but the catalog can be made again from {store}: {command}",
    ),
    "place.one": (
        "catalogo e ogni store sullo stesso disco: chi lo perde perde l'archivio; aggiungere un [[store]] altrove",
        "catalog and every store on one disk: who loses it loses the archive; add a [[store]] elsewhere",
    ),
    "temporary.looked": ("ciò che scritture interrotte hanno lasciato in {store}", "what cut writes left in {store}"),
    "temporary.ok": ("nulla più vecchio di un giorno", "nothing older than a day"),
    "temporary.left": ("{count} file interrotti da oltre un giorno", "{count} files cut off more than a day ago"),
    "temporary.tidied": ("{count} file tolti", "{count} files removed"),
    "store.new": (
        "non c'è ancora, né c'è il catalogo: li fa il comando che segue, o la prima acquisizione",
        "not there yet, nor is the catalog: the next command makes both, or the first ingest",
    ),
    "store.looked": ("lo store {shown}: c'è, e si apre", "the store {shown}: it is there, and opens"),
    "store.ok": ("{shown}", "{shown}"),
    "apart.looked": ("che cosa toglierebbe insieme {one} e {other}", "what would take {one} and {other} at once"),
    "apart.operator": (
        "gestito da {operator!r} come {one}: chi chiude un contratto li chiude entrambi; meglio un altro gestore",
        "run by {operator!r}, as {one}: who closes one account closes both; better somebody else",
    ),
    "apart.keys": (
        "le stesse chiavi di {one}: chi le ruba ha entrambi; dare a ciascuno le sue",
        "the keys of {one}: who steals them has both; give each store its own",
    ),
    "apart.disk": (
        "{path} è sullo stesso disco di {one}: con quello si perdono entrambi",
        "{path} is on the same disk as {one}: both go with it",
    ),
    "probe.looked": ("che cosa fa davvero {shown}", "what {shown} really does"),
    "locks.looked": ("i blocchi degli oggetti in {shown}", "the locks of the objects in {shown}"),
    "locks.ok": (
        "{asked} di {all} oggetti interrogati, tutti bloccati",
        "{asked} of {all} objects asked for, all locked",
    ),
    "locks.bare": (
        "{several}: nessun blocco: chi ha le chiavi può cancellarli. Copiati da altrove, scritti con lock spento, o le"
        " chiavi non possono GetObjectRetention. Bloccarli a mano, o copiare l'archivio in un bucket coi suoi comandi",
        "{several}: no lock: anybody with the keys can delete it. Copied from elsewhere, written while lock was off, or"
        " the keys may not GetObjectRetention. Lock it by hand, or copy the archive into a bucket by its own commands",
    ),
    "locks.ending": (
        "{several}: il blocco finisce prima del {soon:%Y-%m-%d}: da allora chi ha le chiavi può cancellarli; alla"
        " chiusura del volume si allunga, ciò che ha passato il termine è da scartare",
        "{several}: lock ends before {soon:%Y-%m-%d}: from then on anybody with the keys can delete it; sealing its"
        " volume lengthens it, what is past its term is to be discarded",
    ),
    "several": ("{first} ({count} di {asked} oggetti interrogati)", "{first} ({count} of {asked} objects asked for)"),
    "catalog.looked": (
        "{shown}: revisione, pagine (quick_check), dimensione, permessi",
        "{shown}: revision, pages (quick_check), size, permissions",
    ),
    "catalog.ok": (
        "revisione {revision}, {messages} messaggi, {size}",
        "revision {revision}, {messages} messages, {size}",
    ),
    "catalog.unsound": (
        "il file è danneggiato ({found}); nulla dell'archivio è perduto: metterlo da parte e rifarlo dallo store",
        "the file is damaged ({found}); nothing of the archive is lost: put it aside and make it again from the store",
    ),
    "catalog.open": (
        "permessi {mode}: altri utenti leggono oggetti e indirizzi di ogni messaggio",
        "permissions {mode}: other users read subjects and addresses of every message",
    ),
    "agreement.looked": (
        "se ogni oggetto che il catalogo conosce è in {shown}",
        "whether every object that the catalog knows is in {shown}",
    ),
    "agreement.ok": ("{count} oggetti, tutti nello store", "{count} objects that the catalog knows are in the store"),
    "agreement.missing": (
        "{first}{more}: nel catalogo e non nello store: prima di ogni altra cosa rimettere lo store",
        "{first}{more}: in the catalog, and not in the store: restore the store before anything else",
    ),
    "agreement.more": (" e altri {count}", " and {count} more"),
    "agreement.cut": (
        "{count} oggetti confrontati nel tempo concesso, tutti nello store; il resto no",
        "{count} objects compared in the time allowed, all in the store; the rest not",
    ),
    "counts.looked": (
        "i totali che il catalogo tiene con le righe, ricontandole tutte",
        "the totals that the catalog keeps with the rows, all of them counted again",
    ),
    "counts.ok": ("giusti", "right"),
    "counts.wrong": (
        "{count} totali non sono quelli delle righe, il primo: {first}; nulla è perduto, ma stato, metriche e rapporti"
        " dicono numeri sbagliati",
        "{count} totals are not those of the rows, the first: {first}; nothing is lost, but status, metrics and reports"
        " tell wrong numbers",
    ),
    "counts.again": ("totali rifatti dalle righe", "totals made again from the rows"),
    "search.looked": (
        "quanti messaggi attendono l'indice della ricerca",
        "how many messages wait for the search index",
    ),
    "search.ok": ("nessuno: corpi e allegati si trovano tutti", "none: all bodies and attachments can be found"),
    "search.behind": (
        "{count} messaggi: la ricerca non ne trova corpi e allegati",
        "{count} messages: no search finds their bodies and attachments",
    ),
    "search.indexed": ("{count} messaggi letti", "{count} messages read"),
    "register.looked": ("l'ultimo atto di ogni registro e l'orologio", "the last act of every register, and the clock"),
    "register.ok": ("nessun atto è avanti all'orologio", "no act is ahead of the clock"),
    "sweep.looked": (
        "la promessa: ogni copia riletta entro {days} giorni",
        "the promise: every copy read in {days} days",
    ),
    "sweep.ok": ("mantenuta, nessun rilievo aperto", "kept, no open finding"),
    "evidence.looked": ("fin quando provano gli evidence record", "until when the evidence records prove"),
    "evidence.ok": ("nessun rinnovo da fare", "no renewal due"),
    "volumes.looked": ("ciò che attende un volume o una marca temporale", "what waits for a volume or a time stamp"),
    "volumes.ok": ("nulla da troppo tempo", "nothing for too long"),
    "trust.looked": ("i certificati dei gestori mai visti prima", "providers' certificates never seen before"),
    "trust.ok": ("nessuno da confermare", "none to confirm"),
    "providers.looked": (
        "i certificati delle CA dei gestori in {folder}",
        "the certificates of providers' CAs in {folder}",
    ),
    "providers.ok": ("{count} certificati di CA", "{count} CA certificates"),
    "providers.none": (
        "nessun certificato di CA: l'origine di ogni firma PEC sarà INDETERMINATE; mettervi quelli pubblicati da AgID",
        "no CA certificate: the origin of every PEC signature will be INDETERMINATE; add those of AgID's list",
    ),
    "providers.made": ("fatta la cartella {folder}", "made the folder {folder}"),
    "signer.looked": (
        "il certificato di firma, la sua catena, la sua chiave",
        "the signing certificate, its path, its key",
    ),
    "signer.hand": (
        "a mano: archiver seal --to-sign DIR, poi --signed DIR",
        "by hand: archiver seal --to-sign DIR, then --signed DIR",
    ),
    "signer.ok": (
        "il certificato può firmare, fino al {end:%Y-%m-%d}",
        "the certificate may sign, until {end:%Y-%m-%d}",
    ),
    "tsa.looked": (
        "{place}: una marca di prova, che conta e può costare",
        "{place}: one token, which counts and may cost",
    ),
    "tsa.ok": (
        "risponde, e la sua marca è valida; il suo certificato vale fino al {end:%Y-%m-%d}",
        "answers, and its token is good; its certificate holds until {end:%Y-%m-%d}",
    ),
    "clock.looked": (
        "l'orologio di questa macchina contro quello della TSA {tsa}",
        "this machine's clock against that of the TSA {tsa}",
    ),
    "clock.ok": ("differenza {seconds} s", "{seconds} s apart"),
    "clock.off": (
        "differenza {seconds} s: rimettere l'orologio (NTP)",
        "{seconds} s apart: set the clock right (NTP)",
    ),
    "mailbox.looked": (
        "{place}: accesso e cartelle, come li vede l'acquisizione",
        "{place}: login and folders, as ingest",
    ),
    "mailbox.ok": ("risponde; messaggi: {folders}", "answers; messages: {folders}"),
    "mailbox.full": (
        "piena al {share} %: oltre il 100 % il gestore rifiuta i messaggi in arrivo",
        "{share} % full: beyond 100 % the provider refuses what arrives",
    ),
    "mailbox.empty": ("nessuna cartella da leggere", "no folder to read"),
    "mailbox.there": ("c'è", "is there"),
    "mailbox.gone": ("{path} non c'è", "{path} is not there"),
    "cut": (
        "nessuna risposta entro {seconds:g} secondi: lasciato stare",
        "no answer within {seconds:g} seconds: left alone",
    ),
    "unforeseen": (
        "il controllo stesso si è interrotto ({error}): è un difetto del programma, da segnalare; gli altri controlli"
        " valgono",
        "the check itself broke off ({error}): a defect of the program, to be reported; the other checks hold",
    ),
    "unforeseen.looked": ("questo controllo", "this check"),
    "unmended": ("{found} (non riparato: {reason})", "{found} (not mended: {reason})"),
}
