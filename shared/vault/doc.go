// Package vault stores a task's contents: compressed, encrypted, written once,
// packed into objects of about 32 MiB, and found again by SHA-1 and size. It
// also seals the catalogs and the lists of people. This comment is the whole
// stored format, version 1; a reader can be written from it.
//
// # Words
//
// Content: the bytes of a file version, named by (SHA-1, size). Part: the bytes
// of a content from n·64 MiB to (n+1)·64 MiB or its end, counted from 0; a
// content under 64 MiB, empty ones too, has one part. Section: a part as it is
// stored. Pack: an object that holds sections. Row: what the index says of a
// content.
//
// All integers are big endian. bind(s₁, s₂, …) is each string preceded by its
// length in four bytes; numbers in it are decimal text, SHA-1s lower-case
// hexadecimal.
//
// # Keys
//
//	vault key     32 random bytes, sealed by KMS with the encryption context
//	              {"account", "task", "purpose": "vault"}; kept in the task's row
//	wrapping keys HKDF-SHA256(vault key, no salt, info), 32 bytes each, with info
//	              "coffer 1 content keys", "coffer 1 pack indexes",
//	              "coffer 1 catalog keys", "coffer 1 people keys" and
//	              "coffer 1 mark keys"
//	content key   32 random bytes for each content, the same for all its parts
//	catalog key   32 random bytes for each catalog
//	people key    32 random bytes for each list of people
//	mark key      32 random bytes for each mark
//
// "Wrapped" and "sealed with a wrapping key" below mean AES-256-GCM: a random
// nonce of 12 bytes, the ciphertext, the tag of 16 bytes. "Encrypted" means
// Tink's streaming AEAD AES256-GCM-HKDF with HMAC-SHA256, a derived key of 32
// bytes and ciphertext segments of 64 KiB, whose header (a length byte, a salt
// of 32 bytes, a nonce prefix of 7) comes first.
//
// # Sections
//
// A section is the encryption, with the content key and the associated data
//
//	bind("coffer 1 section", account, task, SHA-1, size, part)
//
// of one byte, 0 or 1, and then the part's bytes: as they are after a 0, as one
// zstd frame after a 1.
//
// # Packs
//
// The object packs/ACCOUNT/TASK/PACK holds, in this order:
//
//	sections   one after another, without gaps
//	index      entries of 40 bytes, one for each section in order: SHA-1 (20),
//	           size of the content (8), part (4), length of the section (8);
//	           sealed with the wrapping key for pack indexes and the associated
//	           data bind("coffer 1 pack", account, task, PACK)
//	trailer    length of the sealed index (4), "COFFER", version (2)
//
// The index holds no keys: it tells what a pack is made of when the index of
// contents is lost or a pack is rewritten. A pack takes contents of less than
// 8 MiB until it holds 32 MiB or 16,384 of them; of a larger content each part
// is a pack by itself. A pack's name is random, behind a mark of the run that
// wrote it, and its object is never changed.
//
// # Rows
//
// A row has the content, the format version, the CRC-32 (IEEE) of its bytes,
// the content key wrapped with the associated data
//
//	bind("coffer 1 content key", account, task, SHA-1, size, CRC-32)
//
// and for each part the pack, the section's offset and its length. A row is
// written after its packs are stored: it is a promise that the bytes are there.
// Deleting the row erases the content, for it has the only copy of its key.
//
// While a large content is being stored, a progress record with the same
// fields, for the parts so far, and the state of the SHA-1 stands in the index
// instead. It is no promise, but keeps its packs from being pruned.
//
// # Catalogs
//
// The object catalogs/ACCOUNT/TASK/BOXUSER/GENERATION is the encryption of one
// zstd frame with the catalog key and the associated data
// bind("coffer 1 catalog", object name). The Box user's row has a Sealed: the
// object name, the size and SHA-256 of the plain bytes, and the catalog key
// wrapped with the associated data
//
//	bind("coffer 1 catalog key", account, task, object name, size, SHA-256)
//
// A Sealed of format 2 has patches: the catalog was this, the base, and has
// changed since. A patch is an object with a name like a catalog's, the
// encryption of one zstd frame with a key of its own and the associated data
// bind("coffer 1 catalog patch", object name). The frame has records: the number
// of a page (4) and what it is now. Pages have 4096 bytes, the last of the
// catalog what is left. The Sealed has for each patch, in their order, the object
// name, size and SHA-256 of the whole catalog with it, and the patch's key wrapped
// with the associated data
//
//	bind("coffer 1 catalog patch key", account, task, object name, size,
//	     SHA-256, SHA-256 before it)
//
// # People
//
// The object people/ACCOUNT/TASK/TIME says who was in the Box enterprise from
// that time until that of the next one: users, groups, and who is in which
// group. TIME is UTC, as 20060102T150405Z. The object is the people key,
// wrapped with the associated data
//
//	bind("coffer 1 people key", account, task, object name)
//
// and then the encryption of one zstd frame of the list with the people key and
// the associated data bind("coffer 1 people", object name). The list is JSON, one
// document a line, as package people says.
//
// # Marks
//
// While contents that nothing needs are being looked for, the object
// marks/ACCOUNT/TASK/PART/FIRST holds a part of those that are needed and whose
// SHA-1 begins with the byte FIRST, two hexadecimal digits: notes of 28 bytes,
// SHA-1 (20) and size (8), in order. The object is the mark key, wrapped with
// the associated data
//
//	bind("coffer 1 mark key", account, task, object name)
//
// and then the encryption of one zstd frame of the notes with the mark key and
// the associated data bind("coffer 1 mark", object name). Nothing is lost with
// a mark; no reader of backups needs one.
//
// # What is checked
//
// SHA-1 and size before anything is stored under a name, SHA-256 of every
// object by the store on writing, and on reading every segment's tag, SHA-1,
// CRC-32 and size. A bit that changed anywhere is an error, never other bytes.
package vault

// Format is the version of the stored format that this package writes.
const Format = 1
