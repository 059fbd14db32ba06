//! Versions of search domains.

use super::*;

const OPENSEARCH: [&str; 5] = [
    "OpenSearch_2.9",
    "OpenSearch_3.1",
    "OpenSearch_2.19",
    "OpenSearch_1.3",
    "Elasticsearch_7.10",
];

/// The version that a domain is expanded with and what is said before it changes, where this is live.
fn search(
    arguments: Value,
    live: Option<&str>,
    kept: Option<&str>,
    answered: bool,
) -> (Option<String>, String) {
    let fields = json!({ "search": { "products": arguments } });
    let domains: Vec<Value> = live
        .iter()
        .map(|live| json!({ "DomainName": "shop-products", "EngineVersion": live }))
        .collect();
    let answers = [
        (
            "version/offers/opensearch",
            json!({ "Versions": OPENSEARCH }),
        ),
        ("live/domains/0", json!({ "DomainStatusList": domains })),
    ];
    let setting = asking(if answered { &answers } else { &[] });
    let kept = kept.map(|kept| ("search/products/version".to_owned(), kept.to_owned()));
    let spec = decoded(&fields);
    let mut problems = Problems::new();
    let ledger = Ledger(kept.into_iter().collect());
    let expansion = spec.expand(&setting, &ledger, &mut problems).unwrap();
    spec.preflight(&setting, &expansion, &|_| live.is_none(), &mut problems);
    let domain = expansion.graph.parts.get("search/products");
    let version = domain.and_then(|domain| domain.properties["EngineVersion"].as_str());
    (version.map(str::to_owned), lines(&problems))
}

#[test]
fn auto_of_domains() {
    for (live, kept, expected) in [
        (None, None, "OpenSearch_3.1"),
        (None, Some("2.19"), "OpenSearch_2.19"),
        (Some("OpenSearch_2.19"), Some("2.9"), "OpenSearch_2.9"),
        (Some("OpenSearch_3.1"), Some("2.19"), "OpenSearch_3.1"),
        (Some("OpenSearch_2.19"), None, "OpenSearch_2.19"),
        (Some("OpenSearch_1.3"), Some("2.19"), "OpenSearch_1.3"),
    ] {
        let auto = json!({ "version": "auto" });
        let (version, said) = search(auto, live, kept, true);
        assert_eq!(
            (version.as_deref(), said.as_str()),
            (Some(expected), ""),
            "{live:?} {kept:?}"
        );
    }
    let (version, said) = search(json!({ "version": "auto" }), None, None, false);
    assert_eq!(version, None);
    assert!(said.contains("es:ListVersions"), "{said}");
}

#[test]
fn what_is_said_before_a_domain_changes() {
    let mut all = String::new();
    let leave = json!({ "allow_major_upgrade": true });
    for (asked, more, live) in [
        ("2.19", json!({}), None),
        ("2.18", json!({}), None),
        ("2.19", json!({}), Some("OpenSearch_2.19")),
        ("2.9", json!({}), Some("OpenSearch_2.19")),
        ("2.19", json!({}), Some("OpenSearch_2.9")),
        ("2.19", leave.clone(), Some("OpenSearch_3.1")),
        ("3.1", json!({}), Some("OpenSearch_2.19")),
        ("3.1", leave.clone(), Some("OpenSearch_2.19")),
        ("1.3", json!({}), Some("Elasticsearch_7.10")),
        ("1.3", leave, Some("Elasticsearch_7.10")),
    ] {
        let mut arguments = more;
        arguments["version"] = json!(asked);
        let (_, said) = search(arguments.clone(), live, None, true);
        all.push_str(&format!("## {live:?} to {arguments}\n{said}"));
        // Without answers nothing is known.
        assert_eq!(search(arguments, live, None, false).1, "");
    }
    insta::assert_snapshot!(all);
}

#[test]
fn domains_are_asked_for_five_at_a_time() {
    let named: Value = (0..7).map(|n| (format!("s{n}"), json!({}))).collect();
    let spec = decoded(&json!({ "search": named }));
    let questions = spec.preflight_questions();
    let names: Vec<(String, usize)> = questions
        .iter()
        .filter_map(|question| {
            Some((
                question.key.to_string(),
                question.call.params.get("DomainNames")?.as_array()?.len(),
            ))
        })
        .collect();
    assert_eq!(
        names,
        [
            ("live/domains/0".to_owned(), 5),
            ("live/domains/1".to_owned(), 2)
        ]
    );
}
