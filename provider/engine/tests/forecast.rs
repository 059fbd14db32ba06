//! What AWS is asked about the changes of a plan, and what is made of its answers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform_engine::{Aws, AwsError, Engine, ErrorKind};
use platform_graph::{
    Attributes, Call, Disruption, Forecast, Graph, Identity, Kind, KindDef, Kinds, Limits, Live,
    Plan, Recorded, Records, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Something that AWS can be asked about before it is changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Cluster {
    size: Option<u32>,
    place: Option<String>,
    reckless: Option<bool>,
    #[serde(default)]
    tags: Tags,
}

impl Kind for Cluster {
    const TYPE: &'static str = "Test::Cluster";
    const TAGGED: bool = true;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        Vec::new()
    }

    fn read(&self, _me: &Identity, _replies: &[Value]) -> Seen<Self> {
        Seen::Absent
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        Vec::new()
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        None
    }

    fn forecast(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let update = Call::new("test", "UpdateCluster")
            .with("Id", &live.id)
            .with("Changed", changed);
        match changed {
            [] => Vec::new(),
            ["Reckless"] => vec![update],
            _ => vec![update.dry(), Call::new("test", "GetPlaces")],
        }
    }

    fn foretold(&self, _live: &Live<Self>, changed: &[&str], replies: &[Value]) -> Forecast {
        Forecast {
            disruption: replies[0]["Moves"].as_bool().map(|_| Disruption::None),
            says: format!("{} replies of {}", replies.len(), changed.join(", ")),
            ..Forecast::default()
        }
    }

    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        Vec::new()
    }

    fn disruption(property: &str) -> Disruption {
        match property {
            "Place" => Disruption::Failover,
            _ => Disruption::Rolling,
        }
    }
}

/// Answers by action, and remembers what it was asked.
#[derive(Default)]
struct Script {
    replies: BTreeMap<&'static str, Result<Value, ErrorKind>>,
    asked: Mutex<Vec<Call>>,
}

impl Aws for Script {
    fn call<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Value, AwsError>> {
        self.asked.lock().unwrap().push(call.clone());
        let reply = self.replies.get(call.action).cloned().unwrap();
        let reply = reply.map_err(|kind| AwsError::of(call, kind, "Code", "No."));
        async { reply }.boxed()
    }
}

/// The forecast of a cluster that is to become this one, where AWS answers so, and the calls that were sent.
async fn foresee(
    desired: Cluster,
    update: Result<Value, ErrorKind>,
    places: Result<Value, ErrorKind>,
) -> (Option<Forecast>, Vec<Call>) {
    let mut graph = Graph::new("platform_test/us-east-1/main".parse().unwrap(), Tags::new());
    graph.add("new", "is yet to be made", Cluster::default());
    graph.add("cluster", "is changed", desired);
    let record = Recorded {
        kind: "Test::Cluster".to_owned(),
        id: Some("c-1".to_owned()),
        properties:
            json!({ "Size": 1, "Place": "here", "Tags": graph.parts["cluster"].properties["Tags"] })
                .as_object()
                .cloned()
                .unwrap(),
        refs: BTreeMap::new(),
        attributes: Some(Attributes::new()),
    };
    let records = Records::from([("cluster".to_owned(), record)]);
    let kinds = Kinds::new([KindDef::of::<Cluster>()]);
    let plan = Plan::new(&kinds, &graph, &records, &Limits::default());
    let script = Arc::new(Script {
        replies: BTreeMap::from([("UpdateCluster", update), ("GetPlaces", places)]),
        asked: Mutex::default(),
    });
    let engine = Engine::new(script.clone(), kinds);
    let mut forecasts = engine.forecast(&graph, &records, &plan).await;
    let forecast = forecasts.remove("cluster");
    assert!(forecasts.is_empty(), "{forecasts:?}");
    let asked = script.asked.lock().unwrap().clone();
    (forecast, asked)
}

fn sized(size: u32, place: &str) -> Cluster {
    Cluster {
        size: Some(size),
        place: Some(place.to_owned()),
        ..Cluster::default()
    }
}

#[tokio::test(start_paused = true)]
async fn aws_is_asked_by_a_dry_run_and_knows_better() {
    let answered = (Ok(json!({ "Moves": false })), Ok(json!({})));
    let (forecast, asked) = foresee(sized(2, "here"), answered.0, answered.1).await;
    assert!(
        asked.iter().all(Call::is_read) && asked.len() == 2,
        "{asked:?}"
    );
    let expected = Forecast {
        disruption: Some(Disruption::None),
        says: "2 replies of Size".to_owned(),
        ..Forecast::default()
    };
    assert_eq!(forecast, Some(expected));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_of_what_stays() {
    let (forecast, asked) = foresee(sized(1, "here"), Ok(json!({})), Ok(json!({}))).await;
    assert_eq!((forecast, asked), (None, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn what_aws_refuses_and_what_it_does_not_tell_is_said() {
    let (forecast, _) = foresee(
        sized(2, "here"),
        Err(ErrorKind::Invalid),
        Err(ErrorKind::Denied),
    )
    .await;
    let forecast = forecast.unwrap();
    assert_eq!(forecast.refusals, ["No"]);
    assert_eq!(forecast.disruption, None, "what it usually is counts");
    assert_eq!(
        forecast.unasked,
        ["test:GetPlaces: Code: No. The credentials lack the permission test:GetPlaces"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_refers_to_something_new_counts_as_what_it_usually_is() {
    let new = sized(2, "${part:new}");
    let (forecast, asked) = foresee(new, Ok(json!({ "Moves": false })), Ok(json!({}))).await;
    assert_eq!(asked[0].params["Changed"], json!(["Size"]));
    let forecast = forecast.unwrap();
    assert_eq!(forecast.disruption, Some(Disruption::Failover));
    assert_eq!(forecast.unasked, ["Place refers to what is yet to be made"]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_would_change_something_is_never_sent() {
    let reckless = Cluster {
        reckless: Some(true),
        ..sized(1, "here")
    };
    let (forecast, asked) = foresee(reckless, Ok(json!({})), Ok(json!({}))).await;
    assert_eq!(asked, []);
    let unasked = forecast.unwrap().unasked;
    assert!(
        unasked[0].starts_with("UpdateCluster would change something"),
        "{unasked:?}"
    );
}
