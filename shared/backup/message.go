package backup

import "time"

// ScanMessage asks the scan function to look at one task's Box enterprise and
// to start the runs that are due. Slot is the scheduled time it stands for, or
// zero when a person asked. BoxUsers, where not empty, limits it to those.
type ScanMessage struct {
	Account  AccountID   `json:"account"`
	Task     TaskID      `json:"task"`
	Slot     time.Time   `json:"slot,omitzero"`
	BoxUsers []BoxUserID `json:"boxUsers,omitempty"`
}

// RunMessage asks the backup function for one run of one Box user.
type RunMessage struct {
	Account AccountID `json:"account"`
	Task    TaskID    `json:"task"`
	BoxUser BoxUserID `json:"boxUser"`
}

// JobMessage asks the recover function to work on one job.
type JobMessage struct {
	Account AccountID `json:"account"`
	Job     JobID     `json:"job"`
}

// MailMessage asks the mail function for one e-mail. Template names the text,
// Data fills it; ID makes a repeated delivery recognisable.
type MailMessage struct {
	ID       string            `json:"id"`
	Account  AccountID         `json:"account"`
	To       string            `json:"to"`
	Template string            `json:"template"`
	Data     map[string]string `json:"data,omitempty"`
}
