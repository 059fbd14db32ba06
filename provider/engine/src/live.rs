//! The live client as the engine sees it.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform_aws::Client;
use platform_graph::Call;
use serde_json::Value;

use crate::{Aws, AwsError};

/// AWS itself, in one region; what names another one goes there.
#[derive(Debug, Clone)]
pub struct Live {
    client: Client,
    region: String,
}

impl Live {
    /// The region of a client.
    pub fn new(client: Client, region: impl Into<String>) -> Self {
        Live {
            client,
            region: region.into(),
        }
    }
}

impl Aws for Live {
    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Value, AwsError>> {
        async move {
            let mut params = Value::Object(call.params.clone());
            let region = call.region.as_deref().unwrap_or(&self.region);
            if let Some(source) = &call.source {
                let there = platform_aws::Copy {
                    region: source,
                    destination: region,
                };
                let url = self
                    .client
                    .presign(there, call.service, call.action, &params)
                    .await?;
                params["PreSignedUrl"] = Value::String(url);
            }
            self.client
                .call(region, call.service, call.action, &params)
                .await
                .map_err(AwsError::from)
        }
        .boxed()
    }
}

impl From<platform_aws::Error> for AwsError {
    fn from(error: platform_aws::Error) -> Self {
        AwsError {
            kind: error.kind,
            service: error.service.into(),
            action: error.action.into(),
            code: error.code.into(),
            message: error.message.into(),
            request_id: error.request_id,
        }
    }
}
