//! Which addresses every subnet has: the network as it is laid out, before it is cut into parts.
//!
//! # Flow
//! Zones first, then the VPC's block, then a block per tier, then a subnet per tier and zone. What the ledger holds is taken
//! from there; the rest is allocated in an order that does not depend on how the configuration is written, and put there.
//!
//! # Guarantees
//! - An allocation in the ledger is never changed. What can't be met without changing one is an error that says what to do.
//! - Removed tiers and zones keep their addresses until `release` names them.
//! - A choice that was ours (the tier of NAT gateways, the zone of the only one, the tier of endpoints) stays as long as it can.
//! - A tier's block holds [`reserve_zones`](Network::reserve_zones) subnets, so a zone added later lies beside its sisters. When a
//!   tier has more zones than that, further subnets are taken from whatever is free.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use platform_graph::Problems;

use crate::{Ledger, Setting};

use super::allocation::Allocation;
use super::ipam;
use super::spec::{Ipv6Mode, NatMode, Network, Tier, TierKind};
use super::zones::{Zone, choose};

/// The network with all its addresses.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub spec: &'a Network,
    pub setting: &'a Setting,
    /// In the order in which they were taken in.
    pub zones: Vec<Zone>,
    pub primary: Ipv4Net,
    pub tiers: BTreeMap<&'a str, TierLayout<'a>>,
    /// Name of the tier in which zonal NAT gateways stand.
    pub nat_tier: Option<String>,
    /// Id of the zone with the NAT gateway, where there is one for all zones.
    pub nat_zone: Option<String>,
    /// Name of the tier of interface endpoints that name none.
    pub endpoint_tier: Option<String>,
}

/// One tier with all its addresses.
#[derive(Debug)]
pub(super) struct TierLayout<'a> {
    pub spec: &'a Tier,
    pub ipv6: Ipv6Mode,
    /// The addresses of each zone's subnet, by zone id.
    pub subnets: BTreeMap<String, SubnetLayout>,
}

/// The addresses of one subnet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SubnetLayout {
    pub ipv4: Option<Ipv4Net>,
    /// Which /64 of the VPC's IPv6 block.
    pub ipv6: Option<u64>,
}

impl<'a> Layout<'a> {
    /// Lays out the network; writes new allocations into the ledger.
    pub fn new(
        spec: &'a Network,
        setting: &'a Setting,
        ledger: &mut Ledger,
        problems: &mut Problems,
    ) -> Option<Self> {
        let zones = choose(&spec.zones, setting, ledger, problems);
        release(spec, &zones, ledger, problems);
        let primary = primary_block(spec, setting, ledger, problems)?;
        if zones.is_empty() {
            return None;
        }
        let blocks: Vec<Ipv4Net> = std::iter::once(primary)
            .chain(
                spec.secondary_cidrs
                    .iter()
                    .filter_map(|cidr| cidr.parse().ok()),
            )
            .collect();
        let mut allocation = Allocation {
            spec,
            zones: &zones,
            blocks: &blocks,
            ledger,
            problems,
        };
        allocation.tier_blocks();
        let mut subnets = allocation.subnets();
        let tiers = spec
            .tiers
            .iter()
            .map(|(name, tier)| {
                let layout = TierLayout {
                    spec: tier,
                    ipv6: spec.ipv6_mode(tier),
                    subnets: subnets.remove(name).unwrap_or_default(),
                };
                (name.as_str(), layout)
            })
            .collect();
        let zonal = matches!(spec.nat_mode(), NatMode::Single | NatMode::PerZone);
        let single = spec.nat_mode() == NatMode::Single;
        let nat_tier = pin(
            ledger,
            "nat/tier",
            zonal,
            spec.nat.tier.as_deref(),
            spec.tiers_for_nat(),
        );
        let ids = zones.iter().map(|zone| zone.id.as_str());
        let nat_zone = pin(ledger, "nat/zone", single, None, ids);
        let endpoint_tier = pin(
            ledger,
            "endpoint/tier",
            spec.endpoints
                .interface
                .values()
                .any(|endpoint| endpoint.tier.is_none()),
            spec.endpoints.tier.as_deref(),
            spec.tiers_for_endpoints(),
        );
        Some(Layout {
            spec,
            setting,
            zones,
            primary,
            tiers,
            nat_tier,
            nat_zone,
            endpoint_tier,
        })
    }

    /// Ids of the zones with a zonal NAT gateway.
    pub fn nat_zones(&self) -> Vec<&str> {
        let ids = self.zones.iter().map(|zone| zone.id.as_str());
        match self.spec.nat_mode() {
            NatMode::PerZone => ids.collect(),
            NatMode::Single => self.nat_zone.as_deref().into_iter().collect(),
            NatMode::None | NatMode::Regional => Vec::new(),
        }
    }
}

impl Network {
    /// Whether the VPC has an IPv6 block.
    pub(super) fn has_ipv6(&self) -> bool {
        self.ipv6.as_ref().is_some_and(|ipv6| ipv6.enabled)
    }

    /// The address families of a tier, with the default applied.
    pub(super) fn ipv6_mode(&self, tier: &Tier) -> Ipv6Mode {
        tier.ipv6.unwrap_or(if self.has_ipv6() {
            Ipv6Mode::DualStack
        } else {
            Ipv6Mode::None
        })
    }

    /// Whether a tier sends IPv4 traffic to NAT, its own or that of DNS64 names; not when it has a default route of its own.
    pub(super) fn uses_nat(&self, tier: &Tier) -> bool {
        tier.kind == TierKind::Private
            && if self.ipv6_mode(tier) == Ipv6Mode::Only {
                self.ipv6.as_ref().is_some_and(|ipv6| ipv6.nat64)
            } else {
                !tier.routes.contains_key("0.0.0.0/0")
            }
    }

    /// The NAT mode; none where no tier would use it.
    pub(super) fn nat_mode(&self) -> NatMode {
        if self.tiers.values().any(|tier| self.uses_nat(tier)) {
            self.nat.mode
        } else {
            NatMode::None
        }
    }

    /// Names of the tiers in which zonal NAT gateways can stand, best first.
    pub(super) fn tiers_for_nat(&self) -> impl Iterator<Item = &str> {
        self.tiers
            .iter()
            .filter(|(_, tier)| {
                tier.kind == TierKind::Public && self.ipv6_mode(tier) != Ipv6Mode::Only
            })
            .map(|(name, _)| name.as_str())
    }

    /// Names of the tiers in which interface endpoints can stand, best first.
    fn tiers_for_endpoints(&self) -> impl Iterator<Item = &str> {
        [TierKind::Private, TierKind::Isolated, TierKind::Public]
            .into_iter()
            .flat_map(|kind| self.tiers.iter().filter(move |(_, tier)| tier.kind == kind))
            .map(|(name, _)| name.as_str())
    }

    /// Whether the VPC has an internet gateway.
    pub(super) fn has_internet_gateway(&self) -> bool {
        self.nat_mode() != NatMode::None
            || self
                .tiers
                .values()
                .any(|tier| tier.kind == TierKind::Public)
    }

    /// Whether there is an egress-only internet gateway.
    pub(super) fn has_egress_only_gateway(&self) -> bool {
        self.has_ipv6()
            && self.ipv6.as_ref().is_some_and(|ipv6| ipv6.egress_only)
            && self.tiers.values().any(|tier| {
                tier.kind == TierKind::Private && self.ipv6_mode(tier) != Ipv6Mode::None
            })
    }
}

/// A choice among `possible` that stays what it was as long as that is possible; what the configuration says comes first.
fn pin<'a>(
    ledger: &mut Ledger,
    key: &str,
    wanted: bool,
    said: Option<&str>,
    possible: impl Iterator<Item = &'a str>,
) -> Option<String> {
    if let Some(said) = said {
        return Some(said.to_owned());
    }
    if !wanted {
        return None;
    }
    let possible: Vec<&str> = possible.collect();
    let chosen = ledger
        .0
        .get(key)
        .map(String::as_str)
        .filter(|recorded| possible.contains(recorded))
        .or(possible.first().copied())?
        .to_owned();
    ledger.0.insert(key.to_owned(), chosen.clone());
    Some(chosen)
}

/// Forgets the allocations that the configuration gives up.
fn release(spec: &Network, zones: &[Zone], ledger: &mut Ledger, problems: &mut Problems) {
    for key in &spec.release {
        let path: Vec<&str> = key.split('/').collect();
        let active = |id: &str| zones.iter().any(|zone| zone.id == id);
        let in_use = match path[..] {
            ["tier", tier] => spec.tiers.contains_key(tier),
            ["subnet", tier, zone] => spec.tiers.contains_key(tier) && active(zone),
            ["zone", zone] => active(zone),
            _ => {
                problems.error(
                    ["release"],
                    format!("{key:?} is not something that can be given up"),
                    "Possible are keys of the ledger like `tier/cache`, `subnet/cache/use1-az1` and `zone/use1-az4`.",
                );
                continue;
            }
        };
        if in_use {
            problems.error(
                ["release"],
                format!("{key} is in use"),
                "Only addresses of removed tiers and zones can be given up: remove it, apply, then name it here.",
            );
            continue;
        }
        ledger.0.retain(|entry, _| {
            let of: Vec<&str> = entry.split('/').collect();
            match (&path[..], &of[..]) {
                (["tier", tier], ["tier" | "tier-prefix", other])
                | (["tier", tier], ["subnet" | "subnet-ipv6", other, _]) => tier != other,
                (["subnet", tier, zone], ["subnet" | "subnet-ipv6", other, place]) => {
                    (tier, zone) != (other, place)
                }
                (["zone", zone], ["zone" | "zone-name", other])
                | (["zone", zone], ["subnet" | "subnet-ipv6", _, other]) => zone != other,
                _ => true,
            }
        });
    }
}

/// The VPC's primary block: that of the ledger, else that of the configuration.
fn primary_block(
    spec: &Network,
    setting: &Setting,
    ledger: &mut Ledger,
    problems: &mut Problems,
) -> Option<Ipv4Net> {
    let recorded: Option<Ipv4Net> = ledger.0.get("vpc").and_then(|text| text.parse().ok());
    let wanted: Option<Ipv4Net> = spec.cidr.as_deref().and_then(|text| text.parse().ok());
    if let (Some(recorded), Some(wanted)) = (recorded, wanted)
        && recorded != wanted
    {
        if spec.allow_replace.contains("vpc") {
            ledger.0.retain(|key, _| key.starts_with("zone"));
        } else {
            problems.error(
                ["cidr"],
                format!("the VPC has the block {recorded}, which can't be changed to {wanted}"),
                "AWS can't change the primary block of a VPC, and every address in it would move. Add the new block to \
                 `secondary_cidrs`, or make a second network and move over. To throw this one away and build it anew, with all that \
                 is in it, put \"vpc\" into `allow_replace`.",
            );
            return None;
        }
    }
    check_pool(spec, ledger, problems);
    let block = match ledger.0.get("vpc").and_then(|text| text.parse().ok()) {
        Some(recorded) => recorded,
        None => match wanted {
            Some(wanted) => wanted,
            None => ipam::first_free(spec.ipam.as_ref()?, setting, problems)?,
        },
    };
    if let Some(pool) = spec.ipam.as_ref().filter(|_| !ledger.0.contains_key("vpc")) {
        ledger.0.insert("vpc-pool".to_owned(), pool.pool_id.clone());
    }
    ledger.0.insert("vpc".to_owned(), block.to_string());
    if let Some(ipam) = &spec.ipam
        && ipam.netmask_length != block.prefix_len()
    {
        problems.error(
            ["ipam", "netmask_length"],
            format!("the VPC has the block {block} from the pool, which can't become a /{}", ipam.netmask_length),
            "AWS can't change the primary block of a VPC. Set the length back, and add `secondary_cidrs` for more room.",
        );
    }
    Some(block)
}

/// Finds a pool that is not the one the VPC's block came from: AWS could follow only with another VPC.
fn check_pool(spec: &Network, ledger: &Ledger, problems: &mut Problems) {
    let Some(pool) = spec.ipam.as_ref().filter(|_| ledger.0.contains_key("vpc")) else {
        return;
    };
    let recorded = ledger.0.get("vpc-pool");
    if recorded != Some(&pool.pool_id) {
        problems.error(
            ["ipam", "pool_id"],
            format!("the VPC's block does not come from {}", pool.pool_id),
            format!(
                "AWS can't move the primary block of a VPC to another pool. {}",
                match recorded {
                    Some(recorded) => format!("It comes from {recorded}: set that back."),
                    None => "It was set with `cidr`: set that back.".to_owned(),
                }
            ),
        );
    }
}

impl Network {
    /// Prefix length of the VPC's IPv6 block; Amazon provides a /56.
    pub(super) fn ipv6_netmask(&self) -> u8 {
        self.ipv6
            .as_ref()
            .and_then(|ipv6| ipv6.ipam.as_ref())
            .map_or(56, |ipam| ipam.netmask_length)
    }
}
