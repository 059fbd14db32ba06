//! Every reading of two platforms: one planned, with what a careful reader objects to, and one that exists.

use platform_insight::cloudformation::cloudformation;
use platform_insight::cost::{PriceBook, cost};
use platform_insight::diagram::diagram;
use platform_insight::inventory::from_terraform_json;
use platform_insight::review::review;
use platform_insight::tree::tree;
use platform_insight::{CompositeView, inventory};
use serde_json::Value;

fn plan() -> Vec<CompositeView> {
    shown(include_str!("fixtures/plan.json"))
}

fn state() -> Vec<CompositeView> {
    shown(include_str!("fixtures/state.json"))
}

fn shown(text: &str) -> Vec<CompositeView> {
    from_terraform_json(&serde_json::from_str(text).unwrap()).unwrap()
}

fn both() -> Vec<CompositeView> {
    [plan(), state()].concat()
}

#[test]
fn trees() {
    insta::assert_snapshot!(tree(&both()));
}

#[test]
fn costs() {
    let cost = cost(&both(), &PriceBook::embedded().unwrap());
    insta::assert_snapshot!(cost);
    let lines: f64 = cost
        .lines
        .iter()
        .filter(|line| line.assumed.is_none())
        .map(|line| line.low)
        .sum();
    assert!((lines - cost.fixed).abs() < 0.005, "the lines add up");
    let parts: usize = both().iter().map(|view| view.parts.len()).sum();
    let mut charged: Vec<(&str, &str)> = cost
        .lines
        .iter()
        .map(|line| (line.composite.as_str(), line.part.as_str()))
        .collect();
    charged.dedup();
    let free: usize = cost.free.values().sum();
    let not_priced: usize = cost.not_priced.values().map(Vec::len).sum();
    assert_eq!(
        charged.len() + free + not_priced,
        parts,
        "every part is accounted for"
    );
}

#[test]
fn reviews() {
    insta::assert_snapshot!(review(&both()));
}

#[test]
fn diagrams() {
    insta::assert_snapshot!("mermaid", diagram(&both()));
    insta::assert_snapshot!("dot", diagram(&both()).dot());
}

#[test]
fn templates() {
    insta::assert_snapshot!(
        "template_of_a_plan",
        cloudformation(&plan(), &platform_kinds::all())
            .unwrap()
            .to_string()
    );
    insta::assert_snapshot!(
        "template_of_a_state",
        cloudformation(&state(), &platform_kinds::all())
            .unwrap()
            .to_string()
    );
}

#[test]
fn the_attribute_resources_is_enough() {
    let shown: Value = serde_json::from_str(include_str!("fixtures/state.json")).unwrap();
    let resources = shown
        .pointer("/values/root_module/resources/0/values/resources")
        .unwrap();
    let bare = inventory::from_resources(resources).unwrap();
    let whole = &state()[0];
    assert_eq!(bare.parts, whole.parts);
    assert_eq!(
        (&bare.name, &bare.region, &bare.composite),
        (&whole.name, &whole.region, &whole.composite)
    );
    assert_eq!(bare.owner(), whole.owner());
}
