//! What AWS checks when a cache is made, changed or taken away.

use platform_graph::{Call, Recorded};

use super::{Grants, Sid};
use crate::inventory::text;

impl Grants {
    /// A cache over regions: AWS puts a prefix before its name, and its ARN has no region. It is authorised on its members, too.
    fn allow_global_cache(&mut self, region: Option<&str>, call: &Call, part: Option<&Recorded>) {
        let name = part
            .and_then(|part| text(part, "GlobalReplicationGroupIdSuffix"))
            .filter(|name| !name.contains("${"))
            .unwrap_or("*");
        let itself = self.arn(
            Some(""),
            "elasticache",
            &format!("globalreplicationgroup:*-{name}"),
        );
        let mut on = vec![itself.clone()];
        if matches!(
            call.action,
            "CreateGlobalReplicationGroup" | "ModifyGlobalReplicationGroup"
        ) {
            on.push(self.arn(region, "elasticache", "replicationgroup:*"));
        }
        if call.action.starts_with("Create") {
            self.grant(Sid::Named, "elasticache:AddTagsToResource", [itself]);
        }
        self.grant(Sid::Named, &format!("elasticache:{}", call.action), on);
    }

    /// Caches, and what they are made of: everything of one cache has its name in front.
    ///
    /// <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/IAM.ResourceLevelPermissions.html>
    pub(super) fn allow_caches(
        &mut self,
        region: Option<&str>,
        call: &Call,
        part: Option<&Recorded>,
    ) {
        let property = match part.map(|part| part.kind.as_str()) {
            Some("AWS::ElastiCache::GlobalReplicationGroup") => {
                return self.allow_global_cache(region, call, part);
            }
            Some("AWS::ElastiCache::ParameterGroup") => "CacheParameterGroupName",
            Some("AWS::ElastiCache::ServerlessCache") => "ServerlessCacheName",
            Some("AWS::ElastiCache::SubnetGroup") => "CacheSubnetGroupName",
            Some("AWS::ElastiCache::User") => "UserId",
            Some("AWS::ElastiCache::UserGroup") => "UserGroupId",
            _ => "ReplicationGroupId",
        };
        let name = part
            .and_then(|part| text(part, property))
            .filter(|name| !name.contains("${"))
            .unwrap_or_default();
        let on = self.arn(region, "elasticache", &format!("*:{name}*"));
        let further: &[&str] = match call.action {
            "CreateReplicationGroup" | "CreateServerlessCache" => {
                // Caches work with the key under a grant of the caller's, and look at the network with the caller's permissions.
                let key = self.arn(region, "kms", "key/*");
                self.link(region, "elasticache.amazonaws.com");
                self.grant(Sid::Own, "kms:CreateGrant", [key]);
                for action in [
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeVpcs",
                    "kms:DescribeKey",
                ] {
                    self.reads.insert(action.to_owned());
                }
                &["AddTagsToResource"]
            }
            action if action.starts_with("Create") => &["AddTagsToResource"],
            // The last snapshot is taken with the caller's permissions.
            "DeleteReplicationGroup" => &["CreateSnapshot"],
            "DeleteServerlessCache" => &["CreateServerlessCacheSnapshot"],
            _ => &[],
        };
        for action in further.iter().chain([&call.action]) {
            self.grant(Sid::Named, &format!("elasticache:{action}"), [on.clone()]);
        }
        if call.action == "CreateServerlessCache" {
            let network = ["security-group", "subnet", "vpc", "vpc-endpoint"]
                .map(|kind| self.arn(region, "ec2", &format!("{kind}/*")));
            for action in ["ec2:CreateTags", "ec2:CreateVpcEndpoint"] {
                self.grant(Sid::Use, action, network.clone());
            }
        }
        if call.params.contains_key("LogDeliveryConfigurations") {
            for action in [
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ] {
                self.grant(Sid::Wide, action, ["*".to_owned()]);
                self.wider
                    .insert(format!("{action}: AWS takes no resource for it"));
            }
            for action in [
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
            ] {
                self.reads.insert(action.to_owned());
            }
        }
    }
}
