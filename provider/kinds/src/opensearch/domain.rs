//! `AWS::OpenSearchService::Domain`: a cluster of OpenSearch.
//!
//! Reads `DescribeDomain` and `ListTags`; writes `CreateDomain`, `UpdateDomainConfig` and `UpgradeDomain`. What a change would mean
//! is asked by a dry run of `UpdateDomainConfig` and by `GetCompatibleVersions`.
//!
//! # Flow
//! AWS makes one change of a domain at a time, many of them by a blue/green deployment, and the domain goes on serving
//! meanwhile. A domain is pending until it is there, and while AWS works on it and it is not yet as asked for. What AWS does to
//! a domain that is as asked for (an update of the service software) does not make it pending.
//!
//! # Guarantees
//! An engine that is newer than asked for is never brought back: AWS can't. Which service software a domain has is AWS's business: it
//! is no property, so that an update of it, by AWS or by hand, is no difference.
//!
//! # Caveats
//! - AWS does not show who the master user is, nor the group that may do everything by SAML. Both are written on the domain as
//!   tags when they are sent, so that a change is seen and a run that was killed goes on.
//! - A version is reached through `UpgradeDomain`, which is sent alone; other changes follow once it is through.
//! - SAML can be set only on a domain that is there.
//! - AWS adds advanced options, and shows logs that are switched off.
//! - `DescribeDomains` takes several names, but few: each domain is asked for by itself.
//!
//! See <https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_CreateDomain.html> and
//! <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-configuration-changes.html>.

use std::collections::BTreeMap;

use platform_graph::{
    Attributes, Call, Claim, Disruption, Forecast, Identity, Kind, Live, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::change::ADVANCED_DEFAULTS;
use super::comparison::{covers, reached, same_logs};
use super::settings::{
    AdvancedSecurityOptions, AutoTuneOptions, ClusterConfig, DomainEndpointOptions, EbsOptions,
    EncryptionAtRestOptions, LogPublishingOption, MasterUserOptions, NodeToNodeEncryptionOptions,
    OffPeakWindowOptions, SoftwareUpdateOptions, VpcOptions, shown,
};
use super::unshown::{MASTER_USER, Unshown};
use crate::{census, policy, reply};

/// A domain of OpenSearch Service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Domain {
    /// Name, unique in account and Region, 3 to 28 characters; can't change.
    pub domain_name: String,
    /// Resource policy: whom IAM may let in.
    pub access_policies: Option<Value>,
    /// Settings of the engine by their names.
    pub advanced_options: Option<BTreeMap<String, String>>,
    /// Fine-grained access control.
    pub advanced_security_options: Option<AdvancedSecurityOptions>,
    /// Whether AWS tunes the domain by its load.
    pub auto_tune_options: Option<AutoTuneOptions>,
    /// The nodes.
    pub cluster_config: Option<ClusterConfig>,
    /// How clients connect.
    pub domain_endpoint_options: Option<DomainEndpointOptions>,
    /// The volume of every data node.
    #[serde(rename = "EBSOptions")]
    pub ebs_options: Option<EbsOptions>,
    /// Encryption of what is stored; can't change.
    pub encryption_at_rest_options: Option<EncryptionAtRestOptions>,
    /// `OpenSearch_2.19`; only upwards.
    pub engine_version: Option<String>,
    /// `ipv4` (AWS's default) or `dualstack`, from which there is no way back.
    #[serde(rename = "IPAddressType")]
    pub ip_address_type: Option<String>,
    /// Where logs go, by `INDEX_SLOW_LOGS`, `SEARCH_SLOW_LOGS`, `ES_APPLICATION_LOGS` and `AUDIT_LOGS`.
    pub log_publishing_options: Option<BTreeMap<String, LogPublishingOption>>,
    /// Encryption between nodes.
    pub node_to_node_encryption_options: Option<NodeToNodeEncryptionOptions>,
    /// When AWS changes what disturbs.
    pub off_peak_window_options: Option<OffPeakWindowOptions>,
    /// Updates of the service software.
    pub software_update_options: Option<SoftwareUpdateOptions>,
    /// Where the domain has its addresses.
    #[serde(rename = "VPCOptions")]
    pub vpc_options: Option<VpcOptions>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

fn tag_list(tags: &Tags) -> Option<Value> {
    reply::tag_list(tags, "Key", "Value")
}

impl Domain {
    pub(super) fn call(&self, action: &'static str) -> Call {
        Call::new("opensearch", action).with("DomainName", &self.domain_name)
    }

    fn seen(&self, item: &Value, mut tags: Tags) -> Domain {
        let unshown = Unshown::take(&mut tags);
        let mut security: Option<AdvancedSecurityOptions> = shown(
            item,
            "AdvancedSecurityOptions",
            self.advanced_security_options.as_ref(),
        );
        if let Some(security) = &mut security {
            security.master_user_options =
                unshown
                    .master_user
                    .map(|master_user_arn| MasterUserOptions {
                        master_user_arn: Some(master_user_arn),
                    });
            if let Some(saml) = &mut security.saml_options {
                saml.master_backend_role = unshown.master_group;
            }
        }
        let asked_for = |name: &String| {
            let asked = self.advanced_options.as_ref();
            asked.is_some_and(|asked| asked.contains_key(name))
        };
        let options: BTreeMap<String, String> = item["AdvancedOptions"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .filter(|(name, value)| {
                let added = ADVANCED_DEFAULTS.contains(&(name.as_str(), value.as_str()));
                asked_for(name) || !(added || value.is_empty())
            })
            .collect();
        let asked_log = |name: &String| {
            let asked = self.log_publishing_options.as_ref();
            asked.is_some_and(|asked| asked.contains_key(name))
        };
        let logs: BTreeMap<String, LogPublishingOption> = item["LogPublishingOptions"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, log)| log["Enabled"] == true || asked_log(name))
            .filter_map(|(name, log)| {
                Some((name.clone(), serde_json::from_value(log.clone()).ok()?))
            })
            .collect();
        let tuning = self.auto_tune_options.as_ref().map(|_| {
            let shown = &item["AutoTuneOptions"];
            AutoTuneOptions {
                desired_state: reply::text(shown, "State").map(|state| match state.as_str() {
                    "ENABLED" | "ENABLE_IN_PROGRESS" => "ENABLED".to_owned(),
                    word if word.starts_with("DISABLE") => "DISABLED".to_owned(),
                    _ => state,
                }),
                use_off_peak_window: shown["UseOffPeakWindow"].as_bool(),
            }
        });
        Domain {
            domain_name: self.domain_name.clone(),
            access_policies: reply::text(item, "AccessPolicies")
                .filter(|text| !text.is_empty())
                .map(|text| policy::parse(&text)),
            advanced_options: (self.advanced_options.is_some() || !options.is_empty())
                .then_some(options),
            advanced_security_options: security,
            auto_tune_options: tuning,
            cluster_config: shown(item, "ClusterConfig", self.cluster_config.as_ref()),
            domain_endpoint_options: shown(
                item,
                "DomainEndpointOptions",
                self.domain_endpoint_options.as_ref(),
            ),
            ebs_options: shown(item, "EBSOptions", self.ebs_options.as_ref()),
            encryption_at_rest_options: shown(
                item,
                "EncryptionAtRestOptions",
                self.encryption_at_rest_options.as_ref(),
            ),
            engine_version: reply::text(item, "EngineVersion")
                .filter(|_| self.engine_version.is_some()),
            ip_address_type: self
                .ip_address_type
                .as_ref()
                .map(|_| reply::text(item, "IPAddressType").unwrap_or_else(|| "ipv4".to_owned())),
            log_publishing_options: (self.log_publishing_options.is_some() || !logs.is_empty())
                .then_some(logs),
            node_to_node_encryption_options: shown(
                item,
                "NodeToNodeEncryptionOptions",
                self.node_to_node_encryption_options.as_ref(),
            ),
            off_peak_window_options: shown(
                item,
                "OffPeakWindowOptions",
                self.off_peak_window_options.as_ref(),
            ),
            software_update_options: shown(
                item,
                "SoftwareUpdateOptions",
                self.software_update_options.as_ref(),
            ),
            vpc_options: shown(item, "VPCOptions", self.vpc_options.as_ref()),
            tags,
        }
    }

    /// Whether everything that is asked for shows.
    fn is_met_by(&self, seen: &Domain) -> bool {
        let (Ok(Value::Object(asked)), Ok(seen)) =
            (serde_json::to_value(self), serde_json::to_value(seen))
        else {
            return false;
        };
        asked
            .iter()
            .filter(|(name, value)| *name != "Tags" && !value.is_null())
            .all(|(name, value)| seen[name] == *value || Self::same(name, &seen[name], value))
    }

    /// The host that clients in the VPC, or on the internet, connect to.
    fn endpoint(item: &Value) -> Option<String> {
        reply::text(item, "Endpoint")
            .or_else(|| reply::text(&item["Endpoints"], "vpc"))
            .filter(|host| !host.is_empty())
    }
}

impl Kind for Domain {
    const TYPE: &'static str = "AWS::OpenSearchService::Domain";
    const CREATE_ONLY: &'static [&'static str] = &["DomainName", "EncryptionAtRestOptions"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "DomainEndpoint"];
    const OURS: &'static [&'static str] = &["AutoTuneOptions"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const STATEFUL: bool = true;
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 1200;
    const DEADLINE_SECONDS: u32 = 10_800;

    fn find(&self, me: &Identity) -> Vec<Call> {
        let name = me.id.as_ref().unwrap_or(&self.domain_name);
        vec![Call::new("opensearch", "DescribeDomain").with("DomainName", name)]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![Call::new("opensearch", "ListTags").with("ARN", known.get("Arn"))]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let id = me.id.as_ref().unwrap_or(&self.domain_name).clone();
        let item = replies
            .first()
            .map_or(&Value::Null, |reply| &reply["DomainStatus"]);
        if !item.is_object() {
            return Seen::Absent;
        }
        let doing = reply::text(item, "DomainProcessingStatus");
        let working = item["Processing"] == true || item["UpgradeProcessing"] == true;
        let endpoint = Self::endpoint(item);
        match doing.as_deref() {
            _ if item["Deleted"] == true => return Seen::Deleting { id },
            Some("Deleting") => return Seen::Deleting { id },
            Some("Isolated") => {
                return Seen::Failed {
                    id,
                    why: "AWS has isolated the domain, as it does when its key can't be used"
                        .to_owned(),
                };
            }
            Some("Creating") => {
                return Seen::Pending {
                    id,
                    why: "being created".to_owned(),
                };
            }
            _ if item["Created"] == false || (endpoint.is_none() && working) => {
                return Seen::Pending {
                    id,
                    why: "being created".to_owned(),
                };
            }
            _ => {}
        }
        let tags = replies
            .get(1)
            .map(|reply| reply::tags(reply::items(reply, "TagList"), "Key", "Value"));
        // Without the tags the master user is not known, and nothing can be said of what is asked for.
        let known = tags.is_some();
        let properties = Domain {
            domain_name: id.clone(),
            ..self.seen(item, tags.unwrap_or_default())
        };
        if working && known && !self.is_met_by(&properties) {
            let why = match doing.as_deref() {
                Some("UpgradingEngineVersion") => "upgrading its engine",
                Some("UpdatingServiceSoftware") => "updating its service software",
                _ => "applying a change",
            };
            return Seen::Pending {
                id,
                why: why.to_owned(),
            };
        }
        let attributes = [
            ("Arn", reply::text(item, "ARN")),
            ("DomainEndpoint", endpoint),
        ];
        Seen::Live(Live {
            id,
            properties,
            attributes: attributes
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
                .collect(),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let mut tags = self.tags.clone();
        let master = Unshown::of(self).master_user;
        tags.extend(master.map(|arn| (MASTER_USER.to_owned(), arn)));
        let security =
            self.advanced_security_options
                .clone()
                .map(|security| AdvancedSecurityOptions {
                    saml_options: None,
                    ..security
                });
        vec![
            self.call("CreateDomain")
                .with(
                    "AccessPolicies",
                    self.access_policies.as_ref().map(policy::text),
                )
                .with("AdvancedOptions", &self.advanced_options)
                .with("AdvancedSecurityOptions", security)
                .with("AutoTuneOptions", &self.auto_tune_options)
                .with("ClusterConfig", &self.cluster_config)
                .with("DomainEndpointOptions", &self.domain_endpoint_options)
                .with("EBSOptions", &self.ebs_options)
                .with("EncryptionAtRestOptions", &self.encryption_at_rest_options)
                .with("EngineVersion", &self.engine_version)
                .with("IPAddressType", &self.ip_address_type)
                .with("LogPublishingOptions", self.logs(None))
                .with(
                    "NodeToNodeEncryptionOptions",
                    &self.node_to_node_encryption_options,
                )
                .with("OffPeakWindowOptions", &self.off_peak_window_options)
                .with("SoftwareUpdateOptions", &self.software_update_options)
                .with("VPCOptions", &self.vpc_options)
                .with("TagList", tag_list(&tags)),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(&reply["DomainStatus"], "DomainName")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if changed.contains(&"EngineVersion")
            && let Some(target) = &self.engine_version
        {
            return vec![self.call("UpgradeDomain").with("TargetVersion", target)];
        }
        let Some(update) = self.reconfigure(&live.properties, changed) else {
            return Vec::new();
        };
        let mut calls = vec![update];
        if changed.contains(&"AdvancedSecurityOptions") && self.advanced_security_options.is_some()
        {
            let (set, gone) = Unshown::of(self).changes(&Unshown::of(&live.properties));
            calls.extend(Self::retag(live, &set, &gone));
        }
        calls
    }

    fn forecast(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        self.ask(&live.properties, changed)
    }

    fn foretold(&self, live: &Live<Self>, changed: &[&str], replies: &[Value]) -> Forecast {
        self.hear(&live.properties, changed, replies)
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        let call = |action| Call::new("opensearch", action).with("ARN", live.attributes.get("Arn"));
        let set = tag_list(set).map(|tags| call("AddTags").with("TagList", tags));
        let remove = (!remove.is_empty()).then(|| call("RemoveTags").with("TagKeys", remove));
        [set, remove].into_iter().flatten().collect()
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("opensearch", "DeleteDomain").with("DomainName", id)]
    }

    fn known_by(id: &str) -> Self {
        Domain {
            domain_name: id.to_owned(),
            ..Domain::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "es")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_service(replies, |service, resource| {
            let name = resource.strip_prefix("domain/")?;
            (service == "es").then(|| name.to_owned())
        })
    }

    /// What usually takes a blue/green deployment is rolling; the rest is done in place.
    fn disruption(property: &str) -> Disruption {
        match property {
            "AdvancedOptions"
            | "AdvancedSecurityOptions"
            | "ClusterConfig"
            | "EBSOptions"
            | "EngineVersion"
            | "IPAddressType"
            | "NodeToNodeEncryptionOptions"
            | "VPCOptions" => Disruption::Rolling,
            _ => Disruption::None,
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "AccessPolicies" => policy::same(live, desired),
            "EngineVersion" => live
                .as_str()
                .zip(desired.as_str())
                .is_some_and(|(live, desired)| reached(live, desired)),
            "LogPublishingOptions" => same_logs(live, desired),
            "AdvancedOptions" | "DomainName" => live == desired,
            _ => covers(live, desired),
        }
    }
}
