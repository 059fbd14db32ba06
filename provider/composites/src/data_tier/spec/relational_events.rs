//! What is told of a relational database, and what it is extended with.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Events of a database, its instances and its proxy, told by way of a topic of SNS.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// ARN of the topic. When left out, that of `alarms`.
    pub topic_arn: Option<String>,
    /// Categories of events, as RDS calls them. When left out, what people are to know: `availability`, `failover`, `failure`, `low
    /// storage`, `maintenance`, `notification`, `read replica` and `recovery`, each where there is such a category. Example:
    /// `["failover", "failure"]`.
    pub categories: Option<BTreeSet<String>>,
}

/// A plug-in of MySQL.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EngineOption {
    /// Settings by name, besides their defaults. Example: `{ SERVER_AUDIT_EVENTS = "CONNECT,QUERY_DDL" }`.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}
