//! Keys, and their replicas in other regions.

use super::*;

#[test]
fn every_key_has_a_replica_in_every_region_that_is_named() {
    let expansion = expand(json!({
        "encryption": { "multi_region": true, "replica_regions": ["eu-west-1", "us-west-2"], "key_per_store": true },
        "tables": { "orders": { "partition_key": { "name": "id" } } },
    }));
    let replicas: Vec<&str> = addresses(&expansion)
        .into_iter()
        .filter(|address| address.contains("/replica/"))
        .collect();
    assert_eq!(
        replicas,
        [
            "key/replica/eu-west-1",
            "key/replica/us-west-2",
            "table/orders/key/replica/eu-west-1",
            "table/orders/key/replica/us-west-2",
        ]
    );
    let replica = &expansion.graph.parts["key/replica/eu-west-1"];
    insta::assert_json_snapshot!("key_replica", replica.properties);
    let outputs = serde_json::to_value(&expansion.outputs).unwrap();
    assert_eq!(
        outputs["kms_replica_key_arns"]["us-west-2"],
        "${part:key/replica/us-west-2#Arn}"
    );
}

#[test]
fn what_is_said_about_wrong_regions() {
    for (encryption, said) in [
        (
            json!({ "replica_regions": ["eu-west-1"] }),
            "only multi-Region keys have replicas",
        ),
        (
            json!({ "multi_region": true, "replica_regions": ["Ireland"] }),
            "\"Ireland\" is no region",
        ),
        (
            json!({ "multi_region": true, "replica_regions": ["us-east-1"] }),
            "us-east-1 is where the keys are themselves",
        ),
    ] {
        let configuration = with(json!({ "region": "us-east-1", "encryption": encryption }));
        let verdict = verdict(configuration);
        assert!(verdict.contains(said), "{verdict}");
    }
}

#[test]
fn the_region_of_the_provider_has_no_replica_of_its_own() {
    let encryption = json!({ "multi_region": true, "replica_regions": ["us-east-1"] });
    let configuration = with(json!({ "encryption": encryption }));
    let spec = CompositeDef::of::<DataTier>()
        .decode(configuration)
        .unwrap();
    let mut problems = Problems::new();
    spec.expand(&setting(), &Ledger::default(), &mut problems);
    let said = "us-east-1 is where the keys are themselves";
    assert!(lines(&problems).contains(said), "{}", lines(&problems));
}

#[test]
fn regions_that_are_not_known_yet_decide_later() {
    let regions = json!({ "multi_region": true, "replica_regions": ["${config:var.region}"] });
    let def = CompositeDef::of::<DataTier>();
    let (spec, problems) = def.examine(with(json!({ "encryption": regions })));
    assert_eq!(lines(&problems), "");
    assert!(spec.unwrap().is_open());
}
