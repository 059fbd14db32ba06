//! What to know of a part besides its amounts.

use platform_graph::Recorded;

use crate::inventory::{flag, text};

/// What to know of the part with this address, in a sentence.
pub(in super::super) fn note(composite: &str, address: &str, part: &Recorded) -> Option<String> {
    let said = match part.kind.as_str() {
        "AWS::RDS::DBCluster" | "AWS::RDS::DBInstance" => previous(part)?,
        // The price is per tested point and not in the book; what is restored costs what such things cost.
        "AWS::Backup::RestoreTestingPlan" => {
            "AWS charges for every recovery point that is tested, and for what is restored of it until it is deleted again, which is \
             not counted: see https://aws.amazon.com/backup/pricing/"
                .to_owned()
        }
        _ => return None,
    };
    Some(format!("{composite} {address}: {said}"))
}

/// What a blue/green deployment took the place of, or will.
fn previous(part: &Recorded) -> Option<String> {
    if text(part, "UpgradeStrategy") != Some("blue_green") || !flag(part, "KeepPrevious") {
        return None;
    }
    let attributes = part.attributes.as_ref();
    let there: Vec<&str> = attributes
        .and_then(|attributes| attributes.get("PreviousDatabases")?.as_array())
        .into_iter()
        .flatten()
        .filter_map(|previous| previous["Identifier"].as_str())
        .collect();
    const SAME: &str = "the same again while it is there, which is not counted";
    Some(match &there[..] {
        [] => {
            let id = ["DBInstanceIdentifier", "DBClusterIdentifier"]
                .into_iter()
                .find_map(|property| text(part, property).filter(|id| !id.contains("${")))
                .or(part.id.as_deref())?;
            format!(
                "what a blue/green deployment takes the place of stays as {id}-old1 and costs {SAME}; keep_previous = false deletes it"
            )
        }
        [id] => format!(
            "{id} is kept from before a blue/green deployment and costs {SAME}; keep_previous = false deletes it"
        ),
        ids => format!(
            "{} are kept from before a blue/green deployment, each of which costs {SAME}; keep_previous = false deletes them",
            ids.join(", ")
        ),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn said(kind: &str, properties: Value, attributes: Value) -> Option<String> {
        let part: Recorded = serde_json::from_value(json!({
            "type": kind, "id": "shop-orders", "properties": properties, "refs": {}, "attributes": attributes,
        }))
        .unwrap();
        note("platform_data_tier.main", "postgres/orders", &part)
    }

    #[test]
    fn what_is_kept_of_an_upgrade_is_told_before_and_after() {
        const KIND: &str = "AWS::RDS::DBInstance";
        let asked = |strategy: &str, keep: bool| json!({ "DBInstanceIdentifier": "shop-orders", "UpgradeStrategy": strategy, "KeepPrevious": keep });
        let before = said(KIND, asked("blue_green", true), json!({})).unwrap();
        assert!(
            before.contains("postgres/orders: what a blue/green deployment takes the place of stays as shop-orders-old1 and costs the same"),
            "{before}"
        );
        for kind in ["AWS::RDS::DBInstance", "AWS::RDS::DBCluster"] {
            let previous = json!({ "PreviousDatabases": [{ "Identifier": "shop-orders-old2" }] });
            let after = said(kind, asked("blue_green", true), previous).unwrap();
            assert!(after.contains("shop-orders-old2 is kept"), "{after}");
        }
        let replicated = json!({ "PreviousDatabases": [{ "Identifier": "shop-orders-reports-old1" }, { "Identifier": "shop-orders-old1" }] });
        let after = said(KIND, asked("blue_green", true), replicated).unwrap();
        assert!(
            after.contains("shop-orders-reports-old1, shop-orders-old1 are kept"),
            "{after}"
        );
        assert_eq!(said(KIND, asked("blue_green", false), json!({})), None);
        assert_eq!(said(KIND, asked("in_place", true), json!({})), None);
        assert_eq!(said("AWS::RDS::DBProxy", json!({}), json!({})), None);
    }
}
