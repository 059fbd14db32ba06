//! A kind as a value: its constants, and its functions over JSON properties.
//!
//! # Guarantees
//! Properties that do not fit a kind are an [error](MalformedProperties) wherever a call would rest on them. Where only a judgement
//! does, the careful one is made: what can't be read holds data where its kind can, and stays.

use serde_json::Value;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{
    Attributes, Blocker, Claim, DeletionPolicy, Kind, Live, Replacement, Seen, TagForm, Tags,
};
use crate::{Call, Disruption, Forecast, Identity, Properties, reference};

/// Properties that do not fit their kind: a bug of a composite, or a state written by hand.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the properties of a part of type {kind} do not fit that type: {why}")]
pub struct MalformedProperties {
    /// The kind's type name.
    pub kind: &'static str,
    /// What serde says.
    pub why: String,
}

type Outcome<T> = Result<T, MalformedProperties>;

/// A kind erased to function pointers over JSON properties, so that engine and graph are not generic.
#[derive(Clone, Copy)]
#[allow(
    missing_docs,
    reason = "every field is the item of the same name of `Kind`; `inside_of` is `Kind::INSIDE`"
)]
#[allow(
    clippy::type_complexity,
    reason = "the types are those of the functions of `Kind`, spelled once"
)]
pub struct KindDef {
    pub name: &'static str,
    pub create_only: &'static [&'static str],
    pub unordered: &'static [&'static str],
    pub exclusive: &'static [&'static str],
    pub key: &'static [&'static str],
    pub gone_before: &'static [&'static str],
    pub attributes: &'static [&'static str],
    pub lasting: &'static [&'static str],
    pub volatile: &'static [&'static str],
    pub details_need: &'static [&'static str],
    pub stateful: bool,
    pub protected_by: &'static str,
    pub tagged: bool,
    pub taken_over: bool,
    pub ours: &'static [&'static str],
    pub tag_form: TagForm,
    pub born: &'static str,
    pub inside_of: &'static [&'static str],
    pub cleared: bool,
    pub replacement: Replacement,
    pub expected_seconds: u32,
    pub deadline_seconds: u32,
    pub find: fn(&Properties, &Identity) -> Outcome<Vec<Call>>,
    pub details: fn(&Properties, &Identity, &str) -> Outcome<Vec<Call>>,
    pub details_again: fn(&Properties, &Identity, &str, &Attributes) -> Outcome<Vec<Call>>,
    pub read: fn(&Properties, &Identity, &[Value]) -> Outcome<Seen<Properties>>,
    pub create: fn(&Properties, &Identity) -> Outcome<Vec<Call>>,
    pub created: fn(&Properties, &Identity, &Value) -> Outcome<Option<String>>,
    pub restore: fn(&Properties, &Identity, &str) -> Outcome<Vec<Call>>,
    pub update: fn(&Properties, &Identity, &Live<Properties>, &[&str]) -> Outcome<Vec<Call>>,
    pub forecast: fn(&Properties, &Identity, &Live<Properties>, &[&str]) -> Outcome<Vec<Call>>,
    pub foretold: fn(&Properties, &Live<Properties>, &[&str], &[Value]) -> Outcome<Forecast>,
    pub retag: fn(&Live<Properties>, &Tags, &[String]) -> Outcome<Vec<Call>>,
    pub delete: fn(&Properties, &Identity, &str, &Attributes) -> Outcome<Vec<Call>>,
    pub known_by: fn(&str) -> Outcome<Properties>,
    pub census: fn(&[Value]) -> Vec<Call>,
    pub counted: fn(&[Value]) -> Vec<Claim>,
    pub inside: fn(&str, &str) -> Vec<Call>,
    pub residents: fn(&str, &str, &[Value]) -> Outcome<Vec<Live<Properties>>>,
    pub blockers: fn(&Properties, &Identity, &str, &[Value]) -> Outcome<Vec<Call>>,
    pub blocking: fn(&Properties, &Identity, &str, &[Value]) -> Outcome<Vec<Blocker>>,
    pub holds_data: fn(&Properties) -> bool,
    pub deletion_policy: fn(&Properties) -> DeletionPolicy,
    pub carries: fn(&str, &str) -> bool,
    pub unsettled: fn(&Properties, &[&str]) -> &'static [&'static str],
    pub precedes: fn(&Properties, &Properties) -> Outcome<&'static [&'static str]>,
    pub disruption: fn(&str) -> Disruption,
    pub same: fn(&str, &Value, &Value) -> bool,
}

impl std::fmt::Debug for KindDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("KindDef").field(&self.name).finish()
    }
}

fn typed<K: Kind>(properties: &Properties) -> Outcome<K> {
    serde_json::from_value(Value::Object(properties.clone())).map_err(|error| MalformedProperties {
        kind: K::TYPE,
        why: error.to_string(),
    })
}

fn untyped<K: Kind>(properties: &K) -> Outcome<Properties> {
    let mut fields = whole(properties)?;
    fields.retain(|_, value| !value.is_null());
    Ok(fields)
}

/// Every property, also those without a value, so that it is typed again whatever the type requires.
fn whole<K: Kind>(properties: &K) -> Outcome<Properties> {
    match serde_json::to_value(properties) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(MalformedProperties {
            kind: K::TYPE,
            why: "not an object".to_owned(),
        }),
        Err(error) => Err(MalformedProperties {
            kind: K::TYPE,
            why: error.to_string(),
        }),
    }
}

fn typed_live<K: Kind>(live: &Live<Properties>) -> Outcome<Live<K>> {
    Ok(Live {
        id: live.id.clone(),
        properties: typed(&live.properties)?,
        attributes: live.attributes.clone(),
    })
}

fn untyped_live<K: Kind>(live: &Live<K>) -> Outcome<Live<Properties>> {
    Ok(Live {
        id: live.id.clone(),
        properties: untyped(&live.properties)?,
        attributes: live.attributes.clone(),
    })
}

impl KindDef {
    /// The service that its type name says, `EC2` of `AWS::EC2::VPC`; `None` for what CloudFormation has no type for.
    pub fn service(&self) -> Option<&'static str> {
        let (service, _) = self.name.strip_prefix("AWS::")?.split_once("::")?;
        Some(service)
    }

    /// A digest of the [key](Kind::KEY), by which a resource that can't carry tags is told from the others of its owner. `None` for
    /// a type with tags or without a key, and as long as the key is not known.
    pub fn mark(&self, properties: &Properties) -> Option<[u8; 3]> {
        if self.tagged || self.key.is_empty() {
            return None;
        }
        let mut hash = Sha256::new();
        hash.update(self.name);
        for name in self.key {
            let value = properties.get(*name).unwrap_or(&Value::Null);
            if reference::is_open(value) {
                return None;
            }
            hash.update([0]);
            hash.update(value.to_string());
        }
        let digest = hash.finalize();
        Some([digest[0], digest[1], digest[2]])
    }

    /// Erases a kind.
    pub const fn of<K: Kind>() -> Self {
        KindDef {
            name: K::TYPE,
            create_only: K::CREATE_ONLY,
            unordered: K::UNORDERED,
            exclusive: K::EXCLUSIVE,
            key: K::KEY,
            gone_before: K::GONE_BEFORE,
            attributes: K::ATTRIBUTES,
            lasting: K::LASTING,
            volatile: K::VOLATILE,
            details_need: K::DETAILS_NEED,
            stateful: K::STATEFUL,
            protected_by: K::PROTECTED_BY,
            tagged: K::TAGGED,
            taken_over: K::TAKEN_OVER,
            ours: K::OURS,
            tag_form: K::TAG_FORM,
            born: K::BORN,
            inside_of: K::INSIDE,
            cleared: K::CLEARED,
            replacement: K::REPLACEMENT,
            expected_seconds: K::EXPECTED_SECONDS,
            deadline_seconds: K::DEADLINE_SECONDS,
            find: |properties, me| Ok(typed::<K>(properties)?.find(me)),
            details: |properties, me, id| Ok(typed::<K>(properties)?.details(me, id)),
            details_again: |properties, me, id, known| {
                Ok(typed::<K>(properties)?.details_again(me, id, known))
            },
            read: |properties, me, replies| {
                Ok(match typed::<K>(properties)?.read(me, replies) {
                    Seen::Absent => Seen::Absent,
                    Seen::Pending { id, why } => Seen::Pending { id, why },
                    Seen::Deleting { id } => Seen::Deleting { id },
                    Seen::Failed { id, why } => Seen::Failed { id, why },
                    Seen::Many(ids) => Seen::Many(ids),
                    Seen::Live(live) => Seen::Live(untyped_live(&live)?),
                })
            },
            create: |properties, me| Ok(typed::<K>(properties)?.create(me)),
            created: |properties, me, reply| Ok(typed::<K>(properties)?.created(me, reply)),
            restore: |properties, me, id| Ok(typed::<K>(properties)?.restore(me, id)),
            update: |properties, me, live, changed| {
                Ok(typed::<K>(properties)?.update(me, &typed_live(live)?, changed))
            },
            forecast: |properties, me, live, changed| {
                Ok(typed::<K>(properties)?.forecast(me, &typed_live(live)?, changed))
            },
            foretold: |properties, live, changed, replies| {
                Ok(typed::<K>(properties)?.foretold(&typed_live(live)?, changed, replies))
            },
            retag: |live, set, remove| Ok(K::retag(&typed_live(live)?, set, remove)),
            delete: |properties, me, id, attributes| {
                Ok(typed::<K>(properties)?.delete(me, id, attributes))
            },
            known_by: |id| whole(&K::known_by(id)),
            census: K::census,
            counted: K::counted,
            inside: K::inside,
            residents: |parent, id, replies| {
                K::residents(parent, id, replies)
                    .iter()
                    .map(untyped_live)
                    .collect()
            },
            blockers: |properties, me, id, replies| {
                Ok(typed::<K>(properties)?.blockers(me, id, replies))
            },
            blocking: |properties, me, id, replies| {
                Ok(typed::<K>(properties)?.blocking(me, id, replies))
            },
            // What can't be read may be anything.
            holds_data: |properties| {
                typed::<K>(properties).map_or(K::STATEFUL, |part| part.holds_data())
            },
            // A reference may stand where its kind wants a number or a switch.
            deletion_policy: |properties| match typed::<K>(properties) {
                Ok(part) => part.deletion_policy(),
                Err(_) if K::STATEFUL => DeletionPolicy::Retain,
                Err(_) => DeletionPolicy::Delete,
            },
            carries: K::carries,
            // A reference may stand where its kind wants a number or a switch.
            unsettled: |properties, changed| {
                typed::<K>(properties).map_or(K::VOLATILE, |part| part.unsettled(changed))
            },
            precedes: |recorded, asked| Ok(K::precedes(&typed(recorded)?, &typed(asked)?)),
            disruption: K::disruption,
            same: K::same,
        }
    }
}
