//! The proxy in front of a relational database.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Access;

/// A proxy (Amazon RDS Proxy): it pools connections, so that many clients share few of them, and keeps clients connected while another
/// instance takes over. It is reached over TLS only, at the engine's own port (5432 for PostgreSQL, 3306 for MySQL), and leads to the
/// writer; replicas of an instance are not behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// How clients log in, and how the proxy does. `password` when left out.
    #[serde(default)]
    pub authentication: ProxyAuthentication,
    /// Further users that may log in by way of the proxy, besides the master user: the secrets with their names and passwords, by a
    /// name of your choice. Example: `{ app = { secret_arn = platform_secrets.main.secret_arns["orders-app"] } }`.
    #[serde(default)]
    pub users: BTreeMap<String, ProxyUser>,
    /// Who may connect to the proxy. When left out, whoever may connect to the database. Give the database an empty `access_from` to let
    /// nobody past the proxy.
    pub access_from: Option<Access>,
    /// Seconds without traffic after which a client is disconnected, from 1 to 28800. 1800 when left out.
    #[serde(default = "default_idle")]
    #[schemars(range(min = 1, max = 28800))]
    pub idle_client_seconds: u32,
    /// The most connections that the proxy opens, in percent of what the database takes, from 1 to 100. 90 when left out, so that others
    /// get in as well.
    #[serde(default = "default_most")]
    #[schemars(range(min = 1, max = 100))]
    pub max_connections_percent: u32,
    /// The most of them that it keeps open while they are idle, in percent of what the database takes. Half of
    /// `max_connections_percent` when left out.
    #[schemars(range(min = 0, max = 100))]
    pub max_idle_connections_percent: Option<u32>,
    /// Seconds for which a client waits for a connection when all are in use, from 0 to 300. 120 when left out.
    #[serde(default = "default_borrow")]
    #[schemars(range(min = 0, max = 300))]
    pub borrow_timeout_seconds: u32,
    /// Statements that do not pin a client to its connection although they usually would. There is `EXCLUDE_VARIABLE_SETS`, for clients
    /// that can do with whatever values variables have. None when left out.
    #[serde(default)]
    pub session_pinning_filters: BTreeSet<String>,
    /// Statements that are run on every new connection to the database. None when left out. Example: `SET time_zone = '+00:00'`.
    pub init_query: Option<String>,
    /// Whether there is an endpoint that leads to the readers, for an Aurora cluster. `false` when left out.
    #[serde(default)]
    pub reader_endpoint: bool,
    /// Whether statements are logged in detail, those with sensitive values among them. `false` when left out.
    #[serde(default)]
    pub debug_logging: bool,
}

impl Default for Proxy {
    fn default() -> Self {
        Proxy {
            authentication: ProxyAuthentication::default(),
            users: BTreeMap::new(),
            access_from: None,
            idle_client_seconds: default_idle(),
            max_connections_percent: default_most(),
            max_idle_connections_percent: None,
            borrow_timeout_seconds: default_borrow(),
            session_pinning_filters: BTreeSet::new(),
            init_query: None,
            reader_endpoint: false,
            debug_logging: false,
        }
    }
}

/// How clients log in at a proxy, and how the proxy logs in at the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProxyAuthentication {
    /// Clients with the password of their user; the proxy with the same, which it reads from Secrets Manager.
    #[default]
    Password,
    /// Clients with a token of IAM; the proxy with the password of the user, which no client knows.
    Token,
    /// Both with tokens of IAM, without any secret; the database needs `iam_authentication`.
    Iam,
}

/// A user that may log in by way of a proxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProxyUser {
    /// ARN of the secret, whose value is `{"username": …, "password": …}`.
    pub secret_arn: String,
    /// ARN of the customer-managed key that encrypts the secret; not for a key of AWS.
    pub kms_key_arn: Option<String>,
}

fn default_idle() -> u32 {
    1800
}

fn default_most() -> u32 {
    90
}

fn default_borrow() -> u32 {
    120
}
