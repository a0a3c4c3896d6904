-- Editions of which few copies are left, and which are to be ordered from the publisher.
CREATE TABLE reorders (
    sku TEXT PRIMARY KEY REFERENCES editions (sku) ON DELETE CASCADE,
    noted_at TEXT NOT NULL
) STRICT;
