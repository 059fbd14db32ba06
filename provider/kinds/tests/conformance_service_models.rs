//! Every call that a kind can make of its example, against AWS's service models.
//!
//! Names of filters are not in the models; everything else of a call is.

use std::collections::BTreeSet;

use crate::examples::{self, Example, me};
use platform_graph::{Call, KindDef, Tags};
use serde_json::{Value, json};

/// Whether a property comes to be asked for or is asked for no longer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Change {
    Given,
    TakenAway,
}

use Change::{Given, TakenAway};

/// Changes that are answered by no call: type, property, change, and why.
const UNANSWERED: &[(&str, &str, Change, &str)] = &[
    (
        "AWS::DynamoDB::Table",
        "ProvisionedThroughput",
        TakenAway,
        "it goes together with the billing mode; what is not asked for stays as it is",
    ),
    (
        "AWS::DynamoDB::Table",
        "WarmThroughput",
        TakenAway,
        "it grows with use and never shrinks",
    ),
    (
        "AWS::DocDB::DBCluster",
        "DBClusterParameterGroupName",
        TakenAway,
        "AWS always has one; what is not asked for stays as it is",
    ),
    (
        "AWS::DocDB::DBCluster",
        "EngineVersion",
        TakenAway,
        "AWS always has one; what is not asked for stays as it is",
    ),
    (
        "AWS::DocDB::DBCluster",
        "ManageMasterUserPassword",
        TakenAway,
        "it would take a password, which nobody here has",
    ),
    (
        "AWS::DocDB::DBCluster",
        "MasterUserPasswordSecret",
        TakenAway,
        "the password stays until AWS is to manage it",
    ),
    (
        "AWS::DocDB::DBCluster",
        "MasterUserSecretKmsKeyId",
        TakenAway,
        "it goes with the secret, when AWS no longer manages the password",
    ),
    (
        "AWS::DocDB::DBCluster",
        "PreferredBackupWindow",
        TakenAway,
        "AWS always has one; what is not asked for stays as it is",
    ),
    (
        "AWS::DocDB::DBCluster",
        "PreferredMaintenanceWindow",
        TakenAway,
        "AWS always has one; what is not asked for stays as it is",
    ),
    (
        "AWS::DocDB::DBCluster",
        "ServerlessV2ScalingConfiguration",
        TakenAway,
        "it counts for serverless instances only",
    ),
    (
        "AWS::DocDB::DBCluster",
        "SkipFinalSnapshot",
        Given,
        "it counts when the cluster is deleted",
    ),
    (
        "AWS::DocDB::DBCluster",
        "SkipFinalSnapshot",
        TakenAway,
        "it counts when the cluster is deleted",
    ),
    (
        "AWS::DocDB::DBCluster",
        "VpcSecurityGroupIds",
        TakenAway,
        "AWS always has one; what is not asked for stays as it is",
    ),
    (
        "AWS::DocDB::DBInstance",
        "CACertificateIdentifier",
        TakenAway,
        "AWS always has one; what is not asked for stays as it is",
    ),
    (
        "AWS::DocDB::DBInstance",
        "PerformanceInsightsKMSKeyId",
        TakenAway,
        "AWS always has one; what is not asked for stays as it is",
    ),
    (
        "AWS::DocDB::DBInstance",
        "PreferredMaintenanceWindow",
        TakenAway,
        "AWS always has one; what is not asked for stays as it is",
    ),
    (
        "AWS::Backup::BackupVault",
        "ForceDestroy",
        Given,
        "it counts when the vault is deleted",
    ),
    (
        "AWS::Backup::BackupVault",
        "ForceDestroy",
        TakenAway,
        "it counts when the vault is deleted",
    ),
    (
        "AWS::S3::Bucket",
        "ForceDestroy",
        Given,
        "it counts when the bucket is deleted",
    ),
    (
        "AWS::S3::Bucket",
        "ForceDestroy",
        TakenAway,
        "it counts when the bucket is deleted",
    ),
    (
        "AWS::S3::Bucket",
        "ObjectLockEnabled",
        TakenAway,
        "a lock is there for good",
    ),
    (
        "AWS::EC2::SecurityGroup",
        "SecurityGroupEgress",
        Given,
        "the rules seen are those to remove; rules to have are parts of their own",
    ),
    (
        "AWS::EC2::Subnet",
        "PrivateDnsNameOptionsOnLaunch",
        TakenAway,
        "options that are not asked for stay as they are",
    ),
    (
        "AWS::EC2::SubnetNetworkAclAssociation",
        "DefaultNetworkAclId",
        Given,
        "it counts when the association is deleted",
    ),
    (
        "AWS::EC2::SubnetNetworkAclAssociation",
        "DefaultNetworkAclId",
        TakenAway,
        "it counts when the association is deleted",
    ),
    (
        "AWS::ElastiCache::ReplicationGroup",
        "AutoScaled",
        Given,
        "it says how counts are read",
    ),
    (
        "AWS::ElastiCache::ReplicationGroup",
        "AutoScaled",
        TakenAway,
        "it says how counts are read",
    ),
    (
        "AWS::ElastiCache::ReplicationGroup",
        "FinalSnapshotIdentifier",
        Given,
        "it counts when the cache is deleted",
    ),
    (
        "AWS::ElastiCache::ReplicationGroup",
        "FinalSnapshotIdentifier",
        TakenAway,
        "it counts when the cache is deleted",
    ),
    (
        "AWS::ElastiCache::ReplicationGroup",
        "SnapshotName",
        Given,
        "it counts when the cache is created",
    ),
    (
        "AWS::ElastiCache::ReplicationGroup",
        "SnapshotName",
        TakenAway,
        "it counts when the cache is created",
    ),
    (
        "AWS::ElastiCache::ServerlessCache",
        "FinalSnapshotName",
        Given,
        "it counts when the cache is deleted",
    ),
    (
        "AWS::ElastiCache::ServerlessCache",
        "FinalSnapshotName",
        TakenAway,
        "it counts when the cache is deleted",
    ),
    (
        "AWS::ElastiCache::ServerlessCache",
        "SnapshotArnsToRestore",
        Given,
        "it counts when the cache is created",
    ),
    (
        "AWS::ElastiCache::ServerlessCache",
        "SnapshotArnsToRestore",
        TakenAway,
        "it counts when the cache is created",
    ),
    (
        "AWS::ElastiCache::ReplicationGroup",
        "PreferredMaintenanceWindow",
        TakenAway,
        "AWS always has one; what is not asked for stays as it is",
    ),
    (
        "AWS::ElastiCache::ReplicationGroup",
        "SnapshotWindow",
        TakenAway,
        "AWS always has one; what is not asked for stays as it is",
    ),
    (
        "AWS::ElastiCache::ServerlessCache",
        "DailySnapshotTime",
        TakenAway,
        "AWS always has one; what is not asked for stays as it is",
    ),
    (
        "AWS::ElastiCache::GlobalReplicationGroup",
        "AutomaticFailoverEnabled",
        TakenAway,
        "its members have one; what is not asked for stays as it is",
    ),
    (
        "AWS::ElastiCache::GlobalReplicationGroup",
        "CacheNodeType",
        TakenAway,
        "its members have one; what is not asked for stays as it is",
    ),
    (
        "AWS::ElastiCache::GlobalReplicationGroup",
        "CacheParameterGroupName",
        TakenAway,
        "its members have one; what is not asked for stays as it is",
    ),
    (
        "AWS::ElastiCache::GlobalReplicationGroup",
        "Engine",
        TakenAway,
        "its members have one; what is not asked for stays as it is",
    ),
    (
        "AWS::ElastiCache::GlobalReplicationGroup",
        "EngineVersion",
        TakenAway,
        "its members have one; what is not asked for stays as it is",
    ),
    (
        "AWS::KMS::Key",
        "PendingWindowInDays",
        Given,
        "it counts when the key is deleted",
    ),
    (
        "AWS::KMS::Key",
        "PendingWindowInDays",
        TakenAway,
        "it counts when the key is deleted",
    ),
    (
        "AWS::KMS::ReplicaKey",
        "PendingWindowInDays",
        Given,
        "it counts when the key is deleted",
    ),
    (
        "AWS::KMS::ReplicaKey",
        "PendingWindowInDays",
        TakenAway,
        "it counts when the key is deleted",
    ),
    (
        "AWS::RDS::DBCluster",
        "AllowMajorVersionUpgrade",
        Given,
        "it counts when the engine version changes",
    ),
    (
        "AWS::RDS::DBCluster",
        "AllowMajorVersionUpgrade",
        TakenAway,
        "it counts when the engine version changes",
    ),
    (
        "AWS::RDS::DBCluster",
        "ApplyImmediately",
        Given,
        "it counts when something else changes",
    ),
    (
        "AWS::RDS::DBCluster",
        "ApplyImmediately",
        TakenAway,
        "it counts when something else changes",
    ),
    (
        "AWS::RDS::DBCluster",
        "KeepPrevious",
        Given,
        "it counts once a deployment has left something",
    ),
    (
        "AWS::RDS::DBCluster",
        "KeepPrevious",
        TakenAway,
        "it counts once a deployment has left something",
    ),
    (
        "AWS::RDS::DBCluster",
        "SkipFinalSnapshot",
        Given,
        "it counts when the cluster is deleted",
    ),
    (
        "AWS::RDS::DBCluster",
        "SkipFinalSnapshot",
        TakenAway,
        "it counts when the cluster is deleted",
    ),
    (
        "AWS::RDS::DBCluster",
        "UpgradeStrategy",
        Given,
        "it counts when something else changes",
    ),
    (
        "AWS::RDS::DBCluster",
        "UpgradeStrategy",
        TakenAway,
        "it counts when something else changes",
    ),
    (
        "AWS::RDS::DBInstance",
        "AllowMajorVersionUpgrade",
        Given,
        "it counts when the engine version changes",
    ),
    (
        "AWS::RDS::DBInstance",
        "AllowMajorVersionUpgrade",
        TakenAway,
        "it counts when the engine version changes",
    ),
    (
        "AWS::RDS::DBInstance",
        "ApplyImmediately",
        Given,
        "it counts when something else changes",
    ),
    (
        "AWS::RDS::DBInstance",
        "ApplyImmediately",
        TakenAway,
        "it counts when something else changes",
    ),
    (
        "AWS::RDS::DBInstance",
        "KeepPrevious",
        Given,
        "it counts once a deployment has left something",
    ),
    (
        "AWS::RDS::DBInstance",
        "KeepPrevious",
        TakenAway,
        "it counts once a deployment has left something",
    ),
    (
        "AWS::RDS::DBInstance",
        "SkipFinalSnapshot",
        Given,
        "it counts when the instance is deleted",
    ),
    (
        "AWS::RDS::DBInstance",
        "SkipFinalSnapshot",
        TakenAway,
        "it counts when the instance is deleted",
    ),
    (
        "AWS::RDS::DBInstance",
        "UpgradeStrategy",
        Given,
        "it counts when something else changes",
    ),
    (
        "AWS::RDS::DBInstance",
        "UpgradeStrategy",
        TakenAway,
        "it counts when something else changes",
    ),
    (
        "AWS::RDS::OptionGroup",
        "RetainForSnapshots",
        Given,
        "it counts when the group is deleted",
    ),
    (
        "AWS::RDS::OptionGroup",
        "RetainForSnapshots",
        TakenAway,
        "it counts when the group is deleted",
    ),
    (
        "AWS::RDS::GlobalCluster",
        "EngineVersion",
        TakenAway,
        "AWS always has one; what is not asked for stays as it is",
    ),
    (
        "AWS::OpenSearchService::Domain",
        "AdvancedSecurityOptions",
        TakenAway,
        "what is not asked for stays as it is",
    ),
    (
        "AWS::OpenSearchService::Domain",
        "AutoTuneOptions",
        TakenAway,
        "what is not asked for stays as it is",
    ),
    (
        "AWS::OpenSearchService::Domain",
        "ClusterConfig",
        TakenAway,
        "what is not asked for stays as it is",
    ),
    (
        "AWS::OpenSearchService::Domain",
        "DomainEndpointOptions",
        TakenAway,
        "what is not asked for stays as it is",
    ),
    (
        "AWS::OpenSearchService::Domain",
        "EBSOptions",
        TakenAway,
        "what is not asked for stays as it is",
    ),
    (
        "AWS::OpenSearchService::Domain",
        "EngineVersion",
        TakenAway,
        "what is not asked for stays as it is",
    ),
    (
        "AWS::OpenSearchService::Domain",
        "IPAddressType",
        TakenAway,
        "what is not asked for stays as it is",
    ),
    (
        "AWS::OpenSearchService::Domain",
        "NodeToNodeEncryptionOptions",
        TakenAway,
        "what is not asked for stays as it is",
    ),
    (
        "AWS::OpenSearchService::Domain",
        "OffPeakWindowOptions",
        TakenAway,
        "what is not asked for stays as it is",
    ),
    (
        "AWS::OpenSearchService::Domain",
        "SoftwareUpdateOptions",
        TakenAway,
        "what is not asked for stays as it is",
    ),
    (
        "AWS::OpenSearchService::Domain",
        "VPCOptions",
        TakenAway,
        "what is not asked for stays as it is",
    ),
    (
        "Custom::DefaultSecurityGroup",
        "SecurityGroupEgress",
        Given,
        "the rules seen are those to remove",
    ),
    (
        "Custom::DefaultSecurityGroup",
        "SecurityGroupIngress",
        Given,
        "the rules seen are those to remove",
    ),
    (
        "AWS::SecretsManager::Secret",
        "GenerateSecretString",
        Given,
        "it says how the next value is made",
    ),
    (
        "AWS::SecretsManager::Secret",
        "GenerateSecretString",
        TakenAway,
        "it says how the next value is made",
    ),
    (
        "AWS::SecretsManager::Secret",
        "RecoveryWindowInDays",
        Given,
        "it counts when the secret is deleted",
    ),
    (
        "AWS::SecretsManager::Secret",
        "RecoveryWindowInDays",
        TakenAway,
        "it counts when the secret is deleted",
    ),
    (
        "AWS::SecretsManager::Secret",
        "Value",
        TakenAway,
        "from then on the value is others' business",
    ),
    (
        "AWS::DocDB::DBCluster",
        "GlobalClusterIdentifier",
        Given,
        "AWS takes no cluster that is there into a global one",
    ),
    (
        "AWS::DocDB::DBCluster",
        "GlobalClusterIdentifier",
        TakenAway,
        "whoever takes it out decides on which data counts; plans refuse it",
    ),
    (
        "AWS::DocDB::DBCluster",
        "SourceRegion",
        Given,
        "it counts when the cluster is made",
    ),
    (
        "AWS::DocDB::DBCluster",
        "SourceRegion",
        TakenAway,
        "it counts when the cluster is made",
    ),
    (
        "Custom::TableReplica",
        "MaxReadRequestUnits",
        TakenAway,
        "only its table knows what it would go back to: what is not asked for stays as it is",
    ),
    (
        "Custom::TableReplica",
        "TableClass",
        TakenAway,
        "only its table knows what it would go back to: what is not asked for stays as it is",
    ),
];

/// All calls that the example leads to, each with what it is for.
fn calls(kind: &KindDef, example: &Example) -> Vec<(String, Call)> {
    let mut calls = Vec::new();
    let mut add = |what: String, made: Vec<Call>| {
        calls.extend(made.into_iter().map(|call| (what.clone(), call)))
    };
    let id = example.id.as_str();
    for (name, desired, other) in [
        ("minimal", &example.minimal, &example.full),
        ("full", &example.full, &example.minimal),
    ] {
        for me in [me(None), me(Some(id))] {
            add(
                format!("find {name}"),
                (kind.find)(desired, &me).expect("the example fits"),
            );
            add(
                format!("details of {name}"),
                (kind.details)(desired, &me, id).expect("the example fits"),
            );
        }
        add(
            format!("create {name}"),
            (kind.create)(desired, &me(None)).expect("the example fits"),
        );
        let live = example.live(other);
        let changeable = Example::changeable(kind, desired, other);
        let update = |changed: &[&str]| {
            (kind.update)(desired, &me(Some(id)), &live, changed).expect("the example fits")
        };
        for property in &changeable {
            add(format!("update {property} to {name}"), update(&[property]));
        }
        if !changeable.is_empty() {
            add(format!("update everything to {name}"), update(&changeable));
            let asked = (kind.forecast)(desired, &me(Some(id)), &live, &changeable);
            add(
                format!("forecast of {name}"),
                asked.expect("the example fits"),
            );
        }
        add(
            format!("delete {name}"),
            (kind.delete)(desired, &me(Some(id)), id, &example.attributes)
                .expect("the example fits"),
        );
    }
    if kind.tagged {
        let set = Tags::from([("team".to_owned(), "core".to_owned())]);
        add(
            "retag".to_owned(),
            (kind.retag)(&example.live(&example.full), &set, &["old".to_owned()])
                .expect("the example fits"),
        );
    }
    for round in example.census(kind) {
        add("census".to_owned(), round);
    }
    for (parent, inside) in &example.inside {
        add(
            format!("inside {parent}"),
            (kind.inside)(parent, &inside.id),
        );
    }
    calls
}

#[test]
fn conformance_service_models() {
    let (kinds, examples) = examples::all();
    let mut problems = BTreeSet::new();
    for kind in kinds.iter() {
        for (what, call) in calls(kind, &examples[kind.name]) {
            let at = format!("{}: {what}: {} {}", kind.name, call.service, call.action);
            let mut params = call.params.clone();
            if let Some(member) = call.token {
                params.insert(member.to_owned(), json!("00112233445566778899aabbccddeeff"));
            }
            let params = Value::Object(params);
            if let Some(pointer) = call.merge
                && !params.pointer(pointer).is_some_and(Value::is_array)
            {
                problems.insert(format!("{at}: there is no list at {pointer} to merge"));
            }
            if let Err(found) = platform_aws::model::validate(call.service, call.action, &params) {
                problems.extend(found.into_iter().map(|problem| format!("{at}: {problem}")));
            }
        }
    }
    assert!(
        problems.is_empty(),
        "{}",
        problems.into_iter().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn reads_and_writes_are_told_apart() {
    let (kinds, examples) = examples::all();
    for kind in kinds.iter() {
        for (what, call) in calls(kind, &examples[kind.name]) {
            let reads = ["find", "details", "census", "inside", "forecast"]
                .iter()
                .any(|word| what.starts_with(word));
            assert_eq!(
                call.is_read(),
                reads,
                "{}: {what}: {}",
                kind.name,
                call.action
            );
        }
    }
}

/// A difference that is neither create-only nor answered by a call would never go away.
#[test]
fn every_difference_is_answered() {
    let (kinds, examples) = examples::all();
    let mut problems = Vec::new();
    let mut unused: BTreeSet<(&str, &str, Change)> = UNANSWERED
        .iter()
        .map(|(kind, property, change, _)| (*kind, *property, *change))
        .collect();
    for kind in kinds.iter() {
        let example = &examples[kind.name];
        for property in examples::property_names(kind) {
            let property = property.as_str();
            if property == "Tags" || kind.create_only.contains(&property) {
                continue;
            }
            if example.full.get(property) == example.minimal.get(property) {
                problems.push(format!(
                    "{}: the examples must differ in {property}",
                    kind.name
                ));
                continue;
            }
            for (change, desired, other) in [
                (Given, &example.full, &example.minimal),
                (TakenAway, &example.minimal, &example.full),
            ] {
                let update = (kind.update)(
                    desired,
                    &me(Some(&example.id)),
                    &example.live(other),
                    &[property],
                )
                .expect("the example fits");
                let known = unused
                    .iter()
                    .find(|known| **known == (kind.name, property, change))
                    .copied();
                let excused = known.is_some_and(|known| unused.remove(&known));
                if update.is_empty() != excused {
                    problems.push(format!(
                        "{}: {property} {change:?} is answered by {} calls",
                        kind.name,
                        update.len()
                    ));
                }
            }
        }
    }
    problems.extend(
        unused
            .iter()
            .map(|unused| format!("{unused:?} is in the table for nothing")),
    );
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
