//! The weather that the proxy makes, proven with raw calls.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use acceptance_tests::{
    Api, Emulator, Flavor, Held, Hold, Outcome, Proxy, Weather, ensure, inventory,
};
use serde_json::{Value, json};

use crate::{REGION, create_vpc, vpcs};

#[test]
fn weather_delays_refuses_and_cuts_by_seed() -> Outcome<()> {
    let emulator = Emulator::moto()?;
    let proxy = Proxy::start(emulator.address())?;
    let api = Api::at(proxy.address());
    api.ec2(&[("Action", "DescribeVpcs")])?;

    let slow = Duration::from_millis(400);
    proxy.set_weather(Weather {
        latency_of: vec![("DescribeVpcs", slow)],
        ..Weather::default()
    });
    let started = Instant::now();
    api.ec2(&[("Action", "DescribeVpcs")])?;
    assert!(started.elapsed() >= slow);

    for (weather, expected) in [
        (
            Weather {
                throttled: 1.0,
                ..Weather::default()
            },
            "RequestLimitExceeded",
        ),
        (
            Weather {
                broken: 1.0,
                ..Weather::default()
            },
            "InternalError",
        ),
    ] {
        proxy.set_weather(weather);
        let reply = api.query("ec2", REGION, "2016-11-15", &[("Action", "DescribeVpcs")])?;
        assert!(
            reply.status >= 500 && reply.body.contains(expected),
            "{reply:?}"
        );
    }

    let before = vpcs(emulator.api())?;
    proxy.set_weather(Weather {
        cut: 1.0,
        ..Weather::default()
    });
    assert!(
        create_vpc(api).is_err(),
        "the reply of a cut connection must be lost"
    );
    assert_eq!(
        vpcs(emulator.api())?,
        before + 1,
        "a cut connection loses the reply, not the call"
    );

    let fates = |seed| -> Outcome<Vec<bool>> {
        let proxy = Proxy::start(emulator.address())?;
        proxy.set_weather(Weather {
            throttled: 0.5,
            seed,
            ..Weather::default()
        });
        let api = Api::at(proxy.address());
        Ok((0..24)
            .map(|_| api.ec2(&[("Action", "DescribeVpcs")]).is_ok())
            .collect())
    };
    let first = fates(7)?;
    assert_eq!(first, fates(7)?, "the same seed gives the same fates");
    assert_ne!(first, fates(8)?, "another seed gives others");
    assert!(first.contains(&true) && first.contains(&false));
    Ok(())
}

#[test]
fn connections_are_reset_before_and_after_the_call_is_executed() -> Outcome<()> {
    let emulator = Emulator::moto()?;
    let proxy = Proxy::start(emulator.address())?;
    let api = Api::at(proxy.address());
    let mut exist = vpcs(emulator.api())?;
    for (weather, executed, reset) in [
        (
            Weather {
                reset_before: 1.0,
                ..Weather::default()
            },
            0,
            true,
        ),
        (
            Weather {
                reset_after: 1.0,
                ..Weather::default()
            },
            1,
            true,
        ),
        (
            Weather {
                cut: 1.0,
                ..Weather::default()
            },
            1,
            false,
        ),
    ] {
        proxy.set_weather(weather.clone());
        assert_eq!(end_of_connection(&proxy)?, reset, "{weather:?}");
        exist += executed;
        assert_eq!(vpcs(emulator.api())?, exist, "{weather:?}");
    }
    proxy.set_weather(Weather::default());
    create_vpc(api)?;
    Ok(())
}

/// Creates a VPC and returns whether the connection was reset (as opposed to closed) without a reply.
fn end_of_connection(proxy: &Proxy) -> Outcome<bool> {
    use std::io::{ErrorKind, Read, Write};
    let body = "Version=2016-11-15&Action=CreateVpc&CidrBlock=10.9.0.0/16";
    let mut stream = std::net::TcpStream::connect(proxy.address())?;
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: aws\r\nauthorization: AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/ec2/aws4_request\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    match stream.read(&mut [0; 1024]) {
        Ok(0) => Ok(false),
        Ok(_) => Err(acceptance_tests::Failure::new("a reply was delivered")),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// How often a question is answered with yes and with no, asked until it has been answered with both.
fn both_answers(within: Duration, question: &dyn Fn() -> Outcome<bool>) -> Outcome<(usize, usize)> {
    let started = Instant::now();
    let (mut yes, mut no) = (0, 0);
    while started.elapsed() < within && (yes == 0 || no == 0) {
        if question()? {
            yes += 1;
        } else {
            no += 1;
        }
    }
    Ok((yes, no))
}

#[test]
fn stale_reads_show_what_was_created_changed_and_deleted_too_late() -> Outcome<()> {
    const LAG: Duration = Duration::from_secs(3);
    let emulator = Emulator::forkable()?;
    let proxy = Proxy::start(emulator.address())?;
    let api = Api::at(proxy.address());
    proxy.set_weather(Weather {
        stale: 0.8,
        lag: LAG,
        seed: 1,
        ..Weather::default()
    });
    let by_id = |id: &str| -> Outcome<bool> {
        let asked = [("Action", "DescribeVpcs"), ("VpcId.1", id)];
        let reply = api.query("ec2", REGION, "2016-11-15", &asked)?;
        ensure!(
            reply.status == 200 || reply.body.contains("InvalidVpcID.NotFound"),
            "{reply:?}"
        );
        Ok(reply.status == 200)
    };
    let listed = |id: &str| -> Outcome<bool> {
        let all = inventory::elements(&api.ec2(&[("Action", "DescribeVpcs")])?, "vpcId");
        Ok(all.contains(id))
    };
    let tagged = |id: &str| -> Outcome<bool> {
        let asked = [
            ("Action", "DescribeTags"),
            ("Filter.1.Name", "resource-id"),
            ("Filter.1.Value.1", id),
        ];
        Ok(api.ec2(&asked)?.contains("<key>colour</key>"))
    };
    // While the lag lasts, some reads look back behind the change and some do not; then, none does.
    let mixed = |what: &str, question: &dyn Fn() -> Outcome<bool>| -> Outcome<()> {
        let (yes, no) = both_answers(LAG, question)?;
        ensure!(yes > 0 && no > 0, "{what}: {yes} times yes, {no} times no");
        Ok(())
    };
    let settled = |what: &str, truth: bool, question: &dyn Fn() -> Outcome<bool>| -> Outcome<()> {
        for _ in 0..5 {
            ensure!(question()? == truth, "{what}: must be {truth} at last");
        }
        Ok(())
    };
    let wait = || std::thread::sleep(LAG);

    let id = create_vpc(api)?;
    mixed("created, by id", &|| by_id(&id))?;
    wait();
    settled("created, by id", true, &|| by_id(&id))?;
    settled("created, listed", true, &|| listed(&id))?;
    api.ec2(&[
        ("Action", "CreateTags"),
        ("ResourceId.1", &id),
        ("Tag.1.Key", "colour"),
        ("Tag.1.Value", "red"),
    ])?;
    mixed("tagged", &|| tagged(&id))?;
    wait();
    settled("tagged", true, &|| tagged(&id))?;
    api.ec2(&[("Action", "DeleteVpc"), ("VpcId", &id)])?;
    mixed("deleted, listed", &|| listed(&id))?;
    wait();
    settled("deleted, listed", false, &|| listed(&id))?;
    settled("deleted, by id", false, &|| by_id(&id))?;
    let (stale, fresh): (Vec<_>, Vec<_>) = proxy.calls().into_iter().partition(|call| call.stale);
    assert!(stale.iter().all(|call| !call.is_mutating()));
    assert!(stale.len() >= 3, "{} of {}", stale.len(), fresh.len());

    // Other services, other dialects.
    let role = [
        ("Action", "CreateRole"),
        ("RoleName", "late"),
        ("AssumeRolePolicyDocument", "{}"),
    ];
    api.query("iam", REGION, "2010-05-08", &role)?;
    mixed("role", &|| {
        let asked = [("Action", "GetRole"), ("RoleName", "late")];
        Ok(api.query("iam", REGION, "2010-05-08", &asked)?.status == 200)
    })?;
    let id = create_vpc(api)?;
    proxy.set_weather(Weather::default());
    settled("in good weather", true, &|| by_id(&id))?;
    Ok(())
}

/// Asks until the answer is `last`: what it was before, and how long that took.
fn until(
    last: &str,
    since: Instant,
    question: impl Fn() -> Outcome<String>,
) -> Outcome<(BTreeSet<String>, Duration)> {
    let mut before = BTreeSet::new();
    loop {
        let answer = question()?;
        if answer == last {
            return Ok((before, since.elapsed()));
        }
        before.insert(answer);
        ensure!(
            since.elapsed() < crate::SOON,
            "{before:?} instead of {last}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Expects the state `held`, if any, for `least` since `since`, and then `last`.
fn expect_hold(
    (held, least): (&str, Duration),
    last: &str,
    since: Instant,
    question: impl Fn() -> Outcome<String>,
) -> Outcome<()> {
    let (before, took) = until(last, since, question)?;
    ensure!(
        before.iter().all(|state| state == held) && took >= least,
        "{before:?} for {took:?} instead of {held} for {least:?}"
    );
    Ok(())
}

const CREATING: Duration = Duration::from_millis(1500);
const DELETING: Duration = Duration::from_millis(1000);

fn hold(of: &'static Held) -> Weather {
    Weather {
        holds: vec![Hold {
            of,
            creating: CREATING,
            deleting: DELETING,
        }],
        ..Weather::default()
    }
}

fn first(xml: &str, element: &str) -> String {
    inventory::elements(xml, element)
        .into_iter()
        .next()
        .unwrap_or_default()
}

#[test]
fn nat_gateways_are_pending_and_deleting_for_as_long_as_they_are_held() -> Outcome<()> {
    let emulator = Emulator::forkable()?;
    let proxy = Proxy::start(emulator.address())?;
    let (api, truth) = (Api::at(proxy.address()), emulator.api());
    let vpc = create_vpc(api)?;
    let subnet = first(
        &api.ec2(&[
            ("Action", "CreateSubnet"),
            ("VpcId", &vpc),
            ("CidrBlock", "10.9.1.0/24"),
        ])?,
        "subnetId",
    );
    proxy.set_weather(hold(Held::NAT_GATEWAY));
    let state = |api: Api, id: &str| -> Outcome<String> {
        let asked = [("Action", "DescribeNatGateways"), ("NatGatewayId.1", id)];
        Ok(first(&api.ec2(&asked)?, "state"))
    };
    let begun = Instant::now();
    let created = api.ec2(&[
        ("Action", "CreateNatGateway"),
        ("SubnetId", &subnet),
        ("ConnectivityType", "private"),
    ])?;
    assert_eq!(first(&created, "state"), "pending");
    let id = first(&created, "natGatewayId");
    assert_eq!(state(truth, &id)?, "available", "only AWS's words are held");
    expect_hold(("pending", CREATING), "available", begun, || {
        state(api, &id)
    })?;

    let begun = Instant::now();
    api.ec2(&[("Action", "DeleteNatGateway"), ("NatGatewayId", &id)])?;
    assert_eq!(
        state(truth, &id)?,
        "available",
        "it is there until it is gone"
    );
    api.ec2(&[("Action", "DeleteNatGateway"), ("NatGatewayId", &id)])?;
    expect_hold(("deleting", DELETING), "deleted", begun, || state(api, &id))?;
    assert_eq!(state(truth, &id)?, "deleted");
    Ok(())
}

#[test]
fn endpoints_are_pending_and_deleting_for_as_long_as_they_are_held() -> Outcome<()> {
    let emulator = Emulator::forkable()?;
    let proxy = Proxy::start(emulator.address())?;
    let api = Api::at(proxy.address());
    let vpc = create_vpc(api)?;
    let table = first(
        &api.ec2(&[("Action", "CreateRouteTable"), ("VpcId", &vpc)])?,
        "routeTableId",
    );
    proxy.set_weather(hold(Held::VPC_ENDPOINT));
    let begun = Instant::now();
    let created = api.ec2(&[
        ("Action", "CreateVpcEndpoint"),
        ("VpcId", &vpc),
        ("ServiceName", "com.amazonaws.us-east-1.s3"),
        ("VpcEndpointType", "Gateway"),
        ("RouteTableId.1", &table),
    ])?;
    assert_eq!(first(&created, "state"), "pending");
    let id = first(&created, "vpcEndpointId");
    let state = || -> Outcome<String> {
        let asked = [
            ("Action", "DescribeVpcEndpoints"),
            ("Filter.1.Name", "vpc-endpoint-id"),
            ("Filter.1.Value.1", &id),
        ];
        let xml = api.ec2(&asked)?;
        let states = inventory::elements(&xml, "state");
        Ok(states.into_iter().next().unwrap_or("deleted".to_owned()))
    };
    expect_hold(("pending", CREATING), "available", begun, state)?;
    let begun = Instant::now();
    api.ec2(&[("Action", "DeleteVpcEndpoints"), ("VpcEndpointId.1", &id)])?;
    expect_hold(("deleting", DELETING), "deleted", begun, state)
}

#[test]
fn tables_are_creating_and_deleting_for_as_long_as_they_are_held() -> Outcome<()> {
    let emulator = Emulator::forkable()?;
    let proxy = Proxy::start(emulator.address())?;
    let api = Api::at(proxy.address());
    proxy.set_weather(hold(Held::DYNAMODB_TABLE));
    let call = |action: &str, body: Value| -> Outcome<(u16, Value)> {
        let reply = api.json(
            "dynamodb",
            REGION,
            &format!("DynamoDB_20120810.{action}"),
            &body,
        )?;
        Ok((reply.status, serde_json::from_str(&reply.body)?))
    };
    let table = json!({
        "TableName": "orders",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    });
    let begun = Instant::now();
    let (_, created) = call("CreateTable", table)?;
    assert_eq!(created["TableDescription"]["TableStatus"], "CREATING");
    let state = || -> Outcome<String> {
        let (status, shown) = call("DescribeTable", json!({"TableName": "orders"}))?;
        let state = shown["Table"]["TableStatus"].as_str().unwrap_or("gone");
        assert_eq!(status == 400, state == "gone", "{shown}");
        Ok(state.to_owned())
    };
    expect_hold(("CREATING", CREATING), "ACTIVE", begun, state)?;
    let begun = Instant::now();
    let (_, deleted) = call("DeleteTable", json!({"TableName": "orders"}))?;
    assert_eq!(deleted["TableDescription"]["TableStatus"], "DELETING");
    expect_hold(("DELETING", DELETING), "gone", begun, state)?;
    let (status, refused) = call("DeleteTable", json!({"TableName": "orders"}))?;
    assert_eq!(
        status, 400,
        "what AWS refuses is refused at once: {refused}"
    );
    Ok(())
}

/// Needs no copies of the emulator as long as nothing is deleted and nothing is stale.
#[test]
fn creation_is_held_on_every_emulator() -> Outcome<()> {
    let Some(emulator) = Emulator::start(Flavor::Ministack)? else {
        return Ok(());
    };
    let proxy = Proxy::start(emulator.address())?;
    proxy.set_weather(hold(Held::NAT_GATEWAY));
    let created = Api::at(proxy.address()).ec2(&[
        ("Action", "CreateNatGateway"),
        ("SubnetId", "subnet-0123456789abcdef0"),
        ("ConnectivityType", "private"),
    ])?;
    assert_eq!(first(&created, "state"), "pending");
    Ok(())
}
