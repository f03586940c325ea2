"""What each time stamping authority was asked in each night: tokens cost money."""

from datetime import date

from sqlalchemy import select, text, update

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.tables import SPEND


class Spending:
    """The part of the catalog that counts tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, tsa: str, night: date, *, cap: int | None) -> bool:
        """Counts one question to be asked; False, and nothing is counted, when the night's `cap` is reached."""
        row = {"tsa": tsa, "night": night.isoformat(), "asked": 0, "granted": 0}
        more = update(SPEND).where(SPEND.c.tsa == tsa, SPEND.c.night == row["night"]).values(asked=SPEND.c.asked + 1)
        if cap is not None:
            more = more.where(SPEND.c.asked < cap)
        with self._database.writing() as connection:
            connection.execute(_ONCE, row)
            return connection.execute(more).rowcount == 1

    def granted(self, tsa: str, night: date) -> None:
        """One of the night's questions brought a token."""
        here = (SPEND.c.tsa == tsa, SPEND.c.night == night.isoformat())
        with self._database.writing() as connection:
            connection.execute(update(SPEND).where(*here).values(granted=SPEND.c.granted + 1))

    def spent(self, since: date) -> dict[str, tuple[int, int]]:
        """Questions and tokens of each authority in the nights from `since` on."""
        found: dict[str, tuple[int, int]] = {}
        query = select(SPEND.c.tsa, SPEND.c.asked, SPEND.c.granted).where(SPEND.c.night >= since.isoformat())
        with self._database.reading() as connection:
            for tsa, asked, granted in connection.execute(query):
                before = found.get(tsa, (0, 0))
                found[tsa] = (before[0] + asked, before[1] + granted)
        return dict(sorted(found.items()))


_ONCE = text(
    "INSERT INTO spend (tsa, night, asked, granted) VALUES (:tsa, :night, :asked, :granted)"
    " ON CONFLICT (tsa, night) DO NOTHING"
)
"""The same words in both databases, though SQLAlchemy has them apart."""
