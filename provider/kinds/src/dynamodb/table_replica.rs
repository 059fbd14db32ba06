//! `Custom::TableReplica`: the replica of a table in another Region, which is read and written there like any other table.
//!
//! Reads `DescribeTable` in the Region of the table and in its own, and in its own what a [table](super::Table) reads of its
//! settings; writes `UpdateTable` with a `ReplicaUpdates` of one entry in the Region of the table, and its settings in its own.
//!
//! # Why no `AWS::DynamoDB::GlobalTable`
//! CloudFormation has replicas inside a type of its own, and takes a table that is given that type for another table: it would be
//! replaced, with its items. Here the table stays the part that it is, a replica is a part more, and each is protected by itself.
//!
//! # Flow
//! A table is part of one change at a time. While a replica is being filled, AWS refuses the next one and whatever else would change
//! the table, in words that say so: that is waited for.
//!
//! # Guarantees
//! - Table and Region are its natural key. `UpdateTable` takes no tags: a replica without any, of the very table that is asked for,
//!   is what a run that was killed has left, and is gone on with.
//! - Keys, indexes, time to live, capacity to write and the stream are the table's, in every Region; they show nowhere here.
//! - A deletion goes by way of the table, which ends the replication first.
//! - One that somebody else added to a table is a resident of it: it is told, and nothing removes it.
//!
//! # Caveats
//! - Eventual consistency only: what is strongly consistent over Regions (three of them, or a witness) is made of an empty table,
//!   all at once, and can't be had of a table with items.
//! - Its KMS key can't change: AWS would have to make it anew.
//! - AWS documents no way to take a limit of reading off again: the `-1` that lifts the one of a table or an index is for these only. What is
//!   no longer asked for stays; the composite refuses to plan that.
//! - A replica whose key or Region can't be used for 20 hours becomes a table of its own, which nothing is replicated to any more.
//!   That shows as failed, and is never deleted.
//! - A census of the Region of the composite does not list what is elsewhere; one of the Region of the replica does.
//!
//! See <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html>.

use platform_graph::{
    ADDRESS_TAG, Attributes, Call, Claim, Identity, Kind, Live, OWNER_TAG, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::properties::{
    ContributorInsightsSpecification, OnDemandThroughput, PointInTimeRecoverySpecification,
    ResourcePolicy, SseSpecification,
};
use super::settings::{self, Asked};
use super::{TableArn, counted};
use crate::{census, policy, reply};

/// A replica of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TableReplica {
    /// Name of the table, which is also its own; can't change.
    #[serde(default)]
    pub table_name: String,
    /// Region it is in; can't change.
    #[serde(default)]
    pub region: String,
    /// ARN of the key of KMS that encrypts it, in its Region; AWS's own key for DynamoDB without. Can't change.
    #[serde(rename = "KMSMasterKeyId")]
    pub kms_master_key_id: Option<String>,
    /// `STANDARD` or `STANDARD_INFREQUENT_ACCESS`; that of the table without.
    pub table_class: Option<String>,
    /// The most units of reading that on-demand capacity grows to here; the table's limit without. Once given it can change, and can't
    /// be taken away.
    pub max_read_request_units: Option<u64>,
    /// Whether it can be restored to any second of the past.
    pub point_in_time_recovery_specification: Option<PointInTimeRecoverySpecification>,
    /// Whether CloudWatch shows the keys that are used most.
    pub contributor_insights_specification: Option<ContributorInsightsSpecification>,
    /// Whether AWS refuses to delete it; AWS's default is `false`.
    pub deletion_protection_enabled: Option<bool>,
    /// Who may use it, besides whom IAM lets.
    pub resource_policy: Option<ResourcePolicy>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A call about the replica with this ARN, in its Region.
fn by_arn(action: &'static str, arn: &str) -> Call {
    let region = TableArn::parse(arn).map(|arn| arn.region);
    Call::new("dynamodb", action)
        .with("ResourceArn", arn)
        .in_region(region.as_deref())
}

impl TableReplica {
    /// A call about it as a table, in its own Region.
    fn there(&self, action: &'static str) -> Call {
        Call::new("dynamodb", action)
            .with("TableName", &self.table_name)
            .in_region(Some(&self.region))
    }

    /// The call that makes, changes or deletes it, which goes to its table.
    fn change(&self, me: &Identity, verb: &str, settings: Value) -> Call {
        Call::new("dynamodb", "UpdateTable")
            .with("TableName", &self.table_name)
            .with("ReplicaUpdates", json!([{ verb: settings }]))
            .in_region(Some(&me.owner.region))
    }

    /// What is asked for of it, as the members of a `ReplicaUpdates`.
    fn member(&self) -> Map<String, Value> {
        let limit = self
            .max_read_request_units
            .map(|units| json!({ "MaxReadRequestUnits": units }));
        [
            ("RegionName", Some(json!(self.region))),
            (
                "KMSMasterKeyId",
                self.kms_master_key_id.as_ref().map(|key| json!(key)),
            ),
            (
                "TableClassOverride",
                self.table_class.as_ref().map(|class| json!(class)),
            ),
            ("OnDemandThroughputOverride", limit),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }

    fn seen(
        &self,
        shown: &Value,
        arn: &TableArn,
        details: &[Value],
        me: &Identity,
    ) -> TableReplica {
        let mut tags = settings::tags(details);
        if tags.is_empty() && !details.is_empty() {
            tags = me.tags();
        }
        TableReplica {
            table_name: arn.name.clone(),
            region: arn.region.clone(),
            kms_master_key_id: SseSpecification::shown(shown)
                .and_then(|encryption| encryption.kms_master_key_id)
                .filter(|_| self.kms_master_key_id.is_some()),
            table_class: self.table_class.as_ref().map(|_| {
                reply::text(&shown["TableClassSummary"], "TableClass")
                    .unwrap_or_else(|| "STANDARD".to_owned())
            }),
            max_read_request_units: OnDemandThroughput::shown(shown)
                .and_then(|limits| limits.max_read_request_units)
                .filter(|_| self.max_read_request_units.is_some()),
            point_in_time_recovery_specification: settings::recovery(
                details,
                self.point_in_time_recovery_specification.as_ref(),
            ),
            contributor_insights_specification: settings::insights(details),
            deletion_protection_enabled: reply::unless_default(
                Some(shown["DeletionProtectionEnabled"] == true),
                false,
                self.deletion_protection_enabled.as_ref(),
            ),
            resource_policy: settings::resource_policy(details),
            tags,
        }
    }
}

/// What a table says of its replica in a Region.
fn entry<'a>(table: &'a Value, region: &str) -> Option<&'a Value> {
    let mut replicas = reply::items(table, "Replicas").iter();
    replicas.find(|replica| replica["RegionName"] == region)
}

/// Why a replica in this state is of no use until somebody has done something.
fn trouble(state: &str) -> Option<&'static str> {
    Some(match state {
        "CREATION_FAILED" => "AWS could not make it",
        "REGION_DISABLED" => {
            "its Region is disabled for the account; when that stays so for 20 hours it becomes a table of its own"
        }
        "INACCESSIBLE_ENCRYPTION_CREDENTIALS" => {
            "its KMS key can't be used; when that stays so for 20 hours it becomes a table of its own"
        }
        "ARCHIVING" | "ARCHIVED" => "it is archived, because its KMS key could not be used",
        "REPLICATION_NOT_AUTHORIZED" => {
            "a policy denies AWSServiceRoleForDynamoDBReplication what it needs; when that stays so for 20 hours it becomes a \
             table of its own"
        }
        _ => return None,
    })
}

impl Kind for TableReplica {
    const TYPE: &'static str = "Custom::TableReplica";
    const CREATE_ONLY: &'static [&'static str] = &["KMSMasterKeyId", "Region", "TableName"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "CreationDateTime", "StreamArn"];
    const LASTING: &'static [&'static str] = &["Arn", "CreationDateTime"];
    const BORN: &'static str = "CreationDateTime";
    const STATEFUL: bool = true;
    const PROTECTED_BY: &'static str = "DeletionProtectionEnabled";
    const TAGGED: bool = true;
    const INSIDE: &'static [&'static str] = &["AWS::DynamoDB::Table"];
    const EXPECTED_SECONDS: u32 = 300;
    // All items are copied.
    const DEADLINE_SECONDS: u32 = 28_800;

    fn find(&self, me: &Identity) -> Vec<Call> {
        let describe = Call::new("dynamodb", "DescribeTable").with("TableName", &self.table_name);
        vec![
            describe.clone().in_region(Some(&self.region)),
            describe.in_region(Some(&me.owner.region)),
        ]
    }

    fn details(&self, _me: &Identity, arn: &str) -> Vec<Call> {
        let mut calls = vec![
            by_arn("ListTagsOfResource", arn),
            by_arn("GetResourcePolicy", arn),
            self.there("DescribeContinuousBackups"),
        ];
        if self.contributor_insights_specification.is_some() {
            calls.push(self.there("DescribeContributorInsights"));
        }
        calls
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let table = |nth: usize| {
            let shown = replies.get(nth)?.get("Table")?;
            (shown["TableName"] == *self.table_name).then_some(shown)
        };
        let (here, home) = (table(0), table(1));
        let listed = home.and_then(|home| entry(home, &self.region));
        let state = listed
            .and_then(|replica| replica["ReplicaStatus"].as_str())
            .unwrap_or("ACTIVE");
        let arn_of = |table: &Value| TableArn::parse(table["TableArn"].as_str()?);
        let id = here
            .and_then(|here| reply::text(here, "TableArn"))
            .or_else(|| me.id.clone())
            .or_else(|| Some(arn_of(home?)?.in_region(&self.region)));
        let Some(id) = id else { return Seen::Absent };
        let Some(here) = here else {
            return match (listed, state) {
                (None, _) => Seen::Absent,
                (_, "DELETING") => Seen::Deleting { id },
                (_, state) => match trouble(state) {
                    Some(why) => Seen::Failed {
                        id,
                        why: why.to_owned(),
                    },
                    None => Seen::Pending {
                        id,
                        why: "being created".to_owned(),
                    },
                },
            };
        };
        let status = here["TableStatus"].as_str().unwrap_or("ACTIVE");
        if status == "DELETING" || state == "DELETING" {
            return Seen::Deleting { id };
        }
        // Either end may know of the other one first.
        let is_replica = listed.is_some() || entry(here, &me.owner.region).is_some();
        let why = match trouble(state).or_else(|| trouble(status)) {
            Some(why) => Some(why.to_owned()),
            None => (!is_replica).then(|| {
                format!(
                    "it is a table of its own, which replicates nothing of {} in {}",
                    self.table_name, me.owner.region
                )
            }),
        };
        if let Some(why) = why {
            return Seen::Failed { id, why };
        }
        if status == "CREATING" || state == "CREATING" {
            let why = "being created".to_owned();
            return Seen::Pending { id, why };
        }
        let Some(arn) = arn_of(here) else {
            return Seen::Absent;
        };
        let details = replies.get(2..).unwrap_or_default();
        let seen = self.seen(here, &arn, details, me);
        let is_busy = status == "UPDATING" || state == "UPDATING";
        if is_busy && !details.is_empty() && !settings::met(self, &seen) {
            let why = "being updated".to_owned();
            return Seen::Pending { id, why };
        }
        let attributes = [
            ("Arn", Some(id.clone())),
            ("CreationDateTime", reply::text(here, "CreationDateTime")),
            ("StreamArn", reply::text(here, "LatestStreamArn")),
        ];
        Seen::Live(Live {
            id,
            properties: seen,
            attributes: attributes
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
                .collect(),
        })
    }

    fn create(&self, me: &Identity) -> Vec<Call> {
        vec![self.change(me, "Create", Value::Object(self.member()))]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        let table = TableArn::parse(reply.get("TableDescription")?["TableArn"].as_str()?)?;
        Some(table.in_region(&self.region))
    }

    fn update(&self, me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let is = |name: &str| changed.contains(&name);
        let mut calls = Vec::new();
        if is("DeletionProtectionEnabled") {
            calls.push(self.there("UpdateTable").with(
                "DeletionProtectionEnabled",
                self.deletion_protection_enabled.unwrap_or(false),
            ));
        }
        calls.extend(settings::changes(
            &Asked {
                recovery: self.point_in_time_recovery_specification,
                insights: self.contributor_insights_specification.as_ref(),
                policy: self.resource_policy.as_ref(),
            },
            &is,
            |action| self.there(action),
            |action| by_arn(action, &live.id),
        ));
        // What is no longer asked for stays as it is: AWS has no way back to what the table has.
        if is("TableClass") && self.table_class.is_some()
            || is("MaxReadRequestUnits") && self.max_read_request_units.is_some()
        {
            calls.push(self.change(me, "Update", Value::Object(self.member())));
        }
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        let mut set = set.clone();
        if !set.is_empty() {
            // One without tags was shown with those of its owner, which it does not have yet.
            let own = live.properties.tags.iter();
            let own = own.filter(|(key, _)| [OWNER_TAG, ADDRESS_TAG].contains(&key.as_str()));
            for (key, value) in own {
                set.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        settings::retag(|action| by_arn(action, &live.id), &set, remove)
    }

    fn delete(&self, me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![self.change(me, "Delete", json!({ "RegionName": self.region }))]
    }

    fn known_by(id: &str) -> Self {
        let (table_name, region) = TableArn::parse(id)
            .map(|arn| (arn.name, arn.region))
            .unwrap_or_default();
        TableReplica {
            table_name,
            region,
            ..TableReplica::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "dynamodb")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        counted(replies, |arn, owner| arn.region != owner.region)
            .map(|(arn, tags)| Claim {
                id: arn.whole,
                tags,
            })
            .collect()
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        vec![Call::new("dynamodb", "DescribeTable").with("TableName", id)]
    }

    fn residents(_parent: &str, _id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        let table = replies.first().and_then(|reply| reply.get("Table"));
        let listed = table.into_iter().flat_map(super::replicas);
        listed
            .filter(|(_, shown)| shown["ReplicaStatus"] != "DELETING")
            .map(|(arn, shown)| Live {
                properties: TableReplica {
                    table_name: arn.name,
                    region: arn.region,
                    kms_master_key_id: reply::text(shown, "KMSMasterKeyId"),
                    ..TableReplica::default()
                },
                attributes: Attributes::from_iter([("Arn".to_owned(), json!(arn.whole))]),
                id: arn.whole,
            })
            .collect()
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "ResourcePolicy" => policy::same(&live["PolicyDocument"], &desired["PolicyDocument"]),
            "PointInTimeRecoverySpecification" | "ContributorInsightsSpecification" => {
                settings::says_all(live, desired)
            }
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests;
