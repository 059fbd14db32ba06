//! Tags of the whole provider: those that every part gets, and those that others manage.

use std::collections::{BTreeMap, BTreeSet};

use acceptance_tests::inventory::elements;
use acceptance_tests::{Outcome, Plan, Stage, ensure, with_provider};
use serde_json::{Map, Value};

use crate::configuration::NETWORK;

/// A small network whose tiers and groups have tags of their own, with these further lines in the provider block.
fn network(provider: &str) -> String {
    with_provider(
        provider,
        r#"resource "platform_network" "main" {
  name  = "main"
  cidr  = "10.0.0.0/16"
  zones = { count = 1 }
  tags  = { team = "network" }
  tiers = {
    public  = { kind = "public" }
    private = { kind = "private", tags = { team = "apps", stage = "own" } }
  }
  security_groups     = { app = { ingress = { web = { from_cidrs = ["10.0.0.0/8"], port = 443 } } } }
  flow_logs           = { cloudwatch = { own_kms_key = true } }
  deletion_protection = false
}"#,
    )
}

fn resources(stage: &Stage) -> Outcome<Map<String, Value>> {
    let state = stage.terraform.state_of(NETWORK)?;
    Ok(state["resources"].as_object().cloned().unwrap_or_default())
}

/// The tags of every part that can have some.
fn tags(resources: &Map<String, Value>) -> BTreeMap<&str, &Map<String, Value>> {
    resources
        .iter()
        .filter_map(|(address, part)| {
            Some((address.as_str(), part["properties"]["Tags"].as_object()?))
        })
        .collect()
}

fn set_tag(stage: &Stage, id: &str, key: &str, value: &str) -> Outcome<()> {
    stage
        .emulator
        .api()
        .ec2(&[
            ("Action", "CreateTags"),
            ("ResourceId.1", id),
            ("Tag.1.Key", key),
            ("Tag.1.Value", value),
        ])
        .map(drop)
}

/// The values that a tag has anywhere in EC2.
fn values(stage: &Stage, key: &str) -> Outcome<BTreeSet<String>> {
    let reply = stage.emulator.api().ec2(&[
        ("Action", "DescribeTags"),
        ("Filter.1.Name", "key"),
        ("Filter.1.Value.1", key),
    ])?;
    Ok(elements(&reply, "value"))
}

/// What a plan does to each part, out of `changes`.
fn actions(plan: &Plan) -> BTreeSet<String> {
    let changes = plan.after(NETWORK, "changes").as_object().cloned();
    changes
        .unwrap_or_default()
        .values()
        .filter_map(|change| Some(change["action"].as_str()?.to_owned()))
        .collect()
}

/// The provider's tags are on everything that can have tags; the composite's own win over them, and a part's own over those.
#[test]
fn default_tags_are_on_every_part_and_change_in_place() -> Outcome<()> {
    let stage = Stage::new()?;
    let block = |value: &str| {
        format!(
            "  default_tags {{\n    tags = {{ team = \"platform\", stage = \"{value}\" }}\n  }}"
        )
    };
    stage.settle(&network(&block("test")), NETWORK)?;
    let before = resources(&stage)?;
    for (address, tags) in tags(&before) {
        let (team, level) = if address.starts_with("subnet/private") {
            ("apps", "own")
        } else {
            ("network", "test")
        };
        ensure!(
            tags["team"] == team && tags["stage"] == level,
            "{address} has {tags:?}"
        );
    }
    ensure!(
        values(&stage, "stage")? == BTreeSet::from(["own".to_owned(), "test".to_owned()]),
        "AWS has {:?}",
        values(&stage, "stage")?
    );

    stage.terraform.write(&network(&block("live")))?;
    let plan = stage.terraform.plan()?;
    ensure!(
        actions(&plan) == BTreeSet::from(["update".to_owned()]),
        "a change of tags does {:?}",
        actions(&plan)
    );
    let changed = plan
        .after(NETWORK, "changes")
        .as_object()
        .map_or(0, Map::len);
    let tagged = tags(&before).len();
    ensure!(
        changed == tagged - 1,
        "of {tagged} tagged parts, one with its own value, {changed} change"
    );
    stage.settle(&network(&block("live")), NETWORK)?;
    let after = resources(&stage)?;
    for (address, part) in &before {
        ensure!(
            part["id"] == after[address]["id"],
            "{address} is another one"
        );
    }
    ensure!(
        values(&stage, "stage")? == BTreeSet::from(["own".to_owned(), "live".to_owned()]),
        "AWS has {:?}",
        values(&stage, "stage")?
    );

    stage.settle(&network(""), NETWORK)?;
    ensure!(
        values(&stage, "stage")? == BTreeSet::from(["own".to_owned()]),
        "a tag that is no longer asked for is removed: {:?}",
        values(&stage, "stage")?
    );
    stage.strike()
}

/// A tag that others manage is theirs: what the configuration says of it counts no more, and it is neither removed nor told.
#[test]
fn ignored_tags_are_left_to_others() -> Outcome<()> {
    let stage = Stage::new()?;
    let tagged = "  default_tags {\n    tags = { managed = \"ours\", \"auto:owner\" = \"ours\", plain = \"ours\" }\n  }\n  drift = \"deep\"";
    let ignoring = format!(
        "{tagged}\n  ignore_tags {{\n    keys         = [\"managed\", \"stage\"]\n    key_prefixes = [\"auto:\"]\n  }}"
    );
    stage.settle(&network(tagged), NETWORK)?;
    let made = resources(&stage)?;
    let vpc = made["vpc"]["id"].as_str().unwrap_or_default().to_owned();
    for key in ["managed", "auto:owner", "auto:more"] {
        set_tag(&stage, &vpc, key, "theirs")?;
    }
    let plan = stage.terraform.plan()?;
    ensure!(
        plan.actions.contains_key(NETWORK),
        "tags that nobody ignores are set back"
    );

    stage.terraform.write(&network(&ignoring))?;
    let plan = stage.terraform.plan()?;
    ensure!(
        plan.actions.is_empty(),
        "ignored tags change {:?}",
        actions(&plan)
    );
    let said: Vec<String> = plan.diagnostics.iter().map(|one| one.message()).collect();
    ensure!(
        !said.iter().any(|words| words.contains("tag")),
        "ignored tags are told: {said:?}"
    );

    // Everything tagged is tagged anew, and what is ignored stays as others left it.
    let changed = ignoring.replace("plain = \"ours\"", "plain = \"new\"");
    stage.settle(&network(&changed), NETWORK)?;
    let both = BTreeSet::from(["ours".to_owned(), "theirs".to_owned()]);
    for key in ["managed", "auto:owner"] {
        ensure!(
            values(&stage, key)? == both,
            "{key}: {:?}",
            values(&stage, key)?
        );
    }
    ensure!(
        values(&stage, "auto:more")? == BTreeSet::from(["theirs".to_owned()]),
        "a tag of others is gone"
    );
    ensure!(
        values(&stage, "plain")? == BTreeSet::from(["new".to_owned()]),
        "{:?}",
        values(&stage, "plain")?
    );
    // A part that is made now does not get them at all.
    stage.settle(
        &network(&changed).replace(
            "security_groups     = { app",
            "security_groups     = { web = {}, app",
        ),
        NETWORK,
    )?;
    let group = &resources(&stage)?["security-group/web"]["properties"]["Tags"];
    ensure!(
        group["plain"] == "new" && group.get("managed").is_none(),
        "a new part gets {group}"
    );
    stage.strike()
}
