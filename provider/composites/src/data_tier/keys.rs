//! The keys that encrypt the stores.
//!
//! Whoever may use a key through IAM policies of the account may use it: stores that encrypt on behalf of their callers need
//! nothing more. Services that encrypt on their own behalf are named. A replica in another region has the same policy there.

use std::collections::BTreeMap;

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::kms::{Alias, Key, ReplicaKey};
use serde_json::{Value, json};

use crate::key_policy;
use crate::schema::is_unknown_text;

use super::KEY;
use super::frame::{Frame, Store};
use super::spec::{DataTier, Encryption};

pub(super) fn add(frame: &Frame<'_>, graph: &mut Graph) {
    let name = &frame.spec.name;
    add_key(
        frame,
        graph,
        KEY,
        "encrypts the stores",
        format!("Stores of data tier {name}"),
        format!("alias/platform/data-tier/{name}"),
    );
}

/// ARN of the key of a store: its own, which is added, or that of the tier.
pub(super) fn of(store: &Store<'_>, graph: &mut Graph) -> String {
    let frame = &store.frame;
    if !frame.spec.encryption.key_per_store {
        return Handle::to(KEY).attribute("Arn");
    }
    let name = &frame.spec.name;
    add_key(
        frame,
        graph,
        &store.part("key"),
        &format!("encrypts {}, and nothing else", store.words()),
        format!("{} of data tier {name}", store.words()),
        format!("alias/platform/data-tier/{name}/{}", store.address()),
    )
    .attribute("Arn")
}

fn add_key(
    frame: &Frame<'_>,
    graph: &mut Graph,
    address: &str,
    why: &str,
    description: String,
    alias: String,
) -> Handle {
    let spec = &frame.spec.encryption;
    let key = graph.add(
        address,
        why,
        Key {
            description: Some(description.clone()),
            // Asked for, so that a key that somebody switches off shows in a plan: without it no store can be read.
            enabled: Some(true),
            enable_key_rotation: Some(true),
            rotation_period_in_days: Some(spec.rotation_days),
            key_policy: Some(policy(frame, &frame.setting.owner.region)),
            multi_region: Some(spec.multi_region),
            pending_window_in_days: Some(spec.deletion_window_days),
            ..Key::default()
        },
    );
    graph.add(
        format!("{address}/alias"),
        format!("names the key: {alias}"),
        Alias {
            alias_name: alias,
            target_key_id: key.id(),
        },
    );
    for region in &spec.replica_regions {
        graph.add(
            replica(address, region),
            format!("{why}, in {region}"),
            ReplicaKey {
                description: Some(description.clone()),
                enabled: Some(true),
                key_policy: policy(frame, region),
                pending_window_in_days: Some(spec.deletion_window_days),
                primary_key_arn: key.attribute("Arn"),
                region: region.clone(),
                ..ReplicaKey::default()
            },
        );
    }
    key
}

/// Address of the replica of a key.
fn replica(key: &str, region: &str) -> String {
    format!("{key}/replica/{region}")
}

/// ARN of the key of a store, or of that of the tier, in another region.
pub(super) fn replica_of(store: &Store<'_>, region: &str) -> String {
    let key = if store.frame.spec.encryption.key_per_store {
        store.part("key")
    } else {
        KEY.to_owned()
    };
    Handle::to(replica(&key, region)).attribute("Arn")
}

/// ARNs of the key of the tier in other regions, by region.
pub(super) fn replicas(frame: &Frame<'_>) -> BTreeMap<String, String> {
    let regions = frame.spec.encryption.replica_regions.iter();
    regions
        .map(|region| {
            let arn = Handle::to(replica(KEY, region)).attribute("Arn");
            (region.clone(), arn)
        })
        .collect()
}

pub(super) fn check(spec: &DataTier, problems: &mut Problems) {
    let path = ["encryption", "replica_regions"];
    let Encryption {
        multi_region,
        replica_regions,
        ..
    } = &spec.encryption;
    if !replica_regions.is_empty() && !multi_region {
        problems.error(
            path,
            "only multi-Region keys have replicas",
            "Set `multi_region = true`, which can't be changed once the tier is there; or leave `replica_regions` out.",
        );
    }
    for region in replica_regions {
        if spec.region.as_ref() == Some(region) {
            problems.error(
                path,
                format!("{region} is where the keys are themselves"),
                "Name other regions only.",
            );
        } else if !is_unknown_text(region) && !is_region(region) {
            problems.error(
                path,
                format!("{region:?} is no region"),
                "It looks like eu-west-1.",
            );
        }
    }
}

/// Judges the regions of replicas where the tier's own is that of the provider.
pub(super) fn regions(frame: &Frame<'_>, problems: &mut Problems) {
    let own = &frame.setting.owner.region;
    if frame.spec.region.is_none() && frame.spec.encryption.replica_regions.contains(own) {
        problems.error(
            ["encryption", "replica_regions"],
            format!("{own} is where the keys are themselves"),
            "Name other regions only.",
        );
    }
}

/// Whether a text has the form of a region, `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let pieces: Vec<&str> = text.split('-').collect();
    let is_word = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    match &pieces[..] {
        [words @ .., number] if words.len() >= 2 => {
            words.iter().all(is_word) && number.parse::<u8>().is_ok()
        }
        _ => false,
    }
}

/// The account's policies decide who uses and manages the key; CloudWatch Logs may use it for the log groups of the tier.
fn policy(frame: &Frame<'_>, region: &str) -> Value {
    let setting = frame.setting;
    let (partition, account) = (&setting.partition, &setting.account);
    let groups = format!("arn:{partition}:logs:{region}:{account}:log-group:*");
    let condition = json!({ "ArnLike": { "kms:EncryptionContext:aws:logs:arn": groups } });
    json!({
        "Version": "2012-10-17",
        "Statement": [
            key_policy::account_decides(setting),
            key_policy::logs_encrypt(setting, region, condition),
        ],
    })
}
