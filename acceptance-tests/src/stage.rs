//! Everything a scenario needs, set up together: an emulator, the proxy in front of it, a Terraform folder.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ensure;
use crate::{Emulator, Flavor, Inventory, Outcome, Proxy, Run, Terraform};

/// The region that scenarios build in.
pub const REGION: &str = "us-east-1";

/// An emulator, a proxy, a working folder, and what existed before the scenario began.
pub struct Stage {
    /// The emulated account.
    pub emulator: Emulator,
    /// What the provider talks to.
    pub proxy: Proxy,
    /// The working folder.
    pub terraform: Terraform,
    /// What a fresh account has.
    pub before: Inventory,
}

/// One entry of a composite's `resources`.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// CloudFormation type name.
    pub kind: String,
    /// Identifier; null if the part does not exist.
    pub id: Value,
}

impl Stage {
    /// A stage on moto.
    pub fn new() -> Outcome<Self> {
        Self::around(Emulator::moto()?)
    }

    /// A stage on the named emulator, or `None` where it is not installed.
    pub fn on(flavor: Flavor) -> Outcome<Option<Self>> {
        Emulator::start(flavor)?.map(Self::around).transpose()
    }

    /// A stage on an emulator that runs.
    pub fn around(emulator: Emulator) -> Outcome<Self> {
        let proxy = Proxy::start(emulator.address())?;
        let terraform = Terraform::new(&proxy.endpoint())?;
        let before = Inventory::take(emulator.api(), REGION)?;
        Ok(Self {
            emulator,
            proxy,
            terraform,
            before,
        })
    }

    /// Goes back to a fresh account and an empty state.
    pub fn reset(&mut self) -> Outcome<()> {
        self.proxy.thaw();
        self.emulator.reset()?;
        self.terraform.lose_state()?;
        self.before = Inventory::take(self.emulator.api(), REGION)?;
        Ok(())
    }

    /// What exists now and did not exist in the fresh account.
    pub fn made(&self) -> Outcome<Inventory> {
        Ok(Inventory::take(self.emulator.api(), REGION)?.since(&self.before))
    }

    /// Applies a configuration and expects the composite at `address` to be ready and the next plan to be empty.
    pub fn settle(&self, hcl: &str, address: &str) -> Outcome<Run> {
        self.terraform.write(hcl)?;
        let run = self.terraform.apply()?;
        let state = self.terraform.state_of(address)?;
        ensure!(
            state["ready"] == true,
            "{address} is not ready after\n{}",
            run.text()
        );
        self.terraform.expect_no_changes("after the apply")?;
        Ok(run)
    }

    /// The parts of the composite at `address`, as its state shows them.
    pub fn parts(&self, address: &str) -> Outcome<BTreeMap<String, Part>> {
        let state = self.terraform.state_of(address)?;
        let resources = state["resources"].as_object().cloned().unwrap_or_default();
        ensure!(
            !resources.is_empty(),
            "{address} shows no resources: {state}"
        );
        let part = |value: &Value| Part {
            kind: value["type"].as_str().unwrap_or_default().to_owned(),
            id: value["id"].clone(),
        };
        Ok(resources
            .iter()
            .map(|(address, value)| (address.clone(), part(value)))
            .collect())
    }

    /// Destroys everything and expects the account to be as it was.
    pub fn strike(&self) -> Outcome<()> {
        let run = self.terraform.destroy()?;
        let left = self.made()?;
        ensure!(
            left.is_empty(),
            "after the destroy there is still:\n{left}\n{}",
            run.text()
        );
        Ok(())
    }
}
