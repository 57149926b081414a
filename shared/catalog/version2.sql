-- What version 2 added to version 1.

-- What a listing does not hold of an item, valid over time as the item's rows.
CREATE TABLE detail (
	row   INTEGER PRIMARY KEY,
	kind  INTEGER NOT NULL, -- of the item
	id    ANY     NOT NULL,
	part  INTEGER NOT NULL, -- 1 collaborations, 2 comments, 3 tasks, 4 metadata, 5 past versions
	since INTEGER NOT NULL, -- snapshot.n
	until INTEGER,          -- snapshot.n
	told  INTEGER NOT NULL, -- what the listing said of the part when it was read
	body  INTEGER           -- value.n: a JSON array; NULL for part 5, which table past holds
) STRICT;
CREATE UNIQUE INDEX detail_id ON detail (kind, id, part, since);
CREATE INDEX detail_since ON detail (since);

-- Past versions of files.
CREATE TABLE past (
	row         INTEGER PRIMARY KEY,
	id          ANY     NOT NULL, -- item.id of the file
	version     ANY     NOT NULL,
	since       INTEGER NOT NULL, -- snapshot.n
	until       INTEGER,          -- snapshot.n
	state       INTEGER NOT NULL, -- 0 its content is in the vault, 2 it could not be read
	sha1        BLOB    NOT NULL,
	size        INTEGER NOT NULL,
	number      INTEGER NOT NULL, -- 0 where Box does not say
	name        INTEGER,          -- value.n
	created_at  INTEGER,
	modified_at INTEGER,
	modified_by INTEGER           -- value.n
) STRICT;
CREATE UNIQUE INDEX past_id ON past (id, version, since);
CREATE INDEX past_since ON past (since);

-- Parts of items of the draft that are still to be read.
CREATE TABLE inspect (
	kind   INTEGER NOT NULL,
	id     ANY     NOT NULL,
	part   INTEGER NOT NULL,
	told   INTEGER NOT NULL,
	failed INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (kind, id, part)
) STRICT, WITHOUT ROWID;

-- When each folder was last listed whole, in milliseconds since 1970.
CREATE TABLE listing (
	folder ANY     NOT NULL PRIMARY KEY,
	at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX item_external ON item (until) WHERE external = 1;

-- Wanted contents are those of past versions, too.
ALTER TABLE want RENAME TO want1;
CREATE TABLE want (
	size    INTEGER NOT NULL,
	sha1    BLOB    NOT NULL,
	id      ANY     NOT NULL, -- item.id
	version ANY     NOT NULL, -- past.version, or 0 for the current one
	failed  INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (size, sha1, id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX want_id ON want (id);
INSERT INTO want (size, sha1, id, version, failed) SELECT size, sha1, id, 0, failed FROM want1;
DROP TABLE want1;
