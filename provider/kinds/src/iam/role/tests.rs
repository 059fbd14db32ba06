use super::*;
use crate::testing::{me, property_names};

fn trust() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "vpc-flow-logs.amazonaws.com" }, "Action": "sts:AssumeRole" }] })
}

fn role() -> Role {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": ["logs:CreateLogStream"], "Resource": "*" }] });
    Role {
        role_name: "flow".into(),
        assume_role_policy_document: trust(),
        policies: vec![RolePolicy {
            policy_name: "write".into(),
            policy_document: policy,
        }],
        ..Role::default()
    }
}

fn replies() -> Vec<Value> {
    vec![
        json!({ "Role": {
            "Path": "/", "RoleName": "flow", "RoleId": "AROA1", "Arn": "arn:aws:iam::123456789012:role/flow",
            "CreateDate": "2024-01-01T00:00:00Z", "MaxSessionDuration": 3600,
            "AssumeRolePolicyDocument": "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%5B%22vpc-flow-logs.amazonaws.com%22%5D%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D",
            "Tags": [{ "Key": "a", "Value": "b" }] } }),
        json!({ "PolicyNames": ["write", "foreign"], "IsTruncated": false }),
        json!({ "AttachedPolicies": [{ "PolicyName": "p", "PolicyArn": "arn:aws:iam::aws:policy/p" }] }),
        json!({ "RoleName": "flow", "PolicyName": "write",
            "PolicyDocument": "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Action%22%3A%22logs%3ACreateLogStream%22%2C%22Resource%22%3A%22*%22%2C%22Effect%22%3A%22Allow%22%7D%5D%7D" }),
    ]
}

fn live(asked: &Role) -> Live<Role> {
    match asked.read(&me(None), &replies()) {
        Seen::Live(live) => live,
        other => panic!("{other:?}"),
    }
}

#[test]
fn documents_are_decoded_and_compared_by_meaning() {
    let live = live(&role());
    assert_eq!(
        property_names(&live.properties),
        [
            "AssumeRolePolicyDocument",
            "ManagedPolicyArns",
            "Policies",
            "RoleName",
            "Tags"
        ]
    );
    assert!(Role::same(
        "AssumeRolePolicyDocument",
        &live.properties.assume_role_policy_document,
        &trust()
    ));
    let policies = |role: &Role| serde_json::to_value(&role.policies).unwrap();
    assert!(
        !Role::same("Policies", &policies(&live.properties), &policies(&role())),
        "there is a foreign one"
    );
    let mut clean = live.properties.clone();
    clean
        .policies
        .retain(|policy| policy.policy_name != "foreign");
    assert!(Role::same(
        "Policies",
        &policies(&clean),
        &policies(&role())
    ));
}

#[test]
fn a_role_that_is_not_there_is_absent() {
    assert_eq!(role().read(&me(None), &[Value::Null]), Seen::Absent);
    assert_eq!(
        role().read(
            &me(Some("flow")),
            &[Value::Null, Value::Null, Value::Null, Value::Null]
        ),
        Seen::Absent
    );
}

#[test]
fn what_nobody_asked_for_is_taken_off_and_what_is_right_stays() {
    let calls = role().update(
        &me(None),
        &live(&role()),
        &["ManagedPolicyArns", "Policies"],
    );
    let told: Vec<(&str, String)> = calls
        .iter()
        .map(|call| {
            (
                call.action,
                call.params
                    .get("PolicyName")
                    .or(call.params.get("PolicyArn"))
                    .unwrap()
                    .to_string(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("DeleteRolePolicy", "\"foreign\"".into()),
            ("DetachRolePolicy", "\"arn:aws:iam::aws:policy/p\"".into())
        ]
    );
}

#[test]
fn attaching_comes_first_while_the_quota_allows() {
    let arns = |range: std::ops::Range<u32>| range.map(|n| format!("arn:{n}")).collect::<Vec<_>>();
    let first = |have: u32| {
        let live = Role {
            managed_policy_arns: arns(0..have),
            ..role()
        };
        let wanted = Role {
            managed_policy_arns: arns(1..have + 1),
            ..role()
        };
        wanted.attachment_changes(&live)[0].action
    };
    assert_eq!(first(9), "AttachRolePolicy");
    assert_eq!(first(10), "DetachRolePolicy");
}

#[test]
fn a_description_that_goes_leaves_the_session_alone() {
    let mut live = live(&role());
    live.properties.description = Some("old".into());
    live.properties.max_session_duration = Some(7200);
    let calls = role().update(&me(None), &live, &["Description"]);
    assert_eq!(calls[0].params["Description"], "");
    assert_eq!(calls[0].params["MaxSessionDuration"], 7200);
    let calls = role().update(&me(None), &live, &["MaxSessionDuration"]);
    assert_eq!(calls[0].params["Description"], "old");
    assert_eq!(calls[0].params["MaxSessionDuration"], 3600);
}

#[test]
fn everything_comes_off_before_the_role_goes() {
    let actions: Vec<&str> = live(&role())
        .properties
        .delete(&me(None), "flow", &Attributes::new())
        .iter()
        .map(|call| call.action)
        .collect();
    assert_eq!(
        actions,
        [
            "DetachRolePolicy",
            "DeleteRolePolicy",
            "DeleteRolePolicy",
            "DeleteRole"
        ]
    );
}
