package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"coffer/scripts/demo"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
)

// endTime bounds a backup of one Box user, and a restore.
const endTime = 5 * time.Minute

// onTasks has the ways of operations on backup tasks and Box users. Settings
// are changed of a spare task; backups are real, and each has ended before the
// next begins.
func onTasks() map[string][]way {
	spare := func(body func(n int) any) way {
		return way{kind: write, call: func(ctx context.Context, h *house, op operation, n int) error {
			return h.Call(ctx, op.Method, h.path(op.Path, "task", h.spare), body(n), nil)
		}}
	}
	return map[string][]way{
		"list-box-users": {get(""), get("?q=an&status=Success&sort=size&order=desc")},
		"create-task":    {send(write, "", func(_ *house, n int) any { return map[string]any{"name": fmt.Sprint("Task ", n)} })},
		"change-task":    {spare(func(n int) any { return map[string]any{"name": fmt.Sprint("Spare ", n), "hour": n % 24} })},
		"authorize-task": {spare(func(int) any { return nil })},
		"box-callback":   {{kind: write, call: connect}},
		"check-task":     {send(write, "as 12 Box users", func(*house, int) any { return nil })},

		"connect-task-with-app": {{kind: write, note: "with a wrong secret", call: connectWithApp}},
		"backup-task": {{kind: write, call: func(ctx context.Context, h *house, _ operation, _ int) error {
			_, err := h.BackUp(ctx, h.ids["task"], nil)
			return err
		}}},
		"activate-box-users":      {actions("pause", "activate")},
		"pause-box-users":         {actions("pause", "activate")},
		"backup-box-users":        {actions("backup")},
		"cancel-box-user-backups": {actions("backup", "cancel")},

		"delete-task":        {{kind: write, call: deleteTask}},
		"acknowledge-damage": {spare(func(int) any { return nil })},
		"undelete-task":      {{kind: write, call: deleteTask}},
		"delete-box-users":   {actions("delete", "undelete")},
		"undelete-box-users": {actions("delete", "undelete")},
		"release-box-users":  {actions("release")},

		"mail-usage-report": {{kind: write, note: "10 of them, the others refused", call: mailReport}},

		"create-tag":    {spare(func(n int) any { return map[string]any{"name": fmt.Sprint("Tag ", n)} })},
		"delete-tag":    {{kind: write, call: deleteTag}},
		"tag-box-users": {send(write, "", tagging)},
	}
}

// connectWithApp has Box refuse credentials.
func connectWithApp(ctx context.Context, h *house, op operation, _ int) error {
	err := h.Call(ctx, op.Method, h.path(op.Path, "task", h.spare), tasks.BoxCredentials{
		Grant: backup.ClientCredentials, ClientID: "unknown", ClientSecret: "wrong", EnterpriseID: "1",
	}, nil)
	if problem, ok := errors.AsType[*demo.Problem](err); ok && problem.Status == http.StatusBadRequest {
		return nil
	}
	return errors.Join(err, errors.New("wrong credentials are not refused as such"))
}

// mailReport asks for a report, more often than an account may in an hour.
func mailReport(ctx context.Context, h *house, op operation, n int) error {
	err := h.Call(ctx, op.Method, op.Path, nil, nil)
	if problem, ok := errors.AsType[*demo.Problem](err); ok && problem.Status == http.StatusTooManyRequests && n >= 10 {
		return nil
	}
	return err
}

// deleteTask deletes the spare task and brings it back.
func deleteTask(ctx context.Context, h *house, _ operation, _ int) error {
	path := h.path("/api/tasks/{task}", "task", h.spare)
	if err := h.Call(ctx, http.MethodDelete, path, nil, nil); err != nil {
		return err
	}
	return h.Call(ctx, http.MethodPost, path+"/undelete", nil, nil)
}

// deleteTag makes a tag, which nobody has, and deletes it.
func deleteTag(ctx context.Context, h *house, op operation, n int) error {
	var made tasks.Tag
	if err := h.Call(ctx, http.MethodPost, h.path("/api/tasks/{task}/tags"), map[string]any{"name": fmt.Sprint("Deleted ", n)}, &made); err != nil {
		return err
	}
	return h.Call(ctx, op.Method, h.path(op.Path, "tag", string(made.ID)), nil, nil)
}

// tagging limits access to a Box user, and opens it again with the next call.
func tagging(h *house, n int) any {
	return map[string]any{"ids": []string{h.ids["user"]}, []string{"add", "remove"}[n%2]: []backup.TagID{backup.LimitedAccess}}
}

// connect connects a task of its own, and ends when its Box users are found, so
// that the search for them does not compete with the next call.
func connect(ctx context.Context, h *house, _ operation, n int) error {
	var made tasks.Task
	if err := h.Call(ctx, http.MethodPost, "/api/tasks", map[string]string{"name": fmt.Sprint("Connected ", n)}, &made); err != nil {
		return err
	}
	if err := h.Authorize(ctx, made.ID, h.administrator); err != nil {
		return err
	}
	all, err := h.Users(ctx, h.ids["task"])
	if err != nil {
		return err
	}
	return demo.Until(ctx, endTime, "the Box users are found", func() (bool, error) {
		found, err := h.Users(ctx, made.ID)
		return len(found) == len(all), err
	})
}

// actions is the way of an operation that is one of these actions, which are
// done for one Box user one after the other.
func actions(names ...string) way {
	return way{kind: write, call: func(ctx context.Context, h *house, _ operation, _ int) error {
		for _, name := range names {
			var got tasks.ActionResult
			body := map[string]any{"ids": []string{h.ids["user"]}}
			if err := h.Call(ctx, http.MethodPost, h.path("/api/tasks/{task}/users/"+name), body, &got); err != nil {
				return err
			}
			if got.Done != 1 && name == "cancel" {
				return errLate
			}
			if got.Done != 1 {
				return fmt.Errorf("%s of a Box user was refused: %+v", name, got.Refused)
			}
		}
		return demo.Until(ctx, endTime, "the Box user's backup ended", func() (bool, error) {
			var u tasks.BoxUser
			err := h.Call(ctx, http.MethodGet, h.path("/api/tasks/{task}/users/{user}"), nil, &u)
			return !u.Requested, err
		})
	}}
}
