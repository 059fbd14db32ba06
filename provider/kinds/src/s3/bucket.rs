//! `AWS::S3::Bucket`: a bucket of S3 and its settings.
//!
//! # Flow
//! `ListBuckets` with the name as prefix shows whether the account has it, since when and where; one `Get` or `List` per setting
//! shows the rest. `CreateBucket` takes the tags along, object lock and ownership; each other setting has a `Put` of its own.
//!
//! # Guarantees
//! A bucket that another account has is absent here: AWS refuses to create it, with `BucketAlreadyExists`. A bucket of this account
//! is ours only with our tags, which it has from birth.
//!
//! # Caveats
//! - In us-east-1 AWS answers a second `CreateBucket` of one's own bucket as if it had made it; it is looked for before.
//! - `PutBucketTagging` replaces all tags: those that others gave the bucket are given again.
//! - Object lock can be switched on and never off.
//! - Not every Region has transfer acceleration; where it is not there it counts as off.
//! - Whether it is a web site, is copied, is analysed, and who pays for requests, is looked at by apply and by a deep refresh; by others only
//!   where it was asked for.
//! - Lists of access that are older than policies (ACLs) are not looked at: they count for nothing while the bucket's owner has every object,
//!   which is looked at.
//! - A bucket with something in it is not deleted, unless [`Bucket::force_destroy`] says so: then all versions of all objects and
//!   all unfinished uploads are removed, a thousand at a time.
//!
//! See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>.

mod settings;

use platform_graph::{
    Attributes, Blocker, Call, Claim, DeletionPolicy, Identity, Kind, Live, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shape;
use crate::{census, reply};
use settings::{SETTINGS, SHOWN};

/// A bucket. Settings are objects and lists as CloudFormation has them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Bucket {
    /// Name, unique in the partition: 3 to 63 lowercase letters, digits, hyphens and dots; can't change.
    #[serde(default)]
    pub bucket_name: String,
    /// Whether uploads may enter at the nearest edge location: `{AccelerationStatus}`.
    pub accelerate_configuration: Option<Value>,
    /// What is found out of how objects are read, and where that goes: a list by `Id`.
    pub analytics_configurations: Option<Vec<Value>>,
    /// How objects are encrypted: `{ServerSideEncryptionConfiguration}`; AWS's default are keys of S3 (`AES256`).
    pub bucket_encryption: Option<Value>,
    /// What pages of other origins may do: `{CorsRules}`.
    pub cors_configuration: Option<Value>,
    /// Whether all that is in it may be removed when it is deleted.
    pub force_destroy: Option<bool>,
    /// When objects that nobody reads move to archive tiers: a list by `Id`.
    pub intelligent_tiering_configurations: Option<Vec<Value>>,
    /// Lists of all objects: a list by `Id`.
    pub inventory_configurations: Option<Vec<Value>>,
    /// When objects move to cheaper storage and end: `{Rules}`.
    pub lifecycle_configuration: Option<Value>,
    /// Where accesses are logged: `{DestinationBucketName, LogFilePrefix}`.
    pub logging_configuration: Option<Value>,
    /// Metrics of requests: a list by `Id`.
    pub metrics_configurations: Option<Vec<Value>>,
    /// Who is told of events.
    pub notification_configuration: Option<Value>,
    /// How long versions are locked when nobody says otherwise: `{ObjectLockEnabled, Rule}`.
    pub object_lock_configuration: Option<Value>,
    /// Whether versions can be locked; `true` for good.
    pub object_lock_enabled: Option<bool>,
    /// Whose the objects are: `{Rules}`; AWS's default is the bucket's owner, without ACLs.
    pub ownership_controls: Option<Value>,
    /// What public access is blocked; AWS's default is all of it.
    pub public_access_block_configuration: Option<Value>,
    /// Where copies of objects go, also to other accounts: `{Role, Rules}`.
    pub replication_configuration: Option<Value>,
    /// Who pays for requests: `{Payer}`; AWS's default is `BucketOwner`.
    pub request_payment_configuration: Option<Value>,
    /// Whether old versions are kept: `{Status}`.
    pub versioning_configuration: Option<Value>,
    /// How it is a web site: `{IndexDocument, ErrorDocument, RoutingRules}` or `{RedirectAllRequestsTo}`.
    pub website_configuration: Option<Value>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// How many versions or uploads are looked at, and removed, at a time: as many as S3 allows.
const PAGE: u32 = 1000;

fn call(action: &'static str, bucket: &str) -> Call {
    Call::new("s3", action).with("Bucket", bucket)
}

fn tag_set(tags: &Tags) -> Option<Value> {
    reply::tag_list(tags, "Key", "Value")
}

impl Bucket {
    fn attributes(&self, region: &str, item: &Value) -> Attributes {
        let name = &self.bucket_name;
        let (partition, suffix) = match region {
            region if region.starts_with("cn-") => ("aws-cn", "amazonaws.com.cn"),
            region if region.starts_with("us-gov-") => ("aws-us-gov", "amazonaws.com"),
            _ => ("aws", "amazonaws.com"),
        };
        [
            (
                "Arn",
                reply::text(item, "BucketArn")
                    .or_else(|| Some(format!("arn:{partition}:s3:::{name}"))),
            ),
            ("CreationDate", reply::text(item, "CreationDate")),
            ("DomainName", Some(format!("{name}.s3.{suffix}"))),
            (
                "DualStackDomainName",
                Some(format!("{name}.s3.dualstack.{region}.{suffix}")),
            ),
            (
                "RegionalDomainName",
                Some(format!("{name}.s3.{region}.{suffix}")),
            ),
        ]
        .into_iter()
        .map(|(attribute, value)| (attribute.to_owned(), json!(value)))
        .collect()
    }

    /// Removes these versions, where the bucket may be emptied.
    fn remove(&self, id: &str, versions: &[&Value]) -> Vec<Call> {
        if self.force_destroy != Some(true) {
            return Vec::new();
        }
        let object =
            |version: &&Value| json!({ "Key": version["Key"], "VersionId": version["VersionId"] });
        versions
            .chunks(PAGE as usize)
            .map(|page| {
                let objects: Vec<Value> = page.iter().map(object).collect();
                call("DeleteObjects", id)
                    .with("Delete", json!({ "Objects": objects, "Quiet": true }))
                    // Locks of mode COMPLIANCE hold all the same.
                    .with("BypassGovernanceRetention", self.object_lock_enabled)
            })
            .collect()
    }
}

impl Kind for Bucket {
    const TYPE: &'static str = "AWS::S3::Bucket";
    const CREATE_ONLY: &'static [&'static str] = &["BucketName"];
    const UNORDERED: &'static [&'static str] = &[
        "AnalyticsConfigurations",
        "IntelligentTieringConfigurations",
        "InventoryConfigurations",
        "MetricsConfigurations",
    ];
    const ATTRIBUTES: &'static [&'static str] = &[
        "Arn",
        "CreationDate",
        "DomainName",
        "DualStackDomainName",
        "RegionalDomainName",
    ];
    const OURS: &'static [&'static str] = &["ForceDestroy", "RequestPaymentConfiguration"];
    const BORN: &'static str = "CreationDate";
    const STATEFUL: bool = true;
    const TAGGED: bool = true;
    const CLEARED: bool = true;
    // S3 says at once what it does and does not do: this is how long somebody has to empty a bucket that is to go.
    const DEADLINE_SECONDS: u32 = 60;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("s3", "ListBuckets")
                .with("Prefix", &self.bucket_name)
                .with("MaxBuckets", PAGE),
        ]
    }

    fn details(&self, _me: &Identity, id: &str) -> Vec<Call> {
        SHOWN.map(|(action, _)| call(action, id)).to_vec()
    }

    fn details_again(&self, me: &Identity, id: &str, known: &Attributes) -> Vec<Call> {
        let mut calls = self.details(me, id);
        if !known.is_empty() {
            let asked = self.looked_at_closely();
            let passed_over = asked.iter().rev().take_while(|asked| !**asked).count();
            calls.truncate(SHOWN.len() - passed_over);
        }
        calls
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let buckets = replies
            .first()
            .map(|answer| reply::items(answer, "Buckets"))
            .unwrap_or_default();
        let named = buckets
            .iter()
            .find(|item| item["Name"] == self.bucket_name.as_str());
        let Some(item) = named else {
            return Seen::Absent;
        };
        let id = self.bucket_name.clone();
        let home = &me.owner.region;
        match reply::text(item, "BucketRegion") {
            Some(region) if region != *home => Seen::Failed {
                id,
                why: format!(
                    "the account has a bucket of this name in {region}, and not in {home}"
                ),
            },
            _ => Seen::Live(Live {
                properties: self.seen(replies),
                attributes: self.attributes(home, item),
                id,
            }),
        }
    }

    fn create(&self, me: &Identity) -> Vec<Call> {
        let mut configuration = json!({});
        // The Region without a name of its own here: the first one.
        if me.owner.region != "us-east-1" {
            configuration["LocationConstraint"] = json!(me.owner.region);
        }
        if let Some(tags) = tag_set(&self.tags) {
            configuration["Tags"] = tags;
        }
        let ownership = self
            .ownership_controls
            .as_ref()
            .map(|controls| &controls["Rules"][0]["ObjectOwnership"]);
        vec![
            call("CreateBucket", &self.bucket_name)
                .with("CreateBucketConfiguration", configuration)
                .with(
                    "ObjectLockEnabledForBucket",
                    self.object_lock_enabled.filter(|lock| *lock),
                )
                .with("ObjectOwnership", ownership),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.bucket_name.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let locked = changed.contains(&"ObjectLockConfiguration");
        let mut calls = Vec::new();
        for property in SETTINGS {
            if property == "ObjectLockEnabled" {
                // One call for both; and no call takes a lock away.
                if changed.contains(&property) && !locked && self.object_lock_enabled == Some(true)
                {
                    calls.extend(self.settle("ObjectLockConfiguration", &live.properties));
                }
            } else if changed.contains(&property) {
                calls.extend(self.settle(property, &live.properties));
            }
        }
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        let mut all = live.properties.tags.clone();
        all.retain(|key, _| !remove.contains(key));
        all.extend(set.clone());
        vec![match tag_set(&all) {
            Some(tags) => {
                call("PutBucketTagging", &live.id).with("Tagging", json!({ "TagSet": tags }))
            }
            None => call("DeleteBucketTagging", &live.id),
        }]
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![call("DeleteBucket", id)]
    }

    fn deletion_policy(&self) -> DeletionPolicy {
        match self.force_destroy {
            Some(true) => DeletionPolicy::Delete,
            _ => DeletionPolicy::Retain,
        }
    }

    fn known_by(id: &str) -> Self {
        Bucket {
            bucket_name: id.to_owned(),
            ..Bucket::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "s3")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_service(replies, |service, resource| {
            // An ARN with a slash is of an object.
            (service == "s3" && !resource.contains('/')).then(|| resource.to_owned())
        })
    }

    fn blockers(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Call> {
        if !replies.is_empty() {
            return Vec::new();
        }
        vec![
            call("ListObjectVersions", id).with("MaxKeys", PAGE),
            call("ListMultipartUploads", id).with("MaxUploads", PAGE),
        ]
    }

    fn blocking(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Blocker> {
        let list = |at: usize, member: &str| -> Vec<&Value> {
            let answer = replies.get(at);
            answer
                .map(|answer| reply::items(answer, member))
                .unwrap_or_default()
                .iter()
                .collect()
        };
        let may = self.force_destroy == Some(true);
        let blocker = |found: &[&Value], more: bool, what: &str, remove: Vec<Call>| Blocker {
            id: format!(
                "{}{} {what}",
                if more { "more than " } else { "" },
                found.len()
            ),
            what: format!(
                "the first is {}{}",
                reply::text(found[0], "Key").unwrap_or_default(),
                if may {
                    ""
                } else {
                    "; only force_destroy = true lets a bucket be emptied on destroy"
                }
            ),
            tags: Tags::new(),
            remove,
            lingers_seconds: 0,
            holds_data: false,
        };
        let more = |at: usize| {
            replies
                .get(at)
                .is_some_and(|answer| answer["IsTruncated"] == true)
        };
        let mut blockers = Vec::new();
        let mut versions = list(0, "Versions");
        versions.extend(list(0, "DeleteMarkers"));
        if !versions.is_empty() {
            let remove = self.remove(id, &versions);
            blockers.push(blocker(&versions, more(0), "versions of objects", remove));
        }
        let uploads = list(1, "Uploads");
        if !uploads.is_empty() {
            let abort = |upload: &&Value| {
                call("AbortMultipartUpload", id)
                    .with("Key", &upload["Key"])
                    .with("UploadId", &upload["UploadId"])
            };
            let remove = uploads.iter().filter(|_| may).map(abort).collect();
            blockers.push(blocker(&uploads, more(1), "unfinished uploads", remove));
        }
        blockers
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        shape::same(property, live, desired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asks_for_is_looked_at_closely_only() {
        let me = crate::testing::me(Some("b"));
        let known = Attributes::from_iter([("Arn".to_owned(), json!("arn:aws:s3:::b"))]);
        let last = |bucket: Bucket, known: &Attributes| {
            let calls = bucket.details_again(&me, "b", known);
            calls.last().unwrap().action
        };
        let replicated = || Bucket {
            replication_configuration: Some(json!({ "Role": "r" })),
            ..Bucket::default()
        };
        for (bucket, known, expected) in [
            (
                Bucket::default(),
                &Attributes::new(),
                "GetBucketRequestPayment",
            ),
            (
                Bucket::default(),
                &known,
                "GetBucketAccelerateConfiguration",
            ),
            (replicated(), &known, "GetBucketReplication"),
        ] {
            assert_eq!(last(bucket, known), expected);
        }
    }

    #[test]
    fn a_lock_that_nobody_asks_for_any_more_is_no_difference() {
        let mut replies = vec![Value::Null; SHOWN.len() + 1];
        let at = SHOWN
            .iter()
            .position(|(action, _)| *action == "GetObjectLockConfiguration");
        replies[at.unwrap() + 1] =
            json!({ "ObjectLockConfiguration": { "ObjectLockEnabled": "Enabled" } });
        let seen = |asked| {
            let bucket = Bucket {
                object_lock_enabled: asked,
                ..Bucket::default()
            };
            bucket.seen(&replies).object_lock_enabled
        };
        assert_eq!(seen(None), None);
        assert_eq!(seen(Some(true)), Some(true));
    }
}
