//! What the kinds find in the way of a delete, in an account where look-alikes of everything are in another VPC too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use platform_graph::{Blocker, Call, Identity, Properties};
use serde_json::{Value, json};

/// Replies by operation. Filters count for nothing, as if every call had been merged with others.
struct Account(BTreeMap<String, Value>);

impl Account {
    fn new() -> Self {
        Account(serde_json::from_str(include_str!("blockers/account.json")).expect("the account"))
    }

    fn with(mut self, operation: &str, reply: Value) -> Self {
        self.0.insert(operation.to_owned(), reply);
        self
    }

    /// Asks until there is nothing more to ask, and yields the calls and what is in the way.
    fn look(&self, kind: &str, id: &str, properties: &Value) -> (Vec<Call>, Vec<Blocker>) {
        let kinds = platform_kinds::all();
        let kind = kinds.get(kind).expect("it is known");
        let properties: &Properties = properties.as_object().expect("properties");
        let me = me(id);
        let (mut asked, mut replies) = (Vec::new(), Vec::new());
        loop {
            let calls = (kind.blockers)(properties, &me, id, &replies).expect("they fit");
            if calls.is_empty() {
                break;
            }
            for call in calls {
                assert!(call.is_read(), "{call:?}");
                assert_valid(&call);
                let operation = format!("{} {}", call.service, call.action);
                let reply = self.0.get(&operation);
                replies.push(
                    reply
                        .unwrap_or_else(|| panic!("{operation} is not in the account"))
                        .clone(),
                );
                asked.push(call);
            }
            assert!(asked.len() < 100, "{} goes on asking", kind.name);
        }
        let found = (kind.blocking)(properties, &me, id, &replies).expect("they fit");
        for call in found.iter().flat_map(|blocker| &blocker.remove) {
            assert!(!call.is_read(), "{call:?}");
            assert_valid(call);
        }
        (asked, found)
    }

    fn vpc(&self) -> BTreeMap<String, Blocker> {
        let (_, found) = self.look("AWS::EC2::VPC", "vpc-1", &json!({}));
        found
            .into_iter()
            .map(|blocker| (blocker.id.clone(), blocker))
            .collect()
    }
}

fn me(id: &str) -> Identity {
    Identity {
        owner: "platform_network/us-east-1/main".parse().expect("an owner"),
        address: "part".to_owned(),
        id: Some(id.to_owned()),
    }
}

fn assert_valid(call: &Call) {
    let params = Value::Object(call.params.clone());
    let valid = platform_aws::model::validate(call.service, call.action, &params);
    assert!(valid.is_ok(), "{call:?}: {valid:?}");
    if let Some(pointer) = call.merge {
        assert!(
            params.pointer(pointer).is_some_and(Value::is_array),
            "{call:?}"
        );
    }
}

fn line(call: &Call) -> String {
    format!(
        "{} {} {}",
        call.service,
        call.action,
        Value::Object(call.params.clone())
    )
}

fn story(kind: &str, id: &str, properties: &Value) -> String {
    let (asked, found) = Account::new().look(kind, id, properties);
    let mut text = String::new();
    for call in &asked {
        let _ = writeln!(text, "asks {}", line(call));
    }
    for blocker in &found {
        let _ = write!(text, "{}: {}", blocker.id, blocker.what);
        if blocker.holds_data {
            text.push_str(" (holds data)");
        }
        match blocker.lingers_seconds {
            0 => text.push('\n'),
            seconds => drop(writeln!(text, " (lingers {seconds} s)")),
        }
        for call in &blocker.remove {
            let _ = writeln!(text, "  {}", line(call));
        }
    }
    text
}

#[test]
fn in_a_vpc() {
    insta::assert_snapshot!(story("AWS::EC2::VPC", "vpc-1", &json!({})));
}

#[test]
fn in_a_subnet() {
    let subnet = json!({ "VpcId": "vpc-1" });
    insta::assert_snapshot!(story("AWS::EC2::Subnet", "subnet-1", &subnet));
}

#[test]
fn at_a_security_group() {
    let group = json!({ "GroupName": "web", "GroupDescription": "web", "VpcId": "vpc-1" });
    insta::assert_snapshot!(story("AWS::EC2::SecurityGroup", "sg-1", &group));
}

#[test]
fn at_the_way_to_the_internet() {
    let attachment = json!({ "VpcId": "vpc-1", "InternetGatewayId": "igw-1" });
    insta::assert_snapshot!(story(
        "AWS::EC2::VPCGatewayAttachment",
        "IGW|vpc-1",
        &attachment
    ));
}

fn removed(found: &BTreeMap<String, Blocker>) -> BTreeSet<&str> {
    found
        .values()
        .filter(|blocker| !blocker.remove.is_empty())
        .map(|blocker| blocker.id.as_str())
        .collect()
}

/// What is not known to be gone is not removed, whichever of the two witnesses is silent.
#[test]
fn a_cluster_that_may_exist_keeps_what_it_made() {
    let remains = BTreeSet::from(["eni-lost", "igw-1", "sg-1", "subnet-lost"]);
    for (operation, reply) in [
        ("eks ListClusters", json!({})),
        ("eks ListClusters", Value::Null),
        (
            "eks ListClusters",
            json!({ "clusters": ["alive", "dead", "lent"] }),
        ),
        ("ec2 DescribeInstances", json!({})),
        ("ec2 DescribeInstances", Value::Null),
        (
            "ec2 DescribeInstances",
            json!({ "Reservations": [{ "Instances": [{ "InstanceId": "i-1", "VpcId": "vpc-1", "State": { "Name": "stopped" },
                "Tags": [{ "Key": "kubernetes.io/cluster/dead", "Value": "shared" }, { "Key": "kubernetes.io/cluster/kops", "Value": "owned" }, { "Key": "kubernetes.io/cluster/lent", "Value": "owned" }] }] }] }),
        ),
    ] {
        let found = Account::new().with(operation, reply.clone()).vpc();
        assert_eq!(removed(&found), remains, "{operation} answers {reply}");
    }
}

#[test]
fn tags_that_are_not_told_are_nobodys() {
    for operation in ["elb DescribeTags", "elbv2 DescribeTags"] {
        for reply in [json!({}), Value::Null] {
            let found = Account::new().with(operation, reply).vpc();
            let service = operation.split(' ').next().unwrap();
            let silent = if service == "elb" {
                "a0dead"
            } else {
                "arn:lb/shop"
            };
            assert!(found[silent].remove.is_empty(), "{operation}");
        }
    }
}

/// An emulator that lacks a service, credentials that lack a permission: the rest is found all the same.
#[test]
fn one_silent_service_does_not_hide_the_others() {
    let whole = Account::new();
    for operation in whole.0.keys() {
        let found = Account::new().with(operation, json!({})).vpc();
        assert!(found.len() > 8, "{operation}: {:?}", found.keys());
        assert!(
            found
                .keys()
                .all(|id| !id.contains("far") && !id.ends_with("-9")),
            "{operation}"
        );
    }
}
