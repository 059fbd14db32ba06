//! What AWS checks when a part of DocumentDB is made, changed or taken away: it is all authorised as RDS.

use platform_graph::{Call, Recorded};

use super::{Grants, Sid};
use crate::inventory::text;

impl Grants {
    /// Clusters, their instances and parameter groups.
    ///
    /// <https://docs.aws.amazon.com/documentdb/latest/developerguide/security_iam_service-with-iam.html> and
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html>
    pub(super) fn allow_documents(
        &mut self,
        region: Option<&str>,
        call: &Call,
        part: Option<&Recorded>,
    ) {
        let (sort, property) = match part.map(|part| part.kind.as_str()) {
            Some("AWS::DocDB::DBInstance") => ("db", "DBInstanceIdentifier"),
            Some("AWS::DocDB::DBClusterParameterGroup") => ("cluster-pg", "Name"),
            Some("AWS::DocDB::GlobalCluster") => ("global-cluster", "GlobalClusterIdentifier"),
            _ => ("cluster", "DBClusterIdentifier"),
        };
        let name = part
            .and_then(|part| text(part, property))
            .filter(|name| !name.contains("${"))
            .unwrap_or("*");
        // What spans regions has none in its ARN.
        let place = if sort == "global-cluster" {
            Some("")
        } else {
            region
        };
        let mut on = vec![self.arn(place, "rds", &format!("{sort}:{name}"))];
        // A cluster is made with its groups, and an instance in its cluster.
        let among: &[&str] = match call.action {
            "CreateDBCluster" => &["cluster-pg:*", "subgrp:*"],
            "RemoveFromGlobalCluster" if sort == "cluster" => &[],
            "RestoreDBClusterFromSnapshot" => &["cluster-pg:*", "cluster-snapshot:*", "subgrp:*"],
            // Both the cluster whose backups are taken, and the one that is made of them.
            "RestoreDBClusterToPointInTime" => &["cluster:*", "subgrp:*"],
            // What is made around a cluster is authorised on that, too.
            "CreateGlobalCluster" | "RemoveFromGlobalCluster" => &["cluster:*"],
            "ModifyDBCluster" => &["cluster-pg:*"],
            "CreateDBInstance" => &["cluster:*"],
            "DeleteDBCluster" => &["cluster-snapshot:*"],
            _ => &[],
        };
        on.extend(among.iter().map(|other| self.arn(region, "rds", other)));
        if call.params.contains_key("Tags") {
            let itself = on[..1].to_vec();
            self.grant(Sid::Named, "rds:AddTagsToResource", itself);
        }
        // A secondary is authorised on its global cluster as well, and in the region of the primary one.
        let joins = call.params.get("GlobalClusterIdentifier");
        if let Some(global) = joins.filter(|_| sort == "cluster") {
            let global = global.as_str().filter(|name| !name.contains("${"));
            let global = format!("global-cluster:{}", global.unwrap_or("*"));
            on.push(self.arn(Some(""), "rds", &global));
        }
        if let Some(source) = call.source.as_deref() {
            on.push(self.arn(Some(source), "rds", "cluster:*"));
        }
        self.grant(Sid::Named, &format!("rds:{}", call.action), on);
        if matches!(
            call.action,
            "CreateDBCluster"
                | "CreateDBInstance"
                | "RestoreDBClusterFromSnapshot"
                | "RestoreDBClusterToPointInTime"
        ) {
            // The role of RDS is made with the first database of an account, one of DocumentDB too.
            self.link(region, "rds.amazonaws.com");
            // DocumentDB works with the key under a grant of the caller's, and looks at the network with the caller's permissions.
            let key = self.arn(region, "kms", "key/*");
            for action in ["kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey"] {
                self.grant(Sid::Own, action, [key.clone()]);
            }
            for action in [
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "kms:DescribeKey",
            ] {
                self.reads.insert(action.to_owned());
            }
        }
        if call.params.contains_key("ManageMasterUserPassword") {
            // The secret is made with the caller's permissions.
            let secret = self.arn(region, "secretsmanager", "secret:rds!*");
            for action in ["secretsmanager:CreateSecret", "secretsmanager:TagResource"] {
                self.grant(Sid::Named, action, [secret.clone()]);
            }
        }
    }
}
