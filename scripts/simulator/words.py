"""What people write to each other in the simulation: subjects, sentences, attachments. Tables, nothing else."""

SUBJECTS = (
    "Richiesta di accesso agli atti",
    "Diffida e messa in mora",
    "Trasmissione fattura 118",
    "Convocazione assemblea ordinaria",
    "CONSEGNA: bozza del contratto",  # a user may write a system's prefix: never classify on the subject
    "Re: appuntamento di martedì",
    "Invio documentazione \"come da accordi\" & <allegati>",
    "Perché la società non può più attendere: sollecito di pagamento",
    "Notificazione ai sensi della legge n. 53 del 1994 - atto di citazione e procura alle liti, con relata di notifica",
    "Comunicazione di avvio del procedimento amministrativo relativo alla pratica edilizia n. 2024/00417 e "
    "contestuale richiesta di integrazione documentale entro trenta giorni dal ricevimento",
    "Attività di verifica già concordata: è necessario che l'università e la città metropolitana rispondano, cioè "
    "confermino, la disponibilità dei locali",
)  # fmt: skip

SENTENCES = (
    "Buongiorno,",
    "si trasmette quanto in oggetto, con preghiera di riscontro.",
    "La documentazione è allegata alla presente; la società resterà a disposizione per ogni chiarimento.",
    "In attesa di un cenno, si porgono distinti saluti.",
)

# a mailbox file (mbox) must quote these, and whoever reads it must be able to undo that
FROM_LINES = (
    "From Roma a Milano la spedizione richiede due giorni.",
    ">From era la prima parola della riga precedente.",
)

ATTACHMENTS = (
    "atto.pdf",
    "procura alle liti.pdf",
    "relata.pdf",
    "fattura 118.pdf",
    "verbale.txt",
    "elenco.txt",
    "contratto con la società.pdf",
)
