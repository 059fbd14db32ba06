//! The configurations that the scenarios apply, and what each must make.

use std::collections::BTreeMap;

use acceptance_tests::{Outcome, Stage, ensure, with_provider};

/// Address of the composite in every configuration.
pub const NETWORK: &str = "platform_network.main";

/// What the scenarios vary; everything else is left to the defaults.
#[derive(Debug, Clone, Copy)]
pub struct Network {
    pub zones: usize,
    /// (name, kind)
    pub tiers: &'static [(&'static str, &'static str)],
    pub nat: &'static str,
    pub flow_logs: bool,
    pub protected: bool,
}

pub const PUBLIC: (&str, &str) = ("public", "public");
pub const PRIVATE: (&str, &str) = ("private", "private");
pub const DATABASE: (&str, &str) = ("database", "isolated");
pub const CACHE: (&str, &str) = ("cache", "isolated");

/// Three zones, three tiers, a NAT gateway in every zone.
pub const WHOLE: Network = Network {
    zones: 3,
    tiers: &[PUBLIC, PRIVATE, DATABASE],
    nat: "per_zone",
    flow_logs: true,
    protected: false,
};

/// The smallest network that has a part of every sort.
pub const SMALL: Network = Network {
    zones: 1,
    tiers: &[PUBLIC, PRIVATE],
    nat: "single",
    flow_logs: true,
    protected: false,
};

impl Network {
    pub fn hcl(&self) -> String {
        let tiers: String = self
            .tiers
            .iter()
            .map(|(name, kind)| format!("    {name} = {{ kind = \"{kind}\" }}\n"))
            .collect();
        resource(&format!(
            r#"
  name                = "main"
  cidr                = "10.0.0.0/16"
  zones               = {{ count = {} }}
  tiers = {{
{tiers}  }}
  nat                 = {{ mode = "{}" }}
  flow_logs           = {{ enabled = {} }}
  deletion_protection = {}
"#,
            self.zones, self.nat, self.flow_logs, self.protected
        ))
    }

    /// How many of each must exist: what AWS would bill or show for this network.
    fn expected(&self) -> BTreeMap<&'static str, usize> {
        let gateways = match self.nat {
            "none" => 0,
            "single" => 1,
            _ => self.zones,
        };
        BTreeMap::from([
            ("vpc", 1),
            ("subnet", self.zones * self.tiers.len()),
            ("internet gateway", 1),
            ("nat gateway", gateways),
            ("elastic ip", gateways),
        ])
    }

    /// Checks the account against [`Network::expected`], whatever the provider says.
    pub fn expect_in(&self, stage: &Stage) -> Outcome<()> {
        let made = stage.made()?;
        for (what, count) in self.expected() {
            let found = made.ids(what).len();
            ensure!(
                found == count,
                "{self:?} needs {count} of {what}, but {found} exist:\n{made}"
            );
        }
        Ok(())
    }
}

/// A whole configuration around the body of a network.
pub fn resource(body: &str) -> String {
    with_provider(
        "",
        &format!(r#"resource "platform_network" "main" {{{body}}}"#),
    )
}
