//! Versions as policies: what is settled before the expansion, what is judged before a change, and in which order upgrades go.

mod caches;
mod search;

use platform_graph::{Limits, Operation, Plan};

use super::*;
use crate::Question;
use crate::testing::made;

/// What AWS offers of an engine, each version with those it can be upgraded to.
fn offers(engine: &str, versions: &[(&str, &[&str])]) -> Value {
    let versions: Vec<Value> = versions
        .iter()
        .map(|(version, targets)| {
            let targets: Vec<Value> = targets
                .iter()
                .map(|target| json!({ "Engine": engine, "EngineVersion": target }))
                .collect();
            json!({ "Engine": engine, "EngineVersion": version, "Status": "available", "ValidUpgradeTarget": targets })
        })
        .collect();
    json!({ "DBEngineVersions": versions })
}

fn instance(engine: &str, version: &str) -> Value {
    json!({ "DBInstances": [{ "DBInstanceIdentifier": "shop-orders", "Engine": engine, "EngineVersion": version }] })
}

fn cluster(name: &str, engine: &str, version: &str) -> Value {
    json!({ "DBClusters": [{ "DBClusterIdentifier": name, "Engine": engine, "EngineVersion": version }] })
}

fn asking(answers: &[(&str, Value)]) -> Setting {
    let mut setting = setting();
    let answers = answers.iter().cloned();
    setting
        .answers
        .extend(answers.map(|(key, answer)| (key.to_owned(), answer)));
    setting
}

fn decoded(fields: &Value) -> Box<dyn Expand> {
    CompositeDef::of::<DataTier>()
        .decode(with(fields.clone()))
        .unwrap()
}

/// The version with which a database is expanded, and what the ledger keeps of it.
fn settled(fields: Value, kept: Option<&str>, answers: &[(&str, Value)]) -> String {
    let (store, family) = match fields.get("documents") {
        Some(_) => ("documents/orders", "parameter-group"),
        None => ("postgres/orders", "parameters"),
    };
    let key = format!("{store}/version");
    let ledger = Ledger(
        kept.map(|kept| (key.clone(), kept.to_owned()))
            .into_iter()
            .collect(),
    );
    let mut problems = Problems::new();
    let expansion = decoded(&fields).expand(&asking(answers), &ledger, &mut problems);
    if problems.has_errors() {
        return lines(&problems);
    }
    let expansion = expansion.unwrap();
    assert_eq!(faults(&expansion), Vec::<String>::new());
    let parts = &expansion.graph.parts;
    let (_, parameters) = parts
        .iter()
        .find(|(address, _)| address.starts_with(&format!("{store}/{family}")))
        .unwrap();
    format!(
        "{} with {}, kept {:?}",
        parts[store].properties["EngineVersion"],
        parameters.properties["Family"],
        expansion.ledger.0.get(&key)
    )
}

#[test]
fn auto_is_what_is_live_or_kept_or_the_default() {
    let fields = json!({ "postgres": { "orders": { "version": "auto" } } });
    let default = (
        "version/default/postgres",
        offers("postgres", &[("17.6", &[])]),
    );
    let live = |version: &str| ("live/instances", instance("postgres", version));
    let settled =
        |kept: Option<&str>, answers: &[(&str, Value)]| settled(fields.clone(), kept, answers);
    let all = [
        settled(None, std::slice::from_ref(&default)),
        settled(Some("16"), std::slice::from_ref(&default)),
        settled(Some("16"), &[live("16.9")]),
        settled(Some("16"), &[live("18.1")]),
        settled(None, &[default, live("15.14")]),
        settled(None, &[]),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn auto_of_other_engines() {
    let documents = json!({ "documents": { "orders": { "version": "auto" } } });
    let aurora = json!({ "postgres": { "orders": { "version": "auto", "topology": "aurora" } } });
    let default = |engine: &str, version: &str| offers(engine, &[(version, &[])]);
    let live = cluster("shop-orders-docdb", "docdb", "5.0.0");
    let all = [
        settled(
            documents.clone(),
            None,
            &[("version/default/docdb", default("docdb", "8.0.0"))],
        ),
        settled(documents, Some("8.0"), &[("live/document-clusters", live)]),
        settled(
            aurora.clone(),
            None,
            &[(
                "version/default/aurora-postgresql",
                default("aurora-postgresql", "17.5"),
            )],
        ),
        // A cluster of another engine has the name.
        settled(
            aurora,
            Some("16"),
            &[(
                "live/clusters",
                cluster("shop-orders", "aurora-mysql", "8.0"),
            )],
        ),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_version_that_is_named_is_not_kept() {
    let fields = json!({ "postgres": { "orders": { "version": "17.4" } } });
    assert_eq!(
        settled(fields, Some("16"), &[]),
        "\"17.4\" with \"postgres17\", kept None"
    );
}

#[test]
fn every_question_is_asked_once_and_only_where_it_counts() {
    let asked = |fields: Value, kept: &[(&str, &str)]| {
        let ledger = Ledger(
            kept.iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        );
        let spec = decoded(&fields);
        let keys = |questions: Vec<Question>| -> Vec<String> {
            let keys = questions
                .into_iter()
                .map(|question| question.key.into_owned());
            keys.filter(|key| !key.starts_with("orderable/")).collect()
        };
        (
            keys(spec.questions(&ledger)),
            keys(spec.preflight_questions()),
        )
    };
    let named = json!({ "postgres": { "a": { "version": "17" }, "b": { "version": "16" } } });
    let auto = json!({ "postgres": { "a": { "version": "auto" }, "b": { "version": "auto" } } });
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    let live = || keys(&["live/instances"]);
    assert_eq!(
        asked(named, &[]),
        (vec![], keys(&["version/offers/postgres", "live/instances"]))
    );
    assert_eq!(
        asked(auto.clone(), &[]),
        (
            keys(&["version/default/postgres", "live/instances"]),
            live()
        )
    );
    let kept = [("postgres/a/version", "17"), ("postgres/b/version", "17")];
    assert_eq!(asked(auto, &kept), (live(), live()));
}

/// Everything that is said before a change of a database.
fn said(fields: &Value, creates: bool, answers: &[(&str, Value)]) -> String {
    let spec = decoded(fields);
    let setting = asking(answers);
    let mut problems = Problems::new();
    let expansion = spec
        .expand(&setting, &Ledger::default(), &mut problems)
        .unwrap();
    spec.preflight(&setting, &expansion, &|_| creates, &mut problems);
    lines(&problems)
}

#[test]
fn what_is_said_before_a_database_changes() {
    let postgres = offers(
        "postgres",
        &[
            ("16.9", &["16.10", "17.5", "17.6"]),
            ("16.10", &["17.6"]),
            ("17.4", &["17.5", "17.6"]),
            ("17.5", &["17.6"]),
            ("17.6", &[]),
        ],
    );
    let answers = |live: &str| {
        [
            ("version/offers/postgres", postgres.clone()),
            ("live/instances", instance("postgres", live)),
        ]
    };
    let mut all = String::new();
    for (asked, more, live) in [
        ("17", json!({}), "17.4"),
        ("17.4", json!({}), "17.6"),
        ("17.5", json!({}), "17.4"),
        (
            "17.5",
            json!({ "readers": { "reports": {} }, "password": "own" }),
            "17.4",
        ),
        (
            "17.5",
            json!({ "readers": { "reports": {} }, "password": "own", "apply_immediately": true }),
            "17.4",
        ),
        ("17.7", json!({}), "17.4"),
        ("16", json!({ "allow_major_upgrade": true }), "17.4"),
        ("17", json!({}), "16.9"),
        ("17", json!({ "allow_major_upgrade": true }), "16.9"),
        (
            "17",
            json!({ "allow_major_upgrade": true, "readers": { "reports": {} }, "password": "own" }),
            "16.9",
        ),
        (
            "17",
            json!({ "allow_major_upgrade": true, "upgrade": "blue_green", "password": "own" }),
            "16.9",
        ),
        (
            "17",
            json!({ "allow_major_upgrade": true, "upgrade": "blue_green", "password": "own",
                "parameters": { "rds.logical_replication": "1" } }),
            "16.9",
        ),
        (
            "17",
            json!({ "allow_major_upgrade": true, "upgrade": "blue_green", "password": "own",
                "parameters": { "rds.logical_replication": "1" }, "readers": { "reports": {} } }),
            "16.9",
        ),
        (
            "17.5",
            json!({ "upgrade": "blue_green", "password": "own" }),
            "17.4",
        ),
        (
            "17.5",
            json!({ "upgrade": "blue_green", "password": "own", "readers": { "reports": {} } }),
            "17.4",
        ),
        ("17.5", json!({ "allow_major_upgrade": true }), "16.10"),
        ("18", json!({ "allow_major_upgrade": true }), "17.6"),
    ] {
        let with: Vec<String> = more.as_object().unwrap().keys().cloned().collect();
        let mut store = more;
        store["version"] = json!(asked);
        let fields = json!({ "postgres": { "orders": store } });
        all.push_str(&format!(
            "## {live} to {asked} {with:?}\n{}",
            said(&fields, false, &answers(live))
        ));
        // Without answers nothing is known.
        assert_eq!(said(&fields, false, &[]), "");
    }
    for asked in ["17", "17.3", "19"] {
        let fields = json!({ "postgres": { "orders": { "version": asked } } });
        all.push_str(&format!(
            "## new {asked}\n{}",
            said(&fields, true, &answers("1"))
        ));
    }
    let restored =
        json!({ "postgres": { "orders": { "version": "19", "restore": { "snapshot": "s" } } } });
    assert_eq!(said(&restored, true, &answers("1")), "");
    let documents = |more: Value| {
        let mut store = more;
        store["version"] = json!("8.0");
        let fields = json!({ "documents": { "orders": store } });
        let live = cluster("shop-orders-docdb", "docdb", "5.0.0");
        said(&fields, false, &[("live/document-clusters", live)])
    };
    all.push_str("## documents\n");
    all.push_str(&documents(json!({})));
    all.push_str(&documents(json!({ "allow_major_upgrade": true })));
    insta::assert_snapshot!(all);
}

/// The order in which an instance and its replica are changed when they go from one version to another.
fn first_changed(sort: &str, upgrade: &str, from: &str, to: &str) -> String {
    let fields = |version: &str| json!({ sort: { "orders": { "version": version, "readers": { "reports": {} }, "password": "own", "allow_major_upgrade": true, "upgrade": upgrade } } });
    let kinds = platform_kinds::all();
    let records = made(&expand(fields(from)));
    let graph = expand(fields(to)).graph;
    let plan = Plan::new(&kinds, &graph, &records, &Limits::default());
    let operations = plan.operations(&kinds, &graph, &records);
    let make = |address: String| Operation::Make(address);
    let (source, replica) = (
        make(format!("{sort}/orders")),
        make(format!("{sort}/orders/reader/reports")),
    );
    match (
        operations[&source].contains(&replica),
        operations[&replica].contains(&source),
    ) {
        (true, false) => "replica".to_owned(),
        (false, true) => "source".to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn replicas_are_upgraded_first_where_aws_wants_it() {
    for (sort, from, to, first) in [
        ("postgres", "17.4", "17.6", "replica"),
        ("postgres", "16", "17", "source"),
        ("mysql", "8.0.42", "8.0.43", "replica"),
        ("mysql", "8.0", "8.4", "replica"),
    ] {
        for (upgrade, first) in [("in_place", first), ("blue_green", "source")] {
            assert_eq!(
                first_changed(sort, upgrade, from, to),
                first,
                "{sort} from {from} to {to}, {upgrade}"
            );
        }
    }
}
