//! What is there, by composite, zone and tier.

use std::collections::BTreeMap;
use std::fmt;

use platform_graph::Recorded;
use serde::Serialize;

use crate::CompositeView;
use crate::inventory::{Placement, text};

/// All composites with their parts in order of where they stand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tree {
    /// One branch per composite.
    pub composites: Vec<Branch>,
}

/// One composite.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Branch {
    /// Its Terraform address.
    pub address: String,
    /// Its name.
    pub name: String,
    /// Its region, where known.
    pub region: Option<String>,
    /// How many of its parts exist.
    pub existing: usize,
    /// How many parts it has.
    pub parts: usize,
    /// The parts by zone; the whole region first.
    pub zones: Vec<Zone>,
}

/// The parts in one availability zone, or in none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Zone {
    /// Id of the zone; `None` for the whole region.
    pub zone: Option<String>,
    /// The parts by tier; those of no tier first.
    pub tiers: Vec<Tier>,
}

/// The parts of one tier in one zone, or of none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tier {
    /// Name of the tier; `None` for parts of no tier.
    pub tier: Option<String>,
    /// The parts, by address.
    pub leaves: Vec<Leaf>,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leaf {
    /// Its address.
    pub address: String,
    /// Its CloudFormation type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id, where it exists.
    pub id: Option<String>,
    /// The one property by which people know it, such as the address range of a subnet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_by: Option<String>,
}

/// Puts the parts of all composites in order.
pub fn tree(views: &[CompositeView]) -> Tree {
    Tree {
        composites: views.iter().map(branch).collect(),
    }
}

fn branch(view: &CompositeView) -> Branch {
    let mut places: BTreeMap<Placement<'_>, Vec<Leaf>> = BTreeMap::new();
    for (address, part) in &view.parts {
        places
            .entry(view.placement(address))
            .or_default()
            .push(Leaf {
                address: address.clone(),
                kind: part.kind.clone(),
                id: part.id.clone(),
                known_by: known_by(part),
            });
    }
    let mut zones: Vec<Zone> = Vec::new();
    for (place, leaves) in places {
        let tier = Tier {
            tier: place.tier.map(str::to_owned),
            leaves,
        };
        match zones.last_mut() {
            Some(zone) if zone.zone.as_deref() == place.zone => zone.tiers.push(tier),
            _ => zones.push(Zone {
                zone: place.zone.map(str::to_owned),
                tiers: vec![tier],
            }),
        }
    }
    Branch {
        address: view.address.clone(),
        name: view.name.clone(),
        region: view.region.clone(),
        existing: view.parts.values().filter(|part| part.id.is_some()).count(),
        parts: view.parts.len(),
        zones,
    }
}

fn known_by(part: &Recorded) -> Option<String> {
    let attribute = |name: &str| part.attributes.as_ref()?.get(name)?.as_str();
    let found = match part.kind.as_str() {
        "AWS::EC2::VPC" | "AWS::EC2::Subnet" | "AWS::EC2::VPCCidrBlock" => {
            text(part, "CidrBlock").or_else(|| text(part, "Ipv6CidrBlock"))
        }
        "AWS::EC2::SubnetCidrBlock" => text(part, "Ipv6CidrBlock"),
        "AWS::EC2::EIP" => attribute("PublicIp"),
        "AWS::EC2::Route" => text(part, "DestinationCidrBlock")
            .or_else(|| text(part, "DestinationIpv6CidrBlock"))
            .or_else(|| text(part, "DestinationPrefixListId")),
        "AWS::EC2::VPCEndpoint" => text(part, "ServiceName"),
        "AWS::EC2::SecurityGroup" => text(part, "GroupName"),
        "AWS::Logs::LogGroup" => text(part, "LogGroupName"),
        "AWS::IAM::Role" => text(part, "RoleName"),
        _ => None,
    };
    found
        .filter(|value| !value.contains("${part:"))
        .map(str::to_owned)
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, branch) in self.composites.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{branch}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = self.region.as_deref().unwrap_or("an unknown region");
        writeln!(
            f,
            "{}: {} in {region}, {} of {} parts exist",
            self.address, self.name, self.existing, self.parts
        )?;
        let leaves = || {
            self.zones
                .iter()
                .flat_map(|zone| &zone.tiers)
                .flat_map(|tier| &tier.leaves)
        };
        let address = leaves().map(|leaf| leaf.address.len()).max().unwrap_or(0);
        let kind = leaves().map(|leaf| leaf.kind.len()).max().unwrap_or(0);
        for (at, zone) in self.zones.iter().enumerate() {
            let last_zone = at + 1 == self.zones.len();
            let (fork, stem) = branch_marks(last_zone);
            writeln!(f, "{fork}{}", zone.zone.as_deref().unwrap_or("region"))?;
            for (at, tier) in zone.tiers.iter().enumerate() {
                let (fork, inner) = branch_marks(at + 1 == zone.tiers.len());
                writeln!(
                    f,
                    "{stem}{fork}{}",
                    tier.tier.as_deref().unwrap_or("every tier")
                )?;
                for (at, leaf) in tier.leaves.iter().enumerate() {
                    let (fork, _) = branch_marks(at + 1 == tier.leaves.len());
                    let id = leaf.id.as_deref().unwrap_or("(not there yet)");
                    let line = format!(
                        "{stem}{inner}{fork}{:address$}  {:kind$}  {id}  {}",
                        leaf.address,
                        leaf.kind,
                        leaf.known_by.as_deref().unwrap_or_default()
                    );
                    writeln!(f, "{}", line.trim_end())?;
                }
            }
        }
        Ok(())
    }
}

fn branch_marks(last: bool) -> (&'static str, &'static str) {
    if last {
        ("└─ ", "   ")
    } else {
        ("├─ ", "│  ")
    }
}
