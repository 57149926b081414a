package backup

// Status is the state of a Box user's backup, as the portal shows it.
type Status string

// The statuses of a Box user.
const (
	NotActive Status = "Not Active"
	Scheduled Status = "Scheduled"
	InProcess Status = "In Process"
	Success   Status = "Success"
	Partial   Status = "Partial"
	Failed    Status = "Failed"
	Paused    Status = "Paused"
	Archived  Status = "Archived"
)

// JobStatus is the state of a job.
type JobStatus string

// The statuses of a job. The last four are final.
const (
	JobPending    JobStatus = "Pending"
	JobInProgress JobStatus = "In progress"
	JobSucceeded  JobStatus = "Succeeded"
	JobPartial    JobStatus = "Partially succeeded"
	JobFailed     JobStatus = "Failed"
	JobCanceled   JobStatus = "Canceled"
)

// Final reports whether a job in this status will not change any more.
func (s JobStatus) Final() bool {
	return s == JobSucceeded || s == JobPartial || s == JobFailed || s == JobCanceled
}

// RestoreMode says what a restore does where an item still exists.
type RestoreMode string

// The modes of a restore.
const (
	// NonDestructive puts everything into a new folder and touches nothing else.
	NonDestructive RestoreMode = "non_destructive"
	// Replace brings items back in place and overwrites those that differ.
	Replace RestoreMode = "replace"
	// Bypass brings items back in place and leaves those that exist alone.
	Bypass RestoreMode = "bypass"
)

// Connection is the state of a task's authorisation at Box.
type Connection string

// The states of a connection.
const (
	Connected    Connection = "Connected"
	Disconnected Connection = "Disconnected"
)
