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
mod emptied;
mod left_behind;
mod relational;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use platform_graph::{Call, Kinds, OWNER_TAG, Recorded, reference};
use serde::Serialize;
use serde_json::{Value, json};

use crate::CompositeView;
use crate::inventory::{property_refs, text};
use authorization::{Checked, ec2_action, iam_prefix};

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

    fn allow(&mut self, view: &CompositeView, part: &Recorded, taken_over: bool, call: &Call) {
        if call.is_read() || call.service != "ec2" {
            return self.allow_elsewhere(&part.kind, call, Some((view, part)));
        }
        let region = view.region.as_deref();
        let action = format!("ec2:{}", call.action);
        let of_type = |grants: &Grants, types: &[&str]| -> Vec<String> {
            types
                .iter()
                .map(|kind| {
                    let rest = format!("{kind}/*");
                    match *kind {
                        // Pools belong to the account that runs IPAM, and their ARNs have no region.
                        "ipam-pool" | "ipv4pool-ec2" | "ipv6pool-ec2" => {
                            format!("arn:{}:ec2:*:*:{rest}", partition(region))
                        }
                        _ => grants.arn(region, "ec2", &rest),
                    }
                })
                .collect()
        };
        let tagging = matches!(call.action, "CreateTags" | "DeleteTags");
        if taken_over && call.action != "DeleteTags" {
            let on = match part.kind.as_str() {
                "Custom::DefaultSecurityGroup" => {
                    of_type(self, &["security-group", "security-group-rule"])
                }
                "Custom::DefaultNetworkAcl" => of_type(self, &["network-acl"]),
                _ => vec![self.arn(region, "ec2", "*/*")],
            };
            self.wider.insert(format!(
                "{action}: {} comes with the VPC and has no owner's tag before it is taken over, so the grant names its resource type only",
                part.kind
            ));
            let sid = if tagging { Sid::TakeOver } else { Sid::Use };
            return self.grant(sid, &action, on);
        }
        if tagging {
            let on = vec![self.arn(region, "ec2", "*/*")];
            return self.grant(Sid::Own, &action, on);
        }
        match ec2_action(call.action) {
            Some(Checked {
                creates,
                owned,
                others,
            }) => {
                let created = of_type(self, creates);
                if call.params.contains_key("TagSpecifications") && !creates.is_empty() {
                    self.grant(Sid::Create, &action, created);
                    self.create_actions.insert(call.action.to_owned());
                    let on = vec![self.arn(region, "ec2", "*/*")];
                    self.grant(Sid::TagAtBirth, "ec2:CreateTags", on);
                } else if !creates.is_empty() {
                    self.grant(Sid::Use, &action, created);
                }
                if !owned.is_empty() {
                    // The owner's tag is what protects the rest of the account: the type adds nothing but length.
                    let on = vec![self.arn(region, "ec2", "*/*")];
                    self.grant(Sid::Own, &action, on);
                }
                let others: Vec<&str> = others
                    .iter()
                    .copied()
                    .filter(|kind| authorization::takes_part(kind, call))
                    .collect();
                if !others.is_empty() {
                    let on = of_type(self, &others);
                    self.grant(Sid::Use, &action, on);
                }
            }
            None => {
                self.wider
                    .insert(format!("{action}: AWS takes no resource for it"));
                self.grant(Sid::Wide, &action, ["*".to_owned()]);
            }
        }
    }

    /// Reads, and everything outside EC2.
    fn allow_elsewhere(
        &mut self,
        kind: &str,
        call: &Call,
        of: Option<(&CompositeView, &Recorded)>,
    ) {
        let prefix = iam_prefix(call.service);
        let action = format!("{prefix}:{}", authorization::iam_action(call));
        if call.is_read() && !call.is_dry_run() {
            self.reads.insert(action);
            return;
        }
        let home = of.and_then(|(view, _)| view.region.as_deref());
        let region = call.region.as_deref().or(home);
        if let Some((view, part)) = of {
            self.fetch(region, call, view, part);
        }
        let named = |property: &str| {
            of.and_then(|(_, part)| text(part, property))
                .filter(|name| !name.contains("${"))
        };
        match prefix {
            "iam" if call.action == "CreateServiceLinkedRole" => {
                let service = call.params.get("AWSServiceName").and_then(Value::as_str);
                self.link(region, service.unwrap_or("*"));
            }
            "iam" => {
                let name = named("RoleName")
                    .or_else(|| call.params.get("RoleName")?.as_str())
                    .unwrap_or("*");
                let role = self.role(region, name);
                if call.params.contains_key("Tags") && call.action == "CreateRole" {
                    self.grant(Sid::Named, "iam:TagRole", [role.clone()]);
                }
                self.grant(Sid::Named, &action, [role]);
            }
            "logs" if call.action.ends_with("ResourcePolicy") => {
                self.wider
                    .insert(format!("{action}: AWS takes no resource for it"));
                self.grant(Sid::Wide, &action, ["*".to_owned()]);
            }
            "logs" => {
                let name = named("LogGroupName").unwrap_or("*");
                let group = self.arn(region, "logs", &format!("log-group:{name}"));
                let inside = format!("{group}:*");
                if call.params.contains_key("tags") && call.action == "CreateLogGroup" {
                    self.grant(Sid::Named, "logs:TagResource", [group.clone()]);
                }
                self.grant(Sid::Named, &action, [group, inside]);
            }
            "es" => {
                let name = named("DomainName").unwrap_or("*");
                let domain = self.arn(region, "es", &format!("domain/{name}"));
                if call.action == "CreateDomain" {
                    self.grant(Sid::Named, "es:AddTags", [domain.clone()]);
                    // OpenSearch works with the key under a grant of the caller's.
                    let key = self.arn(region, "kms", "key/*");
                    self.grant(Sid::Own, "kms:CreateGrant", [key]);
                    // The network is looked at with the caller's permissions.
                    for action in [
                        "ec2:DescribeSecurityGroups",
                        "ec2:DescribeSubnets",
                        "ec2:DescribeVpcs",
                        "kms:DescribeKey",
                    ] {
                        self.reads.insert(action.to_owned());
                    }
                }
                self.grant(Sid::Named, &action, [domain]);
            }
            "rds" if call.service == "docdb" => {
                self.allow_documents(region, call, of.map(|(_, part)| part));
            }
            "backup" => self.allow_backups(region, call, of.map(|(_, part)| part)),
            "elasticache" => self.allow_caches(region, call, of.map(|(_, part)| part)),
            "s3" => {
                let name = named("BucketName")
                    .or_else(|| named("Bucket"))
                    .or_else(|| call.params.get("Bucket")?.as_str())
                    .filter(|name| !name.contains("${"))
                    .unwrap_or("*");
                // A bucket's name is unique in the partition: its ARN names neither Region nor account.
                let bucket = format!("arn:{}:s3:::{name}", partition(region));
                if call.action == "CreateBucket" {
                    self.grant(Sid::Named, "s3:TagResource", [bucket.clone()]);
                }
                self.grant(Sid::Named, &action, [bucket]);
            }
            "secretsmanager" => {
                if call.action == "CreateSecret" {
                    // AWS ends the ARN with six characters of its own.
                    let name = named("Name").unwrap_or("*");
                    let secret = self.arn(region, prefix, &format!("secret:{name}-??????"));
                    self.grant(Sid::Named, "secretsmanager:TagResource", [secret.clone()]);
                    self.grant(Sid::Named, &action, [secret]);
                } else {
                    let secrets = self.arn(region, prefix, "secret:*");
                    self.grant(Sid::Own, &action, [secrets]);
                }
                if matches!(
                    call.action,
                    "PutSecretValue" | "UpdateSecret" | "ReplicateSecretToRegions"
                ) {
                    let key = self.arn(region, "kms", "key/*");
                    for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
                        self.grant(Sid::Own, action, [key.clone()]);
                    }
                }
                if let Some(function) = named("RotationLambdaARN").map(str::to_owned)
                    && call.action == "RotateSecret"
                {
                    self.grant(Sid::Named, "lambda:InvokeFunction", [function]);
                }
            }
            "application-autoscaling" => {
                // The id of a target is AWS's choice.
                let targets = self.arn(region, prefix, "scalable-target/*");
                if call.action == "RegisterScalableTarget" {
                    let tag = "application-autoscaling:TagResource";
                    self.grant(Sid::Named, tag, [targets.clone()]);
                    // The role of the service is made with the first target of an account.
                    let namespace = call.params.get("ServiceNamespace").and_then(Value::as_str);
                    let namespace = namespace.unwrap_or("*");
                    self.link(
                        region,
                        &format!("{namespace}.application-autoscaling.amazonaws.com"),
                    );
                }
                self.grant(Sid::Named, &action, [targets]);
            }
            "rds" if call.service == "rds" => {
                self.allow_databases(region, call, of.map(|(_, part)| part));
            }
            "dynamodb" => self.allow_tables(region, call, of),
            "kms" if call.action == "CreateKey" => {
                self.grant(Sid::CreateKey, &action, ["*".to_owned()]);
                self.grant(Sid::CreateKey, "kms:TagResource", ["*".to_owned()]);
            }
            "kms" => {
                let key = self.arn(region, "kms", "key/*");
                self.grant(Sid::Own, &action, [key]);
                if call.action == "ReplicateKey" {
                    // In the other region it is a key that is made.
                    for action in ["kms:CreateKey", "kms:TagResource"] {
                        self.grant(Sid::CreateKey, action, ["*".to_owned()]);
                    }
                }
                if call.action.ends_with("Alias") {
                    let alias = named("AliasName").unwrap_or("alias/*").to_owned();
                    let alias = self.arn(region, "kms", &alias);
                    self.grant(Sid::Named, &action, [alias]);
                }
            }
            _ => {
                if matches!(call.action, "CreateFileSystem" | "CreateMountTarget") {
                    self.link(region, "elasticfilesystem.amazonaws.com");
                }
                self.wider.insert(format!(
                    "{action}: resources and conditions of {kind} are not known to this reading"
                ));
                self.grant(Sid::Wide, &action, ["*".to_owned()]);
            }
        }
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

    /// Lets the caller make the role with which a service works in the account: services make theirs by themselves with the first
    /// of what they offer, with the caller's permissions.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html>
    fn link(&mut self, region: Option<&str>, service: &str) {
        let role = self.role(region, &format!("aws-service-role/{service}/*"));
        self.linked.insert(service.to_owned());
        self.grant(Sid::Link, "iam:CreateServiceLinkedRole", [role]);
    }

    /// The ARN of a role; IAM is not regional.
    fn role(&self, region: Option<&str>, name: &str) -> String {
        format!(
            "arn:{}:iam::{}:role/{name}",
            partition(region),
            self.account
        )
    }

    /// A part that works under a role of ours needs that role to be passed to the service that the role trusts.
    fn pass_roles(&mut self, view: &CompositeView, part: &Recorded) {
        let roles = property_refs(part)
            .flat_map(|(_, text)| reference::parts_in(text))
            .filter_map(|address| view.parts.get(&address))
            .filter(|to| to.kind == "AWS::IAM::Role" && !part.kind.starts_with("AWS::IAM::"));
        for role in roles {
            let name = text(role, "RoleName")
                .filter(|name| !name.contains("${"))
                .unwrap_or("*");
            let arn = self.role(view.region.as_deref(), name);
            self.roles_passed
                .entry(arn)
                .or_default()
                .extend(trusted_services(role));
        }
    }

    /// Flow logs to S3 and Firehose are set up through CloudWatch's log delivery, with the caller's permissions.
    fn deliver_logs(&mut self, view: &CompositeView, part: &Recorded) {
        let delivered = matches!(
            text(part, "LogDestinationType"),
            Some("s3" | "kinesis-data-firehose")
        );
        if part.kind == "AWS::EC2::FlowLog" && delivered {
            for action in ["logs:CreateLogDelivery", "logs:DeleteLogDelivery"] {
                self.grant(Sid::Wide, action, ["*".to_owned()]);
            }
            self.wider.insert(format!(
                "logs:CreateLogDelivery: AWS takes no resource for it ({})",
                view.address
            ));
        }
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
        _ => "aws",
    }
}

/// Services that the trust policy of a role names.
fn trusted_services(role: &Recorded) -> BTreeSet<String> {
    let policy = match role.properties.get("AssumeRolePolicyDocument") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
        Some(policy) => policy.clone(),
        None => Value::Null,
    };
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    };
    statements
        .iter()
        .filter_map(|statement| statement.pointer("/Principal/Service"))
        .flat_map(|services| match services {
            Value::Array(services) => services.clone(),
            service => vec![service.clone()],
        })
        .filter_map(|service| service.as_str().map(str::to_owned))
        .collect()
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(&self.document).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}
