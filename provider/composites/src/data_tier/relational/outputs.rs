//! What a database gives to others.

use std::collections::BTreeMap;

use platform_graph::Handle;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::frame::Frame;
use super::super::spec::{Relational, Topology};
use super::proxy::{self, ProxyOutput};
use super::{Engine, all, database, endpoints, password, port, readers};

/// What a database gives to others.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RelationalOutput {
    /// Host name of the writer.
    pub endpoint: String,
    /// Host name that spreads connections over the readers of a cluster; none without a cluster.
    pub reader_endpoint: Option<String>,
    /// Host names of the replicas of an instance by name; none of a cluster.
    pub replica_endpoints: BTreeMap<String, String>,
    /// TCP port.
    pub port: u16,
    /// Name of the first database.
    pub database: String,
    /// ARN of the secret with name and password of the master user: that of RDS, or with `password = "own"` that of the tier.
    pub secret_arn: String,
    /// Id of its security group.
    pub security_group_id: Option<String>,
    /// ARN of the instance or cluster.
    pub arn: String,
    /// Id of it that policies for `rds-db:connect` name: `db-…` or `cluster-…`.
    pub resource_id: String,
    /// Host names of the further endpoints by name.
    pub custom_endpoints: BTreeMap<String, String>,
    /// The proxy: `endpoint`, `reader_endpoint`, `port`, `arn`, `resource_id` and `security_group_id`; none without a proxy.
    pub proxy: Option<ProxyOutput>,
}

pub(in super::super) fn outputs(
    engine: Engine,
    frame: &Frame<'_>,
) -> BTreeMap<String, RelationalOutput> {
    all(frame.spec)
        .into_iter()
        .filter(|(of, _)| *of == engine)
        .flat_map(|(_, stores)| stores)
        .map(|(name, spec)| (name.clone(), output(engine, frame, name, spec)))
        .collect()
}

fn output(engine: Engine, frame: &Frame<'_>, name: &str, spec: &Relational) -> RelationalOutput {
    let store = frame.store(engine.sort(), name);
    let main = Handle::to(store.address());
    let is_cluster = spec.topology.is_cluster();
    let replicas = if is_cluster {
        BTreeMap::new()
    } else {
        readers(spec)
    };
    RelationalOutput {
        endpoint: main.attribute("Endpoint.Address"),
        reader_endpoint: is_cluster.then(|| main.attribute("ReadEndpoint.Address")),
        replica_endpoints: replicas
            .into_keys()
            .map(|reader| {
                let part = Handle::to(store.part(&format!("reader/{reader}")));
                (reader, part.attribute("Endpoint.Address"))
            })
            .collect(),
        port: port(engine, spec),
        database: database(store.name, spec),
        secret_arn: password::secret_arn(&store, spec),
        security_group_id: frame
            .spec
            .network
            .is_some()
            .then(|| Handle::to(store.part("security-group")).id()),
        arn: main.attribute(if is_cluster {
            "DBClusterArn"
        } else {
            "DBInstanceArn"
        }),
        resource_id: main.attribute(resource_id(spec.topology)),
        custom_endpoints: endpoints::outputs(&store, spec),
        proxy: proxy::output(engine, &store, spec),
    }
}

/// The attribute with the id that policies for `rds-db:connect` name.
pub(super) fn resource_id(topology: Topology) -> &'static str {
    if topology.is_cluster() {
        "DBClusterResourceId"
    } else {
        "DbiResourceId"
    }
}
