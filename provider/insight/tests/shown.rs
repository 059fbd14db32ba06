//! What `terraform show -json` tells of a platform in a few parts.

use platform_insight::CompositeView;
use platform_insight::inventory::from_terraform_json;
use serde_json::{Value, json};

/// A composite of this type named `main`, with these parts by address.
pub fn composite(resource: &str, parts: &Value) -> Vec<CompositeView> {
    let resource = json!({
        "address": format!("{resource}.main"), "mode": "managed", "type": resource, "name": "main",
        "values": { "name": "shop", "region": "us-east-1", "resources": parts },
    });
    from_terraform_json(&json!({
        "format_version": "1.0", "terraform_version": "1.11.4",
        "values": { "root_module": { "resources": [resource] } },
    }))
    .unwrap()
}

/// A data tier with this one part at `part`.
pub fn tier(kind: &str, properties: &Value) -> Vec<CompositeView> {
    composite(
        "platform_data_tier",
        &json!({ "part": part(kind, properties) }),
    )
}

/// A part that exists and refers to none.
pub fn part(kind: &str, properties: &Value) -> Value {
    json!({ "type": kind, "properties": properties, "refs": {}, "id": "shop-main", "attributes": {} })
}
