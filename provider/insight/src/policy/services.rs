//! What every service but EC2 checks.

use platform_graph::{Call, Recorded};
use serde_json::Value;

use super::authorization::{self, iam_prefix};
use super::{Grants, Sid, partition};
use crate::CompositeView;
use crate::inventory::text;

impl Grants {
    /// Reads, and everything outside EC2.
    pub(super) fn allow_elsewhere(
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
}
