CREATE TABLE snapshot (
	n         INTEGER PRIMARY KEY,
	id        TEXT    NOT NULL UNIQUE,
	at        INTEGER NOT NULL,
	sealed    INTEGER NOT NULL DEFAULT 0,
	files     INTEGER NOT NULL DEFAULT 0,
	folders   INTEGER NOT NULL DEFAULT 0, -- without the root
	web_links INTEGER NOT NULL DEFAULT 0,
	bytes     INTEGER NOT NULL DEFAULT 0,
	added     INTEGER NOT NULL DEFAULT 0, -- items of this snapshot that the one before lacks
	changed   INTEGER NOT NULL DEFAULT 0, -- items that differ from the snapshot before
	removed   INTEGER NOT NULL DEFAULT 0, -- items of the snapshot before that this one lacks
	failed    INTEGER NOT NULL DEFAULT 0  -- rows of failure
) STRICT;

CREATE TABLE value (
	n    INTEGER PRIMARY KEY,
	hash INTEGER NOT NULL,
	text TEXT    NOT NULL
) STRICT;
CREATE INDEX value_hash ON value (hash);

CREATE TABLE item (
	row                 INTEGER PRIMARY KEY,
	kind                INTEGER NOT NULL,
	id                  ANY     NOT NULL,
	since               INTEGER NOT NULL, -- snapshot.n
	until               INTEGER,          -- snapshot.n
	parent              ANY,              -- item.id of a folder
	name                TEXT    NOT NULL,
	state               INTEGER NOT NULL,
	sha1                BLOB,
	size                INTEGER,
	version             ANY,
	etag                ANY,
	sequence            ANY,
	created_at          INTEGER,
	modified_at         INTEGER,
	content_created_at  INTEGER,
	content_modified_at INTEGER,
	created_by          INTEGER,          -- value.n
	modified_by         INTEGER,
	owned_by            INTEGER,
	external            INTEGER,          -- 1: belongs to another enterprise
	description         TEXT,
	tags                TEXT,
	url                 TEXT,
	extra               INTEGER           -- value.n: a JSON document with what else Box said
) STRICT;
CREATE UNIQUE INDEX item_id ON item (kind, id, since);
CREATE INDEX item_parent ON item (parent, kind, name COLLATE NOCASE);
CREATE INDEX item_since ON item (since);
CREATE INDEX item_until ON item (until) WHERE until IS NOT NULL;

CREATE VIRTUAL TABLE names USING fts5 (
	name, content = 'item', content_rowid = 'row', tokenize = 'trigram remove_diacritics 1'
);
CREATE TABLE failure (
	snapshot INTEGER NOT NULL, -- snapshot.n
	kind     INTEGER NOT NULL,
	id       ANY     NOT NULL,
	content  INTEGER NOT NULL, -- 1: it is the content that could not be read, 2: details or past versions
	reason   TEXT    NOT NULL,
	PRIMARY KEY (snapshot, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE content (
	sha1 BLOB    NOT NULL,
	size INTEGER NOT NULL,
	PRIMARY KEY (sha1, size)
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
	snapshot INTEGER NOT NULL, -- snapshot.n
	key      TEXT    NOT NULL,
	value    TEXT    NOT NULL,
	PRIMARY KEY (snapshot, key)
) STRICT, WITHOUT ROWID;

-- Files of the draft whose content is not in the vault, small ones first.
CREATE TABLE want (
	size   INTEGER NOT NULL,
	sha1   BLOB    NOT NULL,
	id     ANY     NOT NULL, -- item.id
	failed INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (size, sha1, id)
) STRICT, WITHOUT ROWID;

-- Folders still to be listed, and where the listing stopped.
CREATE TABLE queue (
	n      INTEGER PRIMARY KEY,
	folder ANY     NOT NULL UNIQUE,
	marker TEXT    NOT NULL DEFAULT ''
) STRICT;

-- What the finished pages of a folder's listing held.
CREATE TABLE seen (
	folder ANY     NOT NULL,
	kind   INTEGER NOT NULL,
	id     ANY     NOT NULL,
	PRIMARY KEY (folder, kind, id)
) STRICT, WITHOUT ROWID;

-- Folders that left the draft and whose content has to follow.
CREATE TABLE gone (
	folder ANY NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
