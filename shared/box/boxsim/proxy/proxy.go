// Package proxy lets Box clients that know only Box's own addresses talk to the
// simulator: an HTTP proxy that answers CONNECT for Box's hosts itself, with
// certificates of an authority that the client is told to trust, and passes
// what is inside to the simulator. Every other host is refused.
//
//	rclone lsf box: --http-proxy http://127.0.0.1:8091 --ca-cert ca.pem
package proxy

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// hosts are the domains that are Box's.
var hosts = []string{"box.com", "boxcloud.com"}

// Proxy is the proxy's HTTP handler.
type Proxy struct {
	box       http.Handler
	authority *x509.Certificate
	key       *ecdsa.PrivateKey

	mu    sync.Mutex
	certs map[string]*tls.Certificate
}

// New returns a proxy in front of the simulator, with a new authority.
func New(box http.Handler) (*Proxy, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("proxy's key: %w", err)
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Simulated Box"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, authority, authority, &key.PublicKey, key)
	if err == nil {
		authority, err = x509.ParseCertificate(der)
	}
	if err != nil {
		return nil, fmt.Errorf("proxy's authority: %w", err)
	}
	return &Proxy{box: box, authority: authority, key: key, certs: map[string]*tls.Certificate{}}, nil
}

// CA returns the authority's certificate in PEM, for clients to trust.
func (p *Proxy) CA() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.authority.Raw})
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if r.Method != http.MethodConnect || err != nil || !isBox(host) {
		http.Error(w, "This proxy leads to the simulated Box only.", http.StatusForbidden)
		return
	}
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		http.Error(w, "This connection cannot be tunnelled.", http.StatusInternalServerError)
		return
	}
	conn, buffered, err := hijacker.Hijack()
	if err != nil {
		slog.Warn("tunnel", "host", host, "err", err)
		return
	}
	if err := p.tunnel(conn, buffered, host); err != nil && !errors.Is(err, net.ErrClosed) {
		slog.Warn("tunnel", "host", host, "err", err)
	}
}

// tunnel accepts the client's TLS connection and serves it as the host.
func (p *Proxy) tunnel(conn net.Conn, buffered *bufio.ReadWriter, host string) error {
	if buffered.Reader.Buffered() > 0 {
		return errors.Join(errors.New("the client spoke before it was answered"), conn.Close())
	}
	if _, err := conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		return errors.Join(err, conn.Close())
	}
	config := &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return p.certificate(host) },
	}
	server := &http.Server{Handler: p.box, ReadHeaderTimeout: time.Minute}
	return server.Serve(tls.NewListener(&one{conn: conn}, config))
}

// one is a listener that accepts one connection.
type one struct {
	conn net.Conn
	once sync.Once
}

// Accept implements net.Listener.
func (l *one) Accept() (conn net.Conn, err error) {
	err = net.ErrClosed
	l.once.Do(func() { conn, err = l.conn, nil })
	return conn, err
}

// Close implements net.Listener. The server closes the connection itself.
func (l *one) Close() error { return nil }

// Addr implements net.Listener.
func (l *one) Addr() net.Addr { return l.conn.LocalAddr() }

func isBox(host string) bool {
	host = strings.ToLower(host)
	for _, h := range hosts {
		if host == h || strings.HasSuffix(host, "."+h) {
			return true
		}
	}
	return false
}

// certificate returns the host's certificate, made when first asked for.
func (p *Proxy) certificate(host string) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if cert := p.certs[host]; cert != nil {
		return cert, nil
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", host, err)
	}
	leaf := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: p.authority.NotBefore, NotAfter: p.authority.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, p.authority, &p.key.PublicKey, p.key)
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", host, err)
	}
	cert := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: p.key}
	p.certs[host] = cert
	return cert, nil
}
