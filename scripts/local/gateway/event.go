package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// event makes the event that the function gets. Its path is decoded, its query
// string is not, as API Gateway does it.
func (g *Gateway) event(r *http.Request, id string, route Route, parameters map[string]string, body []byte) events.APIGatewayV2HTTPRequest {
	now := g.opt.Now().UTC()
	source, port, _ := net.SplitHostPort(r.RemoteAddr)
	domain := r.Host
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		domain = host
	}
	e := events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RouteKey:              route.Key,
		RawPath:               r.URL.Path,
		RawQueryString:        r.URL.RawQuery,
		Headers:               map[string]string{},
		QueryStringParameters: map[string]string{},
		PathParameters:        parameters,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: route.Key, AccountID: g.opt.Account, Stage: "$default", RequestID: id, APIID: g.opt.API,
			DomainName: domain, DomainPrefix: strings.Split(domain, ".")[0],
			Time: now.Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: source, UserAgent: r.UserAgent(),
			},
		},
	}
	for name, values := range r.Header {
		if name == "Cookie" {
			for _, line := range values {
				for cookie := range strings.SplitSeq(line, ";") {
					e.Cookies = append(e.Cookies, strings.TrimSpace(cookie))
				}
			}
			continue
		}
		e.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	e.Headers["host"] = r.Host
	e.Headers["x-forwarded-for"] = strings.TrimPrefix(e.Headers["x-forwarded-for"]+", "+source, ", ")
	e.Headers["x-forwarded-port"], e.Headers["x-forwarded-proto"] = port, "http"
	if len(body) > 0 {
		e.Headers["content-length"] = fmt.Sprint(len(body))
	}
	for name, values := range r.URL.Query() {
		e.QueryStringParameters[name] = strings.Join(values, ",")
	}
	e.Body, e.IsBase64Encoded = string(body), !isText(r.Header.Get("Content-Type"), body)
	if e.IsBase64Encoded {
		e.Body = base64.StdEncoding.EncodeToString(body)
	}
	return e
}

// isText reports whether API Gateway hands a body over as it is.
func isText(contentType string, body []byte) bool {
	if len(body) == 0 {
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil || !utf8.Valid(body) {
		return false
	}
	switch kind {
	case "application/json", "application/javascript", "application/xml":
		return true
	}
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+json") || strings.HasSuffix(kind, "+xml")
}

// respond makes a response of a function's answer. An answer without a status
// is the body itself, as JSON.
func respond(w http.ResponseWriter, answer []byte) error {
	var fields map[string]json.RawMessage
	if json.Unmarshal(answer, &fields) != nil || fields["statusCode"] == nil {
		if !json.Valid(answer) {
			return errors.New("the answer is not JSON")
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer) // the caller may have gone
		return nil
	}
	var out events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(answer, &out); err != nil {
		return fmt.Errorf("the answer is not a response: %w", err)
	}
	if out.StatusCode < 200 || out.StatusCode > 599 {
		return fmt.Errorf("the answer has the status %d", out.StatusCode)
	}
	body := []byte(out.Body)
	if out.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(out.Body); err != nil {
			return fmt.Errorf("the answer's body: %w", err)
		}
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain;charset=UTF-8")
	for name, value := range out.Headers {
		h.Set(name, value)
	}
	h.Del("Content-Length")    // counted again
	h.Del("Transfer-Encoding") // likewise
	for _, cookie := range out.Cookies {
		h.Add("Set-Cookie", cookie)
	}
	w.WriteHeader(out.StatusCode)
	_, _ = w.Write(body) // the caller may have gone
	return nil
}
