//! Changes of the settings of a domain.

use std::collections::BTreeMap;

use platform_graph::Call;

use super::domain::Domain;
use super::settings::LogPublishingOption;
use crate::policy;

/// Advanced options that AWS adds, with the values that it gives them.
pub(super) const ADVANCED_DEFAULTS: [(&str, &str); 4] = [
    ("indices.fielddata.cache.size", "20"),
    ("indices.query.bool.max_clause_count", "1024"),
    ("override_main_response_version", "false"),
    ("rest.action.multi.allow_explicit_index", "true"),
];

impl Domain {
    /// The call that changes these settings; none where none of them is a setting.
    pub(super) fn reconfigure(&self, live: &Domain, changed: &[&str]) -> Option<Call> {
        let mut update = self.call("UpdateDomainConfig");
        let bare = update.params.len();
        for property in changed {
            update = match *property {
                "AccessPolicies" => update.with(property, self.policy_text()),
                "AdvancedOptions" => update.with(property, self.options(live)),
                "AdvancedSecurityOptions" => update.with(property, &self.advanced_security_options),
                "AutoTuneOptions" => update.with(property, &self.auto_tune_options),
                "ClusterConfig" => update.with(property, &self.cluster_config),
                "DomainEndpointOptions" => update.with(property, &self.domain_endpoint_options),
                "EBSOptions" => update.with(property, &self.ebs_options),
                "IPAddressType" => update.with(property, &self.ip_address_type),
                "LogPublishingOptions" => update.with(property, self.logs(Some(live))),
                "NodeToNodeEncryptionOptions" => {
                    update.with(property, &self.node_to_node_encryption_options)
                }
                "OffPeakWindowOptions" => update.with(property, &self.off_peak_window_options),
                "SoftwareUpdateOptions" => update.with(property, &self.software_update_options),
                "VPCOptions" => update.with(property, &self.vpc_options),
                _ => update,
            };
        }
        (update.params.len() > bare).then_some(update)
    }

    /// Policies are texts, and a policy that is not asked for is an empty one.
    fn policy_text(&self) -> String {
        self.access_policies
            .as_ref()
            .map(policy::text)
            .unwrap_or_default()
    }

    /// Log groups by ARNs without the `:*` that those of groups end in.
    pub(super) fn logs(
        &self,
        live: Option<&Domain>,
    ) -> Option<BTreeMap<String, LogPublishingOption>> {
        let mut logs = self.log_publishing_options.clone().unwrap_or_default();
        for log in logs.values_mut() {
            if let Some(arn) = &mut log.cloud_watch_logs_log_group_arn
                && let Some(plain) = arn.strip_suffix(":*")
            {
                *arn = plain.to_owned();
            }
        }
        let written = live.and_then(|live| live.log_publishing_options.as_ref());
        for kind in written.into_iter().flat_map(BTreeMap::keys) {
            logs.entry(kind.clone()).or_insert(LogPublishingOption {
                enabled: Some(false),
                ..LogPublishingOption::default()
            });
        }
        (!logs.is_empty()).then_some(logs)
    }

    /// Advanced options; those that are no longer asked for go back to what AWS gives them.
    fn options(&self, live: &Domain) -> BTreeMap<String, String> {
        let mut options = self.advanced_options.clone().unwrap_or_default();
        for name in live.advanced_options.iter().flat_map(BTreeMap::keys) {
            if let Some((_, default)) = ADVANCED_DEFAULTS.iter().find(|(known, _)| known == name) {
                options
                    .entry(name.clone())
                    .or_insert_with(|| (*default).to_owned());
            }
        }
        options
    }
}
