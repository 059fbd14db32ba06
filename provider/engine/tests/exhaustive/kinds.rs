//! One kind per way in which AWS lets a resource be recognised: by tags with and without a client token, by a natural key with
//! and without tags; and per order of a replacement.

use std::marker::PhantomData;

use platform_graph::{
    Attributes, Call, Identity, Kind, KindDef, Kinds, Live, Replacement, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a resource is recognised when its id is not known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// By the owner's tags.
    Owner,
    /// By its name, which AWS lets only one have. It carries tags too.
    Name,
    /// By its parent and its name, and it carries no tags.
    Parent,
    /// By nothing although it carries tags: a kind that forgets to look.
    Nothing,
}

pub trait Flavor: Send + Sync + 'static {
    const TYPE: &'static str;
    const KEY: Key = Key::Owner;
    const TOKEN: bool = false;
    /// Whether its name is its id, so that its successor has the same one.
    const NAME_IS_ID: bool = false;
    const STATEFUL: bool = false;
    const REPLACEMENT: Replacement = Replacement::DeleteFirst;
    /// How long AWS takes to make one.
    const SECONDS: u32 = 0;
    /// How long AWS takes to delete one.
    const END_SECONDS: u32 = Self::SECONDS;
}

macro_rules! flavor {
    ($(#[$doc:meta])* $name:ident { $($item:item)* }) => {
        $(#[$doc])*
        pub enum $name {}
        impl Flavor for $name {
            const TYPE: &'static str = stringify!($name);
            $($item)*
        }
    };
}
flavor! {
    /// Tags and nothing else: an internet gateway.
    Tagged {}
}
flavor! {
    /// Tags and a client token: a NAT gateway. AWS takes its time for it and may fail to make it.
    Tokened {
        const TOKEN: bool = true;
        const SECONDS: u32 = 1;
    }
}
flavor! {
    /// A name that only one can have and that is its id: a role.
    Named {
        const KEY: Key = Key::Name;
        const NAME_IS_ID: bool = true;
    }
}
flavor! {
    /// Part of another resource, without tags: a route.
    Child { const KEY: Key = Key::Parent; }
}
flavor! {
    /// The new one before the old one goes: a security group.
    First {
        const TOKEN: bool = true;
        const REPLACEMENT: Replacement = Replacement::CreateFirst;
    }
}
flavor! {
    /// The same, and the old one is still on its way out when somebody starts the next process: a group of machines.
    Pool {
        const TOKEN: bool = true;
        const REPLACEMENT: Replacement = Replacement::CreateFirst;
        const SECONDS: u32 = 1;
        const END_SECONDS: u32 = 20;
    }
}
flavor! {
    /// Holds data: a table.
    Store {
        const KEY: Key = Key::Name;
        const NAME_IS_ID: bool = true;
        const STATEFUL: bool = true;
        const SECONDS: u32 = 1;
    }
}
flavor! {
    /// Created without being looked for: what the engine relies on is not there.
    Unlooked { const KEY: Key = Key::Nothing; }
}

/// Properties of every kind here.
#[derive(Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields, rename_all = "PascalCase")]
pub struct Thing<F> {
    pub name: Option<String>,
    pub parent: Option<String>,
    /// Changed in place.
    pub size: Option<i64>,
    /// Changed by a replacement.
    pub fixed: Option<String>,
    pub tags: Option<Tags>,
    #[serde(skip)]
    flavor: PhantomData<F>,
}

impl<F> Default for Thing<F> {
    fn default() -> Self {
        Thing {
            name: None,
            parent: None,
            size: None,
            fixed: None,
            tags: None,
            flavor: PhantomData,
        }
    }
}

impl<F: Flavor> Kind for Thing<F> {
    const TYPE: &'static str = F::TYPE;
    const CREATE_ONLY: &'static [&'static str] = &["Name", "Parent", "Fixed"];
    const STATEFUL: bool = F::STATEFUL;
    const TAGGED: bool = !matches!(F::KEY, Key::Parent);
    const REPLACEMENT: Replacement = F::REPLACEMENT;
    const EXPECTED_SECONDS: u32 = F::SECONDS;
    const DEADLINE_SECONDS: u32 = 120;

    fn find(&self, me: &Identity) -> Vec<Call> {
        let call = Call::new(F::TYPE, "Describe");
        vec![match (&me.id, F::KEY) {
            (Some(id), _) => call.with("Id", id),
            (None, Key::Owner | Key::Nothing) => call.with("Owner", me.owner.to_string()),
            (None, Key::Name) => call.with("Name", &self.name),
            (None, Key::Parent) => call.with("Parent", &self.parent).with("Name", &self.name),
        }]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let is_me = |item: &&Value| {
            let tags = serde_json::from_value(item["Properties"]["Tags"].clone());
            match F::KEY {
                _ if me.id.is_some() => true,
                Key::Owner => me.owns(&tags.unwrap_or_default()),
                Key::Nothing => false,
                Key::Name | Key::Parent => true,
            }
        };
        let items = replies[0]["Items"].as_array().into_iter().flatten();
        let found: Vec<&Value> = items.filter(is_me).collect();
        let id = |item: &Value| item["Id"].as_str().unwrap().to_owned();
        let item = match found[..] {
            [] => return Seen::Absent,
            [item] => item,
            _ => return Seen::Many(found.into_iter().map(id).collect()),
        };
        let id = id(item);
        let why = "as AWS says".to_owned();
        match item["State"].as_str().unwrap() {
            "pending" => Seen::Pending { id, why },
            "deleting" => Seen::Deleting { id },
            "failed" => Seen::Failed { id, why },
            _ => Seen::Live(Live {
                id,
                properties: serde_json::from_value(item["Properties"].clone()).unwrap(),
                attributes: Attributes::new(),
            }),
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let call = Call::new(F::TYPE, "Create").with("Properties", self);
        vec![if F::TOKEN {
            call.idempotent("Token")
        } else {
            call
        }]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply["Id"].as_str().map(str::to_owned)
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        let call = Call::new(F::TYPE, "Modify").with("Id", &live.id);
        vec![call.with("Size", self.size)]
    }

    fn retag(live: &Live<Self>, set: &Tags, _remove: &[String]) -> Vec<Call> {
        let call = Call::new(F::TYPE, "Tag").with("Id", &live.id);
        vec![call.with("Tags", set)]
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new(F::TYPE, "Delete").with("Id", id)]
    }
}

/// What AWS knows about a kind.
#[derive(Clone, Copy)]
pub struct Facts {
    pub key: Key,
    pub name_is_id: bool,
    pub seconds: u64,
    pub end_seconds: u64,
    pub stateful: bool,
    pub replacement: Replacement,
}

/// What AWS knows about the kind of this name.
pub fn facts(kind: &str) -> Facts {
    fn of<F: Flavor>() -> (&'static str, Facts) {
        let facts = Facts {
            key: F::KEY,
            name_is_id: F::NAME_IS_ID,
            seconds: F::SECONDS.into(),
            end_seconds: F::END_SECONDS.into(),
            stateful: F::STATEFUL,
            replacement: F::REPLACEMENT,
        };
        (F::TYPE, facts)
    }
    let all = [
        of::<Tagged>(),
        of::<Tokened>(),
        of::<Named>(),
        of::<Child>(),
        of::<First>(),
        of::<Pool>(),
        of::<Store>(),
        of::<Unlooked>(),
    ];
    all.into_iter().find(|(name, _)| *name == kind).unwrap().1
}

pub fn kinds() -> Kinds {
    Kinds::new([
        KindDef::of::<Thing<Tagged>>(),
        KindDef::of::<Thing<Tokened>>(),
        KindDef::of::<Thing<Named>>(),
        KindDef::of::<Thing<Child>>(),
        KindDef::of::<Thing<First>>(),
        KindDef::of::<Thing<Pool>>(),
        KindDef::of::<Thing<Store>>(),
        KindDef::of::<Thing<Unlooked>>(),
    ])
}
