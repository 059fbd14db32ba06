use super::*;
use crate::fixture;
use crate::testing::me;

fn interface() -> Value {
    json!({
        "VpcEndpointId": "vpce-1", "VpcEndpointType": "Interface", "VpcId": "vpc-1",
        "ServiceName": "com.amazonaws.us-east-1.s3", "State": "available",
        "PolicyDocument": "{\"Statement\":[{\"Action\":\"*\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Resource\":\"*\"}]}",
        "RouteTableIds": [], "SubnetIds": ["subnet-2", "subnet-1"], "Groups": [{ "GroupId": "sg-1", "GroupName": "endpoints" }],
        "IpAddressType": "ipv4", "PrivateDnsEnabled": true, "RequesterManaged": false,
        "DnsOptions": { "DnsRecordIpType": "ipv4", "PrivateDnsOnlyForInboundResolverEndpoint": false },
        "NetworkInterfaceIds": ["eni-1", "eni-2"],
        "DnsEntries": [{ "DnsName": "*.vpce-1.s3.us-east-1.vpce.amazonaws.com", "HostedZoneId": "Z7HUB22UULQXV" }, { "DnsName": "s3.us-east-1.amazonaws.com" }],
        "CreationTimestamp": "2024-01-01T00:00:00Z", "OwnerId": "123456789012", "ServiceRegion": "us-east-1",
        "Tags": fixture::tags(),
    })
}

fn with(changes: Value) -> Vec<Value> {
    let mut endpoint = interface();
    for (member, value) in changes.as_object().unwrap() {
        endpoint[member] = value.clone();
    }
    vec![json!({ "VpcEndpoints": [endpoint] })]
}

#[test]
fn an_interface_endpoint() {
    insta::assert_snapshot!(fixture::story::<VpcEndpoint>(
        json!({
            "VpcId": "vpc-1", "ServiceName": "com.amazonaws.us-east-1.s3", "VpcEndpointType": "Interface",
            "SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"], "PrivateDnsEnabled": true,
            "DnsOptions": { "PrivateDnsOnlyForInboundResolverEndpoint": "AllResolvers" },
        }),
        "vpce-1",
        &json!({ "VpcEndpoint": interface() }),
        vec![
            ("available", with(json!({}))),
            (
                "another subnet, no name, inbound only",
                with(json!({
                    "SubnetIds": ["subnet-2", "subnet-3"], "PrivateDnsEnabled": false,
                    "DnsOptions": { "DnsRecordIpType": "ipv4", "PrivateDnsOnlyForInboundResolverEndpoint": true },
                }))
            ),
            (
                "of another service",
                with(json!({ "ServiceName": "com.amazonaws.us-east-1.ec2" }))
            ),
            ("pending", with(json!({ "State": "pending" }))),
            (
                "waiting for the owner of the service",
                with(json!({ "State": "pendingAcceptance" }))
            ),
            ("rejected", with(json!({ "State": "Rejected" }))),
            (
                "failed",
                with(
                    json!({ "State": "failed", "LastError": { "Code": "x", "Message": "no address is free" } })
                )
            ),
            ("deleting", with(json!({ "State": "deleting" }))),
            ("deleted", with(json!({ "State": "Deleted" }))),
        ],
    ));
}

#[test]
fn a_gateway_endpoint() {
    let policy = json!({ "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*" }] });
    let gateway = json!({
        "VpcEndpointType": "Gateway", "SubnetIds": [], "Groups": [], "NetworkInterfaceIds": [], "DnsEntries": [],
        "RouteTableIds": ["rtb-2", "rtb-1"], "PolicyDocument": policy.to_string(), "PrivateDnsEnabled": false,
    });
    let and = |member: &str, value: Value| {
        let mut gateway = gateway.clone();
        gateway[member] = value;
        with(gateway)
    };
    insta::assert_snapshot!(fixture::story::<VpcEndpoint>(
        json!({
            "VpcId": "vpc-1", "ServiceName": "com.amazonaws.us-east-1.s3", "VpcEndpointType": "Gateway",
            "RouteTableIds": ["rtb-1", "rtb-2"], "PolicyDocument": policy,
        }),
        "vpce-1",
        &json!({ "VpcEndpoint": interface() }),
        vec![
            ("available", with(gateway.clone())),
            (
                "the policy allows everything",
                and("PolicyDocument", interface()["PolicyDocument"].clone())
            ),
            (
                "one route table too many",
                and("RouteTableIds", json!(["rtb-1", "rtb-2", "rtb-3"]))
            ),
            ("no tags", and("Tags", json!([]))),
        ],
    ));
}

#[test]
fn options_that_are_no_longer_asked_for_are_reset() {
    let plain = VpcEndpoint::default();
    let options =
        json!({ "DnsRecordIpType": "dualstack", "PrivateDnsOnlyForInboundResolverEndpoint": true });
    let Seen::Live(live) = plain.read(&me(Some("vpce-1")), &with(json!({ "DnsOptions": options })))
    else {
        panic!("not live")
    };
    let calls = plain.update(&me(Some("vpce-1")), &live, &["DnsOptions"]);
    let reset =
        json!({ "DnsRecordIpType": "ipv4", "PrivateDnsOnlyForInboundResolverEndpoint": false });
    assert_eq!(calls[0].params["DnsOptions"], reset);
    let Seen::Live(live) = plain.read(&me(Some("vpce-1")), &with(json!({ "DnsOptions": reset })))
    else {
        panic!("not live")
    };
    assert_eq!(
        live.properties.dns_options, None,
        "the default does not show"
    );
}

#[test]
fn a_policy_that_is_no_longer_asked_for_is_reset() {
    let plain = VpcEndpoint::default();
    let Seen::Live(live) = plain.read(&me(Some("vpce-1")), &with(json!({}))) else {
        panic!("not live")
    };
    assert_eq!(
        live.properties.policy_document, None,
        "the default does not show"
    );
    let calls = plain.update(&me(Some("vpce-1")), &live, &["PolicyDocument"]);
    let document = policy::parse(calls[0].params["PolicyDocument"].as_str().unwrap());
    assert!(policy::same(&document, &default_policy()));
}
