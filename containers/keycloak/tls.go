package keycloak

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"

	"github.com/oauthbench/oauthbench/containers/stack"
)

// securePort is where it speaks TLS. The management port goes on without.
const securePort = 8443

// Files of a server that speaks TLS, in its container.
const (
	keyFile         = "/opt/keycloak/conf/server-key.pem"
	certificateFile = "/opt/keycloak/conf/server.pem"
	authorityFile   = "/opt/keycloak/conf/authority.pem"
)

// secured are a server's files and environment with which it speaks TLS and asks clients for
// certificates of the authority.
func secured(at stack.Site) (files, env map[string]string, err error) {
	ca, err := authorityOf(at.Secret)
	if err != nil {
		return nil, nil, err
	}
	key, err := keyOf(at.Secret, "server")
	if err != nil {
		return nil, nil, err
	}
	leaf := &x509.Certificate{Subject: pkix.Name{CommonName: "127.0.0.1"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	certificate, err := ca.sign(leaf, key.Public())
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	files = map[string]string{
		keyFile:         string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		certificateFile: string(inPEM(certificate)), authorityFile: string(inPEM(ca.certificate.Raw)),
	}
	return files, map[string]string{
		"KC_HTTPS_CERTIFICATE_FILE": certificateFile, "KC_HTTPS_CERTIFICATE_KEY_FILE": keyFile,
		"KC_HTTPS_CLIENT_AUTH": "request", "KC_TRUSTSTORE_PATHS": authorityFile,
		"KC_HTTP_MANAGEMENT_SCHEME": "http",
	}, nil
}

// authority signs certificates of servers and clients. It is made of a deployment's secret, so that
// whoever has that makes the same again.
type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

// Certificates are good between these times: a deployment lives for minutes.
var (
	goodFrom  = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	goodUntil = time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC)
)

func authorityOf(secret string) (authority, error) {
	key, err := keyOf(secret, "authority")
	if err != nil {
		return authority{}, err
	}
	own := &x509.Certificate{Subject: pkix.Name{CommonName: "oauthbench authority"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	ca := authority{key: key, certificate: own}
	der, err := ca.sign(own, key.Public())
	if err == nil {
		ca.certificate, err = x509.ParseCertificate(der)
	}
	return ca, err
}

// keyOf is a key made of a secret, for one use.
func keyOf(secret, use string) (*ecdsa.PrivateKey, error) {
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write([]byte("key of the " + use))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), sum.Sum(nil))
	if err != nil { // one secret in four billion
		return nil, fmt.Errorf("make the key of the %s: %w", use, err)
	}
	return key, nil
}

// sign completes a certificate and signs it.
func (ca authority) sign(c *x509.Certificate, of crypto.PublicKey) (der []byte, err error) {
	c.NotBefore, c.NotAfter = goodFrom, goodUntil
	if c.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return nil, err
	}
	return x509.CreateCertificate(rand.Reader, c, ca.certificate, of, ca.key)
}

func inPEM(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}) }

// trust makes clients trust the deployment's authority.
func trust(a *stack.Access) error {
	if _, done := a.Memory.LoadOrStore("trust", true); done {
		return nil
	}
	ca, err := authorityOf(a.Secret)
	if err != nil {
		return err
	}
	return a.Trust(inPEM(ca.certificate.Raw))
}

// clientCertificate is what a client shows whose name is in its subject.
func clientCertificate(_ context.Context, a *stack.Access, commonName string) (pair tls.Certificate, err error) {
	ca, err := authorityOf(a.Secret)
	if err != nil {
		return pair, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair, err
	}
	der, err := ca.sign(&x509.Certificate{Subject: pkix.Name{CommonName: commonName},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, key.Public())
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
