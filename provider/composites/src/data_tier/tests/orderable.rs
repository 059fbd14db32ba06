//! Classes of instances that AWS does not have, found before anything is made of them.

use super::*;

/// What AWS has of a class: version, storage, zones, whether with a standby and as a cluster.
type Offered<'a> = (&'a str, &'a str, &'a str, bool, bool);

fn options(offered: &[Offered<'_>]) -> Value {
    let options: Vec<Value> = offered
        .iter()
        .map(|(version, storage, zones, standby, cluster)| {
            let zones: Vec<Value> = zones
                .chars()
                .map(|zone| json!({ "Name": format!("us-east-1{zone}") }))
                .collect();
            json!({ "EngineVersion": version, "StorageType": storage, "AvailabilityZones": zones, "MultiAZCapable": standby,
                "SupportsClusters": cluster })
        })
        .collect();
    json!({ "OrderableDBInstanceOptions": options })
}

/// What is said of a store of which everything is yet to be created, or nothing where it has this class now.
fn said(fields: &Value, answers: &[(&str, Value)], live: Option<&str>) -> String {
    let spec = CompositeDef::of::<DataTier>()
        .decode(with(fields.clone()))
        .unwrap();
    let mut setting = setting();
    for (key, answer) in answers {
        setting.answers.insert((*key).to_owned(), answer.clone());
    }
    if let Some(live) = live {
        let instance = json!({ "DBInstanceIdentifier": "shop-orders", "DBInstanceClass": live });
        let answer = json!({ "DBInstances": [instance] });
        setting.answers.insert("live/instances".to_owned(), answer);
    }
    let mut problems = Problems::new();
    let expansion = spec
        .expand(&setting, &Ledger::default(), &mut problems)
        .unwrap();
    spec.preflight(&setting, &expansion, &|_| live.is_none(), &mut problems);
    lines(&problems)
}

const EVERYWHERE: &str = "abc";

#[test]
fn what_aws_has_is_asked_for_by_class() {
    let spec = CompositeDef::of::<DataTier>()
        .decode(with(json!({
            "postgres": {
                "orders": { "version": "17", "readers": { "reports": { "instance_class": "db.r8g.large" } }, "password": "own" },
                "users": { "version": "16" },
                "carts": { "version": "16", "topology": "aurora_serverless" },
            },
            "documents": { "profiles": {} },
        })))
        .unwrap();
    let asked: Vec<String> = spec
        .preflight_questions()
        .into_iter()
        .filter(|question| question.key.starts_with("orderable/"))
        .map(|question| format!("{} {}", question.call.service, question.key))
        .collect();
    assert_eq!(
        asked,
        [
            "rds orderable/aurora-postgresql/db.serverless",
            "rds orderable/postgres/db.r8g.large",
            "rds orderable/postgres/db.t4g.medium",
            "docdb orderable/docdb/db.r6g.large",
        ]
    );
}

#[test]
fn what_aws_does_not_have_is_refused() {
    let class = "orderable/postgres/db.t4g.medium";
    let all: Offered<'_> = ("17.6", "gp3", EVERYWHERE, true, false);
    let instance = |more: Value| {
        let mut store = more;
        store["version"] = store.get("version").cloned().unwrap_or(json!("17"));
        json!({ "postgres": { "orders": store } })
    };
    let mut text = String::new();
    for (what, fields, offered) in [
        ("all of it", instance(json!({})), vec![all]),
        ("nothing", instance(json!({})), vec![]),
        (
            "other versions",
            instance(json!({})),
            vec![
                ("9.6.24", "gp3", EVERYWHERE, true, false),
                ("16.9", "gp3", EVERYWHERE, true, false),
                ("16.10", "gp3", EVERYWHERE, true, false),
            ],
        ),
        (
            "another minor version",
            instance(json!({ "version": "17.5" })),
            vec![all],
        ),
        (
            "other storage",
            instance(json!({ "storage": { "type": "io2", "iops": 3000 } })),
            vec![all, ("17.6", "io1", EVERYWHERE, true, false)],
        ),
        (
            "no standby",
            instance(json!({})),
            vec![("17.6", "gp3", EVERYWHERE, false, false)],
        ),
        (
            "one zone",
            instance(json!({})),
            vec![("17.6", "gp3", "af", true, false)],
        ),
        (
            "one zone, which will do",
            instance(json!({ "topology": "single_instance" })),
            vec![("17.6", "gp3", "af", true, false)],
        ),
    ] {
        let said = said(&fields, &[(class, options(&offered))], None);
        text.push_str(&format!("## {what}\n{said}"));
    }
    let cluster =
        instance(json!({ "topology": "multi_az_cluster", "instance_class": "db.t4g.medium" }));
    text.push_str(&format!(
        "## no clusters\n{}",
        said(&cluster, &[(class, options(&[all]))], None)
    ));
    let aurora = instance(json!({ "topology": "aurora_serverless" }));
    let serverless = "orderable/aurora-postgresql/db.serverless";
    text.push_str(&format!(
        "## aurora\n{}",
        said(
            &aurora,
            &[(
                serverless,
                options(&[("16.8", "aurora", EVERYWHERE, false, false)])
            )],
            None
        )
    ));
    let mut without = options(&[all]);
    without["OrderableDBInstanceOptions"][0]["SupportsIAMDatabaseAuthentication"] = json!(false);
    text.push_str(&format!(
        "## no tokens of IAM\n{}",
        said(&instance(json!({})), &[(class, without.clone())], None)
    ));
    let passwords = instance(json!({ "iam_authentication": false }));
    assert_eq!(said(&passwords, &[(class, without)], None), "");
    let documents = json!({ "documents": { "profiles": { "version": "5.0" } } });
    text.push_str(&format!(
        "## documents\n{}",
        said(
            &documents,
            &[(
                "orderable/docdb/db.r6g.large",
                options(&[("5.0.0", "standard", "ab", false, false)])
            )],
            None
        )
    ));
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_live_keeps_its_class() {
    let fields = json!({ "postgres": { "orders": { "version": "17" } } });
    let gone = [(
        "orderable/postgres/db.t4g.medium",
        options(&[("15.1", "gp3", EVERYWHERE, true, false)]),
    )];
    assert_eq!(said(&fields, &gone, Some("db.t4g.medium")), "");
    let changed = said(&fields, &gone, Some("db.t4g.small"));
    assert!(
        changed.contains("postgres/orders can't have db.t4g.medium"),
        "{changed}"
    );
    assert_eq!(said(&fields, &[], None), "", "nothing is known");
}
