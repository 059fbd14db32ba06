//! The embedded models hold together.

use platform_aws::model;
use serde_json::{Value, json};

#[test]
fn every_operation_in_use_is_there_and_its_shapes_too() {
    let listed: Value = serde_json::from_str(include_str!("../../models/operations.json")).unwrap();
    let names: Vec<_> = model::services().collect();
    assert_eq!(
        names,
        listed
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
    );
    for (name, operations) in listed.as_object().unwrap() {
        let service = model::service(name).unwrap_or_else(|| panic!("{name} can't be read"));
        let listed: Vec<_> = operations
            .as_array()
            .unwrap()
            .iter()
            .map(|o| o.as_str().unwrap())
            .collect();
        let mut known: Vec<_> = service.operations.keys().map(String::as_str).collect();
        known.sort_unstable();
        for operation in listed {
            assert!(
                known.contains(&operation),
                "{name} {operation}: run `cargo xtask models`"
            );
        }
        for (shape_name, shape) in &service.shapes {
            let elements = [&shape.member, &shape.key, &shape.value]
                .into_iter()
                .flatten();
            for reference in shape.members.values().chain(elements) {
                assert!(
                    service.shapes.contains_key(&reference.shape),
                    "{name} {shape_name} -> {}",
                    reference.shape
                );
            }
        }
        for operation in service.operations.values() {
            for path in operation
                .paginator
                .iter()
                .flat_map(|paginator| &paginator.result_key)
            {
                assert!(
                    service.has_output(&operation.name, path),
                    "{name} {} pages {path}",
                    operation.name
                );
            }
        }
    }
}

#[test]
fn members_are_found_by_path() {
    let ec2 = model::service("ec2").unwrap();
    assert!(ec2.has_output("DescribeInstances", "Reservations.Instances.Tags.Key"));
    assert!(!ec2.has_output("DescribeInstances", "Reservations.Instances.Tags.Kay"));
    assert!(ec2.has_input("CreateVpc", "TagSpecifications.Tags.Value"));
    assert_eq!(ec2.output_members("CreateVpc"), ["Vpc"]);
    assert!(model::service("nothing").is_none());
}

#[test]
fn validation_accepts_what_aws_accepts() {
    let good = [
        ("ec2", "CreateNatGateway", json!({ "SubnetId": "subnet-1" })),
        ("ec2", "DescribeVpcs", json!({ "VpcIds": null })),
        (
            "kms",
            "CreateKey",
            json!({ "Tags": [{ "TagKey": "a", "TagValue": "b" }] }),
        ),
        (
            "logs",
            "CreateLogGroup",
            json!({ "logGroupName": "g", "tags": { "a": "b" } }),
        ),
        (
            "ec2",
            "DescribeInstances",
            json!({ "Filters": [{ "Name": "instance-type", "Values": ["x9.huge"] }] }),
        ),
    ];
    for (service, action, params) in good {
        assert_eq!(
            model::validate(service, action, &params),
            Ok(()),
            "{service} {action}"
        );
    }
}

#[test]
fn only_reads_count_as_reads() {
    for name in model::services() {
        for operation in model::service(name).unwrap().operations.values() {
            let changes = [
                "Create",
                "Delete",
                "Put",
                "Modify",
                "Attach",
                "Detach",
                "Associate",
                "Tag",
                "Untag",
            ];
            if changes.iter().any(|verb| operation.name.starts_with(verb)) {
                assert!(!operation.is_read(), "{name} {}", operation.name);
            }
            if ["Describe", "List", "Get"]
                .iter()
                .any(|verb| operation.name.starts_with(verb))
            {
                assert!(operation.is_read(), "{name} {}", operation.name);
            }
        }
    }
}
