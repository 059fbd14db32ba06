//! What AWS shows of a domain in its states, and what is made of it.

use platform_graph::{Attributes, Disruption, Kind, Live, Seen, Tags};
use serde_json::{Value, json};

use super::*;
use crate::testing::{me, property_names};

const ARN: &str = "arn:aws:es:us-east-1:123456789012:domain/shop-products";
const ROLE: &str = "arn:aws:iam::123456789012:role/search-admin";

/// A domain in a VPC as AWS describes it, with these members in place of its own.
fn described(members: &Value) -> Value {
    let mut item = json!({
        "DomainId": "123456789012/shop-products", "DomainName": "shop-products", "ARN": ARN, "Created": true, "Deleted": false,
        "Endpoints": { "vpc": "vpc-shop-products.us-east-1.es.amazonaws.com" }, "Processing": false, "UpgradeProcessing": false,
        "EngineVersion": "OpenSearch_2.19", "DomainProcessingStatus": "Active",
        "ClusterConfig": { "InstanceType": "m6g.large.search", "InstanceCount": 3, "DedicatedMasterEnabled": false,
            "ZoneAwarenessEnabled": true, "ZoneAwarenessConfig": { "AvailabilityZoneCount": 3 }, "WarmEnabled": false },
        "AccessPolicies": "", "IPAddressType": "ipv4",
        "AdvancedOptions": { "override_main_response_version": "false", "rest.action.multi.allow_explicit_index": "true",
            "indices.query.bool.max_clause_count": "1024" },
        "AdvancedSecurityOptions": { "Enabled": true, "InternalUserDatabaseEnabled": false, "AnonymousAuthEnabled": false },
        "AutoTuneOptions": { "State": "ENABLE_IN_PROGRESS", "UseOffPeakWindow": true },
    });
    for (name, value) in members.as_object().unwrap() {
        item[name] = value.clone();
    }
    json!({ "DomainStatus": item })
}

fn tags(pairs: &[(&str, &str)]) -> Value {
    let list: Vec<Value> = pairs
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    json!({ "TagList": list })
}

fn domain() -> Domain {
    Domain::known_by("shop-products")
}

fn live(asked: &Domain, replies: &[Value]) -> Live<Domain> {
    match asked.read(&me(None), replies) {
        Seen::Live(live) => live,
        seen => panic!("{seen:?}"),
    }
}

fn secured(role: &str) -> Domain {
    Domain {
        advanced_security_options: Some(AdvancedSecurityOptions {
            enabled: Some(true),
            master_user_options: Some(MasterUserOptions {
                master_user_arn: Some(role.to_owned()),
            }),
            ..AdvancedSecurityOptions::default()
        }),
        ..domain()
    }
}

#[test]
fn every_state_is_told_apart() {
    for (members, expected) in [
        (
            json!({ "DomainProcessingStatus": "Creating", "Processing": true, "Endpoints": null }),
            "Pending",
        ),
        (json!({ "Created": false }), "Pending"),
        // Before AWS had words for it: there is no endpoint yet.
        (
            json!({ "DomainProcessingStatus": null, "Processing": true, "Endpoints": null }),
            "Pending",
        ),
        (json!({}), "Live"),
        (
            json!({ "DomainProcessingStatus": "Deleting", "Processing": true }),
            "Deleting",
        ),
        (json!({ "Deleted": true }), "Deleting"),
        (json!({ "DomainProcessingStatus": "Isolated" }), "Failed"),
    ] {
        let seen = format!("{:?}", domain().read(&me(None), &[described(&members)]));
        assert!(seen.starts_with(expected), "{members}: {seen}");
    }
    assert_eq!(domain().read(&me(None), &[Value::Null]), Seen::Absent);
}

#[test]
fn a_domain_at_work_is_pending_only_while_it_is_not_as_asked_for() {
    let asked = |count| Domain {
        cluster_config: Some(ClusterConfig {
            instance_count: Some(count),
            ..ClusterConfig::default()
        }),
        ..domain()
    };
    for (count, members, expected) in [
        (
            3,
            json!({ "Processing": true, "DomainProcessingStatus": "UpdatingServiceSoftware" }),
            "Live",
        ),
        (
            6,
            json!({ "Processing": true, "DomainProcessingStatus": "Modifying" }),
            "Pending",
        ),
        (6, json!({}), "Live"),
    ] {
        let replies = [described(&members), tags(&[])];
        let seen = format!("{:?}", asked(count).read(&me(None), &replies));
        assert!(seen.starts_with(expected), "{count} {members}: {seen}");
    }
    // The ARN is needed before the tags can be asked for.
    let working = described(&json!({ "Processing": true }));
    assert_eq!(live(&asked(6), &[working]).attributes["Arn"], ARN);
}

#[test]
fn what_nobody_asked_for_is_not_shown() {
    let seen = live(
        &domain(),
        &[described(&json!({})), tags(&[("team", "shop")])],
    );
    assert_eq!(property_names(&seen.properties), ["DomainName", "Tags"]);
    assert_eq!(seen.properties.tags["team"], "shop");
}

#[test]
fn the_master_user_is_told_by_a_tag() {
    let replies = |master| {
        [
            described(&json!({})),
            tags(&[("platform:master-user", master)]),
        ]
    };
    let same = live(&secured(ROLE), &replies(ROLE)).properties;
    assert!(same.tags.is_empty());
    let value =
        |domain: &Domain| serde_json::to_value(domain).unwrap()["AdvancedSecurityOptions"].clone();
    assert!(Domain::same(
        "AdvancedSecurityOptions",
        &value(&same),
        &value(&secured(ROLE))
    ));

    let other = live(
        &secured(ROLE),
        &replies("arn:aws:iam::123456789012:role/old"),
    );
    assert!(!Domain::same(
        "AdvancedSecurityOptions",
        &value(&other.properties),
        &value(&secured(ROLE))
    ));
    let calls = secured(ROLE).update(&me(None), &other, &["AdvancedSecurityOptions"]);
    let actions: Vec<&str> = calls.iter().map(|call| call.action).collect();
    assert_eq!(actions, ["UpdateDomainConfig", "AddTags"]);
    assert_eq!(
        calls[1].params["TagList"],
        json!([{ "Key": "platform:master-user", "Value": ROLE }])
    );

    let created = &secured(ROLE).create(&me(None))[0];
    assert_eq!(
        created.params["TagList"],
        json!([{ "Key": "platform:master-user", "Value": ROLE }])
    );
}

#[test]
fn saml_waits_until_the_domain_is_there() {
    let mut asked = secured(ROLE);
    let security = asked.advanced_security_options.as_mut().unwrap();
    security.saml_options = Some(SamlOptions {
        enabled: Some(true),
        master_backend_role: Some("admins".into()),
        ..SamlOptions::default()
    });
    let created = &asked.create(&me(None))[0];
    assert_eq!(
        created.params["AdvancedSecurityOptions"].get("SAMLOptions"),
        None
    );
    let seen = live(
        &asked,
        &[
            described(&json!({})),
            tags(&[("platform:master-user", ROLE)]),
        ],
    );
    let calls = asked.update(&me(None), &seen, &["AdvancedSecurityOptions"]);
    assert_eq!(
        calls[1].params["TagList"],
        json!([{ "Key": "platform:saml-master-backend-role", "Value": "admins" }])
    );
}

#[test]
fn a_newer_minor_version_will_do() {
    for (live, desired, met) in [
        ("OpenSearch_2.19", "OpenSearch_2.19", true),
        ("OpenSearch_2.19", "OpenSearch_2.9", true),
        ("OpenSearch_2.9", "OpenSearch_2.19", false),
        ("OpenSearch_3.1", "OpenSearch_2.19", false),
        ("OpenSearch_1.3", "Elasticsearch_7.10", true),
        ("Elasticsearch_7.10", "OpenSearch_1.3", false),
    ] {
        assert_eq!(
            Domain::same("EngineVersion", &json!(live), &json!(desired)),
            met,
            "{live} for {desired}"
        );
    }
}

#[test]
fn an_upgrade_is_sent_alone() {
    let asked = Domain {
        engine_version: Some("OpenSearch_3.1".into()),
        ..secured(ROLE)
    };
    let seen = live(&asked, &[described(&json!({})), tags(&[])]);
    let calls = asked.update(
        &me(None),
        &seen,
        &["AdvancedSecurityOptions", "EngineVersion"],
    );
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].action, "UpgradeDomain");
    assert_eq!(calls[0].params["TargetVersion"], "OpenSearch_3.1");
}

#[test]
fn logs_that_are_not_asked_for_are_switched_off() {
    let log = |arn: &str, on| json!({ "CloudWatchLogsLogGroupArn": arn, "Enabled": on });
    let shown = json!({ "LogPublishingOptions": {
        "ES_APPLICATION_LOGS": log("arn:aws:logs:us-east-1:1:log-group:errors", true), "AUDIT_LOGS": log("arn:audit", false),
    } });
    let none = live(&domain(), &[described(&shown), tags(&[])]);
    assert_eq!(
        none.properties
            .log_publishing_options
            .as_ref()
            .unwrap()
            .len(),
        1,
        "AUDIT_LOGS is off"
    );
    let calls = domain().update(&me(None), &none, &["LogPublishingOptions"]);
    assert_eq!(
        calls[0].params["LogPublishingOptions"],
        json!({ "ES_APPLICATION_LOGS": { "Enabled": false } })
    );
    let asked = Domain {
        log_publishing_options: serde_json::from_value(json!({
            "ES_APPLICATION_LOGS": log("arn:aws:logs:us-east-1:1:log-group:errors:*", true),
        }))
        .unwrap(),
        ..domain()
    };
    let seen = live(&asked, &[described(&shown), tags(&[])]).properties;
    let value = |domain: &Domain| serde_json::to_value(&domain.log_publishing_options).unwrap();
    assert!(Domain::same(
        "LogPublishingOptions",
        &value(&seen),
        &value(&asked)
    ));
    assert_eq!(
        asked.create(&me(None))[0].params["LogPublishingOptions"]["ES_APPLICATION_LOGS"]["CloudWatchLogsLogGroupArn"],
        "arn:aws:logs:us-east-1:1:log-group:errors"
    );
}

#[test]
fn advanced_options_go_back_to_what_aws_gives_them() {
    let shown = json!({ "AdvancedOptions": { "indices.query.bool.max_clause_count": "2048", "override_main_response_version": "false" } });
    let seen = live(&domain(), &[described(&shown), tags(&[])]);
    let calls = domain().update(&me(None), &seen, &["AdvancedOptions"]);
    assert_eq!(
        calls[0].params["AdvancedOptions"],
        json!({ "indices.query.bool.max_clause_count": "1024" })
    );
}

#[test]
fn tuning_is_asked_for_by_one_word_and_shown_by_others() {
    let asked = Domain {
        auto_tune_options: Some(AutoTuneOptions::default()),
        ..domain()
    };
    for (state, desired) in [
        ("ENABLED", "ENABLED"),
        ("ENABLE_IN_PROGRESS", "ENABLED"),
        ("DISABLED", "DISABLED"),
        ("DISABLED_AND_ROLLBACK_COMPLETE", "DISABLED"),
        ("ERROR", "ERROR"),
    ] {
        let replies = [
            described(&json!({ "AutoTuneOptions": { "State": state } })),
            tags(&[]),
        ];
        let seen = live(&asked, &replies).properties.auto_tune_options.unwrap();
        assert_eq!(seen.desired_state.as_deref(), Some(desired));
    }
}

#[test]
fn tags_are_set_and_taken_away_by_arn() {
    let seen = Live {
        id: "shop-products".into(),
        properties: domain(),
        attributes: Attributes::from_iter([("Arn".to_owned(), json!(ARN))]),
    };
    let calls = Domain::retag(
        &seen,
        &Tags::from([("a".into(), "b".into())]),
        &["old".into()],
    );
    assert_eq!(calls[0].params["ARN"], ARN);
    assert_eq!(calls[1].params["TagKeys"], json!(["old"]));
}

#[test]
fn a_dry_run_asks_for_the_very_change_and_changes_nothing() {
    let mut asked = secured(ROLE);
    asked.ebs_options = Some(EbsOptions {
        volume_size: Some(200),
        ..EbsOptions::default()
    });
    asked.engine_version = Some("OpenSearch_3.1".into());
    let seen = live(&asked, &[described(&json!({})), tags(&[])]);
    let changed = ["AdvancedSecurityOptions", "EBSOptions", "EngineVersion"];
    let calls = asked.forecast(&me(None), &seen, &changed);
    assert!(calls.iter().all(platform_graph::Call::is_read), "{calls:?}");
    let mut dry = calls[0].params.clone();
    assert_eq!(dry.remove("DryRun"), Some(json!(true)));
    assert_eq!(dry.remove("DryRunMode"), Some(json!("Basic")));
    let update = &asked.update(&me(None), &seen, &changed[..2])[0];
    assert_eq!(
        (calls[0].action, &dry),
        (update.action, &update.params),
        "the dry run of another change says nothing"
    );
    assert_eq!(calls[1].action, "GetCompatibleVersions");
    assert_eq!(asked.forecast(&me(None), &seen, &[]), []);
}

#[test]
fn what_aws_foretells_of_a_change() {
    let live = Live {
        id: "shop-products".to_owned(),
        properties: Domain {
            engine_version: Some("OpenSearch_2.5".into()),
            ..domain()
        },
        attributes: Attributes::new(),
    };
    let asked = Domain {
        ebs_options: Some(EbsOptions::default()),
        engine_version: Some("OpenSearch_3.1".into()),
        ..domain()
    };
    let deployed =
        |kind: &str| json!({ "DryRunResults": { "DeploymentType": kind, "Message": "." } });
    let failed = json!({
        "DryRunResults": { "DeploymentType": "Blue/Green" },
        "DryRunProgressStatus": { "ValidationFailures": [{ "Code": "RedCluster", "Message": "The cluster is red." }] },
    });
    let versions = |targets: &[&str]| json!({ "CompatibleVersions": [{ "SourceVersion": "OpenSearch_2.5", "TargetVersions": targets }] });
    let mut said = String::new();
    for (changed, replies) in [
        (&["EBSOptions"][..], vec![deployed("Blue/Green")]),
        (&["EBSOptions"], vec![deployed("DynamicUpdate")]),
        (&["EBSOptions"], vec![deployed("None")]),
        (&["EBSOptions"], vec![deployed("Undetermined")]),
        (&["EBSOptions"], vec![deployed("Sideways")]),
        (&["EBSOptions"], vec![Value::Null]),
        (&["EBSOptions"], vec![failed]),
        (
            &["EngineVersion"],
            vec![versions(&["OpenSearch_2.7", "OpenSearch_3.1"])],
        ),
        (&["EngineVersion"], vec![versions(&["OpenSearch_2.7"])]),
        (&["EngineVersion"], vec![Value::Null]),
        (
            &["EBSOptions", "EngineVersion"],
            vec![deployed("DynamicUpdate"), versions(&[])],
        ),
    ] {
        let forecast = asked.foretold(&live, changed, &replies);
        said.push_str(&format!("{changed:?} {}\n  {forecast:?}\n", json!(replies)));
    }
    insta::assert_snapshot!(said);
    // Of a way back, which there is not, nothing is asked: the plan refuses it.
    let newer = Live {
        properties: Domain {
            engine_version: Some("OpenSearch_3.3".into()),
            ..domain()
        },
        ..live.clone()
    };
    assert_eq!(asked.forecast(&me(None), &newer, &["EngineVersion"]), []);
    assert_eq!(
        asked
            .foretold(&live, &["EBSOptions"], &[deployed("Blue/Green")])
            .disruption,
        Some(Disruption::Rolling)
    );
}

#[test]
fn service_software_is_the_business_of_aws() {
    let software = |status: &str, version: &str| {
        json!({ "ServiceSoftwareOptions": { "CurrentVersion": version, "NewVersion": "R20261101", "UpdateAvailable": true,
            "UpdateStatus": status, "AutomatedUpdateDate": 0 } })
    };
    let asked = Domain {
        software_update_options: Some(SoftwareUpdateOptions {
            auto_software_update_enabled: Some(true),
        }),
        ..domain()
    };
    let seen = |status: &str, version: &str| {
        let mut members = software(status, version);
        members["SoftwareUpdateOptions"] = json!({ "AutoSoftwareUpdateEnabled": true });
        members["Processing"] = json!(status == "IN_PROGRESS");
        members["DomainProcessingStatus"] = json!("UpdatingServiceSoftware");
        live(&asked, &[described(&members), tags(&[])])
    };
    let before = seen("ELIGIBLE", "R20260901");
    for (status, version) in [
        ("PENDING_UPDATE", "R20260901"),
        ("IN_PROGRESS", "R20260901"),
        ("COMPLETED", "R20261101"),
    ] {
        assert_eq!(seen(status, version), before, "{status}");
    }
}
