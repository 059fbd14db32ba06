//! Roles under which services work: who may pass them, and who may make those that belong to AWS.

use std::collections::BTreeSet;

use platform_graph::{Recorded, reference};
use serde_json::Value;

use super::{Grants, Sid, partition};
use crate::CompositeView;
use crate::inventory::{property_refs, text};

impl Grants {
    /// Lets the caller make the role with which a service works in the account: services make theirs by themselves with the first
    /// of what they offer, with the caller's permissions.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html>
    pub(super) fn link(&mut self, region: Option<&str>, service: &str) {
        let role = self.role(region, &format!("aws-service-role/{service}/*"));
        self.linked.insert(service.to_owned());
        self.grant(Sid::Link, "iam:CreateServiceLinkedRole", [role]);
    }

    /// The ARN of a role; IAM is not regional.
    pub(super) fn role(&self, region: Option<&str>, name: &str) -> String {
        format!(
            "arn:{}:iam::{}:role/{name}",
            partition(region),
            self.account
        )
    }

    /// A part that works under a role of ours needs that role to be passed to the service that the role trusts.
    pub(super) fn pass_roles(&mut self, view: &CompositeView, part: &Recorded) {
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
    pub(super) fn deliver_logs(&mut self, view: &CompositeView, part: &Recorded) {
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
