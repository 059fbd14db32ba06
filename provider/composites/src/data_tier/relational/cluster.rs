//! Clusters of Aurora with their members, and Multi-AZ DB clusters.

use platform_graph::{Graph, Handle};
use platform_kinds::rds::{DbCluster, DbInstance, ServerlessV2ScalingConfiguration};

use super::super::spec::{StorageType, Topology};
use super::{Plan, check, class, database, port, readers, size};

impl Plan<'_> {
    pub(super) fn cluster(&self, parameters: &Handle, graph: &mut Graph) -> Handle {
        let spec = self.spec;
        let restore = spec.restore.as_ref();
        let is_new = restore.is_none();
        let is_aurora = spec.topology.is_aurora();
        let (insights, insights_days, insights_key, mode) = self.insights();
        let storage = &spec.storage;
        let cluster = graph.add(
            self.store.address(),
            match spec.topology {
                Topology::MultiAzCluster => format!(
                    "is {}: a writer and two readers in three zones",
                    self.words()
                ),
                _ => format!("is {}, with its storage in three zones", self.words()),
            },
            DbCluster {
                identifier: self.identifier(),
                allocated_storage: (!is_aurora).then(|| size(spec)),
                allow_major_version_upgrade: spec.allow_major_upgrade.then_some(true),
                apply_immediately: self.at_once(),
                auto_minor_version_upgrade: Some(spec.auto_minor_upgrade),
                backup_retention_period: Some(spec.backup.retention_days),
                copy_tags_to_snapshot: Some(true),
                instance_class: (!is_aurora).then(|| class(spec, None)),
                parameter_group_name: Some(parameters.id()),
                subnet_group_name: Some(self.subnet_group.id()),
                database_insights_mode: mode,
                database_name: is_new.then(|| database(self.store.name, spec)),
                deletion_protection: Some(self.protected()),
                enable_cloudwatch_logs_exports: Some(self.engine.exported(spec)),
                // RDS has refused it for Multi-AZ DB clusters, although its API counts them among those that have it.
                enable_iam_database_authentication: is_aurora.then_some(spec.iam_authentication),
                engine: Some(self.engine.name(spec.topology).to_owned()),
                engine_version: Some(spec.version.clone()),
                iops: match (is_aurora, storage.kind) {
                    (true, _) => None,
                    // A Multi-AZ DB cluster wants to be told even what comes with its size.
                    (false, StorageType::Gp3) => {
                        Some(storage.iops.unwrap_or(check::baseline(size(spec)).0))
                    }
                    (false, _) => storage.iops,
                },
                keep_previous: self.keep_previous(),
                kms_key_id: Some(self.key.clone()),
                manage_master_user_password: Some(self.password.is_none()),
                master_user_password_secret: self.password.clone(),
                master_user_password_version: self.password_version(),
                master_user_secret: self.secret().filter(|_| self.password.is_none()),
                master_username: is_new.then(|| spec.master_username.clone()),
                monitoring_interval: self.monitoring_interval(),
                monitoring_role_arn: self.monitoring_role.clone(),
                performance_insights_enabled: insights,
                performance_insights_kms_key_id: insights_key,
                performance_insights_retention_period: insights_days,
                port: Some(port(self.engine, spec).into()),
                preferred_backup_window: spec.backup.window.clone(),
                preferred_maintenance_window: spec.maintenance_window.clone(),
                restore_to_time: restore.and_then(|restore| restore.time.clone()),
                serverless_v2_scaling_configuration: self.scaling(),
                skip_final_snapshot: (!spec.final_snapshot).then_some(true),
                snapshot_identifier: restore.and_then(|restore| restore.snapshot.clone()),
                source_identifier: restore.and_then(|restore| restore.source.clone()),
                storage_encrypted: is_new.then_some(true),
                storage_type: Some(
                    match (is_aurora, storage.io_optimized, storage.kind) {
                        (true, false, _) => "aurora",
                        (true, true, _) => "aurora-iopt1",
                        (false, _, StorageType::Gp3) => "gp3",
                        (false, _, StorageType::Io1) => "io1",
                        (false, _, StorageType::Io2) => "io2",
                    }
                    .to_owned(),
                ),
                upgrade_strategy: self.upgrade_strategy(),
                use_latest_restorable_time: restore
                    .filter(|restore| restore.source.is_some() && restore.time.is_none())
                    .map(|_| true),
                vpc_security_group_ids: self.security_groups(),
                ..DbCluster::default()
            },
        );
        self.logs(&cluster, "cluster", &self.identifier(), "", graph);
        if is_aurora {
            self.members(&cluster, graph);
        }
        cluster
    }

    fn scaling(&self) -> Option<ServerlessV2ScalingConfiguration> {
        if self.spec.topology != Topology::AuroraServerless {
            return None;
        }
        let capacity = self.spec.capacity.clone().unwrap_or_default();
        Some(ServerlessV2ScalingConfiguration {
            min_capacity: capacity.min,
            max_capacity: capacity.max,
            seconds_until_auto_pause: capacity.pause_after_seconds,
        })
    }

    /// The members of an Aurora cluster. Which of them writes is decided by Aurora, the first that is made to begin with.
    fn members(&self, cluster: &Handle, graph: &mut Graph) {
        let member = |identifier: String, class: String, promotion_tier: u32| DbInstance {
            identifier,
            apply_immediately: self.at_once(),
            auto_minor_version_upgrade: Some(self.spec.auto_minor_upgrade),
            cluster_identifier: Some(cluster.id()),
            instance_class: Some(class),
            engine: Some(self.engine.name(self.spec.topology).to_owned()),
            promotion_tier: Some(promotion_tier),
            publicly_accessible: Some(false),
            upgrade_strategy: self.upgrade_strategy(),
            ..DbInstance::default()
        };
        let first = graph.add(
            self.store.part("instance"),
            format!("writes in {} unless another one took over", self.words()),
            member(
                format!("{}-instance", self.identifier()),
                class(self.spec, None),
                0,
            ),
        );
        for (name, reader) in readers(self.spec) {
            let reader = graph.add(
                self.store.part(&format!("reader/{name}")),
                format!(
                    "reads from {}, and takes over from the writer",
                    self.words()
                ),
                member(
                    self.reader_identifier(&name),
                    class(self.spec, reader.instance_class.as_ref()),
                    reader.promotion_tier.unwrap_or(1),
                ),
            );
            graph.after(&reader, &first);
        }
    }
}
