//! What AWS checks when a destroy empties what a configuration lets be emptied (`force_destroy`), so that it can go.

use platform_graph::{Call, Recorded};
use serde_json::Value;

use super::{Grants, Sid, partition};
use crate::inventory::text;

/// How the ARNs of recovery points end: they are those of the services that keep them.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html>
const RECOVERY_POINTS: [(&str, &str); 6] = [
    ("backup", "recovery-point:*"),
    ("dynamodb", "table/*/backup/*"),
    ("fsx", "backup/*"),
    ("rds", "cluster-snapshot:awsbackup:*"),
    ("rds", "snapshot:awsbackup:*"),
    ("redshift", "snapshot:*/awsbackup:*"),
];
/// The same of EC2, whose ARNs name no account.
const OF_EC2: [&str; 2] = ["image/*", "snapshot/*"];

impl Grants {
    /// Objects of a bucket and recovery points of a vault; `false` for calls that remove something else.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
    pub(super) fn empty(&mut self, region: Option<&str>, call: &Call, part: &Recorded) -> bool {
        let actions: &[&str] = match call.action {
            "DeleteObjects" => &["s3:DeleteObject", "s3:DeleteObjectVersion"],
            "AbortMultipartUpload" => &["s3:AbortMultipartUpload"],
            "DeleteRecoveryPoint" => &["backup:DeleteRecoveryPoint"],
            _ => return false,
        };
        let on: Vec<String> = if call.service == "s3" {
            let name = text(part, "BucketName").filter(|name| !name.contains("${"));
            let name = name.unwrap_or("*");
            vec![format!("arn:{}:s3:::{name}/*", partition(region))]
        } else {
            let named = RECOVERY_POINTS.map(|(service, end)| self.arn(region, service, end));
            let (partition, place) = (partition(region), region.unwrap_or("*"));
            let of_ec2 = OF_EC2.map(|end| format!("arn:{partition}:ec2:{place}::{end}"));
            named.into_iter().chain(of_ec2).collect()
        };
        let bypasses = call.params.get("BypassGovernanceRetention") == Some(&Value::Bool(true));
        let bypass = bypasses.then_some("s3:BypassGovernanceRetention");
        for action in actions.iter().copied().chain(bypass) {
            self.grant(Sid::Use, action, on.clone());
        }
        true
    }
}
