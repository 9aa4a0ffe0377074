import com.azure.core.credential.*;
import com.azure.identity.*;
import com.azure.security.keyvault.secrets.*;
import java.net.*; import java.net.http.*; import java.util.function.Supplier;

/** Reads a secret with azure-identity and azure-security-keyvault-secrets: Client WAY. */
public class Client {
  static String e(String n) { return System.getenv(n); }
  static String github() {
    try {
      HttpRequest r = HttpRequest.newBuilder(URI.create(e("ACTIONS_ID_TOKEN_REQUEST_URL") + "&audience=api://AzureADTokenExchange")).header("Authorization", "Bearer " + e("ACTIONS_ID_TOKEN_REQUEST_TOKEN")).build();
      String b = HttpClient.newHttpClient().send(r, HttpResponse.BodyHandlers.ofString()).body();
      return b.replaceAll(".*\"value\":\"([^\"]*)\".*", "$1");
    } catch (Exception x) { throw new RuntimeException(x); }
  }
  static TokenCredential make(String k) {
    String t = e("AZURE_TENANT_ID"), c = e("AZURE_CLIENT_ID");
    switch (k) {
      case "managed": { ManagedIdentityCredentialBuilder b = new ManagedIdentityCredentialBuilder(); if (c != null) b.clientId(c); return b.build(); }
      case "object-id": return new ManagedIdentityCredentialBuilder().objectId(e("UA_OBJECT_ID")).build();
      case "resource-id": return new ManagedIdentityCredentialBuilder().resourceId(e("UA_RESOURCE_ID")).build();
      case "workload": return new WorkloadIdentityCredentialBuilder().build();
      case "secret": return new ClientSecretCredentialBuilder().tenantId(t).clientId(c).clientSecret(e("AZURE_CLIENT_SECRET")).build();
      case "certificate": return new ClientCertificateCredentialBuilder().tenantId(t).clientId(c).pemCertificate(e("AZURE_CLIENT_CERTIFICATE_PATH")).build();
      case "chain": return new ClientCertificateCredentialBuilder().tenantId(t).clientId(c).pemCertificate(e("AZURE_CLIENT_CERTIFICATE_PATH")).sendCertificateChain(true).build();
      case "environment": return new EnvironmentCredentialBuilder().build();
      case "default": return new DefaultAzureCredentialBuilder().build();
      case "pipelines": return new AzurePipelinesCredentialBuilder().tenantId(e("AZURESUBSCRIPTION_TENANT_ID")).clientId(e("AZURESUBSCRIPTION_CLIENT_ID")).serviceConnectionId(e("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID")).systemAccessToken(e("SYSTEM_ACCESSTOKEN")).build();
      case "github": return new ClientAssertionCredentialBuilder().tenantId(t).clientId(c).clientAssertion(Client::github).build();
    }
    throw new IllegalArgumentException(k);
  }
  public static void main(String[] a) {
    try {
      SecretClient s = new SecretClientBuilder().vaultUrl(e("KEY_VAULT_URL")).credential(make(a[0])).buildClient();
      System.out.println("The secret is " + s.getSecret("secret").getValue());
      System.exit(0);
    } catch (Throwable x) {
      StringBuilder m = new StringBuilder();
      for (Throwable y = x; y != null && y.getCause() != y; y = y.getCause()) m.append(y.getClass().getSimpleName()).append(": ").append(String.valueOf(y.getMessage()).replace('\n', ' ')).append(" <- ");
      System.out.println("Failed: " + m); System.exit(1);
    }
  }
}
