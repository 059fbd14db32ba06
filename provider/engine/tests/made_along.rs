//! What AWS makes along with a part and shows by lists of their own, which lag behind the part.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says where"
)]

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform_engine::{ApplyRequest, Aws, AwsError, Cancel, Engine, Options, Watch};
use platform_graph::{
    Attributes, Call, Graph, Identity, Kind, KindDef, Kinds, Limits, Live, Plan, Records, Seen,
    Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

/// A network with which AWS makes a group.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Network {
    block: String,
}

impl Kind for Network {
    const TYPE: &'static str = "Test::Network";
    const ATTRIBUTES: &'static [&'static str] = &["Group"];
    const LASTING: &'static [&'static str] = &["Group"];

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("test", "DescribeNetworks")]
    }

    fn details(&self, _me: &Identity, _id: &str) -> Vec<Call> {
        vec![Call::new("test", "DescribeGroups")]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let Some(block) = replies[0]["Block"].as_str() else {
            return Seen::Absent;
        };
        let group = replies.get(1).and_then(|reply| reply["Group"].as_str());
        Seen::Live(Live {
            id: "net-1".to_owned(),
            properties: Network {
                block: block.to_owned(),
            },
            attributes: group
                .map(|group| ("Group".to_owned(), json!(group)))
                .into_iter()
                .collect(),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("test", "CreateNetwork")]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        Some(reply["Id"].as_str()?.to_owned())
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("test", "DeleteNetwork")]
    }
}

/// AWS that shows the group a while after it made the network, or never.
struct World {
    made: std::sync::Mutex<Option<Instant>>,
    shown_after: Option<Duration>,
}

impl Aws for World {
    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Value, AwsError>> {
        let mut made = self.made.lock().unwrap();
        let reply = match (call.action, *made) {
            ("CreateNetwork", _) => {
                *made = Some(Instant::now());
                json!({ "Id": "net-1" })
            }
            ("DescribeNetworks", Some(_)) => json!({ "Block": "10.0.0.0/16" }),
            ("DescribeGroups", Some(at))
                if self.shown_after.is_some_and(|after| at.elapsed() >= after) =>
            {
                json!({ "Group": "group-1" })
            }
            _ => json!({}),
        };
        async move { Ok(reply) }.boxed()
    }
}

/// What is recorded of the network's attributes, and how long it took.
async fn create(shown_after: Option<Duration>) -> (Attributes, Duration) {
    let mut graph = Graph::new("platform_test/us-east-1/main".parse().unwrap(), Tags::new());
    let block = "10.0.0.0/16".to_owned();
    graph.add("network", "everything is in it", Network { block });
    let kinds = || Kinds::new([KindDef::of::<Network>()]);
    let records = Records::new();
    let plan = Plan::new(&kinds(), &graph, &records, &Limits::default());
    let world = World {
        made: std::sync::Mutex::new(None),
        shown_after,
    };
    let began = Instant::now();
    let outcome = Engine::new(Arc::new(world), kinds())
        .apply(ApplyRequest {
            graph: &graph,
            records: &records,
            plan: &plan,
            cancel: Cancel::new(),
            watch: Watch::nobody(),
        })
        .await;
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    let attributes = outcome.records["network"].attributes.clone().unwrap();
    (attributes, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn what_others_may_refer_to_is_waited_for_as_long_as_aws_may_lag() {
    let (attributes, _) = create(Some(Duration::from_secs(8))).await;
    assert_eq!(attributes["Group"], "group-1");

    let (attributes, took) = create(None).await;
    assert!(attributes.is_empty(), "and is no failure after that");
    let lag = Options::default().lag;
    assert!((lag..lag * 2).contains(&took), "{took:?}");
}
