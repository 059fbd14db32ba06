//! `AWS::EC2::NatGateway`: lets instances out to other networks and nobody in.
//!
//! A zonal gateway lives in one subnet and has one address, and further ones. A regional gateway (`AvailabilityMode`
//! `regional`) belongs to the VPC and spreads over its zones by itself, with addresses of Amazon's or with those named per zone
//! in `AvailabilityZoneAddresses`.
//!
//! One that failed says why and is deleted before another try; one in state `deleted` still shows for an hour and is not
//! there. Addresses that come or go make the gateway pending, except where AWS itself moves them.
//!
//! # Caveats
//! The addresses of a gateway are exclusive: a gateway with the address of its predecessor fails. Since a replacement
//! usually keeps the address, the old one is deleted first, and traffic stops in between.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html>.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::{Attributes, Call, Claim, Disruption, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::reply::{items, text, texts, unless_default};
use crate::{census, ec2};

/// Properties of a NAT gateway.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NatGateway {
    /// Subnet of a zonal gateway.
    pub subnet_id: Option<String>,
    /// VPC of a regional gateway.
    pub vpc_id: Option<String>,
    /// `zonal`, AWS's default, or `regional`.
    pub availability_mode: Option<String>,
    /// Allocation id of the address of a public zonal gateway.
    pub allocation_id: Option<String>,
    /// Addresses of a regional gateway by zone; without them AWS provides addresses wherever it needs them.
    pub availability_zone_addresses: Option<Vec<ZoneAddresses>>,
    /// `public`, AWS's default, or `private`.
    pub connectivity_type: Option<String>,
    /// Private address of a zonal gateway; AWS chooses one otherwise.
    pub private_ip_address: Option<String>,
    /// Allocation ids of further addresses of a public zonal gateway.
    pub secondary_allocation_ids: Option<Vec<String>>,
    /// Further private addresses of a private gateway.
    pub secondary_private_ip_addresses: Option<Vec<String>>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Addresses of a regional NAT gateway in one zone, which is given by its name or its id.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ZoneAddresses {
    /// Allocation ids.
    #[serde(default)]
    pub allocation_ids: Vec<String>,
    /// Zone by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
    /// Zone by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_zone_id: Option<String>,
}

/// An address as a pair of its zone, by the member that names it, and its allocation id.
type Placed = (&'static str, String, String);

fn placed(zones: Option<&Vec<ZoneAddresses>>) -> BTreeSet<Placed> {
    let place = |zone: &ZoneAddresses| match (&zone.availability_zone_id, &zone.availability_zone) {
        (Some(id), _) => Some(("AvailabilityZoneId", id.clone())),
        (None, Some(name)) => Some(("AvailabilityZone", name.clone())),
        (None, None) => None,
    };
    zones
        .into_iter()
        .flatten()
        .filter_map(|zone| Some((place(zone)?, &zone.allocation_ids)))
        .flat_map(|((member, zone), ids)| {
            ids.iter().map(move |id| (member, zone.clone(), id.clone()))
        })
        .collect()
}

impl NatGateway {
    fn is_regional(gateway: &Value) -> bool {
        ec2::is(gateway, "AvailabilityMode", "regional")
    }

    /// Groups the addresses of a regional gateway by zone, naming zones as they are asked for.
    fn by_zone(&self, addresses: &[&Value]) -> Option<Vec<ZoneAddresses>> {
        let asked = self.availability_zone_addresses.as_ref()?;
        let by_id = asked.iter().any(|zone| zone.availability_zone_id.is_some());
        let member = if by_id {
            "AvailabilityZoneId"
        } else {
            "AvailabilityZone"
        };
        let mut zones: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for address in addresses {
            if let (Some(zone), Some(id)) = (text(address, member), text(address, "AllocationId")) {
                zones.entry(zone).or_default().push(id);
            }
        }
        let zone = |(zone, mut ids): (String, Vec<String>)| {
            ids.sort();
            let (id, name) = if by_id {
                (Some(zone), None)
            } else {
                (None, Some(zone))
            };
            ZoneAddresses {
                allocation_ids: ids,
                availability_zone: name,
                availability_zone_id: id,
            }
        };
        Some(zones.into_iter().map(zone).collect())
    }

    fn live(&self, id: String, gateway: &Value) -> Live<Self> {
        let regional = Self::is_regional(gateway);
        let addresses: Vec<&Value> = addresses_of(gateway).collect();
        let (first, further): (Vec<&Value>, Vec<&Value>) = addresses
            .iter()
            .partition(|address| !regional && ec2::flag(address, "IsPrimary").unwrap_or(true));
        let primary = first.first().copied().unwrap_or(&Value::Null);
        let all = |member: &str| -> Vec<String> {
            let mut values: Vec<String> = further
                .iter()
                .filter_map(|address| text(address, member))
                .collect();
            values.sort();
            values
        };
        // Addresses nobody asked for are AWS's business on a regional gateway and do not show on a plain one.
        let secondary = |member: &str, asked: &Option<Vec<String>>| {
            unless_default(
                Some(all(member)).filter(|_| !regional),
                Vec::new(),
                asked.as_ref(),
            )
        };
        let public = unless_default(
            text(gateway, "ConnectivityType"),
            "public".to_owned(),
            self.connectivity_type.as_ref(),
        );
        let is_private = public.as_deref() == Some("private");
        let mut public_ips: Vec<String> = addresses
            .iter()
            .filter_map(|address| text(address, "PublicIp"))
            .collect();
        public_ips.sort();
        let associations: BTreeMap<String, String> = addresses
            .iter()
            .filter_map(|address| {
                Some((
                    text(address, "AllocationId")?,
                    text(address, "AssociationId")?,
                ))
            })
            .collect();
        Live {
            attributes: ec2::attributes([
                ("NatGatewayId", Some(json!(id))),
                ("PublicIp", primary.get("PublicIp").cloned()),
                ("PublicIps", Some(json!(public_ips))),
                ("RouteTableId", gateway.get("RouteTableId").cloned()),
                ("AssociationIds", Some(json!(associations))),
                ("CreateTime", gateway.get("CreateTime").cloned()),
            ]),
            properties: NatGateway {
                subnet_id: text(gateway, "SubnetId"),
                vpc_id: text(gateway, "VpcId"),
                availability_mode: unless_default(
                    text(gateway, "AvailabilityMode").or_else(|| Some("zonal".to_owned())),
                    "zonal".to_owned(),
                    self.availability_mode.as_ref(),
                ),
                allocation_id: text(primary, "AllocationId"),
                availability_zone_addresses: self.by_zone(&addresses),
                private_ip_address: text(primary, "PrivateIp"),
                secondary_allocation_ids: secondary("AllocationId", &self.secondary_allocation_ids),
                // Every further address of a public gateway has a private one, which is not asked for.
                secondary_private_ip_addresses: secondary(
                    "PrivateIp",
                    &self.secondary_private_ip_addresses,
                )
                .filter(|_| is_private || self.secondary_private_ip_addresses.is_some()),
                connectivity_type: public,
                tags: ec2::tags(gateway),
            },
            id,
        }
    }

    fn manages_addresses(&self) -> bool {
        self.availability_zone_addresses.is_some()
            || self.secondary_allocation_ids.is_some()
            || self.secondary_private_ip_addresses.is_some()
    }
}

/// The addresses of a gateway, without those that could not be added: it works without them.
fn addresses_of(gateway: &Value) -> impl Iterator<Item = &Value> {
    items(gateway, "NatGatewayAddresses")
        .iter()
        .filter(|address| !ec2::is(address, "Status", "failed"))
}

/// Members of the second list that the first one lacks.
fn missing(have: &Option<Vec<String>>, want: &Option<Vec<String>>) -> Vec<String> {
    let have = have.as_deref().unwrap_or_default();
    want.iter()
        .flatten()
        .filter(|id| !have.contains(id))
        .cloned()
        .collect()
}

impl Kind for NatGateway {
    const TYPE: &'static str = "AWS::EC2::NatGateway";
    const CREATE_ONLY: &'static [&'static str] = &[
        "SubnetId",
        "VpcId",
        "AvailabilityMode",
        "AllocationId",
        "ConnectivityType",
        "PrivateIpAddress",
    ];
    const UNORDERED: &'static [&'static str] =
        &["SecondaryAllocationIds", "SecondaryPrivateIpAddresses"];
    const EXCLUSIVE: &'static [&'static str] = &[
        "AllocationId",
        "AvailabilityZoneAddresses",
        "SecondaryAllocationIds",
    ];
    /// `PublicIp` is that of a public zonal gateway, `PublicIps` are all addresses, in order; `RouteTableId` is that of a
    /// regional gateway; `AssociationIds` leads from an allocation id to the association that removing the address takes.
    const ATTRIBUTES: &'static [&'static str] = &[
        "NatGatewayId",
        "PublicIp",
        "PublicIps",
        "RouteTableId",
        "AssociationIds",
        "CreateTime",
    ];
    const VOLATILE: &'static [&'static str] = &["PublicIps", "AssociationIds"];
    const TAGGED: bool = true;
    const BORN: &'static str = "CreateTime";
    const EXPECTED_SECONDS: u32 = 90;
    const DEADLINE_SECONDS: u32 = 900;

    fn find(&self, me: &Identity) -> Vec<Call> {
        // This operation calls its filters `Filter`.
        let mut call = Call::describe_own("DescribeNatGateways", "nat-gateway-id", me);
        if let Some(filters) = call.params.remove("Filters") {
            call = call.with("Filter", filters).merging("/Filter/0/Values");
        }
        vec![call]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        ec2::own(me, replies, "NatGateways", "NatGatewayId", |id, gateway| {
            match text(gateway, "State").as_deref() {
                Some("pending") => {
                    return Seen::Pending {
                        id,
                        why: "pending".to_owned(),
                    };
                }
                Some("deleting") => return Seen::Deleting { id },
                Some("failed") => {
                    let said: Vec<String> = ["FailureCode", "FailureMessage"]
                        .iter()
                        .filter_map(|member| text(gateway, member))
                        .collect();
                    return Seen::Failed {
                        id,
                        why: said.join(": "),
                    };
                }
                _ => {}
            }
            let moving = addresses_of(gateway).find_map(|address| {
                let status = text(address, "Status").filter(|status| status.ends_with("ing"))?;
                let name = text(address, "AllocationId").or_else(|| text(address, "PrivateIp"))?;
                Some(format!("{name} is {status}"))
            });
            if let Some(why) = moving.filter(|_| self.manages_addresses()) {
                return Seen::Pending { id, why };
            }
            Seen::Live(self.live(id, gateway))
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let call = Call::new("ec2", "CreateNatGateway")
            .with("SubnetId", &self.subnet_id)
            .with("VpcId", &self.vpc_id)
            .with("AvailabilityMode", &self.availability_mode)
            .with("AllocationId", &self.allocation_id)
            .with(
                "AvailabilityZoneAddresses",
                &self.availability_zone_addresses,
            )
            .with("ConnectivityType", &self.connectivity_type)
            .with("PrivateIpAddress", &self.private_ip_address)
            .with("SecondaryAllocationIds", &self.secondary_allocation_ids)
            .with(
                "SecondaryPrivateIpAddresses",
                &self.secondary_private_ip_addresses,
            )
            .idempotent("ClientToken");
        vec![ec2::tagged(call, "natgateway", &self.tags)]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        text(&reply["NatGateway"], "NatGatewayId")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let call = |action: &'static str| Call::new("ec2", action).with("NatGatewayId", &live.id);
        let seen = &live.properties;
        let mut calls = Vec::new();
        // What is gone is taken away first: a gateway holds a limited number of addresses.
        let dissociate = |ids: Vec<String>| {
            let associations: Vec<&Value> = ids
                .iter()
                .filter_map(|id| live.attributes.get("AssociationIds")?.get(id))
                .collect();
            (!associations.is_empty())
                .then(|| call("DisassociateNatGatewayAddress").with("AssociationIds", associations))
        };
        if changed.contains(&"SecondaryAllocationIds") {
            calls.extend(dissociate(missing(
                &self.secondary_allocation_ids,
                &seen.secondary_allocation_ids,
            )));
            let more = missing(
                &seen.secondary_allocation_ids,
                &self.secondary_allocation_ids,
            );
            if !more.is_empty() {
                calls.push(call("AssociateNatGatewayAddress").with("AllocationIds", more));
            }
        }
        if changed.contains(&"AvailabilityZoneAddresses") {
            let (have, want) = (
                placed(seen.availability_zone_addresses.as_ref()),
                placed(self.availability_zone_addresses.as_ref()),
            );
            calls.extend(dissociate(
                have.difference(&want).map(|(.., id)| id.clone()).collect(),
            ));
            let mut zones: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
            for (member, zone, id) in want.difference(&have) {
                zones.entry((member, zone)).or_default().push(id);
            }
            for ((member, zone), ids) in zones {
                calls.push(
                    call("AssociateNatGatewayAddress")
                        .with("AllocationIds", ids)
                        .with(member, zone),
                );
            }
        }
        if changed.contains(&"SecondaryPrivateIpAddresses") {
            let (have, want) = (
                &seen.secondary_private_ip_addresses,
                &self.secondary_private_ip_addresses,
            );
            for (action, addresses) in [
                ("UnassignPrivateNatGatewayAddress", missing(want, have)),
                ("AssignPrivateNatGatewayAddress", missing(have, want)),
            ] {
                if !addresses.is_empty() {
                    calls.push(call(action).with("PrivateIpAddresses", addresses));
                }
            }
        }
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DeleteNatGateway").with("NatGatewayId", id)]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_ec2(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_ec2(replies, "nat")
    }

    fn disruption(property: &str) -> Disruption {
        match property {
            // Connections through an address that goes are cut and come back through another.
            "AvailabilityZoneAddresses"
            | "SecondaryAllocationIds"
            | "SecondaryPrivateIpAddresses" => Disruption::Failover,
            _ => Disruption::None,
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        if property != "AvailabilityZoneAddresses" {
            return live == desired;
        }
        let zones = |value: &Value| -> Vec<(String, BTreeSet<String>)> {
            let zone = |zone: &Value| {
                let place =
                    text(zone, "AvailabilityZoneId").or_else(|| text(zone, "AvailabilityZone"))?;
                Some((place, texts(zone, "AllocationIds").into_iter().collect()))
            };
            let mut zones: Vec<_> = value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(zone)
                .collect();
            zones.sort();
            zones
        };
        zones(live) == zones(desired)
    }
}

#[cfg(test)]
mod tests;
