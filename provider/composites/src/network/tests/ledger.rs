//! Zones and tiers come and go, and nothing else moves.

use proptest::prelude::*;

use super::*;

const ZONES: [&str; 6] = [
    "use1-az1", "use1-az2", "use1-az3", "use1-az4", "use1-az5", "use1-az6",
];
const TIERS: [(&str, &str); 5] = [
    ("apps", "private"),
    ("cache", "isolated"),
    ("edge", "public"),
    ("lake", "isolated"),
    ("zoo", "private"),
];

fn configuration(zones: &BTreeSet<&str>, tiers: &BTreeSet<&str>, mode: &str) -> Value {
    let mut chosen: serde_json::Map<String, Value> = TIERS
        .iter()
        .filter(|(name, _)| tiers.contains(name))
        .map(|(name, kind)| {
            (
                (*name).to_owned(),
                json!({ "kind": kind, "prefix_length": 24 }),
            )
        })
        .collect();
    chosen.insert(
        "public".into(),
        json!({ "kind": "public", "prefix_length": 26 }),
    );
    json!({
        "ipv6": {}, "zones": { "ids": zones }, "tiers": chosen, "nat": { "mode": mode }, "cluster_names": ["shop"],
        "endpoints": { "interface": { "sts": { "tier": "public" } } },
    })
}

/// Parts that serve all zones or tiers and list them.
fn serves_all(address: &str) -> bool {
    address.starts_with("endpoint/") || address == "nat/regional"
}

/// Insists that all parts both expansions have, except those that serve all, are the same.
fn nothing_moved(before: &Expansion, after: &Expansion) {
    for (address, part) in &before.graph.parts {
        // A NAT gateway moves when the tier it stands in is removed.
        let homeless = part.properties.get("SubnetId").is_some_and(|subnet| {
            let home = subnet
                .as_str()
                .unwrap()
                .replace("${part:", "")
                .replace('}', "");
            address.starts_with("nat/") && !after.graph.parts.contains_key(&home)
        });
        if let Some(now) = after.graph.parts.get(address)
            && !serves_all(address)
            && !homeless
        {
            assert_eq!(now, part, "{address} changed");
        }
    }
    let values = |expansion: &Expansion| {
        let blocks: Vec<String> = expansion
            .ledger
            .0
            .iter()
            .filter(|(key, _)| key.starts_with("subnet/"))
            .map(|(_, block)| block.clone())
            .collect();
        blocks
    };
    let blocks = values(after);
    let distinct: BTreeSet<&String> = blocks.iter().collect();
    assert_eq!(distinct.len(), blocks.len(), "a block was given twice");
    for (key, value) in &before.ledger.0 {
        // These choices stay as long as what was chosen is there.
        if ["nat/tier", "endpoint/tier"].contains(&key.as_str()) {
            continue;
        }
        assert_eq!(
            after.ledger.0.get(key),
            Some(value),
            "{key} in the ledger changed"
        );
    }
}

fn step(
    before: &Expansion,
    zones: &BTreeSet<&str>,
    tiers: &BTreeSet<&str>,
    mode: &str,
) -> Expansion {
    expand_from(
        &*network(configuration(zones, tiers, mode)),
        &setting(),
        &before.ledger,
    )
}

#[test]
fn a_zone_or_tier_added_or_removed_in_any_position_touches_no_other() {
    let all_tiers: BTreeSet<&str> = TIERS.iter().map(|(name, _)| *name).collect();
    let all_zones = BTreeSet::from(ZONES);
    for mode in ["per_zone", "regional", "none"] {
        for zone in ZONES {
            let mut fewer = all_zones.clone();
            fewer.remove(zone);
            let small = expand(configuration(&fewer, &all_tiers, mode));
            let large = step(&small, &all_zones, &all_tiers, mode);
            nothing_moved(&small, &large);
            let new: Vec<&str> = addresses(&large)
                .difference(&addresses(&small))
                .copied()
                .collect();
            assert!(!new.is_empty());
            assert!(
                new.iter().all(|address| address.contains(zone)),
                "{zone}: {new:?}"
            );
            let back = step(&large, &fewer, &all_tiers, mode);
            assert_eq!(back.graph, small.graph, "{zone} left something behind");
            assert_eq!(
                step(&back, &all_zones, &all_tiers, mode).graph,
                large.graph,
                "{zone} came back elsewhere"
            );
        }
        for (tier, _) in TIERS {
            let mut fewer = all_tiers.clone();
            fewer.remove(tier);
            let small = expand(configuration(&all_zones, &fewer, mode));
            let large = step(&small, &all_zones, &all_tiers, mode);
            nothing_moved(&small, &large);
            let new: Vec<&str> = addresses(&large)
                .difference(&addresses(&small))
                .copied()
                .collect();
            assert!(
                new.iter().all(|address| address.contains(tier)),
                "{tier}: {new:?}"
            );
            let back = step(&large, &all_zones, &fewer, mode);
            assert_eq!(back.graph, small.graph, "{tier} left something behind");
            assert_eq!(
                step(&back, &all_zones, &all_tiers, mode).graph,
                large.graph,
                "{tier} came back elsewhere"
            );
        }
    }
}

fn some(from: Vec<&'static str>) -> impl Strategy<Value = BTreeSet<&'static str>> {
    let count = from.len();
    prop::sample::subsequence(from, 1..=count).prop_map(|chosen| chosen.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_history_of_zones_and_tiers_moves_nothing(
        history in prop::collection::vec(
            (some(ZONES.to_vec()), some(TIERS.iter().map(|(name, _)| *name).collect()), prop_oneof![Just("per_zone"), Just("regional")]),
            2..6,
        )
    ) {
        let (zones, tiers, mut mode) = history[0].clone();
        let mut before = expand(configuration(&zones, &tiers, mode));
        for (zones, tiers, next_mode) in &history[1..] {
            let after = step(&before, zones, tiers, mode);
            nothing_moved(&before, &after);
            before = step(&after, zones, tiers, next_mode);
            mode = next_mode;
        }
    }
}

#[test]
fn fewer_zones_take_away_the_one_chosen_last() {
    let three = expand(json!({ "zones": { "count": 3 } }));
    let four = expand_from(
        &*network(json!({ "zones": { "count": 4 } })),
        &setting(),
        &three.ledger,
    );
    let ids = |expansion: &Expansion| {
        expansion.outputs["zone_names"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&three), ["use1-az1", "use1-az2", "use1-az4"]);
    assert_eq!(ids(&four), ["use1-az1", "use1-az2", "use1-az4", "use1-az5"]);
    // The answer lists zones in another order, and one is out of service: what was chosen stays.
    let mut setting = setting();
    setting.answers.insert("zones".into(), json!({ "AvailabilityZones": [zone("use1-az6", "us-east-1b"), zone("use1-az5", "us-east-1f")] }));
    let two = expand_from(
        &*network(json!({ "zones": { "count": 2 } })),
        &setting,
        &four.ledger,
    );
    assert_eq!(ids(&two), ["use1-az1", "use1-az2"]);
    let five = expand_from(
        &*network(json!({ "zones": { "count": 5 } })),
        &setting,
        &two.ledger,
    );
    assert_eq!(
        ids(&five),
        ["use1-az1", "use1-az2", "use1-az4", "use1-az5", "use1-az6"]
    );
}

#[test]
fn the_ledger_says_what_was_allocated() {
    insta::assert_json_snapshot!(expand(json!({ "ipv6": {} })).ledger);
}

#[test]
fn more_zones_than_reserved_take_what_is_free() {
    let one = json!({ "kind": "isolated", "prefix_length": 24 });
    let configuration = |count: u8| json!({ "reserve_zones": 1, "zones": { "count": count }, "tiers": { "apps": one } });
    let small = expand(configuration(1));
    let large = expand_from(&*network(configuration(6)), &setting(), &small.ledger);
    nothing_moved(&small, &large);
    assert_eq!(
        large.outputs["subnet_cidrs"]["apps"]
            .as_object()
            .unwrap()
            .len(),
        6
    );
}

fn refused(configuration: Value, ledger: &Ledger) -> String {
    let mut problems = Problems::new();
    network(configuration).expand(&setting(), ledger, &mut problems);
    lines(&problems)
}

#[test]
fn what_would_move_addresses_is_refused() {
    let tiers = |fields: Value| json!({ "public": { "kind": "public" }, "apps": fields });
    let before = expand(json!({
        "secondary_cidrs": ["100.64.0.0/16"],
        "tiers": tiers(json!({ "kind": "private", "prefix_length": 20, "cidr_block": "100.64.0.0/16" })),
    }));
    let mut said = String::new();
    for (name, configuration) in [
        (
            "another block",
            json!({ "cidr": "10.1.0.0/16", "secondary_cidrs": ["100.64.0.0/16"] }),
        ),
        (
            "another pool block",
            json!({ "ipam": { "pool_id": "ipam-pool-0a", "netmask_length": 20 } }),
        ),
        (
            "another size",
            json!({ "secondary_cidrs": ["100.64.0.0/16"], "tiers": tiers(json!({ "kind": "private", "prefix_length": 21 })) }),
        ),
        (
            "another place",
            json!({
                "secondary_cidrs": ["100.64.0.0/16"], "tiers": tiers(json!({ "kind": "private", "cidr_block": "10.0.0.0/16" })),
            }),
        ),
        (
            "block taken away",
            json!({ "tiers": tiers(json!({ "kind": "private" })) }),
        ),
    ] {
        said.push_str(&format!(
            "{name}\n{}\n",
            refused(configuration, &before.ledger)
        ));
    }
    insta::assert_snapshot!(said);

    // Named in the configuration, the network is laid out anew in the same zones.
    let anew = network(json!({ "cidr": "10.1.0.0/16", "allow_replace": ["vpc"] }));
    let anew = expand_from(&*anew, &setting(), &before.ledger);
    assert_eq!(anew.outputs["vpc_cidr"], "10.1.0.0/16");
    assert_eq!(anew.outputs["zone_names"], before.outputs["zone_names"]);
}

#[test]
fn removed_tiers_keep_their_addresses_until_released() {
    let tiers = |names: &[&str]| {
        let tiers: serde_json::Map<String, Value> = names
            .iter()
            .map(|name| {
                (
                    (*name).to_owned(),
                    json!({ "kind": "isolated", "prefix_length": 19 }),
                )
            })
            .collect();
        json!({ "tiers": tiers })
    };
    let both = expand(tiers(&["a", "b"]));
    let one = expand_from(&*network(tiers(&["a"])), &setting(), &both.ledger);
    insta::assert_snapshot!("reserved", refused(tiers(&["a", "c"]), &one.ledger));
    let mut released = tiers(&["a", "c"]);
    released["release"] = json!(["tier/b"]);
    let next = expand_from(&*network(released.clone()), &setting(), &one.ledger);
    assert_eq!(
        next.outputs["subnet_cidrs"]["c"],
        both.outputs["subnet_cidrs"]["b"]
    );
    assert_eq!(
        next.outputs["subnet_cidrs"]["a"],
        both.outputs["subnet_cidrs"]["a"]
    );
    // Left in the configuration it changes nothing more.
    assert_eq!(
        expand_from(&*network(released), &setting(), &next.ledger),
        next
    );
}

#[test]
fn a_released_zone_gives_up_its_addresses_and_its_rank() {
    let ids =
        |ids: &[&str], release: &[&str]| json!({ "zones": { "ids": ids }, "release": release });
    let three = expand(ids(&["use1-az1", "use1-az2", "use1-az4"], &[]));
    let two = expand_from(
        &*network(ids(&["use1-az1", "use1-az4"], &[])),
        &setting(),
        &three.ledger,
    );
    let released = network(ids(
        &["use1-az1", "use1-az4", "use1-az5"],
        &["zone/use1-az2"],
    ));
    let next = expand_from(&*released, &setting(), &two.ledger);
    assert_eq!(
        next.outputs["subnet_cidrs"]["private"]["use1-az5"],
        three.outputs["subnet_cidrs"]["private"]["use1-az2"]
    );
    let ranks: Vec<(&str, &str)> = next
        .ledger
        .0
        .iter()
        .filter_map(|(key, rank)| Some((key.strip_prefix("zone/")?, rank.as_str())))
        .collect();
    assert_eq!(
        ranks,
        [("use1-az1", "0"), ("use1-az4", "2"), ("use1-az5", "3")]
    );
}
