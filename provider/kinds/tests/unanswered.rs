//! Changes of properties that no call answers.

/// Whether a property comes to be asked for or is asked for no longer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Change {
    Given,
    TakenAway,
}

const GIVEN: &[Change] = &[Change::Given];
const TAKEN_AWAY: &[Change] = &[Change::TakenAway];
const EITHER: &[Change] = &[Change::Given, Change::TakenAway];

/// Changes of properties of one type that no call answers, for one reason.
pub struct Unanswered {
    /// Type name.
    pub kind: &'static str,
    pub properties: &'static [&'static str],
    pub changes: &'static [Change],
    pub why: &'static str,
}

/// All of them, by type.
pub const UNANSWERED: &[Unanswered] = &[
    Unanswered {
        kind: "AWS::Backup::BackupVault",
        properties: &["ForceDestroy"],
        changes: EITHER,
        why: "it counts when the vault is deleted",
    },
    Unanswered {
        kind: "AWS::DocDB::DBCluster",
        properties: &[
            "DBClusterParameterGroupName",
            "EngineVersion",
            "PreferredBackupWindow",
            "PreferredMaintenanceWindow",
            "VpcSecurityGroupIds",
        ],
        changes: TAKEN_AWAY,
        why: "AWS always has one; what is not asked for stays as it is",
    },
    Unanswered {
        kind: "AWS::DocDB::DBCluster",
        properties: &["ManageMasterUserPassword"],
        changes: TAKEN_AWAY,
        why: "it would take a password, which nobody here has",
    },
    Unanswered {
        kind: "AWS::DocDB::DBCluster",
        properties: &["MasterUserPasswordSecret"],
        changes: TAKEN_AWAY,
        why: "the password stays until AWS is to manage it",
    },
    Unanswered {
        kind: "AWS::DocDB::DBCluster",
        properties: &["MasterUserSecretKmsKeyId"],
        changes: TAKEN_AWAY,
        why: "it goes with the secret, when AWS no longer manages the password",
    },
    Unanswered {
        kind: "AWS::DocDB::DBCluster",
        properties: &["ServerlessV2ScalingConfiguration"],
        changes: TAKEN_AWAY,
        why: "it counts for serverless instances only",
    },
    Unanswered {
        kind: "AWS::DocDB::DBCluster",
        properties: &["SkipFinalSnapshot"],
        changes: EITHER,
        why: "it counts when the cluster is deleted",
    },
    Unanswered {
        kind: "AWS::DocDB::DBCluster",
        properties: &["GlobalClusterIdentifier"],
        changes: GIVEN,
        why: "AWS takes no cluster that is there into a global one",
    },
    Unanswered {
        kind: "AWS::DocDB::DBCluster",
        properties: &["GlobalClusterIdentifier"],
        changes: TAKEN_AWAY,
        why: "whoever takes it out decides on which data counts; plans refuse it",
    },
    Unanswered {
        kind: "AWS::DocDB::DBCluster",
        properties: &["SourceRegion"],
        changes: EITHER,
        why: "it counts when the cluster is made",
    },
    Unanswered {
        kind: "AWS::DocDB::DBInstance",
        properties: &[
            "CACertificateIdentifier",
            "PerformanceInsightsKMSKeyId",
            "PreferredMaintenanceWindow",
        ],
        changes: TAKEN_AWAY,
        why: "AWS always has one; what is not asked for stays as it is",
    },
    Unanswered {
        kind: "AWS::DynamoDB::Table",
        properties: &["ProvisionedThroughput"],
        changes: TAKEN_AWAY,
        why: "it goes together with the billing mode; what is not asked for stays as it is",
    },
    Unanswered {
        kind: "AWS::DynamoDB::Table",
        properties: &["WarmThroughput"],
        changes: TAKEN_AWAY,
        why: "it grows with use and never shrinks",
    },
    Unanswered {
        kind: "AWS::EC2::SecurityGroup",
        properties: &["SecurityGroupEgress"],
        changes: GIVEN,
        why: "the rules seen are those to remove; rules to have are parts of their own",
    },
    Unanswered {
        kind: "AWS::EC2::Subnet",
        properties: &["PrivateDnsNameOptionsOnLaunch"],
        changes: TAKEN_AWAY,
        why: "options that are not asked for stay as they are",
    },
    Unanswered {
        kind: "AWS::EC2::SubnetNetworkAclAssociation",
        properties: &["DefaultNetworkAclId"],
        changes: EITHER,
        why: "it counts when the association is deleted",
    },
    Unanswered {
        kind: "AWS::ElastiCache::GlobalReplicationGroup",
        properties: &[
            "AutomaticFailoverEnabled",
            "CacheNodeType",
            "CacheParameterGroupName",
            "Engine",
            "EngineVersion",
        ],
        changes: TAKEN_AWAY,
        why: "its members have one; what is not asked for stays as it is",
    },
    Unanswered {
        kind: "AWS::ElastiCache::ReplicationGroup",
        properties: &["AutoScaled"],
        changes: EITHER,
        why: "it says how counts are read",
    },
    Unanswered {
        kind: "AWS::ElastiCache::ReplicationGroup",
        properties: &["FinalSnapshotIdentifier"],
        changes: EITHER,
        why: "it counts when the cache is deleted",
    },
    Unanswered {
        kind: "AWS::ElastiCache::ReplicationGroup",
        properties: &["SnapshotName"],
        changes: EITHER,
        why: "it counts when the cache is created",
    },
    Unanswered {
        kind: "AWS::ElastiCache::ReplicationGroup",
        properties: &["PreferredMaintenanceWindow", "SnapshotWindow"],
        changes: TAKEN_AWAY,
        why: "AWS always has one; what is not asked for stays as it is",
    },
    Unanswered {
        kind: "AWS::ElastiCache::ServerlessCache",
        properties: &["FinalSnapshotName"],
        changes: EITHER,
        why: "it counts when the cache is deleted",
    },
    Unanswered {
        kind: "AWS::ElastiCache::ServerlessCache",
        properties: &["SnapshotArnsToRestore"],
        changes: EITHER,
        why: "it counts when the cache is created",
    },
    Unanswered {
        kind: "AWS::ElastiCache::ServerlessCache",
        properties: &["DailySnapshotTime"],
        changes: TAKEN_AWAY,
        why: "AWS always has one; what is not asked for stays as it is",
    },
    Unanswered {
        kind: "AWS::KMS::Key",
        properties: &["PendingWindowInDays"],
        changes: EITHER,
        why: "it counts when the key is deleted",
    },
    Unanswered {
        kind: "AWS::KMS::ReplicaKey",
        properties: &["PendingWindowInDays"],
        changes: EITHER,
        why: "it counts when the key is deleted",
    },
    Unanswered {
        kind: "AWS::OpenSearchService::Domain",
        properties: &[
            "AdvancedSecurityOptions",
            "AutoTuneOptions",
            "ClusterConfig",
            "DomainEndpointOptions",
            "EBSOptions",
            "EngineVersion",
            "IPAddressType",
            "NodeToNodeEncryptionOptions",
            "OffPeakWindowOptions",
            "SoftwareUpdateOptions",
            "VPCOptions",
        ],
        changes: TAKEN_AWAY,
        why: "what is not asked for stays as it is",
    },
    Unanswered {
        kind: "AWS::RDS::DBCluster",
        properties: &["AllowMajorVersionUpgrade"],
        changes: EITHER,
        why: "it counts when the engine version changes",
    },
    Unanswered {
        kind: "AWS::RDS::DBCluster",
        properties: &["ApplyImmediately", "UpgradeStrategy"],
        changes: EITHER,
        why: "it counts when something else changes",
    },
    Unanswered {
        kind: "AWS::RDS::DBCluster",
        properties: &["KeepPrevious"],
        changes: EITHER,
        why: "it counts once a deployment has left something",
    },
    Unanswered {
        kind: "AWS::RDS::DBCluster",
        properties: &["SkipFinalSnapshot"],
        changes: EITHER,
        why: "it counts when the cluster is deleted",
    },
    Unanswered {
        kind: "AWS::RDS::DBInstance",
        properties: &["AllowMajorVersionUpgrade"],
        changes: EITHER,
        why: "it counts when the engine version changes",
    },
    Unanswered {
        kind: "AWS::RDS::DBInstance",
        properties: &["ApplyImmediately", "UpgradeStrategy"],
        changes: EITHER,
        why: "it counts when something else changes",
    },
    Unanswered {
        kind: "AWS::RDS::DBInstance",
        properties: &["KeepPrevious"],
        changes: EITHER,
        why: "it counts once a deployment has left something",
    },
    Unanswered {
        kind: "AWS::RDS::DBInstance",
        properties: &["SkipFinalSnapshot"],
        changes: EITHER,
        why: "it counts when the instance is deleted",
    },
    Unanswered {
        kind: "AWS::RDS::GlobalCluster",
        properties: &["EngineVersion"],
        changes: TAKEN_AWAY,
        why: "AWS always has one; what is not asked for stays as it is",
    },
    Unanswered {
        kind: "AWS::RDS::OptionGroup",
        properties: &["RetainForSnapshots"],
        changes: EITHER,
        why: "it counts when the group is deleted",
    },
    Unanswered {
        kind: "AWS::S3::Bucket",
        properties: &["ForceDestroy"],
        changes: EITHER,
        why: "it counts when the bucket is deleted",
    },
    Unanswered {
        kind: "AWS::S3::Bucket",
        properties: &["ObjectLockEnabled"],
        changes: TAKEN_AWAY,
        why: "a lock is there for good",
    },
    Unanswered {
        kind: "AWS::SecretsManager::Secret",
        properties: &["GenerateSecretString"],
        changes: EITHER,
        why: "it says how the next value is made",
    },
    Unanswered {
        kind: "AWS::SecretsManager::Secret",
        properties: &["RecoveryWindowInDays"],
        changes: EITHER,
        why: "it counts when the secret is deleted",
    },
    Unanswered {
        kind: "AWS::SecretsManager::Secret",
        properties: &["Value"],
        changes: TAKEN_AWAY,
        why: "from then on the value is others' business",
    },
    Unanswered {
        kind: "Custom::DefaultSecurityGroup",
        properties: &["SecurityGroupEgress", "SecurityGroupIngress"],
        changes: GIVEN,
        why: "the rules seen are those to remove",
    },
    Unanswered {
        kind: "Custom::TableReplica",
        properties: &["MaxReadRequestUnits", "TableClass"],
        changes: TAKEN_AWAY,
        why: "only its table knows what it would go back to: what is not asked for stays as it is",
    },
];
