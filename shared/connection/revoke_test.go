package connection_test

import (
	"testing"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

func TestRevokedTokensAreOfNoUseAtBoxAndGone_S3(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	o := newOffice(t)
	c := o.connect()
	tokens := c.Tokens(o.task.Account, o.task.ID)
	pair := o.app.Pair(o.users[0])
	stored := func() bool {
		_, _, err := tokens.Load(ctx)
		if err != nil && backup.KindOf(err) != backup.NotFound {
			t.Fatal(err)
		}
		return err == nil
	}
	if err := tokens.Store(ctx, pair); err != nil {
		t.Fatal(err)
	}
	if err := o.reaches(t, c); err != nil {
		t.Fatal(err)
	}

	o.sim.Fault(boxsim.Fault{Endpoint: "POST /oauth2/revoke", Kinds: []boxsim.Kind{boxsim.Unavailable}, Times: 1})
	if err := c.Revoke(ctx, o.task); err == nil || !stored() || o.reaches(t, c) != nil {
		t.Errorf("while Box cannot be asked: %v, tokens stored %v", err, stored())
	}
	if err := c.Revoke(ctx, o.task); err != nil || stored() {
		t.Errorf("revoked: %v, tokens stored %v", err, stored())
	}
	if err := tokens.Store(ctx, pair); err != nil { // whoever had copied the pair
		t.Fatal(err)
	}
	if err := o.reaches(t, o.connect()); err == nil {
		t.Error("Box still accepts the tokens")
	}
	for _, what := range []string{"a pair that Box does not know any more", "nothing"} {
		if err := c.Revoke(ctx, o.task); err != nil || stored() {
			t.Errorf("revoke %s: %v, tokens stored %v", what, err, stored())
		}
	}
}

func TestTokensAreGoneAlsoWhereBoxDoesNotRevokeThem_S3(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	o := newOffice(t)
	c := o.connect()
	tokens := c.Tokens(o.task.Account, o.task.ID)
	if err := tokens.Store(ctx, o.app.Pair(o.users[0])); err != nil {
		t.Fatal(err)
	}
	if err := o.reaches(t, c); err != nil {
		t.Fatal(err)
	}
	o.sim.Fault(boxsim.Fault{Endpoint: "POST /oauth2/revoke", Kinds: []boxsim.Kind{boxsim.Forbidden}})
	if err := c.Revoke(ctx, o.task); err != nil {
		t.Fatal(err)
	}
	if _, _, err := tokens.Load(ctx); backup.KindOf(err) != backup.NotFound {
		t.Errorf("tokens: %v", err)
	}
	if err := o.reaches(t, c); err == nil {
		t.Error("the process still uses them")
	}
}

func TestRevokingForgetsTheCustomersOwnApp_S3(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	o := newOffice(t)
	_, own := o.own(t, backup.ClientCredentials)
	c := o.connect()
	if _, err := c.Connect(ctx, o.task, own, "ann@acme.example"); err != nil {
		t.Fatal(err)
	}
	if err := c.Revoke(ctx, o.task); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Tokens(o.task.Account, o.task.ID).Credentials(ctx); err != nil || got.ClientSecret != "" {
		t.Errorf("left: %+v, %v", got, err)
	}
	if n := o.sim.Stats().Endpoints["POST /oauth2/revoke"]; n != 0 {
		t.Errorf("%d calls to revoke what is not ours", n)
	}
}
