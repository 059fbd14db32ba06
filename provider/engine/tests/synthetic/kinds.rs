//! Kinds that stand for the sorts of resources AWS has.

use std::marker::PhantomData;

use platform_graph::{
    Attributes, Call, Identity, Kind, KindDef, Kinds, Live, Replacement, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How a kind is found when its id is unknown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// By its owner's tags.
    Owner,
    /// By its name.
    Name,
    /// By the part it belongs to and its name; it has no tags.
    Parent,
}

/// What one synthetic kind is like.
pub trait Flavor: Send + Sync + 'static {
    const TYPE: &'static str;
    const DESCRIBE: &'static str;
    const CREATE: &'static str;
    const MODIFY: &'static str;
    const DELETE: &'static str;
    const KEY: Key = Key::Owner;
    const TOKEN: bool = false;
    const STATEFUL: bool = false;
    const TAKEN_OVER: bool = false;
    const REPLACEMENT: Replacement = Replacement::CreateFirst;
    const EXPECTED: u32 = 2;
    const DETAILS: bool = false;
    /// Whether it is made where it can't be taken over.
    const MADE_WHERE_MISSING: bool = false;
    /// Whether no call creates it: it comes with what it belongs to, and goes by a call of its own.
    const COMES_ALONG: bool = false;
    /// The property that can't be changed by any call although it is not create-only.
    const STUBBORN: bool = false;
}

macro_rules! flavor {
    ($(#[$doc:meta])* $name:ident { $($body:tt)* }) => {
        $(#[$doc])*
        pub struct $name;
        impl Flavor for $name {
            const TYPE: &'static str = concat!("Test::", stringify!($name));
            const DESCRIBE: &'static str = concat!("Describe", stringify!($name));
            const CREATE: &'static str = concat!("Create", stringify!($name));
            const MODIFY: &'static str = concat!("Modify", stringify!($name));
            const DELETE: &'static str = concat!("Delete", stringify!($name));
            $($body)*
        }
    };
}

flavor! {
    /// Found by owner, with a client token: an elastic IP.
    Token { const TOKEN: bool = true; }
}
flavor! {
    /// Found by owner, without client token and natural key: a VPC.
    Plain {}
}
flavor! {
    /// Found by name: a role.
    Named {
        const KEY: Key = Key::Name;
        const REPLACEMENT: Replacement = Replacement::DeleteFirst;
        const DETAILS: bool = true;
    }
}
flavor! {
    /// Without tags, found inside what it belongs to: a route.
    Child {
        const KEY: Key = Key::Parent;
        const REPLACEMENT: Replacement = Replacement::DeleteFirst;
    }
}
flavor! {
    /// Takes minutes: a NAT gateway.
    Slow { const TOKEN: bool = true; const EXPECTED: u32 = 30; }
}
flavor! {
    /// Holds data, except inside of something: a database or, there, a replica.
    Store {
        const KEY: Key = Key::Name;
        const STATEFUL: bool = true;
        const REPLACEMENT: Replacement = Replacement::DeleteFirst;
        const EXPECTED: u32 = 6;
    }
}
flavor! {
    /// Comes with what it belongs to: a default security group.
    Preset {
        const KEY: Key = Key::Parent;
        const TAKEN_OVER: bool = true;
    }
}
flavor! {
    /// Belongs to the account, whoever makes it: a service-linked role.
    Common {
        const KEY: Key = Key::Name;
        const TAKEN_OVER: bool = true;
        const MADE_WHERE_MISSING: bool = true;
    }
}
flavor! {
    /// Comes with what it belongs to and is led elsewhere: a subnet's network ACL.
    Along {
        const KEY: Key = Key::Parent;
        const COMES_ALONG: bool = true;
    }
}
flavor! {
    /// Has a property nothing changes.
    Stubborn { const STUBBORN: bool = true; }
}

/// Properties of every synthetic kind.
#[derive(Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields, rename_all = "PascalCase")]
pub struct Thing<F> {
    pub name: Option<String>,
    pub parent: Option<String>,
    pub uses: Option<Vec<String>>,
    pub size: Option<i64>,
    pub fixed: Option<String>,
    pub address: Option<String>,
    pub tags: Option<Tags>,
    #[serde(skip)]
    flavor: PhantomData<F>,
}

impl<F> Default for Thing<F> {
    fn default() -> Self {
        Thing {
            name: None,
            parent: None,
            uses: None,
            size: None,
            fixed: None,
            address: None,
            tags: None,
            flavor: PhantomData,
        }
    }
}

pub const SERVICE: &str = "test";

impl<F: Flavor> Kind for Thing<F> {
    const TYPE: &'static str = F::TYPE;
    const CREATE_ONLY: &'static [&'static str] = &["Name", "Parent", "Fixed", "Address"];
    const UNORDERED: &'static [&'static str] = &["Uses"];
    const EXCLUSIVE: &'static [&'static str] = &["Address"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
    const STATEFUL: bool = F::STATEFUL;
    const TAGGED: bool = !matches!(F::KEY, Key::Parent);
    const TAKEN_OVER: bool = F::TAKEN_OVER;
    const REPLACEMENT: Replacement = F::REPLACEMENT;
    const EXPECTED_SECONDS: u32 = F::EXPECTED;
    const DEADLINE_SECONDS: u32 = 600;

    fn find(&self, me: &Identity) -> Vec<Call> {
        let (filter, value) = match (&me.id, F::KEY) {
            (Some(id), _) => ("id", id.clone()),
            (None, Key::Owner) => ("owner", me.owner.to_string()),
            (None, Key::Name) => ("name", self.name.clone().unwrap_or_default()),
            (None, Key::Parent) => ("parent", self.parent.clone().unwrap_or_default()),
        };
        let call = Call::new(SERVICE, F::DESCRIBE)
            .with("Filters", json!([{ "Name": filter, "Values": [value] }]))
            .merging("/Filters/0/Values");
        vec![call]
    }

    fn details(&self, _me: &Identity, id: &str) -> Vec<Call> {
        if F::DETAILS {
            vec![Call::new(SERVICE, "GetSize").with("Id", id)]
        } else {
            vec![]
        }
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let mine = |item: &&Value| {
            let properties = &item["Properties"];
            match (&me.id, F::KEY) {
                (Some(id), _) => item["Id"] == json!(id),
                (None, Key::Owner) => {
                    let tags: Tags =
                        serde_json::from_value(properties["Tags"].clone()).unwrap_or_default();
                    me.owns(&tags)
                }
                (None, Key::Name) => properties["Name"] == json!(self.name),
                (None, Key::Parent) => {
                    properties["Parent"] == json!(self.parent)
                        && (F::TAKEN_OVER || properties["Name"] == json!(self.name))
                }
            }
        };
        let items = replies[0]["Items"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let found: Vec<&Value> = items
            .iter()
            .filter(mine)
            .filter(|item| item["State"] != "deleted")
            .collect();
        let id = |item: &Value| item["Id"].as_str().unwrap().to_owned();
        let item = match found[..] {
            [] => return Seen::Absent,
            [item] => item,
            _ => return Seen::Many(found.into_iter().map(id).collect()),
        };
        let id = id(item);
        match item["State"].as_str().unwrap() {
            "pending" => Seen::Pending {
                id,
                why: "pending".to_owned(),
            },
            "deleting" => Seen::Deleting { id },
            "failed" => Seen::Failed {
                id,
                why: "no capacity".to_owned(),
            },
            _ => {
                let mut shown = item["Properties"].clone();
                if F::DETAILS {
                    match replies.get(1) {
                        Some(Value::Null) => return Seen::Absent,
                        Some(reply) => shown["Size"] = reply["Size"].clone(),
                        None => {}
                    }
                }
                let mut attributes = Attributes::new();
                if !item["Arn"].is_null() {
                    attributes.insert("Arn".to_owned(), item["Arn"].clone());
                }
                Seen::Live(Live {
                    id,
                    properties: serde_json::from_value(shown).unwrap(),
                    attributes,
                })
            }
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        assert_ne!(self.name.as_deref(), Some("panic"), "no such luck");
        if (F::TAKEN_OVER && !F::MADE_WHERE_MISSING) || F::COMES_ALONG {
            return vec![];
        }
        let call = Call::new(SERVICE, F::CREATE).with("Properties", self);
        vec![if F::TOKEN {
            call.idempotent("Token")
        } else {
            call
        }]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply["Id"].as_str().map(str::to_owned)
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if F::STUBBORN {
            return vec![];
        }
        let wanted = serde_json::to_value(self).unwrap();
        changed
            .iter()
            .map(|name| {
                Call::new(SERVICE, F::MODIFY)
                    .with("Id", &live.id)
                    .with("Property", name)
                    .with("Value", &wanted[name])
            })
            .collect()
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        vec![
            Call::new(SERVICE, "ChangeTags")
                .with("Id", &live.id)
                .with("Set", set)
                .with("Remove", remove),
        ]
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new(SERVICE, F::DELETE).with("Id", id)]
    }

    fn holds_data(&self) -> bool {
        F::STATEFUL && self.parent.is_none()
    }
}

pub fn kinds() -> Kinds {
    Kinds::new([
        KindDef::of::<Thing<Token>>(),
        KindDef::of::<Thing<Plain>>(),
        KindDef::of::<Thing<Named>>(),
        KindDef::of::<Thing<Child>>(),
        KindDef::of::<Thing<Slow>>(),
        KindDef::of::<Thing<Store>>(),
        KindDef::of::<Thing<Preset>>(),
        KindDef::of::<Thing<Common>>(),
        KindDef::of::<Thing<Along>>(),
        KindDef::of::<Thing<Stubborn>>(),
    ])
}
