//! `AWS::RDS::DBParameterGroup`: settings of the engine of one instance; see [`parameters`] for what it reads, writes and guarantees.

use std::collections::BTreeMap;

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parameters::{self, items};

/// Settings of the engine of one instance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DbParameterGroup {
    /// Name, unique in account and Region, in lower case; can't change.
    #[serde(rename = "DBParameterGroupName")]
    pub name: String,
    /// Description; can't change.
    #[serde(rename = "Description")]
    pub description: String,
    /// Engine and major version, `postgres17`; can't change.
    #[serde(rename = "Family")]
    pub family: String,
    /// Values by the name of the parameter: all that are to differ from the engine's defaults.
    #[serde(rename = "Parameters", default)]
    pub parameters: BTreeMap<String, String>,
    /// Tags.
    #[serde(rename = "Tags", default)]
    pub tags: Tags,
}

impl Kind for DbParameterGroup {
    const TYPE: &'static str = "AWS::RDS::DBParameterGroup";
    items!(
        parameters::OF_INSTANCE,
        "DBParameterGroupName",
        "DBParameterGroupArn",
        "pg"
    );
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::me;

    fn group(parameters: &[(&str, &str)]) -> DbParameterGroup {
        DbParameterGroup {
            name: "shop-orders".into(),
            description: "orders".into(),
            family: "postgres17".into(),
            parameters: parameters
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            tags: Tags::new(),
        }
    }

    #[test]
    fn what_somebody_else_set_is_reset() {
        let replies = [
            json!({ "DBParameterGroups": [{ "DBParameterGroupName": "shop-orders", "DBParameterGroupFamily": "postgres17", "Description": "orders", "DBParameterGroupArn": "arn:g" }] }),
            json!({ "Parameters": [{ "ParameterName": "work_mem", "ParameterValue": "64" }, { "ParameterName": "max_connections", "ParameterValue": "9" }] }),
            json!({ "TagList": [{ "Key": "a", "Value": "b" }] }),
        ];
        let asked = group(&[("work_mem", "128")]);
        let Seen::Live(live) = asked.read(&me(None), &replies) else {
            panic!("not live")
        };
        assert_eq!(live.properties.tags["a"], "b");
        let calls = asked.update(&me(None), &live, &["Parameters"]);
        assert_eq!(calls.len(), 2);
        assert_eq!(
            calls[0].params["Parameters"],
            json!([{ "ParameterName": "work_mem", "ParameterValue": "128", "ApplyMethod": "immediate" }])
        );
        assert_eq!(
            calls[1].params["Parameters"],
            json!([{ "ParameterName": "max_connections", "ApplyMethod": "pending-reboot" }])
        );
    }

    #[test]
    fn twenty_parameters_a_call() {
        let names: Vec<String> = (0..45).map(|n| format!("p{n}")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
        let live = Live {
            id: "shop-orders".into(),
            properties: group(&[]),
            attributes: Attributes::new(),
        };
        let calls = group(&many).update(&me(None), &live, &["Parameters"]);
        assert_eq!(calls.len(), 3);
    }
}
