"""The tables of the outbox."""

# Raised when the tables change. A file of an older version is brought up to date in place, one of a newer is set aside.
VERSION = 3

_ALERTS = (
    # Alerts that the broker has not taken yet; worth nothing after `expires`, tenths of a second of Unix time, or under
    # another site file. `ended`: it tells the end of its alarm.
    """CREATE TABLE alert (
        sequence INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        place TEXT NOT NULL,
        stamp INTEGER NOT NULL,
        recorded INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        site TEXT NOT NULL,
        alarm TEXT NOT NULL,
        ended INTEGER NOT NULL,
        payload BLOB NOT NULL,
        seal BLOB NOT NULL
    )""",
    # What was said about alarms, and whether the broker took it.
    """CREATE TABLE said (
        sequence INTEGER PRIMARY KEY,
        alarm TEXT NOT NULL,
        revision INTEGER NOT NULL,
        digest BLOB NOT NULL,
        told INTEGER NOT NULL,
        UNIQUE (alarm, revision)
    )""",
    "INSERT OR IGNORE INTO tally VALUES ('expired', 0)",
    f"PRAGMA user_version = {VERSION}",
)

LAYOUT = (
    # Events that the broker has not taken yet.
    """CREATE TABLE pending (
        sequence INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        place TEXT NOT NULL,
        stamp INTEGER NOT NULL,
        recorded INTEGER NOT NULL,
        window INTEGER NOT NULL,
        payload BLOB NOT NULL,
        seal BLOB NOT NULL
    )""",
    # The ids of events that were stored lately, sent or not.
    "CREATE TABLE seen (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)",
    # The reports that were stored lately.
    """CREATE TABLE report (
        start INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        digest BLOB NOT NULL,
        PRIMARY KEY (start, revision)
    ) WITHOUT ROWID""",
    # The newest event of each place, sent or not: only that one is kept by the broker.
    "CREATE TABLE newest (place TEXT PRIMARY KEY, stamp INTEGER NOT NULL) WITHOUT ROWID",
    # Events that were refused or damaged; a damaged one may hold anything.
    "CREATE TABLE dead (sequence INTEGER PRIMARY KEY, place, payload, reason INTEGER NOT NULL)",
    "CREATE TABLE tally (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    "INSERT INTO tally VALUES ('sequence', 0), ('dropped', 0), ('damaged', 0), ('refused', 0)",
    *_ALERTS,
)
# What a file of each older version needs.
MIGRATIONS = {
    1: _ALERTS,
    # Nobody knows under which site file its alerts were made: none of them may be told.
    2: ("DROP TABLE alert", *_ALERTS),
}
