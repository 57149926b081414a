package restorer

import (
	"errors"
	"net/http"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/vault"
)

const changedMeanwhile = "It was changed at the same time."

var errChanged = errors.New("the file is being changed")

// ends reports whether an error is the whole job's end, not an item's.
func ends(err error) bool {
	return errors.Is(err, box.ErrDisconnected) || box.IsUserUnreachable(err)
}

// damaged reports whether a content cannot be read from the vault, ever.
func damaged(err error) bool {
	return errors.Is(err, vault.ErrDamaged) || backup.KindOf(err) == backup.NotFound
}

// reasonFor is the sentence that a person reads about an item that could not
// be restored, or "" for a trouble that may pass.
func reasonFor(err error) string {
	e, refused := errors.AsType[*box.Error](err)
	switch {
	case err == nil || box.IsBusy(err):
		return ""
	case errors.Is(err, vault.ErrDamaged):
		return "Its stored content is damaged."
	case backup.KindOf(err) == backup.NotFound:
		return "Its content is not stored any more."
	case errors.Is(err, errTaken):
		return "Its name, and others like it, are taken in the folder."
	case errors.Is(err, errChanged):
		return changedMeanwhile
	case !refused || e.Code == http.StatusText(e.Status): // without a word of Box's, the answer was damaged on its way
		return ""
	}
	switch e.Code {
	case "storage_limit_exceeded":
		return "The Box user has no storage left."
	case "file_size_limit_exceeded":
		return "The file is larger than the Box user may upload."
	case "item_name_invalid", "item_name_too_long":
		return "Box does not allow its name any more."
	case "cyclical_folder_structure":
		return "The folder that it belongs into is inside of it by now."
	case "access_denied_item_locked":
		return "The item is locked."
	}
	switch {
	case box.IsForbidden(err):
		return "Box refuses it: permissions, a policy or a lock."
	case box.IsNotFound(err):
		return "It, or the folder that it belongs into, was deleted meanwhile."
	case box.IsConflict(err):
		return changedMeanwhile
	}
	return "Box refuses it (" + e.Code + ")."
}
