"""What an exhibit tells of itself (`data/dossier.json`), written by hand: one message to one recipient, or to many."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

ROME = timezone(timedelta(hours=1))
SENT = datetime(2026, 3, 2, 10, 15, 27, tzinfo=ROME)
STAMPED = datetime(2026, 3, 3, 2, 10, 0, tzinfo=UTC)
MADE = datetime(2026, 11, 22, 9, 30, 0, tzinfo=UTC)
SUBJECT = "Diffida ad adempiere – contratto n. 14/2025"
TEXT = (
    "Gentile controparte,\n\ncon la presente Vi diffidiamo ad adempiere entro quindici giorni.\n\nAvv. Anna Bianchi\n"
)


def told(recipients: int = 1, *, lang: str = "it", subject: str = SUBJECT, text: str = TEXT) -> dict[str, Any]:
    """One dossier: sent, accepted, delivered to each but every seventh; a volume, a record and its renewal."""
    everyone = [_recipient(number) for number in range(recipients)]
    messages = [
        _message("inviato", SENT, subject, text, everyone),
        _message("accettazione", SENT + timedelta(seconds=4), f"ACCETTAZIONE: {subject}", "Il messaggio ...", everyone),
        *(_receipt(one, subject) for one in everyone),
    ]
    return {
        "format": 1,
        "kind": "exhibit",
        "made": _z(MADE),
        "software": "pec-archiver 0.1.0",
        "lang": lang,
        "legal_value": False,
        "sealed": True,
        "by": {"login": "abianchi", "role": "operatore"},
        "reason": "R.G. 1234/2026, Tribunale di Torino",
        "act": "20261122T093000Z-3f9c2a",
        "holder": {"id": "studio", "name": "Studio Legale Bianchi e Associati", "codes": ["BNCNNA80A41L219X"]},
        "responsible": "Anna Bianchi",
        "full": False,
        "recipient": None,
        "dossiers": [_dossier(subject, everyone, messages)],
        "volumes": [_volume(len(messages))],
        "pending": [],
        "checks": _checks(),
        "verdict": _verdict(),
        "valid_until": "2035-06-30T22:00:00+00:00",
        "not_proven": [
            {
                "it": "Che il messaggio esistesse prima del 03/03/2026: per il periodo anteriore valgono le ricevute "
                "e i log del gestore (30 mesi).",
                "en": "That the message existed before 2026-03-03: for the time before, see the receipts and the "
                "provider's logs (30 months).",
            },
            {
                "it": "La marca temporale non è qualificata: riferimento temporale non qualificato.",
                "en": "The time stamp is not qualified: riferimento temporale non qualificato.",
            },
        ],
        "anchors": [
            {"path": f"data/anchors/{role}/{_sha(role)}.cer", "role": role, "subject": f"CN=CA di prova ({role})",
             "sha256": _sha(role)} for role in ("seal", "tsa", "providers")
        ],
        "tsas": [{"id": "tsa1", "qualified": False}],
    }  # fmt: skip


def _dossier(subject: str, everyone: list[dict[str, Any]], messages: list[dict[str, Any]]) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for one in everyone:
        counts[one["state"]] = counts.get(one["state"], 0) + 1
    return {
        "dossier": messages[0]["sha256"],
        "message_id": "<diffida-14@studio.example>",
        "identificativo": "opec21010.20260302101531.00001.1.1.1@pec.esempio.it",
        "subject": subject,
        "state": "delivered" if len(counts) == 1 else "failed",
        "trusted": True,
        "contradiction": False,
        "counts": counts,
        "recipients": everyone,
        "original": {
            "source": "inviato",
            "sha256": messages[0]["sha256"],
            "date": SENT.isoformat(),
            "from": "studio.bianchi@pec.esempio.it",
            "to": [one["address"] for one in everyone],
            "cc": [],
            "subject": subject,
        },
        "messages": messages,
        "related": [],
        "findings": [],
        "proofs": [],
        "timeline": _timeline(everyone, messages),
    }


def _recipient(number: int) -> dict[str, Any]:
    failed = number % 7 == 6
    at = SENT + timedelta(seconds=9 + number)
    return {
        "address": f"destinatario{number:03}@pec.controparte.it",
        "role": "to" if number % 3 else "cc",
        "state": "failed" if failed else "delivered",
        "receipt": "none" if failed else "completa",
        "content": "none" if failed else "whole",
        "at": at.isoformat(),
        "reason": "full" if failed else "",
        "detail": "5.2.2 - Infocert S.p.A. - casella piena" if failed else "",
        "contradiction": False,
        "sha256": _sha(f"ricevuta {number}"),
        "trusted": True,
        "proof": _sha(f"ricevuta {number}"),
    }


def _receipt(one: dict[str, Any], subject: str) -> dict[str, Any]:
    failed = one["state"] == "failed"
    kind, word = ("errore-consegna", "AVVISO DI MANCATA CONSEGNA") if failed else ("avvenuta-consegna", "CONSEGNA")
    made = _message(kind, datetime.fromisoformat(one["at"]), f"{word}: {subject}", f"Per {one['address']}", [one])
    return {**made, "sha256": one["sha256"], "path": f"data/volumes/v1/messages/{one['sha256']}.eml"}


def _message(kind: str, at: datetime, subject: str, text: str, everyone: list[dict[str, Any]]) -> dict[str, Any]:
    digest = _sha(f"{kind} {at} {subject}")
    own = kind == "inviato"
    people = [one["address"] for one in everyone]
    attached = ("Diffida firmata.pdf.p7m", "application/pkcs7-mime") if own else ("daticert.xml", "application/xml")
    return {
        "sha256": digest,
        "kind": kind,
        "date": at.isoformat(),
        "received": _z(at),
        "size": 48_211 if own else 7_402,
        "subject": subject,
        "from": "studio.bianchi@pec.esempio.it" if own else "posta-certificata@pec.esempio.it",
        "to": people,
        "message_id": f"<{digest[:12]}@pec.esempio.it>",
        "path": f"data/volumes/v1/messages/{digest}.eml",
        "volume": "v1",
        "since": STAMPED.isoformat(),
        "until": "2035-06-30T22:00:00+00:00",
        "content": None
        if own
        else {"integrity": "PASSED", "origin": "PASSED", "time": "INDETERMINATE", "algorithm": "PASSED"},
        "headers": [["From", "studio.bianchi@pec.esempio.it"], ["To", ", ".join(people)[:400]], ["Subject", subject],
                    ["Date", at.strftime("%a, %d %b %Y %H:%M:%S %z")]],
        "text": text,
        "html": "",
        "attachments": [{"name": attached[0], "media_type": attached[1], "size": 31_007, "sha256": _sha(attached[0])}],
        "inner": None,
    }  # fmt: skip


def _timeline(everyone: list[dict[str, Any]], messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [
        _event(SENT, "inviato", None, "Messaggio inviato", "Message sent"),
        _event(SENT + timedelta(seconds=4), "accettazione", None, "Accettato dal gestore", "Accepted by the provider"),
    ]
    for one in everyone:
        failed = one["state"] == "failed"
        kind, it, en = (
            ("errore-consegna", "Non consegnato", "Not delivered")
            if failed
            else ("avvenuta-consegna", "Consegnato", "Delivered")
        )
        found.append(_event(datetime.fromisoformat(one["at"]), kind, one["address"], it, en))
    found += [
        _event(STAMPED, "evidence", None, "Prima marca temporale dell'archivio", "First time stamp of the archive"),
        _event(MADE, "exhibit", None, "Formazione di questo esibito", "Making of this exhibit"),
    ]
    return found


def _event(at: datetime, kind: str, recipient: str | None, it: str, en: str) -> dict[str, Any]:
    return {"at": at.isoformat(), "at_utc": _z(at), "kind": kind, "recipient": recipient, "sha256": None,
            "it": it, "en": en}  # fmt: skip


def _volume(shown: int) -> dict[str, Any]:
    records = [
        {"path": f"data/volumes/v1/evidence/tsa1/{number:06}.ers", "tsa": "tsa1", "number": number,
         "at": (STAMPED + timedelta(days=200 * (number - 1))).isoformat(), "until": "2035-06-30T22:00:00+00:00",
         "algorithm": "sha512"} for number in (1, 2)
    ]  # fmt: skip
    return {
        "id": _sha("volume")[:32],
        "path": f"data/volumes/{_sha('volume')[:32]}",
        "messages": 4_211,
        "shown": shown,
        "mailbox": "studio",
        "year": 2026,
        "sealed_at": STAMPED.isoformat(),
        "signer": "Sigillo di prova",
        "level": "B-T",
        "records": records,
    }


def _checks() -> list[dict[str, Any]]:
    rows = [
        (STAMPED - timedelta(hours=2), "intake", "PASSED", "Firma del gestore verificata all'ingresso",
         "Provider's signature verified at intake"),
        (STAMPED, "seal", "PASSED", "Volume sigillato e giudicato", "Volume sealed and judged"),
        (STAMPED, "evidence", "PASSED", "Prima marca temporale (SHA-512)", "First time stamp (SHA-512)"),
        *(
            (STAMPED + timedelta(days=30 * month), "sweep", "PASSED", "Rilettura di ogni copia: nessuna differenza",
             "Every copy read again: no difference") for month in range(1, 9)
        ),
        (STAMPED + timedelta(days=200), "renewal", "PASSED", "Rinnovo con nuova marca", "Renewal with a new stamp"),
        (MADE, "exhibit", "PASSED", "Esibito formato e giudicato", "Exhibit made and judged"),
    ]  # fmt: skip
    return [{"at": at.isoformat(), "kind": kind, "outcome": outcome, "it": it, "en": en}
            for at, kind, outcome, it, en in rows]  # fmt: skip


def _verdict() -> dict[str, Any]:
    return {
        "indication": "PASSED",
        "sub_indication": "",
        "content": {"PASSED": 2},
        "sealed_by": ["Sigillo di prova"],
        "proven_at": STAMPED.isoformat(),
        "until": "2035-06-30T22:00:00+00:00",
        "findings": [
            {"code": "GROUP_PARTIAL", "severity": "info", "subject": "evidence/tsa1/000002.ers",
             "clause": "RFC 4998, 4.3",
             "text": "Parte di un gruppo: i messaggi mostrati sono provati, gli altri non fanno parte dell'esibito"},
        ],
        "contents": [
            {"code": "CERTIFICATE_EXPIRED", "severity": "doubt", "subject": _sha("x"), "clause": "EN 319 102-1, 5.2.6",
             "text": "Firma del gestore integra; certificato scaduto il 01/01/2026, prima dell'ingresso"},
        ],
    }  # fmt: skip


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _z(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
