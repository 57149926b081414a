// Command insecure talks to servers without checking who they are. The lint
// fails unless gosec finds it.
package main

import (
	"crypto/tls"
	"net/http"
)

func main() {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	_, _ = (&http.Client{Transport: transport}).Get("https://example.com")
}
