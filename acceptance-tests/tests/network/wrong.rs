//! Configurations that cannot work: each is refused before anything is created, at the attribute that is
//! wrong, in words that help.
//!
//! Terraform can point at an argument of the resource, but not at an attribute inside one: the argument is
//! what the message must point at, and the attribute inside must be named in its text.

use acceptance_tests::terraform::Diagnostic;
use acceptance_tests::{Outcome, Stage, ensure};

use crate::configuration::resource;

/// A wrong configuration.
struct Wrong {
    /// What is wrong with it.
    what: &'static str,
    /// Body of the network; `name` and `cidr` are added unless it has them.
    body: &'static str,
    /// What the message must contain.
    message: &'static str,
    /// Path of the attribute that is wrong; empty if it is as much one as another.
    path: &'static str,
}

const fn wrong(
    what: &'static str,
    body: &'static str,
    message: &'static str,
    path: &'static str,
) -> Wrong {
    Wrong {
        what,
        body,
        message,
        path,
    }
}

const WRONG: &[Wrong] = &[
    wrong(
        "malformed block",
        r#"cidr = "10.0.0/16""#,
        "10.0.0/16",
        "cidr",
    ),
    wrong(
        "block with host bits",
        r#"cidr = "10.0.1.5/16""#,
        "10.0.0.0/16",
        "cidr",
    ),
    wrong(
        "block too large for a VPC",
        r#"cidr = "10.0.0.0/8""#,
        "/16",
        "cidr",
    ),
    wrong(
        "block too small for the subnets",
        // The tiers without room are the default ones, which no line of the configuration holds.
        r#"cidr = "10.0.0.0/28""#,
        "10.0.0.0/28",
        "",
    ),
    wrong(
        "two sources of the block",
        r#"ipam = { pool_id = "ipam-pool-0a1b2c3d4e5f67890", netmask_length = 16 }"#,
        "cidr",
        "",
    ),
    wrong("no source of the block", "cidr = null", "cidr", ""),
    wrong(
        "capital letters in the name",
        r#"name = "Main""#,
        "owercase",
        "name",
    ),
    wrong(
        "name too long",
        r#"name = "a-name-that-goes-on-for-more-than-forty-characters""#,
        "40",
        "name",
    ),
    wrong("no zone", "zones = { count = 0 }", "1", "zones.count"),
    wrong(
        "more zones than any region has",
        "zones = { count = 7 }",
        "6",
        "zones.count",
    ),
    wrong(
        "two ways to choose zones",
        r#"zones = { count = 2, ids = ["use1-az1"] }"#,
        "ids",
        "zones",
    ),
    wrong(
        "unknown kind of tier",
        r#"tiers = { app = { kind = "secret" } }"#,
        "isolated",
        "tiers.app.kind",
    ),
    wrong(
        "subnet too small",
        r#"tiers = { app = { kind = "isolated", prefix_length = 29 } }"#,
        "28",
        "tiers.app.prefix_length",
    ),
    wrong(
        "tier outside the network",
        r#"tiers = { app = { kind = "isolated", cidr_block = "192.168.0.0/24" } }"#,
        "192.168.0.0/24",
        "tiers.app.cidr_block",
    ),
    wrong(
        "unknown NAT mode",
        r#"nat = { mode = "double" }"#,
        "per_zone",
        "nat.mode",
    ),
    wrong(
        "NAT in a tier that does not exist",
        r#"nat = { tier = "edge" }"#,
        "edge",
        "nat.tier",
    ),
    wrong(
        "NAT gateways without a public tier",
        r#"tiers = { app = { kind = "private" } }"#,
        "public",
        "",
    ),
    wrong(
        "public addresses in a private tier",
        r#"tiers = {
            public = { kind = "public" }
            app = { kind = "private", assign_public_ips = true }
        }"#,
        "public",
        "tiers.app.assign_public_ips",
    ),
    wrong(
        "rule from a group that does not exist",
        r#"security_groups = { db = { ingress = { app = { from_group = "ap", port = 5432 } } } }"#,
        "ap",
        "security_groups.db.ingress.app.from_group",
    ),
    wrong(
        "rule to nowhere",
        r#"security_groups = { db = { egress = { out = { port = 443 } } } }"#,
        "to_",
        "security_groups.db.egress",
    ),
    wrong(
        "two destinations of flow logs",
        r#"flow_logs = { cloudwatch = {}, s3 = { bucket_arn = "arn:aws:s3:::central-logs" } }"#,
        "s3",
        "flow_logs",
    ),
    wrong(
        "interval that AWS does not offer",
        "flow_logs = { interval_seconds = 120 }",
        "600",
        "flow_logs.interval_seconds",
    ),
    wrong(
        "retention that AWS does not offer",
        "flow_logs = { cloudwatch = { retention_days = 17 } }",
        "17",
        "flow_logs.cloudwatch.retention_days",
    ),
    wrong(
        "route to two places",
        r#"tiers = { app = { kind = "isolated", routes = {
            "10.9.0.0/16" = { transit_gateway_id = "tgw-0a1b2c3d4e5f67890", network_interface_id = "eni-0a1b2c3d4e5f67890" }
        } } }"#,
        "10.9.0.0/16",
        "tiers.app.routes",
    ),
    wrong(
        "two ACL rules in one place",
        r#"tiers = { app = { kind = "isolated", network_acl = { ingress = {
            one = { number = 100, cidr = "10.0.0.0/8" }
            two = { number = 100, cidr = "192.168.0.0/16" }
        } } } }"#,
        "100",
        "tiers.app.network_acl.ingress.two.number",
    ),
    wrong("unknown argument", "tier = {}", "tier", "tier"),
];

impl Wrong {
    fn hcl(&self) -> String {
        let has = |argument: &str| self.body.trim_start().starts_with(argument);
        let name = if has("name") { "" } else { "name = \"main\"" };
        let cidr = if has("cidr") {
            ""
        } else {
            "cidr = \"10.0.0.0/16\""
        };
        resource(&format!("\n  {name}\n  {cidr}\n  {}\n", self.body))
    }

    fn check(&self, stage: &Stage) -> Outcome<()> {
        let errors = errors(stage, &self.hcl())?;
        ensure!(!errors.is_empty(), "it is accepted");
        let argument = self.path.split('.').next().unwrap_or_default();
        let attribute = self.path.rsplit('.').next().unwrap_or_default();
        let fits = |error: &Diagnostic| {
            let message = error.message();
            let names_attribute = attribute == argument || message.contains(attribute);
            message.contains(self.message) && names_attribute && error.snippet.contains(argument)
        };
        ensure!(
            errors.iter().any(fits),
            "no message has {:?} and leads to {:?}: {errors:#?}",
            self.message,
            self.path
        );
        Ok(())
    }
}

/// The errors of `validate`, or of `plan` for what only AWS can say.
fn errors(stage: &Stage, hcl: &str) -> Outcome<Vec<Diagnostic>> {
    stage.terraform.write(hcl)?;
    let mut reported = stage.terraform.validate()?;
    reported.retain(|diagnostic| diagnostic.severity == "error");
    if reported.is_empty() {
        reported = stage
            .terraform
            .plan()?
            .errors()
            .into_iter()
            .cloned()
            .collect();
    }
    Ok(reported)
}

#[test]
fn every_wrong_configuration_is_refused_with_a_message_that_helps() -> Outcome<()> {
    let stage = Stage::new()?;
    let failures: Vec<String> = WRONG
        .iter()
        .filter_map(|case| Some(format!("{}: {:?}", case.what, case.check(&stage).err()?)))
        .collect();
    ensure!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        WRONG.len(),
        failures.join("\n")
    );
    assert_eq!(stage.proxy.mutating(), 0, "{:?}", stage.proxy.counts());
    Ok(())
}

#[test]
fn problems_are_reported_all_at_once() -> Outcome<()> {
    let stage = Stage::new()?;
    let body = r#"
  name  = "Main"
  cidr  = "10.0.1.5/16"
  zones = { count = 9 }
  nat   = { tier = "edge" }
"#;
    let errors = errors(&stage, &resource(body))?;
    for attribute in ["name", "cidr", "zones", "nat"] {
        let named = errors
            .iter()
            .any(|error| error.snippet.trim_start().starts_with(attribute));
        ensure!(named, "nothing is said about {attribute}: {errors:#?}");
    }
    Ok(())
}
