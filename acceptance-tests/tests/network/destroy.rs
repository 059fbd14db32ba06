//! What others left in a network goes with it or survives, by its tags; what is in the way is named.

use std::collections::{BTreeMap, BTreeSet};

use acceptance_tests::strict::Strict;
use acceptance_tests::{Api, Emulator, Failure, Outcome, REGION, Stage, Terraform, ensure, http};

use crate::configuration::{NETWORK, Network, SMALL};

/// Two zones, so that a load balancer can stand in it.
const TWO: Network = Network { zones: 2, ..SMALL };

const CLASSIC: &str = "2012-06-01";
const SECOND: &str = "2015-12-01";

/// What a cluster's controllers make, by what it is.
type Planted = BTreeMap<&'static str, String>;

/// A volume that nobody uses, as the controller of a cluster makes one for a claim.
fn volume(api: Api, cluster: &str) -> Outcome<String> {
    let made = api.ec2(&[
        ("Action", "CreateVolume"),
        ("AvailabilityZone", "us-east-1a"),
        ("Size", "1"),
        ("TagSpecification.1.ResourceType", "volume"),
        (
            "TagSpecification.1.Tag.1.Key",
            &format!("kubernetes.io/cluster/{cluster}"),
        ),
        ("TagSpecification.1.Tag.1.Value", "owned"),
    ])?;
    named(&made, "volumeId")
}

/// Everything that clusters leave in a VPC, with the tags that they write.
fn plant(api: Api, vpc: &str, subnets: &[String], cluster: &str) -> Outcome<Planted> {
    let owned = format!("kubernetes.io/cluster/{cluster}");
    let balancing = |version: &str, parameters: &[(&str, &str)], element: &str| {
        let reply = api.query("elasticloadbalancing", REGION, version, parameters)?;
        ensure!(
            reply.status == 200,
            "{parameters:?} answers {}: {}",
            reply.status,
            reply.body
        );
        Ok(element_of(&reply.body, element))
    };
    let tagged = |what: &'static str, key: &str, value: &str, parameters: &[(&str, &str)]| {
        let tags = [
            ("TagSpecification.1.ResourceType", what),
            ("TagSpecification.1.Tag.1.Key", key),
            ("TagSpecification.1.Tag.1.Value", value),
        ];
        api.ec2(&[parameters, &tags].concat())
    };
    let group = |name: &str, key: &str, value: &str| {
        let parameters = [
            ("Action", "CreateSecurityGroup"),
            ("GroupName", name),
            ("GroupDescription", "made by a controller"),
            ("VpcId", vpc),
        ];
        let made = tagged("security-group", key, value, &parameters)?;
        named(&made, "groupId")
    };
    let interface = [
        ("Action", "CreateNetworkInterface"),
        ("SubnetId", &subnets[0]),
    ];
    let pod = tagged(
        "network-interface",
        "cluster.k8s.amazonaws.com/name",
        cluster,
        &interface,
    )?;
    let volume = volume(api, cluster)?;
    let (front, back) = (
        group("k8s-front", "elbv2.k8s.aws/cluster", cluster)?,
        group("k8s-back", &owned, "owned")?,
    );
    for (one, other) in [(&front, &back), (&back, &front)] {
        api.ec2(&[
            ("Action", "AuthorizeSecurityGroupIngress"),
            ("GroupId", one),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "80"),
            ("IpPermissions.1.ToPort", "80"),
            ("IpPermissions.1.Groups.1.GroupId", other),
        ])?;
    }
    let name = format!("k8s-{}", &vpc[vpc.len() - 6..]);
    let tags = [
        ("Tags.member.1.Key", "elbv2.k8s.aws/cluster"),
        ("Tags.member.1.Value", cluster),
    ];
    let balancer = balancing(
        SECOND,
        &[
            &[
                ("Action", "CreateLoadBalancer"),
                ("Name", &name),
                ("Subnets.member.1", &subnets[0]),
                ("Subnets.member.2", &subnets[1]),
                ("SecurityGroups.member.1", &front),
            ][..],
            &tags,
        ]
        .concat(),
        "LoadBalancerArn",
    )?;
    let target = balancing(
        SECOND,
        &[
            &[
                ("Action", "CreateTargetGroup"),
                ("Name", &name),
                ("Protocol", "HTTP"),
                ("Port", "80"),
                ("VpcId", vpc),
            ][..],
            &tags,
        ]
        .concat(),
        "TargetGroupArn",
    )?;
    balancing(
        SECOND,
        &[
            ("Action", "CreateListener"),
            ("LoadBalancerArn", &balancer.clone().unwrap_or_default()),
            ("Protocol", "HTTP"),
            ("Port", "80"),
            ("DefaultActions.member.1.Type", "forward"),
            (
                "DefaultActions.member.1.TargetGroupArn",
                &target.clone().unwrap_or_default(),
            ),
        ],
        "ListenerArn",
    )?;
    balancing(
        CLASSIC,
        &[
            ("Action", "CreateLoadBalancer"),
            ("LoadBalancerName", &name),
            ("Listeners.member.1.Protocol", "tcp"),
            ("Listeners.member.1.LoadBalancerPort", "80"),
            ("Listeners.member.1.InstancePort", "80"),
            ("Subnets.member.1", &subnets[0]),
            ("SecurityGroups.member.1", &front),
            ("Tags.member.1.Key", &owned),
            ("Tags.member.1.Value", "owned"),
        ],
        "DNSName",
    )?;
    let missing = || Failure::new("the emulator names no ARN");
    Ok(BTreeMap::from([
        ("classic load balancer", format!("classic {name}")),
        ("load balancer", balancer.ok_or_else(missing)?),
        ("network interface", named(&pod, "networkInterfaceId")?),
        ("security group behind", back),
        ("security group in front", front),
        ("target group", target.ok_or_else(missing)?),
        ("volume", volume),
    ]))
}

/// A network interface and a security group without tags.
fn plant_foreign(api: Api, vpc: &str, subnet: &str) -> Outcome<Planted> {
    let interface = api.ec2(&[("Action", "CreateNetworkInterface"), ("SubnetId", subnet)])?;
    let group = api.ec2(&[
        ("Action", "CreateSecurityGroup"),
        ("GroupName", "by-hand"),
        ("GroupDescription", "made by hand"),
        ("VpcId", vpc),
    ])?;
    Ok(BTreeMap::from([
        (
            "network interface",
            named(&interface, "networkInterfaceId")?,
        ),
        ("security group", named(&group, "groupId")?),
    ]))
}

/// A VPC that is none of the provider's, with two subnets.
fn neighbour(api: Api) -> Outcome<(String, Vec<String>)> {
    let made = api.ec2(&[("Action", "CreateVpc"), ("CidrBlock", "10.9.0.0/16")])?;
    let vpc = named(&made, "vpcId")?;
    let subnets = [("10.9.0.0/24", "us-east-1a"), ("10.9.1.0/24", "us-east-1b")]
        .into_iter()
        .map(|(block, zone)| {
            let made = api.ec2(&[
                ("Action", "CreateSubnet"),
                ("VpcId", &vpc),
                ("CidrBlock", block),
                ("AvailabilityZone", zone),
            ])?;
            named(&made, "subnetId")
        })
        .collect::<Outcome<_>>()?;
    Ok((vpc, subnets))
}

fn element_of(xml: &str, element: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{element}>"))?;
    Some(rest.split_once('<')?.0.to_owned())
}

fn named(xml: &str, element: &str) -> Outcome<String> {
    element_of(xml, element).ok_or_else(|| Failure::new(format!("no {element} in {xml}")))
}

/// Of what was planted, what is still there.
fn survivors(api: Api, planted: &Planted) -> Outcome<BTreeSet<&'static str>> {
    let mut there = String::new();
    for action in [
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeVolumes",
    ] {
        there.push_str(&api.ec2(&[("Action", action)])?);
    }
    for action in ["DescribeLoadBalancers", "DescribeTargetGroups"] {
        let reply = api.query(
            "elasticloadbalancing",
            REGION,
            SECOND,
            &[("Action", action)],
        )?;
        there.push_str(&reply.body);
    }
    let classic = [("Action", "DescribeLoadBalancers")];
    let reply = api.query("elasticloadbalancing", REGION, CLASSIC, &classic)?;
    there.push_str(&reply.body.replace("<LoadBalancerName>", ">classic "));
    let is_there = |id: &&String| there.contains(&format!(">{id}<"));
    Ok(planted
        .iter()
        .filter(|(_, id)| is_there(id))
        .map(|(what, _)| *what)
        .collect())
}

/// The VPC of the network, and its subnets in order of their addresses.
fn place(stage: &Stage) -> Outcome<(String, Vec<String>)> {
    let parts = stage.parts(NETWORK)?;
    let ids = |kind: &str| -> Vec<String> {
        parts
            .values()
            .filter(|part| part.kind == kind)
            .filter_map(|part| Some(part.id.as_str()?.to_owned()))
            .collect()
    };
    let vpc = ids("AWS::EC2::VPC").pop();
    Ok((
        vpc.ok_or_else(|| Failure::new("the network has no VPC"))?,
        ids("AWS::EC2::Subnet"),
    ))
}

fn squeezed(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c == '│');
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn what_a_dead_cluster_left_goes_and_nothing_else_does() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&TWO.hcl(), NETWORK)?;
    let api = stage.emulator.api();
    let (vpc, subnets) = place(&stage)?;
    let left = plant(api, &vpc, &subnets, "dead")?;
    let foreign = plant_foreign(api, &vpc, &subnets[0])?;
    let (far, far_subnets) = neighbour(api)?;
    let elsewhere = plant(api, &far, &far_subnets, "dead")?;

    let plan = stage.terraform.plan_with(&["-destroy"])?;
    let said: String = plan
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.message())
        .collect();
    let says_only = || Failure::new(format!("the plan says only: {said}"));
    let (goes, stays) = said
        .split_once("These are left alone")
        .ok_or_else(says_only)?;
    let (stays, data) = stays
        .split_once("These hold data and stay")
        .ok_or_else(says_only)?;
    ensure!(
        data.contains(&left["volume"]),
        "the plan does not say that the volume stays: {said}"
    );
    for (what, id) in left.iter().filter(|(what, _)| **what != "volume") {
        ensure!(
            goes.contains(id.trim_start_matches("classic ")),
            "the plan does not say that the {what} {id} goes: {said}"
        );
    }
    for id in foreign.values() {
        ensure!(
            stays.contains(id),
            "the plan does not say that {id} stays: {said}"
        );
    }
    // A volume is in no VPC: that of a cluster of the same name is told, wherever the cluster was.
    for (_, id) in elsewhere.iter().filter(|(what, _)| **what != "volume") {
        ensure!(!said.contains(id), "{id} is elsewhere: {said}");
    }

    stage.terraform.destroy()?;

    // A volume holds data, and is in no network.
    assert_eq!(survivors(api, &left)?, BTreeSet::from(["volume"]));
    assert_eq!(survivors(api, &foreign)?.len(), foreign.len(), "foreign");
    assert_eq!(survivors(api, &elsewhere)?.len(), elsewhere.len(), "far");
    Ok(())
}

#[test]
fn volumes_go_where_the_network_says_so() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = TWO.hcl().replace(
        "deletion_protection = false",
        "deletion_protection    = false\n  delete_cluster_volumes = true",
    );
    stage.settle(&hcl, NETWORK)?;
    let api = stage.emulator.api();
    let (vpc, subnets) = place(&stage)?;
    let left = plant(api, &vpc, &subnets, "dead")?;
    let others = volume(api, "alive")?;
    stage.terraform.destroy()?;
    assert_eq!(survivors(api, &left)?, BTreeSet::new());
    let kept = Planted::from([("volume", others)]);
    assert_eq!(survivors(api, &kept)?, BTreeSet::from(["volume"]));
    Ok(())
}

#[test]
fn what_a_living_cluster_made_stays() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&TWO.hcl(), NETWORK)?;
    let api = stage.emulator.api();
    let (vpc, subnets) = place(&stage)?;
    let cluster = serde_json::json!({ "name": "alive", "roleArn": "arn:aws:iam::123456789012:role/eks",
        "resourcesVpcConfig": { "subnetIds": subnets } });
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/eks/aws4_request, SignedHeaders=host, Signature=none"
    );
    let reply = http::send(
        stage.emulator.address(),
        "POST",
        "/clusters",
        &[
            ("authorization", &scope),
            ("content-type", "application/json"),
        ],
        cluster.to_string(),
    )?;
    ensure!(reply.status == 200, "CreateCluster answers {reply:?}");
    let made = plant(api, &vpc, &subnets, "alive")?;
    stage.terraform.destroy()?;
    assert_eq!(survivors(api, &made)?.len(), made.len());
    Ok(())
}

/// A network whose provider talks to an EC2 that refuses as the real one does. It has no NAT gateway: moto keeps the network
/// interface of one for ever.
fn refusing() -> Outcome<(Stage, Strict)> {
    let network = Network { nat: "none", ..TWO };
    let mut stage = Stage::around(Emulator::moto()?)?;
    let strict = Strict::start(stage.emulator.address())?;
    stage.terraform = Terraform::new(&strict.endpoint())?;
    stage.settle(&network.hcl(), NETWORK)?;
    Ok((stage, strict))
}

#[test]
fn refused_deletes_are_tried_again_when_the_way_is_clear() -> Outcome<()> {
    let (stage, strict) = refusing()?;
    let api = stage.emulator.api();
    let (vpc, subnets) = place(&stage)?;
    let left = plant(api, &vpc, &subnets, "dead")?;
    stage.terraform.destroy()?;
    assert_eq!(survivors(api, &left)?, BTreeSet::from(["volume"]));
    let subnet = format!("DeleteSubnet {}", subnets[0]);
    ensure!(
        strict.refused().contains(&subnet),
        "nothing was in the way: {:?}",
        strict.refused()
    );
    Ok(())
}

/// The run is interrupted as soon as the refusal shows: what is left is in the state, and the next run goes on.
#[test]
fn what_is_in_the_way_is_named_until_somebody_removes_it() -> Outcome<()> {
    let (stage, strict) = refusing()?;
    let api = stage.emulator.api();
    let (vpc, subnets) = place(&stage)?;
    let foreign = plant_foreign(api, &vpc, &subnets[0])?;
    let interface = &foreign["network interface"];

    let destroying = stage
        .terraform
        .spawn(&["destroy", "-auto-approve", "-no-color"])?;
    let begun = std::time::Instant::now();
    while strict.refused().len() < 3 && begun.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    destroying.interrupt();
    let run = destroying.wait()?;
    ensure!(run.code == Some(1), "interrupted:\n{}", run.text());
    let text = squeezed(&run.text());
    ensure!(
        text.contains("was interrupted") || text.contains("not destroyed completely"),
        "{text}"
    );
    let left = stage.parts(NETWORK)?;
    ensure!(
        left.values().any(|part| part.id == subnets[0].as_str()),
        "the subnet is in the state: {left:?}"
    );
    assert_eq!(survivors(api, &foreign)?.len(), foreign.len());

    api.ec2(&[
        ("Action", "DeleteNetworkInterface"),
        ("NetworkInterfaceId", interface),
    ])?;
    stage.terraform.destroy()?;
    assert_eq!(
        survivors(api, &foreign)?,
        BTreeSet::from(["security group"])
    );
    Ok(())
}
