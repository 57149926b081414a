package awsjson_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/awsjson"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	type in struct{ Name string }
	h := &awsjson.Handler{Version: "1.0", Target: "Thing", Operations: map[string]awsjson.Operation{
		"Greet": awsjson.Op(func(_ context.Context, in in) (map[string]string, error) {
			switch in.Name {
			case "":
				return nil, &awsjson.Error{Code: "thing#NoName", Query: "Thing.NoName", Message: "Who?"}
			case "bug":
				return nil, errors.New("disk full")
			}
			return map[string]string{"Hello": in.Name}, nil
		}),
	}}
	type answer struct {
		Status      int
		Body, Query string
	}
	for name, test := range map[string]struct {
		target, authorization, body string
		want                        answer
	}{
		"output":    {"Thing.Greet", "AWS4-HMAC-SHA256 x", `{"Name":"a"}`, answer{200, `{"Hello":"a"}`, ""}},
		"refusal":   {"Thing.Greet", "AWS4-HMAC-SHA256 x", `{}`, answer{400, `{"__type":"thing#NoName","message":"Who?"}`, "Thing.NoName;Sender"}},
		"failure":   {"Thing.Greet", "AWS4-HMAC-SHA256 x", `{"Name":"bug"}`, answer{500, `{"__type":"InternalFailure","message":"disk full"}`, ""}},
		"unsigned":  {"Thing.Greet", "", `{"Name":"a"}`, answer{400, `{"__type":"MissingAuthenticationTokenException","message":"Request is missing Authentication Token."}`, ""}},
		"operation": {"Thing.Go", "AWS4-HMAC-SHA256 x", `{}`, answer{400, `{"__type":"UnknownOperationException","message":"The local Thing has no operation \"Go\"."}`, ""}},
		"service":   {"Other.Greet", "AWS4-HMAC-SHA256 x", `{}`, answer{400, `{"__type":"UnknownOperationException","message":"The local Thing has no operation \"Greet\"."}`, ""}},
		"not JSON":  {"Thing.Greet", "AWS4-HMAC-SHA256 x", `{`, answer{400, `{"__type":"SerializationException","message":"unexpected EOF"}`, ""}},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body))
		r.Header.Set("X-Amz-Target", test.target)
		r.Header.Set("Authorization", test.authorization)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		body, err := io.ReadAll(w.Result().Body)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(answer{w.Code, string(body), w.Header().Get("x-amzn-query-error")}, test.want); d != "" {
			t.Errorf("%s (-got +want):\n%s", name, d)
		}
	}
}
