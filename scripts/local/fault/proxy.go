package fault

import (
	"net/http"
	"net/http/httputil"
	"net/url"
)

// Proxy returns a handler that passes requests on to the service at an address,
// as far as their fate lets them through.
func (t *Transport) Proxy(address string) (http.Handler, error) {
	to, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // it is part of what is signed
		},
		Transport: t,
		// A client sees a connection that ends, not a gateway's answer.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}, nil
}
