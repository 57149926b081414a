package connection

import (
	"context"
	"errors"
	"strings"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/task"
)

// Connect connects the task to Box with the customer's own application, once
// Box has shown that the credentials work and are for the task's enterprise.
// They are stored sealed and never returned. The one call that tells is not
// counted against the task's ceiling. By is the e-mail address of who asks.
func (c *Connections) Connect(ctx context.Context, t task.Task, cr backup.Credentials, by string) (task.Task, error) {
	tokens := c.Tokens(t.Account, t.ID)
	if cr.Grant != backup.ClientCredentials && cr.Grant != backup.JWT {
		return task.Task{}, backup.Field("grant", "Choose client credentials or JWT.")
	}
	if cr.Grant == backup.ClientCredentials {
		cr.KeyID, cr.PrivateKey = "", ""
	}
	source, err := c.sourceOf(cr, tokens)
	if err != nil {
		return task.Task{}, backup.Field("privateKey", "The private key cannot be read. It must be the RSA key in PEM form, from BEGIN to END.")
	}
	cfg := c.cfg
	cfg.Tokens, cfg.Attempts = source, 3
	me, err := box.New(cfg).Me(ctx)
	if err != nil {
		return task.Task{}, explain(cr, err)
	}
	if me.Enterprise.ID != cr.Enterprise {
		return task.Task{}, backup.Field("enterpriseId", "The app belongs to another Box enterprise. Copy the enterprise ID from the app's General Settings page in Box's Developer Console.")
	}
	// This is the check that the task's enterprise is this one; the credentials
	// of another never get near the task.
	t, err = c.tasks.AuthorisedApp(ctx, t.Account, t.ID, cr.Grant, me.Enterprise.ID, me.Enterprise.Name, me.Login)
	if err != nil {
		return task.Task{}, err
	}
	if err := tokens.StoreCredentials(ctx, cr); err != nil {
		return task.Task{}, err
	}
	c.Forget(t.ID)
	now := c.Now()
	return t, c.audit.Add(ctx, audit.Activity{
		Account: t.Account, ID: audit.ID(now, "connected-"+string(t.ID)), At: now, Kind: audit.Connect, Status: audit.Succeeded,
		Task: t.ID, TaskName: t.Name, Item: t.EnterpriseName, Description: "Connected to Box by " + by + ", with the app of the enterprise, which acts as " + t.Administrator + ".",
	})
}

// explain says what is wrong with credentials that Box did not take. Box has
// but a few words for it.
func explain(cr backup.Credentials, err error) error {
	e, ok := errors.AsType[*box.Error](err)
	if !ok || box.IsBusy(e) {
		return backup.Errorf(backup.Busy, "Box could not be asked just now. Try again in a few minutes.")
	}
	switch {
	case e.Code == "invalid_client":
		return backup.Field("clientSecret", "Box does not know this client ID, or the client secret is not the one that belongs to it. Copy both from the app's Configuration page in Box's Developer Console.")
	case e.Code == "unauthorized_client":
		return backup.Errorf(backup.Conflict, "The Box enterprise has not authorised this app. An administrator does so in Box's Admin Console, under Integrations, Platform Apps Manager, with the client ID %s; after every change of the app's settings, again.", cr.ClientID)
	case e.Code == "invalid_grant" && (strings.Contains(e.Message, "signature") || strings.Contains(e.Message, "kid")):
		return backup.Field("keyId", "The private key does not belong to the public key of this ID. Copy the ID from the app's Configuration page in Box's Developer Console, or upload the public key there.")
	case e.Code == "invalid_grant":
		return backup.Field("enterpriseId", "Box refuses the credentials. The enterprise ID or the client secret is wrong, or the app is not set up for %s with access to the whole enterprise, or an administrator has not authorised it.",
			map[backup.Grant]string{backup.ClientCredentials: "server authentication with client credentials", backup.JWT: "server authentication with JWT"}[cr.Grant])
	case errors.Is(err, box.ErrDisconnected), box.IsForbidden(e):
		return backup.Errorf(backup.Conflict, "Box accepts the credentials, but does not let the app ask who it is. Give it the scopes to read and write all files and to manage users, and have it authorised again.")
	}
	return backup.Errorf(backup.Conflict, "Box refuses the credentials and gives as the reason %s.", e.Code)
}
