//! The calls with which a destroy looks for what others left inside a part, and removes it.
//!
//! Which calls these are depends on what is found. So the kind is shown one of everything that it may remove: what a cluster
//! of Kubernetes that is no more leaves in a VPC, what auto scaling leaves in a cluster of Aurora, what is in a bucket or a vault, and what
//! an upgrade of a database is in the middle of.

use platform_graph::{Call, Identity, KindDef, MalformedProperties, Properties};
use serde_json::{Value, json};

/// Kinds ask in a few rounds; one that goes on is asked no longer.
const MOST_ROUNDS: usize = 8;

/// The calls that look, then those that remove. None for kinds that are not cleared before they are deleted: what they ask when
/// AWS refuses their delete is among what the others ask.
///
/// # Errors
/// The properties do not fit the kind.
pub(super) fn calls(
    kind: &KindDef,
    properties: &Properties,
    me: &Identity,
    id: &str,
) -> Result<Vec<Call>, MalformedProperties> {
    let mut asked: Vec<Call> = Vec::new();
    if !kind.cleared {
        return Ok(asked);
    }
    let mut replies: Vec<Value> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let calls = (kind.blockers)(properties, me, id, &replies)?;
        if calls.is_empty() {
            break;
        }
        replies.extend(calls.iter().map(|call| found(call, id, me)));
        asked.extend(calls);
    }
    let found = (kind.blocking)(properties, me, id, &replies)?;
    // What holds data stays unless a configuration says otherwise, and then it needs a permission of its own.
    let goes = found.into_iter().filter(|blocker| !blocker.holds_data);
    asked.extend(goes.flat_map(|blocker| blocker.remove));
    Ok(asked)
}

/// What a call shows in a VPC in which a cluster left one of everything, and of a database in the middle of an upgrade.
fn found(call: &Call, vpc: &str, me: &Identity) -> Value {
    let tags = json!([{ "Key": "kubernetes.io/cluster/gone", "Value": "owned" }]);
    match (call.service, call.action) {
        ("ec2", "DescribeInstances") => json!({ "Reservations": [] }),
        ("ec2", "DescribeNetworkInterfaces") => json!({ "NetworkInterfaces": [{
            "NetworkInterfaceId": "eni-0", "VpcId": vpc, "Attachment": { "AttachmentId": "eni-attach-0" }, "TagSet": tags,
        }] }),
        ("ec2", "DescribeSecurityGroups") => json!({ "SecurityGroups": [{
            "GroupId": "sg-0", "GroupName": "group", "VpcId": vpc, "Tags": tags,
        }] }),
        ("ec2", "DescribeSecurityGroupRules") => json!({ "SecurityGroupRules": [
            { "SecurityGroupRuleId": "sgr-0", "GroupId": "sg-0", "IsEgress": false },
            { "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-0", "IsEgress": true },
        ] }),
        ("rds", "DescribeDBInstances") => json!({ "DBInstances": [{
            "DBInstanceIdentifier": "application-autoscaling-0", "DBClusterIdentifier": vpc, "Engine": "aurora-postgresql",
        }] }),
        ("rds", "DescribeBlueGreenDeployments") => {
            let tags = me.tags();
            let tags = tags
                .iter()
                .map(|(key, value)| json!({ "Key": key, "Value": value }));
            json!({ "BlueGreenDeployments": [{
                "BlueGreenDeploymentIdentifier": "bgd-0", "BlueGreenDeploymentName": vpc, "Status": "AVAILABLE",
                "TagList": tags.collect::<Vec<_>>(),
            }] })
        }
        ("elb", "DescribeLoadBalancers") => {
            json!({ "LoadBalancerDescriptions": [{ "LoadBalancerName": "balancer", "VPCId": vpc }] })
        }
        ("elbv2", "DescribeLoadBalancers") => json!({ "LoadBalancers": [{
            "LoadBalancerArn": "balancer", "LoadBalancerName": "balancer", "VpcId": vpc,
        }] }),
        ("elbv2", "DescribeTargetGroups") => {
            json!({ "TargetGroups": [{ "TargetGroupArn": "group", "VpcId": vpc }] })
        }
        ("elb", "DescribeTags") => {
            json!({ "TagDescriptions": [{ "LoadBalancerName": "balancer", "Tags": tags }] })
        }
        ("elbv2", "DescribeTags") => json!({ "TagDescriptions": [
            { "ResourceArn": "balancer", "Tags": tags },
            { "ResourceArn": "group", "Tags": tags },
        ] }),
        ("s3", "ListObjectVersions") => {
            json!({ "Versions": [{ "Key": "object", "VersionId": "version" }] })
        }
        ("s3", "ListMultipartUploads") => {
            json!({ "Uploads": [{ "Key": "object", "UploadId": "upload" }] })
        }
        ("backup", "ListRecoveryPointsByBackupVault") => {
            json!({ "RecoveryPoints": [{ "RecoveryPointArn": "point", "Status": "COMPLETED" }] })
        }
        ("eks", "ListClusters") => json!({ "clusters": [] }),
        _ => json!({}),
    }
}
