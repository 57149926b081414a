package tasks

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// BoxUser is a Box user and the state of that user's backup.
type BoxUser struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Login       string        `json:"login"`
	BoxStatus   string        `json:"boxStatus" doc:"What Box says of the user: active, inactive, …"`
	Active      bool          `json:"active" doc:"Whether it is backed up on schedule."`
	Status      backup.Status `json:"status" enum:"Not Active,Scheduled,In Process,Success,Partial,Failed,Paused,Archived"`
	Reason      string        `json:"reason,omitempty" doc:"Why it is Failed or Partial, or Scheduled and waiting."`
	Snapshot    string        `json:"snapshot,omitempty" doc:"The latest snapshot."`
	FirstBackup time.Time     `json:"firstBackup,omitzero"`
	LastBackup  time.Time     `json:"lastBackup,omitzero"`
	Items       int64         `json:"items"`
	Size        int64         `json:"size" doc:"Bytes."`
	Requested   bool          `json:"requested" doc:"Whether a backup is requested or in progress."`
	Progress    *Progress     `json:"progress,omitempty"`

	Locked       bool           `json:"locked,omitempty" doc:"Whether access is limited, and not for the primary user alone who asks: then what the Box user has cannot be seen, its figures are 0, and it cannot be deleted."`
	Tags         []backup.TagID `json:"tags" nullable:"false" doc:"Ids of tags. One that the task does not have is being deleted."`
	External     int64          `json:"external" doc:"Items that belong to other companies."`
	Reconciled   time.Time      `json:"reconciled,omitzero" doc:"When the folders that had waited longest were last listed again, whatever the events told."`
	Drift        int64          `json:"drift" doc:"Items that listing folders again found different from what Box's events had told, ever."`
	Archived     time.Time      `json:"archived,omitzero" doc:"When the Box user was found to have left the enterprise."`
	Deleted      time.Time      `json:"deleted,omitzero" doc:"When someone deleted the backup."`
	DeletedUntil time.Time      `json:"deletedUntil,omitzero" doc:"Until when the deleted backup can be brought back."`
	Held         string         `json:"held,omitempty" doc:"Why snapshots do not expire for now."`
	Verified     time.Time      `json:"verified,omitzero" doc:"When the backup was last verified."`
	Damage       string         `json:"damage,omitempty" doc:"What of the backup verification found damaged."`
}

// Progress is how far a backup has come.
type Progress struct {
	Phase   string    `json:"phase"`
	Items   int64     `json:"items" doc:"Items seen."`
	Files   int64     `json:"files" doc:"Contents stored by this backup."`
	Wanted  int64     `json:"wanted" doc:"Contents still to be stored, as far as known."`
	Bytes   int64     `json:"bytes" doc:"Bytes stored by this backup."`
	Calls   int64     `json:"calls" doc:"Box calls of this backup."`
	Started time.Time `json:"started"`
	Updated time.Time `json:"updated"`
}

func describeUser(u task.BoxUser) BoxUser {
	out := BoxUser{
		ID: string(u.ID), Name: u.Name, Login: u.Login, BoxStatus: u.BoxStatus, Active: u.Active, Status: u.Status, Reason: reason(u),
		Snapshot: string(u.Snapshot), FirstBackup: u.FirstBackup, LastBackup: u.LastBackup, Items: u.Items, Size: u.Size,
		Requested: u.RunID != "",
		Tags:      append([]backup.TagID{}, u.Tags...), External: u.External, Reconciled: u.Reconciled, Drift: u.Drift, Archived: u.Archived, Held: u.Held,
		Deleted: u.Deleted, DeletedUntil: until(u.Deleted), Verified: u.Verified, Damage: u.Damage,
	}
	if p := u.Progress; p != nil && u.RunID != "" {
		out.Progress = &Progress{
			Phase: p.Phase, Items: p.Items, Files: p.Files, Wanted: p.Wanted, Bytes: p.Bytes, Calls: p.Calls, Started: p.Started, Updated: p.Updated,
		}
	}
	return out
}

// reason is why a Box user's status is what it is. How an earlier run ended says
// nothing of one that was requested since.
func reason(u task.BoxUser) string {
	if u.RunID != "" && u.Status == backup.Scheduled {
		return u.RunStopped
	}
	return cmp.Or(u.RunStopped, u.Reason)
}

type usersInput struct {
	TaskPath
	api.Page
	Status   backup.Status    `query:"status" enum:"Not Active,Scheduled,In Process,Success,Partial,Failed,Paused,Archived" doc:"Only Box users of this status."`
	Tag      backup.TagID     `query:"tag" maxLength:"64" doc:"Only Box users who have this tag."`
	Query    string           `query:"q" maxLength:"200" doc:"Only Box users whose name or e-mail address contains this."`
	User     backup.BoxUserID `query:"user" maxLength:"64" doc:"Only this Box user."`
	Deleted  bool             `query:"deleted" doc:"Instead, only Box users whose backup was deleted and can be brought back."`
	BackedUp bool             `query:"backedUp" doc:"Only Box users who have a backup."`
	Sort     string           `query:"sort" enum:"name,login,status,items,size,firstBackup,lastBackup" default:"name"`
	Order    string           `query:"order" enum:"asc,desc" default:"asc"`
}

// wants reports whether a Box user is one of those asked for, whatever the status.
func (in *usersInput) wants(e *task.Entry, now time.Time) bool {
	listed := e.Alive()
	if in.Deleted {
		listed = recoverable(e.Deleted, now)
	}
	return listed && matches(e, "", in.Tag, in.Query) && (!in.BackedUp || !e.FirstBackup.IsZero())
}

// list names what is asked for, for its cursors.
func (in *usersInput) list() string {
	return fmt.Sprintf("users\n%s\n%s\n%s\n%s\n%s\n%t\n%t\n%s\n%s", in.Task, in.User, in.Status, in.Tag, in.Query, in.Deleted, in.BackedUp, in.Sort, in.Order)
}

// matches reports whether a Box user has the status and the tag, where they are
// given, and the text in the name or e-mail address, whatever the case.
func matches(e *task.Entry, status backup.Status, tag backup.TagID, text string) bool {
	return (status == "" || e.Status == status) && (tag == "" || e.Tagged(tag)) && (text == "" || contains(e.Name+"\n"+e.Login, text))
}

func contains(s, text string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(strings.TrimSpace(text)))
}

// shown describes a Box user as far as the portal user may see it.
func (s *Server) shown(ctx context.Context, who account.Session, u task.BoxUser) (BoxUser, error) {
	sees, err := s.limits().Sees(ctx, who, u)
	if err != nil || sees {
		return describeUser(u), err
	}
	return lock(describeUser(u)), nil
}

// lock takes out what a portal user may not see.
func lock(u BoxUser) BoxUser {
	u.Locked, u.Snapshot, u.Progress = true, "", nil
	u.Items, u.Size, u.External, u.Drift, u.Reason, u.Held, u.Damage = 0, 0, 0, 0, "", "", ""
	return u
}

// BoxUserList is a page of Box users, and what there is of them on all pages.
type BoxUserList struct {
	api.List[BoxUser]
	ByStatus map[backup.Status]int `json:"byStatus" doc:"How many have each status, whatever status was asked for: of those that everything else which was asked for holds for."`
	Outdated bool                  `json:"outdated,omitempty" doc:"Whether a newer list is on its way: of large tasks, who is on a page and in what order is seconds or minutes old. What it says of each Box user is as it is now."`
}

// users lists from the roster of the task, where it has one, and reads the rows of
// the page alone. A row that is not what was asked for any more is left out.
func (s *Server) users(ctx context.Context, who account.Session, in *usersInput) (*struct{ Body BoxUserList }, error) {
	t, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	all, err := s.crowd(ctx, t, in.User)
	if err != nil {
		return nil, err
	}
	user, err := s.Sessions.User(ctx, who)
	if err != nil {
		return nil, err
	}
	locked := func(e *task.Entry) bool { return !user.Primary && e.Tagged(backup.LimitedAccess) }
	out := &struct{ Body BoxUserList }{BoxUserList{ByStatus: map[backup.Status]int{}, Outdated: all.outdated}}
	now := s.Now()
	var matching []*task.Entry
	for e := range all.entries() {
		if in.wants(e, now) {
			out.Body.ByStatus[e.Status]++
			if in.Status == "" || e.Status == in.Status {
				matching = append(matching, e)
			}
		}
	}
	page, err := api.Cut(who, in.list(), in.Page, matching, in.Order == "desc", entryKey(in.Sort, locked))
	if err != nil {
		return nil, err
	}
	rows, err := all.rows(ctx, page.Items)
	if err != nil {
		return nil, err
	}
	out.Body.List = api.List[BoxUser]{Items: []BoxUser{}, Next: page.Next, Total: page.Total}
	for _, listed := range page.Items {
		u, ok := rows[listed.ID]
		if e := u.Entry(); ok && in.wants(&e, now) && (in.Status == "" || u.Status == in.Status) {
			described := describeUser(u)
			if locked(&e) {
				described = lock(described)
			}
			out.Body.Items = append(out.Body.Items, described)
		}
	}
	return out, nil
}

// entryKey orders Box users. One who is locked has no figures.
func entryKey(sort string, locked func(*task.Entry) bool) func(*task.Entry) string {
	return func(e *task.Entry) string {
		id := string(e.ID)
		switch sort {
		case "login":
			return api.TextKey(e.Login, id)
		case "status":
			return api.TextKey(string(e.Status), id)
		case "items", "size":
			n := e.Items
			if sort == "size" {
				n = e.Size
			}
			if locked(e) {
				n = 0
			}
			return api.NumberKey(n, id)
		case "firstBackup":
			return api.TimeKey(e.FirstBackup, id)
		case "lastBackup":
			return api.TimeKey(e.LastBackup, id)
		default:
			return api.TextKey(e.Name, id)
		}
	}
}

type userInput struct {
	TaskPath
	User backup.BoxUserID `path:"user" maxLength:"64"`
}

func (s *Server) user(ctx context.Context, who account.Session, in *userInput) (*struct{ Body BoxUser }, error) {
	if _, err := s.Tasks.Living(ctx, who.Account, in.Task); err != nil {
		return nil, err
	}
	u, err := s.Tasks.LivingUser(ctx, who.Account, in.Task, in.User)
	if err != nil {
		return nil, err
	}
	described, err := s.shown(ctx, who, u)
	return &struct{ Body BoxUser }{described}, err
}
