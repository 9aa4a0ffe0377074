// Reads a secret as Terraform signs in, with hashicorp/go-azure-sdk: hashi WAY.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/hashicorp/go-azure-sdk/sdk/auth"
	"github.com/hashicorp/go-azure-sdk/sdk/environments"
)

func main() {
	e := os.Getenv
	env := *environments.AzurePublic()
	c := auth.Credentials{Environment: env, TenantID: e("AZURE_TENANT_ID"), ClientID: e("AZURE_CLIENT_ID")}
	switch os.Args[1] {
	case "secret":
		c.EnableAuthenticatingUsingClientSecret, c.ClientSecret = true, e("AZURE_CLIENT_SECRET")
	case "certificate":
		c.EnableAuthenticatingUsingClientCertificate, c.ClientCertificatePath = true, e("PFX")
	case "workload":
		b, _ := os.ReadFile(e("AZURE_FEDERATED_TOKEN_FILE"))
		c.EnableAuthenticationUsingOIDC, c.OIDCAssertionToken = true, string(b)
	case "github":
		c.EnableAuthenticationUsingGitHubOIDC, c.OIDCTokenRequestURL, c.OIDCTokenRequestToken = true, e("ACTIONS_ID_TOKEN_REQUEST_URL"), e("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
	case "pipelines":
		c.TenantID, c.ClientID = e("AZURESUBSCRIPTION_TENANT_ID"), e("AZURESUBSCRIPTION_CLIENT_ID")
		c.EnableAuthenticationUsingADOPipelineOIDC, c.OIDCTokenRequestURL, c.OIDCTokenRequestToken, c.ADOPipelineServiceConnectionID = true, e("SYSTEM_OIDCREQUESTURI"), e("SYSTEM_ACCESSTOKEN"), e("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID")
	case "managed": // as Terraform's documentation says for App Service and Container Apps: endpoint, api-version and header by hand
		c.EnableAuthenticatingUsingManagedIdentity = true
		switch {
		case e("IDENTITY_HEADER") != "":
			c.CustomManagedIdentityEndpoint, c.CustomManagedIdentityAPIVersion = e("IDENTITY_ENDPOINT"), "2019-08-01"
			c.CustomManagedIdentityHeaders = map[string][]string{"X-IDENTITY-HEADER": {e("IDENTITY_HEADER")}}
		case e("AZURE_POD_IDENTITY_AUTHORITY_HOST") != "":
			c.CustomManagedIdentityEndpoint = e("AZURE_POD_IDENTITY_AUTHORITY_HOST") + "/metadata/identity/oauth2/token"
		case e("MSI_ENDPOINT") != "":
			c.CustomManagedIdentityEndpoint = e("MSI_ENDPOINT")
		}
	}
	ctx := context.Background()
	fail := func(err any) { fmt.Println("Failed:", err); os.Exit(1) }
	a, err := auth.NewAuthorizerFromCredentials(ctx, c, env.KeyVault)
	if err != nil {
		fail(err)
	}
	t, err := a.Token(ctx, &http.Request{})
	if err != nil {
		fail(err)
	}
	r, _ := http.NewRequest("GET", e("KEY_VAULT_URL")+"/secrets/secret?api-version=7.4", nil)
	r.Header.Set("Authorization", "Bearer "+t.AccessToken)
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
