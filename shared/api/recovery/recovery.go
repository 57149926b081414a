// Package recovery has the operations on what is backed up: the snapshots of a
// Box user, what is in them, and the jobs that bring it back.
package recovery

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/identity"
	"coffer/shared/job"
	"coffer/shared/queue"
	"coffer/shared/shelf"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// Server serves the operations.
type Server struct {
	Sessions  *identity.Sessions
	Tasks     *task.Table
	Snapshots *snapshot.Table
	Jobs      *job.Table
	Recovers  *queue.Queue[backup.JobMessage]
	Shelf     *shelf.Shelf
	Now       func() time.Time

	sums sums
}

// Register adds the operations to the API.
func (s *Server) Register(a *api.API) {
	const user = "/api/tasks/{task}/users/{user}"
	api.Private(a, huma.Operation{
		OperationID: "list-snapshots", Method: http.MethodGet, Path: user + "/snapshots", Summary: "List a Box user's snapshots, newest first",
	}, s.snapshots)
	api.Private(a, huma.Operation{
		OperationID: "get-snapshot", Method: http.MethodGet, Path: user + "/snapshots/{snapshot}", Summary: "Get a snapshot",
	}, s.snapshot)
	api.Private(a, huma.Operation{
		OperationID: "list-failures", Method: http.MethodGet, Path: user + "/snapshots/{snapshot}/failures", Summary: "List what could not be backed up",
		Description: "Folders first, then files, then web links.",
	}, s.failures)
	api.Private(a, huma.Operation{
		OperationID: "export-failures", Method: http.MethodGet, Path: user + "/snapshots/{snapshot}/failures.csv", Summary: "Export what could not be backed up as CSV",
		Description: "A cell that a spreadsheet would take for a formula begins with an apostrophe. Where there are more rows than an answer takes, the last one says so.",
		Responses: map[string]*huma.Response{"200": {
			Description: "OK", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}, s.exportFailures)
	api.Private(a, huma.Operation{
		OperationID: "list-items", Method: http.MethodGet, Path: user + "/snapshots/{snapshot}/items",
		Summary: "List what is in a folder of a snapshot", Description: "Folders first, then files, then web links, each as sort and order say. With q, what the snapshot has by that name instead.",
	}, s.items)
	api.Private(a, huma.Operation{
		OperationID: "get-item-details", Method: http.MethodGet, Path: user + "/snapshots/{snapshot}/items/{item}/details",
		Summary: "Get all that a snapshot has of an item", Description: "Its collaborations, comments, tasks, metadata, classification, shared link and past versions, as they were.",
	}, s.details)
	api.Private(a, huma.Operation{
		OperationID: "count-items", Method: http.MethodPost, Path: user + "/snapshots/{snapshot}/count",
		Summary: "Add up chosen items and everything in them", Description: "What is chosen twice, or is in a chosen folder, counts once.",
	}, s.count)
	api.Private(a, huma.Operation{
		OperationID: "get-box-user-history", Method: http.MethodGet, Path: user + "/history", Summary: "Tell what a Box user's backups did, day by day",
	}, s.history)
	api.Once(a, huma.Operation{
		OperationID: "create-job", Method: http.MethodPost, Path: "/api/jobs", DefaultStatus: http.StatusCreated, Summary: "Restore items of a snapshot, or all of it",
	}, s.create)
	api.Private(a, huma.Operation{
		OperationID: "list-jobs", Method: http.MethodGet, Path: "/api/jobs", Summary: "List the jobs of the last 7 days",
		Description: "Of more than 500 jobs, the summary is a second or more old, there is no total, and where few match, a page may hold fewer than asked for, or none, and a next all the same.",
	}, s.jobs)
	api.Private(a, huma.Operation{
		OperationID: "get-job", Method: http.MethodGet, Path: "/api/jobs/{job}", Summary: "Get a job",
	}, s.job)
	api.Private(a, huma.Operation{
		OperationID: "list-job-items", Method: http.MethodGet, Path: "/api/jobs/{job}/items", Summary: "List what became of each item of a job",
	}, s.ledger)
	api.Once(a, huma.Operation{
		OperationID: "cancel-job", Method: http.MethodPost, Path: "/api/jobs/{job}/cancel", DefaultStatus: http.StatusAccepted, Summary: "Cancel a job",
		Description: "A job in progress stops soon; what it did stays done.",
	}, s.cancel)
}

// UserPath names a Box user in the path.
type UserPath struct {
	Task backup.TaskID    `path:"task" maxLength:"64"`
	User backup.BoxUserID `path:"user" maxLength:"64"`
}

// SnapshotPath names a snapshot in the path.
type SnapshotPath struct {
	UserPath
	Snapshot backup.SnapshotID `path:"snapshot" maxLength:"64"`
}

func (s *Server) limits() api.Limits { return api.Limits{Sessions: s.Sessions, Tasks: s.Tasks} }

// find returns the task and Box user of this account, as far as the portal user
// may see what that one has.
func (s *Server) find(ctx context.Context, who account.Session, id backup.TaskID, user backup.BoxUserID) (task.Task, task.BoxUser, error) {
	t, err := s.Tasks.Living(ctx, who.Account, id)
	if err != nil {
		return task.Task{}, task.BoxUser{}, err
	}
	u, err := s.Tasks.LivingUser(ctx, who.Account, id, user)
	if err != nil {
		return task.Task{}, task.BoxUser{}, err
	}
	sees, err := s.limits().Sees(ctx, who, u)
	if err == nil && !sees {
		err = backup.Errorf(backup.NotFound, "This Box user does not exist.")
	}
	return t, u, err
}

// view is a snapshot and the catalog that knows what is in it.
type view struct {
	*catalog.Catalog
	task task.Task
	user task.BoxUser
	row  snapshot.Snapshot
}

// open returns the view of a snapshot, to be closed.
func (s *Server) open(ctx context.Context, who account.Session, in SnapshotPath) (view, error) {
	t, u, err := s.find(ctx, who, in.Task, in.User)
	if err != nil {
		return view{}, err
	}
	row, err := s.Snapshots.Snapshot(ctx, who.Account, in.Task, in.User, in.Snapshot)
	if err != nil {
		return view{}, err
	}
	c, err := s.Shelf.Open(ctx, t, u)
	return view{c, t, u, row}, err
}
