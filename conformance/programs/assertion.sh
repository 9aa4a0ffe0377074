#!/bin/sh
# assertion.sh COMMAND...: fetches the job's token into ASSERTION_FILE, as azure/login does in GitHub Actions.
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
curl -sS -H "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=api://AzureADTokenExchange" |
  sed 's/.*"value":"\([^"]*\)".*/\1/' | tr -d '\n' > "$folder/token"
ASSERTION_FILE=$folder/token "$@"
