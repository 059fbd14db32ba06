//! What an earlier run left is not what it was when Terraform plans a second time, while it applies: what was being deleted is
//! gone, and what had not shown itself is there. The second plan is the first one all the same.

use std::thread;
use std::time::{Duration, Instant};

use acceptance_tests::{Api, Emulator, Held, Hold, Outcome, Stage, Weather, ensure};

use crate::configuration::{NETWORK, Network, PRIVATE, PUBLIC};

const OWNER: &str = "platform_network/us-east-1/main";

const LESS: Network = Network {
    zones: 1,
    tiers: &[PUBLIC, PRIVATE],
    nat: "none",
    flow_logs: false,
    protected: false,
};
const MORE: Network = Network {
    nat: "single",
    ..LESS
};

const SOON: Duration = Duration::from_secs(60);
/// Longer than any test.
const FOR_EVER: Duration = Duration::from_secs(3600);

fn holding(creating: Duration, deleting: Duration) -> Weather {
    Weather {
        holds: vec![Hold {
            of: Held::NAT_GATEWAY,
            creating,
            deleting,
        }],
        ..Weather::default()
    }
}

/// The NAT gateways of the account.
fn gateways(stage: &Stage) -> Outcome<Vec<String>> {
    let shown = (stage.emulator.api()).ec2(&[("Action", "DescribeNatGateways")])?;
    let items = shown.split("<natGatewayId>").skip(1);
    let there = items.filter(|item| !item.contains("<state>deleted</state>"));
    let ids = there.filter_map(|item| item.split('<').next());
    Ok(ids.map(str::to_owned).collect())
}

/// A run is killed while its NAT gateway comes up, which then is being deleted. From then on it can be let go.
fn left(stage: &Stage) -> Outcome<String> {
    stage.terraform.write(&MORE.hcl())?;
    stage.proxy.set_weather(holding(FOR_EVER, Duration::ZERO));
    let running = (stage.terraform).spawn(&["apply", "-auto-approve", "-no-color"])?;
    let begun = Instant::now();
    while gateways(stage)?.is_empty() {
        ensure!(begun.elapsed() < SOON, "there is no NAT gateway");
        thread::sleep(Duration::from_millis(50));
    }
    running.kill();
    running.wait()?;
    let gateway = gateways(stage)?.pop().unwrap_or_default();
    stage.proxy.set_weather(holding(Duration::ZERO, FOR_EVER));
    let api = Api::at(stage.proxy.address());
    api.ec2(&[("Action", "DeleteNatGateway"), ("NatGatewayId", &gateway)])?;
    Ok(gateway)
}

/// Plans while a NAT gateway is being deleted, and applies that plan when it is gone. What is returned was printed by the plan.
fn outlive(stage: &mut Stage, gateway: &str, network: Network) -> Outcome<String> {
    stage.terraform.write(&network.hcl())?;
    let plan = ["plan", "-no-color", "-out", "first.tfplan"];
    let planned = stage.terraform.run(&plan)?.succeeded()?.text();
    assert_eq!(gateways(stage)?, [gateway], "it is gone too soon");

    let api = stage.emulator.api();
    api.ec2(&[("Action", "DeleteNatGateway"), ("NatGatewayId", gateway)])?;
    // The proxy would go on showing it.
    let endpoint = stage.emulator.endpoint();
    stage
        .terraform
        .set_environment("AWS_ENDPOINT_URL", &endpoint);
    // What the killed run asked for last.
    api.ec2(&[
        ("Action", "AllocateAddress"),
        ("Domain", "vpc"),
        ("TagSpecification.1.ResourceType", "elastic-ip"),
        ("TagSpecification.1.Tag.1.Key", "platform:owner"),
        ("TagSpecification.1.Tag.1.Value", OWNER),
        ("TagSpecification.1.Tag.2.Key", "platform:address"),
        ("TagSpecification.1.Tag.2.Value", "eip/late"),
    ])?;
    let apply = ["apply", "-no-color", "first.tfplan"];
    stage.terraform.run(&apply)?.succeeded()?;
    let state = stage.terraform.state_of(NETWORK)?;
    ensure!(state["ready"] == true, "it is not ready: {state}");
    stage.terraform.expect_no_changes("after the apply")?;
    network.expect_in(stage)?;
    stage.strike()?;
    Ok(planned)
}

fn expect_named(planned: &str, gateway: &str) -> Outcome<()> {
    let is_named = planned.contains("no longer asked for") && planned.contains(gateway);
    ensure!(is_named, "the plan does not name {gateway}:\n{planned}");
    Ok(())
}

#[test]
fn what_a_killed_update_left_may_be_gone_before_it_is_deleted() -> Outcome<()> {
    let mut stage = Stage::around(Emulator::forkable()?)?;
    stage.settle(&LESS.hcl(), NETWORK)?;
    let gateway = left(&stage)?;
    expect_named(&outlive(&mut stage, &gateway, LESS)?, &gateway)
}

#[test]
fn what_a_killed_create_left_may_be_gone_before_it_is_deleted() -> Outcome<()> {
    let mut stage = Stage::around(Emulator::forkable()?)?;
    let gateway = left(&stage)?;
    expect_named(&outlive(&mut stage, &gateway, LESS)?, &gateway)
}

/// What is on its way out is asked for: it is made anew, whatever there is of it by then.
#[test]
fn what_is_asked_for_may_be_gone_before_it_is_taken_up() -> Outcome<()> {
    for is_settled in [false, true] {
        let mut stage = Stage::around(Emulator::forkable()?)?;
        if is_settled {
            stage.settle(&LESS.hcl(), NETWORK)?;
        }
        let gateway = left(&stage)?;
        outlive(&mut stage, &gateway, MORE)?;
    }
    Ok(())
}
