//! What others add is told and left alone.

use acceptance_tests::{Outcome, Stage, ensure};

use super::{DEEP, Hand, RICH, changed, parts, plan, with};
use crate::configuration::NETWORK;

/// Whether something is said, and that nothing is to be done.
fn told(stage: &Stage, what: &str) -> Outcome<String> {
    let plan = plan(stage)?;
    ensure!(
        plan.actions.is_empty(),
        "{what}: the plan must change nothing, not {:?}",
        changed(&plan)
    );
    let warnings = plan
        .diagnostics
        .iter()
        .filter(|one| one.severity == "warning");
    Ok(warnings
        .map(acceptance_tests::terraform::Diagnostic::message)
        .collect::<Vec<_>>()
        .join("\n"))
}

/// What others add: how it looks in AWS, how it is told, and whether a fast refresh tells it too.
struct Addition {
    what: &'static str,
    fast: bool,
    add: fn(&Hand<'_>) -> Outcome<bool>,
    words: &'static [&'static str],
    /// The call that shows it, and what must be in the reply.
    shown_by: &'static [(&'static str, &'static str)],
    as_text: &'static str,
}

const ADDITIONS: &[Addition] = &[
    Addition {
        what: "a route",
        fast: false,
        add: |hand| {
            hand.ec2(&[
                ("Action", "CreateRoute"),
                ("RouteTableId", &hand.id_of_any("route-table/database")),
                ("DestinationCidrBlock", "192.0.2.0/24"),
                ("GatewayId", &hand.id_of_any("internet-gateway")),
            ])
        },
        words: &[
            "(route-table/database) has AWS::EC2::Route",
            "192.0.2.0/24",
            "was not made by this provider",
        ],
        shown_by: &[("Action", "DescribeRouteTables")],
        as_text: "192.0.2.0/24",
    },
    Addition {
        what: "an entry of a network ACL",
        fast: false,
        add: |hand| {
            hand.ec2(&[
                ("Action", "CreateNetworkAclEntry"),
                ("NetworkAclId", &hand.id_of_any("network-acl/database")),
                ("RuleNumber", "77"),
                ("Egress", "false"),
                ("Protocol", "-1"),
                ("RuleAction", "allow"),
                ("CidrBlock", "198.51.100.0/24"),
            ])
        },
        words: &[
            "(network-acl/database) has AWS::EC2::NetworkAclEntry",
            "198.51.100.0/24",
        ],
        shown_by: &[("Action", "DescribeNetworkAcls")],
        as_text: "198.51.100.0/24",
    },
    Addition {
        what: "a rule",
        fast: true,
        add: |hand| {
            hand.ec2(&[
                ("Action", "AuthorizeSecurityGroupIngress"),
                ("GroupId", &hand.id_of_any("security-group/db")),
                ("IpPermissions.1.IpProtocol", "tcp"),
                ("IpPermissions.1.FromPort", "22"),
                ("IpPermissions.1.ToPort", "22"),
                ("IpPermissions.1.IpRanges.1.CidrIp", "203.0.113.0/24"),
            ])
        },
        words: &["security-group/db", "tcp 22 from 203.0.113.0/24"],
        shown_by: &[("Action", "DescribeSecurityGroupRules")],
        as_text: "203.0.113.0/24",
    },
    Addition {
        what: "a rule of another composite",
        fast: false,
        add: |hand| {
            hand.ec2(&[
                ("Action", "AuthorizeSecurityGroupIngress"),
                ("GroupId", &hand.id_of_any("security-group/db")),
                ("IpPermissions.1.IpProtocol", "tcp"),
                ("IpPermissions.1.FromPort", "5432"),
                ("IpPermissions.1.ToPort", "5432"),
                ("IpPermissions.1.IpRanges.1.CidrIp", "203.0.114.0/24"),
                ("TagSpecification.1.ResourceType", "security-group-rule"),
                ("TagSpecification.1.Tag.1.Key", "platform:owner"),
                (
                    "TagSpecification.1.Tag.1.Value",
                    "platform_cluster/us-east-1/shop",
                ),
                ("TagSpecification.1.Tag.2.Key", "platform:address"),
                ("TagSpecification.1.Tag.2.Value", "rule/db"),
            ])
        },
        words: &[
            "203.0.114.0/24",
            "belongs to platform_cluster/us-east-1/shop, where it is rule/db",
        ],
        shown_by: &[("Action", "DescribeSecurityGroupRules")],
        as_text: "203.0.114.0/24",
    },
    Addition {
        what: "a tag",
        fast: false,
        add: |hand| {
            hand.ec2(&[
                ("Action", "CreateTags"),
                ("ResourceId.1", &hand.id_of_any("vpc")),
                ("Tag.1.Key", "cost-center"),
                ("Tag.1.Value", "42"),
                ("Tag.2.Key", "kubernetes.io/cluster/shop"),
                ("Tag.2.Value", "shared"),
            ])
        },
        words: &["cost-center = \"42\" on vpc"],
        shown_by: &[("Action", "DescribeTags")],
        as_text: "cost-center",
    },
];

/// What others add is told and left alone, whatever is applied.
#[test]
fn what_others_add_is_told_and_survives() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&with(DEEP, RICH), NETWORK)?;
    let said = told(&stage, "nobody added anything")?;
    ensure!(!said.contains("Others put"), "{said}");
    let parts = parts(&stage)?;
    let hand = Hand {
        stage: &stage,
        parts: &parts,
    };
    for addition in ADDITIONS {
        (addition.add)(&hand)?;
    }
    let deep = told(&stage, "looked at closely")?;
    stage.terraform.write(&with("", RICH))?;
    let fast = told(&stage, "looked at quickly")?;
    for addition in ADDITIONS {
        for words in addition.words {
            ensure!(
                deep.contains(words),
                "{}: {words:?} is not in\n{deep}",
                addition.what
            );
        }
        let in_fast = addition.words.iter().all(|words| fast.contains(words));
        ensure!(
            in_fast == addition.fast,
            "{}: a fast refresh says\n{fast}",
            addition.what
        );
    }
    ensure!(!deep.contains("kubernetes.io/cluster/shop ="), "{deep}");
    let other = RICH
        .replace("corp.example.com", "other.example.com")
        .replace("port = 443", "port = 8443");
    stage.settle(
        &with(
            "  drift = \"deep\"\n  default_tags {\n    tags = { team = \"shop\" }\n  }",
            &other,
        ),
        NETWORK,
    )?;
    for addition in ADDITIONS {
        let reply = stage.emulator.api().ec2(addition.shown_by)?;
        ensure!(
            reply.contains(addition.as_text),
            "{} is gone after an apply",
            addition.what
        );
    }
    Ok(())
}
