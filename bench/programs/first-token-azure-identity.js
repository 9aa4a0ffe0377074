// One process, one token, by the peer.
import { ManagedIdentityCredential } from '@azure/identity';

await new ManagedIdentityCredential().getToken('https://vault.azure.net/.default');
