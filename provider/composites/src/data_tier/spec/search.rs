//! Search domains of a data tier.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Access, yes};

/// A domain of Amazon OpenSearch Service: encrypted at rest and between nodes, in the network, over TLS 1.2 or later only.
///
/// Every account needs the role `AWSServiceRoleForAmazonOpenSearchService` once for domains in networks. It is taken over where it is
/// there, made where it is not, and never deleted: it belongs to the account.
///
/// The plan asks AWS, by a dry run, whether a change means a blue/green deployment, and says so. Such a deployment is refused outside
/// of the off-peak hours, unless `change_outside_window` allows it; what AWS changes in place goes through at any time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Version of OpenSearch as a policy: what it has at least, `<major>.<minor>`, or `auto`: the latest that AWS offers when it is
    /// made, and whatever it runs from then on. A domain with a newer minor version stays as it is, an older one is upgraded in place
    /// by a blue/green deployment. Another major version needs `allow_major_upgrade`; an older one, one that AWS does not offer and
    /// one that can't be reached from what it runs are refused by the plan. `2.19` when left out. Example: `3.1`.
    #[serde(default = "default_version")]
    #[schemars(regex(pattern = r"^(auto|[1-9][0-9]*\.[0-9]+)$"))]
    pub version: String,
    /// Whether it may be brought to another major version, which can't be taken back and may break indices and clients. `false` when
    /// left out.
    #[serde(default)]
    pub allow_major_upgrade: bool,
    /// Who may connect to port 443. When left out, whoever may connect to the tier.
    pub access_from: Option<Access>,
    /// Name of the network's tier in which it has its addresses. When left out, that of the data tier.
    pub tier: Option<String>,
    /// IAM principals that are let in by the domain itself, besides those of this account that IAM policies let in. ARNs of roles
    /// or users. None when left out. Example: `["arn:aws:iam::210987654321:role/reader"]`.
    #[serde(default)]
    pub allowed_principals: BTreeSet<String>,

    /// Type of the data nodes. `m6g.large.search` when left out; `t3.small.search` is the cheapest. Changing it is a blue/green
    /// deployment.
    #[serde(default = "default_instance_type")]
    #[schemars(regex(pattern = r"^[a-z0-9]+\.[a-z0-9]+\.search$"))]
    pub instance_type: String,
    /// In how many zones of the tier there are data nodes: 1, 2 or 3. 3 when left out. The zones are chosen once and stay.
    #[serde(default = "default_zones")]
    #[schemars(range(min = 1, max = 3))]
    pub zones: u32,
    /// Data nodes in each zone. 1 when left out. Without dedicated masters a change of it is a blue/green deployment.
    #[serde(default = "default_instances")]
    #[schemars(range(min = 1, max = 334))]
    pub instances_per_zone: u32,
    /// Whether the nodes of one zone only stand by, so that the loss of a zone costs nothing. When left out, `true` where AWS has
    /// it: in three zones, with dedicated masters, and not on `t3`.
    pub standby: Option<bool>,
    /// Nodes that keep the cluster together and hold no data. When left out, three of them with three zones, else none.
    #[serde(default)]
    pub dedicated_masters: DedicatedMasters,
    /// The volume of every data node. 100 GiB of `gp3` when left out.
    #[serde(default)]
    pub storage: SearchStorage,
    /// UltraWarm nodes, for indices that are only read. None when left out; they need dedicated masters.
    pub warm: Option<Warm>,
    /// Whether indices can be detached to cold storage; needs `warm`. `false` when left out.
    #[serde(default)]
    pub cold_storage: bool,

    /// Users and roles inside the domain (fine-grained access control). When left out, whoever is let in may do everything. It can't
    /// be taken away later.
    pub fine_grained_access: Option<FineGrainedAccess>,
    /// A name of your own for the domain, besides that of AWS. None when left out.
    pub custom_endpoint: Option<CustomEndpoint>,
    /// Logs that go to CloudWatch Logs. When left out, everything but audit logs, for 30 days: errors of the engine say why a cluster
    /// is red, and slow logs cost nothing until an index is given thresholds. One resource policy of CloudWatch Logs lets OpenSearch
    /// write for all domains of the tier; an account can have ten of them in a region. No logs:
    /// `{ errors = false, slow_searches = false, slow_indexing = false }`.
    #[serde(default)]
    pub logs: SearchLogs,
    /// Whether AWS tunes caches and queues by the load. When left out, `true` but for `t2` and `t3`, which AWS does not tune.
    pub auto_tune: Option<bool>,
    /// When the ten off-peak hours begin, UTC, in which AWS does by itself what disturbs, and outside of which the plan refuses
    /// blue/green deployments. `02:00` when left out. Example: `22:30`.
    #[serde(default = "default_window")]
    #[schemars(regex(pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub off_peak_window_start: String,
    /// Whether blue/green deployments may begin at any time. When left out, `false`: outside of the off-peak hours the plan refuses
    /// them and says when these begin again.
    #[serde(default)]
    pub change_outside_window: bool,
    /// Whether AWS installs updates of the service software by itself in these hours. `true` when left out. Which software a domain
    /// has is never a difference: those updates plan nothing.
    #[serde(default = "yes")]
    pub automatic_updates: bool,
    /// Settings of the engine, by the names that AWS gives them; each change is a blue/green deployment. Example:
    /// `{ "indices.query.bool.max_clause_count" = "2048" }`.
    #[serde(default)]
    pub advanced_options: BTreeMap<String, String>,
}

/// Nodes that keep a cluster together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DedicatedMasters {
    /// Whether there are any. When left out, `true` with three zones.
    pub enabled: Option<bool>,
    /// How many: 3 or 5. 3 when left out.
    #[schemars(range(min = 3, max = 5))]
    pub count: Option<u32>,
    /// Their type. `m6g.large.search` when left out.
    #[schemars(regex(pattern = r"^[a-z0-9]+\.[a-z0-9]+\.search$"))]
    pub instance_type: Option<String>,
}

/// The volume of every data node, of type `gp3`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchStorage {
    /// GiB per data node, from 10 to what its type can have. 100 when left out. Changing it is a blue/green deployment.
    #[serde(default = "default_size")]
    #[schemars(range(min = 10, max = 36_864))]
    pub size_gb: u32,
    /// Operations per second to pay for. When left out, what comes with the size; taken out later, it stays.
    #[schemars(range(min = 3000, max = 80_000))]
    pub iops: Option<u32>,
    /// MiB/s to pay for. When left out, what comes with the size; taken out later, it stays.
    #[schemars(range(min = 125, max = 4000))]
    pub throughput_mibps: Option<u32>,
}

/// UltraWarm nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Warm {
    /// How many, 2 to 150; a multiple of three with standby. 3 when left out.
    #[serde(default = "default_warm_count")]
    #[schemars(range(min = 2, max = 150))]
    pub count: u32,
    /// Their type: `ultrawarm1.medium.search` (1.5 TiB each) or `ultrawarm1.large.search` (20 TiB). The first when left out.
    #[serde(default = "default_warm_type")]
    #[schemars(regex(pattern = r"^ultrawarm1\.[a-z]+\.search$"))]
    pub instance_type: String,
}

/// Users and roles inside a domain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FineGrainedAccess {
    /// ARN of the IAM role or user that may do everything and gives rights to others. There is no master user with a password: it
    /// would be in the state. Example: `arn:aws:iam::123456789012:role/search-admin`.
    pub master_role_arn: String,
    /// Signing in to Dashboards through an identity provider. None when left out.
    pub saml: Option<Saml>,
}

/// An identity provider of SAML 2.0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Saml {
    /// Entity id of the identity provider, as its metadata says it.
    pub entity_id: String,
    /// Metadata of the identity provider, an XML document. Example: `file("idp.xml")`.
    pub metadata: String,
    /// Group whose members may do everything. Nobody through SAML when left out.
    #[schemars(length(max = 256))]
    pub master_group: Option<String>,
    /// Attribute of the assertion that holds the groups. `roles` when left out.
    #[serde(default = "default_roles_key")]
    pub roles_key: String,
    /// Attribute of the assertion that holds the name of the user. The name id of the assertion when left out.
    pub subject_key: Option<String>,
    /// Minutes without activity after which a session ends, 1 to 1440. 60 when left out.
    #[serde(default = "default_session")]
    #[schemars(range(min = 1, max = 1440))]
    pub session_minutes: u32,
}

/// A name of one's own for a domain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomEndpoint {
    /// The name; an alias record of it must lead to the domain. Example: `search.example.com`.
    pub name: String,
    /// ARN of its certificate in ACM, in the same region.
    pub certificate_arn: String,
}

/// Logs of a domain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchLogs {
    /// Errors and warnings of the engine. `true` when left out.
    #[serde(default = "yes")]
    pub errors: bool,
    /// Searches that take longer than the indices say. `true` when left out.
    #[serde(default = "yes")]
    pub slow_searches: bool,
    /// Writes that take longer than the indices say. `true` when left out.
    #[serde(default = "yes")]
    pub slow_indexing: bool,
    /// Who did what; needs `fine_grained_access`, and audit logs switched on in Dashboards too, where it is chosen what they hold.
    /// `false` when left out: they hold a record of every request, or more.
    #[serde(default)]
    pub audit: bool,
    /// Days after which records are deleted, one of those that CloudWatch Logs knows. 30 when left out.
    #[serde(default = "default_retention")]
    #[schemars(range(min = 1, max = 3653))]
    pub retention_days: u32,
}

impl Default for Search {
    fn default() -> Self {
        Search {
            version: default_version(),
            allow_major_upgrade: false,
            access_from: None,
            tier: None,
            allowed_principals: BTreeSet::new(),
            instance_type: default_instance_type(),
            zones: default_zones(),
            instances_per_zone: default_instances(),
            standby: None,
            dedicated_masters: DedicatedMasters::default(),
            storage: SearchStorage::default(),
            warm: None,
            cold_storage: false,
            fine_grained_access: None,
            custom_endpoint: None,
            logs: SearchLogs::default(),
            auto_tune: None,
            off_peak_window_start: default_window(),
            change_outside_window: false,
            automatic_updates: true,
            advanced_options: BTreeMap::new(),
        }
    }
}

impl Search {
    /// Whether its nodes have credits for their processor: AWS has less for these.
    pub fn is_burstable(&self) -> bool {
        ["t2.", "t3."]
            .iter()
            .any(|family| self.instance_type.starts_with(family))
    }

    /// Whether there are dedicated masters.
    pub fn has_masters(&self) -> bool {
        self.dedicated_masters.enabled.unwrap_or(self.zones == 3)
    }

    /// Whether the nodes of one zone stand by.
    pub fn stands_by(&self) -> bool {
        let possible = self.zones == 3 && self.has_masters() && !self.is_burstable();
        self.standby.unwrap_or(possible)
    }
}

impl SearchLogs {
    /// Whether there are any.
    pub fn any(&self) -> bool {
        self.errors || self.slow_searches || self.slow_indexing || self.audit
    }
}

impl Default for SearchLogs {
    fn default() -> Self {
        SearchLogs {
            errors: true,
            slow_searches: true,
            slow_indexing: true,
            audit: false,
            retention_days: default_retention(),
        }
    }
}

impl Default for SearchStorage {
    fn default() -> Self {
        SearchStorage {
            size_gb: default_size(),
            iops: None,
            throughput_mibps: None,
        }
    }
}

fn default_version() -> String {
    "2.19".to_owned()
}

fn default_instance_type() -> String {
    "m6g.large.search".to_owned()
}

fn default_zones() -> u32 {
    3
}

fn default_instances() -> u32 {
    1
}

fn default_size() -> u32 {
    100
}

fn default_warm_count() -> u32 {
    3
}

fn default_warm_type() -> String {
    "ultrawarm1.medium.search".to_owned()
}

fn default_roles_key() -> String {
    "roles".to_owned()
}

fn default_session() -> u32 {
    60
}

fn default_window() -> String {
    "02:00".to_owned()
}

fn default_retention() -> u32 {
    30
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_the_default() {
        let decoded: Search = serde_json::from_value(serde_json::json!({})).unwrap();
        assert_eq!(decoded, Search::default());
    }

    #[test]
    fn what_aws_does_not_have_for_small_domains_is_not_asked_for() {
        let with = |zones, instance_type: &str| {
            let search = Search {
                zones,
                instance_type: instance_type.to_owned(),
                ..Search::default()
            };
            (search.has_masters(), search.stands_by())
        };
        assert_eq!(with(3, "m6g.large.search"), (true, true));
        assert_eq!(with(3, "t3.medium.search"), (true, false));
        assert_eq!(with(1, "t3.small.search"), (false, false));
    }
}
