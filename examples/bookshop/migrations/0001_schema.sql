-- Amounts are whole cents, times are RFC 3339 text in UTC, ids are hyphenated UUIDs.

CREATE TABLE categories (
    slug TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    parent TEXT REFERENCES categories (slug) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL
) STRICT;

CREATE TABLE books (
    id TEXT PRIMARY KEY,
    isbn TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    subtitle TEXT,
    blurb TEXT,
    published_on TEXT,
    language TEXT NOT NULL,
    category TEXT NOT NULL REFERENCES categories (slug) DEFERRABLE INITIALLY DEFERRED,
    attributes TEXT NOT NULL,
    purchase_price INTEGER,
    cover BLOB,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE authors (
    book TEXT NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    website TEXT,
    PRIMARY KEY (book, position)
) STRICT;

CREATE TABLE tags (
    book TEXT NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (book, tag)
) STRICT;

-- Only printed editions have stock; what is downloaded never runs out.
CREATE TABLE editions (
    sku TEXT PRIMARY KEY,
    book TEXT NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    format TEXT NOT NULL,
    price INTEGER NOT NULL,
    stock INTEGER CHECK (stock >= 0),
    pages INTEGER,
    has_dust_jacket INTEGER,
    file_format TEXT,
    size_bytes INTEGER,
    narrator TEXT,
    playing_time TEXT
) STRICT;

CREATE INDEX editions_of_book ON editions (book, position);

CREATE TABLE reviews (
    id TEXT PRIMARY KEY,
    book TEXT NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    rating INTEGER NOT NULL,
    headline TEXT,
    text TEXT NOT NULL,
    reviewer_name TEXT NOT NULL,
    reviewer_email TEXT NOT NULL,
    source TEXT,
    is_verified INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE INDEX reviews_of_book ON reviews (book, created_at);

-- Keys and tokens are kept as SHA-256, so that a copy of the database opens no door.
CREATE TABLE staff (
    key_hash BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    may_edit INTEGER NOT NULL
) STRICT;

CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password_hash TEXT NOT NULL
) STRICT;

CREATE TABLE tokens (
    hash BLOB PRIMARY KEY,
    customer INTEGER NOT NULL REFERENCES customers (id),
    expires_at TEXT NOT NULL
) STRICT;

CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    customer INTEGER NOT NULL REFERENCES customers (id),
    idempotency_key TEXT NOT NULL,
    status TEXT NOT NULL,
    total INTEGER NOT NULL,
    ship_to TEXT NOT NULL,
    payment TEXT NOT NULL,
    gift_note TEXT,
    cancelled_because TEXT,
    placed_at TEXT NOT NULL,
    UNIQUE (customer, idempotency_key)
) STRICT;

CREATE TABLE order_lines (
    "order" TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    sku TEXT NOT NULL REFERENCES editions (sku),
    title TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price INTEGER NOT NULL,
    PRIMARY KEY ("order", position)
) STRICT;

-- How many ten-thousandths of the currency a euro costs.
CREATE TABLE exchange_rates (
    currency TEXT PRIMARY KEY,
    per_euro INTEGER NOT NULL
) STRICT;
