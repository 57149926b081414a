package tasks

import (
	"context"
	"errors"
	"strings"

	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/box"
)

// BoxCredentials are those of the customer's own Box app, which authenticates
// by itself. They are stored sealed and never returned.
type BoxCredentials struct {
	Grant        backup.Grant `json:"grant" enum:"client_credentials,jwt"`
	ClientID     string       `json:"clientId" minLength:"1" maxLength:"100"`
	ClientSecret string       `json:"clientSecret" minLength:"1" maxLength:"200"`
	EnterpriseID string       `json:"enterpriseId" minLength:"1" maxLength:"40" doc:"Of the enterprise that the task backs up."`
	KeyID        string       `json:"keyId,omitempty" maxLength:"100" doc:"With jwt: the id of the public key at Box."`
	PrivateKey   string       `json:"privateKey,omitempty" maxLength:"5000" doc:"With jwt: the RSA key in PEM form."`
	Passphrase   string       `json:"passphrase,omitempty" maxLength:"200" doc:"Of the private key, where it has one. It is used once and not stored."`
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
	b := in.Body
	for _, text := range []*string{&b.ClientID, &b.ClientSecret, &b.EnterpriseID, &b.KeyID, &b.PrivateKey} {
		*text = strings.TrimSpace(*text)
	}
	if err := whole(b); err != nil {
		return nil, err
	}
	key, err := unlocked(b)
	if err != nil {
		return nil, err
	}
	t, err = s.Connections.Connect(ctx, t, backup.Credentials{
		Grant: b.Grant, ClientID: b.ClientID, ClientSecret: b.ClientSecret, Enterprise: b.EnterpriseID, KeyID: b.KeyID, PrivateKey: key,
	}, who.Email)
	if err != nil {
		return nil, err
	}
	if err := s.Scans.Send(ctx, string(t.ID), 0, backup.ScanMessage{Account: t.Account, Task: t.ID}); err != nil {
		return nil, err
	}
	return s.answer(ctx, who, t)
}

// whole checks that nothing of the credentials is missing.
func whole(b BoxCredentials) error {
	switch {
	case b.ClientID == "":
		return backup.Field("clientId", "Give the client ID.")
	case b.ClientSecret == "":
		return backup.Field("clientSecret", "Give the client secret.")
	case b.EnterpriseID == "":
		return backup.Field("enterpriseId", "Give the enterprise ID.")
	case b.Grant == backup.JWT && b.KeyID == "":
		return backup.Field("keyId", "JWT needs the ID that the public key has at Box.")
	case b.Grant == backup.JWT && b.PrivateKey == "":
		return backup.Field("privateKey", "JWT needs the private key.")
	}
	return nil
}

// unlocked returns the private key without its passphrase.
func unlocked(b BoxCredentials) (string, error) {
	if b.Grant != backup.JWT || !box.Locked(b.PrivateKey) {
		return b.PrivateKey, nil
	}
	if b.Passphrase == "" {
		return "", backup.Field("passphrase", "The private key has a passphrase. It is in the app's settings file, which Box lets you download, beside the key.")
	}
	key, err := box.Unlock(b.PrivateKey, b.Passphrase)
	switch {
	case errors.Is(err, box.ErrPassphrase):
		return "", backup.Field("passphrase", "This is not the passphrase of the private key. Copy both from the same settings file of the app.")
	case err != nil:
		return "", backup.Field("privateKey", "The private key cannot be read. Copy all of it from the app's settings file, from BEGIN to END.")
	}
	return key, nil
}
