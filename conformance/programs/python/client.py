"""client.py WAY [aio]: reads a secret with azure-identity and azure-keyvault-secrets."""
import asyncio
import json
import os
import sys
import urllib.request

kind, asynchronous = sys.argv[1], sys.argv[2:] == ["aio"]
E = os.environ


def github():
    """What a step of GitHub Actions does itself: the job's OIDC token."""
    url = E["ACTIONS_ID_TOKEN_REQUEST_URL"] + "&audience=api://AzureADTokenExchange"
    request = urllib.request.Request(url, headers={"Authorization": "Bearer " + E["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]})
    return json.load(urllib.request.urlopen(request))["value"]


def credential(identity):
    tenant, client = E.get("AZURE_TENANT_ID"), E.get("AZURE_CLIENT_ID")
    if kind == "managed":
        return identity.ManagedIdentityCredential(**({"client_id": client} if client else {}))
    if kind == "object-id":
        return identity.ManagedIdentityCredential(identity_config={"object_id": E["UA_OBJECT_ID"]})
    if kind == "resource-id":
        return identity.ManagedIdentityCredential(identity_config={"resource_id": E["UA_RESOURCE_ID"]})
    if kind == "workload":
        return identity.WorkloadIdentityCredential()
    if kind == "secret":
        return identity.ClientSecretCredential(tenant, client, E["AZURE_CLIENT_SECRET"])
    if kind in ("certificate", "chain"):
        return identity.CertificateCredential(tenant, client, E["AZURE_CLIENT_CERTIFICATE_PATH"], send_certificate_chain=kind == "chain")
    if kind == "environment":
        return identity.EnvironmentCredential()
    if kind == "default":
        return identity.DefaultAzureCredential()
    if kind == "pipelines":
        return identity.AzurePipelinesCredential(
            tenant_id=E["AZURESUBSCRIPTION_TENANT_ID"], client_id=E["AZURESUBSCRIPTION_CLIENT_ID"],
            service_connection_id=E["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"], system_access_token=E["SYSTEM_ACCESSTOKEN"])
    if kind == "github":
        return identity.ClientAssertionCredential(tenant, client, github)
    raise SystemExit(f"no such kind: {kind}")


async def read():
    import azure.identity.aio as identity
    from azure.keyvault.secrets.aio import SecretClient
    async with credential(identity) as who, SecretClient(E["KEY_VAULT_URL"], who) as vault:
        return (await vault.get_secret("secret")).value


try:
    if asynchronous:
        print("The secret is", asyncio.run(read()))
    else:
        import azure.identity
        from azure.keyvault.secrets import SecretClient
        print("The secret is", SecretClient(E["KEY_VAULT_URL"], credential(azure.identity)).get_secret("secret").value)
except Exception as error:
    print("Failed:", type(error).__name__, str(error)[:1500])
    sys.exit(1)
