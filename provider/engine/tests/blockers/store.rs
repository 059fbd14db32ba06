//! A service with places, and things that others put there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform_engine::{Aws, AwsError, ErrorKind};
use platform_graph::{Attributes, Blocker, Call, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

/// Seconds after which a shelf is given up.
pub const DEADLINE: u32 = 60;

/// Something that others put things on. Whether it goes down with them is said by `CLEARED`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Place<const CLEARED: bool> {}

pub type Shelf = Place<false>;
pub type Room = Place<true>;

impl<const CLEARED: bool> Kind for Place<CLEARED> {
    const TYPE: &'static str = if CLEARED {
        "Test::Store::Room"
    } else {
        "Test::Store::Shelf"
    };
    const CLEARED: bool = CLEARED;
    const DEADLINE_SECONDS: u32 = DEADLINE;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("store", "DescribePlaces")]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let id = me.id.clone().unwrap_or_default();
        if replies[0]["Places"]
            .as_array()
            .unwrap()
            .contains(&json!(id))
        {
            return Seen::Live(Live {
                id,
                properties: Place {},
                attributes: Attributes::new(),
            });
        }
        Seen::Absent
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        Vec::new()
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        None
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("store", "DeletePlace").with("Id", id)]
    }

    fn blockers(&self, _me: &Identity, _id: &str, replies: &[Value]) -> Vec<Call> {
        match replies {
            [] => vec![
                Call::new("store", "DescribeThings"),
                Call::new("other", "DescribeThings"),
            ],
            [_, _] => vec![Call::new("store", "DescribeOwners")],
            _ => Vec::new(),
        }
    }

    fn blocking(&self, _me: &Identity, id: &str, replies: &[Value]) -> Vec<Blocker> {
        let gone = replies[2].is_null();
        let things = replies[0]["Things"].as_array().cloned().unwrap_or_default();
        things
            .iter()
            .filter(|thing| thing["On"].as_array().unwrap().contains(&json!(id)))
            .map(|thing| {
                let id = thing["Id"].as_str().unwrap().to_owned();
                let left = thing["Left"] == json!(true) && gone;
                Blocker {
                    what: "thing".to_owned(),
                    tags: serde_json::from_value(thing["Tags"].clone()).unwrap(),
                    remove: left
                        .then(|| Call::new("store", "DeleteThing").with("Id", &id))
                        .into_iter()
                        .collect(),
                    lingers_seconds: serde_json::from_value(thing["Lingers"].clone()).unwrap(),
                    holds_data: thing["Data"] == json!(true),
                    id,
                }
            })
            .collect()
    }
}

/// Something that is in the way.
#[derive(Debug, Clone, Default)]
pub struct Thing {
    pub on: Vec<&'static str>,
    /// Whether its owner left it behind.
    pub left: bool,
    pub tags: Tags,
    pub data: bool,
    pub lingers: u32,
    /// Seconds after which it is gone.
    pub until: Option<u64>,
    /// What keeps it from being removed.
    pub keeps: Option<(ErrorKind, &'static str)>,
}

#[derive(Default)]
pub struct Shop {
    pub places: Vec<&'static str>,
    pub things: BTreeMap<&'static str, Thing>,
    /// Whether a place with things on it can't be deleted.
    pub refuses: bool,
    /// Whether it can't be deleted in a while either.
    pub for_good: bool,
    /// Whether questions about things are answered.
    pub silent: bool,
    pub calls: Vec<String>,
}

#[derive(Clone)]
pub struct Store(Arc<Mutex<Shop>>, Instant);

impl Store {
    pub fn with<const N: usize>(things: [(&'static str, Thing); N]) -> Self {
        let shop = Shop {
            places: vec!["room-1", "shelf-1", "shelf-2"],
            things: BTreeMap::from(things),
            refuses: true,
            ..Shop::default()
        };
        Store(Arc::new(Mutex::new(shop)), Instant::now())
    }

    pub fn shop<T>(&self, look: impl FnOnce(&mut Shop) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn count(&self, call: &str) -> usize {
        self.shop(|shop| shop.calls.iter().filter(|one| one.contains(call)).count())
    }

    fn perform(&self, call: &Call) -> Result<Value, AwsError> {
        let passed = self.1.elapsed().as_secs();
        self.shop(|shop| {
            let id = call.params.get("Id").and_then(Value::as_str).unwrap_or_default();
            shop.calls.push(format!("{} {id}", call.action));
            shop.things.retain(|_, thing| thing.until.is_none_or(|until| passed < until));
            match (call.service, call.action) {
                ("store", "DescribePlaces") => Ok(json!({ "Places": shop.places })),
                ("store", "DescribeThings") if shop.silent => Err(AwsError::of(
                    call,
                    ErrorKind::Denied,
                    "AccessDenied",
                    "not for you",
                )),
                ("store", "DescribeThings") => {
                    let things: Vec<Value> = shop
                        .things
                        .iter()
                        .map(|(id, thing)| {
                            json!({ "Id": id, "On": thing.on, "Left": thing.left, "Tags": thing.tags, "Lingers": thing.lingers, "Data": thing.data })
                        })
                        .collect();
                    Ok(json!({ "Things": things }))
                }
                ("store", "DescribeOwners") => {
                    Err(AwsError::of(call, ErrorKind::Absent, "NotFound", "no owner"))
                }
                ("store", "DeletePlace") => {
                    if shop.refuses && shop.things.values().any(|thing| thing.on.contains(&id)) {
                        let message = format!("{id} has dependencies and cannot be deleted.");
                        let (kind, code) = match shop.for_good {
                            true => (ErrorKind::Invalid, "ValidationException"),
                            false => (ErrorKind::Dependency, "DependencyViolation"),
                        };
                        return Err(AwsError::of(call, kind, code, message));
                    }
                    shop.places.retain(|place| *place != id);
                    Ok(json!({}))
                }
                ("store", "DeleteThing") => match shop.things.get(id).and_then(|thing| thing.keeps) {
                    Some((kind, code)) => Err(AwsError::of(call, kind, code, "it is locked")),
                    None => {
                        shop.things.remove(id);
                        Ok(json!({}))
                    }
                },
                _ => Err(AwsError::of(call, ErrorKind::Invalid, "UnknownOperation", "no such service")),
            }
        })
    }
}

impl Aws for Store {
    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Value, AwsError>> {
        async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.perform(call)
        }
        .boxed()
    }
}
