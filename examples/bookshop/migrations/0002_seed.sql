-- A small catalogue to try the shop with; the titles and the people are made up.

INSERT INTO categories (slug, name, parent, position) VALUES
    ('fiction', 'Fiction', NULL, 0),
    ('novels', 'Novels', 'fiction', 1),
    ('crime', 'Crime', 'fiction', 2),
    ('non-fiction', 'Non-fiction', NULL, 3),
    ('history', 'History', 'non-fiction', 4),
    ('nature', 'Nature', 'non-fiction', 5),
    ('travel', 'Travel', 'non-fiction', 6),
    ('science', 'Science', 'non-fiction', 7);

INSERT INTO books (id, isbn, title, subtitle, blurb, published_on, language, category, attributes, purchase_price, created_at, updated_at) VALUES
    ('0b5e7a10-0000-4000-8000-000000000001', '9780001040007', 'The Lamp at Gull Point', 'A Keeper''s Year', 'Twelve months, one lighthouse, and the letters nobody came to collect.', '1998-03-12', 'en', 'novels', '{"prize": "Harbour Prize 1999"}', 620, '2024-01-10T09:00:00Z', '2024-01-10T09:00:00Z'),
    ('0b5e7a10-0000-4000-8000-000000000002', '9780001040373', 'Salt and Timber', NULL, 'How wooden ships were built, by somebody who still builds them.', '2011-09-01', 'en', 'history', '{}', 1150, '2024-01-11T09:00:00Z', '2024-01-11T09:00:00Z'),
    ('0b5e7a10-0000-4000-8000-000000000003', '9780001040748', 'A Short Walk to Anywhere', 'Forty Paths', 'Forty walks that begin at a railway station.', '2016-05-20', 'en', 'travel', '{"format": "with folding map"}', 700, '2024-01-12T09:00:00Z', '2024-01-12T09:00:00Z'),
    ('0b5e7a10-0000-4000-8000-000000000004', '9780001041110', 'Night Ferry', NULL, 'Nine passengers, eight cabins.', '2020-10-06', 'en', 'crime', '{}', 540, '2024-01-13T09:00:00Z', '2024-01-13T09:00:00Z'),
    ('0b5e7a10-0000-4000-8000-000000000005', '9780001041486', 'The Careful Gardener', NULL, 'What to do in a garden this week, and what to leave.', '2005-02-14', 'en', 'nature', '{}', 830, '2024-01-14T09:00:00Z', '2024-01-14T09:00:00Z'),
    ('0b5e7a10-0000-4000-8000-000000000006', '9780001041851', 'Proofs for a Rainy Day', NULL, NULL, NULL, 'en', 'science', '{"exercises": "212"}', 910, '2024-01-15T09:00:00Z', '2024-01-15T09:00:00Z');

INSERT INTO authors (book, position, name, role, website) VALUES
    ('0b5e7a10-0000-4000-8000-000000000001', 0, 'Ines Varga', 'author', 'https://ines-varga.example/'),
    ('0b5e7a10-0000-4000-8000-000000000002', 0, 'Piet Aldous', 'author', NULL),
    ('0b5e7a10-0000-4000-8000-000000000003', 0, 'Noor Haddad', 'author', NULL),
    ('0b5e7a10-0000-4000-8000-000000000003', 1, 'Lea Brandt', 'illustrator', 'https://brandt-draws.example/'),
    ('0b5e7a10-0000-4000-8000-000000000004', 0, 'Jonas Eide', 'author', NULL),
    ('0b5e7a10-0000-4000-8000-000000000004', 1, 'Mary Okafor', 'translator', NULL),
    ('0b5e7a10-0000-4000-8000-000000000005', 0, 'Rosa Lindqvist', 'author', NULL),
    ('0b5e7a10-0000-4000-8000-000000000006', 0, 'Emeka Obi', 'editor', NULL);

INSERT INTO tags (book, position, tag) VALUES
    ('0b5e7a10-0000-4000-8000-000000000001', 0, 'sea'),
    ('0b5e7a10-0000-4000-8000-000000000001', 1, 'classic'),
    ('0b5e7a10-0000-4000-8000-000000000002', 0, 'sea'),
    ('0b5e7a10-0000-4000-8000-000000000002', 1, 'craft'),
    ('0b5e7a10-0000-4000-8000-000000000003', 0, 'walking'),
    ('0b5e7a10-0000-4000-8000-000000000003', 1, 'maps'),
    ('0b5e7a10-0000-4000-8000-000000000004', 0, 'sea'),
    ('0b5e7a10-0000-4000-8000-000000000004', 1, 'crime'),
    ('0b5e7a10-0000-4000-8000-000000000005', 0, 'garden'),
    ('0b5e7a10-0000-4000-8000-000000000006', 0, 'mathematics');

INSERT INTO editions (sku, book, position, format, price, stock, pages, has_dust_jacket, file_format, size_bytes, narrator, playing_time) VALUES
    ('HC-10001', '0b5e7a10-0000-4000-8000-000000000001', 0, 'hardcover', 2490, 6, 312, 1, NULL, NULL, NULL, NULL),
    ('PB-10001', '0b5e7a10-0000-4000-8000-000000000001', 1, 'paperback', 1290, 40, 336, NULL, NULL, NULL, NULL, NULL),
    ('EB-10001', '0b5e7a10-0000-4000-8000-000000000001', 2, 'ebook', 890, NULL, NULL, NULL, 'epub', 2411724, NULL, NULL),
    ('AB-10001', '0b5e7a10-0000-4000-8000-000000000001', 3, 'audiobook', 1990, NULL, NULL, NULL, NULL, NULL, 'Tom Hale', 'PT9H30M'),
    ('HC-10002', '0b5e7a10-0000-4000-8000-000000000002', 0, 'hardcover', 3490, 3, 408, 1, NULL, NULL, NULL, NULL),
    ('EB-10002', '0b5e7a10-0000-4000-8000-000000000002', 1, 'ebook', 1790, NULL, NULL, NULL, 'pdf', 18874368, NULL, NULL),
    ('PB-10003', '0b5e7a10-0000-4000-8000-000000000003', 0, 'paperback', 1650, 25, 224, NULL, NULL, NULL, NULL, NULL),
    ('PB-10004', '0b5e7a10-0000-4000-8000-000000000004', 0, 'paperback', 1190, 0, 288, NULL, NULL, NULL, NULL, NULL),
    ('EB-10004', '0b5e7a10-0000-4000-8000-000000000004', 1, 'ebook', 790, NULL, NULL, NULL, 'epub', 1048576, NULL, NULL),
    ('AB-10004', '0b5e7a10-0000-4000-8000-000000000004', 2, 'audiobook', 1690, NULL, NULL, NULL, NULL, NULL, 'Ada Moreau', 'PT7H45M'),
    ('HC-10005', '0b5e7a10-0000-4000-8000-000000000005', 0, 'hardcover', 2990, 11, 196, 0, NULL, NULL, NULL, NULL),
    ('PB-10005', '0b5e7a10-0000-4000-8000-000000000005', 1, 'paperback', 1890, 18, 196, NULL, NULL, NULL, NULL, NULL),
    ('EB-10006', '0b5e7a10-0000-4000-8000-000000000006', 0, 'ebook', 2400, NULL, NULL, NULL, 'pdf', 7340032, NULL, NULL);

INSERT INTO reviews (id, book, rating, headline, text, reviewer_name, reviewer_email, source, is_verified, created_at) VALUES
    ('5e71e300-0000-4000-8000-000000000001', '0b5e7a10-0000-4000-8000-000000000001', 5, 'A light left on', 'I read it in one night.', 'Mara', 'mara@example.com', 'shop', 1, '2024-02-10T18:30:00Z'),
    ('5e71e300-0000-4000-8000-000000000002', '0b5e7a10-0000-4000-8000-000000000001', 4, NULL, 'Slow, as it should be.', 'Tobias', 'tobias@example.com', NULL, 0, '2024-02-11T18:30:00Z'),
    ('5e71e300-0000-4000-8000-000000000003', '0b5e7a10-0000-4000-8000-000000000004', 3, NULL, 'I knew by the second cabin.', 'Hanne', 'hanne@example.com', 'https://readers.example/hanne/night-ferry', 0, '2024-02-12T18:30:00Z');

-- The keys `demo-staff-key` and `demo-intern-key`, of whom the intern may look but not edit.
INSERT INTO staff (key_hash, name, may_edit) VALUES
    (X'1e876055a9fe21a0bda917576d4494cf677a955a5166d5c7df5418a96acc85f8', 'Greta', 1),
    (X'b8424b74e404130882a85a1fe43d678b7348453360eab94471d43ce6ca2fffd4', 'Sam', 0);

-- The password of both is `demo-password`.
INSERT INTO customers (id, name, email, password_hash) VALUES
    (1, 'Mara Lind', 'mara@example.com', '$argon2id$v=19$m=19456,t=2,p=1$hdGyfXSlMseDKBK2ZWLK5Q$x/jORoyF2Drv9x4/WNKVbzfXlN5V9aa01kc4goLXmPg'),
    (2, 'Tobias Wren', 'tobias@example.com', '$argon2id$v=19$m=19456,t=2,p=1$zJ8DC1Qq994Ywx8f67Po2w$PY23IDl9VHwKj6pRfUm2sK7pyvEAIwP+2J65yTmmey4');

-- The tokens `demo-customer-token`, `demo-reader-token` and `demo-expired-token`.
INSERT INTO tokens (hash, customer, expires_at) VALUES
    (X'2159e4031044c95b13fe9b2fb9a1c01841f958d6627dd267a357d2401ad419be', 1, '9999-12-31T00:00:00Z'),
    (X'e18b5e53f72af866db11e3ad05e4054cb109d0a55191674df0cb1c438d88d315', 2, '9999-12-31T00:00:00Z'),
    (X'6c2a0e6e5e66c501069679f7ced40c949951b3fb3d237303c7c0178ef248cd76', 1, '2020-01-01T00:00:00Z');

INSERT INTO exchange_rates (currency, per_euro) VALUES
    ('EUR', 10000),
    ('GBP', 8600),
    ('USD', 10900);
