//! What a run that was killed made at addresses that the next configuration does not have. Tags tell it, except on what can't
//! carry any: a rule of a network ACL, a further block of the VPC.

use std::time::Duration;

use acceptance_tests::{Delivery, Fault, Outcome, Stage, ensure};

use crate::configuration::{NETWORK, resource};

const SOON: Duration = Duration::from_secs(60);

/// The block of the rule that is made and taken back.
const MADE: &str = "192.0.2.0/24";
/// The block of a rule that somebody made by hand.
const BY_HAND: &str = "198.51.100.0/24";
const FURTHER: &str = "100.64.0.0/16";

/// A network of which an ACL and the VPC have more in them or less.
fn network(more: bool) -> String {
    let rule = format!("more = {{ number = 150, cidr = \"{MADE}\" }}");
    let (rule, further) = match more {
        true => (rule, format!("\"{FURTHER}\"")),
        false => (String::new(), String::new()),
    };
    resource(&format!(
        r#"
  name            = "main"
  cidr            = "10.0.0.0/16"
  secondary_cidrs = [{further}]
  zones           = {{ count = 1 }}
  tiers = {{
    app = {{
      kind        = "isolated"
      network_acl = {{ ingress = {{
        vpc = {{ number = 100, cidr = "10.0.0.0/16" }}
        {rule}
      }} }}
    }}
  }}
  nat                 = {{ mode = "none" }}
  endpoints           = {{ gateway = [] }}
  flow_logs           = {{ enabled = false }}
  deletion_protection = false
"#
    ))
}

/// Applies a configuration and loses power at its last change, the seal of the whole.
fn apply_to_the_seal(stage: &Stage, hcl: &str, changes: usize) -> Outcome<()> {
    stage.terraform.write(hcl)?;
    let struck = stage.proxy.place(Fault {
        at: changes,
        delivery: Delivery::NeverSent,
        freeze: true,
    });
    let running = (stage.terraform).spawn(&["apply", "-auto-approve", "-no-color"])?;
    let last = struck.recv_timeout(SOON);
    running.kill();
    running.wait()?;
    stage.proxy.thaw();
    let is_seal = last.as_ref().is_ok_and(|call| call.action == "CreateTags");
    ensure!(is_seal, "the last of {changes} changes is {last:?}");
    Ok(())
}

/// Whether the ACLs and the VPC show these blocks: that of the rule, the one made by hand, and the further one.
fn shown(stage: &Stage) -> Outcome<[bool; 3]> {
    let api = stage.emulator.api();
    let acls = api.ec2(&[("Action", "DescribeNetworkAcls")])?;
    let vpcs = api.ec2(&[("Action", "DescribeVpcs")])?;
    // What was dissociated is shown for a while.
    let further = (vpcs.split("<item>"))
        .any(|item| item.contains(FURTHER) && item.contains("<state>associated</state>"));
    Ok([acls.contains(MADE), acls.contains(BY_HAND), further])
}

#[test]
fn what_a_killed_update_made_goes_and_what_others_made_stays() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&network(false), NETWORK)?;
    let parts = stage.parts(NETWORK)?;
    let acl = parts["network-acl/app"].id.as_str().unwrap_or_default();
    stage.emulator.api().ec2(&[
        ("Action", "CreateNetworkAclEntry"),
        ("NetworkAclId", acl),
        ("RuleNumber", "200"),
        ("Protocol", "-1"),
        ("RuleAction", "allow"),
        ("Egress", "false"),
        ("CidrBlock", BY_HAND),
    ])?;
    // Signs in, makes the rule and the block, and seals.
    apply_to_the_seal(&stage, &network(true), 4)?;
    assert_eq!(shown(&stage)?, [true, true, true]);
    stage.settle(&network(false), NETWORK)?;
    assert_eq!(shown(&stage)?, [false, true, false]);
    assert_eq!(stage.parts(NETWORK)?, parts);
    // The same change is gone on with when it is not taken back.
    apply_to_the_seal(&stage, &network(true), 4)?;
    stage.settle(&network(true), NETWORK)?;
    assert_eq!(shown(&stage)?, [true, true, true]);
    stage.strike()
}

#[test]
fn what_a_killed_create_made_goes_although_no_state_was_written() -> Outcome<()> {
    let mut stage = Stage::new()?;
    stage.settle(&network(true), NETWORK)?;
    let changes = stage.proxy.mutating();
    stage.reset()?;
    apply_to_the_seal(&stage, &network(true), changes)?;
    assert_eq!(shown(&stage)?, [true, false, true]);
    stage.settle(&network(false), NETWORK)?;
    assert_eq!(shown(&stage)?, [false, false, false]);
    stage.strike()
}
