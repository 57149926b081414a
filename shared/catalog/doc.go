// Package catalog keeps what a Box user had at every snapshot: one SQLite
// database per Box user, in which an item's row is valid from one snapshot to
// another. A snapshot is therefore a filter over rows; a day without changes
// adds one row for the snapshot, and moving a folder of a million items adds
// one row for the folder, since paths follow from parents.
//
// # Writing
//
// A run writes the draft, the one snapshot that is not sealed yet. The draft
// lives in the file, with the queue of folders still to be listed, the wanted
// contents and the failures, so a run that was killed goes on where it stopped.
// Removing a folder takes everything below it out of the draft, but only when
// Settle or Seal looks: until then an item below it may still turn up
// elsewhere, so the order in which changes are learnt does not matter. Seal
// refuses a draft that is not whole: folders still queued, files whose content
// is neither stored nor failed, items that hang on no folder.
//
// # Details
//
// What a listing does not hold of an item (collaborations, comments, tasks, past
// versions) is kept part by part, in rows that are valid over time as well. The
// writer queues the parts that are to be read and describes them one by one;
// with each part is kept what the listing told of it (a count, a version's
// number), so that the next run sees from the listing alone whether it has to be
// read again. The contents of past versions are wanted as current ones are.
//
// # Format, version 3
//
// The file is an SQLite 3 database with application_id 0x436f6666 ("Coff") and
// the format's version in user_version. schema.sql defines version 1,
// version2.sql and version3.sql what those versions add; a file of an earlier
// version is read as it is and brought to version 3 when a draft is begun in it.
// What the types cannot say:
//
//   - snapshot.n counts snapshots from 1 and is never used again. Only the
//     highest may be unsealed (sealed = 0); its counts are not filled in.
//     Snapshots that expired are gone, and so are the rows that no other has;
//     since and until of the rows that stay may name one that is gone, and the
//     counts of changes are against the snapshot that came before at the time.
//   - An item row is valid in the snapshots n with since <= n < until; until is
//     NULL while it is valid in the newest. Rows of one item never overlap, and
//     two that touch differ in something. kind is 1 folder, 2 file, 3 web link.
//   - Box's ids, versions, etags and sequence numbers are integers where they
//     are plain decimal numbers below 2^63, and text otherwise.
//   - parent is NULL for a root. Folder 0 is the root of every Box user and
//     needs no row.
//   - Names are text, byte for byte as Box gave them, also where those bytes
//     are no valid UTF-8 or contain NUL.
//   - Times are milliseconds since 1970 in UTC, NULL where Box gave none.
//   - created_by, modified_by, owned_by and extra point at value, which holds
//     each text once; hash is the first 8 bytes of its SHA-256, big endian.
//     tags is a JSON array of text.
//   - parent is 'trash' for what is in the trash. These items count in no
//     snapshot, and are in state 2 unless the vault had their content.
//   - state says whether sha1 and size are in the vault: 0 they are, 1 they are
//     those of an earlier version because this one could not be read, 2 no
//     version could be read, 3 the item (of any kind) is another Box user's,
//     whose own backup holds it.
//   - content lists the contents known to be in the vault. The file relies on
//     them: what it lists stays in the vault.
//   - names is an FTS5 index (trigrams, external content item) over item.name,
//     for the rows that begin with a sealed snapshot.
//   - A row of detail or past belongs to the item in the snapshots in which
//     both are valid; it ends with the item at the latest. told is the
//     listing's comment_count, version_number or has_collaborations (1), and 1
//     where the listing says nothing of the part.
//   - failure.since is NULL in a draft.
//   - failure.content is 2 where details or a past version could not be read.
//   - Contents are referred to by item and by past, texts by item, past and
//     detail.
//   - listing says when each folder was last listed whole. Folders of the newest
//     snapshot without a row were last listed by a program of version 1.
//   - want, inspect, queue, seen and gone belong to the draft and are empty without one.
//     state belongs to the newest snapshot; what it has as tally, the run has done,
//     and what it has as left failed in runs that left the draft behind.
package catalog
