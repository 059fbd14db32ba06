//! What others need to know of a data tier.

use std::collections::BTreeMap;

use platform_graph::Handle;
use schemars::JsonSchema;
use serde::Serialize;

use super::KEY;
use super::buckets::{self, BucketOutput};
use super::caches::{self, CacheOutput};
use super::documents::{self, DocumentsOutput};
use super::file_systems::{self, FileSystemOutput};
use super::frame::Frame;
use super::keys;
use super::relational::{self, Engine, RelationalOutput};
use super::search::{self, SearchOutput};
use super::tables::{self, TableOutput};

/// The outputs of a data tier. Everything is found by the name of its store.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Outputs {
    /// ARN of the key of the tier.
    pub kms_key_arn: String,
    /// ARNs of its replicas, by region.
    pub kms_replica_key_arns: BTreeMap<String, String>,
    /// The buckets by name: `name`, `arn` and `regional_domain_name`.
    pub bucket_endpoints: BTreeMap<String, BucketOutput>,
    /// The file systems by name: `id`, `arn`, `security_group_id`, `mount_target_ips` by zone id and `access_point_arns` by name.
    pub file_system_endpoints: BTreeMap<String, FileSystemOutput>,
    /// The document databases by name: `endpoint`, `reader_endpoint`, `port`, `secret_arn`, `security_group_id`, `arn` and
    /// `global_cluster`.
    pub document_endpoints: BTreeMap<String, DocumentsOutput>,
    /// The PostgreSQL databases by name: `endpoint`, `reader_endpoint`, `replica_endpoints` by name, `port`, `database`, `secret_arn`,
    /// `security_group_id`, `arn`, `resource_id`, `custom_endpoints` by name, and `proxy`.
    pub postgres_endpoints: BTreeMap<String, RelationalOutput>,
    /// The MySQL databases by name: the same.
    pub mysql_endpoints: BTreeMap<String, RelationalOutput>,
    /// The tables by name: `name`, `arn`, `stream_arn` and `replica_arns` by region.
    pub table_endpoints: BTreeMap<String, TableOutput>,
    /// The search domains by name: `arn`, `endpoint`, `dashboards_endpoint` and `security_group_id`.
    pub search_endpoints: BTreeMap<String, SearchOutput>,
    /// The caches by name: `arn`, `endpoint`, `reader_endpoint`, `port`, `security_group_id`, `user_group_id`, and `user_ids` and
    /// `user_arns` by name.
    pub cache_endpoints: BTreeMap<String, CacheOutput>,
}

impl Outputs {
    pub(super) fn of(frame: &Frame<'_>) -> Self {
        Outputs {
            kms_key_arn: Handle::to(KEY).attribute("Arn"),
            kms_replica_key_arns: keys::replicas(frame),
            bucket_endpoints: frame
                .spec
                .buckets
                .keys()
                .map(|name| (name.clone(), buckets::output(frame, name)))
                .collect(),
            file_system_endpoints: frame
                .spec
                .file_systems
                .iter()
                .map(|(name, spec)| (name.clone(), file_systems::output(frame, name, spec)))
                .collect(),
            document_endpoints: frame
                .spec
                .documents
                .iter()
                .map(|(name, spec)| (name.clone(), documents::output(frame, name, spec)))
                .collect(),
            postgres_endpoints: relational::outputs(Engine::PostgreSql, frame),
            mysql_endpoints: relational::outputs(Engine::MySql, frame),
            table_endpoints: frame
                .spec
                .tables
                .iter()
                .map(|(name, spec)| (name.clone(), tables::output(frame, name, spec)))
                .collect(),
            search_endpoints: frame
                .spec
                .search
                .keys()
                .map(|name| (name.clone(), search::output(frame, name)))
                .collect(),
            cache_endpoints: frame
                .spec
                .caches
                .iter()
                .map(|(name, spec)| (name.clone(), caches::output(frame, name, spec)))
                .collect(),
        }
    }
}
