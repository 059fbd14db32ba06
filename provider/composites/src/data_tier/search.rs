//! Search: domains of Amazon OpenSearch Service.
//!
//! # Flow
//! The zones of a domain are chosen once, the first ones of its tier, and kept in the ledger: another zone of the network does not
//! move a domain.
//!
//! # Guarantees
//! A domain has its addresses in the network, speaks TLS 1.2 or later only, and is encrypted at rest and between nodes. IAM decides
//! who of the account gets in, and nobody has a password.
//!
//! What the plan knows to be a blue/green deployment is refused outside of the off-peak window of its domain, unless the store allows
//! it. AWS is asked which changes are; where it can't be, those are that usually are.
//!
//! A version is a policy, which [`upgrade`] settles and judges.
//!
//! # Caveats
//! The role with which OpenSearch works in networks belongs to the account: it is made where it is missing, and stays.

use std::collections::BTreeMap;

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::iam::ServiceLinkedRole;
use platform_kinds::logs::LogGroup;
use platform_kinds::opensearch::{
    AdvancedSecurityOptions, AutoTuneOptions, ClusterConfig, ColdStorageOptions, Domain,
    DomainEndpointOptions, EbsOptions, EncryptionAtRestOptions, Idp, LogPublishingOption,
    MasterUserOptions, NodeToNodeEncryptionOptions, OffPeakWindow, OffPeakWindowOptions,
    SamlOptions, SoftwareUpdateOptions, VpcOptions, WindowStartTime, ZoneAwarenessConfig,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Ledger, Question, Setting};

use super::frame::{Frame, Store};
use super::spec::{DataTier, FineGrainedAccess, Search, SearchLogs};
use super::{access, keys};

mod check;
mod log_policy;
mod upgrade;
mod watch;
mod window;

pub(super) use check::check;
pub(super) use upgrade::{deciding, questions};
pub(super) use window::weigh;

const SORT: &str = "search";
/// The port of HTTPS, the only one that a domain in a network has.
const PORT: u16 = 443;
/// Masters of a domain that says nothing else.
const MASTERS: u32 = 3;
const MASTER_TYPE: &str = "m6g.large.search";
/// Address of the role with which OpenSearch puts addresses into networks.
const ROLE: &str = "service-role/opensearch";

/// What a search domain gives to others.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SearchOutput {
    /// ARN of the domain.
    pub arn: String,
    /// URL for clients in the network.
    pub endpoint: String,
    /// URL of OpenSearch Dashboards.
    pub dashboards_endpoint: String,
    /// Id of its security group.
    pub security_group_id: Option<String>,
}

/// The zones of a domain: those that it has, as far as they are there and asked for, then the next ones of its tier.
fn chosen<'a>(store: &Store<'a>, spec: &Search, ledger: &mut Ledger) -> BTreeMap<&'a str, &'a str> {
    let subnets = store.frame.subnets(spec.tier.as_deref());
    let key = format!("{}/zones", store.address());
    let known = ledger.0.get(&key).cloned().unwrap_or_default();
    let (kept, others): (Vec<_>, Vec<_>) = subnets
        .into_iter()
        .partition(|(zone, _)| known.split(',').any(|known| known == *zone));
    let chosen: BTreeMap<&str, &str> = kept
        .into_iter()
        .chain(others)
        .take(spec.zones as usize)
        .collect();
    let zones: Vec<&str> = chosen.keys().copied().collect();
    ledger.0.insert(key, zones.join(","));
    chosen
}

/// What has to be known before something changes.
pub(super) fn preflight_questions(tier: &DataTier) -> Vec<Question> {
    let mut questions = upgrade::preflight_questions(tier);
    questions.extend(log_policy::questions(tier));
    questions
}

/// Finds what AWS would refuse.
pub(super) fn preflight(
    tier: &DataTier,
    setting: &Setting,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    upgrade::preflight(tier, setting, creates, problems);
    log_policy::preflight(tier, setting, creates, problems);
}

pub(super) fn add(
    frame: &Frame<'_>,
    ledger: &mut Ledger,
    graph: &mut Graph,
    problems: &mut Problems,
) {
    let stores = &frame.spec.search;
    if stores.is_empty() {
        return;
    }
    let role = graph.add(
        ROLE,
        "lets OpenSearch put the addresses of domains into networks",
        ServiceLinkedRole {
            aws_service_name: "opensearchservice.amazonaws.com".to_owned(),
            ..ServiceLinkedRole::default()
        },
    );
    let log_policy = log_policy::add(frame, graph);
    for (name, spec) in stores {
        let Some(version) = upgrade::settled(frame, name, spec, ledger, problems) else {
            continue;
        };
        let domain = add_domain(frame, name, spec, &version, ledger, graph);
        graph.after(&domain, &role);
        if let Some(policy) = log_policy.as_ref().filter(|_| spec.logs.any()) {
            graph.after(&domain, policy);
        }
    }
}

fn add_domain(
    frame: &Frame<'_>,
    name: &str,
    spec: &Search,
    version: &str,
    ledger: &mut Ledger,
    graph: &mut Graph,
) -> Handle {
    let store = frame.store(SORT, name);
    let key = keys::of(&store, graph);
    let allowed = frame.access(spec.access_from.as_ref());
    let group = access::add(&store, &[PORT], allowed, graph);
    let subnets = chosen(&store, spec, ledger);
    let logs = publish(&store, &spec.logs, &key, graph);
    let (hours, minutes) = spec
        .off_peak_window_start
        .split_once(':')
        .unwrap_or_default();
    let domain = graph.add(
        store.address(),
        "keeps documents and finds them by what they say",
        Domain {
            domain_name: store.physical_name(),
            access_policies: Some(policy(&store, spec)),
            advanced_options: (!spec.advanced_options.is_empty())
                .then(|| spec.advanced_options.clone()),
            advanced_security_options: spec.fine_grained_access.as_ref().map(security),
            auto_tune_options: Some(tuning(spec)),
            cluster_config: Some(cluster(spec)),
            domain_endpoint_options: Some(DomainEndpointOptions {
                custom_endpoint: spec.custom_endpoint.as_ref().map(|own| own.name.clone()),
                custom_endpoint_certificate_arn: spec
                    .custom_endpoint
                    .as_ref()
                    .map(|own| own.certificate_arn.clone()),
                custom_endpoint_enabled: Some(spec.custom_endpoint.is_some()),
                enforce_https: Some(true),
                tls_security_policy: Some("Policy-Min-TLS-1-2-PFS-2023-10".to_owned()),
            }),
            ebs_options: Some(EbsOptions {
                ebs_enabled: Some(true),
                iops: spec.storage.iops,
                throughput: spec.storage.throughput_mibps,
                volume_size: Some(spec.storage.size_gb),
                volume_type: Some("gp3".to_owned()),
            }),
            encryption_at_rest_options: Some(EncryptionAtRestOptions {
                enabled: Some(true),
                kms_key_id: Some(key),
            }),
            engine_version: Some(format!("OpenSearch_{version}")),
            log_publishing_options: (!logs.is_empty()).then_some(logs),
            node_to_node_encryption_options: Some(NodeToNodeEncryptionOptions {
                enabled: Some(true),
            }),
            off_peak_window_options: Some(OffPeakWindowOptions {
                enabled: Some(true),
                off_peak_window: Some(OffPeakWindow {
                    window_start_time: Some(WindowStartTime {
                        hours: hours.parse().ok(),
                        minutes: minutes.parse().ok(),
                    }),
                }),
            }),
            software_update_options: Some(SoftwareUpdateOptions {
                auto_software_update_enabled: Some(spec.automatic_updates),
            }),
            vpc_options: Some(VpcOptions {
                security_group_ids: Some(group.iter().map(Handle::id).collect()),
                subnet_ids: Some(subnets.values().map(|id| (*id).to_owned()).collect()),
            }),
            ..Domain::default()
        },
    );
    watch::add(&store, spec, &domain, graph);
    domain
}

fn cluster(spec: &Search) -> ClusterConfig {
    let masters = &spec.dedicated_masters;
    let has_masters = spec.has_masters();
    ClusterConfig {
        cold_storage_options: Some(ColdStorageOptions {
            enabled: Some(spec.cold_storage),
        }),
        dedicated_master_count: has_masters.then(|| masters.count.unwrap_or(MASTERS)),
        dedicated_master_enabled: Some(has_masters),
        dedicated_master_type: has_masters.then(|| {
            let own = masters.instance_type.as_deref();
            own.unwrap_or(MASTER_TYPE).to_owned()
        }),
        instance_count: Some(spec.zones * spec.instances_per_zone),
        instance_type: Some(spec.instance_type.clone()),
        multi_az_with_standby_enabled: Some(spec.stands_by()),
        warm_count: spec.warm.as_ref().map(|warm| warm.count),
        warm_enabled: Some(spec.warm.is_some()),
        warm_type: spec.warm.as_ref().map(|warm| warm.instance_type.clone()),
        zone_awareness_config: (spec.zones > 1).then_some(ZoneAwarenessConfig {
            availability_zone_count: Some(spec.zones),
        }),
        zone_awareness_enabled: Some(spec.zones > 1),
    }
}

fn tuning(spec: &Search) -> AutoTuneOptions {
    let tuned = spec.auto_tune.unwrap_or(!spec.is_burstable());
    AutoTuneOptions {
        desired_state: Some(if tuned { "ENABLED" } else { "DISABLED" }.to_owned()),
        use_off_peak_window: tuned.then_some(true),
    }
}

fn security(fine: &FineGrainedAccess) -> AdvancedSecurityOptions {
    let saml = match &fine.saml {
        Some(saml) => SamlOptions {
            enabled: Some(true),
            idp: Some(Idp {
                entity_id: Some(saml.entity_id.clone()),
                metadata_content: Some(saml.metadata.clone()),
            }),
            master_backend_role: saml.master_group.clone(),
            roles_key: Some(saml.roles_key.clone()),
            session_timeout_minutes: Some(saml.session_minutes),
            subject_key: saml.subject_key.clone(),
        },
        // Asked for, so that SAML that is taken out of the configuration is switched off.
        None => SamlOptions {
            enabled: Some(false),
            ..SamlOptions::default()
        },
    };
    AdvancedSecurityOptions {
        enabled: Some(true),
        internal_user_database_enabled: Some(false),
        master_user_options: Some(MasterUserOptions {
            master_user_arn: Some(fine.master_role_arn.clone()),
        }),
        saml_options: Some(saml),
    }
}

/// IAM policies of the account decide who of it gets in; the others are let in here.
/// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html>
fn policy(store: &Store<'_>, spec: &Search) -> Value {
    let setting = store.frame.setting;
    let account = format!("arn:{}:iam::{}:root", setting.partition, setting.account);
    let mut principals = vec![account];
    principals.extend(spec.allowed_principals.iter().cloned());
    let domain = store
        .frame
        .arn("es", &format!("domain/{}/*", store.physical_name()));
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "IamDecides",
            "Effect": "Allow",
            "Principal": { "AWS": principals },
            "Action": "es:ESHttp*",
            "Resource": domain,
        }],
    })
}

/// What the names of the log groups of a domain begin with.
fn log_folder(store: &Store<'_>) -> String {
    format!("/aws/opensearch/{}", store.physical_name())
}

/// A log group for every log that is asked for.
fn publish(
    store: &Store<'_>,
    logs: &SearchLogs,
    key: &str,
    graph: &mut Graph,
) -> BTreeMap<String, LogPublishingOption> {
    [
        ("errors", "ES_APPLICATION_LOGS", logs.errors),
        ("slow-searches", "SEARCH_SLOW_LOGS", logs.slow_searches),
        ("slow-indexing", "INDEX_SLOW_LOGS", logs.slow_indexing),
        ("audit", "AUDIT_LOGS", logs.audit),
    ]
    .into_iter()
    .filter(|(_, _, asked)| *asked)
    .map(|(part, kind, _)| {
        let group = graph.add(
            store.part(&format!("logs/{part}")),
            format!(
                "keeps what {} logs: {}",
                store.words(),
                part.replace('-', " ")
            ),
            LogGroup {
                log_group_name: format!("{}/{part}", log_folder(store)),
                retention_in_days: Some(logs.retention_days),
                kms_key_id: Some(key.to_owned()),
                ..LogGroup::default()
            },
        );
        let option = LogPublishingOption {
            cloud_watch_logs_log_group_arn: Some(group.attribute("Arn")),
            enabled: Some(true),
        };
        (kind.to_owned(), option)
    })
    .collect()
}

pub(super) fn output(frame: &Frame<'_>, name: &str) -> SearchOutput {
    let store = frame.store(SORT, name);
    let domain = Handle::to(store.address());
    let host = domain.attribute("DomainEndpoint");
    SearchOutput {
        arn: domain.attribute("Arn"),
        endpoint: format!("https://{host}"),
        dashboards_endpoint: format!("https://{host}/_dashboards"),
        security_group_id: frame
            .spec
            .network
            .is_some()
            .then(|| Handle::to(store.part("security-group")).id()),
    }
}
