//! What AWS checks when a database of RDS or Aurora is made, changed or taken away.

use platform_graph::{Call, Recorded, SecretMember, SecretSource, reference};
use serde_json::Value;

use super::{Grants, Sid};
use crate::CompositeView;
use crate::inventory::{open, text};

impl Grants {
    /// The fetching of a password that Secrets Manager keeps, when a call takes it along: of that secret and no other.
    pub(super) fn fetch(
        &mut self,
        region: Option<&str>,
        call: &Call,
        view: &CompositeView,
        part: &Recorded,
    ) {
        const KEPT: &str = "MasterUserPasswordSecret";
        let Some(SecretMember {
            source: SecretSource::Kept { .. },
            ..
        }) = &call.secret
        else {
            return;
        };
        let properties = open(part);
        let Some(secret) = properties.get(KEPT).and_then(Value::as_str) else {
            return;
        };
        let parts = reference::parts_in(secret);
        let kept = parts.first().and_then(|address| view.parts.get(address));
        let secret = match kept.and_then(|kept| text(kept, "Name")) {
            // AWS ends the ARN with six characters of its own.
            Some(name) => self.arn(region, "secretsmanager", &format!("secret:{name}-??????")),
            None => secret.to_owned(),
        };
        self.grant(Sid::Use, "secretsmanager:GetSecretValue", [secret]);
        let key = self.arn(region, "kms", "key/*");
        self.grant(Sid::Own, "kms:Decrypt", [key]);
    }

    /// Instances, clusters and what they are made of, each by its own name; what a call uses besides is not told apart by name.
    ///
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html> and
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html>
    pub(super) fn allow_databases(
        &mut self,
        region: Option<&str>,
        call: &Call,
        part: Option<&Recorded>,
    ) {
        if let Some(sorts) = around(call) {
            // Proxies, their endpoints and target groups have ARNs with ids of AWS's choice.
            let on = sorts
                .iter()
                .map(|sort| self.arn(region, "rds", &format!("{sort}:*")));
            let on: Vec<String> = on.collect();
            if call.action.starts_with("Create") {
                self.grant(Sid::Named, "rds:AddTagsToResource", on.clone());
                self.link(region, "rds.amazonaws.com");
            }
            self.grant(Sid::Named, &format!("rds:{}", call.action), on);
            return;
        }
        let property = match part.map(|part| part.kind.as_str()) {
            Some("AWS::RDS::EventSubscription") => "SubscriptionName",
            Some("AWS::RDS::GlobalCluster") => "GlobalClusterIdentifier",
            Some("AWS::RDS::OptionGroup") => "OptionGroupName",
            Some("Custom::DBClusterEndpoint") => "DBClusterEndpointIdentifier",
            Some("AWS::RDS::DBCluster") => "DBClusterIdentifier",
            Some("AWS::RDS::DBClusterParameterGroup") => "DBClusterParameterGroupName",
            Some("AWS::RDS::DBParameterGroup") => "DBParameterGroupName",
            Some("AWS::RDS::DBSubnetGroup") => "DBSubnetGroupName",
            _ => "DBInstanceIdentifier",
        };
        let name = part
            .and_then(|part| text(part, property))
            .filter(|name| !name.contains("${"))
            .unwrap_or_default();
        let own = match part.map(|part| part.kind.as_str()) {
            Some("AWS::RDS::DBProxy") => "db-proxy:*".to_owned(),
            Some("AWS::RDS::DBProxyEndpoint") => "db-proxy-endpoint:*".to_owned(),
            // The final snapshot has the name in front too.
            _ => format!("*:{name}*"),
        };
        let own = self.arn(region, "rds", &own);
        let mut on = vec![own.clone()];
        let makes = ["Create", "Restore"]
            .iter()
            .any(|verb| call.action.starts_with(verb));
        let is_database = ["DBClusterIdentifier", "DBInstanceIdentifier"].contains(&property);
        if part.is_some_and(|part| part.kind == "Custom::DBClusterEndpoint") {
            on.push(self.arn(region, "rds", "cluster:*"));
        }
        if part.is_some_and(|part| part.kind == "AWS::RDS::GlobalCluster") {
            // A global cluster is in no region, and its member is a cluster.
            let nowhere = self.arn(region, "rds", &format!("global-cluster:{name}"));
            on = vec![
                nowhere.replace(&format!(":{}:", region.unwrap_or("*")), "::"),
                self.arn(region, "rds", "cluster:*"),
            ];
        }
        if is_database && !call.action.starts_with("Delete") {
            on.extend(
                ["cluster", "cluster-pg", "db", "og", "pg", "subgrp"]
                    .map(|sort| self.arn(region, "rds", &format!("{sort}:*"))),
            );
        }
        if makes {
            self.grant(Sid::Named, "rds:AddTagsToResource", [own.clone()]);
        }
        if call.action == "CreateBlueGreenDeployment" {
            // Ids of deployments are of AWS's choice. RDS makes, promotes, renames and deletes what a deployment is made of with the caller's
            // permissions, under names that no pattern of ours may stand for.
            // <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-authorizing-access.html> and
            // <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-authorizing-access.html>
            let (sorts, actions): (&[&str], &[&str]) = match property {
                "DBClusterIdentifier" => (
                    &["cluster", "cluster-endpoint", "db"],
                    &[
                        "CreateDBCluster",
                        "CreateDBClusterEndpoint",
                        "CreateDBInstance",
                        "DeleteDBCluster",
                        "DeleteDBClusterEndpoint",
                        "DeleteDBInstance",
                        "ModifyDBCluster",
                        "PromoteReadReplicaDBCluster",
                    ],
                ),
                _ => (
                    &["db"],
                    &[
                        "CreateDBInstanceReadReplica",
                        "DeleteDBInstance",
                        "ModifyDBInstance",
                        "PromoteReadReplica",
                    ],
                ),
            };
            let deployment = self.arn(region, "rds", "deployment:*");
            for action in [
                "rds:AddTagsToResource",
                "rds:CreateBlueGreenDeployment",
                "rds:DeleteBlueGreenDeployment",
                "rds:SwitchoverBlueGreenDeployment",
            ] {
                self.grant(Sid::Named, action, [deployment.clone()]);
            }
            for action in actions.iter().chain(&["AddTagsToResource"]) {
                let made = sorts
                    .iter()
                    .map(|sort| self.arn(region, "rds", &format!("{sort}:*")));
                let made: Vec<String> = made.collect();
                self.grant(Sid::Named, &format!("rds:{action}"), made);
            }
            self.wider.insert(
                "rds:CreateBlueGreenDeployment: RDS makes, renames and deletes copies with the caller's permissions and takes no patterns of \
                 names there, so those of the whole Region are granted"
                    .to_owned(),
            );
        }
        if is_database && (makes || call.params.contains_key("ManageMasterUserPassword")) {
            // RDS works with the key under a grant of the caller's, and makes the secret with the caller's permissions.
            let key = self.arn(region, "kms", "key/*");
            for action in ["kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"] {
                self.grant(Sid::Own, action, [key.clone()]);
            }
            let secret = self.arn(region, "secretsmanager", "secret:rds!*");
            for action in ["secretsmanager:CreateSecret", "secretsmanager:TagResource"] {
                self.grant(Sid::Named, action, [secret.clone()]);
            }
            // The role of the service is made with the first database of an account.
            self.link(region, "rds.amazonaws.com");
            for action in [
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "kms:DescribeKey",
            ] {
                self.reads.insert(action.to_owned());
            }
        }
        self.grant(Sid::Named, &format!("rds:{}", call.action), on);
    }
}

/// The sorts of resources that a call about a proxy is checked against; `None` for what is not about one.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html>
fn around(call: &Call) -> Option<&'static [&'static str]> {
    Some(match call.action {
        "CreateDBProxy" | "DeleteDBProxy" | "ModifyDBProxy" => &["db-proxy"],
        "CreateDBProxyEndpoint" => &["db-proxy", "db-proxy-endpoint"],
        "DeleteDBProxyEndpoint" | "ModifyDBProxyEndpoint" => &["db-proxy-endpoint"],
        "DeregisterDBProxyTargets" | "RegisterDBProxyTargets" => {
            &["cluster", "db", "db-proxy", "target-group"]
        }
        "ModifyDBProxyTargetGroup" => &["db-proxy", "target-group"],
        _ => return None,
    })
}
