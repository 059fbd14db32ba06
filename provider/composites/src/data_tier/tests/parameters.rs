//! Names of parameters and options that AWS does not know, found before anything is made of them.

use super::*;

fn defaults(known: &[(&str, bool)]) -> Value {
    let parameters: Vec<Value> = known
        .iter()
        .map(|(name, modifiable)| json!({ "ParameterName": name, "IsModifiable": modifiable }))
        .collect();
    json!({ "EngineDefaults": { "Parameters": parameters } })
}

/// What is said of stores, given what AWS answers.
fn said(fields: &Value, answers: &[(&str, Value)]) -> String {
    let spec = CompositeDef::of::<DataTier>()
        .decode(with(fields.clone()))
        .unwrap();
    let mut setting = setting();
    for (key, answer) in answers {
        setting.answers.insert((*key).to_owned(), answer.clone());
    }
    let mut problems = Problems::new();
    let expansion = spec
        .expand(&setting, &Ledger::default(), &mut problems)
        .unwrap();
    spec.preflight(&setting, &expansion, &|_| true, &mut problems);
    lines(&problems)
}

fn stores() -> Value {
    json!({
        "postgres": {
            "orders": { "version": "17", "parameters": { "work-mem": "65536", "wal_level": "logical", "log_statement": "ddl" } },
            "users": { "version": "16", "topology": "aurora", "parameters": { "work_mem": "65536", "log_statment": "ddl" } },
            "carts": { "version": "16" },
        },
        "mysql": { "stock": { "version": "8.4", "options": {
            "MARIADB_AUDIT": {},
            "MEMCACHED": { "settings": { "CHUNK_SIZE": "1", "CHUNK": "2", "BACKLOG": "3" } },
        } } },
        "documents": { "profiles": { "parameters": { "ttl_monitoring": "disabled" } } },
        "caches": {
            "sessions": { "parameters": { "maxmemory_policy": "allkeys-lru", "maxmemory": "1", "timeout": "60" } },
            "pages": { "mode": "serverless" },
        },
    })
}

#[test]
fn aws_is_asked_for_the_names_of_each_family_in_use() {
    let asked = |fields: Value| -> Vec<String> {
        let spec = CompositeDef::of::<DataTier>().decode(with(fields)).unwrap();
        spec.preflight_questions()
            .into_iter()
            .filter(|question| {
                ["parameters/", "options/"]
                    .iter()
                    .any(|start| question.key.starts_with(start))
            })
            .map(|question| {
                assert!(!question.required);
                let call = question.call;
                let params = Value::from(call.params);
                format!("{} {} {} {params}", question.key, call.service, call.action)
            })
            .collect()
    };
    insta::assert_snapshot!(asked(stores()).join("\n"));
    let auto = json!({ "postgres": { "orders": { "version": "auto", "parameters": { "work_mem": "1" } } } });
    assert_eq!(asked(auto), Vec::<String>::new());
}

#[test]
fn names_that_aws_does_not_know_are_refused_with_those_that_are_written_alike() {
    let postgres = [
        ("work_mem", true),
        ("wal_level", false),
        ("log_statement", true),
    ];
    let option = json!({ "Name": "MEMCACHED", "OptionGroupOptionSettings": [
        { "SettingName": "CHUNK_SIZE", "IsModifiable": true }, { "SettingName": "BACKLOG", "IsModifiable": false },
    ] });
    let mut nodes = defaults(&[("maxmemory-policy", true), ("timeout", true)]);
    nodes["EngineDefaults"]["CacheNodeTypeSpecificParameters"] =
        json!([{ "ParameterName": "maxmemory", "IsModifiable": false }]);
    let answers = [
        ("parameters/instance/postgres17", defaults(&postgres)),
        (
            "parameters/cluster/aurora-postgresql16",
            defaults(&[("log_statement", true)]),
        ),
        (
            "parameters/instance/aurora-postgresql16",
            defaults(&[("work_mem", true)]),
        ),
        (
            "options/mysql/8.4",
            json!({ "OptionGroupOptions": [option, { "Name": "MARIADB_AUDIT_PLUGIN" }] }),
        ),
        (
            "parameters/documents/docdb5.0",
            defaults(&[("ttl_monitor", true)]),
        ),
        ("parameters/cache/valkey8", nodes),
    ];
    insta::assert_snapshot!(said(&stores(), &answers));

    let right = json!({
        "postgres": { "orders": { "version": "17", "parameters": { "WORK_MEM": "65536" } } },
        "caches": { "sessions": { "parameters": { "timeout": "60" } } },
    });
    assert_eq!(said(&right, &answers), "");
}

#[test]
fn what_aws_does_not_tell_is_not_judged() {
    assert_eq!(said(&stores(), &[]), "");
    let half = [
        (
            "parameters/instance/aurora-postgresql16",
            defaults(&[("work_mem", true)]),
        ),
        ("parameters/instance/postgres17", defaults(&[])),
        ("options/mysql/8.4", json!({ "OptionGroupOptions": [] })),
    ];
    assert_eq!(said(&stores(), &half), "");
}
