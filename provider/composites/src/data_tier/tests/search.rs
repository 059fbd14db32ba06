//! Search domains.

use std::time::{Duration, UNIX_EPOCH};

use platform_graph::{Disruption, Forecast, Limits, Plan, Recorded, Records, reference};

use super::*;
use crate::{Ledger, Question};

const ROLE: &str = "arn:aws:iam::123456789012:role/search-admin";

/// No logs at all.
fn off() -> Value {
    json!({ "errors": false, "slow_searches": false, "slow_indexing": false })
}

#[test]
fn a_search_domain_in_full() {
    let expansion = expand(json!({ "search": { "products": {} } }));
    let whole = json!({
        "parts": expansion.graph.parts,
        "ledger": expansion.ledger,
        "search_endpoints": expansion.outputs["search_endpoints"],
    });
    insta::assert_json_snapshot!("search", whole);
}

#[test]
fn everything_that_a_search_domain_can_have() {
    let expansion = expand(json!({
        "encryption": { "key_per_store": true },
        "alarms": { "topic_arn": "arn:aws:sns:us-east-1:123456789012:on-call" },
        "search": { "products": {
            "version": "3.1", "allow_major_upgrade": true, "instance_type": "r6g.large.search", "instances_per_zone": 2,
            "allowed_principals": ["arn:aws:iam::210987654321:role/reader"],
            "dedicated_masters": { "count": 5, "instance_type": "c6g.large.search" },
            "storage": { "size_gb": 200, "iops": 4000, "throughput_mibps": 250 },
            "warm": {}, "cold_storage": true,
            "fine_grained_access": { "master_role_arn": ROLE, "saml": { "entity_id": "https://idp.example.com", "metadata": "<x/>", "master_group": "admins" } },
            "custom_endpoint": { "name": "search.example.com", "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/c-1" },
            "logs": { "audit": true },
            "off_peak_window_start": "22:30", "automatic_updates": false,
            "advanced_options": { "indices.query.bool.max_clause_count": "2048" },
        } },
    }));
    insta::assert_snapshot!("search_explained", explain(&expansion.graph));
    let domain =
        serde_json::to_value(&expansion.graph.parts["search/products"].properties).unwrap();
    insta::assert_json_snapshot!("search_everything", domain);
}

#[test]
fn one_small_node_is_a_domain_too() {
    let expansion = expand(json!({ "search": { "products": {
        "zones": 1, "instance_type": "t3.small.search", "storage": { "size_gb": 10 },
    } } }));
    let properties = &expansion.graph.parts["search/products"].properties;
    assert_eq!(
        properties["ClusterConfig"],
        json!({
            "ColdStorageOptions": { "Enabled": false }, "DedicatedMasterEnabled": false, "InstanceCount": 1,
            "InstanceType": "t3.small.search", "MultiAZWithStandbyEnabled": false, "WarmEnabled": false, "ZoneAwarenessEnabled": false,
        })
    );
    assert_eq!(
        properties["AutoTuneOptions"],
        json!({ "DesiredState": "DISABLED" })
    );
    assert_eq!(properties["VPCOptions"]["SubnetIds"], json!(["subnet-d1"]));
}

#[test]
fn a_domain_stays_in_its_zones() {
    let configuration = |zones: &[&str], count: u32| {
        let mut network = network();
        network["subnet_ids"]["database"] = zones
            .iter()
            .map(|zone| ((*zone).to_owned(), json!(format!("subnet-{zone}"))))
            .collect();
        with(json!({ "network": network, "search": { "products": { "zones": count } } }))
    };
    let zones = |configuration: Value, ledger: &Ledger| {
        let spec = CompositeDef::of::<DataTier>()
            .decode(configuration)
            .unwrap();
        spec.expand(&setting(), ledger, &mut Problems::new())
            .unwrap()
    };
    let kept = |expansion: &Expansion| expansion.ledger.0["search/products/zones"].clone();
    let first = zones(configuration(&["b", "c"], 2), &Ledger::default());
    assert_eq!(kept(&first), "b,c");
    // Another zone that comes before those of the domain does not move it.
    let second = zones(configuration(&["a", "b", "c"], 2), &first.ledger);
    assert_eq!(kept(&second), "b,c");
    assert_eq!(second.graph, first.graph);
    assert_eq!(
        kept(&zones(configuration(&["a", "b", "c"], 3), &first.ledger)),
        "a,b,c"
    );
    assert_eq!(
        kept(&zones(configuration(&["a", "c"], 2), &first.ledger)),
        "a,c"
    );
}

#[test]
fn what_is_said_about_wrong_search_domains() {
    let mut said = String::new();
    for (name, tier, search) in [
        (
            "a name that is too long",
            "a-tier-with-a-long-name",
            json!({ "product-search": {} }),
        ),
        (
            "more zones than the network has",
            "shop",
            json!({ "products": { "tier": "pair" } }),
        ),
        (
            "standby, UltraWarm and tuning of small nodes",
            "shop",
            json!({ "products": { "instance_type": "t3.small.search", "standby": true, "warm": { "count": 4 }, "auto_tune": true } }),
        ),
        (
            "masters",
            "shop",
            json!({ "one": { "zones": 1, "dedicated_masters": { "count": 3 } }, "four": { "dedicated_masters": { "count": 4 } } }),
        ),
        (
            "cold storage without UltraWarm",
            "shop",
            json!({ "products": { "cold_storage": true } }),
        ),
        (
            "UltraWarm with standby",
            "shop",
            json!({ "products": { "warm": { "count": 4 } } }),
        ),
        (
            "logs",
            "shop",
            json!({ "products": { "logs": { "audit": true, "retention_days": 31 } } }),
        ),
        (
            "ARNs, versions and windows of the wrong form",
            "shop",
            json!({ "products": {
                "version": "OpenSearch_2.19", "off_peak_window_start": "24:00", "allowed_principals": ["root"],
                "fine_grained_access": { "master_role_arn": "admin" },
                "custom_endpoint": { "name": "search.example.com", "certificate_arn": "c-1" },
            } }),
        ),
    ] {
        let mut network = network();
        network["subnet_ids"]["pair"] = json!({ "use1-az1": "subnet-1", "use1-az2": "subnet-2" });
        let said_of = verdict(with(
            json!({ "name": tier, "network": network, "search": search }),
        ));
        said.push_str(&format!("## {name}\n{said_of}\n"));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_policy_for_which_there_is_no_room_is_told_before_anything_is_made() {
    let asked = json!({ "search": { "products": {}, "orders": { "logs": off() } } });
    let spec = CompositeDef::of::<DataTier>()
        .decode(with(asked.clone()))
        .unwrap();
    let questions: Vec<Question> = spec.preflight_questions();
    let question = questions
        .iter()
        .find(|question| question.call.action == "DescribeResourcePolicies")
        .unwrap();
    let expansion = expand(asked);
    let said = |answer: Option<Vec<&str>>, creates: bool| {
        let mut setting = setting();
        let answer = answer.map(|names| {
            let policies: Vec<Value> = names
                .iter()
                .map(|name| json!({ "policyName": name }))
                .collect();
            (
                question.key.clone().into_owned(),
                json!({ "resourcePolicies": policies }),
            )
        });
        setting.answers.extend(answer);
        let mut problems = Problems::new();
        spec.preflight(&setting, &expansion, &|_| creates, &mut problems);
        lines(&problems)
    };
    let ten = vec!["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    insta::assert_snapshot!(said(Some(ten.clone()), true));
    assert_eq!(said(Some(ten.clone()), false), "");
    assert_eq!(said(Some(ten[1..].to_vec()), true), "");
    let mut left = ten;
    left[0] = "shop-opensearch-logs";
    assert_eq!(said(Some(left), true), "", "an earlier run left it");
    assert_eq!(said(None, true), "", "nothing is known without an answer");
}

#[test]
fn domains_with_logs_share_one_policy_and_all_share_the_role() {
    let expansion = expand(
        json!({ "search": { "products": {}, "orders": { "logs": { "errors": false } }, "plain": { "logs": off() } } }),
    );
    let parts = &expansion.graph.parts;
    insta::assert_json_snapshot!("search_log_policy", parts["log-policy"].properties);
    let after = |domain: &str| parts[domain].after.iter().cloned().collect::<Vec<_>>();
    assert_eq!(
        after("search/orders"),
        ["log-policy", "service-role/opensearch"]
    );
    assert_eq!(after("search/plain"), ["service-role/opensearch"]);
    let none = expand(json!({ "search": { "plain": { "logs": off() } } }));
    assert!(!none.graph.parts.contains_key("log-policy"));
}

/// What a plan that makes domains larger says at noon UTC, where AWS foretells this of it.
fn weighed(forecast: &Forecast, arguments: &Value) -> String {
    let configuration = |size: u32| {
        let mut store = arguments.clone();
        store["storage"] = json!({ "size_gb": size });
        json!({ "search": { "products": store } })
    };
    let records: Records = expand(configuration(100))
        .graph
        .parts
        .into_iter()
        .map(|(address, part)| {
            let lookup = |address: &str, _: Option<&str>| Some(json!(address));
            let settled = |(name, value)| (name, reference::resolve(&value, &lookup));
            let record = Recorded {
                kind: part.kind.to_owned(),
                id: Some(address.clone()),
                refs: part.refs(),
                properties: part.properties.into_iter().map(settled).collect(),
                attributes: Some(serde_json::Map::from_iter([(
                    "Arn".to_owned(),
                    json!(address),
                )])),
            };
            (address, record)
        })
        .collect();
    let larger = expand(configuration(200));
    let mut plan = Plan::new(
        &platform_kinds::all(),
        &larger.graph,
        &records,
        &Limits::default(),
    );
    plan.foretell("search/products", forecast);
    let spec = CompositeDef::of::<DataTier>()
        .decode(with(configuration(200)))
        .unwrap();
    let noon = UNIX_EPOCH + Duration::from_secs(20_000 * 24 * 3600 + 12 * 3600);
    let mut problems = Problems::new();
    spec.weigh(&plan, noon, &mut problems);
    assert_eq!(
        spec.place("search/products/alarm/red"),
        ["search", "products"]
    );
    lines(&problems)
}

#[test]
fn a_blue_green_deployment_at_a_busy_time_is_refused() {
    let told = |disruption, says: &str| Forecast {
        disruption,
        says: says.to_owned(),
        ..Forecast::default()
    };
    let deployment = told(Some(Disruption::Rolling), "a blue/green deployment");
    let in_place = told(Some(Disruption::None), "in place");
    insta::assert_snapshot!(format!(
        "{}\n{}",
        weighed(&deployment, &json!({})),
        weighed(
            &told(None, ""),
            &json!({ "off_peak_window_start": "22:30" })
        )
    ));
    for (forecast, arguments) in [
        (&in_place, json!({})),
        (&deployment, json!({ "off_peak_window_start": "03:00" })),
        (&deployment, json!({ "change_outside_window": true })),
    ] {
        assert_eq!(
            weighed(forecast, &arguments),
            "",
            "{forecast:?} {arguments}"
        );
    }
}
