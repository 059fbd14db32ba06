//! A secret is in the call that leaves, and nowhere else; what waits for its end is had back when it is wanted again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says where"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform_engine::{
    ApplyRequest, Aws, AwsError, Cancel, Engine, ErrorKind, Outcome, Progress, Vault, Watch,
};
use platform_graph::{
    Attributes, Call, Graph, Identity, Kind, KindDef, Kinds, Limits, Live, Owner, Plan, Recipe,
    Records, SecretMember, SecretSource, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const CANARY: &str = "canary-58d1";
/// The secret in Secrets Manager.
const KEPT: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf";

/// Something that is found by its name and holds a value that is never shown, only which one it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Note {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Which value it is to hold; what is above 100 is drawn, and what is above 200 is kept by Secrets Manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    #[serde(skip_serializing_if = "Tags::is_empty", default)]
    tags: Tags,
}

impl Kind for Note {
    const TYPE: &'static str = "Test::Vault::Note";
    const CREATE_ONLY: &'static [&'static str] = &["Name"];
    const TAGGED: bool = true;
    const STATEFUL: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        let name = me.id.clone().or_else(|| self.name.clone());
        vec![Call::new("vault", "DescribeNote").with("Name", name)]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let note = &replies[0];
        let Some(id) = note["Name"].as_str().map(str::to_owned) else {
            return Seen::Absent;
        };
        if note["Deleting"] == true {
            let tags: Tags = serde_json::from_value(note["Tags"].clone()).unwrap();
            return if me.id.is_none() && me.owns(&tags) {
                Seen::Deleting { id }
            } else {
                Seen::Absent
            };
        }
        Seen::Live(Live {
            id: id.clone(),
            properties: Note {
                name: Some(id),
                version: serde_json::from_value(note["Version"].clone()).unwrap(),
                tags: serde_json::from_value(note["Tags"].clone()).unwrap(),
            },
            attributes: Attributes::new(),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("vault", "CreateNote")
                .with("Name", &self.name)
                .with("Tags", &self.tags),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply["Name"].as_str().map(str::to_owned)
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, _changed: &[&str]) -> Vec<Call> {
        let source = match self.version {
            Some(version) if version > 200 => SecretSource::Kept {
                arn: KEPT.to_owned(),
                key: "password".to_owned(),
            },
            Some(version) if version > 100 => SecretSource::Drawn(Recipe {
                length: 24,
                classes: vec!["abcdefgh".to_owned(), "23456789".to_owned()],
                each: true,
                inside: None,
            }),
            _ => SecretSource::Given(format!("values_wo.{}", live.id)),
        };
        vec![
            Call::new("vault", "PutValue")
                .with("Name", &live.id)
                .with("Version", self.version)
                .secret(SecretMember {
                    member: "SecretString",
                    source,
                }),
        ]
    }

    fn restore(&self, _me: &Identity, id: &str) -> Vec<Call> {
        vec![Call::new("vault", "RestoreNote").with("Name", id)]
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("vault", "DeleteNote").with("Name", id)]
    }
}

#[derive(Default)]
struct Service {
    notes: BTreeMap<String, Value>,
    /// The changes that arrived, and what they carried.
    changes: Vec<String>,
    values: Vec<String>,
    /// What Secrets Manager keeps, and how often it was asked for.
    kept: Option<String>,
    asked: usize,
    /// How often Secrets Manager does not show it yet.
    lags: usize,
    /// How often a value is throttled before it is taken.
    throttles: usize,
    /// Whether a value is refused with a message that repeats it.
    gossips: bool,
}

#[derive(Clone, Default)]
struct Store(Arc<Mutex<Service>>);

impl Store {
    fn look<T>(&self, look: impl FnOnce(&mut Service) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    fn perform(&self, call: &Call) -> Result<Value, AwsError> {
        self.look(|service| {
            if call.action == "GetSecretValue" {
                assert_eq!(call.params["SecretId"], KEPT);
                service.asked += 1;
                if service.lags > 0 {
                    service.lags -= 1;
                    let said =
                        "can't find the specified secret value for staging label: AWSCURRENT";
                    return Err(AwsError::of(call, ErrorKind::Absent, "Absent", said));
                }
                return match &service.kept {
                    Some(text) => Ok(json!({ "ARN": KEPT, "SecretString": text })),
                    None => Err(AwsError::of(call, ErrorKind::Denied, "Denied", "no")),
                };
            }
            let name = call.params["Name"].as_str().unwrap().to_owned();
            if call.is_read() {
                return Ok(service.notes.get(&name).cloned().unwrap_or_default());
            }
            service.changes.push(format!("{} {name}", call.action));
            match call.action {
                "CreateNote" if service.notes.contains_key(&name) => Err(AwsError::of(
                    call,
                    ErrorKind::Invalid,
                    "InvalidRequest",
                    "a note with this name is scheduled for deletion",
                )),
                "CreateNote" => {
                    let note =
                        json!({ "Name": name, "Version": null, "Tags": call.params["Tags"] });
                    service.notes.insert(name, note.clone());
                    Ok(note)
                }
                "RestoreNote" => {
                    service.notes.get_mut(&name).unwrap()["Deleting"] = json!(false);
                    Ok(json!({}))
                }
                "PutValue" => {
                    let value = call.params["SecretString"].as_str().unwrap().to_owned();
                    service.values.push(value.clone());
                    if service.throttles > 0 {
                        service.throttles -= 1;
                        return Err(AwsError::of(
                            call,
                            ErrorKind::Throttled,
                            "Throttling",
                            "slower",
                        ));
                    }
                    if service.gossips {
                        let message = format!("{value} is not a value that is allowed");
                        return Err(AwsError::of(call, ErrorKind::Invalid, "Invalid", message));
                    }
                    service.notes.get_mut(&name).unwrap()["Version"] =
                        call.params["Version"].clone();
                    Ok(json!({}))
                }
                action => panic!("{action} is not expected"),
            }
        })
    }
}

impl Aws for Store {
    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Value, AwsError>> {
        async move { self.perform(call) }.boxed()
    }
}

fn note(name: &str, version: u32) -> Note {
    Note {
        name: Some(name.to_owned()),
        version: Some(version),
        tags: Tags::new(),
    }
}

fn graph(notes: &[(&str, u32)]) -> Graph {
    let owner: Owner = "platform_test/us-east-1/main".parse().unwrap();
    let mut graph = Graph::new(owner, Tags::new());
    for (name, version) in notes {
        graph.add(
            format!("note/{name}"),
            "keeps a value",
            note(name, *version),
        );
    }
    graph
}

/// How an apply ended, and everything that was said and kept meanwhile, as text.
async fn apply(store: &Store, graph: &Graph, given: &[(&str, &str)]) -> (Outcome, String) {
    let kinds = Kinds::new([KindDef::of::<Note>()]);
    let given = given
        .iter()
        .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
        .collect();
    let engine = Engine::new(Arc::new(store.clone()), kinds.clone()).holding(Vault::new(given));
    let said = Arc::new(Mutex::new(String::new()));
    let heard = said.clone();
    let watch = Watch::nobody().on_progress(move |progress: &Progress| {
        *heard.lock().unwrap() += &format!("{progress:?}");
    });
    let records = Records::new();
    let plan = Plan::new(&kinds, graph, &records, &Limits::default());
    let request = ApplyRequest {
        graph,
        records: &records,
        plan: &plan,
        cancel: Cancel::new(),
        watch,
    };
    let outcome = engine.apply(request).await;
    let said = said.lock().unwrap().clone();
    let text = format!("{outcome:?} {said} {plan:?}");
    (outcome, text)
}

#[tokio::test(start_paused = true)]
async fn a_value_reaches_aws_and_nobody_else() {
    let store = Store::default();
    let graph = graph(&[("given", 1), ("drawn", 101)]);
    let (outcome, text) = apply(&store, &graph, &[("values_wo.given", CANARY)]).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let values = store.look(|service| service.values.clone());
    assert_eq!(values.len(), 2);
    assert!(values.contains(&CANARY.to_owned()));
    for value in values {
        assert!(!text.contains(&value), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_sent_again_is_the_same() {
    let store = Store::default();
    store.look(|service| service.throttles = 2);
    let (outcome, _) = apply(&store, &graph(&[("drawn", 101)]), &[]).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let values = store.look(|service| service.values.clone());
    assert_eq!(values.len(), 3);
    assert!(values.iter().all(|value| *value == values[0]), "{values:?}");
}

#[tokio::test(start_paused = true)]
async fn what_aws_repeats_of_a_value_is_hidden() {
    let store = Store::default();
    store.look(|service| service.gossips = true);
    let graph = graph(&[("given", 1)]);
    let (outcome, text) = apply(&store, &graph, &[("values_wo.given", CANARY)]).await;
    let reason = &outcome.failures[0].reason;
    assert!(reason.contains("(secret) is not a value"), "{reason}");
    assert!(!text.contains(CANARY), "{text}");
}

fn keep(store: &Store, text: &str) {
    store.look(|service| service.kept = Some(text.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_kept_value_is_fetched_when_the_call_leaves_and_nobody_else_sees_it() {
    let store = Store::default();
    keep(
        &store,
        &json!({ "username": "app", "password": CANARY }).to_string(),
    );
    store.look(|service| {
        service.lags = 2;
        service.throttles = 1;
    });
    let graph = graph(&[("kept", 201)]);
    let (outcome, text) = apply(&store, &graph, &[]).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert!(!text.contains(CANARY), "{text}");
    store.look(|service| {
        assert_eq!(service.values, [CANARY, CANARY]);
        assert_eq!(service.asked, 3, "nothing was written before it was there");
    });
}

#[tokio::test(start_paused = true)]
async fn what_aws_repeats_of_a_kept_value_is_hidden() {
    let store = Store::default();
    keep(&store, &json!({ "password": CANARY }).to_string());
    store.look(|service| service.gossips = true);
    let (outcome, text) = apply(&store, &graph(&[("kept", 201)]), &[]).await;
    let reason = &outcome.failures[0].reason;
    assert!(reason.contains("(secret) is not a value"), "{reason}");
    assert!(!text.contains(CANARY), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_kept_value_that_cannot_be_had_stops_its_part() {
    for (text, said) in [
        (None, "lack the permission secretsmanager:GetSecretValue"),
        (
            Some(CANARY),
            "is no JSON object with a text under \"password\"",
        ),
    ] {
        let store = Store::default();
        store.look(|service| service.kept = text.map(str::to_owned));
        let (outcome, text) = apply(&store, &graph(&[("kept", 201)]), &[]).await;
        let reason = &outcome.failures[0].reason;
        assert!(reason.contains(said), "{reason}");
        assert!(!text.contains(CANARY), "{text}");
        assert!(store.look(|service| service.values.is_empty()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_missing_stops_its_part_alone() {
    let store = Store::default();
    let graph = graph(&[("given", 1), ("other", 2)]);
    let (outcome, _) = apply(&store, &graph, &[("values_wo.other", CANARY)]).await;
    assert_eq!(outcome.failures.len(), 1, "{outcome:?}");
    assert_eq!(outcome.failures[0].address, "note/given");
    let reason = &outcome.failures[0].reason;
    assert!(reason.contains("set values_wo.given"), "{reason}");
    assert_eq!(store.look(|service| service.values.clone()), [CANARY]);
}

/// A note that waits for its end, with these tags.
fn waiting(store: &Store, tags: Tags) {
    let note = json!({ "Name": "given", "Version": 1, "Tags": tags, "Deleting": true });
    store.look(|service| service.notes.insert("given".to_owned(), note));
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_end_is_had_back_with_what_it_held() {
    let graph = graph(&[("given", 1)]);
    let me = Identity {
        owner: "platform_test/us-east-1/main".parse().unwrap(),
        address: "note/given".to_owned(),
        id: None,
    };
    let store = Store::default();
    let mut tags = me.tags();
    tags.insert("Name".to_owned(), "main/note/given".to_owned());
    waiting(&store, tags);
    let (outcome, _) = apply(&store, &graph, &[]).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(
        store.look(|service| service.changes.clone()),
        ["RestoreNote given"],
        "neither is it made anew nor its value written again"
    );
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_end_and_is_of_others_is_not_taken() {
    let store = Store::default();
    waiting(
        &store,
        Tags::from([("team".to_owned(), "other".to_owned())]),
    );
    let (outcome, _) = apply(
        &store,
        &graph(&[("given", 1)]),
        &[("values_wo.given", CANARY)],
    )
    .await;
    assert_eq!(outcome.failures.len(), 1, "{outcome:?}");
    let reason = &outcome.failures[0].reason;
    assert!(reason.contains("is scheduled for deletion"), "{reason}");
    let changes = store.look(|service| service.changes.clone());
    assert_eq!(changes, ["CreateNote given"]);
}
