//! `AWS::RDS::DBClusterParameterGroup`: settings of the engine of all instances of a cluster; see [`parameters`] for what it reads, writes and guarantees.

use std::collections::BTreeMap;

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parameters::{self, items};

/// Settings of the engine of all instances of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DbClusterParameterGroup {
    /// Name, unique in account and Region, in lower case; can't change.
    #[serde(rename = "DBClusterParameterGroupName")]
    pub name: String,
    /// Description; can't change.
    #[serde(rename = "Description")]
    pub description: String,
    /// Engine and major version, `aurora-postgresql17`; can't change.
    #[serde(rename = "Family")]
    pub family: String,
    /// Values by the name of the parameter: all that are to differ from the engine's defaults.
    #[serde(rename = "Parameters", default)]
    pub parameters: BTreeMap<String, String>,
    /// Tags.
    #[serde(rename = "Tags", default)]
    pub tags: Tags,
}

impl Kind for DbClusterParameterGroup {
    const TYPE: &'static str = "AWS::RDS::DBClusterParameterGroup";
    items!(
        parameters::OF_CLUSTER,
        "DBClusterParameterGroupName",
        "DBClusterParameterGroupArn",
        "cluster-pg"
    );
}
