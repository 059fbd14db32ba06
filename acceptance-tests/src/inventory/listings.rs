//! The list calls of AWS that an inventory asks.

/// One list call: what it lists, whom and how to ask, where the identifiers are.
pub(super) struct Listing {
    pub(super) what: &'static str,
    /// Signing name of the service.
    pub(super) service: &'static str,
    pub(super) ask: Ask,
    /// The element or member that identifies an entry; empty if the entry itself does.
    pub(super) identifier: &'static str,
}

/// How a service is asked.
pub(super) enum Ask {
    /// By the query protocol, in a version of the API: an action and its parameters. XML comes back.
    Query(
        &'static str,
        &'static str,
        &'static [(&'static str, &'static str)],
    ),
    /// By a JSON protocol: the target, members of the request, and the member of the reply with the list.
    Json(
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static str,
    ),
    /// By a JSON protocol as above, and again about each entry: the target and the member with the description. What waits for
    /// its deletion is left out.
    Described(&'static str, &'static str, &'static str, &'static str),
    /// By a path that is read; the member of the reply with the list, or nothing where XML comes back.
    Path(&'static str, &'static str),
}

const fn query(
    what: &'static str,
    (service, version): (&'static str, &'static str),
    action: &'static str,
    identifier: &'static str,
) -> Listing {
    filtered(what, (service, version), action, &[], identifier)
}

const fn filtered(
    what: &'static str,
    (service, version): (&'static str, &'static str),
    action: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    identifier: &'static str,
) -> Listing {
    Listing {
        what,
        service,
        ask: Ask::Query(version, action, parameters),
        identifier,
    }
}

const fn json(
    what: &'static str,
    service: &'static str,
    target: &'static str,
    list: &'static str,
    identifier: &'static str,
) -> Listing {
    Listing {
        what,
        service,
        ask: Ask::Json(target, &[], list),
        identifier,
    }
}

const fn path(
    what: &'static str,
    service: &'static str,
    path: &'static str,
    list: &'static str,
    identifier: &'static str,
) -> Listing {
    Listing {
        what,
        service,
        ask: Ask::Path(path, list),
        identifier,
    }
}

/// The scalable targets and the scaling policies of a service.
const fn scaling(namespace: &'static [(&'static str, &'static str)]) -> [Listing; 2] {
    const SERVICE: &str = "application-autoscaling";
    [
        Listing {
            what: "scalable target",
            service: SERVICE,
            ask: Ask::Json(
                "AnyScaleFrontendService.DescribeScalableTargets",
                namespace,
                "ScalableTargets",
            ),
            identifier: "ScalableTargetARN",
        },
        Listing {
            what: "scaling policy",
            service: SERVICE,
            ask: Ask::Json(
                "AnyScaleFrontendService.DescribeScalingPolicies",
                namespace,
                "ScalingPolicies",
            ),
            identifier: "PolicyARN",
        },
    ]
}

const EC2: (&str, &str) = ("ec2", "2016-11-15");
const IAM: (&str, &str) = ("iam", "2010-05-08");
const RDS: (&str, &str) = ("rds", "2014-10-31");
const CACHE: (&str, &str) = ("elasticache", "2015-02-02");
const SCALED: [[Listing; 2]; 3] = [
    scaling(&[("ServiceNamespace", "dynamodb")]),
    scaling(&[("ServiceNamespace", "elasticache")]),
    scaling(&[("ServiceNamespace", "rds")]),
];

/// Every list call that is asked. Snapshots are asked for nowhere but among what is tagged: those that a store leaves on purpose
/// are tagged, and AWS's own bear the minute in their names.
pub(super) fn all() -> impl Iterator<Item = &'static Listing> {
    LISTINGS.iter().chain(SCALED.as_flattened())
}

#[rustfmt::skip]
const LISTINGS: &[Listing] = &[
    query("vpc", EC2, "DescribeVpcs", "vpcId"),
    query("subnet", EC2, "DescribeSubnets", "subnetId"),
    query("internet gateway", EC2, "DescribeInternetGateways", "internetGatewayId"),
    query("egress-only gateway", EC2, "DescribeEgressOnlyInternetGateways", "egressOnlyInternetGatewayId"),
    filtered(
        "nat gateway", EC2, "DescribeNatGateways",
        &[("Filter.1.Name", "state"), ("Filter.1.Value.1", "pending"), ("Filter.1.Value.2", "available")],
        "natGatewayId",
    ),
    query("elastic ip", EC2, "DescribeAddresses", "allocationId"),
    query("route table", EC2, "DescribeRouteTables", "routeTableId"),
    query("security group rule", EC2, "DescribeSecurityGroupRules", "securityGroupRuleId"),
    query("dhcp options", EC2, "DescribeDhcpOptions", "dhcpOptionsId"),
    query("route table association", EC2, "DescribeRouteTables", "routeTableAssociationId"),
    query("security group", EC2, "DescribeSecurityGroups", "groupId"),
    filtered(
        "network acl", EC2, "DescribeNetworkAcls",
        &[("Filter.1.Name", "default"), ("Filter.1.Value.1", "false")],
        "networkAclId",
    ),
    query("vpc endpoint", EC2, "DescribeVpcEndpoints", "vpcEndpointId"),
    query("flow log", EC2, "DescribeFlowLogs", "flowLogId"),
    query("network interface", EC2, "DescribeNetworkInterfaces", "networkInterfaceId"),
    filtered(
        "instance", EC2, "DescribeInstances",
        &[("Filter.1.Name", "instance-state-name"), ("Filter.1.Value.1", "running")],
        "instanceId",
    ),
    query("launch template", EC2, "DescribeLaunchTemplates", "launchTemplateId"),
    query("iam role", IAM, "ListRoles", "RoleId"),
    filtered("iam policy", IAM, "ListPolicies", &[("Scope", "Local")], "PolicyId"),
    query("instance profile", IAM, "ListInstanceProfiles", "InstanceProfileId"),
    query("topic", ("sns", "2010-03-31"), "ListTopics", "TopicArn"),
    query("load balancer", ("elasticloadbalancing", "2015-12-01"), "DescribeLoadBalancers", "LoadBalancerArn"),
    query("alarm", ("monitoring", "2010-08-01"), "DescribeAlarms", "AlarmArn"),
    query("database instance", RDS, "DescribeDBInstances", "DBInstanceArn"),
    query("database cluster", RDS, "DescribeDBClusters", "DBClusterArn"),
    query("database cluster endpoint", RDS, "DescribeDBClusterEndpoints", "DBClusterEndpointArn"),
    query("global database", RDS, "DescribeGlobalClusters", "GlobalClusterArn"),
    query("database proxy", RDS, "DescribeDBProxies", "DBProxyArn"),
    query("database subnet group", RDS, "DescribeDBSubnetGroups", "DBSubnetGroupName"),
    query("database parameter group", RDS, "DescribeDBParameterGroups", "DBParameterGroupName"),
    query("cluster parameter group", RDS, "DescribeDBClusterParameterGroups", "DBClusterParameterGroupName"),
    query("database event subscription", RDS, "DescribeEventSubscriptions", "CustSubscriptionId"),
    query("replication group", CACHE, "DescribeReplicationGroups", "ReplicationGroupId"),
    query("serverless cache", CACHE, "DescribeServerlessCaches", "ServerlessCacheName"),
    query("cache subnet group", CACHE, "DescribeCacheSubnetGroups", "CacheSubnetGroupName"),
    query("cache parameter group", CACHE, "DescribeCacheParameterGroups", "CacheParameterGroupName"),
    query("cache user", CACHE, "DescribeUsers", "UserId"),
    query("cache user group", CACHE, "DescribeUserGroups", "UserGroupId"),
    path("bucket", "s3", "/", "", "Name"),
    path("search domain", "es", "/2021-01-01/domain", "DomainNames", "DomainName"),
    path("file system", "elasticfilesystem", "/2015-02-01/file-systems", "FileSystems", "FileSystemId"),
    path("access point", "elasticfilesystem", "/2015-02-01/access-points", "AccessPoints", "AccessPointId"),
    path("backup vault", "backup", "/backup-vaults/", "BackupVaultList", "BackupVaultName"),
    path("backup plan", "backup", "/backup/plans/", "BackupPlansList", "BackupPlanId"),
    path("backup framework", "backup", "/audit/frameworks", "Frameworks", "FrameworkName"),
    path("backup report plan", "backup", "/audit/report-plans", "ReportPlans", "ReportPlanName"),
    path("restore testing plan", "backup", "/restore-testing/plans", "RestoreTestingPlans", "RestoreTestingPlanName"),
    json("log group", "logs", "Logs_20140328.DescribeLogGroups", "logGroups", "logGroupName"),
    json("log resource policy", "logs", "Logs_20140328.DescribeResourcePolicies", "resourcePolicies", "policyName"),
    Listing {
        what: "kms key",
        service: "kms",
        ask: Ask::Described("TrentService.ListKeys", "Keys", "TrentService.DescribeKey", "KeyMetadata"),
        identifier: "KeyId",
    },
    json("kms alias", "kms", "TrentService.ListAliases", "Aliases", "AliasName"),
    json(
        "tagged resource", "tagging", "ResourceGroupsTaggingAPI_20170126.GetResources",
        "ResourceTagMappingList", "ResourceARN",
    ),
    json("queue", "sqs", "AmazonSQS.ListQueues", "QueueUrls", ""),
    json("table", "dynamodb", "DynamoDB_20120810.ListTables", "TableNames", ""),
    json("cluster", "ecs", "AmazonEC2ContainerServiceV20141113.ListClusters", "clusterArns", ""),
    json("secret", "secretsmanager", "secretsmanager.ListSecrets", "SecretList", "ARN"),
];
