"""Points d and e: how packages come in and are answered for, and how they become archival packages."""

from collections.abc import Iterator

from archiver.access.manual.facts import SOURCE, Told, binary, number
from archiver.access.printing.editable import Editable, todo


def intake(paper: Editable, told: Told) -> None:
    """Point d."""
    rules = told["rules"]
    paper.heading("d) Presa in carico dei pacchetti di versamento e rapporto di versamento")
    paper.note(SOURCE.format("d"))
    paper.text("Un pacchetto di versamento (PdV) è quanto una lettura di una casella ha portato di nuovo.")
    paper.table(
        ("casella", "provenienza", "chiusura del volume", "cancellazione dal server"),
        list(_sources(told)),
        (3, 6.3, 3.4, 3.8),
    )
    paper.heading("Acquisizione", 2)
    paper.steps(
        [
            "La casella si apre in sola lettura (IMAP: EXAMINE, BODY.PEEK): nessuno stato dei messaggi cambia.",
            "Si leggono tutte le cartelle tranne bozze e posta indesiderata, o quelle configurate; un registro degli"
            " UID"
            " dice che cosa è stato visto, e alla fine si confronta con i conteggi del server.",
            "Di ogni messaggio si calcolano SHA-256 e SHA-512 sui byte ricevuti: l'impronta è la sua identità.",
            f"I messaggi si scrivono in segmenti (ZIP non compressi, al più {number(rules['segment_messages'])}"
            f" messaggi o"
            f" {binary(rules['segment_bytes'])}), una volta sola, durevolmente, e si rileggono.",
            "Il rapporto di versamento li nomina: da quel momento il messaggio è nell'archivio.",
        ]
    )
    paper.heading("Controlli", 2)
    paper.bullets(
        [
            "tipo del messaggio: intestazioni, confermate da daticert.xml nella parte firmata;",
            "firma del gestore in quattro risposte: integrità, origine (CA dei gestori pubblicate da AgID), tempo,"
            " algoritmo; ciascuna può essere superata, non conclusiva o fallita;",
            "struttura MIME, formato degli allegati dal contenuto, duplicati nella stessa casella;",
            "firme degli allegati: "
            + ("verificate, senza mai bloccare" if told["attachments"] else "non verificate")
            + ";",
            "antivirus: non eseguito; un virus non impedisce l'archiviazione.",
        ]
    )
    paper.text(
        "Nessun messaggio è rifiutato: un'anomalia è un rilievo nel rapporto. L'elenco dei rilievi possibili, tratto"
        " dal"
        " programma, è in appendice."
    )
    paper.heading("Rapporto di versamento (RdV)", 2)
    signed = "è firmato" if told["sign_rdv"] else "non è firmato: lo prova l'evidence record della notte"
    paper.text(
        "Generato automaticamente per ogni PdV: identificativo univoco, tempo UTC, titolare, produttore, casella,"
        " cartelle lette, programma e versione di questo manuale, RdV precedente; per ogni oggetto origine, le due"
        " impronte, dimensione, tipo, esito (accettato, duplicato, non acquisito), rilievi; impronte SHA-256 e SHA-512"
        f" dell'intero contenuto del PdV. Il RdV {signed}. Si conserva come oggetto a sua volta."
    )
    paper.text(
        "Modalità e accordi con il produttore: " + todo("accordo di versamento, o «produttore e titolare coincidono»")
    )


def packages(paper: Editable, told: Told) -> None:
    """Point e."""
    rules, signer = told["rules"], told["signer"]
    tsas = [tsa for tsa in told["tsas"] if not tsa["retired"]]
    lines = 1 + sum(tsa["redundant"] for tsa in tsas)
    paper.heading("e) Processo di conservazione e trattamento dei pacchetti di archiviazione")
    paper.note(SOURCE.format("e"))
    paper.text(
        "Un pacchetto di archiviazione (PdA) è un volume: segmenti interi di una casella, di una classe e di un anno"
        f" solare. Si chiude a {number(rules['volume_messages'])} messaggi, a {binary(rules['volume_bytes'])} o alla"
        f" scadenza"
        " della casella (punto d)."
    )
    paper.heading("Dalla casella al pacchetto di archiviazione", 2)
    paper.steps(
        [
            "Presa in carico: punto d). L'insieme dei RdV e dei volumi della notte forma un solo albero di impronte"
            f" ({', '.join(sorted({tsa['digest'] for tsa in tsas})) or 'sha512'}).",
            f"L'albero riceve una marca temporale (RFC 3161) da {lines} autorità: ogni RdV ha la sera stessa il proprio"
            " evidence record (RFC 4998).",
            "Alla chiusura del volume ogni messaggio riceve i metadati dell'Allegato 5 (punto c).",
            "L'indice del PdA si forma secondo UNI 11386 (SInCRO): un'impronta SHA-256 per ogni file, nessun dato"
            " personale nell'indice né nei nomi.",
            f"Il certificato di firma si controlla (validità, revoca, uso, soggetto); l'indice si firma"
            f" {_signing(told)},"
            f" livello CAdES {signer['level']}; la firma si verifica subito.",
            "L'evidence record del volume copre indice, RdV, metadati, certificati e ogni messaggio, con una seconda"
            " famiglia di impronte: la caduta di una lascia in piedi l'altra.",
            "Un verificatore indipendente rilegge tutto dal deposito: solo un volume PASSED è chiuso.",
            "Ogni oggetto del volume è bloccato fino alla fine del termine, dove il deposito lo consente (punto g).",
        ]
    )
    paper.heading("Firma e sigillo", 2)
    certificate = signer["certificate"]
    paper.pairs(
        [
            ("firmatario", f"{signer['name']} ({signer['role']})"),
            ("certificato", certificate["subject"] if certificate else todo("soggetto del certificato di firma")),
            ("emesso da", certificate["issuer"] if certificate else todo("autorità che lo ha emesso")),
            ("valido fino al", _day(certificate["until"]) if certificate else todo("scadenza del certificato")),
            ("modalità", _signing(told)),
            ("livello", f"CAdES {signer['level']}"),
        ],
        (4, 12.5),
    )
    if not told["legal_value"]:
        paper.text("Firma e marche di questo archivio sono generate sulla macchina stessa: senza valore legale.")
    paper.heading("Volumi già sigillati", 2)
    paper.text(
        "Un volume sigillato non cambia mai: una correzione è un volume nuovo che nomina il precedente."
        " Un'interruzione in"
        " qualunque punto è completata dall'esecuzione seguente, senza una seconda firma o una seconda marca sullo"
        " stesso"
        " oggetto."
    )


def _sources(told: Told) -> Iterator[tuple[str, str, str, str]]:
    for box in told["mailboxes"]:
        where = f"server IMAP {box['host']} (TLS)" if box["host"] else "file consegnati (archiver ingest --from)"
        folders = f"; cartelle: {', '.join(box['folders'])}" if box["folders"] else ""
        purge = "solo ciò che è provato al sicuro" if box["purge"] else "mai"
        yield box["name"], where + folders, _closing(box["close_after"]), purge


def _closing(rule: str) -> str:
    count, unit = int(rule[:-1]), rule[-1]
    one, many = ("giorno", "giorni") if unit == "d" else ("mese", "mesi")
    return f"dopo {count} {one if count == 1 else many}"


def _signing(told: Told) -> str:
    return {
        "file": "con una chiave in un file protetto",
        "pkcs11": "con un dispositivo PKCS#11 (token o HSM)",
        "command": "con un servizio di firma remota o automatica",
        "hand": "a mano dal firmatario (archiver seal --to-sign, --signed)",
        "local": "con la chiave dimostrativa della macchina, senza valore legale",
    }[told["signer"]["kind"]]


def _day(stated: str | None) -> str:
    return f"{stated[8:10]}/{stated[5:7]}/{stated[:4]}" if stated else "-"
