//! What one composite hands over to another: `network = platform_network.main`.
//!
//! Terraform drops what the taker does not ask for, so a composite takes what it needs by the names of the other's outputs. How
//! the other is doing comes with it: `x-late` in the [schema](crate::schema).

use std::collections::BTreeMap;

use platform_graph::Problems;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A `platform_network`, handed over whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkHandover {
    /// Region and name of the network.
    pub id: String,
    /// Whether every part of the network is there.
    #[schemars(extend("x-late" = true))]
    pub ready: Option<bool>,
    /// Why each part of it that is missing is missing.
    #[schemars(extend("x-late" = {}))]
    pub failures: Option<BTreeMap<String, String>>,
    /// Id of the VPC.
    pub vpc_id: String,
    /// Names of the zones, by zone id.
    #[serde(default)]
    pub zone_names: BTreeMap<String, String>,
    /// Ids of the subnets, by tier and zone id.
    #[serde(default)]
    pub subnet_ids: BTreeMap<String, BTreeMap<String, String>>,
    /// IPv4 blocks of the subnets, by tier and zone id.
    #[serde(default)]
    pub subnet_cidrs: BTreeMap<String, BTreeMap<String, String>>,
    /// Ids of the security groups, by name.
    #[serde(default)]
    pub security_group_ids: BTreeMap<String, String>,
}

/// How a composite that is handed over is doing.
#[derive(Debug, Clone, Copy)]
pub struct Condition<'a> {
    /// Terraform resource type, `platform_network`.
    pub composite: &'a str,
    /// Region and name.
    pub id: &'a str,
    /// Whether every part is there; `None` while Terraform does not know.
    pub ready: Option<bool>,
    /// Why each part that is missing is missing.
    pub failures: Option<&'a BTreeMap<String, String>>,
}

impl NetworkHandover {
    /// How the network is doing.
    pub fn condition(&self) -> Condition<'_> {
        Condition {
            composite: "platform_network",
            id: &self.id,
            ready: self.ready,
            failures: self.failures.as_ref(),
        }
    }
}

/// How the reason of a part begins that was left alone since another is missing.
const WAITS_FOR: &str = "waits for ";

/// Why a part is missing that refers to another that is missing, as `failures` of a composite says it.
pub fn waits_for(cause: &str) -> String {
    format!("{WAITS_FOR}{cause}, which is missing")
}

impl Condition<'_> {
    /// Refuses to build on a composite that is not ready; names the parts to blame, those that failed themselves first.
    pub fn check(&self, argument: &str, problems: &mut Problems) {
        const MOST: usize = 5;
        if self.ready != Some(false) {
            return;
        }
        let mut lines: Vec<String> = Vec::new();
        let mut waiting = 0;
        for (address, why) in self.failures.into_iter().flatten() {
            if why.starts_with(WAITS_FOR) {
                waiting += 1;
            } else {
                lines.push(format!("{address}: {why}"));
            }
        }
        let more = lines.len().saturating_sub(MOST);
        lines.truncate(MOST);
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        match waiting {
            0 => {}
            1 => lines.push("1 part that waits for these".to_owned()),
            _ => lines.push(format!("{waiting} parts that wait for these")),
        }
        if lines.is_empty() {
            lines.push(
                "its attribute failures names no part; the next apply of it goes on".to_owned(),
            );
        }
        problems.error(
            [argument],
            format!("{} {} is not ready", self.composite, self.id),
            format!(
                "Nothing is built on what is not there. Missing:\n  {}\nRemove the cause and apply again: work goes on from there.",
                lines.join("\n  ")
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(ready: Option<bool>, failures: &[(&str, &str)]) -> String {
        let failures = failures
            .iter()
            .map(|(address, why)| ((*address).to_owned(), (*why).to_owned()))
            .collect();
        let network = NetworkHandover {
            id: "us-east-1/main".to_owned(),
            ready,
            failures: Some(failures),
            ..NetworkHandover::default()
        };
        let mut problems = Problems::new();
        network.condition().check("network", &mut problems);
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_ready_or_not_known_yet_is_built_on() {
        assert_eq!(complaints(Some(true), &[]), "");
        assert_eq!(complaints(None, &[("subnet/a", "denied")]), "");
    }

    #[test]
    fn the_part_to_blame_is_named_and_those_that_wait_are_counted() {
        let text = complaints(
            Some(false),
            &[
                ("nat/use1-az1", "could not create nat/use1-az1: quota"),
                ("route/private/use1-az1", &waits_for("nat/use1-az1")),
            ],
        );
        assert!(
            text.contains("platform_network us-east-1/main is not ready"),
            "{text}"
        );
        assert!(text.contains("nat/use1-az1: could not create"), "{text}");
        assert!(text.contains("1 part that waits"), "{text}");
        assert_eq!(waits_for("vpc"), "waits for vpc, which is missing");
        assert!(!text.contains("route/private"), "{text}");
    }
}
