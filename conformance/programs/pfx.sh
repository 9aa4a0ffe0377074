#!/bin/sh
# pfx.sh COMMAND...: for clients that read a certificate as PFX only.
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
openssl pkcs12 -export -in "$AZURE_CLIENT_CERTIFICATE_PATH" -out "$folder/sp.pfx" -passout pass: || exit 1
PFX=$folder/sp.pfx "$@"
