//! One secret: the secret itself, who may read it, its rotation.

use std::collections::BTreeMap;

use platform_graph::{Graph, Handle};
use platform_kinds::secretsmanager::{
    GenerateSecretString, ReplicaRegion, ResourcePolicy, RotationRules, RotationSchedule,
    Secret as Stored, ValueSource,
};
use serde_json::{Value, json};

use super::spec::{Generate, Replica, Rotation, Secret, Secrets};
use super::{KEY, address};
use crate::Setting;
use crate::schema::is_unknown_text;

pub(super) fn add(
    spec: &Secrets,
    setting: &Setting,
    name: &str,
    secret: &Secret,
    graph: &mut Graph,
) {
    let replicas = secret.replicas.as_ref().unwrap_or(&spec.replicas);
    let why = match (&secret.generate, secret.value_version) {
        (Some(_), _) => "holds a generated value",
        (None, Some(_)) => "holds the value that values_wo gives",
        (None, None) => "holds a value that others set",
    };
    let stored = graph.add(
        address(name),
        why,
        Stored {
            // Asked for when left out, so that one that somebody writes shows in a plan.
            description: Some(secret.description.clone().unwrap_or_default()),
            generate_secret_string: secret.generate.as_ref().map(generated),
            kms_key_id: Some(Handle::to(KEY).attribute("Arn")),
            name: physical_name(spec, name),
            recovery_window_in_days: Some(if spec.force_delete {
                0
            } else {
                spec.recovery_window_days
            }),
            replica_regions: (!replicas.is_empty()).then(|| copies(replicas)),
            value: value(name, secret),
            ..Stored::default()
        },
    );
    if let Some(policy) = policy(secret, setting) {
        graph.add(
            format!("{}/policy", address(name)),
            "says who may read it",
            ResourcePolicy {
                block_public_policy: Some(true),
                resource_policy: Some(policy),
                secret_id: stored.id(),
            },
        );
    }
    if let Some(rotation) = &secret.rotation {
        graph.add(
            format!("{}/rotation", address(name)),
            "gives it another value regularly",
            schedule(rotation, stored.id()),
        );
    }
}

/// Name of a secret in AWS.
pub(super) fn physical_name(spec: &Secrets, name: &str) -> String {
    format!("{}/{name}", spec.name)
}

/// A reader as a policy names it.
pub(super) fn principal(reader: &str, setting: &Setting) -> String {
    if reader.len() == 12 && reader.chars().all(|c| c.is_ascii_digit()) {
        format!("arn:{}:iam::{reader}:root", setting.partition)
    } else {
        reader.to_owned()
    }
}

/// How a value is generated, in CloudFormation's words. What is AWS's default is left out.
pub(super) fn generated(spec: &Generate) -> GenerateSecretString {
    let unless = |allowed: bool| (!allowed).then_some(true);
    GenerateSecretString {
        exclude_characters: spec.exclude_characters.clone(),
        exclude_lowercase: unless(spec.lowercase),
        exclude_numbers: unless(spec.digits),
        exclude_punctuation: unless(spec.punctuation),
        exclude_uppercase: unless(spec.uppercase),
        generate_string_key: spec.json_key.clone(),
        password_length: Some(spec.length),
        secret_string_template: spec
            .json_key
            .is_some()
            .then(|| json!(spec.json_fields).to_string()),
        ..GenerateSecretString::default()
    }
}

fn value(name: &str, secret: &Secret) -> Option<ValueSource> {
    match (&secret.generate, secret.value_version) {
        (Some(generate), _) => Some(ValueSource {
            from: None,
            version: generate.version,
        }),
        (None, Some(version)) => Some(ValueSource {
            from: Some(format!("values_wo.{name}")),
            version,
        }),
        (None, None) => None,
    }
}

fn copies(replicas: &BTreeMap<String, Replica>) -> Vec<ReplicaRegion> {
    replicas
        .iter()
        .map(|(region, replica)| ReplicaRegion {
            kms_key_id: replica.kms_key_arn.clone(),
            region: region.clone(),
        })
        .collect()
}

fn policy(secret: &Secret, setting: &Setting) -> Option<Value> {
    if let Some(text) = &secret.policy {
        // What is no JSON the check has refused, unless it is not known yet.
        return Some(if is_unknown_text(text) {
            Value::String(text.clone())
        } else {
            serde_json::from_str(text).unwrap_or_default()
        });
    }
    let readers: Vec<String> = secret
        .readers
        .iter()
        .map(|reader| principal(reader, setting))
        .collect();
    (!readers.is_empty()).then(|| {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "ReadersRead",
                "Effect": "Allow",
                "Principal": { "AWS": readers },
                "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
                "Resource": "*",
            }],
        })
    })
}

fn schedule(rotation: &Rotation, secret: String) -> RotationSchedule {
    RotationSchedule {
        rotate_immediately_on_update: Some(rotation.at_once),
        rotation_lambda_arn: Some(rotation.lambda_arn.clone()),
        rotation_rules: Some(RotationRules {
            automatically_after_days: rotation.every_days,
            duration: rotation.window_hours.map(|hours| format!("{hours}h")),
            schedule_expression: rotation.schedule.clone(),
        }),
        secret_id: secret,
    }
}
