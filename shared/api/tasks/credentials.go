package tasks

import (
	"context"
	"strings"

	"coffer/shared/account"
	"coffer/shared/backup"
)

// BoxCredentials are those of the customer's own Box app, which authenticates
// by itself. They are stored sealed and never returned.
type BoxCredentials struct {
	Grant        backup.Grant `json:"grant" enum:"client_credentials,jwt"`
	ClientID     string       `json:"clientId" minLength:"1" maxLength:"100"`
	ClientSecret string       `json:"clientSecret" minLength:"1" maxLength:"200"`
	EnterpriseID string       `json:"enterpriseId" minLength:"1" maxLength:"40" doc:"Of the enterprise that the task backs up."`
	KeyID        string       `json:"keyId,omitempty" maxLength:"100" doc:"With jwt: the id of the public key at Box."`
	PrivateKey   string       `json:"privateKey,omitempty" maxLength:"4000" doc:"With jwt: the RSA key in PEM form, without a passphrase."`
}

type credentialsInput struct {
	TaskPath
	Body BoxCredentials
}

// credentials connects a task with the customer's own Box app.
func (s *Server) credentials(ctx context.Context, who account.Session, in *credentialsInput) (*taskOutput, error) {
	t, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	if !t.Alive() {
		return nil, backup.Errorf(backup.NotFound, "This backup task does not exist.")
	}
	b := in.Body
	if b.Grant == backup.JWT && (b.KeyID == "" || b.PrivateKey == "") {
		return nil, backup.Field("privateKey", "JWT needs the private key and the ID that the public key has at Box.")
	}
	t, err = s.Connections.Connect(ctx, t, backup.Credentials{
		Grant: b.Grant, ClientID: strings.TrimSpace(b.ClientID), ClientSecret: strings.TrimSpace(b.ClientSecret),
		Enterprise: strings.TrimSpace(b.EnterpriseID), KeyID: strings.TrimSpace(b.KeyID), PrivateKey: b.PrivateKey,
	})
	if err != nil {
		return nil, err
	}
	if err := s.Scans.Send(ctx, string(t.ID), 0, backup.ScanMessage{Account: t.Account, Task: t.ID}); err != nil {
		return nil, err
	}
	return s.answer(ctx, t)
}
