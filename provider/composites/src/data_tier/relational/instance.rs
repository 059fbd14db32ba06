//! Databases of one instance, with its replicas.

use platform_graph::{Graph, Handle};
use platform_kinds::rds::DbInstance;

use super::super::spec::{StorageType, Topology};
use super::{Plan, class, database, port, readers, size};

impl Plan<'_> {
    /// What an instance has, whether it writes or replicates one that does.
    fn server(&self, identifier: String, class: String, parameters: &Handle) -> DbInstance {
        let (insights, insights_days, insights_key, mode) = self.insights();
        let storage = &self.spec.storage;
        let size = size(self.spec);
        let most = storage.max_size_gib.unwrap_or(size.saturating_mul(5));
        DbInstance {
            identifier,
            allocated_storage: Some(size.to_string()),
            allow_major_version_upgrade: self.spec.allow_major_upgrade.then_some(true),
            apply_immediately: self.at_once(),
            auto_minor_version_upgrade: Some(self.spec.auto_minor_upgrade),
            copy_tags_to_snapshot: Some(true),
            instance_class: Some(class),
            parameter_group_name: Some(parameters.id()),
            database_insights_mode: mode,
            deletion_protection: Some(self.protected()),
            enable_cloudwatch_logs_exports: Some(self.engine.exported(self.spec)),
            enable_iam_database_authentication: Some(self.spec.iam_authentication),
            enable_performance_insights: insights,
            engine_version: Some(self.spec.version.clone()),
            iops: storage.iops,
            max_allocated_storage: (most != 0).then_some(most),
            monitoring_interval: self.monitoring_interval(),
            monitoring_role_arn: self.monitoring_role.clone(),
            option_group_name: self.options.clone(),
            performance_insights_kms_key_id: insights_key,
            performance_insights_retention_period: insights_days,
            port: Some(port(self.engine, self.spec).to_string()),
            preferred_maintenance_window: self.spec.maintenance_window.clone(),
            publicly_accessible: Some(false),
            storage_throughput: storage.throughput_mibps,
            storage_type: Some(
                match storage.kind {
                    StorageType::Gp3 => "gp3",
                    StorageType::Io1 => "io1",
                    StorageType::Io2 => "io2",
                }
                .to_owned(),
            ),
            vpc_security_groups: self.security_groups(),
            ..DbInstance::default()
        }
    }

    pub(super) fn instance(&self, parameters: &Handle, graph: &mut Graph) -> Handle {
        let spec = self.spec;
        let restore = spec.restore.as_ref();
        // What is restored keeps the key, the master user and the databases that it had.
        let is_new = restore.is_none();
        let server = self.server(self.identifier(), class(spec, None), parameters);
        let primary = graph.add(
            self.store.address(),
            match spec.topology {
                Topology::SingleInstance => format!("is {}, in one zone", self.words()),
                _ => format!("is {}, with a standby in another zone", self.words()),
            },
            DbInstance {
                backup_retention_period: Some(spec.backup.retention_days),
                keep_previous: self.keep_previous(),
                upgrade_strategy: self.upgrade_strategy(),
                db_name: is_new.then(|| database(self.store.name, spec)),
                snapshot_identifier: restore.and_then(|restore| restore.snapshot.clone()),
                subnet_group_name: Some(self.subnet_group.id()),
                engine: Some(self.engine.name(spec.topology).to_owned()),
                kms_key_id: is_new.then(|| self.key.clone()),
                manage_master_user_password: Some(self.password.is_none()),
                master_user_password_secret: self.password.clone(),
                master_user_password_version: self.password_version(),
                master_user_secret: self.secret().filter(|_| self.password.is_none()),
                master_username: is_new.then(|| spec.master_username.clone()),
                multi_az: Some(spec.topology == Topology::MultiAz),
                preferred_backup_window: spec.backup.window.clone(),
                restore_time: restore.and_then(|restore| restore.time.clone()),
                skip_final_snapshot: (!spec.final_snapshot).then_some(true),
                source_identifier: restore.and_then(|restore| restore.source.clone()),
                storage_encrypted: Some(true),
                use_latest_restorable_time: restore
                    .filter(|restore| restore.source.is_some() && restore.time.is_none())
                    .map(|_| true),
                ..server
            },
        );
        self.logs(&primary, "instance", &self.identifier(), "", graph);
        for (name, reader) in readers(spec) {
            let identifier = self.reader_identifier(&name);
            let class = class(spec, reader.instance_class.as_ref());
            let replica = graph.add(
                self.store.part(&format!("reader/{name}")),
                format!("reads what {} writes", self.words()),
                DbInstance {
                    source_identifier: Some(primary.id()),
                    multi_az: Some(false),
                    upgrade_strategy: self.upgrade_strategy(),
                    ..self.server(identifier.clone(), class, parameters)
                },
            );
            let prefix = format!("reader/{name}/");
            self.logs(&replica, "instance", &identifier, &prefix, graph);
        }
        primary
    }
}
