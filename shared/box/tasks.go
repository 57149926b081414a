package box

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Task asks people to review a file, or to do something about it.
type Task struct {
	ID          string
	Action      string // review, complete
	Message     string
	Rule        string // all_assignees, any_assignee
	Due         time.Time
	CreatedBy   Mini
	CreatedAt   time.Time
	Assignments []Assignment
}

// Assignment is one person's share in a task.
type Assignment struct {
	ID       string
	AssignTo Mini
	State    string // incomplete, completed, approved, rejected
	Message  string
}

// UnmarshalJSON reads a task as Box writes it.
func (t *Task) UnmarshalJSON(data []byte) error {
	var in struct {
		ID          text   `json:"id"`
		Action      text   `json:"action"`
		Message     text   `json:"message"`
		Rule        text   `json:"completion_rule"`
		Due         moment `json:"due_at"`
		CreatedBy   Mini   `json:"created_by"`
		CreatedAt   moment `json:"created_at"`
		Assignments struct {
			Entries []Assignment `json:"entries"`
		} `json:"task_assignment_collection"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*t = Task{
		ID: string(in.ID), Action: string(in.Action), Message: string(in.Message), Rule: string(in.Rule), Due: time.Time(in.Due),
		CreatedBy: in.CreatedBy, CreatedAt: time.Time(in.CreatedAt), Assignments: in.Assignments.Entries,
	}
	return nil
}

func (t *Task) whole() bool { return t.ID != "" }

// UnmarshalJSON reads an assignment as Box writes it.
func (a *Assignment) UnmarshalJSON(data []byte) error {
	var in struct {
		ID       text `json:"id"`
		AssignTo Mini `json:"assigned_to"`
		State    text `json:"resolution_state"`
		Message  text `json:"message"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*a = Assignment{ID: string(in.ID), AssignTo: in.AssignTo, State: string(in.State), Message: string(in.Message)}
	return nil
}

func (a *Assignment) whole() bool { return a.ID != "" }

// Tasks returns all tasks of a file. Nothing else that Box says of a file tells
// whether it has any.
func (c *Client) Tasks(ctx context.Context, file string) ([]Task, error) {
	var out listing[Task]
	err := c.do(ctx, call{kind: "file.tasks", method: http.MethodGet, url: c.api("files", file, "tasks")}, &out)
	return out.Entries, err
}

// CreateTask gives a file a task, of which Action, Message, Rule and Due count.
// It is created by the acting user, and assigned to nobody yet.
func (c *Client) CreateTask(ctx context.Context, file string, t Task) (Task, error) {
	in := map[string]any{"item": map[string]string{"type": "file", "id": file}, "action": t.Action}
	if t.Message != "" {
		in["message"] = t.Message
	}
	if t.Rule != "" {
		in["completion_rule"] = t.Rule
	}
	if !t.Due.IsZero() {
		in["due_at"] = stamp(t.Due)
	}
	var made Task
	err := c.do(ctx, call{kind: "task.create", method: http.MethodPost, url: c.api("tasks"), in: in, create: true}, &made)
	return made, err
}

// Assign gives a task to a user, named by id or, where that is all there is, by
// login. Box tells that user.
func (c *Client) Assign(ctx context.Context, task string, to Mini) (Assignment, error) {
	who := map[string]string{"login": to.Login}
	if to.ID != "" {
		who = map[string]string{"id": to.ID}
	}
	var made Assignment
	err := c.do(ctx, call{
		kind: "task.assign", method: http.MethodPost, url: c.api("task_assignments"), create: true,
		in: map[string]any{"task": map[string]string{"type": "task", "id": task}, "assign_to": who},
	}, &made)
	return made, err
}
