//! The proxy in front of a database.
//!
//! # Flow
//! A role that reads the secrets and nothing else, a security group between clients and database, the proxy, what it leads to once all
//! instances are there, and an endpoint for readers.
//!
//! # Guarantees
//! - Clients use TLS.
//! - The role reads the secrets of the proxy's users and decrypts them by way of Secrets Manager only.
//!
//! # Caveats
//! A proxy listens at the engine's own port, whatever the port of the database is.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html>

use std::collections::BTreeSet;

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::iam::{Role, RolePolicy};
use platform_kinds::logs::LogGroup;
use platform_kinds::network::{SecurityGroupEgress, SecurityGroupIngress};
use platform_kinds::rds::{
    ConnectionPool, DbProxy, DbProxyEndpoint, DbProxyTargetGroup, ProxyAuth,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::access::{self, Door};
use super::super::check::{self, Checks};
use super::super::frame::Store;
use super::super::spec::{Proxy, ProxyAuthentication, Relational, Topology};
use super::{Engine, Plan};
use crate::schema::is_unknown_text;

/// The classes of statements that can be kept from pinning.
const FILTERS: [&str; 1] = ["EXCLUDE_VARIABLE_SETS"];

/// What the proxy of a database gives to others.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ProxyOutput {
    /// Host name that leads to the writer.
    pub endpoint: String,
    /// Host name that leads to the readers; none without `reader_endpoint`.
    pub reader_endpoint: Option<String>,
    /// TCP port.
    pub port: u16,
    /// ARN of the proxy.
    pub arn: String,
    /// Id of it that policies for `rds-db:connect` name: `prx-…`.
    pub resource_id: String,
    /// Id of its security group.
    pub security_group_id: Option<String>,
}

pub(super) fn check(
    engine: Engine,
    name: &str,
    spec: &Relational,
    checks: &Checks<'_>,
    problems: &mut Problems,
) {
    let Some(proxy) = &spec.proxy else { return };
    let path = [engine.sort(), name, "proxy"];
    let at = |more: &[&str]| -> Vec<String> {
        let steps = path.iter().chain(more);
        steps.map(|step| (*step).to_owned()).collect()
    };
    if let Some(access) = &proxy.access_from {
        let path = [engine.sort(), name, "proxy", "access_from"];
        checks.access(&path, access, problems);
    }
    if proxy.authentication == ProxyAuthentication::Iam {
        if !spec.iam_authentication || spec.topology == Topology::MultiAzCluster {
            problems.error(
                at(&["authentication"]),
                "the database takes no tokens of IAM",
                "Set `iam_authentication = true`, which a `multi_az_cluster` does not have, or use `token` or `password`.",
            );
        }
        if !proxy.users.is_empty() {
            problems.error(
                at(&["users"]),
                "with tokens of IAM all the way there are no secrets",
                "Leave it out: who may connect as which user is up to policies for `rds-db:connect`.",
            );
        }
    }
    for (user, spec) in &proxy.users {
        check::name(&[engine.sort(), name, "proxy", "users"], user, problems);
        let is_secret =
            spec.secret_arn.starts_with("arn:") && spec.secret_arn.contains(":secretsmanager:");
        if !is_unknown_text(&spec.secret_arn) && !is_secret {
            problems.error(
                at(&["users", user, "secret_arn"]),
                format!("{:?} is not the ARN of a secret", spec.secret_arn),
                "It looks like arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-app-AbCdEf.",
            );
        }
    }
    if let Some(idle) = proxy.max_idle_connections_percent
        && idle > proxy.max_connections_percent
    {
        problems.error(
            at(&["max_idle_connections_percent"]),
            format!(
                "{idle} % can't be idle where there are at most {} %",
                proxy.max_connections_percent
            ),
            "It is not above max_connections_percent.",
        );
    }
    for filter in &proxy.session_pinning_filters {
        if !is_unknown_text(filter) && !FILTERS.contains(&filter.as_str()) {
            problems.error(
                at(&["session_pinning_filters"]),
                format!("there is no filter {filter:?}"),
                format!("There is {}.", FILTERS.join(", ")),
            );
        }
    }
    if proxy.reader_endpoint && (!spec.topology.is_aurora() || super::readers(spec).is_empty()) {
        problems.error(
            at(&["reader_endpoint"]),
            "only an Aurora cluster with readers has it",
            "Leave it out, or use `topology = \"aurora\"` with `readers`.",
        );
    }
    let pauses = spec
        .capacity
        .as_ref()
        .is_some_and(|capacity| capacity.min == 0.0);
    if spec.topology == Topology::AuroraServerless && pauses {
        problems.warning(
            at(&[]),
            "the database will never pause: a proxy stays connected to it",
            "Leave the proxy out, or set `capacity.min` to 0.5 or more.",
        );
    }
}

impl Plan<'_> {
    /// Adds the proxy, which leads to `main` once all of `members` are there.
    pub(super) fn proxy(&self, main: &Handle, members: &[Handle], graph: &mut Graph) {
        let Some(spec) = &self.spec.proxy else {
            return;
        };
        let group = self.proxy_group(spec, graph);
        let group = || Some(group.iter().map(Handle::id).collect());
        let subnets = || {
            let subnets = self.store.frame.subnets(self.spec.tier.as_deref());
            Some(subnets.into_values().map(str::to_owned).collect())
        };
        let is_iam = spec.authentication == ProxyAuthentication::Iam;
        let role = self.proxy_role(main, spec, graph);
        let log = spec.debug_logging.then(|| self.proxy_log(graph));
        let proxy = graph.add(
            self.store.part("proxy"),
            format!(
                "pools connections to {}; nobody connects without TLS",
                self.words()
            ),
            DbProxy {
                name: self.identifier(),
                auth: (!is_iam).then(|| self.proxy_users(spec)),
                debug_logging: Some(spec.debug_logging),
                default_auth_scheme: is_iam.then(|| "IAM_AUTH".to_owned()),
                engine_family: Some(
                    match self.engine {
                        Engine::PostgreSql => "POSTGRESQL",
                        Engine::MySql => "MYSQL",
                    }
                    .to_owned(),
                ),
                idle_client_timeout: Some(spec.idle_client_seconds),
                require_tls: Some(true),
                role_arn: Some(role.attribute("Arn")),
                vpc_security_group_ids: group(),
                vpc_subnet_ids: subnets(),
                ..DbProxy::default()
            },
        );
        if let Some(log) = log {
            graph.after(&proxy, &log);
        }
        let is_cluster = self.spec.topology.is_cluster();
        let of = |wanted: bool| (wanted == is_cluster).then(|| vec![main.id()]);
        let filters = &spec.session_pinning_filters;
        let targets = graph.add(
            self.store.part("proxy/targets"),
            format!("leads the proxy to {}", self.words()),
            DbProxyTargetGroup {
                proxy_name: proxy.id(),
                target_group_name: "default".to_owned(),
                connection_pool_configuration_info: Some(ConnectionPool {
                    connection_borrow_timeout: Some(spec.borrow_timeout_seconds),
                    init_query: spec.init_query.clone(),
                    max_connections_percent: Some(spec.max_connections_percent),
                    max_idle_connections_percent: spec.max_idle_connections_percent,
                    session_pinning_filters: (!filters.is_empty())
                        .then(|| filters.iter().cloned().collect()),
                }),
                cluster_identifiers: of(true),
                instance_identifiers: of(false),
            },
        );
        for member in members {
            graph.after(&targets, member);
        }
        if spec.reader_endpoint {
            let reader = graph.add(
                self.store.part("proxy/reader"),
                format!(
                    "leads to the readers of {} by way of the proxy",
                    self.words()
                ),
                DbProxyEndpoint {
                    name: format!("{}-reader", self.identifier()),
                    proxy_name: proxy.id(),
                    target_role: Some("READ_ONLY".to_owned()),
                    vpc_security_group_ids: group(),
                    vpc_subnet_ids: subnets(),
                    ..DbProxyEndpoint::default()
                },
            );
            graph.after(&reader, &targets);
        }
    }

    /// The security group of the proxy, and its way into the database.
    fn proxy_group(&self, spec: &Proxy, graph: &mut Graph) -> Option<Handle> {
        let own = spec.access_from.as_ref().or(self.spec.access_from.as_ref());
        let door = Door {
            prefix: "proxy/",
            words: format!("the proxy of {}", self.words()),
            group_name: format!("{}-proxy", self.identifier()),
        };
        let ports = [self.engine.port()];
        let access = self.store.frame.access(own);
        let proxy = access::open(&self.store, &door, &ports, access, graph)?;
        let database = self.group.as_ref()?;
        let port = Some(u32::from(super::port(self.engine, self.spec)));
        let description = Some(format!("the proxy to {}", self.words()));
        graph.add(
            self.store.part("proxy/database/in"),
            format!("lets the proxy reach {}", self.words()),
            SecurityGroupIngress {
                group_id: database.id(),
                ip_protocol: "tcp".to_owned(),
                from_port: port.map(Into::into),
                to_port: port.map(Into::into),
                source_security_group_id: Some(proxy.id()),
                description: description.clone(),
                ..SecurityGroupIngress::default()
            },
        );
        graph.add(
            self.store.part("proxy/database/out"),
            format!("lets the proxy out to {}", self.words()),
            SecurityGroupEgress {
                group_id: proxy.id(),
                ip_protocol: "tcp".to_owned(),
                from_port: port.map(Into::into),
                to_port: port.map(Into::into),
                destination_security_group_id: Some(database.id()),
                description,
                ..SecurityGroupEgress::default()
            },
        );
        Some(proxy)
    }

    /// The secrets of the master user and of the others.
    fn proxy_users(&self, spec: &Proxy) -> Vec<ProxyAuth> {
        let iam = match spec.authentication {
            ProxyAuthentication::Password => "DISABLED",
            ProxyAuthentication::Token | ProxyAuthentication::Iam => "REQUIRED",
        };
        let auth = |description: String, secret: String| ProxyAuth {
            auth_scheme: Some("SECRETS".to_owned()),
            client_password_auth_type: None,
            description: Some(description),
            iam_auth: Some(iam.to_owned()),
            secret_arn: Some(secret),
        };
        let master = auth(
            "the master user".to_owned(),
            super::password::secret_arn(&self.store, self.spec),
        );
        let others = spec
            .users
            .iter()
            .map(|(name, user)| auth(name.clone(), user.secret_arn.clone()));
        [master].into_iter().chain(others).collect()
    }

    /// The role with which the proxy logs in: it reads the secrets of its users, or gets tokens for this database.
    ///
    /// RDS tells no account and no resource when it takes the role on, so that its trust can't be narrowed by them.
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-iam-setup.html>
    fn proxy_role(&self, main: &Handle, spec: &Proxy, graph: &mut Graph) -> Handle {
        let setting = self.store.frame.setting;
        let tier = &self.store.frame.spec.name;
        graph.add(
            self.store.part("proxy/role"),
            format!("lets the proxy log in at {}", self.words()),
            Role {
                // IAM is global, so the region is part of the name.
                role_name: format!("{tier}-{}-{}-proxy", setting.owner.region, self.store.name),
                assume_role_policy_document: json!({
                    "Version": "2012-10-17",
                    "Statement": [{
                        "Effect": "Allow",
                        "Principal": { "Service": "rds.amazonaws.com" },
                        "Action": "sts:AssumeRole",
                    }],
                }),
                policies: vec![RolePolicy {
                    policy_name: "log-in".to_owned(),
                    policy_document: json!({
                        "Version": "2012-10-17",
                        "Statement": self.proxy_statements(main, spec),
                    }),
                }],
                description: Some(format!("Proxy of {} of data tier {tier}", self.words())),
                ..Role::default()
            },
        )
    }

    fn proxy_statements(&self, main: &Handle, spec: &Proxy) -> Value {
        let frame = &self.store.frame;
        if spec.authentication == ProxyAuthentication::Iam {
            let id = main.attribute(super::resource_id(self.spec.topology));
            return json!([{
                "Sid": "Connect",
                "Effect": "Allow",
                "Action": "rds-db:connect",
                "Resource": frame.arn("rds-db", &format!("dbuser:{id}/*")),
            }]);
        }
        let secrets: Vec<String> = self
            .proxy_users(spec)
            .into_iter()
            .filter_map(|auth| auth.secret_arn)
            .collect();
        let others = spec
            .users
            .values()
            .filter_map(|user| user.kms_key_arn.as_ref());
        let keys: BTreeSet<&String> = [&self.key].into_iter().chain(others).collect();
        let setting = frame.setting;
        let service = format!(
            "secretsmanager.{}.{}",
            setting.owner.region,
            setting.dns_suffix()
        );
        json!([
            {
                "Sid": "ReadSecrets",
                "Effect": "Allow",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": secrets,
            },
            {
                "Sid": "DecryptSecrets",
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": keys,
                "Condition": { "StringEquals": { "kms:ViaService": service } },
            },
        ])
    }

    /// The log group of a proxy that logs in detail, before RDS makes it without retention and key.
    fn proxy_log(&self, graph: &mut Graph) -> Handle {
        graph.add(
            self.store.part("proxy/log"),
            format!("keeps the log of the proxy of {}", self.words()),
            LogGroup {
                log_group_name: format!("/aws/rds/proxy/{}", self.identifier()),
                retention_in_days: Some(self.spec.logs.retention_days),
                kms_key_id: Some(self.key.clone()),
                ..LogGroup::default()
            },
        )
    }
}

pub(super) fn output(engine: Engine, store: &Store<'_>, spec: &Relational) -> Option<ProxyOutput> {
    let proxy = spec.proxy.as_ref()?;
    let part = |part: &str| Handle::to(store.part(part));
    let main = part("proxy");
    Some(ProxyOutput {
        endpoint: main.attribute("Endpoint"),
        reader_endpoint: proxy
            .reader_endpoint
            .then(|| part("proxy/reader").attribute("Endpoint")),
        port: engine.port(),
        arn: main.attribute("DBProxyArn"),
        resource_id: main.attribute("ResourceId"),
        security_group_id: store
            .frame
            .spec
            .network
            .is_some()
            .then(|| part("proxy/security-group").id()),
    })
}
