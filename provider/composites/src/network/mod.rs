//! `platform_network`: a VPC and everything that belongs to it.
//!
//! # Flow
//! `spec` is what the user writes and `check` finds what is wrong with it alone. `layout` gives every tier and zone its
//! addresses, out of the ledger where it can. `expand` cuts the layout into parts, one module per matter. `preflight` finds
//! what AWS would refuse.
//!
//! # Guarantees
//! Parts of one zone or tier do not depend on which other zones and tiers there are, except those that serve all of them:
//! endpoints (which list subnets or route tables), a regional NAT gateway (which lists its zones' addresses) and the default
//! network ACL.

mod acls;
mod address;
mod allocation;
mod blocks;
mod check;
mod endpoints;
mod flow_logs;
mod groups;
mod ipam;
mod layout;
mod nat;
mod outputs;
mod ports;
mod preflight;
pub mod spec;
mod subnets;
mod vpc;
mod zones;

#[cfg(test)]
mod tests;

pub use outputs::Outputs;
pub use spec::Network;

use platform_graph::{Graph, Limits, Problems, Tags};
use serde_json::Value;

use crate::{Composite, Expansion, Ledger, Question, Setting};
use layout::Layout;

impl Composite for Network {
    const TYPE: &'static str = "platform_network";
    const ABOUT: &'static str = "A VPC with everything that belongs to it: tiers of subnets over availability zones, route \
        tables, NAT, VPC endpoints, flow logs, network ACLs and security groups. Addresses are allocated once and kept in \
        a ledger, so zones and tiers can be added and removed without touching any other.";
    const ANCHOR: &'static str = address::VPC;
    const ANCHOR_KIND: &'static str = "AWS::EC2::VPC";
    const SERVICES: &'static [&'static str] = &["EC2", "IAM", "KMS", "Logs"];
    type Outputs = Outputs;

    fn name(&self) -> &str {
        &self.name
    }

    fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn protected(&self) -> bool {
        self.deletion_protection
    }

    fn removes_left_data(&self) -> bool {
        self.delete_cluster_volumes
    }

    fn limits(&self) -> Limits {
        Limits {
            replace: self.allow_replace.clone(),
            delete: self.allow_delete.clone(),
        }
    }

    fn check(&self, problems: &mut Problems) {
        check::check(self, problems);
    }

    fn is_open(&self) -> bool {
        check::is_open(self)
    }

    fn questions(&self, ledger: &Ledger) -> Vec<Question> {
        let mut questions: Vec<Question> =
            zones::question(&self.zones, ledger).into_iter().collect();
        if let Some(pool) = &self.ipam
            && !ledger.0.contains_key("vpc")
        {
            questions.extend(ipam::questions(pool));
        }
        questions
    }

    fn preflight_questions(&self) -> Vec<Question> {
        preflight::questions(self)
    }

    fn inquisitive() -> Self {
        let mut network = Network::named("any");
        network.ipam = Some(spec::Ipam {
            pool_id: "ipam-pool-0".to_owned(),
            netmask_length: 16,
        });
        network
            .endpoints
            .interface
            .insert("sts".to_owned(), spec::InterfaceEndpoint::default());
        network
    }

    fn preflight(
        &self,
        setting: &Setting,
        expansion: &Expansion,
        creates: &dyn Fn(&str) -> bool,
        problems: &mut Problems,
    ) {
        preflight::preflight(self, setting, expansion, creates, problems);
    }

    fn expand(
        &self,
        setting: &Setting,
        ledger: &Ledger,
        problems: &mut Problems,
    ) -> Option<Expansion> {
        let mut found = Problems::new();
        let mut ledger = ledger.clone();
        let layout = Layout::new(self, setting, &mut ledger, &mut found);
        check::check_zones(self, layout.as_ref(), &mut found);
        let failed = found.has_errors();
        problems.extend(found);
        let layout = layout.filter(|_| !failed)?;

        let mut graph = Graph::new(setting.owner.clone(), setting.tags.clone());
        vpc::add(&layout, &mut graph);
        subnets::add(&layout, &mut graph);
        nat::add(&layout, &mut graph);
        acls::add(&layout, &mut graph);
        groups::add(&layout, &mut graph);
        endpoints::add(&layout, &mut graph);
        flow_logs::add(&layout, &mut graph);

        check::check_addresses(self, &graph, &ledger, problems);
        let outputs = Outputs::of(&layout, &graph);
        Some(Expansion {
            graph,
            ledger,
            // A struct of texts and maps with text keys always serialises.
            outputs: serde_json::to_value(outputs).unwrap_or(Value::Null),
        })
    }
}
