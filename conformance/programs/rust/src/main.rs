use azure_core::credentials::{Secret, TokenCredential};
use azure_identity::*;
use azure_security_keyvault_secrets::SecretClient;
use std::{env, fs, sync::Arc};

fn v(name: &str) -> String { env::var(name).unwrap_or_default() }

#[derive(Debug)]
struct GitHub;
#[async_trait::async_trait]
impl ClientAssertion for GitHub {
    async fn secret(&self, _o: Option<azure_core::http::ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        Ok(fs::read_to_string(v("ASSERTION_FILE")).unwrap())
    }
}

#[tokio::main]
async fn main() {
    if let Err(e) = run().await { eprintln!("Failed: {e:?}"); std::process::exit(1); }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let kind = env::args().nth(1).unwrap_or("managed".into());
    let cred: Arc<dyn TokenCredential> = match kind.as_str() {
        "managed" => ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
            user_assigned_id: env::var("AZURE_CLIENT_ID").ok().map(UserAssignedId::ClientId),
            ..Default::default()
        }))?,
        "object-id" => ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
            user_assigned_id: Some(UserAssignedId::ObjectId(v("UA_OBJECT_ID"))),
            ..Default::default()
        }))?,
        "workload" => WorkloadIdentityCredential::new(None)?,
        "secret" => ClientSecretCredential::new(&v("AZURE_TENANT_ID"), v("AZURE_CLIENT_ID"), Secret::new(v("AZURE_CLIENT_SECRET")), None)?,
        "certificate" => ClientCertificateCredential::new(v("AZURE_TENANT_ID"), v("AZURE_CLIENT_ID"), fs::read(v("PFX"))?.into(), None)?,
        "pipelines" => AzurePipelinesCredential::new(v("AZURESUBSCRIPTION_TENANT_ID"), v("AZURESUBSCRIPTION_CLIENT_ID"), &v("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"), v("SYSTEM_ACCESSTOKEN"), None)?,
        "github" => ClientAssertionCredential::new(v("AZURE_TENANT_ID"), v("AZURE_CLIENT_ID"), GitHub, None)?,
        other => return Err(format!("unknown {other}").into()),
    };
    let client = SecretClient::new(&v("KEY_VAULT_URL"), cred, None)?;
    let secret = client.get_secret("secret", None).await?.into_model()?;
    println!("The secret is {}", secret.value.unwrap_or_default());
    Ok(())
}
