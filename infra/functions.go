package main

import (
	"coffer/shared/account"
	"coffer/shared/env"
)

// functionNames are the functions, as their folders are named.
var functionNames = []string{
	"schedule", "scan", "backup", "recover", "prune", "verify", "mail", "report", "count", "act", "identity", "tasks", "recovery", "web",
	"operator",
}

// Memory buys processor time with it: 1,769 MB is one whole processor. Backups
// and restores compress, encrypt and hash all they carry, so they get one,
// though they hold well under 512 MB however large a file is; what only waits
// for others gets little. /tmp holds catalogs and the archives that Box sends.
var (
	worker = size{memory: 1769, storage: 4096, timeout: longest}
	helper = size{memory: 512, timeout: longest}
	// answer is for the API, which gives up after 30 seconds. Passwords are
	// hashed, and catalogs opened, while a person waits.
	answer = size{memory: 1024, storage: 2048, timeout: 29}
)

// newFunctions says what every function is and may do.
func (r *region) newFunctions() {
	t, q := r.tables, r.queues

	schedule := r.function("schedule", "Claims due tasks every minute and takes up what a crash left behind.", size{memory: 256, timeout: 55})
	schedule.uses(t.tasks, read, change, remove)
	schedule.uses(t.audit, add)
	schedule.uses(t.jobs, read, change)
	schedule.sends(q.scan, q.backup, q.recover, q.mail)
	schedule.runs("rate(1 minute)", 5)

	scanning := r.function("scan", "Finds a task's Box users and what has changed, and starts their runs.", helper)
	scanning.receives(q.scan, 1, 10)
	scanning.handsOver()
	scanning.uses(t.tasks, read, change, remove) // it forgets Box users who left before their first backup
	scanning.uses(t.snapshots, read, add)
	scanning.uses(t.audit, add)
	scanning.sends(q.scan, q.backup, q.mail)
	scanning.connects()

	backup := r.function("backup", "Backs up one Box user at a time.", worker)
	backup.receives(q.backup, 1, 100)
	backup.handsOver()
	backup.uses(t.tasks, read, change, remove) // it removes hints that it has looked at
	backup.uses(t.snapshots, read, add)
	backup.uses(t.contents, read, change, batches, remove) // it removes the progress of large contents when they are stored
	backup.uses(t.audit, add)
	backup.opens(true, once, fetch, store) // it looks at a pack where a reply to storing it was lost
	backup.seals(forVault, "Decrypt")
	backup.sends(q.backup, q.mail)
	backup.connects()

	recover := r.function("recover", "Restores what a job asks for.", worker)
	recover.receives(q.recover, 1, 50)
	recover.handsOver()
	recover.uses(t.tasks, read, change)
	recover.uses(t.jobs, read, change, batches)
	recover.uses(t.contents, read)
	recover.uses(t.audit, add)
	recover.uses(t.accounts, read)                        // whether who asked for a job is still one who may
	recover.opens(true, []string{packs, catalogs}, fetch) // what is missing is told apart from what may not be read
	recover.seals(forVault, "Decrypt")
	recover.sends(q.recover, q.mail)
	recover.connects()

	prune := r.function("prune", "Removes what expired, was deleted or is referred to by nothing any more.", worker)
	prune.receives(q.prune, 1, 10)
	prune.handsOver()
	prune.uses(t.tasks, read, scan, change, remove)
	prune.uses(t.snapshots, read, remove)
	prune.uses(t.jobs, read, alter, remove, batches) // it takes jobs away from workers before it removes them
	prune.uses(t.contents, read, change, remove, batches)
	prune.uses(t.audit, add)
	prune.opens(true, []string{packs, catalogs, people, marks}, fetch, store, erase)
	prune.seals(forVault, "Decrypt") // it rewrites catalogs and packs
	prune.isTheApp()
	prune.seals(forTokens, "Decrypt") // to revoke those of deleted tasks
	prune.sends(q.prune)
	prune.getsAt("cron(15 3 * * ? *)", 24*60, q.prune, "{}")
	protect(r.vault, prune.role)

	verify := r.function("verify", "Verifies a part of every vault each day.", size{memory: 1769, storage: 2048, timeout: longest})
	verify.uses(t.tasks, read, change, scan)
	verify.uses(t.contents, read)
	verify.uses(t.audit, add)
	verify.opens(true, once, fetch)
	verify.seals(forVault, "Decrypt")
	verify.sends(q.mail)
	verify.runs("cron(15 1 * * ? *)", 24*60)

	mail := r.function("mail", "Sends e-mail.", size{memory: 256, timeout: q.mail.timeout})
	mail.receives(q.mail, 10, 5)
	mail.uses(t.accounts, read, change, remove)
	mail.keepsPasswords(t.accounts)
	mail.sendsMail("SendEmail")
	mail.visitors()

	report := r.function("report", "Mails the usage report to who asked for it.", helper)
	report.receives(q.report, 1, 5)
	report.uses(t.tasks, read)
	report.uses(t.accounts, read, change, remove)
	report.keepsPasswords(t.accounts)
	report.sendsMail("SendEmail", "SendRawEmail") // SES asks for the latter where there are attachments
	report.visitors()

	count := r.function("count", "Adds up and lists the Box users of large tasks.", size{memory: 512, timeout: q.count.timeout})
	count.receives(q.count, 1, 10)
	count.uses(t.tasks, read, change, remove) // it removes rosters when they are made anew

	act := r.function("act", "Does for very many Box users what a person asked for.", size{memory: 512, timeout: q.act.timeout})
	act.receives(q.act, 1, 10)
	act.handsOver()
	act.uses(t.accounts, read) // whether who asked for it is still one who may
	act.uses(t.tasks, read, change)
	act.uses(t.audit, add)
	act.sends(q.act, q.backup, q.mail, q.count)

	identity := r.function("identity", "API: signing up and in.", answer)
	identity.uses(t.accounts, read, change, remove)
	identity.uses(r.directory, read, change)
	identity.sends(q.mail)
	identity.visitors()
	identity.set(env.Portals, r.portals())

	tasks := r.function("tasks", "API: tasks, Box users, activity. Cannot read content.", answer)
	tasks.uses(t.accounts, read, change, remove)
	tasks.keepsPasswords(t.accounts)
	tasks.uses(t.tasks, read, change, remove) // it removes tags, and the names of tasks that are renamed or deleted
	tasks.uses(t.audit, read, add)
	tasks.sends(q.scan, q.backup, q.mail, q.report, q.count, q.act)
	tasks.seals(forVault, "GenerateDataKey") // a new task's; it can make such a key, never open one
	tasks.connects()
	tasks.seals(forCredentials, "Encrypt") // which a portal user enters
	tasks.visitors()

	recovery := r.function("recovery", "API: browsing snapshots and asking for restores.", answer)
	recovery.uses(t.accounts, read, change)
	recovery.keepsPasswords(t.accounts)
	recovery.uses(t.tasks, read)
	recovery.uses(t.snapshots, read)
	recovery.uses(t.jobs, read, change)
	recovery.opens(false, []string{catalogs}, fetch)
	recovery.seals(forVault, "Decrypt")
	recovery.sends(q.recover)
	recovery.visitors()

	web := r.function("web", "Serves the portal's pages.", size{memory: 256, timeout: 29})

	operator := r.function("operator", "Does what support does for a customer. Operators invoke it here, with a payload as in events/operator.", size{memory: 256, timeout: 120})
	operator.sees(t.accounts, account.NamedAttributes()...)
	operator.uses(r.directory, get)
	operator.uses(t.tasks, read, alter)
	operator.uses(t.snapshots, query)
	operator.uses(t.audit, add)
	operator.sends(q.mail)
	operator.isInvokedByPeople()

	r.newAPI(identity, tasks, recovery, web)
}

// visitors tells a function where people find the portal.
func (f *function) visitors() {
	f.set(env.PortalURL, f.region.portal())
}
