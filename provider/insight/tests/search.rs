//! What a search domain costs.

use crate::shown::tier;
use platform_insight::CompositeView;
use platform_insight::cost::{PriceBook, cost};
use serde_json::{Value, json};

/// A data tier with one search domain of these nodes.
fn domain(cluster: &Value) -> Vec<CompositeView> {
    tier(
        "AWS::OpenSearchService::Domain",
        &json!({
            "DomainName": "shop-products",
            "ClusterConfig": cluster,
            "EBSOptions": { "EBSEnabled": true, "VolumeSize": 100, "VolumeType": "gp3" },
            "EngineVersion": "OpenSearch_2.19",
        }),
    )
}

#[test]
fn nodes_are_charged_by_the_hour_and_their_volumes_by_the_month() {
    let book = PriceBook::embedded().unwrap();
    let small = json!({ "InstanceType": "t3.small.search", "InstanceCount": 1 });
    let fixed = cost(&domain(&small), &book).fixed;
    assert!(
        (fixed - (730.0 * 0.036 + 100.0 * 0.122)).abs() < 0.005,
        "{fixed}"
    );

    let large = json!({
        "InstanceType": "r6g.large.search", "InstanceCount": 3, "DedicatedMasterEnabled": true,
        "DedicatedMasterType": "m6g.large.search", "DedicatedMasterCount": 3,
        "WarmEnabled": true, "WarmType": "ultrawarm1.medium.search", "WarmCount": 3,
    });
    let large = cost(&domain(&large), &book);
    let hourly = 3.0 * (0.167 + 0.128 + 0.238);
    assert!(
        (large.fixed - (730.0 * hourly + 300.0 * 0.122)).abs() < 0.005,
        "{}",
        large.fixed
    );
    assert!(large.usage_high > 0.0, "what UltraWarm keeps is metered");

    let unknown = json!({ "InstanceType": "x9.large.search", "InstanceCount": 1 });
    let unknown = cost(&domain(&unknown), &book);
    assert_eq!(
        unknown.not_priced["AWS::OpenSearchService::Domain"].len(),
        1
    );
}
