package boxsim

import (
	"net/http"
	"slices"
	"time"

	"coffer/shared/backup"
)

// task asks people to look at a file.
type task struct {
	ID, File, Action, Message, Rule, By string
	Due, Created                        time.Time
	Assignments                         []*assignment
}

type assignment struct {
	ID, To, By, State string
	At                time.Time
}

func (s *Sim) taskRoutes() {
	s.handle("GET /2.0/files/{id}/tasks", http.StatusOK, listTasks)
	s.handle("POST /2.0/tasks", http.StatusCreated, createTask)
	s.handle("GET /2.0/tasks/{id}", http.StatusOK, withTask(func(c *call, t *task) (any, error) { return c.showTask(t), nil }))
	s.handle("DELETE /2.0/tasks/{id}", http.StatusNoContent, withTask(func(c *call, t *task) (any, error) {
		delete(c.Tasks, t.ID)
		c.tasksOn[t.File] = slices.DeleteFunc(c.tasksOn[t.File], func(id string) bool { return id == t.ID })
		return nil, nil
	}))
	s.handle("GET /2.0/tasks/{id}/assignments", http.StatusOK, withTask(func(c *call, t *task) (any, error) {
		return c.showAssignments(t), nil
	}))
	s.handle("POST /2.0/task_assignments", http.StatusCreated, createAssignment)
}

func (c *call) showTask(t *task) object {
	done := len(t.Assignments) > 0 && !slices.ContainsFunc(t.Assignments, func(a *assignment) bool { return a.State == "incomplete" })
	out := object{
		"type": "task", "id": t.ID, "item": c.mini(c.Items[backup.ItemRef{Kind: backup.File, ID: t.File}]), "action": t.Action,
		"message": t.Message, "completion_rule": t.Rule, "created_by": c.userMini(t.By), "created_at": stamp(t.Created),
		"is_completed": done, "task_assignment_collection": c.showAssignments(t),
	}
	if !t.Due.IsZero() {
		out["due_at"] = stamp(t.Due)
	}
	return out
}

func (c *call) showAssignments(t *task) object {
	file := c.mini(c.Items[backup.ItemRef{Kind: backup.File, ID: t.File}])
	return object{"total_count": len(t.Assignments), "entries": shown(t.Assignments, func(a *assignment) object {
		return object{
			"type": "task_assignment", "id": a.ID, "item": file, "assigned_to": c.userMini(a.To), "message": "",
			"assigned_at": stamp(a.At), "assigned_by": c.userMini(a.By), "resolution_state": a.State,
		}
	})}
}

func listTasks(c *call) (any, error) {
	it, err := c.subject(backup.File, canPreview)
	if err != nil {
		return nil, err
	}
	list := shown(c.tasksOn[it.ID], func(id string) object { return c.showTask(c.Tasks[id]) })
	return object{"total_count": len(list), "entries": list}, nil
}

func createTask(c *call) (any, error) {
	var in struct {
		Item    reference `json:"item"`
		Action  string    `json:"action"`
		Message string    `json:"message"`
		Due     time.Time `json:"due_at"`
		Rule    string    `json:"completion_rule"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	it, err := c.find(backup.File, in.Item.ID, canPreview)
	if err != nil {
		return nil, err
	}
	t := &task{
		ID: c.nextID("task"), File: it.ID, Action: in.Action, Message: in.Message, Rule: in.Rule,
		By: c.user.ID, Due: in.Due, Created: c.now(),
	}
	if t.Action == "" {
		t.Action = "review"
	}
	if t.Rule == "" {
		t.Rule = "all_assignees"
	}
	c.Tasks[t.ID] = t
	c.tasksOn[it.ID] = append(c.tasksOn[it.ID], t.ID)
	c.emit(c.user, it, "TASK_CREATE", "TASK_CREATE")
	return c.showTask(t), nil
}

func withTask(op func(*call, *task) (any, error)) operation {
	return func(c *call) (any, error) {
		t := c.Tasks[c.r.PathValue("id")]
		if t == nil {
			return nil, notFound()
		}
		if _, err := c.find(backup.File, t.File, canPreview); err != nil {
			return nil, err
		}
		return op(c, t)
	}
}

func createAssignment(c *call) (any, error) {
	var in struct {
		Task     reference                  `json:"task"`
		AssignTo struct{ ID, Login string } `json:"assign_to"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	t, to := c.Tasks[in.Task.ID], c.Users[in.AssignTo.ID]
	if to == nil {
		to = c.byLogin(in.AssignTo.Login)
	}
	if t == nil || to == nil {
		return nil, notFound()
	}
	it, err := c.find(backup.File, t.File, canPreview)
	if err != nil {
		return nil, err
	}
	t.Assignments = append(t.Assignments, &assignment{
		ID: c.nextID("assignment"), To: to.ID, By: c.user.ID, State: "incomplete", At: c.now(),
	})
	c.emit(c.user, it, "TASK_ASSIGNMENT_CREATE", "TASK_ASSIGNMENT_CREATE")
	entries := c.showAssignments(t)["entries"].([]object)
	return entries[len(entries)-1], nil
}
