//! A deep refresh: what it sees beyond a fast one, whose it says it is, and that it changes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says where"
)]

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform_engine::{Aws, AwsError, Engine, ErrorKind};
use platform_graph::{
    Attributes, Call, Graph, Identity, Kind, KindDef, Kinds, Limits, Live, Owner, Plan, Recorded,
    Records, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A table that rules are in, and that can have a policy.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Table {
    place: String,
    policy: Option<String>,
    block: Option<String>,
    #[serde(default)]
    tags: Tags,
}

/// A rule in a table, with tags where somebody gave it some.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rule {
    table: String,
    block: String,
    target: Option<String>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    tags: Tags,
}

fn tags(value: &Value) -> Tags {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

impl Kind for Table {
    const TYPE: &'static str = "Test::Table";
    const CREATE_ONLY: &'static [&'static str] = &["Place"];
    const ATTRIBUTES: &'static [&'static str] = &["Origin"];
    const LASTING: &'static [&'static str] = &["Origin"];
    const TAGGED: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        let id = me.id.clone().unwrap_or_default();
        vec![
            Call::new("test", "DescribeTables")
                .with("Ids", [id])
                .merging("/Ids"),
        ]
    }

    fn details(&self, _me: &Identity, _id: &str) -> Vec<Call> {
        vec![Call::new("test", "DescribeOrigin")]
    }

    fn details_again(&self, me: &Identity, id: &str, known: &Attributes) -> Vec<Call> {
        if known.contains_key("Origin") {
            Vec::new()
        } else {
            self.details(me, id)
        }
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let id = me.id.clone().unwrap_or_default();
        let Some(table) = replies.first().and_then(|reply| reply["Tables"].get(&id)) else {
            return Seen::Absent;
        };
        let text = |name: &str| table[name].as_str().map(str::to_owned);
        let origin = replies
            .get(1)
            .map(|reply| ("Origin".to_owned(), reply["Origin"].clone()));
        Seen::Live(Live {
            id,
            properties: Table {
                place: text("Place").unwrap_or_default(),
                policy: text("Policy").filter(|policy| self.policy.is_some() || policy != "open"),
                block: text("Block"),
                tags: tags(&table["Tags"]),
            },
            attributes: origin.into_iter().collect(),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        Vec::new()
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        None
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        Vec::new()
    }
}

impl Kind for Rule {
    const TYPE: &'static str = "Test::Rule";
    const CREATE_ONLY: &'static [&'static str] = &["Table", "Block"];
    const INSIDE: &'static [&'static str] = &["Test::Table"];

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("test", "DescribeTables")
                .with("Ids", [&self.table])
                .merging("/Ids"),
        ]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let own = Rule::residents("", &self.table, replies)
            .into_iter()
            .find(|rule| rule.properties.block == self.block);
        own.map_or(Seen::Absent, Seen::Live)
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        Vec::new()
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        None
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        Vec::new()
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        vec![
            Call::new("test", "DescribeTables")
                .with("Ids", [id])
                .merging("/Ids"),
        ]
    }

    fn residents(_parent: &str, id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        let rules = replies
            .first()
            .and_then(|reply| reply["Tables"][id]["Rules"].as_object());
        rules
            .into_iter()
            .flatten()
            .map(|(block, rule)| Live {
                id: format!("{id}|{block}"),
                properties: Rule {
                    table: id.to_owned(),
                    block: block.clone(),
                    target: rule["Target"].as_str().map(str::to_owned),
                    tags: tags(&rule["Tags"]),
                },
                attributes: Attributes::new(),
            })
            .collect()
    }
}

/// AWS as one document, with a list of what was asked.
#[derive(Clone)]
struct World {
    tables: Arc<Mutex<Value>>,
    asked: Arc<Mutex<Vec<&'static str>>>,
}

impl Aws for World {
    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Value, AwsError>> {
        async move {
            self.asked.lock().unwrap().push(call.action);
            let tables = self.tables.lock().unwrap().clone();
            if tables.is_null() {
                return Err(AwsError::of(
                    call,
                    ErrorKind::Denied,
                    "AccessDenied",
                    "says the test".to_owned(),
                ));
            }
            Ok(json!({ "Tables": tables, "Origin": "here" }))
        }
        .boxed()
    }
}

fn owner() -> Owner {
    "platform_test/us-east-1/main".parse().unwrap()
}

fn graph() -> Graph {
    let mut graph = Graph::new(owner(), Tags::new());
    let table = graph.add(
        "table",
        "routes",
        Table {
            place: "zone".to_owned(),
            policy: None,
            block: None,
            tags: Tags::new(),
        },
    );
    let rule = Rule {
        table: table.id(),
        block: "10.0.0.0/8".to_owned(),
        target: Some("igw-1".to_owned()),
        tags: Tags::new(),
    };
    graph.add("rule", "a route", rule);
    graph
}

/// The graph as it was made, and AWS as it then was.
fn made() -> (Records, Value) {
    let graph = graph();
    let tags = graph.parts["table"].properties["Tags"].clone();
    let record = |address: &str, id: &str, properties: Value, attributes: Value| -> Recorded {
        serde_json::from_value(json!({
            "type": graph.parts[address].kind, "id": id, "properties": properties, "refs": {}, "attributes": attributes,
        }))
        .unwrap()
    };
    let rule = json!({ "Table": "t-1", "Block": "10.0.0.0/8", "Target": "igw-1" });
    let records = Records::from([
        (
            "table".to_owned(),
            record(
                "table",
                "t-1",
                json!({ "Place": "zone", "Tags": tags }),
                json!({ "Origin": "here" }),
            ),
        ),
        (
            "rule".to_owned(),
            record("rule", "t-1|10.0.0.0/8", rule, json!({})),
        ),
    ]);
    let table = json!({ "Place": "zone", "Policy": "open", "Tags": tags, "Rules": { "10.0.0.0/8": { "Target": "igw-1" } } });
    (records, json!({ "t-1": table }))
}

fn engine(tables: Value) -> (World, Engine) {
    let world = World {
        tables: Arc::new(Mutex::new(tables)),
        asked: Arc::default(),
    };
    let kinds = Kinds::new([KindDef::of::<Table>(), KindDef::of::<Rule>()]);
    (world.clone(), Engine::new(Arc::new(world), kinds))
}

fn changed(records: &Records) -> Vec<String> {
    let kinds = Kinds::new([KindDef::of::<Table>(), KindDef::of::<Rule>()]);
    let plan = Plan::new(&kinds, &graph(), records, &Limits::default());
    let steps = plan
        .steps
        .iter()
        .filter(|(_, step)| step.action != platform_graph::Action::Keep);
    steps
        .map(|(address, step)| format!("{address}: {:?}", step.action))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_nobody_touched_looks_the_same_from_close_by() {
    let (records, tables) = made();
    let (world, engine) = engine(tables);
    let fast = engine.refresh(&owner(), &records).await;
    assert_eq!(
        *world.asked.lock().unwrap(),
        ["DescribeTables"],
        "a table and its rule in one call"
    );
    world.asked.lock().unwrap().clear();
    let deep = engine.refresh_deep(&owner(), &records).await;
    let mut asked = world.asked.lock().unwrap().clone();
    asked.sort_unstable();
    assert_eq!(
        asked,
        ["DescribeOrigin", "DescribeTables"],
        "what lasts is asked again, the inside costs nothing"
    );
    assert_eq!((&fast.records, &deep.records), (&records, &records));
    assert!(deep.foreign.is_empty(), "{:?}", deep.foreign);
}

#[tokio::test(start_paused = true)]
async fn a_property_that_nobody_asked_for_is_taken_back() {
    let (records, mut tables) = made();
    tables["t-1"]["Policy"] = json!("closed");
    let (_, engine) = engine(tables);
    let fast = engine.refresh(&owner(), &records).await;
    assert_eq!(changed(&fast.records), [""; 0]);
    let deep = engine.refresh_deep(&owner(), &records).await;
    assert_eq!(deep.records["table"].properties["Policy"], "closed");
    assert_eq!(
        changed(&deep.records),
        [r#"table: Update { changed: ["Policy"] }"#]
    );
}

#[tokio::test(start_paused = true)]
async fn what_others_put_inside_is_told_with_its_owner_and_planned_by_nobody() {
    let (records, mut tables) = made();
    tables["t-1"]["Rules"] = json!({
        "10.0.0.0/8": { "Target": "igw-1" },
        "10.9.0.0/16": { "Target": "pcx-1" },
        "10.8.0.0/16": { "Target": "tgw-1", "Tags": { "platform:owner": "platform_hybrid/us-east-1/office", "platform:address": "route/a" } },
        "10.7.0.0/16": { "Tags": { "aws:something": "of AWS" } },
        "10.6.0.0/16": { "Tags": { "aws:cloudformation:stack-name": "shop" } },
    });
    // A property that shows what a resident is belongs to the resident.
    tables["t-1"]["Block"] = json!("10.9.0.0/16");
    let (_, engine) = engine(tables);
    let deep = engine.refresh_deep(&owner(), &records).await;
    insta::assert_json_snapshot!(deep.foreign);
    assert_eq!(deep.records, records);
    assert_eq!(changed(&deep.records), [""; 0]);
    assert!(engine.refresh(&owner(), &records).await.foreign.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_inside_that_may_not_be_looked_at_is_said() {
    let (records, _) = made();
    let (_, engine) = engine(Value::Null);
    let deep = engine.refresh_deep(&owner(), &records).await;
    assert_eq!(deep.records, records, "what could not be seen is as it was");
    let said: Vec<String> = deep.problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(said.join("\n"));
}
