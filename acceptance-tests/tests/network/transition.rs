//! Changes of a network: each step is applied onto the one before, and moves only what it must.

use acceptance_tests::{Flavor, Outcome, Stage, ensure};

use crate::configuration::{CACHE, DATABASE, NETWORK, Network, PRIVATE, PUBLIC, WHOLE};

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
