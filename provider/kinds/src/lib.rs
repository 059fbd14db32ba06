//! Kinds: one file per AWS resource type, in folders by field.
//!
//! A kind says what to ask AWS and never asks; see [`platform_graph::Kind`].

pub mod application_autoscaling;
pub mod backup;
mod census;
pub mod cloudwatch;
pub mod docdb;
pub mod dynamodb;
mod ec2;
pub mod efs;
pub mod elasticache;
#[cfg(test)]
mod fixture;
pub mod iam;
pub mod kms;
pub mod logs;
pub mod network;
pub mod opensearch;
mod policy;
pub mod rds;
mod reply;
pub mod s3;
pub mod secretsmanager;
#[cfg(test)]
mod testing;

use platform_graph::{KindDef, Kinds};

/// Every kind this program knows.
pub fn all() -> Kinds {
    Kinds::new([
        KindDef::of::<network::Vpc>(),
        KindDef::of::<network::VpcCidrBlock>(),
        KindDef::of::<network::Subnet>(),
        KindDef::of::<network::SubnetCidrBlock>(),
        KindDef::of::<network::InternetGateway>(),
        KindDef::of::<network::VpcGatewayAttachment>(),
        KindDef::of::<network::EgressOnlyInternetGateway>(),
        KindDef::of::<network::Eip>(),
        KindDef::of::<network::NatGateway>(),
        KindDef::of::<network::RouteTable>(),
        KindDef::of::<network::Route>(),
        KindDef::of::<network::SubnetRouteTableAssociation>(),
        KindDef::of::<network::SecurityGroup>(),
        KindDef::of::<network::SecurityGroupIngress>(),
        KindDef::of::<network::SecurityGroupEgress>(),
        KindDef::of::<network::NetworkAcl>(),
        KindDef::of::<network::NetworkAclEntry>(),
        KindDef::of::<network::SubnetNetworkAclAssociation>(),
        KindDef::of::<network::DefaultSecurityGroup>(),
        KindDef::of::<network::DefaultNetworkAcl>(),
        KindDef::of::<network::VpcEndpoint>(),
        KindDef::of::<network::FlowLog>(),
        KindDef::of::<network::DhcpOptions>(),
        KindDef::of::<network::VpcDhcpOptionsAssociation>(),
        KindDef::of::<network::VpcBlockPublicAccessOptions>(),
        KindDef::of::<logs::LogGroup>(),
        KindDef::of::<logs::ResourcePolicy>(),
        KindDef::of::<iam::Role>(),
        KindDef::of::<iam::ServiceLinkedRole>(),
        KindDef::of::<kms::Key>(),
        KindDef::of::<kms::ReplicaKey>(),
        KindDef::of::<kms::Alias>(),
        KindDef::of::<secretsmanager::Secret>(),
        KindDef::of::<secretsmanager::ResourcePolicy>(),
        KindDef::of::<secretsmanager::RotationSchedule>(),
        KindDef::of::<cloudwatch::Alarm>(),
        KindDef::of::<efs::FileSystem>(),
        KindDef::of::<efs::MountTarget>(),
        KindDef::of::<efs::AccessPoint>(),
        KindDef::of::<backup::BackupVault>(),
        KindDef::of::<backup::BackupPlan>(),
        KindDef::of::<backup::BackupSelection>(),
        KindDef::of::<backup::Framework>(),
        KindDef::of::<backup::ReportPlan>(),
        KindDef::of::<backup::RestoreTestingPlan>(),
        KindDef::of::<backup::RestoreTestingSelection>(),
        KindDef::of::<dynamodb::Table>(),
        KindDef::of::<dynamodb::TableReplica>(),
        KindDef::of::<s3::Bucket>(),
        KindDef::of::<s3::BucketPolicy>(),
        KindDef::of::<application_autoscaling::ScalableTarget>(),
        KindDef::of::<application_autoscaling::ScalingPolicy>(),
        KindDef::of::<opensearch::Domain>(),
        KindDef::of::<docdb::DbCluster>(),
        KindDef::of::<docdb::DbInstance>(),
        KindDef::of::<docdb::DbClusterParameterGroup>(),
        KindDef::of::<docdb::GlobalCluster>(),
        KindDef::of::<rds::DbSubnetGroup>(),
        KindDef::of::<rds::DbParameterGroup>(),
        KindDef::of::<rds::DbClusterParameterGroup>(),
        KindDef::of::<rds::DbInstance>(),
        KindDef::of::<rds::DbCluster>(),
        KindDef::of::<rds::DbClusterEndpoint>(),
        KindDef::of::<rds::DbProxy>(),
        KindDef::of::<rds::DbProxyTargetGroup>(),
        KindDef::of::<rds::DbProxyEndpoint>(),
        KindDef::of::<rds::OptionGroup>(),
        KindDef::of::<rds::EventSubscription>(),
        KindDef::of::<rds::GlobalCluster>(),
        KindDef::of::<elasticache::GlobalReplicationGroup>(),
        KindDef::of::<elasticache::SubnetGroup>(),
        KindDef::of::<elasticache::ParameterGroup>(),
        KindDef::of::<elasticache::ReplicationGroup>(),
        KindDef::of::<elasticache::User>(),
        KindDef::of::<elasticache::UserGroup>(),
        KindDef::of::<elasticache::ServerlessCache>(),
    ])
}

#[cfg(test)]
mod tests {
    use platform_graph::{Live, Properties, Seen};
    use serde_json::{Value, json};

    use crate::testing::me;

    fn live(kind: &str, properties: &Value, reply: &Value) -> Live<Properties> {
        let kinds = super::all();
        let kind = kinds.get(kind).expect("it is known");
        let properties = properties.as_object().expect("an object");
        match (kind.read)(properties, &me(None), std::slice::from_ref(reply)).expect("it fits") {
            Seen::Live(live) => live,
            seen => panic!("{} is {seen:?}", kind.name),
        }
    }

    #[test]
    fn volatile_attributes_are_attributes() {
        for kind in super::all().iter() {
            for name in kind.volatile {
                assert!(kind.attributes.contains(name), "{} {name}", kind.name);
            }
        }
    }

    /// What has the key of a part can't become that of another one, and plans say which goes first.
    #[test]
    fn keys_are_create_only() {
        for kind in super::all().iter() {
            for name in kind.key {
                assert!(kind.create_only.contains(name), "{} {name}", kind.name);
            }
        }
    }

    /// What an update in place changes must be volatile, or plans promise what does not stay.
    #[test]
    fn what_an_update_changes_is_volatile() {
        let tags = crate::fixture::tags();
        let gateway = |further: &[u8]| {
            let address = |n: &u8| {
                json!({ "AllocationId": format!("eipalloc-{n}"), "AssociationId": format!("eipassoc-{n}"), "IsPrimary": *n == 1,
                    "PublicIp": format!("198.51.100.{n}"), "Status": "succeeded" })
            };
            let addresses: Vec<Value> = [1].iter().chain(further).map(address).collect();
            json!({ "NatGateways": [{ "NatGatewayId": "nat-1", "State": "available", "SubnetId": "subnet-1",
                "NatGatewayAddresses": addresses, "Tags": tags }] })
        };
        let subnet = |block: &str| {
            json!({ "Subnets": [{ "SubnetId": "subnet-1", "State": "available", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24",
                "Ipv6CidrBlockAssociationSet": [{ "AssociationId": format!("assoc-{block}"), "Ipv6CidrBlock": block,
                    "Ipv6CidrBlockState": { "State": "associated" } }], "Tags": tags }] })
        };
        let endpoint = |nics: &[&str]| {
            let names: Vec<Value> = nics
                .iter()
                .map(|nic| json!({ "DnsName": nic, "HostedZoneId": "Z" }))
                .collect();
            json!({ "VpcEndpoints": [{ "VpcEndpointId": "vpce-1", "State": "available", "VpcId": "vpc-1", "ServiceName": "s",
                "VpcEndpointType": "Interface", "NetworkInterfaceIds": nics, "SubnetIds": nics, "DnsEntries": names, "Tags": tags }] })
        };
        for (name, properties, before, after) in [
            (
                "AWS::EC2::NatGateway",
                json!({ "SecondaryAllocationIds": [] }),
                gateway(&[]),
                gateway(&[2]),
            ),
            (
                "AWS::EC2::Subnet",
                json!({ "VpcId": "vpc-1" }),
                subnet("2001:db8:1::/64"),
                subnet("2001:db8:2::/64"),
            ),
            (
                "AWS::EC2::VPCEndpoint",
                json!({ "VpcId": "vpc-1", "ServiceName": "s", "VpcEndpointType": "Interface" }),
                endpoint(&["eni-1"]),
                endpoint(&["eni-1", "eni-2"]),
            ),
        ] {
            let (before, after) = (
                live(name, &properties, &before).attributes,
                live(name, &properties, &after).attributes,
            );
            let changed: Vec<&String> = after
                .keys()
                .filter(|key| before.get(*key) != after.get(*key))
                .collect();
            let kinds = super::all();
            let mut volatile = kinds.get(name).expect("it is known").volatile.to_vec();
            volatile.sort_unstable();
            assert_eq!(changed, volatile, "{name}");
        }
    }
}
