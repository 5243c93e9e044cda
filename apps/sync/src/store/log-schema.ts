/**
 * The log from version 2 of the schema on. Rows go to the end of `entries` whatever their stream, so that a commit of
 * many streams writes few pages; what its indexes hold of an entry is small. Ids are their raw bytes. `total` is the sum
 * of bytes of the stream's entries up to there, `at` seconds since the epoch. An entry without a body was pruned.
 * `prunable` is what the older of two kept snapshots covers; a snapshot is staged until all its parts are there.
 */
export const LOG_VERSION_2 = `
	ALTER TABLE spaces RENAME TO spaces_1;
	ALTER TABLE streams RENAME TO streams_1;
	ALTER TABLE entries RENAME TO entries_1;
	CREATE TABLE spaces (
		key INTEGER PRIMARY KEY, space TEXT NOT NULL UNIQUE, bytes INTEGER NOT NULL, change INTEGER NOT NULL
	) STRICT;
	CREATE TABLE streams (
		key INTEGER PRIMARY KEY, space INTEGER NOT NULL, stream BLOB NOT NULL,
		head INTEGER NOT NULL, chain BLOB NOT NULL, bytes INTEGER NOT NULL, changed INTEGER NOT NULL,
		covered INTEGER NOT NULL DEFAULT 0, covered_bytes INTEGER NOT NULL DEFAULT 0,
		snapshot_bytes INTEGER NOT NULL DEFAULT 0, prunable INTEGER NOT NULL DEFAULT 0, pruned INTEGER NOT NULL DEFAULT 0,
		UNIQUE (space, stream)
	) STRICT;
	CREATE INDEX streams_prunable ON streams (key) WHERE prunable > pruned;
	CREATE TABLE entries (
		key INTEGER PRIMARY KEY, stream INTEGER NOT NULL, seq INTEGER NOT NULL, id BLOB NOT NULL, chain BLOB NOT NULL,
		total INTEGER NOT NULL, at INTEGER NOT NULL, entry BLOB, UNIQUE (stream, seq), UNIQUE (stream, id)
	) STRICT;
	CREATE TABLE snapshots (
		key INTEGER PRIMARY KEY, stream INTEGER NOT NULL, id BLOB NOT NULL, covers INTEGER NOT NULL, chain BLOB NOT NULL,
		count INTEGER NOT NULL, parts INTEGER NOT NULL, bytes INTEGER NOT NULL, created INTEGER NOT NULL,
		staged INTEGER NOT NULL
	) STRICT;
	CREATE INDEX snapshots_stream ON snapshots (stream);
	CREATE TABLE snapshot_parts (
		snapshot INTEGER NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE (snapshot, part)
	) STRICT;

	INSERT INTO spaces (space, bytes, change)
		SELECT space, bytes, (SELECT count(*) FROM streams_1 s WHERE s.space = o.space) FROM spaces_1 o;
	INSERT INTO streams (key, space, stream, head, chain, bytes, changed)
		SELECT o.id, s.key, raw_id(o.stream), o.head, o.chain,
			coalesce((SELECT sum(length(entry)) FROM entries_1 e WHERE e.stream = o.id), 0),
			row_number() OVER (PARTITION BY o.space ORDER BY o.id)
		FROM streams_1 o JOIN spaces s ON s.space = o.space;
	INSERT INTO entries (key, stream, seq, id, chain, total, at, entry)
		SELECT rowid, stream, seq, raw_id(id), chain,
			sum(length(entry)) OVER (PARTITION BY stream ORDER BY seq), unixepoch(), entry
		FROM entries_1 ORDER BY rowid;
	DROP TABLE entries_1;
	DROP TABLE streams_1;
	DROP TABLE spaces_1;
`;
