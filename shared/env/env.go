// Package env names the settings that the infrastructure writes into each
// function's environment and that mains read. It is the only place where those
// names are spelled, so a setting cannot be written under one name and read
// under another.
package env

import (
	"fmt"
	"os"
)

// Setting is the name of an environment variable.
type Setting string

// The settings.
const (
	AccountsTable  Setting = "ACCOUNTS_TABLE"
	TasksTable     Setting = "TASKS_TABLE"
	SnapshotsTable Setting = "SNAPSHOTS_TABLE"
	JobsTable      Setting = "JOBS_TABLE"
	AuditTable     Setting = "AUDIT_TABLE"
	ContentsTable  Setting = "CONTENTS_TABLE"
	DirectoryTable Setting = "DIRECTORY_TABLE" // global: e-mail address to account and region

	VaultBucket Setting = "VAULT_BUCKET"
	VaultKey    Setting = "VAULT_KEY" // ARN of the KMS key that wraps vault keys, catalog keys and Box tokens

	ScanQueue    Setting = "SCAN_QUEUE" // queues are given by URL
	BackupQueue  Setting = "BACKUP_QUEUE"
	RecoverQueue Setting = "RECOVER_QUEUE"
	PruneQueue   Setting = "PRUNE_QUEUE"
	MailQueue    Setting = "MAIL_QUEUE"
	ReportQueue  Setting = "REPORT_QUEUE"
	CountQueue   Setting = "COUNT_QUEUE"
	ActQueue     Setting = "ACT_QUEUE"

	BoxSecret  Setting = "BOX_SECRET"      // name of the secret with Coffer's Box application credentials
	BoxAPI     Setting = "BOX_API_URL"     // https://api.box.com
	BoxUpload  Setting = "BOX_UPLOAD_URL"  // https://upload.box.com
	BoxAccount Setting = "BOX_ACCOUNT_URL" // https://account.box.com, where people authorise

	PortalURL Setting = "PORTAL_URL" // what links in e-mails and redirects begin with
	Portals   Setting = "PORTALS"    // of all regions, as JSON: {"eu-west-3": "https://…"}
	MailFrom  Setting = "MAIL_FROM"  // sender of all e-mails
)

// Lookup returns the setting's value, and an error that names the setting
// where it is missing or empty.
func Lookup(s Setting) (string, error) {
	if v := os.Getenv(string(s)); v != "" {
		return v, nil
	}
	return "", fmt.Errorf("setting %s is missing from the environment", s)
}
