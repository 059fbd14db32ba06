//! What a run that was killed made at addresses that the next configuration does not have. Tags tell it, except on what can't
//! carry any: a rule of a network ACL, a further block of the VPC.

use std::time::Duration;

use acceptance_tests::{Delivery, Fault, Outcome, Stage, ensure};

use crate::configuration::{NETWORK, resource};

const SOON: Duration = Duration::from_secs(60);

/// The block of the rule that is made and taken back.
const MADE: &str = "192.0.2.0/24";
/// The block of one that is made in its place.
const OTHER: &str = "203.0.113.0/24";
/// The block of a rule that somebody made by hand.
const BY_HAND: &str = "198.51.100.0/24";
const FURTHER: &str = "100.64.0.0/16";

/// A rule of the ACL by its number.
type Rule = (u16, &'static str);

const FIRST: Rule = (100, "10.0.0.0/16");

/// What varies of a network: an ACL is there if it has rules.
#[derive(Clone, Copy)]
struct Inside {
    rules: &'static [Rule],
    further: bool,
}

const LESS: Inside = Inside {
    rules: &[FIRST],
    further: false,
};
const MORE: Inside = Inside {
    rules: &[FIRST, (150, MADE)],
    further: true,
};
const ELSE: Inside = Inside {
    rules: &[FIRST, (160, OTHER)],
    further: false,
};
const OPEN: Inside = Inside {
    rules: &[],
    further: false,
};

/// A network of which an ACL and the VPC have more in them or less.
fn network(inside: Inside) -> String {
    let rules: String = (inside.rules.iter())
        .map(|(number, block)| format!("r{number} = {{ number = {number}, cidr = \"{block}\" }}\n"))
        .collect();
    let acl = match inside.rules {
        [] => String::new(),
        _ => format!("network_acl = {{ ingress = {{\n{rules} }} }}"),
    };
    let further = match inside.further {
        true => format!("\"{FURTHER}\""),
        false => String::new(),
    };
    resource(&format!(
        r#"
  name            = "main"
  cidr            = "10.0.0.0/16"
  secondary_cidrs = [{further}]
  zones           = {{ count = 1 }}
  tiers = {{
    app = {{
      kind = "isolated"
      {acl}
    }}
  }}
  nat                 = {{ mode = "none" }}
  endpoints           = {{ gateway = [] }}
  flow_logs           = {{ enabled = false }}
  deletion_protection = false
"#
    ))
}

/// Applies a configuration and loses power at a change.
fn apply_until(stage: &Stage, hcl: &str, at: usize, delivery: Delivery) -> Outcome<String> {
    stage.terraform.write(hcl)?;
    let struck = stage.proxy.place(Fault {
        at,
        delivery,
        freeze: true,
    });
    let running = (stage.terraform).spawn(&["apply", "-auto-approve", "-no-color"])?;
    let last = struck.recv_timeout(SOON);
    running.kill();
    let run = running.wait()?;
    stage.proxy.thaw();
    let last = last.ok();
    ensure!(last.is_some(), "there is no change {at}:\n{}", run.text());
    Ok(last.map(|call| call.action).unwrap_or_default())
}

/// Applies a configuration and loses power at its last change, the seal of the whole.
fn apply_to_the_seal(stage: &Stage, inside: Inside, changes: usize) -> Outcome<()> {
    let last = apply_until(stage, &network(inside), changes, Delivery::NeverSent)?;
    ensure!(
        last == "CreateTags",
        "the last of {changes} changes is {last}"
    );
    Ok(())
}

/// Which blocks the ACLs and the VPC show.
fn shown(stage: &Stage) -> Outcome<Vec<&'static str>> {
    let api = stage.emulator.api();
    let acls = api.ec2(&[("Action", "DescribeNetworkAcls")])?;
    let vpcs = api.ec2(&[("Action", "DescribeVpcs")])?;
    let in_acls = [MADE, OTHER, BY_HAND].into_iter();
    let mut shown: Vec<&str> = in_acls.filter(|block| acls.contains(block)).collect();
    // What was dissociated is shown for a while.
    let further = (vpcs.split("<item>"))
        .any(|item| item.contains(FURTHER) && item.contains("<state>associated</state>"));
    shown.extend(further.then_some(FURTHER));
    Ok(shown)
}

/// A settled network with a rule in its ACL that somebody made by hand.
fn with_a_rule_by_hand() -> Outcome<Stage> {
    let stage = Stage::new()?;
    stage.settle(&network(LESS), NETWORK)?;
    stage.emulator.api().ec2(&[
        ("Action", "CreateNetworkAclEntry"),
        ("NetworkAclId", &acl(&stage)?),
        ("RuleNumber", "200"),
        ("Protocol", "-1"),
        ("RuleAction", "allow"),
        ("Egress", "false"),
        ("CidrBlock", BY_HAND),
    ])?;
    Ok(stage)
}

fn acl(stage: &Stage) -> Outcome<String> {
    let id = stage.parts(NETWORK)?["network-acl/app"].id.clone();
    Ok(id.as_str().unwrap_or_default().to_owned())
}

#[test]
fn what_a_killed_update_made_goes_and_what_others_made_stays() -> Outcome<()> {
    let stage = with_a_rule_by_hand()?;
    let parts = stage.parts(NETWORK)?;
    // Signs in, makes the rule and the block, and seals.
    apply_to_the_seal(&stage, MORE, 4)?;
    assert_eq!(shown(&stage)?, [MADE, BY_HAND, FURTHER]);
    stage.settle(&network(LESS), NETWORK)?;
    assert_eq!(shown(&stage)?, [BY_HAND]);
    assert_eq!(stage.parts(NETWORK)?, parts);
    // The same change is gone on with when it is not taken back.
    apply_to_the_seal(&stage, MORE, 4)?;
    stage.settle(&network(MORE), NETWORK)?;
    assert_eq!(shown(&stage)?, [MADE, BY_HAND, FURTHER]);
    stage.strike()
}

#[test]
fn what_a_killed_create_made_goes_although_no_state_was_written() -> Outcome<()> {
    let mut stage = Stage::new()?;
    stage.settle(&network(MORE), NETWORK)?;
    let changes = stage.proxy.mutating();
    stage.reset()?;
    apply_to_the_seal(&stage, MORE, changes)?;
    assert_eq!(shown(&stage)?, [MADE, FURTHER]);
    stage.settle(&network(LESS), NETWORK)?;
    assert_eq!(shown(&stage)?, [""; 0]);
    stage.strike()
}

/// The second change is killed at each of its calls while the first one is unfinished; the third wants neither.
#[test]
fn what_two_killed_updates_made_one_over_the_other_goes() -> Outcome<()> {
    let stage = with_a_rule_by_hand()?;
    let parts = stage.parts(NETWORK)?;
    // Signs in, removes the rule and the block, makes the other rule, and seals.
    for at in 1..=5 {
        apply_to_the_seal(&stage, MORE, 4)?;
        apply_until(&stage, &network(ELSE), at, Delivery::Withheld)?;
        stage.settle(&network(LESS), NETWORK)?;
        assert_eq!(shown(&stage)?, [BY_HAND], "killed at change {at}");
        assert_eq!(stage.parts(NETWORK)?, parts);
    }
    stage.strike()
}

/// A network of which something is missing is not ready, and a change of it is one all the same.
#[test]
fn what_a_killed_update_made_goes_although_it_had_something_to_repair() -> Outcome<()> {
    let stage = with_a_rule_by_hand()?;
    stage.emulator.api().ec2(&[
        ("Action", "DeleteNetworkAclEntry"),
        ("NetworkAclId", &acl(&stage)?),
        ("RuleNumber", "100"),
        ("Egress", "false"),
    ])?;
    // Signs in, makes both rules and the block, and seals.
    apply_to_the_seal(&stage, MORE, 5)?;
    assert_eq!(shown(&stage)?, [MADE, BY_HAND, FURTHER]);
    stage.settle(&network(LESS), NETWORK)?;
    assert_eq!(shown(&stage)?, [BY_HAND]);
    stage.strike()
}

/// The ACL is asked for by both configurations, the rule by the first one only.
#[test]
fn a_rule_in_an_acl_that_a_killed_update_made_goes_and_the_acl_stays() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&network(OPEN), NETWORK)?;
    stage.proxy.forget();
    stage.settle(&network(MORE), NETWORK)?;
    let changes = stage.proxy.mutating();
    stage.settle(&network(OPEN), NETWORK)?;
    apply_to_the_seal(&stage, MORE, changes)?;
    assert_eq!(shown(&stage)?, [MADE, FURTHER]);
    let there = || {
        stage
            .emulator
            .api()
            .ec2(&[("Action", "DescribeNetworkAcls")])
    };
    let before = there()?;
    stage.settle(&network(LESS), NETWORK)?;
    assert_eq!(shown(&stage)?, [""; 0]);
    ensure!(before.contains(&acl(&stage)?), "it is another ACL");
    stage.strike()
}

/// The create was interrupted, so that there is a state and no seal; the change after it was killed.
#[test]
fn what_a_killed_change_of_an_interrupted_create_made_goes() -> Outcome<()> {
    let mut stage = Stage::new()?;
    stage.settle(&network(LESS), NETWORK)?;
    let changes = stage.proxy.mutating();
    stage.reset()?;
    stage.terraform.write(&network(LESS))?;
    let struck = stage.proxy.place(Fault {
        at: changes - 1,
        delivery: Delivery::NeverSent,
        freeze: false,
    });
    let running = (stage.terraform).spawn(&["apply", "-auto-approve", "-no-color"])?;
    let last = struck.recv_timeout(SOON).map(|call| call.action);
    running.interrupt();
    std::thread::sleep(Duration::from_millis(200));
    stage.proxy.cut();
    let run = running.wait()?;
    stage.proxy.thaw();
    ensure!(
        stage.terraform.state_of(NETWORK)?["ready"] == false,
        "interrupted at {last:?}:\n{}",
        run.text()
    );
    // Signs in, makes what is missing, the rule and the block, and seals.
    apply_to_the_seal(&stage, MORE, 5)?;
    assert_eq!(shown(&stage)?, [MADE, FURTHER]);
    stage.settle(&network(LESS), NETWORK)?;
    assert_eq!(shown(&stage)?, [""; 0]);
    stage.strike()
}

/// The run was complete and nobody wrote that down: the state is that of before, and nothing that it knows is missing.
#[test]
fn what_an_update_made_that_was_killed_after_its_seal_goes() -> Outcome<()> {
    let stage = with_a_rule_by_hand()?;
    let parts = stage.parts(NETWORK)?;
    for seal in 0..2 {
        // Signs in, makes the rule and the block, and seals.
        let last = apply_until(&stage, &network(MORE), 4, Delivery::Withheld)?;
        ensure!(last == "CreateTags", "the last change is {last}");
        assert_eq!(shown(&stage)?, [MADE, BY_HAND, FURTHER], "seal {seal}");
        stage.settle(&network(LESS), NETWORK)?;
        assert_eq!(shown(&stage)?, [BY_HAND], "seal {seal}");
        assert_eq!(stage.parts(NETWORK)?, parts);
    }
    stage.strike()
}
