//! Which block every tier gets, and which every subnet.
//!
//! What the ledger holds stays. New tiers are placed largest first, each in the smallest free piece that holds it, so the result
//! does not depend on how the configuration is written and large pieces stay whole for later.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use platform_graph::Problems;

use crate::Ledger;

use super::blocks::{find_free, overlap};
use super::layout::SubnetLayout;
use super::spec::{Ipv6Mode, Network, Tier, TierKind};
use super::zones::Zone;

/// Longest prefix of a subnet that AWS allows.
const SMALLEST_SUBNET: u8 = 28;

/// The allocation of addresses to tiers and subnets.
pub(super) struct Allocation<'a, 'b> {
    pub spec: &'a Network,
    pub zones: &'b [Zone],
    /// The VPC's blocks, the primary one first.
    pub blocks: &'b [Ipv4Net],
    pub ledger: &'b mut Ledger,
    pub problems: &'b mut Problems,
}

impl Allocation<'_, '_> {
    fn recorded(&self, key: &str) -> Option<Ipv4Net> {
        self.ledger.0.get(key)?.parse().ok()
    }

    /// Every block that is spoken for, in use or reserved.
    fn taken(&self) -> Vec<Ipv4Net> {
        self.ledger
            .0
            .iter()
            .filter(|(key, _)| key.starts_with("tier/") || key.starts_with("subnet/"))
            .filter_map(|(_, block)| block.parse().ok())
            .collect()
    }

    /// The prefix length of a tier's existing subnets.
    fn recorded_prefix(&self, tier: &str) -> Option<u8> {
        let prefix = format!("subnet/{tier}/");
        self.ledger
            .0
            .iter()
            .find(|(key, _)| key.starts_with(&prefix))
            .and_then(|(_, block)| block.parse::<Ipv4Net>().ok())
            .map(|block| block.prefix_len())
    }

    /// The blocks of the VPC in which a tier may lie, best first.
    fn possible_blocks(&self, tier: &Tier) -> Vec<Ipv4Net> {
        let own: Option<Ipv4Net> = tier
            .cidr_block
            .as_deref()
            .and_then(|text| text.parse().ok());
        match own {
            Some(own) => vec![own],
            None => self.blocks.to_vec(),
        }
    }

    /// The prefix length of the subnets of a tier that has none yet.
    ///
    /// Private tiers share half of the block, since that is where workloads and their pods live; the others get a sixteenth
    /// each. With four zones reserved that makes a /19 and a /22 of a /16.
    fn default_prefix(&self, tier: &Tier) -> u8 {
        let block = self
            .possible_blocks(tier)
            .first()
            .copied()
            .unwrap_or(self.blocks[0]);
        let slots = self.slots().trailing_zeros() as u8;
        let share = match tier.kind {
            TierKind::Public | TierKind::Isolated => 4,
            TierKind::Private => {
                let sisters = self
                    .spec
                    .tiers
                    .values()
                    .filter(|other| {
                        other.kind == TierKind::Private
                            && other.prefix_length.is_none()
                            && other.cidr_block == tier.cidr_block
                            && self.spec.ipv6_mode(other) != Ipv6Mode::Only
                    })
                    .count();
                1 + sisters.next_power_of_two().trailing_zeros() as u8
            }
        };
        (block.prefix_len() + share + slots).clamp(16, SMALLEST_SUBNET)
    }

    /// For how many subnets a new tier reserves room.
    fn slots(&self) -> usize {
        usize::from(self.spec.reserve_zones)
            .max(self.zones.len())
            .next_power_of_two()
    }

    /// Gives every tier with IPv4 a block: the large ones first, so that small ones do not break up the room they need.
    pub fn tier_blocks(&mut self) {
        let spec = self.spec;
        let mut new = Vec::new();
        for (name, tier) in &spec.tiers {
            if spec.ipv6_mode(tier) == Ipv6Mode::Only {
                continue;
            }
            match self.recorded(&format!("tier/{name}")) {
                Some(block) => self.check_recorded(name, tier, block),
                None => {
                    let prefix = tier
                        .prefix_length
                        .unwrap_or_else(|| self.default_prefix(tier));
                    new.push((prefix, name, tier));
                }
            }
        }
        new.sort_by_key(|(prefix, name, _)| (*prefix, *name));
        for (prefix, name, tier) in new {
            match self.room_for(tier, prefix) {
                Some(block) => {
                    self.ledger
                        .0
                        .insert(format!("tier/{name}"), block.to_string());
                    // The length is kept apart from the block, which says only how much is reserved.
                    self.ledger
                        .0
                        .insert(format!("tier-prefix/{name}"), prefix.to_string());
                }
                None => self.too_small(name, tier, prefix),
            }
        }
    }

    fn room_for(&self, tier: &Tier, prefix: u8) -> Option<Ipv4Net> {
        let length = prefix.checked_sub(self.slots().trailing_zeros() as u8)?;
        let taken = self.taken();
        self.possible_blocks(tier)
            .into_iter()
            .find_map(|block| find_free(block, &taken, length))
    }

    fn too_small(&mut self, name: &str, tier: &Tier, prefix: u8) {
        let fitting =
            (prefix + 1..=SMALLEST_SUBNET).find(|prefix| self.room_for(tier, *prefix).is_some());
        let blocks: Vec<String> = self
            .possible_blocks(tier)
            .iter()
            .map(Ipv4Net::to_string)
            .collect();
        let advice = match fitting {
            Some(fitting) => format!("`prefix_length = {fitting}` would fit."),
            None => {
                let least = self.least_block();
                let holds_all = |block: Ipv4Net| u32::from(block.prefix_len()) <= least;
                let why = if self.possible_blocks(tier).into_iter().any(holds_all) {
                    "the rest is taken or reserved by other tiers".to_owned()
                } else {
                    format!("with them, all tiers together need a /{least}")
                };
                format!(
                    "Not even /{SMALLEST_SUBNET} subnets would fit: {why}. Give other tiers a greater `prefix_length` before they are \
                     made, add a block to `secondary_cidrs`, lower `reserve_zones`, or give up reservations of removed tiers with \
                     `release`."
                )
            }
        };
        self.problems.error(
            ["tiers", name, "prefix_length"],
            format!("no room for the /{prefix} subnets of tier {name}"),
            format!(
                "The tier needs {} blocks of that size side by side (`reserve_zones`), and {} has no such room left. {advice}",
                self.slots(),
                blocks.join(" and "),
            ),
        );
    }

    /// Prefix length of the block that holds all tiers with the smallest subnets.
    fn least_block(&self) -> u32 {
        let tiers = self
            .spec
            .tiers
            .values()
            .filter(|tier| self.spec.ipv6_mode(tier) != Ipv6Mode::Only)
            .count();
        let subnets = (tiers * self.slots()).next_power_of_two();
        u32::from(SMALLEST_SUBNET).saturating_sub(subnets.trailing_zeros())
    }

    /// Finds what the configuration asks of a tier that already has addresses and that can't be met.
    fn check_recorded(&mut self, name: &str, tier: &Tier, block: Ipv4Net) {
        let prefix = self.tier_prefix(name, tier);
        if let Some(wanted) = tier.prefix_length
            && wanted != prefix
        {
            self.problems.error(
                ["tiers", name, "prefix_length"],
                format!("the subnets of tier {name} are a /{prefix} and can't become a /{wanted}"),
                "AWS can't change the size of a subnet. Set the length back, add a tier with another name and the new length, move over, \
                 then remove this one.",
            );
        }
        let home = self.blocks.iter().find(|vpc| vpc.contains(&block)).copied();
        match home {
            None => self.problems.error(
                ["secondary_cidrs"],
                format!("tier {name} lies in {block}, which is no longer among the blocks of the VPC"),
                "Put the block back, or remove the tier first and apply.",
            ),
            Some(home) if !self.possible_blocks(tier).contains(&home) => self.problems.error(
                ["tiers", name, "cidr_block"],
                format!("tier {name} lies in {home} and can't be moved"),
                "Subnets can't move. Set the block back, add a tier with another name in the other block, move over, then remove this one.",
            ),
            Some(_) => {}
        }
    }

    fn tier_prefix(&self, name: &str, tier: &Tier) -> u8 {
        self.ledger
            .0
            .get(&format!("tier-prefix/{name}"))
            .and_then(|text| text.parse().ok())
            .or_else(|| self.recorded_prefix(name))
            .or(tier.prefix_length)
            .unwrap_or_else(|| self.default_prefix(tier))
    }

    /// Gives every subnet its addresses, by tier and zone.
    pub fn subnets(&mut self) -> BTreeMap<String, BTreeMap<String, SubnetLayout>> {
        let spec = self.spec;
        let zones = self.zones;
        let mut all: BTreeMap<String, BTreeMap<String, SubnetLayout>> = BTreeMap::new();
        for (name, tier) in &spec.tiers {
            let mode = spec.ipv6_mode(tier);
            for zone in zones {
                let subnet = SubnetLayout {
                    ipv4: if mode == Ipv6Mode::Only {
                        None
                    } else {
                        self.ipv4_subnet(name, tier, &zone.id)
                    },
                    ipv6: if mode == Ipv6Mode::None {
                        None
                    } else {
                        self.ipv6_subnet(name, &zone.id)
                    },
                };
                all.entry(name.clone())
                    .or_default()
                    .insert(zone.id.clone(), subnet);
            }
        }
        all
    }

    fn ipv4_subnet(&mut self, name: &str, tier: &Tier, zone: &str) -> Option<Ipv4Net> {
        let key = format!("subnet/{name}/{zone}");
        if let Some(block) = self.recorded(&key) {
            return Some(block);
        }
        // A tier without a block was reported as too small.
        let own = self.recorded(&format!("tier/{name}"))?;
        let prefix = self.tier_prefix(name, tier);
        let sisters: Vec<Ipv4Net> = self
            .ledger
            .0
            .iter()
            .filter(|(key, _)| key.starts_with("subnet/"))
            .filter_map(|(_, block)| block.parse().ok())
            .filter(|block| overlap(own, *block))
            .collect();
        let beside = find_free(own, &sisters, prefix);
        let taken = self.taken();
        let found = beside.or_else(|| {
            self.possible_blocks(tier)
                .into_iter()
                .find_map(|block| find_free(block, &taken, prefix))
        });
        match found {
            Some(block) => {
                self.ledger.0.insert(key, block.to_string());
            }
            None => self.problems.error(
                ["tiers", name],
                format!("no room for a /{prefix} subnet of tier {name} in zone {zone}"),
                "All that the tier reserved is in use or kept for removed zones, and the VPC has no room left. Add a block to \
                 `secondary_cidrs`, or give up reservations with `release`.",
            ),
        }
        found
    }

    fn ipv6_subnet(&mut self, name: &str, zone: &str) -> Option<u64> {
        let key = format!("subnet-ipv6/{name}/{zone}");
        if let Some(index) = self.ledger.0.get(&key).and_then(|text| text.parse().ok()) {
            return Some(index);
        }
        let taken: Vec<u64> = self
            .ledger
            .0
            .iter()
            .filter(|(key, _)| key.starts_with("subnet-ipv6/"))
            .filter_map(|(_, index)| index.parse().ok())
            .collect();
        let room = 1_u64 << (64 - self.spec.ipv6_netmask()).min(63);
        let found = (0..room).find(|index| !taken.contains(index));
        match found {
            Some(index) => {
                self.ledger.0.insert(key, index.to_string());
            }
            None => self.problems.error(
                ["tiers", name],
                format!("no /64 left for tier {name} in zone {zone}"),
                format!("The VPC's IPv6 block holds {room} subnets, all of them in use or reserved. Give up reservations with `release`."),
            ),
        }
        found
    }
}
