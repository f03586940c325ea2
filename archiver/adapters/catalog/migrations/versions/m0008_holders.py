"""Evidence of batches and of foreign packages tells whose it is: two holders may have the same octets.

The holder whose record was taken for another's is not covered, and the next `archiver seal` notes its records.
"""

import sqlalchemy as sa
from alembic import op

from archiver.package import layout
from archiver.submission.subjects import subject_id

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    connection = op.get_bind()
    query = sa.text("SELECT subject, name FROM evidence WHERE subject IN ('batch', 'takeover')")
    rows = connection.execute(query).all()
    for subject, name in rows:
        parsed = layout.parse(name)
        if parsed is not None:
            here = {"id": subject_id(parsed), "subject": subject, "name": name}
            connection.execute(
                sa.text("UPDATE evidence SET subject_id = :id WHERE subject = :subject AND name = :name"), here
            )
    # what a renewal under way has read is read again
    connection.execute(sa.text("DELETE FROM reread WHERE subject IN ('batch', 'takeover')"))
    connection.execute(
        sa.text(
            "UPDATE trust SET covered = '' WHERE covered <> '' AND covered NOT IN (SELECT id FROM volume)"
            " AND NOT EXISTS (SELECT 1 FROM evidence"
            " WHERE subject = 'batch' AND subject_id = trust.holder || '/' || trust.covered)"
        )
    )
