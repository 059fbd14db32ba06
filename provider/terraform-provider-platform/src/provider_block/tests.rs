use serde_json::json;

use super::*;

fn read(json: &Json) -> Result<(ProviderBlock, Vec<String>), Diagnostics> {
    ProviderBlock::read(&Value::from_json(&schema().implied_type(), json).unwrap())
}

#[test]
fn what_is_called_is_not_said_to_be_carried_over_only() {
    for service in platform_aws::model::services().map(argument_of) {
        assert!(!schema::CARRIED_OVER.contains(&&*service), "{service}");
    }
}

#[test]
fn a_block_of_hashicorp_aws_carries_over() {
    let (block, unknown) = read(&json!({
        "region": "eu-central-1", "access_key": "AKID", "secret_key": "s3cret", "max_retries": 3,
        "assume_role": [{"role_arn": "arn:aws:iam::1:role/a", "duration": "1h30m"}, {"role_arn": "arn:aws:iam::2:role/b"}],
        "default_tags": {"tags": {"team": "shop"}},
        "ignore_tags": {"keys": ["a"], "key_prefixes": ["kubernetes.io/"]},
        "endpoints": [{"ec2": "http://127.0.0.1:1", "cloudwatchlogs": "http://127.0.0.1:2"}]
    }))
    .unwrap();
    assert!(unknown.is_empty());
    let config = block.config();
    assert_eq!(config.region.as_deref(), Some("eu-central-1"));
    assert_eq!(
        config.assume_role[0].duration,
        Some(Duration::from_secs(5400))
    );
    assert_eq!(config.assume_role[1].role_arn, "arn:aws:iam::2:role/b");
    assert_eq!(config.endpoints["ec2"], "http://127.0.0.1:1");
    assert_eq!(config.endpoints["logs"], "http://127.0.0.1:2");
    assert_eq!(
        block.default_tags(),
        Tags::from([("team".to_owned(), "shop".to_owned())])
    );
    assert!(
        block.ignore_tags().covers("kubernetes.io/cluster/x") && !block.ignore_tags().covers("b")
    );
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn a_region_has_the_form_of_one() {
    for region in [
        "us-east-1",
        "us-gov-west-1",
        "cn-north-1",
        "eusc-de-east-1",
        "ap-southeast-12",
    ] {
        assert!(read(&json!({"region": region})).is_ok(), "{region}");
    }
    for region in [
        "",
        "Frankfurt",
        "us-east",
        "us-east-1a",
        "US-EAST-1",
        "us--1",
    ] {
        assert!(read(&json!({"region": region})).is_err(), "{region}");
    }
}

#[test]
fn every_wrong_argument_is_reported_at_once() {
    let problems = read(&json!({
        "retry_mode": "sometimes", "drift": "never", "access_key": "AKID",
        "assume_role": [{"role_arn": "arn:aws:iam::1:role/a", "duration": "soon"}],
        "assume_role_with_web_identity": {"role_arn": "", "duration": "1 day"},
        "default_tags": {"tags": {"platform:owner": "somebody"}}, "ignore_tags": {"key_prefixes": ["plat"]},
        "allowed_account_ids": ["1"], "forbidden_account_ids": ["2"]
    }))
    .err()
    .unwrap();
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(problems.join(
        "
"
    ));
}
