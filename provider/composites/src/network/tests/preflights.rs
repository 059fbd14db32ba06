//! What AWS would refuse, said before anything is created.

use super::*;

fn said(configuration: Value, answers: Value, exists: &[&str]) -> String {
    let spec = network(configuration);
    let mut setting = setting();
    let expansion = expand_from(&*spec, &setting, &Ledger::default());
    let asked: BTreeSet<String> = spec
        .preflight_questions()
        .into_iter()
        .map(|question| question.key.into_owned())
        .collect();
    for (key, answer) in answers.as_object().unwrap() {
        assert!(asked.contains(key.as_str()), "{key} is not asked");
        setting.answers.insert(key.clone(), answer.clone());
    }
    let mut problems = Problems::new();
    let creates = |address: &str| !exists.iter().any(|part| address.starts_with(part));
    spec.preflight(&setting, &expansion, &creates, &mut problems);
    lines(&problems)
}

fn addresses_in_use(count: usize, quota: f64) -> Value {
    let used: Vec<Value> = (0..count)
        .map(|index| json!({ "AllocationId": format!("eipalloc-{index}") }))
        .collect();
    json!({ "addresses": { "Addresses": used }, "address-quota": { "Quota": { "Value": quota } } })
}

#[test]
fn blocks_of_other_networks() {
    let vpcs = json!({ "vpcs": { "Vpcs": [
        { "VpcId": "vpc-1", "CidrBlock": "10.0.128.0/20", "CidrBlockAssociationSet": [{ "CidrBlock": "10.0.128.0/20" }, { "CidrBlock": "100.64.0.0/10" }] },
        { "VpcId": "vpc-2", "CidrBlock": "172.31.0.0/16" },
        { "VpcId": "vpc-3", "CidrBlock": "10.0.0.0/16", "Tags": [{ "Key": "platform:owner", "Value": "platform_network/us-east-1/main" }] },
    ] } });
    let configuration = json!({ "secondary_cidrs": ["100.64.0.0/16"] });
    insta::assert_snapshot!(said(configuration.clone(), vpcs.clone(), &[]));
    assert_eq!(
        said(configuration, vpcs, &["vpc"]),
        "",
        "only what is yet to be created counts"
    );
}

#[test]
fn elastic_ips_beyond_the_quota() {
    insta::assert_snapshot!(said(json!({}), addresses_in_use(3, 5.0), &[]));
    assert_eq!(said(json!({}), addresses_in_use(2, 5.0), &[]), "");
    assert_eq!(said(json!({}), addresses_in_use(5, 5.0), &["eip/"]), "");
    assert_eq!(
        said(json!({}), json!({}), &[]),
        "",
        "without answers nothing is said"
    );
}

#[test]
fn endpoints_in_zones_without_their_service() {
    let services = json!({ "endpoint-services": { "ServiceDetails": [
        { "ServiceName": "com.amazonaws.us-east-1.sts", "AvailabilityZones": ["us-east-1a", "us-east-1c"] },
    ] } });
    let configuration = json!({ "endpoints": { "interface": { "sts": {}, "sqs": {} } } });
    insta::assert_snapshot!(said(configuration.clone(), services.clone(), &[]));
    assert_eq!(said(configuration, services, &["endpoint/sts"]), "");
}
