//! The readings of a graph, by name: shared by the command line and the provider functions.

use clap::ValueEnum;
use platform_graph::Call;
use platform_insight::cost::{PriceBook, cost};
use platform_insight::{CompositeView, cloudformation, diagram, policy, review, stores, tree};
use serde::Serialize;
use serde_json::Value as Json;

/// A way to look at a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Reading {
    /// Every AWS resource, by composite, zone and tier.
    Graph,
    /// What it costs a month.
    Cost,
    /// What each store is, costs and is protected by.
    Stores,
    /// What a careful reader would object to.
    Review,
    /// The IAM policy that is enough to run it.
    Policy,
    /// A CloudFormation template of the same resources.
    Cloudformation,
    /// A diagram in Mermaid's notation.
    Diagram,
}

impl Reading {
    /// Whether the reading is a text of its own rather than data.
    pub fn is_text(self) -> bool {
        matches!(
            self,
            Reading::Graph | Reading::Diagram | Reading::Policy | Reading::Cloudformation
        )
    }
}

/// The reading as text for people.
///
/// # Errors
/// Why it can't be made.
pub fn text(reading: Reading, views: &[CompositeView]) -> Result<String, String> {
    Ok(match reading {
        Reading::Graph => tree::tree(views).to_string(),
        Reading::Cost => cost(views, &PriceBook::embedded()?).to_string(),
        Reading::Stores => stores_of(views)?.to_string(),
        Reading::Review => review::review(views).to_string(),
        Reading::Policy => policy_of(views).to_string(),
        Reading::Diagram => diagram::diagram(views).to_string(),
        Reading::Cloudformation => {
            cloudformation::cloudformation(views, &platform_kinds::all())?.to_string()
        }
    })
}

/// The reading as data.
///
/// # Errors
/// Why it can't be made.
pub fn json(reading: Reading, views: &[CompositeView]) -> Result<Json, String> {
    match reading {
        Reading::Graph => data(&tree::tree(views)),
        Reading::Cost => data(&cost(views, &PriceBook::embedded()?)),
        Reading::Stores => data(&stores_of(views)?),
        Reading::Review => data(&review::review(views)),
        Reading::Policy => data(&policy_of(views)),
        Reading::Diagram => data(&diagram::diagram(views)),
        Reading::Cloudformation => data(&cloudformation::cloudformation(
            views,
            &platform_kinds::all(),
        )?),
    }
}

/// What is not in a reading's text and a person should know.
pub fn remarks(reading: Reading, views: &[CompositeView]) -> Vec<String> {
    if reading != Reading::Policy {
        return Vec::new();
    }
    let policy = policy_of(views);
    let mut remarks = [policy.wider, policy.missing].concat();
    if policy.characters > policy::MANAGED_POLICY_LIMIT {
        remarks.push(format!(
            "the policy has {} characters and IAM takes {} in one managed policy: split it",
            policy.characters,
            policy::MANAGED_POLICY_LIMIT
        ));
    }
    remarks
}

fn stores_of(views: &[CompositeView]) -> Result<stores::Stores, String> {
    let book = PriceBook::embedded()?;
    Ok(stores::stores(views, &platform_kinds::all(), &book))
}

fn policy_of(views: &[CompositeView]) -> policy::Policy {
    let asks: Vec<Call> = platform_composites::schema::all()
        .iter()
        .filter(|def| views.iter().any(|view| view.composite == def.name))
        .flat_map(|def| (def.asks)())
        .collect();
    policy::policy(views, &platform_kinds::all(), &asks, None)
}

fn data(reading: &impl Serialize) -> Result<Json, String> {
    serde_json::to_value(reading).map_err(|error| error.to_string())
}
