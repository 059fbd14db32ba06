//! What a kind is: the knowledge of one AWS resource type, as pure functions that return calls.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{Call, Disruption, Forecast, Identity, Properties, Recorded, reference};

/// Tags of a part, by key. Kinds turn them into the list form of their API.
pub type Tags = BTreeMap<String, String>;
/// Values only AWS can choose, by CloudFormation attribute name.
pub type Attributes = Map<String, Value>;

/// What an observation says about a part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Seen<P> {
    /// It does not exist, or is gone for good (a NAT gateway in state `deleted`).
    Absent,
    /// It exists and is on its way to being usable.
    Pending {
        /// Its id.
        id: String,
        /// AWS's word for what it is doing.
        why: String,
    },
    /// It is on its way out.
    Deleting {
        /// Its id.
        id: String,
    },
    /// It will never be usable; it must be deleted before another try.
    Failed {
        /// Its id.
        id: String,
        /// AWS's reason.
        why: String,
    },
    /// It is there.
    Live(Live<P>),
    /// More than one AWS object claims this owner and address.
    Many(
        /// Their ids.
        Vec<String>,
    ),
}

impl<P> Seen<P> {
    /// Id of the one AWS object seen, in whatever condition.
    pub fn id(&self) -> Option<&str> {
        match self {
            Seen::Pending { id, .. } | Seen::Deleting { id } | Seen::Failed { id, .. } => Some(id),
            Seen::Live(live) => Some(&live.id),
            Seen::Absent | Seen::Many(_) => None,
        }
    }
}

/// A part that is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Live<P> {
    /// Its id: what `Ref` returns in CloudFormation.
    pub id: String,
    /// Its properties as AWS shows them, normalised to the form in which they are asked for.
    pub properties: P,
    /// What only AWS could choose.
    pub attributes: Attributes,
}

/// One resource that a [census](Kind::census) lists.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// Its id, as [`Live::id`].
    pub id: String,
    /// Its tags, the owner's among them.
    pub tags: Tags,
}

/// Something that no graph knows and that keeps a resource from being deleted: what a controller or a person put there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Blocker {
    /// Its id.
    pub id: String,
    /// What it is, for people: `network interface (ELB app/shop)`.
    pub what: String,
    /// Its tags, which say whose it is.
    pub tags: Tags,
    /// The calls that remove it, in order; empty for what is not ours to remove and for what goes by itself.
    pub remove: Vec<Call>,
    /// Within how many seconds AWS lets it go once what it belongs to is gone; 0 for what stays until somebody removes it.
    pub lingers_seconds: u32,
    /// Whether it holds data. Then it keeps nothing from being deleted, and is removed only where the configuration says so.
    pub holds_data: bool,
}

/// What CloudFormation does with a resource that is taken out of a stack: its attribute `DeletionPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum DeletionPolicy {
    /// It is deleted.
    Delete,
    /// It stays.
    Retain,
    /// A snapshot of it is taken, then it is deleted.
    Snapshot,
}

/// How CloudFormation has the tags of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagForm {
    /// A list of `{Key, Value}` in the property of this name.
    List(&'static str),
    /// An object in the property of this name.
    Map(&'static str),
}

/// In which order a replacement happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Replacement {
    /// The new one is created, dependents move over, then the old one is deleted.
    CreateFirst,
    /// Both can't exist at once (same natural key, same address space): the old one is deleted first.
    DeleteFirst,
}

/// The knowledge of one AWS resource type. The implementing type is the struct of its properties, named and shaped as in
/// CloudFormation (`PascalCase`, `deny_unknown_fields`), with `Tags` as [`Tags`]. The same struct is what is asked for and
/// what is observed.
///
/// # Flow
/// The engine calls [`find`](Kind::find) (calls of all parts are merged and sent together), then
/// [`details`](Kind::details) for what the first replies do not show, then [`read`](Kind::read) with all replies in order.
/// When nothing is there it sends [`create`](Kind::create), takes the id from [`created`](Kind::created) and observes again
/// until the part is live; then [`update`](Kind::update) and [`retag`](Kind::retag) until nothing differs.
///
/// # Guarantees
/// A kind does no I/O, has no clock, no retry and no state. References are resolved before it sees the properties, except
/// in `find` for a part that has none yet to be found by: then the engine does not ask.
///
/// # Assumptions
/// A reply is `Null` where AWS answered that the thing does not exist.
pub trait Kind: Serialize + DeserializeOwned + Default + Send + Sync + 'static {
    /// CloudFormation type name, `AWS::EC2::Subnet`; `Custom::…` where CloudFormation has no type.
    const TYPE: &'static str;
    /// Properties whose change needs a new resource: CloudFormation's create-only properties.
    const CREATE_ONLY: &'static [&'static str] = &[];
    /// Array properties without an order.
    const UNORDERED: &'static [&'static str] = &[];
    /// Properties that reference something only one part can use at a time (the address of a NAT gateway).
    const EXCLUSIVE: &'static [&'static str] = &[];
    /// Create-only properties that no two resources of the type have in common: AWS refuses the second, and finds the one by them
    /// whoever it was made for.
    const KEY: &'static [&'static str] = &[];
    /// Attributes that `read` yields for a live part, besides its id.
    const ATTRIBUTES: &'static [&'static str] = &[];
    /// Attributes that an update in place changes (the latest version of a launch template): what refers to them changes too.
    const VOLATILE: &'static [&'static str] = &[];
    /// Attributes that stay what they are as long as the resource exists.
    const LASTING: &'static [&'static str] = &[];
    /// Attributes without which `details` can't be asked (the ARN by which tags are listed). Where they were not seen before,
    /// `find` is read first, and [`Kind::details_again`] is asked with the attributes that it showed.
    const DETAILS_NEED: &'static [&'static str] = &[];
    /// Whether parts of this kind hold data, so that deleting or replacing one must be named in the configuration. Where that
    /// depends on the part, [`Kind::holds_data`] says so of each.
    const STATEFUL: bool = false;
    /// The property that makes AWS refuse to delete it while it is `true`; empty where there is none. [`Kind::delete`] never takes
    /// it off: a plan refuses to delete what was last seen protected.
    const PROTECTED_BY: &'static str = "";
    /// Whether it carries tags, and so can be found by its owner.
    const TAGGED: bool = false;
    /// Whether it belongs to something that is not ours alone: it is taken over and never deleted. What comes with another resource
    /// (a default security group) has no calls in [`Kind::create`]; what belongs to the account (a service-linked role) is made where
    /// it is missing.
    const TAKEN_OVER: bool = false;
    /// Properties that CloudFormation's type does not have, besides `Tags`: it says the same otherwise, or not at all.
    const OURS: &'static [&'static str] = &[];
    /// How CloudFormation has its tags.
    const TAG_FORM: TagForm = TagForm::List("Tags");
    /// The attribute that says since when it exists, as AWS writes it; empty where AWS does not tell.
    const BORN: &'static str = "";
    /// Types whose resources hold resources of this type, those that nobody asked for among them: a route table holds routes.
    const INSIDE: &'static [&'static str] = &[];
    /// Whether it goes down with what others put into it: [`Kind::blockers`] are looked for before it is deleted, not only when
    /// AWS refuses.
    const CLEARED: bool = false;
    /// The order of a replacement.
    const REPLACEMENT: Replacement = Replacement::DeleteFirst;
    /// How long AWS usually takes to make one, in seconds.
    const EXPECTED_SECONDS: u32 = 2;
    /// After how many seconds waiting for it to be created, updated or deleted is given up.
    const DEADLINE_SECONDS: u32 = 300;

    /// Calls that show whether the part exists: by id when `me.id` is known, else by owner tag or natural key.
    fn find(&self, me: &Identity) -> Vec<Call>;

    /// Further calls that are needed to see all properties of the part with this id.
    fn details(&self, _me: &Identity, _id: &str) -> Vec<Call> {
        Vec::new()
    }

    /// The same for a part whose attributes were seen before: what they hold of [`Kind::LASTING`] need not be asked again. Calls
    /// may be left out at the end only.
    fn details_again(&self, me: &Identity, id: &str, _known: &Attributes) -> Vec<Call> {
        self.details(me, id)
    }

    /// What the replies to `find`, then to `details`, say. Called after `find` alone too, to learn the id: replies that
    /// are not there yet are missing at the end of the slice.
    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self>;

    /// The calls that create it, in order; the first one makes it exist and yields the id. Empty for what comes with another resource.
    fn create(&self, me: &Identity) -> Vec<Call>;

    /// The id out of the reply to the first call of `create`.
    fn created(&self, me: &Identity, reply: &Value) -> Option<String>;

    /// The calls that bring back the part that `find` shows as being [deleted](Seen::Deleting), for a type whose deletes can be
    /// taken back. Empty where a deletion that has begun is waited for.
    fn restore(&self, _me: &Identity, _id: &str) -> Vec<Call> {
        Vec::new()
    }

    /// The calls that bring the live part to `self`, given the names of the properties that differ (never `Tags`, never a
    /// create-only one).
    fn update(&self, _me: &Identity, _live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        Vec::new()
    }

    /// Calls that ask AWS what changing these properties in place would mean, while nobody has decided on it yet: dry runs and
    /// looks. None of them changes anything, as [`Call::is_read`] says of each. `changed` is as for [`Kind::update`], without what
    /// refers to parts that are yet to be made.
    fn forecast(&self, _me: &Identity, _live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        Vec::new()
    }

    /// What the replies to `forecast` say. A reply is `Null` where AWS did not answer.
    fn foretold(&self, _live: &Live<Self>, _changed: &[&str], _replies: &[Value]) -> Forecast {
        Forecast::default()
    }

    /// The calls that set and remove tags of the live part.
    fn retag(_live: &Live<Self>, _set: &Tags, _remove: &[String]) -> Vec<Call> {
        Vec::new()
    }

    /// The calls that delete it, in order; `self` is the part as last seen.
    fn delete(&self, me: &Identity, id: &str, attributes: &Attributes) -> Vec<Call>;

    /// As much of it as [`Kind::find`] and [`Kind::details`] need when nothing but its id is known: its name, for a kind that is
    /// found by name.
    fn known_by(_id: &str) -> Self {
        Self::default()
    }

    /// Calls that list every resource of this type that carries an owner tag, whoever the owner is. Asked again with the
    /// replies so far until there is no further call. Every kind with tags has one.
    fn census(_replies: &[Value]) -> Vec<Call> {
        Vec::new()
    }

    /// What the replies to `census` list. What carries no owner tag may be among it.
    fn counted(_replies: &[Value]) -> Vec<Claim> {
        Vec::new()
    }

    /// Calls that list every resource of this type inside the resource `id` of one of the types in [`Kind::INSIDE`].
    fn inside(_parent: &str, _id: &str) -> Vec<Call> {
        Vec::new()
    }

    /// What the replies to `inside` list, without what AWS puts there itself (the local route of a route table).
    fn residents(_parent: &str, _id: &str, _replies: &[Value]) -> Vec<Live<Self>>
    where
        Self: Sized,
    {
        Vec::new()
    }

    /// Calls that show what else is inside or at the resource `id` and keeps it from being deleted. Asked again with the
    /// replies so far until there is no further call. A reply is `{}` where AWS did not answer (a missing permission, a service
    /// that is not there): nothing is known then.
    fn blockers(&self, _me: &Identity, _id: &str, _replies: &[Value]) -> Vec<Call> {
        Vec::new()
    }

    /// What the replies to `blockers` show. Parts of a platform may be among it.
    fn blocking(&self, _me: &Identity, _id: &str, _replies: &[Value]) -> Vec<Blocker> {
        Vec::new()
    }

    /// Whether data is lost with this part, given its properties as recorded or as AWS shows them. A kind that is
    /// [`Kind::STATEFUL`] may say no of a part whose data is all elsewhere as well: a read replica, an instance of a cluster.
    fn holds_data(&self) -> bool {
        Self::STATEFUL
    }

    /// What CloudFormation is to do with it in the end, so that a template loses no data that a composite would keep.
    fn deletion_policy(&self) -> DeletionPolicy {
        if self.holds_data() {
            DeletionPolicy::Retain
        } else {
            DeletionPolicy::Delete
        }
    }

    /// Whether the resource `other`, of this type and with this part's tags, goes with `id`: a copy that a change in progress made of it,
    /// or what it took the place of. It is no leftover of its own.
    fn carries(_id: &str, _other: &str) -> bool {
        false
    }

    /// The attributes that changing these properties in place may change, where `self` is what is asked for.
    fn unsettled(&self, _changed: &[&str]) -> &'static [&'static str] {
        Self::VOLATILE
    }

    /// Properties that refer to parts which are changed after this one, when both are changed in place, although it refers to them: a
    /// read replica is upgraded before the instance that it replicates.
    fn precedes(_recorded: &Self, _asked: &Self) -> &'static [&'static str]
    where
        Self: Sized,
    {
        &[]
    }

    /// What changing a property in place disturbs.
    fn disruption(_property: &str) -> Disruption {
        Disruption::None
    }

    /// Whether two values of a property mean the same; arrays in [`Kind::UNORDERED`] are handled before this is asked.
    fn same(_property: &str, live: &Value, desired: &Value) -> bool {
        live == desired
    }
}

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

/// The kinds that a program knows, by type name.
#[derive(Debug, Clone, Default)]
pub struct Kinds(BTreeMap<&'static str, KindDef>);

impl Kinds {
    /// A registry of these kinds.
    pub fn new(kinds: impl IntoIterator<Item = KindDef>) -> Self {
        Kinds(kinds.into_iter().map(|kind| (kind.name, kind)).collect())
    }

    /// The kind of this type name.
    pub fn get(&self, name: &str) -> Option<&KindDef> {
        self.0.get(name)
    }

    /// Whether data is lost with what is recorded. What can't be changed of a part says more of it than what is asked for now.
    pub fn holds_data(&self, record: &Recorded) -> bool {
        self.get(&record.kind)
            .is_some_and(|kind| (kind.holds_data)(&record.properties))
    }

    /// The property by which AWS refuses to delete what is recorded, where it does.
    pub fn protection(&self, record: &Recorded) -> Option<&'static str> {
        let by = self.get(&record.kind)?.protected_by;
        (record.properties.get(by)? == true).then_some(by)
    }

    /// All kinds, by name.
    pub fn iter(&self) -> impl Iterator<Item = &KindDef> {
        self.0.values()
    }
}
