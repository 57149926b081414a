package restorer

import (
	"errors"
	"net/http"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/task"
	"coffer/shared/vault"
)

const changedMeanwhile = "It was changed at Box at the same time. Restore it again."

// refusal ends the job for good. It is the sentence that a person reads.
type refusal string

func (r refusal) Error() string { return string(r) }

var errChanged = errors.New("the file is being changed")

// ends reports whether an error is the whole job's end, not an item's.
func ends(err error) bool {
	return errors.Is(err, box.ErrDisconnected) || box.IsUserUnreachable(err) || isCeiling(err)
}

// isCeiling reports whether the task's ceiling of Box calls is reached.
func isCeiling(err error) bool {
	_, ok := errors.AsType[*task.CeilingError](err)
	return ok
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
		return "Its stored content is damaged. Another snapshot may have another version of it."
	case backup.KindOf(err) == backup.NotFound:
		return "Its content is not stored any more. A later snapshot may have another version of it."
	case errors.Is(err, errTaken):
		return "Its name, and others like it, are taken in the folder. Restore it into a new folder."
	case errors.Is(err, errChanged):
		return changedMeanwhile
	case !refused || e.Code == http.StatusText(e.Status): // without a word of Box's, the answer was damaged on its way
		return ""
	}
	switch e.Code {
	case "storage_limit_exceeded":
		return "The Box user has no storage left. Make room or allow more, and restore it again."
	case "file_size_limit_exceeded":
		return "The file is larger than the Box user may upload. Restore it to a Box user who may, or allow more."
	case "item_name_invalid", "item_name_too_long":
		return "Box does not allow its name any more, so it cannot be restored."
	case "cyclical_folder_structure":
		return "The folder that it belongs into is inside of it by now. Restore it into a new folder."
	case "access_denied_item_locked":
		return "It is locked at Box. Unlock it and restore it again."
	}
	switch {
	case box.IsForbidden(err):
		return "Box refuses it: the Box user's permissions, a policy or a lock forbid it. Change that at Box and restore it again."
	case box.IsNotFound(err):
		return "It, or the folder that it belongs into, was deleted at the same time. Restore it again."
	case box.IsConflict(err):
		return changedMeanwhile
	}
	return "Box refuses it, and gives as the reason " + e.Code + ". Restore it again; if that does not help, ask support."
}
