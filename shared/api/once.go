package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"coffer/shared/account"
	"coffer/shared/backup"
)

// onceHeader carries a key that the caller chooses for a request, so that it
// can be sent again when its answer was lost. What an operation makes is then
// made once. See draft-ietf-httpapi-idempotency-key-header.
const onceHeader = "Idempotency-Key"

// maxKey bounds such a key, in bytes.
const maxKey = 255

// reused is the status, in here, of a request with the key of another one. To
// the outside it is 422, which in here is what Huma says of bad requests.
const reused = 1422

type (
	onceKey struct{} // the key of the request
	idKey   struct{} // its id, a requestID
)

type requestID struct {
	id    string
	again bool
}

// Once registers a private operation that makes something, or that cannot be done
// twice. A request with the
// key of an earlier one of the same portal user gets that one's answer, for two
// days, whatever has become of what it made; it is refused (422) where it asks
// for something else, and (409, with Retry-After) while the earlier one is under
// way. Only what succeeded is remembered.
//
// Whatever comes before the answer may happen and not be known to have: a write
// whose answer is lost, or the end of the process. So handle makes things under
// NewID, and takes what is there under it for what it was to make. What it deletes
// or ends it marks with that.
func Once[I, O any](a *API, op huma.Operation, handle func(context.Context, account.Session, *I) (*O, error)) {
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: onceHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: new(maxKey)},
		Description: "A key of your choice, such as a UUID, with which the request can be sent again: what it asks for is done once.",
	})
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		next(huma.WithValue(ctx, onceKey{}, ctx.Header(onceHeader)))
	})
	Private(a, op, func(ctx context.Context, who account.Session, in *I) (*O, error) {
		key, _ := ctx.Value(onceKey{}).(string)
		if key == "" {
			return handle(ctx, who, in)
		}
		if len(key) > maxKey {
			return nil, backup.Field(onceHeader, "The key is longer than %d bytes.", maxKey)
		}
		asked, err := json.Marshal([]any{op.OperationID, in})
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(asked)
		now := a.sessions.Now()
		fresh := backup.NewSortableID(now)
		row, mine, err := a.sessions.Accounts.BeginOnce(ctx, account.Once{
			Account: who.Account, User: who.User, Key: key, Asked: hex.EncodeToString(sum[:]), ID: fresh,
		}, now)
		switch {
		case err != nil:
			return nil, err
		case row.Asked != hex.EncodeToString(sum[:]):
			return nil, &huma.ErrorModel{
				Status: reused, Title: http.StatusText(http.StatusUnprocessableEntity), Detail: "Another request had this key. Choose a new one for each.",
			}
		case !mine:
			var out *O
			return out, json.Unmarshal(row.Answer, &out)
		}
		out, err := handle(context.WithValue(ctx, idKey{}, requestID{row.ID, row.ID != fresh}), who, in)
		if err != nil {
			if drop := a.sessions.Accounts.DropOnce(ctx, row); drop != nil {
				slog.WarnContext(ctx, "key of a request", "operation", op.OperationID, "err", drop) // it is free in a minute
			}
			return nil, err
		}
		answer, err := json.Marshal(out)
		if err != nil {
			return nil, err
		}
		if err := a.sessions.Accounts.EndOnce(ctx, row, answer, a.sessions.Now()); err != nil {
			// It is done. Should it be asked for again, handle finds that.
			slog.WarnContext(ctx, "answer of a request", "operation", op.OperationID, "err", err)
		}
		return out, nil
	})
}

// NewID returns an id that sorts by time for what a request makes. It is the
// same when the request comes again because it was not finished.
func NewID(ctx context.Context, now time.Time) string {
	if r, ok := ctx.Value(idKey{}).(requestID); ok {
		return r.id
	}
	return backup.NewSortableID(now)
}

// Again returns the id of a request that comes again because it was not
// finished: what it makes may be there already.
func Again(ctx context.Context) (id string, again bool) {
	r, _ := ctx.Value(idKey{}).(requestID)
	return r.id, r.again
}
