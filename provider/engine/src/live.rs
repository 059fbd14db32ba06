//! The live client as the engine sees it.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform_aws::Client;
use platform_graph::Call;
use serde_json::Value;

use crate::{Aws, AwsError, ErrorKind};

/// AWS itself, in one region.
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
            let params = Value::Object(call.params.clone());
            self.client
                .call(&self.region, call.service, call.action, &params)
                .await
                .map_err(AwsError::from)
        }
        .boxed()
    }
}

impl From<platform_aws::Error> for AwsError {
    fn from(error: platform_aws::Error) -> Self {
        use platform_aws::ErrorKind as Kind;
        AwsError {
            kind: match error.kind {
                Kind::Absent => ErrorKind::Absent,
                Kind::Conflict => ErrorKind::Conflict,
                Kind::Dependency => ErrorKind::Dependency,
                Kind::Throttled => ErrorKind::Throttled,
                Kind::Transient => ErrorKind::Transient,
                Kind::Ambiguous => ErrorKind::Ambiguous,
                Kind::Denied => ErrorKind::Denied,
                Kind::Invalid => ErrorKind::Invalid,
                Kind::Quota => ErrorKind::Quota,
                Kind::Other => ErrorKind::Other,
            },
            service: error.service.into(),
            action: error.action.into(),
            code: error.code.into(),
            message: error.message.into(),
            request_id: error.request_id,
        }
    }
}
