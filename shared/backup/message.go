package backup

import "time"

// ScanMessage asks the scan function to look at one task's Box enterprise. Slot
// is the scheduled time whose runs it starts; with no slot it only finds out
// who the Box users are. After, where set, is the last Box user that an earlier
// invocation got to, and all that it did is done.
type ScanMessage struct {
	Account AccountID `json:"account"`
	Task    TaskID    `json:"task"`
	Slot    time.Time `json:"slot,omitzero"`
	After   BoxUserID `json:"after,omitempty"`
}

// RunMessage asks the backup function to work on one run of one Box user. Run
// is the id of the snapshot that the run will seal, so a message that comes
// again after the run has ended is recognised. With People it asks instead for
// who is in the enterprise, and names no Box user.
type RunMessage struct {
	Account AccountID  `json:"account"`
	Task    TaskID     `json:"task"`
	BoxUser BoxUserID  `json:"boxUser"`
	Run     SnapshotID `json:"run"`
	People  bool       `json:"people,omitempty"`
}

// JobMessage asks the recover function to work on one job.
type JobMessage struct {
	Account AccountID `json:"account"`
	Job     JobID     `json:"job"`
}

// CountMessage asks the count function to add up the Box users of a task.
type CountMessage struct {
	Account AccountID `json:"account"`
	Task    TaskID    `json:"task"`
}

// ActMessage asks the act function to go on with what was asked for many Box users
// of a task. ID is that of the request, so a message that comes again after it has
// ended is recognised.
type ActMessage struct {
	Account AccountID `json:"account"`
	Task    TaskID    `json:"task"`
	ID      string    `json:"id"`
}

// PruneMessage asks the prune function to remove what its time has come for: of
// one task or, where it names none, of each, with a message of its own. The rest
// is of a task that takes more than one invocation.
type PruneMessage struct {
	Account AccountID `json:"account,omitempty"`
	Task    TaskID    `json:"task,omitempty"`
	// Step is what to go on with, and After the last Box user of whom an earlier
	// invocation has done it.
	Step   string    `json:"step,omitempty"`
	After  BoxUserID `json:"after,omitempty"`
	Idle   int       `json:"idle,omitempty"`   // how many invocations in a row got nowhere
	Failed bool      `json:"failed,omitempty"` // an earlier one could not do all
}

// ReportMessage asks the report function to mail the usage report to a portal
// user. ID makes a repeated delivery recognisable.
type ReportMessage struct {
	ID      string    `json:"id"`
	Account AccountID `json:"account"`
	User    UserID    `json:"user"`
}

// Attachment is a file in an e-mail.
type Attachment struct {
	Name    string
	Type    string // MIME type
	Content []byte
}

// MailMessage asks the mail function for one e-mail. To is an address; empty, it
// is that of the account's primary user. Template names the text, Data fills
// it; ID makes a repeated delivery recognisable.
type MailMessage struct {
	ID       string            `json:"id"`
	Account  AccountID         `json:"account"`
	To       string            `json:"to,omitempty"`
	Template string            `json:"template"`
	Data     map[string]string `json:"data,omitempty"`
}
