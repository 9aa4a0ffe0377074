// One process, one token, by the peer as CommonJS.
const { ManagedIdentityCredential } = require('@azure/identity');

new ManagedIdentityCredential().getToken('https://vault.azure.net/.default');
