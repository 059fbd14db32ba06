//! Changes of a network: each step is applied onto the one before, and moves only what it must.

use std::time::Duration;

use acceptance_tests::{Flavor, Outcome, Stage, Weather, ensure};

use crate::configuration::{CACHE, DATABASE, NETWORK, Network, PRIVATE, PUBLIC, WHOLE, resource};

/// Applies the steps in turn. Every part that two neighbouring steps have in common must stay the same AWS
/// resource, and what exists must be what the step calls for.
fn walk(flavor: Flavor, steps: &[(&str, Network)]) -> Outcome<()> {
    let Some(stage) = Stage::on(flavor)? else {
        return Ok(());
    };
    let mut earlier = None;
    for (what, network) in steps {
        let step = || -> Outcome<_> {
            stage.settle(&network.hcl(), NETWORK)?;
            network.expect_in(&stage)?;
            stage.parts(NETWORK)
        };
        let parts = step()
            .map_err(|failure| acceptance_tests::Failure::new(format!("{what}: {failure:?}")))?;
        for (address, before) in earlier.iter().flatten() {
            let moved = parts.get(address).is_some_and(|now| now != before);
            ensure!(
                !moved,
                "{what}: {address} was {before:?} and is now {:?}",
                parts.get(address)
            );
        }
        earlier = Some(parts);
    }
    stage.strike()
}

#[test]
fn zones_come_and_go() -> Outcome<()> {
    walk(
        Flavor::Moto,
        &[
            ("two zones", Network { zones: 2, ..WHOLE }),
            ("a third", WHOLE),
            ("without it", Network { zones: 2, ..WHOLE }),
            ("one zone", Network { zones: 1, ..WHOLE }),
            ("all at once", WHOLE),
        ],
    )
}

#[test]
fn tiers_come_and_go() -> Outcome<()> {
    let two = Network { zones: 2, ..WHOLE };
    walk(
        Flavor::Moto,
        &[
            (
                "two tiers",
                Network {
                    tiers: &[PUBLIC, PRIVATE],
                    ..two
                },
            ),
            (
                "a third, first by name",
                Network {
                    tiers: &[CACHE, PRIVATE, PUBLIC],
                    ..two
                },
            ),
            (
                "another instead of it",
                Network {
                    tiers: &[PUBLIC, PRIVATE, DATABASE],
                    ..two
                },
            ),
            (
                "both",
                Network {
                    tiers: &[DATABASE, PUBLIC, CACHE, PRIVATE],
                    ..two
                },
            ),
            (
                "two again",
                Network {
                    tiers: &[PUBLIC, PRIVATE],
                    ..two
                },
            ),
        ],
    )
}

#[test]
fn nat_modes_change() -> Outcome<()> {
    let two = Network { zones: 2, ..WHOLE };
    walk(
        Flavor::Moto,
        &[
            ("no NAT", Network { nat: "none", ..two }),
            (
                "one gateway",
                Network {
                    nat: "single",
                    ..two
                },
            ),
            ("one per zone", two),
            (
                "one again",
                Network {
                    nat: "single",
                    ..two
                },
            ),
            ("none again", Network { nat: "none", ..two }),
        ],
    )
}

/// Zones, tiers and NAT in one go.
fn everything(network: Network, nat: &[&'static str]) -> Vec<(&'static str, Network)> {
    let two = Network {
        zones: 2,
        ..network
    };
    let mut steps = vec![
        ("two zones", two),
        ("a third", network),
        ("two again", two),
        (
            "a tier, first by name",
            Network {
                tiers: &[CACHE, DATABASE, PRIVATE, PUBLIC],
                ..two
            },
        ),
        ("without it", two),
    ];
    steps.extend(nat.iter().map(|mode| (*mode, Network { nat: mode, ..two })));
    steps
}

/// Rules of a network ACL get other names, trade their numbers and follow one another.
#[test]
fn rules_of_network_acls_move() -> Outcome<()> {
    let stage = Stage::new()?;
    let step = |rules: &str| -> Outcome<String> {
        let hcl = resource(&format!(
            r#"
  name      = "main"
  cidr      = "10.0.0.0/16"
  zones     = {{ count = 1 }}
  tiers     = {{ app = {{ kind = "isolated", network_acl = {{ ingress = {{ {rules} }} }} }} }}
  nat       = {{ mode = "none" }}
  endpoints = {{ gateway = [] }}
  flow_logs = {{ enabled = false }}
  deletion_protection = false
"#
        ));
        stage.settle(&hcl, NETWORK)?;
        stage
            .emulator
            .api()
            .ec2(&[("Action", "DescribeNetworkAcls")])
    };
    let rule = |name: &str, number: u16, block: u8| {
        format!("{name} = {{ number = {number}, cidr = \"192.0.2.{block}/32\" }}, ")
    };
    step(&(rule("a", 100, 1) + &rule("b", 200, 2) + &rule("c", 300, 3)))?;
    // What is deleted is seen for a while.
    stage.proxy.set_weather(Weather {
        latency_of: vec![("DeleteNetworkAclEntry", Duration::from_millis(500))],
        ..Weather::default()
    });
    let moved = rule("x", 100, 1) + &rule("b", 300, 2) + &rule("c", 200, 3);
    let acls = step(&moved)?;
    for (number, block) in [(100, 1), (300, 2), (200, 3)] {
        let block = format!("192.0.2.{block}/32");
        ensure!(
            acls.matches(&block).count() == 1,
            "rule {number} lets {block} in, once:\n{acls}"
        );
    }
    stage.strike()
}

#[test]
fn everything_changes_on_localstack() -> Outcome<()> {
    walk(
        Flavor::LocalStack,
        &everything(WHOLE, &["single", "none", "per_zone"]),
    )
}

/// ministack keeps neither the address of a NAT gateway nor the role and the interval of a flow log.
#[test]
fn zones_and_tiers_change_on_ministack() -> Outcome<()> {
    let served = Network {
        nat: "none",
        flow_logs: false,
        ..WHOLE
    };
    walk(Flavor::Ministack, &everything(served, &[]))
}
