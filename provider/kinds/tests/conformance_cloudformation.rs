//! The kinds against AWS's CloudFormation resource schemas, reduced to names in `cloudformation/schemas.json`.
//!
//! With `CFN_PYTHON` set to a Python that has cfn-lint, the file is written anew and compared.

#![allow(
    clippy::expect_used,
    reason = "a test that can't read its own files is to stop"
)]

mod examples;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use platform_graph::KindDef;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    /// Names of the properties, each with the names inside it.
    properties: BTreeMap<String, BTreeSet<String>>,
    create_only: BTreeSet<String>,
    read_only: BTreeSet<String>,
    required: BTreeSet<String>,
}

/// Where a kind is not as CloudFormation has it: type, what is said of it, name, and why.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Deviation {
    /// A property that the schema does not have.
    Property,
    /// A member of a property that the schema does not have: `Property.Member`.
    Member,
    /// A property that the kind replaces for and CloudFormation does not, or the other way round.
    CreateOnly,
    /// An attribute that CloudFormation does not have.
    Attribute,
    /// A property that CloudFormation requires and the kind does not have.
    Required,
}

use Deviation::{Attribute, CreateOnly, Member, Property, Required};

const DEVIATIONS: &[(&str, Deviation, &str, &str)] = &[
    (
        "AWS::EC2::FlowLog",
        Attribute,
        "CreationTime",
        "since when it exists",
    ),
    (
        "AWS::EC2::NatGateway",
        Attribute,
        "CreateTime",
        "since when it exists",
    ),
    (
        "AWS::IAM::Role",
        Attribute,
        "CreateDate",
        "since when it exists",
    ),
    (
        "AWS::KMS::Key",
        Attribute,
        "CreationDate",
        "since when it exists",
    ),
    (
        "AWS::Logs::LogGroup",
        Attribute,
        "CreationTime",
        "since when it exists",
    ),
    (
        "AWS::EC2::SecurityGroupEgress",
        Property,
        "Tags",
        "seen on rules found inside a group, to tell whose they are",
    ),
    (
        "AWS::EC2::SecurityGroupIngress",
        Property,
        "Tags",
        "seen on rules found inside a group, to tell whose they are",
    ),
    (
        "AWS::EC2::EIP",
        CreateOnly,
        "Domain",
        "EC2 has no call that changes it",
    ),
    (
        "AWS::EC2::EIP",
        CreateOnly,
        "PublicIpv4Pool",
        "EC2 has no call that changes it",
    ),
    (
        "AWS::EC2::NatGateway",
        Attribute,
        "AssociationIds",
        "by these an address is taken off",
    ),
    (
        "AWS::EC2::NatGateway",
        Attribute,
        "PublicIp",
        "the addresses that others see, for their allow lists",
    ),
    (
        "AWS::EC2::SecurityGroup",
        Attribute,
        "ForeignRules",
        "ours: the rules that no part owns, so that a refresh can report them",
    ),
    (
        "AWS::EC2::NatGateway",
        Attribute,
        "PublicIps",
        "the addresses that others see, for their allow lists",
    ),
    (
        "AWS::EC2::SecurityGroup",
        Member,
        "SecurityGroupEgress.PrefixListId",
        "the rules seen are those to remove, by their ids",
    ),
    (
        "AWS::EC2::SecurityGroup",
        Member,
        "SecurityGroupEgress.SecurityGroupId",
        "the rules seen are those to remove, by their ids",
    ),
    (
        "AWS::EC2::SecurityGroup",
        Member,
        "SecurityGroupEgress.SecurityGroupRuleId",
        "the rules seen are those to remove, by their ids",
    ),
    (
        "AWS::EC2::Subnet",
        Attribute,
        "AvailabilityZone",
        "for references, where AWS may have chosen it",
    ),
    (
        "AWS::EC2::Subnet",
        Attribute,
        "AvailabilityZoneId",
        "for references, where AWS may have chosen it",
    ),
    (
        "AWS::EC2::Subnet",
        Attribute,
        "CidrBlock",
        "for references, where AWS may have chosen it",
    ),
    (
        "AWS::EC2::Subnet",
        Attribute,
        "Ipv6CidrBlockAssociationId",
        "by this the block is taken off",
    ),
    (
        "AWS::EC2::Subnet",
        CreateOnly,
        "Ipv6CidrBlock",
        "EC2 exchanges the block of a subnet",
    ),
    (
        "AWS::EC2::SubnetNetworkAclAssociation",
        CreateOnly,
        "NetworkAclId",
        "EC2 exchanges the ACL in one call",
    ),
    (
        "AWS::EC2::SubnetNetworkAclAssociation",
        Property,
        "DefaultNetworkAclId",
        "where the subnet goes back to when the association is deleted",
    ),
    (
        "AWS::EC2::SubnetRouteTableAssociation",
        CreateOnly,
        "RouteTableId",
        "EC2 exchanges the table in one call, without a gap",
    ),
    (
        "AWS::EC2::VPC",
        Attribute,
        "CidrBlock",
        "for references, where a pool may have chosen it",
    ),
    (
        "AWS::EC2::VPC",
        CreateOnly,
        "InstanceTenancy",
        "CloudFormation replaces for every change but one",
    ),
    (
        "AWS::EC2::VPCCidrBlock",
        Attribute,
        "CidrBlock",
        "for references, where AWS or a pool may have chosen it",
    ),
    (
        "AWS::EC2::VPCCidrBlock",
        Attribute,
        "Ipv6CidrBlock",
        "for references, where AWS or a pool may have chosen it",
    ),
    (
        "AWS::EC2::VPCDHCPOptionsAssociation",
        CreateOnly,
        "DhcpOptionsId",
        "associating takes the place of the association before",
    ),
    (
        "AWS::EC2::VPCGatewayAttachment",
        CreateOnly,
        "InternetGatewayId",
        "CloudFormation detaches and attaches in an update, which is a replacement",
    ),
    (
        "AWS::EC2::VPCGatewayAttachment",
        CreateOnly,
        "VpnGatewayId",
        "CloudFormation detaches and attaches in an update, which is a replacement",
    ),
    (
        "AWS::KMS::Key",
        CreateOnly,
        "KeySpec",
        "CloudFormation refuses the change, which the schema does not say",
    ),
    (
        "AWS::KMS::Key",
        CreateOnly,
        "KeyUsage",
        "CloudFormation refuses the change, which the schema does not say",
    ),
    (
        "AWS::KMS::Key",
        CreateOnly,
        "MultiRegion",
        "CloudFormation refuses the change, which the schema does not say",
    ),
    (
        "AWS::Logs::LogGroup",
        CreateOnly,
        "LogGroupClass",
        "CloudFormation refuses the change, which the schema does not say",
    ),
];

fn kinds_of_cloudformation() -> impl Iterator<Item = (KindDef, examples::Example)> {
    let (kinds, mut examples) = examples::all();
    let kinds: Vec<KindDef> = kinds
        .iter()
        .copied()
        .filter(|kind| !kind.name.starts_with("Custom::"))
        .collect();
    kinds.into_iter().map(move |kind| {
        (
            kind,
            examples
                .remove(kind.name)
                .expect("every kind has an example"),
        )
    })
}

fn schemas() -> BTreeMap<String, Schema> {
    serde_json::from_str(include_str!("cloudformation/schemas.json"))
        .expect("the file is as the script writes it")
}

/// Everything in which a kind is not as CloudFormation has it.
fn deviations(
    kind: &KindDef,
    example: &examples::Example,
    schema: &Schema,
) -> BTreeSet<(Deviation, String)> {
    let names = examples::property_names(kind);
    let mut found = BTreeSet::new();
    for name in &names {
        match schema.properties.get(name) {
            Some(_) if !schema.read_only.contains(name) => {}
            _ => drop(found.insert((Property, name.clone()))),
        }
        let declared = kind.create_only.contains(&name.as_str());
        if declared != schema.create_only.contains(name) {
            found.insert((CreateOnly, name.clone()));
        }
    }
    for (name, value) in &example.full {
        let Some(members) = schema
            .properties
            .get(name)
            .filter(|members| !members.is_empty() && name != "Tags")
        else {
            continue;
        };
        let items = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        for member in items
            .iter()
            .filter_map(|item| item.as_object())
            .flat_map(|item| item.keys())
        {
            let path = format!("{name}.{member}");
            if !members.contains(member) {
                found.insert((Member, path));
            } else if schema.create_only.contains(&path)
                && !kind.create_only.contains(&name.as_str())
            {
                found.insert((CreateOnly, path));
            }
        }
    }
    found.extend(
        kind.attributes
            .iter()
            .filter(|name| !schema.read_only.contains(**name))
            .map(|name| (Attribute, (*name).to_owned())),
    );
    found.extend(
        schema
            .required
            .iter()
            .filter(|name| !names.contains(*name))
            .map(|name| (Required, name.clone())),
    );
    found
}

#[test]
fn conformance_cloudformation() {
    let schemas = schemas();
    let mut problems = Vec::new();
    let mut unused: BTreeSet<(&str, Deviation, &str)> = DEVIATIONS
        .iter()
        .map(|(kind, what, name, _)| (*kind, *what, *name))
        .collect();
    for (kind, example) in kinds_of_cloudformation() {
        let Some(schema) = schemas.get(kind.name) else {
            problems.push(format!(
                "{} is not in cloudformation/schemas.json; see cloudformation/reduce.py",
                kind.name
            ));
            continue;
        };
        for (what, name) in deviations(&kind, &example, schema) {
            let known = unused
                .iter()
                .find(|known| (known.0, known.1, known.2) == (kind.name, what, name.as_str()))
                .copied();
            match known {
                Some(known) => drop(unused.remove(&known)),
                None => problems.push(format!(
                    "{}: {what:?} {name} is not as in CloudFormation",
                    kind.name
                )),
            }
        }
    }
    problems.extend(unused.iter().map(|(kind, what, name)| {
        format!("{kind}: {what:?} {name} is as in CloudFormation, contrary to the table")
    }));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Types without tags of their own that show those of the resources found inside others, to tell whose these are.
const SHOW_TAGS: &[&str] = &[
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
];

#[test]
fn a_full_example_gives_every_property_and_a_minimal_one_no_more() {
    let (kinds, examples) = examples::all();
    let mut problems = Vec::new();
    for kind in kinds.iter() {
        let example = &examples[kind.name];
        let mut names = examples::property_names(kind);
        if SHOW_TAGS.contains(&kind.name) {
            assert!(names.remove("Tags"), "{} shows no tags", kind.name);
        }
        let given: BTreeSet<String> = example.full.keys().cloned().collect();
        problems.extend(
            names
                .symmetric_difference(&given)
                .map(|name| format!("{}: {name} of the full example", kind.name)),
        );
        problems.extend(
            example
                .minimal
                .keys()
                .filter(|name| !names.contains(*name))
                .map(|name| format!("{}: {name} of the minimal example", kind.name)),
        );
        let attributes: BTreeSet<&str> = example.attributes.keys().map(String::as_str).collect();
        let declared: BTreeSet<&str> = kind.attributes.iter().copied().collect();
        problems.extend(
            attributes
                .symmetric_difference(&declared)
                .map(|name| format!("{}: attribute {name}", kind.name)),
        );
        for name in kind
            .unordered
            .iter()
            .chain(kind.create_only)
            .chain(kind.exclusive)
        {
            if !names.contains(*name) {
                problems.push(format!(
                    "{}: {name} is a property of no such kind",
                    kind.name
                ));
            }
        }
        if kind.tagged != names.contains("Tags") {
            problems.push(format!("{}: tagged is {}", kind.name, kind.tagged));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_schemas_are_those_of_cfn_lint() {
    let types: BTreeSet<String> = kinds_of_cloudformation()
        .map(|(kind, _)| kind.name.to_owned())
        .collect();
    assert_eq!(
        schemas().into_keys().collect::<BTreeSet<_>>(),
        types,
        "types in cloudformation/schemas.json"
    );
    let Some(python) = std::env::var_os("CFN_PYTHON") else {
        println!(
            "CFN_PYTHON names no Python with cfn-lint: cloudformation/schemas.json is taken as it is"
        );
        return;
    };
    let folder = examples::folder().join("cloudformation");
    let output = Command::new(python)
        .arg(folder.join("reduce.py"))
        .args(&types)
        .output()
        .expect("Python starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let written = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let committed =
        std::fs::read_to_string(folder.join("schemas.json")).expect("the file is there");
    assert!(
        written == committed,
        "cloudformation/schemas.json is stale: write the output of reduce.py into it"
    );
}
