//! Somebody changes AWS behind Terraform's back: the plan shows it, the apply repairs it, and that is that.

use acceptance_tests::{Flavor, Inventory, Outcome, Stage, ensure};
use serde_json::json;

use crate::configuration::{NETWORK, SMALL};

type Sabotage = fn(&Stage, &Inventory) -> Outcome<()>;

/// What is done, and how.
const SABOTAGES: &[(&str, Sabotage)] = &[
    ("a default route is deleted", |stage, made| {
        let destination = [("DestinationCidrBlock", "0.0.0.0/0")];
        any(
            stage,
            made,
            "route table",
            "DeleteRoute",
            "RouteTableId",
            &destination,
        )
    }),
    // The association of the network's main route table is there too, and cannot be let go of.
    ("a subnet loses its route table", |stage, made| {
        any(
            stage,
            made,
            "route table association",
            "DisassociateRouteTable",
            "AssociationId",
            &[],
        )
    }),
    ("a subnet loses its tags", |stage, made| {
        ec2(
            stage,
            "DeleteTags",
            "ResourceId.1",
            first(made, "subnet")?,
            &[("Tag.1.Key", "Name")],
        )
    }),
    ("a subnet's attribute is changed", |stage, made| {
        let id = first(made, "subnet")?;
        ec2(
            stage,
            "ModifySubnetAttribute",
            "SubnetId",
            id,
            &[("MapPublicIpOnLaunch.Value", "true")],
        )
    }),
    (
        "the network's DNS host names are turned off",
        |stage, made| {
            ec2(
                stage,
                "ModifyVpcAttribute",
                "VpcId",
                first(made, "vpc")?,
                &[("EnableDnsHostnames.Value", "false")],
            )
        },
    ),
    ("a NAT gateway is deleted", |stage, made| {
        ec2(
            stage,
            "DeleteNatGateway",
            "NatGatewayId",
            first(made, "nat gateway")?,
            &[],
        )
    }),
    ("the flow log is deleted", |stage, made| {
        ec2(
            stage,
            "DeleteFlowLogs",
            "FlowLogId.1",
            first(made, "flow log")?,
            &[],
        )
    }),
    ("a gateway endpoint is deleted", |stage, made| {
        ec2(
            stage,
            "DeleteVpcEndpoints",
            "VpcEndpointId.1",
            first(made, "vpc endpoint")?,
            &[],
        )
    }),
    (
        "the log group keeps its events for another time",
        |stage, made| {
            let body = json!({ "logGroupName": first(made, "log group")?, "retentionInDays": 1 });
            let target = "Logs_20140328.PutRetentionPolicy";
            let reply =
                stage
                    .emulator
                    .api()
                    .json("logs", acceptance_tests::REGION, target, &body)?;
            ensure!(reply.status == 200, "PutRetentionPolicy answers {reply:?}");
            Ok(())
        },
    ),
];

fn first<'a>(made: &'a Inventory, what: &str) -> Outcome<&'a str> {
    let found = made.ids(what).first().copied();
    found.ok_or_else(|| {
        acceptance_tests::Failure::new(format!("there is no {what} to tamper with:\n{made}"))
    })
}

/// Does it to the first that allows it.
fn any(
    stage: &Stage,
    made: &Inventory,
    what: &str,
    action: &str,
    name: &str,
    more: &[(&str, &str)],
) -> Outcome<()> {
    let done = made
        .ids(what)
        .iter()
        .any(|id| ec2(stage, action, name, id, more).is_ok());
    ensure!(done, "{action} fits no {what}:\n{made}");
    Ok(())
}

fn ec2(stage: &Stage, action: &str, name: &str, id: &str, more: &[(&str, &str)]) -> Outcome<()> {
    stage
        .emulator
        .api()
        .ec2(&[&[("Action", action), (name, id)], more].concat())
        .map(drop)
}

fn repaired(stage: &Stage, tamper: Sabotage) -> Outcome<()> {
    let made = stage.made()?;
    tamper(stage, &made)?;
    let plan = stage.terraform.plan()?;
    ensure!(
        plan.errors().is_empty(),
        "the plan fails: {:?}",
        plan.diagnostics
    );
    let actions = plan.actions.get(NETWORK).cloned().unwrap_or_default();
    ensure!(
        actions == ["update"],
        "the plan must show an update, not {actions:?}"
    );
    stage.settle(&SMALL.hcl(), NETWORK)?;
    let now = stage.made()?;
    ensure!(
        now.counts() == made.counts(),
        "before:\n{made}after the repair:\n{now}"
    );
    Ok(())
}

#[test]
fn every_sort_of_drift_is_shown_and_repaired() -> Outcome<()> {
    drift_on(Flavor::Moto)
}

#[test]
fn every_sort_of_drift_is_shown_and_repaired_on_localstack() -> Outcome<()> {
    drift_on(Flavor::LocalStack)
}

fn drift_on(flavor: Flavor) -> Outcome<()> {
    let Some(stage) = Stage::on(flavor)? else {
        return Ok(());
    };
    stage.settle(&SMALL.hcl(), NETWORK)?;
    let failures: Vec<String> = SABOTAGES
        .iter()
        .filter_map(|(what, tamper)| {
            Some(format!("{what}: {:?}", repaired(&stage, *tamper).err()?))
        })
        .collect();
    ensure!(
        failures.is_empty(),
        "{} of {} repairs failed:\n{}",
        failures.len(),
        SABOTAGES.len(),
        failures.join("\n")
    );
    stage.strike()
}
