//! What the tests of the kinds share.

use platform_graph::{Identity, Kind};

/// The identity of a part `part` of `platform_network/us-east-1/main`.
pub(crate) fn me(id: Option<&str>) -> Identity {
    Identity {
        owner: "platform_network/us-east-1/main".parse().unwrap(),
        address: "part".to_owned(),
        id: id.map(str::to_owned),
    }
}

/// Names of the properties that are given, in order.
pub(crate) fn property_names<K: Kind>(properties: &K) -> Vec<String> {
    let value = serde_json::to_value(properties).unwrap();
    let mut names: Vec<String> = value
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, _)| name.clone())
        .collect();
    names.sort();
    names
}
