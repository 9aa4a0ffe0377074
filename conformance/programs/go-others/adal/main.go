// Reads a secret with autorest/adal, the SDK before azidentity: adal WAY.
package main

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/Azure/go-autorest/autorest/adal"
)

func main() {
	e := os.Getenv
	fail := func(err any) { fmt.Println("Failed:", err); os.Exit(1) }
	const res = "https://vault.azure.net"
	var t *adal.ServicePrincipalToken
	var err error
	oc := func() adal.OAuthConfig {
		c, err := adal.NewOAuthConfig("https://login.microsoftonline.com/", e("AZURE_TENANT_ID"))
		if err != nil {
			fail(err)
		}
		return *c
	}
	switch os.Args[1] {
	case "managed":
		t, err = adal.NewServicePrincipalTokenFromManagedIdentity(res, &adal.ManagedIdentityOptions{ClientID: e("AZURE_CLIENT_ID")})
	case "secret":
		t, err = adal.NewServicePrincipalToken(oc(), e("AZURE_CLIENT_ID"), e("AZURE_CLIENT_SECRET"), res)
	case "certificate":
		b, _ := os.ReadFile(e("AZURE_CLIENT_CERTIFICATE_PATH"))
		var key *rsa.PrivateKey
		var crt *x509.Certificate
		for p, rest := pem.Decode(b); p != nil; p, rest = pem.Decode(rest) {
			if p.Type == "CERTIFICATE" {
				crt, _ = x509.ParseCertificate(p.Bytes)
			} else {
				k, _ := x509.ParsePKCS8PrivateKey(p.Bytes)
				key = k.(*rsa.PrivateKey)
			}
		}
		t, err = adal.NewServicePrincipalTokenFromCertificate(oc(), e("AZURE_CLIENT_ID"), crt, key, res)
	}
	if err == nil {
		err = t.EnsureFresh()
	}
	if err != nil {
		fail(err)
	}
	r, _ := http.NewRequest("GET", e("KEY_VAULT_URL")+"/secrets/secret?api-version=7.4", nil)
	r.Header.Set("Authorization", "Bearer "+t.OAuthToken())
	s, err := http.DefaultClient.Do(r)
	if err != nil {
		fail(err)
	}
	b, _ := io.ReadAll(s.Body)
	var v struct{ Value string }
	json.Unmarshal(b, &v)
	if v.Value == "" {
		fail(string(b))
	}
	fmt.Println("The secret is", v.Value)
}
