//! Which availability zones the network is in.

use std::collections::{BTreeMap, BTreeSet};

use platform_graph::{Call, Problems};
use serde_json::Value;

use crate::{Ledger, Question, Setting};

use super::spec::Zones;

/// Key of the question for the region's zones.
pub(super) const QUESTION: &str = "zones";
/// How many zones when nothing is said.
const DEFAULT_COUNT: u8 = 3;
/// Zones taken last when the choice is ours: EKS can't place its control plane in them.
/// <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>
const LAST_CHOICE: [&str; 3] = ["cac1-az3", "use1-az3", "usw1-az2"];

/// A zone of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone {
    /// Zone id, `use1-az1`.
    pub id: String,
    /// Name in this account, `us-east-1a`, where it is known.
    pub name: Option<String>,
}

/// The zones in the ledger, in the order in which they were taken in.
fn recorded(ledger: &Ledger) -> Vec<Zone> {
    let mut zones: Vec<(u32, Zone)> = ledger
        .0
        .iter()
        .filter_map(|(key, rank)| {
            let id = key.strip_prefix("zone/")?.to_owned();
            let name = ledger.0.get(&format!("zone-name/{id}")).cloned();
            Some((rank.parse().ok()?, Zone { id, name }))
        })
        .collect();
    zones.sort_by(|one, other| (one.0, &one.1.id).cmp(&(other.0, &other.1.id)));
    zones.into_iter().map(|(_, zone)| zone).collect()
}

/// The question for the region's zones, unless the ledger answers it.
pub(super) fn question(wanted: &Zones, ledger: &Ledger) -> Option<Question> {
    let known = recorded(ledger);
    let (answered, required) = if !wanted.ids.is_empty() {
        let all = wanted
            .ids
            .iter()
            .all(|id| known.iter().any(|zone| &zone.id == id));
        (all, false)
    } else if !wanted.names.is_empty() {
        let all = wanted
            .names
            .iter()
            .all(|name| known.iter().any(|zone| zone.name.as_ref() == Some(name)));
        (all, true)
    } else {
        let count = usize::from(wanted.count.unwrap_or(DEFAULT_COUNT));
        (known.len() >= count, true)
    };
    if answered {
        return None;
    }
    let call = Call::new("ec2", "DescribeAvailabilityZones");
    Some(Question {
        key: QUESTION.into(),
        call,
        required,
    })
}

/// The zones that AWS offers, `None` when it was not asked: id to name, those of the last choice last.
fn offered(setting: &Setting) -> Option<Vec<Zone>> {
    let reply = setting
        .answers
        .get(QUESTION)?
        .get("AvailabilityZones")?
        .as_array()?;
    let text = |zone: &Value, name: &str| zone.get(name)?.as_str().map(str::to_owned);
    let mut zones: Vec<Zone> = reply
        .iter()
        .filter(|zone| {
            text(zone, "ZoneType").is_none_or(|kind| kind == "availability-zone")
                && text(zone, "OptInStatus").is_none_or(|status| status != "not-opted-in")
                && text(zone, "State").is_none_or(|state| state == "available")
        })
        .filter_map(|zone| {
            Some(Zone {
                id: text(zone, "ZoneId")?,
                name: text(zone, "ZoneName"),
            })
        })
        .collect();
    zones.sort_by_key(|zone| (LAST_CHOICE.contains(&zone.id.as_str()), zone.id.clone()));
    Some(zones)
}

/// Chooses the zones and writes new ones into the ledger; in the order in which they were taken in.
pub(super) fn choose(
    wanted: &Zones,
    setting: &Setting,
    ledger: &mut Ledger,
    problems: &mut Problems,
) -> Vec<Zone> {
    let known = recorded(ledger);
    let offered = offered(setting);
    let chosen: Vec<Zone> = if !wanted.ids.is_empty() {
        by_id(&wanted.ids, &known, offered.as_deref(), setting, problems)
    } else if !wanted.names.is_empty() {
        by_name(&wanted.names, &known, offered.as_deref(), setting, problems)
    } else {
        let count = usize::from(wanted.count.unwrap_or(DEFAULT_COUNT));
        by_count(count, &known, offered.as_deref(), setting, problems)
    };
    let ranks = ledger.0.iter().filter(|(key, _)| key.starts_with("zone/"));
    let next = ranks
        .filter_map(|(_, rank)| rank.parse::<usize>().ok())
        .max()
        .map_or(0, |last| last + 1);
    let new: Vec<&Zone> = chosen
        .iter()
        .filter(|zone| !known.iter().any(|other| other.id == zone.id))
        .collect();
    for (index, zone) in new.iter().enumerate() {
        ledger
            .0
            .insert(format!("zone/{}", zone.id), (next + index).to_string());
        if let Some(name) = &zone.name {
            ledger
                .0
                .insert(format!("zone-name/{}", zone.id), name.clone());
        }
    }
    let rank: BTreeMap<String, usize> = recorded(ledger)
        .into_iter()
        .enumerate()
        .map(|(rank, zone)| (zone.id, rank))
        .collect();
    let mut chosen = chosen;
    chosen.sort_by_key(|zone| rank.get(&zone.id).copied());
    chosen
}

fn list<'a>(zones: impl IntoIterator<Item = &'a Zone>) -> String {
    zones
        .into_iter()
        .map(|zone| match &zone.name {
            Some(name) => format!("{} ({name})", zone.id),
            None => zone.id.clone(),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

fn by_id(
    ids: &BTreeSet<String>,
    known: &[Zone],
    offered: Option<&[Zone]>,
    setting: &Setting,
    problems: &mut Problems,
) -> Vec<Zone> {
    let mut chosen = Vec::new();
    for id in ids {
        let found = known
            .iter()
            .chain(offered.into_iter().flatten())
            .find(|zone| &zone.id == id);
        match (found, offered) {
            (Some(zone), _) => chosen.push(zone.clone()),
            (None, None) => chosen.push(Zone {
                id: id.clone(),
                name: None,
            }),
            (None, Some(offered)) => problems.error(
                ["zones", "ids"],
                format!(
                    "{id} is not a zone this account can use in {}",
                    setting.owner.region
                ),
                format!("It can use: {}.", list(offered)),
            ),
        }
    }
    chosen
}

fn by_name(
    names: &BTreeSet<String>,
    known: &[Zone],
    offered: Option<&[Zone]>,
    setting: &Setting,
    problems: &mut Problems,
) -> Vec<Zone> {
    let mut chosen = Vec::new();
    for name in names {
        match known
            .iter()
            .chain(offered.into_iter().flatten())
            .find(|zone| zone.name.as_ref() == Some(name))
        {
            Some(zone) => chosen.push(zone.clone()),
            None => problems.error(
                ["zones", "names"],
                format!(
                    "{name} is not a zone this account can use in {}",
                    setting.owner.region
                ),
                format!(
                    "It can use: {}.",
                    list(offered.unwrap_or_default().iter().chain(known))
                ),
            ),
        }
    }
    chosen
}

fn by_count(
    count: usize,
    known: &[Zone],
    offered: Option<&[Zone]>,
    setting: &Setting,
    problems: &mut Problems,
) -> Vec<Zone> {
    let mut chosen: Vec<Zone> = known.iter().take(count).cloned().collect();
    for zone in offered.unwrap_or_default() {
        if chosen.len() < count && !known.iter().any(|other| other.id == zone.id) {
            chosen.push(zone.clone());
        }
    }
    if chosen.len() < count {
        problems.error(
            ["zones", "count"],
            format!(
                "{} does not have {count} zones for this account",
                setting.owner.region
            ),
            format!(
                "It can use {}: {}. Ask for that many, or opt in to more.",
                chosen.len(),
                list(&chosen)
            ),
        );
    }
    chosen
}
