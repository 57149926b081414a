// Package tasks has the operations on backup tasks: their settings, their
// connection to Box, their Box users and those users' backups, and the list of
// activity. None reads content.
package tasks

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"coffer/shared/api"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/connection"
	"coffer/shared/identity"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/task"
)

// Server serves the operations.
type Server struct {
	Sessions    *identity.Sessions
	Tasks       *task.Table
	Audit       *audit.Table
	Ring        *keys.Ring
	Connections *connection.Connections
	Box         box.Config // without tokens
	Scans       *queue.Queue[backup.ScanMessage]
	Mails       *queue.Queue[backup.MailMessage]
	Runs        *queue.Queue[backup.RunMessage]
	Reports     *queue.Queue[backup.ReportMessage]
	Counts      *queue.Queue[backup.CountMessage]
	Acts        *queue.Queue[backup.ActMessage]
	Portal      string
	Region      string
	Now         func() time.Time
	Many        int // Box users of a task for all of whom something is done in the background; 0: the usual number

	rosters task.Rosters
}

// Register adds the operations to the API.
func (s *Server) Register(a *api.API) {
	s.registerTasks(a)
	s.registerUsers(a)
	s.registerTags(a)
	s.registerDeletion(a)
	api.Private(a, huma.Operation{
		OperationID: "authorize-task", Method: http.MethodPost, Path: "/api/tasks/{task}/authorize",
		Summary:     "Begin to connect a task to Box",
		Description: "The answer is the address of Box's page, to which the browser is to go. Box sends it back to /api/box/callback within 10 minutes.",
	}, s.authorize)
	api.Private(a, huma.Operation{
		OperationID: "box-callback", Method: http.MethodGet, Path: "/api/box/callback", DefaultStatus: http.StatusSeeOther,
		SkipValidateParams: true, // Box may add some
		Middlewares:        huma.Middlewares{s.landing},
		Summary:            "Finish connecting a task to Box",
		Description: "Goes on to the page of the task's settings with connect=connected, denied, other-enterprise, not-administrator or failed in the query, " +
			"to the first page with connect=expired where the state is not one of this session, and to the sign-in page where there is no session.",
	}, s.callback)
	s.registerConnection(a)
	s.registerDamage(a)
	s.registerActivity(a)
	s.registerReport(a)
}

func (s *Server) registerActivity(a *api.API) {
	api.Private(a, huma.Operation{
		OperationID: "list-activity", Method: http.MethodGet, Path: "/api/activity", Summary: "List what the system did, newest first",
		Description: "Where few activities match, a page may hold fewer than asked for, or none, and a next all the same.",
	}, s.activity)
	api.Private(a, huma.Operation{
		OperationID: "export-activity", Method: http.MethodGet, Path: "/api/activity.csv", Summary: "Export what the system did as CSV, newest first",
		Description: "A cell that a spreadsheet would take for a formula begins with an apostrophe. The file has at most 100,000 rows; where there are more, the last one says so.",
		Responses: map[string]*huma.Response{"200": {
			Description: "OK", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}, s.exportActivity)
}

func (s *Server) registerTasks(a *api.API) {
	api.Private(a, huma.Operation{
		OperationID: "list-tasks", Method: http.MethodGet, Path: "/api/tasks", Summary: "List the backup tasks",
	}, s.list)
	api.Once(a, huma.Operation{
		OperationID: "create-task", Method: http.MethodPost, Path: "/api/tasks", DefaultStatus: http.StatusCreated, Summary: "Create a backup task",
	}, s.create)
	api.Private(a, huma.Operation{
		OperationID: "get-task", Method: http.MethodGet, Path: "/api/tasks/{task}", Summary: "Get a backup task",
	}, s.get)
	api.Private(a, huma.Operation{
		OperationID: "change-task", Method: http.MethodPatch, Path: "/api/tasks/{task}", Summary: "Change settings of a backup task",
	}, s.change)
	api.Private(a, huma.Operation{
		OperationID: "get-task-calls", Method: http.MethodGet, Path: "/api/tasks/{task}/calls", Summary: "Get what a task has called at Box in a month",
	}, s.calls)
	api.Once(a, huma.Operation{
		OperationID: "backup-task", Method: http.MethodPost, Path: "/api/tasks/{task}/backup", Summary: "Back up every activated Box user now",
	}, s.backupTask)
}

func (s *Server) registerUsers(a *api.API) {
	api.Private(a, huma.Operation{
		OperationID: "list-box-users", Method: http.MethodGet, Path: "/api/tasks/{task}/users", Summary: "List a task's Box users",
	}, s.users)
	api.Private(a, huma.Operation{
		OperationID: "get-box-user", Method: http.MethodGet, Path: "/api/tasks/{task}/users/{user}", Summary: "Get a Box user",
	}, s.user)
	api.Private(a, huma.Operation{
		OperationID: "activate-box-users", Method: http.MethodPost, Path: "/api/tasks/{task}/users/activate", Summary: "Back Box users up on schedule from now on",
	}, s.activate)
	api.Private(a, huma.Operation{
		OperationID: "pause-box-users", Method: http.MethodPost, Path: "/api/tasks/{task}/users/pause", Summary: "Stop the scheduled backups of Box users",
	}, s.pause)
	api.Once(a, huma.Operation{
		OperationID: "backup-box-users", Method: http.MethodPost, Path: "/api/tasks/{task}/users/backup", Summary: "Back Box users up now",
		Description: "Where a backup is requested or in progress already, no second one starts, and the answer says so.",
	}, s.backupUsers)
	api.Once(a, huma.Operation{
		OperationID: "cancel-box-user-backups", Method: http.MethodPost, Path: "/api/tasks/{task}/users/cancel", Summary: "Cancel requested and running backups of Box users",
		Description: "What has not begun ends at once, what is in progress within seconds. What it stored is kept for the next backup.",
	}, s.cancelUsers)
}

func (s *Server) registerTags(a *api.API) {
	api.Private(a, huma.Operation{
		OperationID: "list-tags", Method: http.MethodGet, Path: "/api/tasks/{task}/tags", Summary: "List a task's tags",
	}, s.tags)
	api.Once(a, huma.Operation{
		OperationID: "create-tag", Method: http.MethodPost, Path: "/api/tasks/{task}/tags", DefaultStatus: http.StatusCreated, Summary: "Create a tag",
	}, s.createTag)
	api.Private(a, huma.Operation{
		OperationID: "delete-tag", Method: http.MethodDelete, Path: "/api/tasks/{task}/tags/{tag}", Summary: "Delete a tag, and take it from Box users",
	}, s.deleteTag)
	api.Private(a, huma.Operation{
		OperationID: "tag-box-users", Method: http.MethodPost, Path: "/api/tasks/{task}/users/tag", Summary: "Give tags to Box users, and take others from them",
		Description: "Only the primary user may give or take Limited Access; where somebody else tries, nothing is done (403).",
	}, s.tagUsers)
}

func (s *Server) registerDeletion(a *api.API) {
	const users = "/api/tasks/{task}/users"
	api.Once(a, huma.Operation{
		OperationID: "delete-task", Method: http.MethodDelete, Path: "/api/tasks/{task}", Summary: "Delete a backup task and what it has backed up",
		Description: "It disappears from all but the list of deleted tasks, and can be brought back for 7 days; then it is removed for good. " +
			"The primary user gets an e-mail. The answer is the deleted task.",
	}, s.deleteTask)
	api.Private(a, huma.Operation{
		OperationID: "undelete-task", Method: http.MethodPost, Path: "/api/tasks/{task}/undelete", Summary: "Bring a deleted backup task back",
	}, s.undeleteTask)
	api.Once(a, huma.Operation{
		OperationID: "delete-box-users", Method: http.MethodPost, Path: users + "/delete", Summary: "Delete the backups of Box users",
		Description: "They disappear from all but the list of deleted ones, and can be brought back for 7 days; then they are removed for good. " +
			"The primary user gets an e-mail.",
	}, s.deleteUsers)
	api.Private(a, huma.Operation{
		OperationID: "undelete-box-users", Method: http.MethodPost, Path: users + "/undelete", Summary: "Bring deleted backups of Box users back",
		Description: "The choice is among deleted ones that can be brought back.",
	}, s.undeleteUsers)
	api.Private(a, huma.Operation{
		OperationID: "release-box-users", Method: http.MethodPost, Path: users + "/release", Summary: "Let snapshots of Box users expire again that are held back",
	}, s.releaseUsers)
}
