//! What is around relational databases: proxies, endpoints, readers that come and go, options and events.

use super::*;

const ALARMS: &str = "arn:aws:sns:us-east-1:123456789012:on-call";

/// The parts of an expansion whose addresses hold one of these words.
fn parts(expansion: &Expansion, words: &[&str]) -> BTreeMap<String, Value> {
    let is_wanted = |address: &str| words.iter().any(|word| address.contains(word));
    let parts = expansion.graph.parts.iter();
    parts
        .filter(|(address, _)| is_wanted(address))
        .map(|(address, part)| (address.clone(), json!(part)))
        .collect()
}

#[test]
fn a_proxy_in_full() {
    let expansion = expand(json!({ "postgres": { "orders": { "version": "17", "proxy": {} } } }));
    let output = &expansion.outputs["postgres_endpoints"]["orders"]["proxy"];
    let shown = json!({ "parts": parts(&expansion, &["/proxy"]), "output": output });
    insta::assert_json_snapshot!("proxy_of_an_instance", shown);
}

#[test]
fn a_proxy_of_an_aurora_cluster_in_full() {
    let expansion = expand(json!({
        "alarms": { "topic_arn": ALARMS },
        "mysql": { "orders": {
            "version": "8.0", "topology": "aurora", "readers": { "a": {}, "reports": {} },
            "access_from": {},
            "proxy": {
                "authentication": "token", "idle_client_seconds": 600, "max_connections_percent": 80, "max_idle_connections_percent": 20,
                "borrow_timeout_seconds": 10, "session_pinning_filters": ["EXCLUDE_VARIABLE_SETS"], "init_query": "SET time_zone = '+00:00'",
                "reader_endpoint": true, "debug_logging": true, "access_from": { "cidrs": ["10.8.0.0/16"] },
                "users": { "app": { "secret_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:app-AbCdEf", "kms_key_arn": "arn:aws:kms:us-east-1:123456789012:key/k-2" } },
            },
            "endpoints": { "reports": { "members": ["reports"] }, "rest": { "excluded": ["reports", "instance"], "type": "any" }, "all": {} },
            "reader_scaling": { "max": 6, "connections": 500 },
            "events": {},
        } },
    }));
    let words = ["/proxy", "/endpoint/", "/scaling/", "/events/"];
    insta::assert_json_snapshot!("around_aurora", parts(&expansion, &words));
}

#[test]
fn tokens_all_the_way_need_no_secret() {
    let expansion = expand(
        json!({ "postgres": { "orders": { "version": "17", "proxy": { "authentication": "iam" } } } }),
    );
    let shown = parts(&expansion, &["/proxy/role"]);
    let proxy = &expansion.graph.parts["postgres/orders/proxy"].properties;
    assert_eq!(proxy["DefaultAuthScheme"], "IAM_AUTH");
    assert_eq!(proxy.get("Auth"), None);
    insta::assert_json_snapshot!("proxy_without_secrets", shown);
}

#[test]
fn everything_around_databases() {
    let expansion = expand(json!({
        "alarms": { "topic_arn": ALARMS },
        "postgres": {
            "one": { "version": "17", "password": "own", "readers": { "reports": {} }, "events": { "topic_arn": "arn:aws:sns:us-east-1:123456789012:other", "categories": ["failover", "creation"] } },
            "two": { "version": "17", "topology": "multi_az_cluster", "proxy": {}, "events": {} },
            "three": { "version": "16.6", "topology": "aurora_serverless", "reader_scaling": { "min": 2, "max": 4 }, "endpoints": { "any": { "type": "any" } } },
        },
        "mysql": {
            "four": { "version": "8.4", "password": "own", "readers": { "a": {} }, "options": { "MARIADB_AUDIT_PLUGIN": { "settings": { "SERVER_AUDIT_EVENTS": "CONNECT" } } } },
            "five": { "version": "8.0", "final_snapshot": false, "options": { "MARIADB_AUDIT_PLUGIN": {} } },
        },
    }));
    insta::assert_snapshot!("around_explained", explain(&expansion.graph));
    let words = ["/options/", "/events/"];
    insta::assert_json_snapshot!("options_and_events", parts(&expansion, &words));
    for database in ["mysql/four", "mysql/four/reader/a"] {
        let properties = &expansion.graph.parts[database].properties;
        assert_eq!(
            properties["OptionGroupName"],
            json!("${part:mysql/four/options/8.4}"),
            "{database}"
        );
    }
}

#[test]
fn what_is_around_a_database_touches_no_other_part() {
    let with = |more: Value| {
        let mut orders = json!({ "version": "16", "topology": "aurora" });
        for (name, value) in more.as_object().unwrap() {
            orders[name] = value.clone();
        }
        expand(json!({ "alarms": { "topic_arn": ALARMS }, "postgres": { "orders": orders } }))
    };
    let bare = with(json!({}));
    let full = with(json!({
        "proxy": { "reader_endpoint": true }, "endpoints": { "a": {} }, "reader_scaling": { "max": 3 }, "events": {},
    }));
    for (address, part) in &bare.graph.parts {
        assert_eq!(full.graph.parts.get(address), Some(part), "{address}");
    }
}

#[test]
fn what_is_said_about_wrong_surroundings() {
    let mut said = String::new();
    for (name, configuration) in [
        (
            "proxies",
            json!({ "postgres": {
                "a": { "version": "17", "proxy": { "reader_endpoint": true, "max_connections_percent": 50, "max_idle_connections_percent": 60, "session_pinning_filters": ["ALL"] } },
                "b": { "version": "17", "iam_authentication": false, "proxy": { "authentication": "iam", "users": { "App": { "secret_arn": "app" } }, "access_from": { "tiers": ["public"] } } },
                "c": { "version": "17", "topology": "multi_az_cluster", "proxy": { "authentication": "iam" } },
                "d": { "version": "17", "topology": "aurora_serverless", "capacity": { "min": 0 }, "readers": {}, "proxy": { "reader_endpoint": true } },
            } }),
        ),
        (
            "endpoints and readers",
            json!({ "postgres": {
                "a": { "version": "17", "endpoints": { "x": {} }, "reader_scaling": { "max": 3 } },
                "b": { "version": "17", "topology": "aurora", "readers": { "instance": {}, "r": {} }, "endpoints": { "X": { "members": ["s"], "excluded": ["r"] }, "none": { "members": [] } } },
                "c": { "version": "17", "topology": "aurora", "readers": { "a": {}, "b": {} }, "reader_scaling": { "max": 1, "cpu_percent": 50, "connections": 5 } },
            } }),
        ),
        (
            "options and events",
            json!({ "postgres": { "a": { "version": "17", "options": { "X": {} }, "events": {} } },
                "mysql": { "b": { "version": "8.0", "topology": "aurora", "options": { "X": {} }, "events": { "topic_arn": "topic", "categories": ["party"] } } } }),
        ),
    ] {
        said.push_str(&format!("## {name}\n{}\n", verdict(with(configuration))));
    }
    insta::assert_snapshot!(said);
}
