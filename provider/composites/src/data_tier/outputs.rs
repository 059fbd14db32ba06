//! What others need to know of a data tier.

use std::collections::BTreeMap;

use platform_graph::Handle;
use schemars::JsonSchema;
use serde::Serialize;

use super::KEY;
use super::file_systems::{self, FileSystemOutput};
use super::frame::Frame;
use super::relational::{self, Engine, RelationalOutput};
use super::search::{self, SearchOutput};

/// The outputs of a data tier. Everything is found by the name of its store.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Outputs {
    /// ARN of the key of the tier.
    pub kms_key_arn: String,
    /// The file systems by name: `id`, `arn`, `security_group_id`, `mount_target_ips` by zone id and `access_point_arns` by name.
    pub file_system_endpoints: BTreeMap<String, FileSystemOutput>,
    /// The search domains by name: `arn`, `endpoint`, `dashboards_endpoint` and `security_group_id`.
    pub search_endpoints: BTreeMap<String, SearchOutput>,
}

impl Outputs {
    pub(super) fn of(frame: &Frame<'_>) -> Self {
        Outputs {
            kms_key_arn: Handle::to(KEY).attribute("Arn"),
            file_system_endpoints: frame
                .spec
                .file_systems
                .iter()
                .map(|(name, spec)| (name.clone(), file_systems::output(frame, name, spec)))
                .collect(),
            search_endpoints: frame
                .spec
                .search
                .keys()
                .map(|name| (name.clone(), search::output(frame, name)))
                .collect(),
        }
    }
}
