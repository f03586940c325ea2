"""Fills the tables of a catalog by SQL alone, the same in both databases; PostgreSQL's indexes are made afterwards."""

from collections.abc import Callable, Iterator
from hashlib import md5
from typing import Any

from sqlalchemy import Connection, event

from archiver.adapters.catalog import Catalog
from archiver.submission.searched import KIND, MAILBOX, code
from explaining.shape import FIRST, LAST, SPAN, Shape

PORTION = 1_000_000
"""Rows of one statement: so many are in the server's memory, and in its journal, at one time."""

_DAYS = SPAN.days
_BOX = "(s % {boxes})"
_VOLUME = "{h:'v' || (s % {boxes}) || '-' || (s / {boxes} / {volume})}"
_AT = "({first} + CAST(s * {step} AS BIGINT))"
_SEGMENT_NAME = (
    "'h' || (s % {boxes} % 3) || '/segments/' || substr({h:'s' || s}, 1, 2) || '/' || {h:'s' || s} || '.zip'"
)
_PDV_NAME = "'h' || (s % {boxes} % 3) || '/pdv/m' || (s % {boxes}) || '/' || {h:'p' || s}"
_VOLUME_NAME = "'h' || (v % {boxes} % 3) || '/volumes/' || {h:'v' || (v % {boxes}) || '-' || (v / {boxes})}"
_OPENED = "CASE WHEN s % 3 = 0 THEN {t:{last} - s % 100000} END"
_DATICERT = (
    '\'{{"tipo":"accettazione","errore":"nessuno","mittente":"mittente\' || (i % 5000) || \'@pec.example",'
    '"destinatari":[["studio\' || (i % 70) || \'@pec.example",true]],"oggetto":"\' || {subject} || \'",'
    '"gestore":"Gestore Simulato S.p.A.","data":"2024-03-01T10:00:00+01:00","identificativo":"opec\' || (i / 3) ||'
    ' \'.20240301100000.12345.01.1.67@pec.example","msgid":"<\' || (i / 3) || \'@client.example>",'
    '"consegna":"studio\' || (i % 70) || \'@pec.example"}}\''
)
_SUBJECT = "'Fattura n. ' || i || ' trasmissione documenti pratica ' || substr({h:'w' || i}, 1, 8)"
_DATE = "({first} + CAST(i / {per} * {step} AS BIGINT) + i % {per} * 30)"
_ACT = "'20240101t000000z-' || (100000000 + s) || '-' || md5('a' || s)"
_ID = f"({_DATE} * 1073741824 + i % 16777216 * 64)"
_MAILBOX = "'m' || (i / {per} % {boxes})"
_DIGEST = "{h:'m' || i}"

_SEGMENTS: tuple[str, ...] = (
    f"INSERT INTO pdv SELECT {{h:'p' || s}}, 'h' || (s % {{boxes}} % 3), 'm' || {_BOX}, s / {{boxes}} + 1, {{t:{_AT}}},"
    f" {{h:'x' || s}}, {{h:'x' || s}} || {{h:'y' || s}}, 9000, {_PDV_NAME} || '.xml',"
    ' \'{{"INBOX":{{"1700000000":"1:\' || (s / {boxes} * {per} + {per}) || \'"}}}}\', {true}, {true}, 1 FROM n',
    f"INSERT INTO segment SELECT {{h:'s' || s}}, 'm' || {_BOX}, 'h' || (s % {{boxes}} % 3), {{h:'p' || s}},"
    " 'corrispondenza', 10, '', '', 2020 + CAST(s * 6 / {segments} AS INTEGER), {per}, 420000, {h:'m' || (s * {per})},"
    f" {{h:'m' || (s * {{per}} + {{per}} - 1)}}, {{t:{_AT}}}, CASE WHEN s < {{closed}} THEN {_VOLUME} END, {{true}}"
    " FROM n",
    f"INSERT INTO pdv_volume SELECT {{h:'p' || s}}, {_VOLUME} FROM n WHERE s < {{closed}}",
    f"INSERT INTO evidence SELECT 'pdv', {{h:'p' || s}}, 'local', 1, {_PDV_NAME} || '.local.000001.ers', {{t:{_AT}}},"
    " 'sha512', {h:'t' || (s * {days} / {segments})}, {true}, CASE WHEN s < {closed} THEN {false} ELSE {true} END"
    " FROM n",
    f"INSERT INTO object SELECT {_SEGMENT_NAME}, 'h' || (s % {{boxes}} % 3), 'segment', {{h:'s' || s}}, 420000,"
    f" CASE WHEN s < {{closed}} THEN {_VOLUME} ELSE '' END, {{t:{_AT}}}, 'primary,replica' FROM n",
    f"INSERT INTO object SELECT {_PDV_NAME} || '.xml', 'h' || (s % {{boxes}} % 3), 'rdv', {{h:'x' || s}}, 9000,"
    f" CASE WHEN s < {{closed}} THEN {_VOLUME} ELSE '' END, {{t:{_AT}}}, 'primary,replica' FROM n",
    f"INSERT INTO object SELECT {_PDV_NAME} || '.local.000001.ers', 'h' || (s % {{boxes}} % 3), 'rdv-record',"
    f" {{h:'e' || s}}, 3000, CASE WHEN s < {{closed}} THEN {_VOLUME} ELSE '' END, {{t:{_AT}}}, 'primary,replica'"
    " FROM n",
    "INSERT INTO reckoning SELECT 'm' || (s % {boxes}), 'INBOX', 1700000000, {t:" + _AT + "}, 21, 20, 1, 20, 20, 0, 0"
    " FROM n",
    "INSERT INTO act SELECT 'h' || (s % 3), " + _ACT + ", s / 3 + 1, {t:" + _AT + "}, 'show', 'rossi', {h:'a' || s},"
    " {h:'a' || s} || {h:'a' || s}, 700, {true} FROM n WHERE s % 50 < 3",
    "INSERT INTO about SELECT {h:'m' || (s * {per})}, 'h' || (s % 3), " + _ACT + " FROM n WHERE s % 50 < 3",
)
_VOLUMES: tuple[str, ...] = (
    "INSERT INTO volume SELECT {h:'v' || (v % {boxes}) || '-' || (v / {boxes})}, {h:'i' || v},"
    " 'h' || (v % {boxes} % 3), 'm' || (v % {boxes}), 'corrispondenza', 2024, 400, 8400000,"
    " {t:{first} + CAST(v * {step} * {volume} AS BIGINT)}, {true}, {true} FROM n",
    "INSERT INTO named SELECT {h:'v' || (v % {boxes}) || '-' || (v / {boxes})}, {h:'p' || v} FROM n",
    f"INSERT INTO evidence SELECT 'volume', {{h:'v' || (v % {{boxes}}) || '-' || (v / {{boxes}})}}, 'local', 1,"
    f" {_VOLUME_NAME} || '/evidence/local/000001.ers',"
    " {t:{first} + CAST(v * {step} * {volume} AS BIGINT)}, 'sha512',"
    " {h:'t' || (v * {days} / {volumes})}, {true}, {true} FROM n",
    *(
        f"INSERT INTO object SELECT {_VOLUME_NAME} || '{name}', 'h' || (v % {{boxes}} % 3), '{kind}',"
        f" {{h:'{letter}' || v}}, {size}, {{h:'v' || (v % {{boxes}}) || '-' || (v / {{boxes}})}},"
        " {t:{first} + CAST(v * {step} * {volume} AS BIGINT)}, 'primary,replica' FROM n"
        for name, kind, letter, size in (
            ("/PIndex.xml.p7m", "index", "i", 500_000),
            ("/metadata.zip", "metadata", "d", 1_200_000),
            ("/evidence/local/000001.ers", "volume-record", "r", 27_000),
        )
    ),
)
_MESSAGES: tuple[str, ...] = (
    f"INSERT INTO message SELECT {_DIGEST}, {_MAILBOX}, {_DIGEST} || {{h:'n' || i}}, 21000,"
    " 'h' || (i / {per} % {boxes} % 3), {h:'p' || (i / {per})}, {h:'s' || (i / {per})}, i % {per} * 21000 + 120,"
    " CASE i % 3 WHEN 0 THEN 'inviato' WHEN 1 THEN 'accettazione' ELSE 'avvenuta-consegna' END,"
    f" {{t:{_DATE}}}, 60, {{t:{_DATE} + 60}}, {_SUBJECT}, 'Mario Rossi <mittente' || (i % 5000) || '@pec.example>',"
    " '[\"Studio Legale <studio' || (i % 70) || '@pec.example>\"]',"
    " CASE i % 3 WHEN 0 THEN (i / 3) || '@client.example' ELSE 'r' || i || '.2024@pec.example' END,"
    " CASE i % 3 WHEN 0 THEN '' ELSE '<' || (i / 3) || '@client.example>' END,"
    " CASE i % 3 WHEN 0 THEN '' ELSE 'opec' || (i / 3) || '.20240301100000.12345.01.1.67@pec.example' END,"
    " CASE i % 3 WHEN 0 THEN '' ELSE '<' || (i / 3) || '@client.example>' END,"
    " CASE i % 3 WHEN 0 THEN '' ELSE 'PASSED PASSED PASSED PASSED' END,"
    f" CASE i % 3 WHEN 0 THEN '' ELSE {_DATICERT.replace('{subject}', _SUBJECT)} END, {{false}},"
    " CASE WHEN i % 100 = 0 THEN '[\"DATE_ABSENT\"]' ELSE '[]' END, '[]' FROM n",
    f"INSERT INTO heading SELECT {_ID}, {_DIGEST}, {_MAILBOX}, {{t:{_DATE}}}, {{version}}, 0 FROM n",
    f"INSERT INTO identifier SELECT '<' || (i / 3) || '@client.example>', 'msgid', {_DIGEST}, {_MAILBOX} FROM n",
    f"INSERT INTO identifier SELECT 'opec' || (i / 3) || '.20240301100000.12345.01.1.67@pec.example', 'identificativo',"
    f" {_DIGEST}, {_MAILBOX} FROM n WHERE i % 3 > 0",
    f"INSERT INTO identifier SELECT 'r' || i || '.2024@pec.example', 'msgid', {_DIGEST}, {_MAILBOX} FROM n"
    " WHERE i % 3 > 0",
)
_BODY = " || ' ' || ".join(f"substr({{h:'k' || (i * {n} % 20000)}}, 1, 7)" for n in range(1, 31))
_CODE = "CASE i % 3 WHEN 0 THEN '{inviato}' WHEN 1 THEN '{accettazione}' ELSE '{consegna}' END"
_FOUND = {
    "postgresql": f"INSERT INTO found SELECT {_ID},"
    " setweight(to_tsvector('simple', 'fattura trasmissione documenti pratica ' || i), 'A') ||"
    " setweight(to_tsvector('simple', 'mario rossi mittente' || (i % 5000) || ' pec example'), 'B') ||"
    " setweight(to_tsvector('simple', 'studio legale studio' || (i % 70) || ' pec example'), 'C') ||"
    f" to_tsvector('simple', {{body}}) || array_to_tsvector(ARRAY['=' || {_CODE}, '={{box}}' || {_MAILBOX}]) FROM n",
    "sqlite": "INSERT INTO found (rowid, head, sender, recipients, files, body, codes)"
    f" SELECT {_ID}, 'fattura trasmissione documenti pratica ' || i, 'mario rossi mittente' || (i % 5000) || ' pec"
    f" example', 'studio legale studio' || (i % 70) || ' pec example', '', {{body}}, {_CODE} || ' {{box}}' ||"
    f" {_MAILBOX} FROM n",
}
_BOXES: tuple[str, ...] = (
    "INSERT INTO poll SELECT 'm' || b, {t:{last}} FROM n",
    "INSERT INTO attempt SELECT 'm' || b, {t:{last}}, {true}, '[\"INBOX\"]', '[]' FROM n",
    "INSERT INTO ledger SELECT 'm' || b, 'INBOX', 1700000000, 1, 5000, 'archived', {t:{last}} FROM n",
)
_DAYS_OF: tuple[str, ...] = (
    "INSERT INTO token SELECT {h:'t' || d}, CAST({h:'t' || d} AS {bytes}), {t:{first} + d * 86400} FROM n",
    "INSERT INTO trust SELECT 'h' || (d % 3), {h:'c' || d}, 'crl', 'crl', 'CN=CA', 'CN=CA',"
    " {t:{first} + d * 86400}, {t:{first} + d * 86400 + 604800}, {t:{first} + d * 86400},"
    " {h:'v0-' || (d % 12)}, {true} FROM n",
    "INSERT INTO fetched SELECT 'http://ca.example/list.crl', CAST(d AS TEXT), {t:{first} + d * 86400}, '',"
    " {h:'c' || d}, 'crl' FROM n",
    "INSERT INTO spend SELECT 'local', CAST(d AS TEXT), 1, 1 FROM n",
)
_COPIES = (
    "INSERT INTO copy (store, name, at, read, opened, kept, due) SELECT '{store}', name, at, {t:{last} - {random}},"
    " NULL, subject, CASE kind WHEN 'segment' THEN {t:{last} - {random}} END FROM object"
)
_TALLY: tuple[str, ...] = (
    "INSERT INTO tally SELECT mailbox, 'kind', kind, count(*), sum(size) FROM message GROUP BY mailbox, kind",
    "INSERT INTO tally SELECT mailbox, 'segment', holder, sum(messages), sum(size) FROM segment"
    " GROUP BY mailbox, holder",
    "INSERT INTO tally SELECT mailbox, 'volume', '', count(*), sum(size) FROM volume GROUP BY mailbox",
    "INSERT INTO tally SELECT mailbox, 'pdv', '', count(*), sum(size) FROM pdv GROUP BY mailbox",
)
_FEW = (
    "INSERT INTO object SELECT name || '.new', holder, 'report', sha256, size, '*', at, '' FROM object LIMIT 20",
    "INSERT INTO object SELECT name || '.raw', holder, 'volume-record', '', -1, '*', at, '' FROM object LIMIT 5",
    "INSERT INTO tombstone SELECT {h:'z' || name}, mailbox, 'h0', {h:'p' || number}, 'd1' FROM (SELECT name, mailbox,"
    " number FROM pdv LIMIT 300) AS one",
    "UPDATE copy SET read = NULL WHERE name IN (SELECT name FROM copy LIMIT 20)",
    "UPDATE copy SET kept = '-' WHERE name IN (SELECT name FROM copy LIMIT 20)",
    "UPDATE segment SET promised = {false} WHERE sha256 IN (SELECT sha256 FROM segment LIMIT 5)",
    "UPDATE pdv SET promised = {false}, listed = {false}, records = 0 WHERE id IN (SELECT id FROM pdv LIMIT 5)",
    "UPDATE volume SET promised = {false}, named = {false} WHERE id IN (SELECT id FROM volume LIMIT 5)",
)


def fill(catalog: Catalog, shape: Shape, *, bodies: bool, say: Callable[[str], None]) -> None:
    """Every table that grows; `bodies`: the full text has 30 words of a body. The catalog is empty."""
    with catalog._database.writing() as connection:
        server = connection.dialect.name == "postgresql"
        again = _without_indexes(connection) if server else []
    if not server:
        event.listen(catalog._database._engine, "connect", _loosened)
        catalog._database._engine.dispose()
    for letter, count, statements in _steps(shape, bodies=bodies, server=server):
        for start in range(0, count, PORTION):
            with catalog._database.writing() as connection:
                for statement in statements:
                    last = min(start + PORTION, count) - 1
                    connection.exec_driver_sql(_numbers(letter, start, last) + _said(statement, shape, server=server))
            if count > PORTION:
                say(f"filled {min(start + PORTION, count):,} of {count:,} ({letter})")
    for statement in (*_copied(), *_TALLY, *_FEW):
        with catalog._database.writing() as connection:
            connection.exec_driver_sql(_said(statement, shape, server=server))
    if again:
        say("indexes ...")
    with catalog._database.writing() as connection:
        if server:
            connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '1GB'")
        for statement in again:
            connection.exec_driver_sql(statement)
    _analyse(catalog)


def _loosened(connection: Any, _record: object) -> None:
    """SQLite as PostgreSQL without its constraints, and with a function that it lacks."""
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.create_function("md5", 1, lambda text: md5(str(text).encode()).hexdigest(), deterministic=True)


def _steps(shape: Shape, *, bodies: bool, server: bool) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    found = _FOUND["postgresql" if server else "sqlite"].replace("{body}", _BODY if bodies else "''")
    yield "d", _DAYS, _DAYS_OF
    yield "b", shape.boxes, _BOXES
    yield "v", shape.volumes, _VOLUMES
    yield "s", shape.segments, _SEGMENTS
    yield "i", shape.messages, (*_MESSAGES, found)


def _numbers(letter: str, first: int, last: int) -> str:
    return (
        f"WITH RECURSIVE n({letter}) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT {letter} + 1 FROM n"
        f" WHERE {letter} < {last}) "
    )


def _said(statement: str, shape: Shape, *, server: bool) -> str:
    """Numbers and functions put in; a common table stands behind INSERT INTO in SQLite and before it in both."""
    values = {
        "first": int(FIRST.timestamp()), "last": int(LAST.timestamp()), "step": shape.step, "boxes": shape.boxes,
        "segments": shape.segments, "volumes": shape.volumes, "closed": shape.closed, "days": _DAYS,
        "true": "TRUE" if server else "1", "false": "FALSE" if server else "0", "version": _version(),
        "inviato": code(KIND, "inviato"), "accettazione": code(KIND, "accettazione"),
        "consegna": code(KIND, "avvenuta-consegna"), "box": MAILBOX,
        "bytes": "BYTEA" if server else "BLOB", "per": shape.per_segment, "volume": shape.per_volume,
        "random": "length(name) * 7919 % 90 * 86400 + (CAST(size AS BIGINT) * 31 + length(subject)) % 86400",
    }  # fmt: skip
    text = statement
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    text = text.replace("{{", "\0").replace("}}", "\1")
    text = _called(_called(text, "h", _hexadecimal), "t", _moment_of(server=server))
    return text.replace("\0", "{").replace("\1", "}").replace("%", "%%" if server else "%")


def _called(text: str, name: str, made: Callable[[str], str]) -> str:
    """`{name:argument}` replaced, the innermost first: arguments hold none of their own."""
    while (start := text.rfind(f"{{{name}:")) >= 0:
        end = text.index("}", start)
        text = text[:start] + made(text[start + 3 : end]) + text[end + 1 :]
    return text


def _hexadecimal(argument: str) -> str:
    return f"(md5(CAST({argument} AS TEXT)) || md5('b' || {argument}))"


def _moment_of(*, server: bool) -> Callable[[str], str]:
    if server:
        return lambda argument: f"to_timestamp({argument})"
    return lambda argument: f"strftime('%Y-%m-%d %H:%M:%S.000000', {argument}, 'unixepoch')"


def _copied() -> tuple[str, ...]:
    return tuple(_COPIES.replace("{store}", store) for store in ("primary", "replica"))


def _version() -> int:
    from archiver.access.text import VERSION

    return VERSION


def _without_indexes(connection: Connection) -> list[str]:
    """Drops constraints and indexes of all tables; the statements that make them again, keys before references."""
    constraints = connection.exec_driver_sql(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f') AND conparentid = 0"
        " ORDER BY contype = 'f' DESC"
    ).all()
    for table, name, _, _ in constraints:
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    indexes = connection.exec_driver_sql(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND NOT EXISTS"
        " (SELECT 1 FROM pg_inherits WHERE inhrelid = (quote_ident(indexname))::regclass)"
    ).all()
    for name, _ in indexes:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    made = [(kind, f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {said}') for table, name, said, kind in constraints]
    keys = [said for kind, said in made if kind != "f"]
    return [*keys, *(said for _, said in indexes), *(said for kind, said in made if kind == "f")]


def _analyse(catalog: Catalog) -> None:
    """As the server does by itself in its own time; SQLite has no statistics, as in any archive."""
    if catalog._database.server:
        with catalog._database._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
