package fault_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"coffer/scripts/local/fault"
	"coffer/scripts/local/localtest"
)

// what a client sees of a fate, and whether the object is there afterwards.
var objects = map[fault.Fate]struct {
	code   string
	stored bool
}{
	fault.Pass: {"", true}, fault.Reset: {"", false}, fault.Lost: {"", true}, fault.Busy: {"SlowDown", false},
	fault.Broken: {"InternalError", false}, fault.Late: {"InternalError", true},
	fault.Refused: {"AccessDenied", false}, fault.Denied: {"AccessDenied", true},
}

func TestEachFateOfAnObject(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	bucket := cloud.Bucket(t)
	for fate, want := range objects {
		cfg := cloud.AWS.Copy()
		transport := &fault.Transport{Base: http.DefaultTransport, Choose: func(*http.Request) fault.Fate { return fate }}
		cfg.HTTPClient = &http.Client{Transport: transport}
		cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
		key := fate.String()
		_, err := s3.NewFromConfig(cfg).PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("x")})
		if (err == nil) != (fate == fault.Pass) || code(err) != want.code {
			t.Errorf("%s: got %v, want code %q", fate, err, want.code)
		}
		if cut := fate == fault.Reset || fate == fault.Lost; errors.Is(err, syscall.ECONNRESET) != cut {
			t.Errorf("%s: got %v, want a connection that ended: %t", fate, err, cut)
		}
		_, err = s3.NewFromConfig(cloud.AWS).HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
		if (err == nil) != want.stored {
			t.Errorf("%s: afterwards %v, want the object there: %t", fate, err, want.stored)
		}
		if transport.Used(fate) != 1 || fate != fault.Pass && transport.Faults() != 1 {
			t.Errorf("%s was used %d times, %d faults", fate, transport.Used(fate), transport.Faults())
		}
	}
}

func TestProxyEndsConnections(t *testing.T) {
	t.Parallel()
	asked := 0
	service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer service.Close()
	fate := fault.Pass
	transport := &fault.Transport{Base: http.DefaultTransport, Choose: func(*http.Request) fault.Fate { return fate }}
	handler, err := transport.Proxy(service.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(handler)
	defer proxy.Close()
	for _, fate = range []fault.Fate{fault.Pass, fault.Reset, fault.Lost} {
		before := asked
		resp, err := http.Post(proxy.URL, "text/plain", strings.NewReader("x"))
		if (err == nil) != (fate == fault.Pass) {
			t.Errorf("%s: got %v", fate, err)
		}
		if err == nil {
			resp.Body.Close()
		}
		if done := asked > before; done != (fate != fault.Reset) {
			t.Errorf("%s: the service was asked: %t", fate, done)
		}
	}
}

func code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}
