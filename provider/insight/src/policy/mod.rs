//! The IAM permissions that are enough to make, change and destroy some composites.
//!
//! # Flow
//! Kinds return calls as data, so the policy is collected, not written: every part is asked for the calls by which it is
//! found, read, created, changed, tagged and deleted. `authorization` knows what AWS checks for each of them.
//!
//! # Guarantees
//! Creating is allowed only with the owner's tag on what is created; changing and deleting only on what carries it, where
//! AWS can check that. Where it can't, the grant is wider and [`Policy::wider`] says so.
//!
//! # Caveats
//! A part whose calls depend on values of AWS's (an endpoint's interfaces, say) is asked with placeholders. Resources of the
//! account that a configuration names by id (a KMS key, a bucket) have policies of their own.

mod authorization;
mod backups;
mod caches;
mod collect;
mod documents;
mod ec2;
mod emptied;
mod left_behind;
mod relational;
mod roles;
mod services;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use platform_graph::{Call, Kinds, OWNER_TAG, Recorded};
use serde::Serialize;
use serde_json::json;

use crate::CompositeView;
use authorization::iam_prefix;

/// Characters that IAM allows in a customer-managed policy, not counting white space.
pub const MANAGED_POLICY_LIMIT: usize = 6144;

/// A least-privilege policy; displays as the JSON document that IAM takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Policy {
    /// The policy document.
    pub document: Document,
    /// Length of the document as IAM counts it, to compare with [`MANAGED_POLICY_LIMIT`].
    pub characters: usize,
    /// Grants that are wider than the composites need, and why.
    pub wider: Vec<String>,
    /// Parts that could not be asked for their calls, and why.
    pub missing: Vec<String>,
}

/// An IAM policy document.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    /// Version of the policy language.
    pub version: &'static str,
    /// What is allowed.
    pub statement: Vec<Statement>,
}

/// One grant.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// What the grant is for.
    pub sid: String,
    /// Always `Allow`.
    pub effect: &'static str,
    /// Actions, in order.
    pub action: BTreeSet<String>,
    /// Resources, in order.
    pub resource: BTreeSet<String>,
    /// Under which conditions: operator, key, values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: BTreeMap<&'static str, BTreeMap<String, BTreeSet<String>>>,
}

/// Collects the policy for some composites.
///
/// `also` are calls that the program makes beside those of parts: what it asks AWS in a plan. `account` narrows every resource to
/// one AWS account.
pub fn policy(
    views: &[CompositeView],
    kinds: &Kinds,
    also: &[Call],
    account: Option<&str>,
) -> Policy {
    let mut grants = Grants::new(account);
    for call in also {
        grants.allow_elsewhere("", call, None);
    }
    for view in views {
        grants.owners.insert(view.owner().to_string());
        for (address, part) in &view.parts {
            match collect::calls(view, address, part, kinds) {
                Err(why) => grants
                    .missing
                    .push(format!("{} {address}: {why}", view.address)),
                Ok(calls) => {
                    let taken_over = kinds.get(&part.kind).is_some_and(|kind| kind.taken_over);
                    for call in calls {
                        grants.allow(view, part, taken_over, &call);
                    }
                    match collect::left_behind(view, address, part, kinds) {
                        Err(why) => grants
                            .missing
                            .push(format!("{} {address}: {why}", view.address)),
                        Ok(calls) => calls.iter().for_each(|call| grants.sweep(view, part, call)),
                    }
                    grants.pass_roles(view, part);
                    grants.deliver_logs(view, part);
                }
            }
        }
    }
    grants.finish()
}

/// What has been found to be needed, by the statement it goes into.
struct Grants {
    account: String,
    owners: BTreeSet<String>,
    reads: BTreeSet<String>,
    /// Resources by action; see [`Sid::spread`].
    statements: BTreeMap<Sid, BTreeMap<String, BTreeSet<String>>>,
    roles_passed: BTreeMap<String, BTreeSet<String>>,
    /// Services whose own roles may be made.
    linked: BTreeSet<String>,
    create_actions: BTreeSet<String>,
    wider: BTreeSet<String>,
    missing: Vec<String>,
}

/// The statements, in the order in which they stand in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sid {
    /// What is created carries the owner's tag.
    Create,
    /// The same for keys, which have no ARN that could be written before they exist.
    CreateKey,
    /// What is used or changed carries it.
    Own,
    /// What is used belongs to somebody else, or can't carry tags.
    Use,
    /// Tags given at birth.
    TagAtBirth,
    /// What comes with a VPC gets the owner's tag.
    TakeOver,
    /// Resources named in the policy, whose names are the protection.
    Named,
    /// Roles with which services work in the account, each for its service only.
    Link,
    /// What clusters left behind carries their tags; only a destroy needs this.
    Sweep,
    /// No narrower grant is possible, or known.
    Wide,
}

impl Sid {
    /// The statements that grant `actions`: one for all of them where a condition or names hold the grant together, which keeps
    /// the policy short; one for each set of resources where nothing else does.
    fn spread(
        self,
        actions: BTreeMap<String, BTreeSet<String>>,
    ) -> Vec<(BTreeSet<String>, BTreeSet<String>)> {
        if !matches!(self, Sid::Use) {
            let resources = actions.values().flatten().cloned().collect();
            return vec![(actions.into_keys().collect(), resources)];
        }
        let mut sets: BTreeMap<BTreeSet<String>, BTreeSet<String>> = BTreeMap::new();
        for (action, resources) in actions {
            sets.entry(resources).or_default().insert(action);
        }
        sets.into_iter()
            .map(|(resources, actions)| (actions, resources))
            .collect()
    }
}

impl Grants {
    fn new(account: Option<&str>) -> Self {
        Grants {
            account: account.unwrap_or("*").to_owned(),
            owners: BTreeSet::new(),
            reads: BTreeSet::new(),
            statements: BTreeMap::new(),
            roles_passed: BTreeMap::new(),
            linked: BTreeSet::new(),
            create_actions: BTreeSet::new(),
            wider: BTreeSet::new(),
            missing: Vec::new(),
        }
    }

    fn grant(&mut self, sid: Sid, action: &str, resources: impl IntoIterator<Item = String>) {
        self.statements
            .entry(sid)
            .or_default()
            .entry(action.to_owned())
            .or_default()
            .extend(resources);
    }

    fn arn(&self, region: Option<&str>, service: &str, rest: &str) -> String {
        let account = &self.account;
        let partition = partition(region);
        let region = region.unwrap_or("*");
        format!("arn:{partition}:{service}:{region}:{account}:{rest}")
    }

    /// Looking for what others left inside a part, and removing it.
    fn sweep(&mut self, view: &CompositeView, part: &Recorded, call: &Call) {
        let service = iam_prefix(call.service);
        let action = format!("{service}:{}", authorization::iam_action(call));
        if call.is_read() {
            self.reads.insert(action);
            return;
        }
        if self.empty(view.region.as_deref(), call, part) {
            return;
        }
        // Readers that Aurora Auto Scaling added are told by their names.
        let is_named = call.service == "rds";
        if !is_named {
            self.wider.insert(
            "Sweep: what a cluster left behind carries the cluster's tags and not the owner's, so the grant names its resource types only. \
             Only a destroy needs it: without it, a destroy names what is in the way instead of removing it"
                .to_owned(),
            );
        }
        let on: Vec<String> = authorization::left_behind(call)
            .iter()
            .map(|rest| self.arn(view.region.as_deref(), service, rest))
            .collect();
        let sid = if is_named { Sid::Named } else { Sid::Sweep };
        self.grant(sid, &action, on);
    }

    fn finish(self) -> Policy {
        let mut statement = Vec::new();
        if !self.reads.is_empty() {
            statement.push(Statement {
                sid: "Look".to_owned(),
                effect: "Allow",
                action: self.reads,
                resource: BTreeSet::from(["*".to_owned()]),
                condition: BTreeMap::new(),
            });
        }
        let owners = |key: &str| (format!("aws:{key}/{OWNER_TAG}"), self.owners.clone());
        for (sid, actions) in self.statements {
            let keys = match sid {
                Sid::Create | Sid::CreateKey | Sid::TakeOver => {
                    BTreeMap::from([owners("RequestTag")])
                }
                Sid::Own => BTreeMap::from([owners("ResourceTag")]),
                Sid::TagAtBirth => BTreeMap::from([
                    owners("RequestTag"),
                    ("ec2:CreateAction".to_owned(), self.create_actions.clone()),
                ]),
                Sid::Link => {
                    BTreeMap::from([("iam:AWSServiceName".to_owned(), self.linked.clone())])
                }
                Sid::Use | Sid::Named | Sid::Sweep | Sid::Wide => BTreeMap::new(),
            };
            let spread = sid.spread(actions);
            let several = spread.len() > 1;
            for (index, (action, resource)) in spread.into_iter().enumerate() {
                let number = if several {
                    (index + 1).to_string()
                } else {
                    String::new()
                };
                statement.push(Statement {
                    sid: format!("{sid:?}{number}"),
                    effect: "Allow",
                    action,
                    resource,
                    condition: conditions(keys.clone()),
                });
            }
        }
        for (index, (role, services)) in self.roles_passed.into_iter().enumerate() {
            let keys = if services.is_empty() {
                BTreeMap::new()
            } else {
                BTreeMap::from([("iam:PassedToService".to_owned(), services)])
            };
            statement.push(Statement {
                sid: format!("PassRole{}", index + 1),
                effect: "Allow",
                action: BTreeSet::from(["iam:PassRole".to_owned()]),
                resource: BTreeSet::from([role]),
                condition: conditions(keys),
            });
        }
        let document = Document {
            version: "2012-10-17",
            statement,
        };
        let characters = json!(document)
            .to_string()
            .chars()
            .filter(|character| !character.is_whitespace())
            .count();
        Policy {
            document,
            characters,
            wider: self.wider.into_iter().collect(),
            missing: self.missing,
        }
    }
}

fn conditions(
    keys: BTreeMap<String, BTreeSet<String>>,
) -> BTreeMap<&'static str, BTreeMap<String, BTreeSet<String>>> {
    if keys.is_empty() {
        BTreeMap::new()
    } else {
        BTreeMap::from([("StringEquals", keys)])
    }
}

/// The AWS partition of a region.
fn partition(region: Option<&str>) -> &'static str {
    match region {
        Some(region) if region.starts_with("cn-") => "aws-cn",
        Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
        Some(region) if region.starts_with("us-isob-") => "aws-iso-b",
        Some(region) if region.starts_with("us-isof-") => "aws-iso-f",
        Some(region) if region.starts_with("us-iso-") => "aws-iso",
        Some(region) if region.starts_with("eu-isoe-") => "aws-iso-e",
        Some(region) if region.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(&self.document).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}
