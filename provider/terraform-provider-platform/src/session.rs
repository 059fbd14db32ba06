//! What a configured provider holds: the client, and what the provider block says besides credentials.

use std::sync::Arc;

use platform_aws::{Client, Identity};
use platform_engine::{Engine, Live};
use platform_graph::{Kinds, Tags};
use platform_protocol::{Diagnostic, Diagnostics};
use tokio::sync::OnceCell;

use crate::provider_block::{Drift, IgnoreTags, ProviderBlock};

/// A configured provider. One client serves all regions.
pub struct Session {
    client: Client,
    kinds: Kinds,
    identity: OnceCell<Identity>,
    /// Region of composites that don't name one.
    pub region: Option<String>,
    /// Tags for every tagged part.
    pub default_tags: Tags,
    /// Tags that others manage.
    pub ignore_tags: IgnoreTags,
    /// How much a refresh looks at.
    pub drift: Drift,
    /// Arguments of the provider block that Terraform does not know yet.
    unknown: Vec<String>,
}

impl Session {
    /// Connects as the provider block says.
    ///
    /// # Errors
    /// Says which account was refused, or why the credentials don't work.
    pub async fn connect(
        block: &ProviderBlock,
        unknown: Vec<String>,
        kinds: Kinds,
    ) -> Result<Self, Diagnostics> {
        let config = block.config().with_profile().await;
        let region = config.region.clone();
        let client = Client::connect(config)
            .await
            .map_err(|error| refused(&error))?;
        Ok(Session {
            client,
            kinds,
            identity: OnceCell::new(),
            region,
            default_tags: block.default_tags(),
            ignore_tags: block.ignore_tags(),
            drift: block.drift(),
            unknown,
        })
    }

    /// Whether Terraform knows the whole provider block.
    ///
    /// # Errors
    /// Names what it does not know yet.
    pub fn known(&self) -> Result<(), Diagnostics> {
        let verb = match self.unknown.len() {
            0 => return Ok(()),
            1 => "comes",
            _ => "come",
        };
        Err(Diagnostic::error(
            "The provider block is not known yet",
            format!(
                "{} {verb} from something that is yet to be applied. Apply that first: terraform apply -target=…",
                self.unknown.join(", ")
            ),
        )
        .into())
    }

    /// The account the credentials belong to, looked up once.
    ///
    /// # Errors
    /// Why AWS does not accept them.
    pub async fn identity(&self) -> Result<&Identity, Diagnostics> {
        self.known()?;
        self.identity
            .get_or_try_init(|| self.client.identity())
            .await
            .map_err(|error| refused(&error))
    }

    /// An engine for one region.
    pub fn engine(&self, region: &str) -> Engine {
        let live = Live::new(self.client.clone(), region);
        Engine::new(Arc::new(live), self.kinds.clone())
    }

    /// The kinds it knows.
    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }
}

fn refused(error: &platform_aws::Error) -> Diagnostics {
    let (summary, why) = match &*error.code {
        // What the client found itself says nothing about a call.
        "AccountNotAllowed" => ("The wrong AWS account", error.message.to_string()),
        "NoCredentials" => ("No AWS credentials", error.message.to_string()),
        "NoReply" => ("AWS can't be reached", error.to_string()),
        _ => ("AWS refuses these credentials", error.to_string()),
    };
    Diagnostic::error(
        summary,
        format!("{}.\nCheck the provider block, AWS_PROFILE and the other AWS_* variables; `aws sts get-caller-identity` asks the same.", why.trim_end_matches('.')),
    )
    .into()
}

#[cfg(test)]
mod tests {
    use platform_aws::{Error, ErrorKind};

    use super::*;

    #[test]
    fn what_is_wrong_with_the_credentials_is_said_in_the_first_line() {
        for (code, message, summary) in [
            (
                "AccountNotAllowed",
                "the credentials belong to account 1, which forbidden_account_ids lists",
                "The wrong AWS account",
            ),
            (
                "NoCredentials",
                "no usable AWS credentials.",
                "No AWS credentials",
            ),
            (
                "NoReply",
                "http://127.0.0.1:1: connection refused",
                "AWS can't be reached",
            ),
            (
                "InvalidClientTokenId",
                "The security token is invalid",
                "AWS refuses these credentials",
            ),
        ] {
            let error = Error::new(
                ErrorKind::Denied,
                "sts",
                "GetCallerIdentity",
                code,
                message.to_owned(),
            );
            let diagnostics = refused(&error);
            let diagnostic = diagnostics.0.first().unwrap();
            assert_eq!(diagnostic.summary, summary);
            assert!(
                diagnostic.detail.contains(message.trim_end_matches('.')),
                "{}",
                diagnostic.detail
            );
            assert!(!diagnostic.detail.contains(".."), "{}", diagnostic.detail);
        }
    }
}
