package api_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"coffer/shared/account"
	"coffer/shared/backup"
)

// secondary is a portal user of the person's account who is not the primary
// one, signed in. The rows are written as the table has them.
func (w *person) secondary(email string) *person {
	w.p.t.Helper()
	ctx, accounts := w.p.t.Context(), w.p.identity.Accounts
	first, err := w.p.identity.Peek(ctx, w.cookie)
	if err != nil {
		w.p.t.Fatal(err)
	}
	now := time.Now()
	user := backup.UserID(backup.NewID())
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	_, err = dynamodb.NewFromConfig(w.p.cloud.AWS).PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &w.p.accounts,
		Item: map[string]types.AttributeValue{
			"PK": text(string(first.Account)), "SK": text("USER#" + string(user)),
			"Account": text(string(first.Account)), "ID": text(string(user)), "Email": text(email), "Name": text("Second"),
			"Primary": &types.AttributeValueMemberBOOL{Value: false}, "Created": text(now.UTC().Format(time.RFC3339Nano)),
		},
	})
	if err != nil {
		w.p.t.Fatal(err)
	}
	s := account.Session{
		Account: first.Account, ID: backup.NewID(), User: user, Email: email, Key: []byte(backup.NewID() + "123456"), Created: now, Seen: now,
	}
	secret := backup.NewID()
	if err := accounts.PutSession(ctx, s, secret, now.Add(time.Hour)); err != nil {
		w.p.t.Fatal(err)
	}
	return &person{p: w.p, cookie: string(s.Account) + "." + s.ID + "." + secret}
}

// remove takes the portal user of a session away.
func (p *product) remove(who account.Session) {
	p.t.Helper()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	_, err := dynamodb.NewFromConfig(p.cloud.AWS).DeleteItem(p.t.Context(), &dynamodb.DeleteItemInput{
		TableName: &p.accounts, Key: map[string]types.AttributeValue{"PK": text(string(who.Account)), "SK": text("USER#" + string(who.User))},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// account is the one of the task.
func (b *backedUp) account() backup.AccountID {
	b.t.Helper()
	who, err := b.identity.Peek(b.t.Context(), b.who.cookie)
	if err != nil {
		b.t.Fatal(err)
	}
	return who.Account
}
