// Package tally counts what functions ask of the local cloud's services, as AWS
// would bill it: requests to S3 by class and their bytes, DynamoDB's capacity
// units as DynamoDB Local computes them, and the requests to all others.
//
// Counting costs a hop through this process, so only measurements do it.
package tally

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Count is what was asked.
type Count struct {
	Puts     int64            `json:"s3Puts"` // requests that S3 bills like a PUT: also COPY, POST, LIST
	Gets     int64            `json:"s3Gets"` // all others but DELETE, which is free
	Deletes  int64            `json:"s3Deletes"`
	Sent     int64            `json:"s3Sent"`     // bytes into S3
	Received int64            `json:"s3Received"` // bytes out of S3
	Writes   float64          `json:"dynamoWrites"`
	Reads    float64          `json:"dynamoReads"` // capacity units, as Writes
	Calls    map[string]int64 `json:"calls"`       // by service, S3 and DynamoDB included
}

// Sub returns what was counted since before.
func (c Count) Sub(before Count) Count {
	c.Puts -= before.Puts
	c.Gets -= before.Gets
	c.Deletes -= before.Deletes
	c.Sent -= before.Sent
	c.Received -= before.Received
	c.Writes -= before.Writes
	c.Reads -= before.Reads
	calls := map[string]int64{}
	for service, n := range c.Calls {
		if n -= before.Calls[service]; n != 0 {
			calls[service] = n
		}
	}
	c.Calls = calls
	return c
}

// Tally counts. The zero value is ready.
type Tally struct {
	mu sync.Mutex
	Count
}

// Now returns what was counted so far.
func (t *Tally) Now() Count {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.Count
	c.Calls = map[string]int64{}
	for service, n := range t.Calls {
		c.Calls[service] = n
	}
	return c
}

func (t *Tally) add(change func(*Count)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.Count)
}

// Through returns a handler that counts requests for a service, named as the
// SDK names it, and passes them on to its address.
func (t *Tally) Through(service, address string) http.Handler {
	to, err := url.Parse(address)
	if err != nil {
		panic(err) // we have made it
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // it is part of what is signed
		},
		Transport:  &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
		BufferPool: &buffers{},
	}
	switch service {
	case "S3":
		proxy.ModifyResponse = func(resp *http.Response) error {
			resp.Body = &counted{resp.Body, func(n int64) { t.add(func(c *Count) { c.Received += n }) }}
			return nil
		}
	case "DynamoDB":
		proxy.ModifyResponse = t.capacity
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.request(service, r)
		proxy.ServeHTTP(w, r)
	})
}

// request counts a request.
func (t *Tally) request(service string, r *http.Request) {
	t.add(func(c *Count) {
		if c.Calls == nil {
			c.Calls = map[string]int64{}
		}
		c.Calls[service]++
		if service != "S3" {
			return
		}
		c.Sent += max(0, r.ContentLength)
		switch {
		case r.Method == http.MethodDelete:
			c.Deletes++
		case r.Method == http.MethodGet && !r.URL.Query().Has("list-type"), r.Method == http.MethodHead:
			c.Gets++
		default:
			c.Puts++
		}
	})
	if service == "DynamoDB" {
		askCapacity(r)
	}
}

// askCapacity has DynamoDB Local tell the capacity that the request takes. It
// checks no signature.
func askCapacity(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil && bytes.HasPrefix(body, []byte(`{"`)) && !bytes.Contains(body, []byte(`"ReturnConsumedCapacity"`)) {
		body = append([]byte(`{"ReturnConsumedCapacity":"TOTAL",`), body[1:]...)
	}
	r.Body = io.NopCloser(bytes.NewReader(body)) // what is missing, the database refuses
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

var units = regexp.MustCompile(`"CapacityUnits":([0-9.]+)`)

// capacity adds up the capacity units that an answer tells.
func (t *Tally) capacity(resp *http.Response) error {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // it was read, or err says why not
	if err != nil {
		return err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var sum float64
	for _, found := range units.FindAllSubmatch(body, -1) {
		n, _ := strconv.ParseFloat(string(found[1]), 64) // 0 for what is no number
		sum += n
	}
	_, operation, _ := strings.Cut(resp.Request.Header.Get("X-Amz-Target"), ".")
	t.add(func(c *Count) {
		switch operation {
		case "GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems":
			c.Reads += sum
		default:
			c.Writes += sum
		}
	})
	return nil
}

// counted counts the bytes of a body before they go on.
type counted struct {
	io.ReadCloser
	add func(int64)
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.add(int64(n))
	return n, err
}

// buffers lends the proxies their copy buffers.
type buffers struct{ pool sync.Pool }

// Get implements httputil.BufferPool.
func (b *buffers) Get() []byte {
	if p, ok := b.pool.Get().(*[]byte); ok {
		return *p
	}
	return make([]byte, 64<<10)
}

// Put implements httputil.BufferPool.
func (b *buffers) Put(p []byte) { b.pool.Put(&p) }
