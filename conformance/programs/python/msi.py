"""msi.py: reads a secret with msrestazure's MSIAuthentication, as Azure's Python libraries did before azure-identity."""
import os
import sys

from msrestazure.azure_active_directory import MSIAuthentication

client = os.environ.get("AZURE_CLIENT_ID")
try:
    who = MSIAuthentication(resource="https://vault.azure.net", **({"client_id": client} if client else {}))
    who.set_token()
    answer = who.signed_session().get(os.environ["KEY_VAULT_URL"] + "/secrets/secret?api-version=7.4")
    answer.raise_for_status()
    print("The secret is", answer.json()["value"])
except Exception as error:
    print("Failed:", type(error).__name__, str(error)[:1500])
    sys.exit(1)
