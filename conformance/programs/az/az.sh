#!/bin/bash
# az.sh VENV WAY: signs in with the Azure CLI, in a settings folder of its own, and reads a secret.
export PATH=$1/bin:$PATH AZURE_CONFIG_DIR=$(mktemp -d)
export AZURE_CORE_COLLECT_TELEMETRY=false AZURE_CORE_NO_COLOR=1 AZURE_CORE_LOGIN_EXPERIENCE_V2=off
trap 'rm -r "$AZURE_CONFIG_DIR"' EXIT
vault=${KEY_VAULT_URL#https://}
service=(az login --service-principal -u "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" --allow-no-subscriptions --skip-subscription-discovery -o none)
case $2 in
  managed) az login --identity ${AZURE_CLIENT_ID:+--client-id "$AZURE_CLIENT_ID"} --allow-no-subscriptions -o none ;;
  secret) "${service[@]}" -p "$AZURE_CLIENT_SECRET" ;;
  certificate) "${service[@]}" --certificate "$AZURE_CLIENT_CERTIFICATE_PATH" ;;
  workload) "${service[@]}" --federated-token "$(cat "$AZURE_FEDERATED_TOKEN_FILE")" ;;
esac || exit 1
value=$(az keyvault secret show --vault-name "${vault%%.*}" -n secret --query value -o tsv) && echo "The secret is $value"
