//! Calls that AWS makes in another region for the caller: RDS and DocumentDB read an encrypted source so.
//!
//! The call carries a URL, `PreSignedUrl`, that is the same call to the region of the source, signed by the caller. AWS's SDKs make
//! one where a source region is given; the answer says "pre-signed URL has to be specified" without.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html>.

use aws_credential_types::Credentials;
use serde_json::Value;
use std::time::SystemTime;

use crate::client::Client;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::model::{self, Operation, Service};
use crate::{sign, wire};

/// From where to where a signed call leads.
#[derive(Debug, Clone, Copy)]
pub struct Copy<'a> {
    /// Region of the source, to which the call is signed.
    pub region: &'a str,
    /// Region in which something is made of it, to which the call goes itself.
    pub destination: &'a str,
}

impl Client {
    /// The URL by which AWS makes a call of the query protocol in the region of its source, good for an hour.
    ///
    /// # Errors
    /// No credentials; [`ErrorKind::Invalid`] for a call that the model doesn't have.
    pub async fn presign(
        &self,
        copy: Copy<'_>,
        service: &str,
        action: &str,
        params: &Value,
    ) -> Result<String, Error> {
        let failed = |kind, code: &str, message: String| {
            Error::new(kind, service, action, code, message).in_region(copy.region)
        };
        let invalid = |message: String| failed(ErrorKind::Invalid, "NotSignable", message);
        let missing = || invalid("it is not in models/operations.json".to_owned());
        let model = model::service(service).ok_or_else(missing)?;
        let operation = model.operation(action).ok_or_else(missing)?;
        let endpoint = self
            .endpoint(model, operation, params, copy.region)
            .map_err(|reason| failed(ErrorKind::Invalid, "NoEndpoint", reason))?;
        let credentials = self
            .credentials(None)
            .await
            .map_err(|reason| failed(ErrorKind::Denied, "NoCredentials", reason))?;
        url(
            (model, operation),
            params,
            copy.destination,
            &endpoint,
            &credentials,
            self.now(),
        )
        .map_err(invalid)
    }
}

fn url(
    (service, operation): (&Service, &Operation),
    params: &Value,
    destination: &str,
    endpoint: &Endpoint,
    credentials: &Credentials,
    now: SystemTime,
) -> Result<String, String> {
    let request = wire::serialise(service, operation, params)?;
    let form = String::from_utf8(request.body).map_err(|error| error.to_string())?;
    let base = endpoint.url.trim_end_matches('/');
    let url = format!("{base}/?{form}&DestinationRegion={destination}");
    sign::sign_url(&url, endpoint, credentials, now)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::{Duration, UNIX_EPOCH};

    use serde_json::json;

    use super::*;

    /// What AWS's SDK for Python makes of the same call, at the same time.
    const BY_BOTOCORE: &str = "https://rds.us-east-1.amazonaws.com/?Action=CreateDBCluster&Version=2014-10-31&DBClusterIdentifier=shop-eu-products-docdb&Engine=docdb&GlobalClusterIdentifier=shop-products&KmsKeyId=arn%3Aaws%3Akms%3Aeu-west-1%3A123456789012%3Akey%2Fk-1&StorageEncrypted=true&EnableCloudwatchLogsExports.member.1=audit&EnableCloudwatchLogsExports.member.2=profiler&DestinationRegion=eu-west-1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Frds%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Security-Token=session%2Ftoken%3D&X-Amz-Signature=404c71827839965bb44d850e305db7cd9d175c0fabc0e83624e449bdd1ad7e93";

    #[test]
    fn a_call_to_the_region_of_the_source_is_signed_as_by_the_sdk() {
        let service = model::service("docdb").unwrap();
        let operation = service.operation("CreateDBCluster").unwrap();
        let endpoint = Endpoint {
            url: "https://rds.us-east-1.amazonaws.com".to_owned(),
            signing_name: "rds".to_owned(),
            signing_region: "us-east-1".to_owned(),
            double_encode: true,
        };
        let credentials = Credentials::new(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            Some("session/token=".to_owned()),
            None,
            "test",
        );
        let params = json!({
            "DBClusterIdentifier": "shop-eu-products-docdb", "Engine": "docdb", "GlobalClusterIdentifier": "shop-products",
            "KmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/k-1", "StorageEncrypted": true,
            "EnableCloudwatchLogsExports": ["audit", "profiler"],
        });
        // 2026-01-02T03:04:05Z.
        let now = UNIX_EPOCH + Duration::from_secs(1_767_323_045);
        let ours = url(
            (service, operation),
            &params,
            "eu-west-1",
            &endpoint,
            &credentials,
            now,
        )
        .unwrap();
        let pieces = |url: &str| -> BTreeSet<String> {
            let (host, query) = url.split_once("/?").unwrap();
            query.split('&').chain([host]).map(str::to_owned).collect()
        };
        assert_eq!(pieces(&ours), pieces(BY_BOTOCORE));
    }
}
