//! What a destroy may remove from a part that the configuration lets be emptied.

use std::collections::{BTreeMap, BTreeSet};

use crate::shown::tier;
use platform_insight::policy::policy;
use serde_json::{Value, json};

/// The resources on which the policy for one such part allows these actions, by action.
fn allowed(kind: &str, properties: &Value, actions: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let policy = policy(
        &tier(kind, properties),
        &platform_kinds::all(),
        &[],
        Some("123456789012"),
    );
    assert_eq!(policy.missing, Vec::<String>::new());
    let mut allowed = BTreeMap::new();
    for statement in policy.document.statement {
        for action in statement.action {
            if actions.contains(&action.as_str()) {
                allowed.insert(action, statement.resource.clone());
            }
        }
    }
    allowed
}

const OF_OBJECTS: [&str; 4] = [
    "s3:AbortMultipartUpload",
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
];

#[test]
fn objects_go_only_from_a_bucket_that_may_be_emptied() {
    let bucket = |more: Value| {
        let mut bucket = more;
        bucket["BucketName"] = json!("shop-media");
        allowed("AWS::S3::Bucket", &bucket, &OF_OBJECTS)
    };
    assert!(bucket(json!({})).is_empty());
    assert!(bucket(json!({ "ForceDestroy": false })).is_empty());

    let objects = BTreeSet::from(["arn:aws:s3:::shop-media/*".to_owned()]);
    let emptied = bucket(json!({ "ForceDestroy": true }));
    let actions: Vec<&str> = emptied.keys().map(String::as_str).collect();
    assert_eq!(
        actions,
        [
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion"
        ]
    );
    assert!(emptied.values().all(|on| *on == objects), "{emptied:?}");
    let locked = bucket(json!({ "ForceDestroy": true, "ObjectLockEnabled": true }));
    assert_eq!(locked.len(), OF_OBJECTS.len(), "{locked:?}");
    let listed = allowed(
        "AWS::S3::Bucket",
        &json!({ "BucketName": "shop-media" }),
        &["s3:ListBucketVersions", "s3:ListBucketMultipartUploads"],
    );
    assert_eq!(
        listed.len(),
        2,
        "whoever destroys is told what is in the way"
    );
}

#[test]
fn recovery_points_go_only_from_a_vault_that_may_be_emptied() {
    let vault = |more: Value| {
        let mut vault = more;
        vault["BackupVaultName"] = json!("shop-main");
        allowed(
            "AWS::Backup::BackupVault",
            &vault,
            &["backup:DeleteRecoveryPoint"],
        )
    };
    assert!(vault(json!({})).is_empty());
    insta::assert_json_snapshot!(vault(json!({ "ForceDestroy": true })));
}
