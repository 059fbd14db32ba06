//! What AWS checks when an action is called: the facts of the Service Authorization Reference that the policy rests on.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html>

use platform_graph::Call;

/// IAM's prefix for a service of the service models.
pub(super) fn iam_prefix(service: &str) -> &str {
    match service {
        "resourcegroupstaggingapi" => "tag",
        "service-quotas" => "servicequotas",
        "docdb" => "rds",
        "efs" => "elasticfilesystem",
        "opensearch" => "es",
        "elb" | "elbv2" => "elasticloadbalancing",
        other => other,
    }
}

/// IAM's name for an action; S3 has names of its own for half of them.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>
pub(super) fn iam_action(call: &Call) -> &str {
    if call.service != "s3" {
        return call.action;
    }
    match call.action {
        "DeleteBucketAnalyticsConfiguration" | "PutBucketAnalyticsConfiguration" => {
            "PutAnalyticsConfiguration"
        }
        "DeleteBucketCors" | "PutBucketCors" => "PutBucketCORS",
        "DeleteBucketEncryption" | "PutBucketEncryption" => "PutEncryptionConfiguration",
        "DeleteBucketIntelligentTieringConfiguration"
        | "PutBucketIntelligentTieringConfiguration" => "PutIntelligentTieringConfiguration",
        "DeleteBucketInventoryConfiguration" | "PutBucketInventoryConfiguration" => {
            "PutInventoryConfiguration"
        }
        "DeleteBucketLifecycle" | "PutBucketLifecycleConfiguration" => "PutLifecycleConfiguration",
        "DeleteBucketMetricsConfiguration" | "PutBucketMetricsConfiguration" => {
            "PutMetricsConfiguration"
        }
        "DeleteBucketReplication" | "PutBucketReplication" => "PutReplicationConfiguration",
        "DeleteBucketTagging" => "PutBucketTagging",
        "DeleteObjects" => "DeleteObjectVersion",
        "GetBucketAccelerateConfiguration" => "GetAccelerateConfiguration",
        "GetBucketCors" => "GetBucketCORS",
        "GetBucketEncryption" => "GetEncryptionConfiguration",
        "GetBucketLifecycleConfiguration" => "GetLifecycleConfiguration",
        "GetBucketNotificationConfiguration" => "GetBucketNotification",
        "GetBucketReplication" => "GetReplicationConfiguration",
        "GetObjectLockConfiguration" => "GetBucketObjectLockConfiguration",
        "GetPublicAccessBlock" => "GetBucketPublicAccessBlock",
        "ListBucketAnalyticsConfigurations" => "GetAnalyticsConfiguration",
        "ListBucketIntelligentTieringConfigurations" => "GetIntelligentTieringConfiguration",
        "ListBucketInventoryConfigurations" => "GetInventoryConfiguration",
        "ListBucketMetricsConfigurations" => "GetMetricsConfiguration",
        "ListBuckets" => "ListAllMyBuckets",
        "ListMultipartUploads" => "ListBucketMultipartUploads",
        "ListObjectVersions" => "ListBucketVersions",
        "PutBucketAccelerateConfiguration" => "PutAccelerateConfiguration",
        "PutBucketNotificationConfiguration" => "PutBucketNotification",
        "PutObjectLockConfiguration" => "PutBucketObjectLockConfiguration",
        "PutPublicAccessBlock" => "PutBucketPublicAccessBlock",
        action => action,
    }
}

/// Resource types that one EC2 action is checked against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checked {
    /// Types that the call creates, and gives tags.
    pub creates: &'static [&'static str],
    /// Types that exist before the call and carry the owner's tag.
    pub owned: &'static [&'static str],
    /// Types that may belong to somebody else, or carry no tags of ours.
    pub others: &'static [&'static str],
}

/// What an EC2 action is checked against; `None` for actions without resource types.
pub(super) fn ec2_action(action: &str) -> Option<Checked> {
    let (creates, owned, others): (&[&str], &[&str], &[&str]) = match action {
        "AllocateAddress" => (&["elastic-ip"], &[], &["ipv4pool-ec2", "ipam-pool"]),
        "AssociateDhcpOptions" => (&[], &["vpc"], &["dhcp-options"]),
        "AssociateNatGatewayAddress" => (&[], &["natgateway"], &["elastic-ip"]),
        "AssociateRouteTable" => (&[], &["route-table", "subnet"], &[]),
        "AssociateSubnetCidrBlock" => (&[], &["subnet"], &["ipam-pool"]),
        "AssociateVpcCidrBlock" => (&[], &["vpc"], &["ipam-pool", "ipv6pool-ec2"]),
        "AttachInternetGateway" => (&[], &["internet-gateway", "vpc"], &[]),
        "AuthorizeSecurityGroupEgress" | "AuthorizeSecurityGroupIngress" => {
            (&["security-group-rule"], &["security-group"], &[])
        }
        "CreateDhcpOptions" => (&["dhcp-options"], &[], &[]),
        "CreateEgressOnlyInternetGateway" => (&["egress-only-internet-gateway"], &["vpc"], &[]),
        "CreateFlowLogs" => (&["vpc-flow-log"], &["vpc", "subnet"], &[]),
        "CreateInternetGateway" => (&["internet-gateway"], &[], &[]),
        "CreateNatGateway" => (&["natgateway"], &["subnet", "vpc"], &["elastic-ip"]),
        "CreateNetworkAcl" => (&["network-acl"], &["vpc"], &[]),
        "CreateRouteTable" => (&["route-table"], &["vpc"], &[]),
        "CreateSecurityGroup" => (&["security-group"], &["vpc"], &[]),
        "CreateSubnet" => (&["subnet"], &["vpc"], &["ipam-pool"]),
        "CreateVpc" => (&["vpc"], &[], &["ipam-pool", "ipv6pool-ec2"]),
        "CreateVpcEndpoint" => (
            &["vpc-endpoint"],
            &["vpc", "route-table", "subnet", "security-group"],
            &[],
        ),
        "CreateNetworkAclEntry"
        | "DeleteNetworkAcl"
        | "DeleteNetworkAclEntry"
        | "ReplaceNetworkAclEntry" => (&[], &["network-acl"], &[]),
        "CreateRoute" | "DeleteRoute" | "DeleteRouteTable" | "ReplaceRoute" => {
            (&[], &["route-table"], &[])
        }
        "DeleteDhcpOptions" => (&[], &["dhcp-options"], &[]),
        "DeleteEgressOnlyInternetGateway" => (&[], &["egress-only-internet-gateway"], &[]),
        "DeleteFlowLogs" => (&[], &["vpc-flow-log"], &[]),
        "DeleteInternetGateway" => (&[], &["internet-gateway"], &[]),
        "DeleteNatGateway" => (&[], &["natgateway"], &[]),
        "DeleteSecurityGroup" => (&[], &["security-group"], &[]),
        "DeleteSubnet" | "ModifySubnetAttribute" | "DisassociateSubnetCidrBlock" => {
            (&[], &["subnet"], &[])
        }
        "DeleteVpc" | "ModifyVpcAttribute" | "ModifyVpcTenancy" | "DisassociateVpcCidrBlock" => {
            (&[], &["vpc"], &[])
        }
        "DeleteVpcEndpoints" => (&[], &["vpc-endpoint"], &[]),
        "DetachInternetGateway" => (&[], &["internet-gateway", "vpc"], &[]),
        "DisassociateNatGatewayAddress" => (&[], &["natgateway"], &[]),
        "DisassociateRouteTable" | "ReplaceRouteTableAssociation" => {
            (&[], &["route-table", "subnet"], &[])
        }
        "ModifySecurityGroupRules"
        | "RevokeSecurityGroupEgress"
        | "RevokeSecurityGroupIngress"
        | "UpdateSecurityGroupRuleDescriptionsEgress"
        | "UpdateSecurityGroupRuleDescriptionsIngress" => {
            (&[], &["security-group"], &["security-group-rule"])
        }
        "ModifyVpcEndpoint" => (
            &[],
            &["vpc-endpoint", "route-table", "subnet", "security-group"],
            &[],
        ),
        "ReleaseAddress" => (&[], &["elastic-ip"], &[]),
        // A subnet goes back to the default network ACL, which may carry no tags of ours.
        "ReplaceNetworkAclAssociation" => (&[], &["subnet"], &["network-acl"]),
        _ => return None,
    };
    Some(Checked {
        creates,
        owned,
        others,
    })
}

/// What the removal of something that a cluster left behind is checked against: the ends of ARNs of the call's service.
///
/// Such things carry the cluster's tags, whose keys hold the cluster's name, so that no condition on them can be written here.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html>
pub(super) fn left_behind(call: &Call) -> &'static [&'static str] {
    match call.action {
        "DeleteBlueGreenDeployment" => &["deployment:*"],
        "DeleteDBInstance" => &["db:application-autoscaling-*"],
        "DeleteLoadBalancer" => &["loadbalancer/*"],
        "DeleteNetworkInterface" => &["network-interface/*"],
        "DeleteSecurityGroup" => &["security-group/*"],
        "DeleteTargetGroup" => &["targetgroup/*"],
        "DetachNetworkInterface" => &["instance/*", "network-interface/*"],
        "RevokeSecurityGroupEgress" | "RevokeSecurityGroupIngress" => {
            &["security-group/*", "security-group-rule/*"]
        }
        _ => &["*"],
    }
}

/// Whether a resource of this type has a part in the call: address pools only where one is named.
pub(super) fn takes_part(kind: &str, call: &Call) -> bool {
    let word = match kind {
        "ipam-pool" => "Ipam",
        "ipv4pool-ec2" => "PublicIpv4Pool",
        "ipv6pool-ec2" => "Ipv6Pool",
        _ => return true,
    };
    call.params.keys().any(|member| member.contains(word))
}
