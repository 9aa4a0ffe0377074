// Reads a secret with azidentity and azsecrets: go run . WAY.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

func github(ctx context.Context) (string, error) {
	r, _ := http.NewRequestWithContext(ctx, "GET", os.Getenv("ACTIONS_ID_TOKEN_REQUEST_URL")+"&audience=api://AzureADTokenExchange", nil)
	r.Header.Set("Authorization", "Bearer "+os.Getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN"))
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	b, _ := io.ReadAll(a.Body)
	var v struct{ Value string }
	err = json.Unmarshal(b, &v)
	return v.Value, err
}

func newCredential(kind string) (azcore.TokenCredential, error) {
	t, c := os.Getenv("AZURE_TENANT_ID"), os.Getenv("AZURE_CLIENT_ID")
	switch kind {
	case "managed":
		o := &azidentity.ManagedIdentityCredentialOptions{}
		if c != "" {
			o.ID = azidentity.ClientID(c)
		}
		return azidentity.NewManagedIdentityCredential(o)
	case "object-id":
		return azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ID: azidentity.ObjectID(os.Getenv("UA_OBJECT_ID"))})
	case "resource-id":
		return azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ID: azidentity.ResourceID(os.Getenv("UA_RESOURCE_ID"))})
	case "workload":
		return azidentity.NewWorkloadIdentityCredential(nil)
	case "secret":
		return azidentity.NewClientSecretCredential(t, c, os.Getenv("AZURE_CLIENT_SECRET"), nil)
	case "certificate", "chain":
		b, err := os.ReadFile(os.Getenv("AZURE_CLIENT_CERTIFICATE_PATH"))
		if err != nil {
			return nil, err
		}
		certs, key, err := azidentity.ParseCertificates(b, nil)
		if err != nil {
			return nil, err
		}
		return azidentity.NewClientCertificateCredential(t, c, certs, key, &azidentity.ClientCertificateCredentialOptions{SendCertificateChain: kind == "chain"})
	case "environment":
		return azidentity.NewEnvironmentCredential(nil)
	case "default":
		return azidentity.NewDefaultAzureCredential(nil)
	case "pipelines":
		return azidentity.NewAzurePipelinesCredential(os.Getenv("AZURESUBSCRIPTION_TENANT_ID"), os.Getenv("AZURESUBSCRIPTION_CLIENT_ID"), os.Getenv("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"), os.Getenv("SYSTEM_ACCESSTOKEN"), nil)
	case "github":
		return azidentity.NewClientAssertionCredential(t, c, github, nil)
	}
	return nil, fmt.Errorf("kind?")
}

func main() {
	cred, err := newCredential(os.Args[1])
	if err == nil {
		var s *azsecrets.Client
		if s, err = azsecrets.NewClient(os.Getenv("KEY_VAULT_URL"), cred, nil); err == nil {
			var r azsecrets.GetSecretResponse
			if r, err = s.GetSecret(context.Background(), "secret", "", nil); err == nil {
				fmt.Println("The secret is", *r.Value)
				return
			}
		}
	}
	fmt.Println("Failed:", err)
	os.Exit(1)
}
