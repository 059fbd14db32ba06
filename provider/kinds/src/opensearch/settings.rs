//! The settings of a domain, as CloudFormation shapes them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $wire:literal $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
            pub struct $name {
                $(
                    $(#[$field_doc])*
                    #[serde(rename = $wire, default, skip_serializing_if = "Option::is_none")]
                    pub $field: Option<$type>,
                )*
            }
        )*
    };
}

settings! {
    /// Fine-grained access control. AWS never switches it off again.
    AdvancedSecurityOptions {
        /// Whether it is on.
        "Enabled" enabled: bool,
        /// Whether users and passwords are kept in the domain.
        "InternalUserDatabaseEnabled" internal_user_database_enabled: bool,
        /// Who may do everything; AWS does not show it.
        "MasterUserOptions" master_user_options: MasterUserOptions,
        /// Signing in to Dashboards through an identity provider; AWS takes it only once the domain is there.
        "SAMLOptions" saml_options: SamlOptions,
    }
    /// Who may do everything in a domain. A user with a password is not supported: it would be in the state.
    MasterUserOptions {
        /// ARN of an IAM role or user.
        "MasterUserARN" master_user_arn: String,
    }
    /// Signing in to Dashboards through an identity provider.
    SamlOptions {
        /// Whether it is on.
        "Enabled" enabled: bool,
        /// The identity provider.
        "Idp" idp: Idp,
        /// Group of the identity provider whose members may do everything; AWS does not show it.
        "MasterBackendRole" master_backend_role: String,
        /// Attribute of the assertion that holds the groups.
        "RolesKey" roles_key: String,
        /// Minutes without activity after which a session ends, 1 to 1440; AWS's default is 60.
        "SessionTimeoutMinutes" session_timeout_minutes: u32,
        /// Attribute of the assertion that holds the name; AWS's default is `NameID`.
        "SubjectKey" subject_key: String,
    }
    /// An identity provider of SAML 2.0.
    Idp {
        /// Its entity id.
        "EntityId" entity_id: String,
        /// Its metadata, an XML document.
        "MetadataContent" metadata_content: String,
    }
    /// Whether AWS tunes the domain by its load.
    AutoTuneOptions {
        /// `ENABLED` or `DISABLED`.
        "DesiredState" desired_state: String,
        /// Whether changes that take a blue/green deployment wait for the off-peak window.
        "UseOffPeakWindow" use_off_peak_window: bool,
    }
    /// The nodes of a domain.
    ClusterConfig {
        /// Storage that is detached from nodes, for data that is hardly ever read.
        "ColdStorageOptions" cold_storage_options: ColdStorageOptions,
        /// Dedicated master nodes: 3 or 5.
        "DedicatedMasterCount" dedicated_master_count: u32,
        /// Whether there are dedicated master nodes.
        "DedicatedMasterEnabled" dedicated_master_enabled: bool,
        /// Type of the dedicated master nodes.
        "DedicatedMasterType" dedicated_master_type: String,
        /// Data nodes in all zones.
        "InstanceCount" instance_count: u32,
        /// Type of the data nodes, `m6g.large.search`.
        "InstanceType" instance_type: String,
        /// Whether the nodes of one zone stand by.
        "MultiAZWithStandbyEnabled" multi_az_with_standby_enabled: bool,
        /// UltraWarm nodes.
        "WarmCount" warm_count: u32,
        /// Whether there are UltraWarm nodes.
        "WarmEnabled" warm_enabled: bool,
        /// Type of the UltraWarm nodes.
        "WarmType" warm_type: String,
        /// Over how many zones the nodes are spread.
        "ZoneAwarenessConfig" zone_awareness_config: ZoneAwarenessConfig,
        /// Whether nodes are spread over zones.
        "ZoneAwarenessEnabled" zone_awareness_enabled: bool,
    }
    /// Cold storage.
    ColdStorageOptions {
        /// Whether it is on.
        "Enabled" enabled: bool,
    }
    /// Over how many zones nodes are spread.
    ZoneAwarenessConfig {
        /// 2 or 3: as many as there are subnets.
        "AvailabilityZoneCount" availability_zone_count: u32,
    }
    /// How clients connect.
    DomainEndpointOptions {
        /// A name of one's own.
        "CustomEndpoint" custom_endpoint: String,
        /// ARN of its certificate in ACM.
        "CustomEndpointCertificateArn" custom_endpoint_certificate_arn: String,
        /// Whether there is a name of one's own.
        "CustomEndpointEnabled" custom_endpoint_enabled: bool,
        /// Whether HTTP without TLS is refused.
        "EnforceHTTPS" enforce_https: bool,
        /// Protocols and ciphers, `Policy-Min-TLS-1-2-PFS-2023-10`.
        "TLSSecurityPolicy" tls_security_policy: String,
    }
    /// The volume of every data node.
    EbsOptions {
        /// Whether data nodes have volumes.
        "EBSEnabled" ebs_enabled: bool,
        /// Operations per second, of `gp3` and `io1`.
        "Iops" iops: u32,
        /// MiB/s, of `gp3`.
        "Throughput" throughput: u32,
        /// GiB per data node.
        "VolumeSize" volume_size: u32,
        /// `gp3`, `gp2`, `io1` or `standard`.
        "VolumeType" volume_type: String,
    }
    /// Encryption of what is stored, snapshots and logs of the nodes included.
    EncryptionAtRestOptions {
        /// Whether it is encrypted.
        "Enabled" enabled: bool,
        /// Id or ARN of the KMS key.
        "KmsKeyId" kms_key_id: String,
    }
    /// Where one sort of log goes.
    LogPublishingOption {
        /// ARN of the log group.
        "CloudWatchLogsLogGroupArn" cloud_watch_logs_log_group_arn: String,
        /// Whether the log is written.
        "Enabled" enabled: bool,
    }
    /// Encryption between nodes. AWS never switches it off again.
    NodeToNodeEncryptionOptions {
        /// Whether nodes speak TLS with one another.
        "Enabled" enabled: bool,
    }
    /// The ten hours of a day in which AWS changes what disturbs.
    OffPeakWindowOptions {
        /// Always `true` for domains since February 2023.
        "Enabled" enabled: bool,
        /// When it begins.
        "OffPeakWindow" off_peak_window: OffPeakWindow,
    }
    /// When the ten hours begin.
    OffPeakWindow {
        /// The time of day, UTC.
        "WindowStartTime" window_start_time: WindowStartTime,
    }
    /// A time of day, UTC.
    WindowStartTime {
        /// 0 to 23.
        "Hours" hours: u32,
        /// 0 to 59.
        "Minutes" minutes: u32,
    }
    /// Updates of the service software.
    SoftwareUpdateOptions {
        /// Whether AWS installs them by itself, in the off-peak window.
        "AutoSoftwareUpdateEnabled" auto_software_update_enabled: bool,
    }
    /// Where a domain has its addresses; it stays inside or outside a VPC for life.
    VpcOptions {
        /// Ids of security groups.
        "SecurityGroupIds" security_group_ids: Vec<String>,
        /// Ids of subnets, one in each zone of the domain.
        "SubnetIds" subnet_ids: Vec<String>,
    }
}

/// A setting as AWS shows it, when it was asked for: what nobody asked for stays as it is.
pub(super) fn shown<T: DeserializeOwned>(
    item: &Value,
    member: &str,
    asked: Option<&T>,
) -> Option<T> {
    asked?;
    let setting = item.get(member).filter(|setting| setting.is_object())?;
    serde_json::from_value(setting.clone()).ok()
}
