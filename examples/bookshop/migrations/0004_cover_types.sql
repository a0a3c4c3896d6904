-- What kind of picture a cover is; the covers until now were all of one.
ALTER TABLE books ADD COLUMN cover_type TEXT NOT NULL DEFAULT 'image/png';
