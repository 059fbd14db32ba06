//! `AWS::EC2::Subnet`: a range of a VPC in one availability zone.
//!
//! `CreateSubnet` takes the blocks, the zone and the tags; the other settings follow as updates, since
//! `ModifySubnetAttribute` takes one at a time. An IPv6 block that is added or exchanged later is associated by an update;
//! settings that need it wait until it is there, so a subnet whose block is on its way is pending.
//!
//! # Caveats
//! `AssignIpv6AddressOnCreation`, `EnableDns64` and AAAA records are refused for a subnet without an IPv6 block: ask for them
//! together with `Ipv6CidrBlock`, not beside an `AWS::EC2::SubnetCidrBlock`, which comes after the subnet.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html>.

use platform_graph::{
    Attributes, Blocker, Call, Claim, Disruption, Identity, Kind, Live, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::blockers::{self, Place};
use crate::reply::{items, text, unless_default};
use crate::{census, ec2};

/// Properties of a subnet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Subnet {
    /// The VPC.
    pub vpc_id: String,
    /// Zone by name, `us-east-1a`; names mean different places in different accounts.
    pub availability_zone: Option<String>,
    /// Zone by id, `use1-az1`; the same place in every account.
    pub availability_zone_id: Option<String>,
    /// IPv4 block; none for a subnet of IPv6 alone.
    pub cidr_block: Option<String>,
    /// IPv6 block, a /64 unless IPAM says otherwise.
    pub ipv6_cidr_block: Option<String>,
    /// Whether the subnet has IPv6 alone.
    pub ipv6_native: Option<bool>,
    /// Whether network interfaces get an IPv6 address; AWS's default is `false`.
    pub assign_ipv6_address_on_creation: Option<bool>,
    /// Whether the resolver makes IPv6 addresses up for names that have IPv4 alone; AWS's default is `false`.
    pub enable_dns64: Option<bool>,
    /// Whether network interfaces get a public IPv4 address; AWS's default is `false`.
    pub map_public_ip_on_launch: Option<bool>,
    /// Names that instances get.
    pub private_dns_name_options_on_launch: Option<PrivateDnsNameOptions>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Names that instances of a subnet get. What is not given is left as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PrivateDnsNameOptions {
    /// Whether a name with the instance's id resolves to its IPv4 address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_resource_name_dns_a_record: Option<bool>,
    /// Whether a name with the instance's id resolves to its IPv6 address.
    #[serde(
        rename = "EnableResourceNameDnsAAAARecord",
        skip_serializing_if = "Option::is_none"
    )]
    pub enable_resource_name_dns_aaaa_record: Option<bool>,
    /// `ip-name` or `resource-name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname_type: Option<String>,
}

/// A switch; one that does not show is off.
fn is_on(item: &Value, member: &str) -> bool {
    ec2::flag(item, member).unwrap_or(false)
}

/// The IPv6 block of a subnet and its state, unless it is gone or could not be associated.
fn block_of(subnet: &Value) -> Option<(&Value, String)> {
    items(subnet, "Ipv6CidrBlockAssociationSet")
        .iter()
        .find_map(|block| {
            let state = text(&block["Ipv6CidrBlockState"], "State").unwrap_or_default();
            (!["disassociated", "failing", "failed"].contains(&state.as_str()))
                .then_some((block, state))
        })
}

impl Subnet {
    fn live(&self, id: String, subnet: &Value) -> Live<Self> {
        let block = block_of(subnet).map_or(&Value::Null, |(block, _)| block);
        let options = &subnet["PrivateDnsNameOptionsOnLaunch"];
        let flag = |name: &str, asked: &Option<bool>| {
            unless_default(Some(is_on(subnet, name)), false, asked.as_ref())
        };
        Live {
            attributes: ec2::attributes([
                ("SubnetId", Some(json!(id))),
                ("AvailabilityZone", subnet.get("AvailabilityZone").cloned()),
                (
                    "AvailabilityZoneId",
                    subnet.get("AvailabilityZoneId").cloned(),
                ),
                ("CidrBlock", subnet.get("CidrBlock").cloned()),
                (
                    "Ipv6CidrBlocks",
                    Some(text(block, "Ipv6CidrBlock").into_iter().collect()),
                ),
                (
                    "Ipv6CidrBlockAssociationId",
                    block.get("AssociationId").cloned(),
                ),
            ]),
            properties: Subnet {
                vpc_id: text(subnet, "VpcId").unwrap_or_default(),
                availability_zone: text(subnet, "AvailabilityZone"),
                availability_zone_id: text(subnet, "AvailabilityZoneId"),
                cidr_block: text(subnet, "CidrBlock").filter(|block| !block.is_empty()),
                ipv6_cidr_block: text(block, "Ipv6CidrBlock"),
                ipv6_native: flag("Ipv6Native", &self.ipv6_native),
                assign_ipv6_address_on_creation: flag(
                    "AssignIpv6AddressOnCreation",
                    &self.assign_ipv6_address_on_creation,
                ),
                enable_dns64: flag("EnableDns64", &self.enable_dns64),
                map_public_ip_on_launch: flag("MapPublicIpOnLaunch", &self.map_public_ip_on_launch),
                // Every subnet shows them, and their defaults differ between kinds of subnets: seen only when asked for.
                private_dns_name_options_on_launch: self
                    .private_dns_name_options_on_launch
                    .as_ref()
                    .map(|_| PrivateDnsNameOptions {
                        enable_resource_name_dns_a_record: Some(is_on(
                            options,
                            "EnableResourceNameDnsARecord",
                        )),
                        enable_resource_name_dns_aaaa_record: Some(is_on(
                            options,
                            "EnableResourceNameDnsAAAARecord",
                        )),
                        hostname_type: text(options, "HostnameType"),
                    }),
                tags: ec2::tags(subnet),
            },
            id,
        }
    }
}

impl Kind for Subnet {
    const TYPE: &'static str = "AWS::EC2::Subnet";
    const CREATE_ONLY: &'static [&'static str] = &[
        "VpcId",
        "AvailabilityZone",
        "AvailabilityZoneId",
        "CidrBlock",
        "Ipv6Native",
    ];
    /// The association's id is what an exchange of the IPv6 block needs.
    const ATTRIBUTES: &'static [&'static str] = &[
        "SubnetId",
        "AvailabilityZone",
        "AvailabilityZoneId",
        "CidrBlock",
        "Ipv6CidrBlocks",
        "Ipv6CidrBlockAssociationId",
    ];
    const VOLATILE: &'static [&'static str] = &["Ipv6CidrBlocks", "Ipv6CidrBlockAssociationId"];
    const TAGGED: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![Call::describe_own("DescribeSubnets", "subnet-id", me)]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        ec2::own(me, replies, "Subnets", "SubnetId", |id, subnet| {
            let state = text(subnet, "State").unwrap_or_default();
            if state.starts_with("failed") {
                return Seen::Failed { id, why: state };
            }
            if state == "pending" {
                return Seen::Pending { id, why: state };
            }
            match block_of(subnet) {
                Some((block, state)) if state.ends_with("ing") => {
                    let block = text(block, "Ipv6CidrBlock").unwrap_or_default();
                    Seen::Pending {
                        id,
                        why: format!("{block} is {state}"),
                    }
                }
                _ => Seen::Live(self.live(id, subnet)),
            }
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let call = Call::new("ec2", "CreateSubnet")
            .with("VpcId", &self.vpc_id)
            .with("AvailabilityZone", &self.availability_zone)
            .with("AvailabilityZoneId", &self.availability_zone_id)
            .with("CidrBlock", &self.cidr_block)
            .with("Ipv6CidrBlock", &self.ipv6_cidr_block)
            .with("Ipv6Native", self.ipv6_native);
        vec![ec2::tagged(call, "subnet", &self.tags)]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        text(&reply["Subnet"], "SubnetId")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let modify = |name: &str, value: Value| {
            Call::new("ec2", "ModifySubnetAttribute")
                .with("SubnetId", &live.id)
                .with(name, value)
        };
        let switch = |name: &str, on: bool| modify(name, json!({ "Value": on }));
        let flags = [
            (
                "AssignIpv6AddressOnCreation",
                self.assign_ipv6_address_on_creation,
            ),
            ("EnableDns64", self.enable_dns64),
            ("MapPublicIpOnLaunch", self.map_public_ip_on_launch),
        ];
        let mut calls: Vec<Call> = flags
            .into_iter()
            .filter(|(name, _)| changed.contains(name))
            .map(|(name, asked)| switch(name, asked.unwrap_or(false)))
            .collect();
        if changed.contains(&"Ipv6CidrBlock") {
            // What needs a block is switched off before it goes and on, in the next round, after it has come.
            calls.retain(|call| {
                !call
                    .params
                    .values()
                    .any(|value| *value == json!({ "Value": true }))
            });
            match live.attributes.get("Ipv6CidrBlockAssociationId") {
                // A subnet has one block at a time.
                Some(old) => calls.push(
                    Call::new("ec2", "DisassociateSubnetCidrBlock").with("AssociationId", old),
                ),
                None => calls.push(
                    Call::new("ec2", "AssociateSubnetCidrBlock")
                        .with("SubnetId", &live.id)
                        .with("Ipv6CidrBlock", &self.ipv6_cidr_block),
                ),
            }
            return calls;
        }
        if changed.contains(&"PrivateDnsNameOptionsOnLaunch") {
            let asked = self
                .private_dns_name_options_on_launch
                .clone()
                .unwrap_or_default();
            let seen = live
                .properties
                .private_dns_name_options_on_launch
                .clone()
                .unwrap_or_default();
            if let Some(kind) = asked
                .hostname_type
                .filter(|kind| seen.hostname_type.as_ref() != Some(kind))
            {
                calls.push(modify("PrivateDnsHostnameTypeOnLaunch", json!(kind)));
            }
            for (name, asked, seen) in [
                (
                    "EnableResourceNameDnsARecordOnLaunch",
                    asked.enable_resource_name_dns_a_record,
                    seen.enable_resource_name_dns_a_record,
                ),
                (
                    "EnableResourceNameDnsAAAARecordOnLaunch",
                    asked.enable_resource_name_dns_aaaa_record,
                    seen.enable_resource_name_dns_aaaa_record,
                ),
            ] {
                if let Some(on) = asked.filter(|_| asked != seen) {
                    calls.push(switch(name, on));
                }
            }
        }
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DeleteSubnet").with("SubnetId", id)]
    }

    fn blockers(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Call> {
        blockers::questions(
            Place::Subnet {
                id,
                vpc: &self.vpc_id,
            },
            replies,
        )
    }

    fn blocking(&self, me: &Identity, id: &str, replies: &[Value]) -> Vec<Blocker> {
        blockers::blocking(
            Place::Subnet {
                id,
                vpc: &self.vpc_id,
            },
            me,
            replies,
        )
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_ec2(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_ec2(replies, "subnet")
    }

    fn disruption(property: &str) -> Disruption {
        match property {
            "Ipv6CidrBlock" => Disruption::Failover,
            _ => Disruption::None,
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match (property, desired) {
            ("CidrBlock" | "Ipv6CidrBlock", _) => ec2::same_block(live, desired),
            ("PrivateDnsNameOptionsOnLaunch", Value::Object(desired)) => desired
                .iter()
                .all(|(name, value)| live.get(name) == Some(value)),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{owner_tags, story, tags, with};

    #[test]
    fn calls_and_replies() {
        let block = |block: &str, state: &str| json!([{ "AssociationId": "subnet-cidr-assoc-1", "Ipv6CidrBlock": block, "Ipv6CidrBlockState": { "State": state } }]);
        let subnet = json!({ "SubnetId": "subnet-1", "State": "available", "VpcId": "vpc-1", "AvailabilityZone": "us-east-1a",
            "AvailabilityZoneId": "use1-az1", "CidrBlock": "10.0.0.0/24", "Ipv6Native": false,
            "AssignIpv6AddressOnCreation": true, "EnableDns64": true, "MapPublicIpOnLaunch": true,
            "Ipv6CidrBlockAssociationSet": block("2001:db8:1::/64", "associated"),
            "PrivateDnsNameOptionsOnLaunch": { "HostnameType": "resource-name", "EnableResourceNameDnsARecord": true,
                "EnableResourceNameDnsAAAARecord": false },
            "Tags": tags() });
        let seen = |members: Value| {
            vec![json!({ "Subnets": [{ "SubnetId": "subnet-0" }, with(&subnet, members)] })]
        };
        let fresh = json!({ "AssignIpv6AddressOnCreation": false, "EnableDns64": false, "MapPublicIpOnLaunch": false,
            "PrivateDnsNameOptionsOnLaunch": { "HostnameType": "ip-name", "EnableResourceNameDnsARecord": false,
                "EnableResourceNameDnsAAAARecord": false }, "Tags": owner_tags() });
        insta::assert_snapshot!(story::<Subnet>(
            json!({ "VpcId": "vpc-1", "AvailabilityZoneId": "use1-az1", "CidrBlock": "10.0.0.0/24", "Ipv6CidrBlock": "2001:db8:1::/64",
                "AssignIpv6AddressOnCreation": true, "EnableDns64": true, "MapPublicIpOnLaunch": true,
                "PrivateDnsNameOptionsOnLaunch": { "HostnameType": "resource-name", "EnableResourceNameDnsARecord": true } }),
            "subnet-1",
            &json!({ "Subnet": subnet }),
            vec![
                ("as asked", seen(json!({}))),
                ("just created", seen(fresh.clone())),
                (
                    "without its block",
                    seen(with(&fresh, json!({ "Ipv6CidrBlockAssociationSet": [] })))
                ),
                (
                    "with another block",
                    seen(
                        json!({ "Ipv6CidrBlockAssociationSet": block("2001:db8:1:1::/64", "associated") })
                    )
                ),
                (
                    "another zone",
                    seen(json!({ "AvailabilityZoneId": "use1-az2" }))
                ),
                (
                    "associating",
                    seen(
                        json!({ "Ipv6CidrBlockAssociationSet": block("2001:db8:1::/64", "associating") })
                    )
                ),
                ("pending", seen(json!({ "State": "pending" }))),
                (
                    "failed",
                    seen(json!({ "State": "failed-insufficient-capacity" }))
                ),
            ],
        ));
    }

    #[test]
    fn what_is_no_longer_asked_for_goes_back_to_the_default_and_then_shows_no_more() {
        let plain = Subnet {
            vpc_id: "vpc-1".to_owned(),
            ..Subnet::default()
        };
        let me = crate::testing::me(Some("subnet-1"));
        let see = |on: bool| {
            let replies = [
                json!({ "Subnets": [{ "SubnetId": "subnet-1", "VpcId": "vpc-1", "MapPublicIpOnLaunch": on }] }),
            ];
            match plain.read(&me, &replies) {
                Seen::Live(live) => live,
                seen => panic!("{seen:?}"),
            }
        };
        let live = see(true);
        assert_eq!(live.properties.map_public_ip_on_launch, Some(true));
        let calls = plain.update(&me, &live, &["MapPublicIpOnLaunch"]);
        assert_eq!(
            calls[0].params["MapPublicIpOnLaunch"],
            json!({ "Value": false })
        );
        assert_eq!(see(false).properties.map_public_ip_on_launch, None);
    }
}
