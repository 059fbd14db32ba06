//! What instances and clusters are made with: groups of parameters, groups of logs, and the role of enhanced monitoring.

use platform_graph::{Graph, Handle};
use platform_kinds::iam::Role;
use platform_kinds::logs::LogGroup;
use platform_kinds::rds::{DbClusterParameterGroup, DbParameterGroup, version};
use serde_json::json;

use super::super::frame::Store;
use super::super::spec::Relational;
use super::Plan;

/// The role with which RDS hands what it measures of the operating system to CloudWatch Logs.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html>
pub(super) fn monitoring(
    store: &Store<'_>,
    spec: &Relational,
    graph: &mut Graph,
) -> Option<String> {
    if spec.insights.monitoring_interval_seconds == 0 {
        return None;
    }
    let setting = store.frame.setting;
    let role = graph.add(
        store.part("monitoring-role"),
        format!("lets RDS measure the operating system of {}", store.words()),
        Role {
            // IAM is global, so the region is part of the name.
            role_name: format!(
                "{}-{}-{}-monitor",
                store.frame.spec.name, setting.owner.region, store.name
            ),
            assume_role_policy_document: json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow",
                    "Principal": { "Service": "monitoring.rds.amazonaws.com" },
                    "Action": "sts:AssumeRole",
                    "Condition": { "StringEquals": { "aws:SourceAccount": setting.account } },
                }],
            }),
            managed_policy_arns: vec![format!(
                "arn:{}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
                setting.partition
            )],
            description: Some(format!(
                "Enhanced monitoring of {} of data tier {}",
                store.words(),
                store.frame.spec.name
            )),
            ..Role::default()
        },
    );
    Some(role.attribute("Arn"))
}

impl Plan<'_> {
    pub(super) fn parameters(&self, graph: &mut Graph) -> Handle {
        let family = self.engine.family(self.spec);
        let name = format!("{}-{}", self.identifier(), family.replace('.', "-"));
        let address = self.store.part(&format!(
            "parameters/{}",
            version::major(&self.spec.version)
        ));
        let why = format!(
            "sets how {} works; nobody connects without TLS",
            self.words()
        );
        let description = format!(
            "{} of data tier {}",
            self.words(),
            self.store.frame.spec.name
        );
        let parameters = self.engine.parameters(self.spec);
        if self.spec.topology.is_cluster() {
            let group = DbClusterParameterGroup {
                name,
                description,
                family,
                parameters,
                ..DbClusterParameterGroup::default()
            };
            graph.add(address, why, group)
        } else {
            let group = DbParameterGroup {
                name,
                description,
                family,
                parameters,
                ..DbParameterGroup::default()
            };
            graph.add(address, why, group)
        }
    }

    /// Adds the log groups of an instance or cluster, before RDS makes them without retention and key, and lets it wait for them.
    pub(super) fn logs(
        &self,
        of: &Handle,
        sort: &str,
        identifier: &str,
        prefix: &str,
        graph: &mut Graph,
    ) {
        for log in self.engine.exported(self.spec) {
            let group = graph.add(
                self.store.part(&format!("{prefix}log/{log}")),
                format!("keeps the log {log} of {}", self.words()),
                LogGroup {
                    log_group_name: format!("/aws/rds/{sort}/{identifier}/{log}"),
                    retention_in_days: Some(self.spec.logs.retention_days),
                    kms_key_id: Some(self.key.clone()),
                    ..LogGroup::default()
                },
            );
            graph.after(of, &group);
        }
    }
}
