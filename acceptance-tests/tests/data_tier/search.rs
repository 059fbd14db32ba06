//! Search domains on moto.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use acceptance_tests::{Outcome, REGION, Stage, ensure, http};
use serde_json::{Value, json};

use crate::configuration::{DATA_TIER, changed, expect_refusal, settle_in_turn, with};

const DOMAIN: &str = "/2021-01-01/opensearch/domain/shop-products";
const ROLE: &str = "arn:aws:iam::123456789012:role/search-admin";

/// A data tier with one search domain in two zones with these arguments.
fn products(arguments: &str) -> String {
    tier(arguments, "")
}

/// The same with further arguments of the tier.
fn tier(arguments: &str, further: &str) -> String {
    with(&format!(
        "  search = {{\n    products = {{\n      zones = 2\n{arguments}\n    }}\n  }}\n{further}"
    ))
}

/// Somebody with credentials and no Terraform.
fn hand(stage: &Stage, method: &str, path: &str, body: &Value) -> Outcome<Value> {
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/es/aws4_request, SignedHeaders=host, Signature=none"
    );
    let headers = [
        ("authorization", scope.as_str()),
        ("content-type", "application/json"),
    ];
    let reply = http::send(
        stage.emulator.address(),
        method,
        path,
        &headers,
        body.to_string(),
    )?;
    ensure!(
        reply.status == 200,
        "{method} {path} answers {}: {}",
        reply.status,
        reply.body
    );
    Ok(serde_json::from_str(&reply.body).unwrap_or(Value::Null))
}

fn described(stage: &Stage) -> Outcome<Value> {
    Ok(hand(stage, "GET", DOMAIN, &Value::Null)?["DomainStatus"].take())
}

#[test]
fn created_changed_and_destroyed() -> Outcome<()> {
    let stage = Stage::new()?;
    settle_in_turn(
        &stage,
        &[
            &products(""),
            &tier(
                r#"
      version                 = "3.1"
      allow_major_upgrade     = true
      change_outside_window   = true
      instance_type           = "r6g.large.search"
      instances_per_zone      = 2
      dedicated_masters       = { enabled = true }
      storage                 = { size_gb = 200, iops = 4000, throughput_mibps = 250 }
      warm                    = { count = 2 }
      cold_storage            = true
      allowed_principals      = ["arn:aws:iam::210987654321:role/reader"]
      fine_grained_access     = { master_role_arn = "arn:aws:iam::123456789012:role/search-admin" }
      custom_endpoint         = {
        name            = "search.example.com"
        certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/c-1"
      }
      logs                    = { errors = false, slow_indexing = false, retention_days = 7 }
      off_peak_window_start   = "22:30"
      automatic_updates       = false
      advanced_options        = { "indices.query.bool.max_clause_count" = "2048" }"#,
                r#"  tags         = { team = "shop" }
  alarms       = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }
  allow_delete = ["search/products/logs/errors", "search/products/logs/slow-indexing"]"#,
            ),
            &tier(
                r#"
      version               = "3.1"
      change_outside_window = true
      logs                  = { errors = false, slow_searches = false, slow_indexing = false }
      fine_grained_access   = {
        master_role_arn = "arn:aws:iam::123456789012:role/other-admin"
        saml            = { entity_id = "https://idp.example.com", metadata = "<x/>", master_group = "admins" }
      }"#,
                r#"  allow_delete = ["search/products/logs/slow-searches"]"#,
            ),
        ],
    )?;
    let state = stage.terraform.state_of(DATA_TIER)?;
    let output = &state["search_endpoints"]["products"];
    ensure!(
        output["dashboards_endpoint"]
            == "https://shop-products.us-east-1.es.amazonaws.com/_dashboards",
        "{output}"
    );
    expect_refusal(
        &stage,
        &with(""),
        &["search/products would be deleted", "allow_delete"],
    )?;
    expect_refusal(
        &stage,
        &tier(
            "version = \"3.1\"",
            "  encryption = { key_per_store = true }",
        ),
        &["search/products would be replaced", "allow_replace"],
    )?;
    settle_in_turn(&stage, &[&with("  allow_delete = [\"search/products\"]")])?;
    stage.strike()
}

#[test]
fn what_somebody_changes_is_found_and_repaired() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = products(&format!(
        "      change_outside_window = true\n      fine_grained_access   = {{ master_role_arn = \"{ROLE}\" }}"
    ));
    stage.settle(&hcl, DATA_TIER)?;
    let untouched = described(&stage)?;
    // One setting of each sort at a time, and as many sorts as there are at once.
    for tampered in [
        &[
            ("ClusterConfig", "/InstanceType", json!("r6g.large.search")),
            ("EBSOptions", "/VolumeSize", json!(50)),
            ("DomainEndpointOptions", "/EnforceHTTPS", json!(false)),
            (
                "OffPeakWindowOptions",
                "/OffPeakWindow/WindowStartTime/Hours",
                json!(14),
            ),
            (
                "SoftwareUpdateOptions",
                "/AutoSoftwareUpdateEnabled",
                json!(false),
            ),
            ("VPCOptions", "/SecurityGroupIds", json!(["sg-0"])),
            (
                "AccessPolicies",
                "",
                json!("{\"Version\":\"2012-10-17\",\"Statement\":[]}"),
            ),
            ("AutoTuneOptions", "", json!({ "DesiredState": "DISABLED" })),
            (
                "AdvancedSecurityOptions",
                "",
                json!({ "Enabled": true, "InternalUserDatabaseEnabled": true }),
            ),
        ][..],
        &[
            ("ClusterConfig", "/InstanceCount", json!(4)),
            (
                "DomainEndpointOptions",
                "/TLSSecurityPolicy",
                json!("Policy-Min-TLS-1-0-2019-07"),
            ),
        ],
    ] {
        for (member, pointer, value) in tampered {
            let mut setting = untouched[*member].clone();
            if let Some(inside) = setting.pointer_mut(pointer) {
                *inside = value.clone();
            }
            let body = json!({ *member: setting });
            hand(&stage, "POST", &format!("{DOMAIN}/config"), &body)?;
        }
        let plan = stage.terraform.plan()?;
        let change = &plan.after(DATA_TIER, "changes")["search/products"];
        let reason = change["reason"].as_str().unwrap_or_default();
        let (differing, _) = reason.split_once(" differ").unwrap_or_default();
        let differing: BTreeSet<&str> = differing.split(", ").collect();
        let expected: BTreeSet<&str> = tampered.iter().map(|(member, ..)| *member).collect();
        ensure!(differing == expected, "{change} for {expected:?}");
        stage.settle(&hcl, DATA_TIER)?;
    }
    stage.strike()
}

/// A time of day that is so many hours from now, UTC.
fn in_hours(hours: u64) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let minutes = now.as_secs() / 60 + hours * 60;
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

#[test]
fn a_blue_green_deployment_waits_for_the_window() -> Outcome<()> {
    let stage = Stage::new()?;
    let with = |window: &str, further: &str| {
        products(&format!(
            "      off_peak_window_start = \"{window}\"\n{further}"
        ))
    };
    // Open for another nine hours, and closed for another two.
    let (open, closed) = (in_hours(23), in_hours(2));
    stage.settle(&with(&open, ""), DATA_TIER)?;
    let before = described(&stage)?;
    let larger = "      storage = { size_gb = 200 }";
    expect_refusal(
        &stage,
        &with(&closed, larger),
        &[
            "search/products would be changed by a blue/green deployment at a busy time",
            "change_outside_window = true",
        ],
    )?;
    ensure!(described(&stage)? == before, "a dry run changed something");
    // The very same change is allowed by name, and when it is time.
    for hcl in [
        with(
            &closed,
            &format!("{larger}\n      change_outside_window = true"),
        ),
        with(&open, larger),
    ] {
        stage.terraform.write(&hcl)?;
        let plan = stage.terraform.plan()?;
        ensure!(plan.errors().is_empty(), "{:?}", plan.diagnostics);
        let change = &plan.after(DATA_TIER, "changes")["search/products"];
        let reason = change["reason"].as_str().unwrap_or_default();
        ensure!(
            reason.contains("AWS foretells a blue/green deployment")
                && change["disruption"] == "rolling",
            "{change}"
        );
    }
    // What AWS changes in place goes through at any time.
    let in_place = with(&closed, "      automatic_updates = false");
    settle_in_turn(&stage, &[&in_place])?;
    expect_refusal(
        &stage,
        &with(&open, "      instance_type = \"t2.medium.search\""),
        &[
            "AWS would refuse the change of search/products",
            "Encryption at Rest is not supported with the instance type: t2.medium.search",
        ],
    )?;
    let more = with(&open, larger);
    settle_in_turn(&stage, &[&more])?;
    stage.strike()
}

#[test]
fn what_aws_does_by_itself_plans_nothing() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&products("version = \"2.17\""), DATA_TIER)?;
    let newer = json!({ "DomainName": "shop-products", "TargetVersion": "OpenSearch_2.19" });
    hand(
        &stage,
        "POST",
        "/2021-01-01/opensearch/upgradeDomain",
        &newer,
    )?;
    let mut options = described(&stage)?["AdvancedOptions"].take();
    options["override_main_response_version"] = json!("false");
    let body = json!({ "AdvancedOptions": options });
    hand(&stage, "POST", &format!("{DOMAIN}/config"), &body)?;
    let shown = changed(&stage)?;
    ensure!(shown.is_empty(), "{shown:?}");
    stage.strike()
}

#[test]
fn a_version_is_judged_before_it_is_asked_for() -> Outcome<()> {
    let stage = Stage::new()?;
    let version = |version: &str, further: &str| {
        products(&format!(
            "      version = \"{version}\"\n      change_outside_window = true\n{further}"
        ))
    };
    let leave = "      allow_major_upgrade = true";
    expect_refusal(
        &stage,
        &version("2.18", ""),
        &[
            "AWS offers no version 2.18 of OpenSearch",
            "2.17, 2.19, 3.1",
        ],
    )?;
    stage.settle(&version("2.17", ""), DATA_TIER)?;
    for (asked, further, refusal) in [
        ("1.3", leave, "2.17, and 1.3 is older"),
        ("3.1", "", "3.1 is another major version"),
        ("3.1", leave, "only to OpenSearch_2.19"),
    ] {
        expect_refusal(&stage, &version(asked, further), &[refusal])?;
    }
    settle_in_turn(
        &stage,
        &[
            &version("2.19", ""),
            &version("auto", ""),
            &version("3.3", leave),
            &version("auto", ""),
        ],
    )?;
    ensure!(
        described(&stage)?["EngineVersion"] == "OpenSearch_3.3",
        "auto took it back"
    );
    stage.strike()
}

#[test]
fn auto_begins_with_the_latest_version() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&products("version = \"auto\""), DATA_TIER)?;
    ensure!(
        described(&stage)?["EngineVersion"] == "OpenSearch_3.3",
        "another one"
    );
    stage.strike()
}

#[test]
fn a_domain_of_somebody_else_is_left_alone() -> Outcome<()> {
    let stage = Stage::new()?;
    let theirs = json!({ "DomainName": "shop-products", "EngineVersion": "OpenSearch_2.19" });
    hand(&stage, "POST", "/2021-01-01/opensearch/domain", &theirs)?;
    let before = described(&stage)?;
    stage.terraform.write(&products(""))?;
    let run = stage.terraform.try_apply()?;
    let text = run.text().split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(
        text.contains("shop-products has the name of this part"),
        "{}",
        run.text()
    );
    let state = stage.terraform.state_of(DATA_TIER)?;
    ensure!(state["ready"] == false, "{state}");
    ensure!(described(&stage)? == before, "it was touched");
    Ok(())
}
