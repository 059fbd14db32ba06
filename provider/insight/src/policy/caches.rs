//! What AWS checks when a cache is made, changed or taken away.

use platform_graph::{Call, Recorded};

use super::{Grants, Sid};
use crate::inventory::text;

impl Grants {
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
