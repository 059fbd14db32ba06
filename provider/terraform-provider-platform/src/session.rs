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
            .map_err(|error| refused(&error.to_string()))?;
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

    /// The account the credentials belong to, looked up once.
    ///
    /// # Errors
    /// Why AWS does not accept them.
    pub async fn identity(&self) -> Result<&Identity, Diagnostics> {
        if !self.unknown.is_empty() {
            let mut diagnostics = Diagnostics::new();
            diagnostics.error(
                "The provider block is not known yet",
                format!(
                    "{} come from something that is yet to be applied. Apply that first: terraform apply -target=…",
                    self.unknown.join(", ")
                ),
            );
            return Err(diagnostics);
        }
        self.identity
            .get_or_try_init(|| self.client.identity())
            .await
            .map_err(|error| refused(&error.to_string()))
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

fn refused(why: &str) -> Diagnostics {
    Diagnostic::error(
        "AWS can't be reached with these credentials",
        format!("{why}\nCheck the provider block, AWS_PROFILE and the other AWS_* variables; `aws sts get-caller-identity` asks the same."),
    )
    .into()
}
