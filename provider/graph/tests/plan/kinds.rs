//! Kinds that do nothing, and what is recorded once a graph of them is applied.

use platform_graph::{
    Attributes, Call, Disruption, Graph, Identity, Kind, KindDef, Kinds, Live, Owner, Recorded,
    Records, Replacement, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

macro_rules! kind {
    ($name:ident { $($body:tt)* }) => {
        #[derive(Clone, Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "PascalCase")]
        pub struct $name {
            pub parent: Option<String>,
            pub uses: Option<Vec<String>>,
            pub size: Option<i64>,
            pub fixed: Option<String>,
            pub address: Option<String>,
            pub guarded: Option<bool>,
            pub tags: Option<Tags>,
        }
        impl Kind for $name {
            const TYPE: &'static str = concat!("Test::", stringify!($name));
            const CREATE_ONLY: &'static [&'static str] = &["Parent", "Fixed", "Address"];
            const UNORDERED: &'static [&'static str] = &["Uses"];
            const EXCLUSIVE: &'static [&'static str] = &["Address"];
            $($body)*
            fn find(&self, _: &Identity) -> Vec<Call> { vec![] }
            fn read(&self, _: &Identity, _: &[Value]) -> Seen<Self> { Seen::Absent }
            fn create(&self, _: &Identity) -> Vec<Call> { vec![] }
            fn created(&self, _: &Identity, _: &Value) -> Option<String> { None }
            fn delete(&self, _: &Identity, _: &str, _: &Attributes) -> Vec<Call> { vec![] }
            fn update(&self, _: &Identity, _: &Live<Self>, _: &[&str]) -> Vec<Call> { vec![] }
            fn disruption(property: &str) -> Disruption {
                if property == "Size" { Disruption::Failover } else { Disruption::None }
            }
            fn same(_: &str, live: &Value, desired: &Value) -> bool {
                live == desired || live.as_str().zip(desired.as_str()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
            }
        }
    };
}

kind! {
    First {
        const REPLACEMENT: Replacement = Replacement::CreateFirst;
        const TAGGED: bool = true;
        const VOLATILE: &'static [&'static str] = &["Arn"];
    }
}
kind! { Last { const REPLACEMENT: Replacement = Replacement::DeleteFirst; } }
kind! {
    Data {
        const STATEFUL: bool = true;
        const PROTECTED_BY: &'static str = "Guarded";
        const GONE_BEFORE: &'static [&'static str] = &["Parent"];
        fn holds_data(&self) -> bool { self.parent.is_none() }
    }
}

kind! { Keyed { const KEY: &'static [&'static str] = &["Parent", "Fixed"]; } }

pub fn kinds() -> Kinds {
    Kinds::new([
        KindDef::of::<Keyed>(),
        KindDef::of::<First>(),
        KindDef::of::<Last>(),
        KindDef::of::<Data>(),
    ])
}

pub fn graph() -> Graph {
    let owner: Owner = "platform_test/us-east-1/main".parse().unwrap();
    Graph::new(owner, Tags::new())
}

/// What is recorded once a graph is applied; ids are `id-<address>`.
pub fn applied(graph: &Graph) -> Records {
    let id = |address: &str| Value::String(format!("id-{address}"));
    let lookup = |address: &str, attribute: Option<&str>| match attribute {
        None => Some(id(address)),
        Some(name) => Some(Value::String(format!("{name}-of-{address}"))),
    };
    let record = |address: &String, part: &platform_graph::Part| Recorded {
        kind: part.kind.to_owned(),
        id: Some(format!("id-{address}")),
        properties: part
            .properties
            .iter()
            .map(|(name, value)| {
                (
                    name.clone(),
                    platform_graph::reference::resolve(value, &lookup),
                )
            })
            .collect(),
        refs: part.refs(),
        attributes: Some(Attributes::from_iter([(
            "Arn".to_owned(),
            Value::String(format!("Arn-of-{address}")),
        )])),
    };
    graph
        .parts
        .iter()
        .map(|(address, part)| (address.clone(), record(address, part)))
        .collect()
}
