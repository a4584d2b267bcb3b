"""Fills the inventory of an authority that is not running, as if it had issued for years."""

import sqlite3
import time
from pathlib import Path

YEAR = 365 * 86_400


def fill(database: Path, certificates: int, revoked: int = 0) -> None:
    """Adds copies of the newest certificate under serial numbers of their own, the first of them revoked.

    The issuance log is left as it is: what it holds is still what the database holds of it.
    """
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        for pragma in ("journal_mode = WAL", "synchronous = OFF", "cache_size = -400000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN IMMEDIATE")
        first = connection.execute("SELECT max(id) + 1 FROM certificates").fetchone()[0]
        columns = [row[1] for row in connection.execute("PRAGMA table_info(certificates)")]
        own = {
            "id": "number",
            "serial": "cast(x'4e' || randomblob(15) AS BLOB)",
            "not_after": f"not_after + {YEAR}",
            "previous_of_service": "number - 1",
            "previous_of_spiffe_id": "number - 1",
        }
        connection.execute(
            f"""
            WITH RECURSIVE numbers (number) AS
                (SELECT {first} UNION ALL SELECT number + 1 FROM numbers WHERE number < {first + certificates - 1})
            INSERT INTO certificates ({", ".join(columns)})
            SELECT {", ".join(own.get(column, column) for column in columns)} FROM numbers,
            (SELECT * FROM certificates WHERE id = {first - 1})
            """
        )
        connection.execute("INSERT OR IGNORE INTO serials SELECT serial, id FROM certificates ORDER BY serial")
        newest = first + certificates - 1
        connection.execute(f"UPDATE chain_ends SET newest = {newest} WHERE newest = {first - 1}")
        revoke(connection, first, revoked)
        connection.execute("UPDATE store_state SET issued = ?, indexed = ?", (newest, newest))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def revoke(connection: sqlite3.Connection, first: int, count: int) -> None:
    start = connection.execute("SELECT revocation_sequence FROM store_state").fetchone()[0]
    connection.execute(
        f"""
        INSERT INTO revocation_events (sequence, serial, issuer_key_id, date, reason, not_after, actor)
        SELECT {start} + 1 + id - {first}, serial, issuer_key_id, {int(time.time())}, id % 2 * 4, not_after, 'benchmark'
        FROM certificates WHERE id >= {first} AND id < {first + count}
        """
    )
    connection.execute(
        f"INSERT INTO revocations SELECT id, {start} + 1 + id - {first} FROM certificates "
        f"WHERE id >= {first} AND id < {first + count}"
    )
    connection.execute("UPDATE store_state SET revocation_sequence = ?, revoked = revoked + ?", (start + count, count))
