"""Matters of several messages: a filing with a court, an invoice through the Sistema di Interscambio (reading 24)."""

import random
from dataclasses import replace
from datetime import timedelta
from xml.sax.saxutils import escape

from simulator import contents
from simulator.drafting import Scene, compose
from simulator.mime import Entity, Leaf
from simulator.outcomes import DELIVERY
from simulator.receiving import enveloped
from simulator.sending import Plot, told
from simulator.tale import Chapter
from simulator.world import court, exchange

ESITI = (("ESITO CONTROLLI AUTOMATICI", "2"), ("ACCETTAZIONE DEPOSITO", "3"))
"""The third and the fourth PEC of a filing, after acceptance and delivery."""

NOTIFICHE = {
    "RC": ("Ricevuta di consegna", "RicevutaConsegna"),
    "NS": ("Notifica di scarto", "NotificaScarto"),
    "MC": ("Notifica di mancata consegna", "NotificaMancataConsegna"),
    "MT": ("Invio File", "MetadatiInvioFile"),
}
COURSES = (("RC",), ("NS",), ("MC",), ("MC", "RC"))
"""What the exchange may answer to one invoice."""

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def filing(scene: Scene) -> tuple[Chapter, ...]:
    """A deposit with a court: sent, accepted, delivered, then the automatic checks and the registry's word."""
    dice = scene.dice
    registry = court(dice.randrange(99), scene.providers)
    subject = f"DEPOSITO ricorso per decreto ingiuntivo n. {scene.number}"
    act = contents.document("Atto.enc", dice.randbytes(max(1, scene.size * 3 // 4)), "application/octet-stream")
    message = compose(
        scene, scene.home.party, (registry,), subject=subject, content=contents.letter(("Deposito.",), [act], dice)
    )
    (deposit,) = told(scene, message, Plot(DELIVERY))
    chapters = [deposit]
    for place, (title, codice) in enumerate(ESITI, start=1):
        esito = contents.document("EsitoAtto.xml", _esito(deposit.identificativo, title, codice, dice))
        content = contents.letter((title.capitalize() + ".",), [esito], dice)
        later = replace(scene, at=scene.at + timedelta(minutes=dice.randrange(10, 600) + 1440 * (place - 1)))
        chapters.append(enveloped(later, scene.home, content, registry, f"{title} {subject}"))
    return tuple(chapters)


def invoice(scene: Scene) -> tuple[Chapter, ...]:
    """An invoice that the holder sends to the exchange, and its notices."""
    dice, sdi = scene.dice, exchange(scene.number, scene.providers)
    name, number = _file_name(dice), dice.randrange(10**6, 10**9)
    bill = contents.document(f"{name}.xml{dice.choice(('', '.p7m'))}", _fattura(scene.size))
    message = compose(
        scene, scene.home.party, (sdi,), subject=f"Invio {name}", content=contents.letter(("Fattura.",), [bill], dice)
    )
    chapters = list(told(scene, message, Plot(DELIVERY)))
    for place, code in enumerate(dice.choice(COURSES), start=1):
        later = replace(scene, at=scene.at + timedelta(hours=dice.randrange(1, 40) + 48 * (place - 1)))
        content = contents.letter((NOTIFICHE[code][0],), [_notifica(name, code, bill.name, number)], dice)
        chapters.append(enveloped(later, scene.home, content, sdi, f"{NOTIFICHE[code][0]} {number}"))
    return tuple(chapters)


def bill_received(scene: Scene) -> tuple[Chapter, ...]:
    """An invoice that the exchange delivers to the holder, with its metadata."""
    dice, sdi = scene.dice, exchange(scene.number, scene.providers)
    name, number = _file_name(dice), dice.randrange(10**6, 10**9)
    bill = contents.document(f"{name}.xml", _fattura(scene.size))
    attached = [_notifica(name, "MT", bill.name, number), bill]
    content: Entity = contents.letter((NOTIFICHE["MT"][0],), attached, dice)
    return (enveloped(scene, scene.home, content, sdi, f"Invio File {number}"),)


def _esito(identificativo: str, title: str, codice: str, dice: random.Random) -> bytes:
    """What courts write: IdMsg with brackets or without, with a namespace or without."""
    named = dice.choice(("{}", "<{}>")).format(identificativo)
    space = dice.choice(("", ' xmlns="http://schemi.processotelematico.example/esito"'))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<EsitoAtto{space}>\n  <IdMsg>{escape(named)}</IdMsg>\n'
        f"  <DatiEsito><CodiceEsito>{codice}</CodiceEsito><DescrizioneEsito>{title}</DescrizioneEsito></DatiEsito>\n"
        "</EsitoAtto>\n"
    ).encode()


def _notifica(name: str, code: str, bill: str, number: int) -> Leaf:
    root = NOTIFICHE[code][1]
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ns2:{root} xmlns:ns2="http://ivaservizi.example/messaggi" '
        f'versione="1.0">\n  <IdentificativoSdI>{number}</IdentificativoSdI>\n  <NomeFile>{bill}</NomeFile>\n'
        f"</ns2:{root}>\n"
    )
    return contents.document(f"{name}_{code}_001.xml", xml.encode())


def _fattura(size: int) -> bytes:
    lines = "  <Linea>prestazione SIMULATA, senza valore legale</Linea>\n" * max(1, size * 3 // 4 // 57)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<FatturaElettronica>\n{lines}</FatturaElettronica>\n'.encode()


def _file_name(dice: random.Random) -> str:
    """Country, supplier, progressive: IT01234567890_00042."""
    return f"IT{dice.randrange(10**11):011}_{''.join(dice.choices(_LETTERS, k=5))}"
