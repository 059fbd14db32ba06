//! What one composite hands over to another, and what happens when it is not ready.

use acceptance_tests::{Outcome, Stage, Weather, ensure};

use crate::configuration::{DATA_TIER, NETWORK, with};

#[test]
fn what_is_not_ready_is_not_built_on_and_the_part_to_blame_is_named() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = with("  file_systems = { media = {} }");
    stage.terraform.write(&hcl)?;
    stage.proxy.set_weather(Weather {
        denied: vec!["CreateRouteTable"],
        ..Weather::default()
    });
    let run = stage.terraform.try_apply()?;
    let text = run.text().split_whitespace().collect::<Vec<_>>().join(" ");
    for fragment in [
        "platform_network us-east-1/main is not ready",
        "could not create route-table/database",
        "ec2:CreateRouteTable",
    ] {
        ensure!(
            run.code == Some(1) && text.contains(fragment),
            "{fragment:?} is not said:\n{}",
            run.text()
        );
    }
    let made: Vec<String> = stage
        .proxy
        .calls()
        .iter()
        .filter(|call| call.service == "elasticfilesystem" && call.is_mutating())
        .map(acceptance_tests::Call::name)
        .collect();
    ensure!(
        made.is_empty(),
        "nothing of the data tier may be made: {made:?}"
    );

    stage.proxy.set_weather(Weather::default());
    stage.settle(&hcl, DATA_TIER)?;
    let network = stage.terraform.state_of(NETWORK)?;
    let failures = network["failures"].as_object().map(serde_json::Map::len);
    ensure!(network["ready"] == true && failures == Some(0), "{network}");
    stage.strike()
}
