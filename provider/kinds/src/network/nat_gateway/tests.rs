use super::*;
use crate::fixture::{owner_tags, story, tags, with};

fn seen(gateway: &Value, members: Value) -> Vec<Value> {
    vec![
        json!({ "NatGateways": [{ "NatGatewayId": "nat-0", "State": "deleted", "Tags": tags() }, with(gateway, members)] }),
    ]
}

#[test]
fn a_zonal_gateway() {
    let address = |n: u8, primary: bool, status: &str| {
        json!({ "AllocationId": format!("eipalloc-{n}"), "AssociationId": format!("eipassoc-{n}"), "IsPrimary": primary,
            "PrivateIp": format!("10.0.0.{n}"), "PublicIp": format!("198.51.100.{n}"), "Status": status })
    };
    let gateway = json!({ "NatGatewayId": "nat-1", "State": "available", "SubnetId": "subnet-1", "VpcId": "vpc-1",
        "ConnectivityType": "public", "NatGatewayAddresses": [address(1, true, "succeeded"), address(2, false, "succeeded")],
        "Tags": tags() });
    let failed = json!({ "State": "failed", "FailureCode": "Resource.AlreadyAssociated",
        "FailureMessage": "Elastic IP address [eipalloc-1] is already associated" });
    let other = json!({ "NatGatewayAddresses": [address(1, true, "succeeded"), address(3, false, "succeeded")] });
    let moving = json!({ "NatGatewayAddresses": [address(1, true, "succeeded"), address(2, false, "associating")] });
    let unfit = json!({ "NatGatewayAddresses": [address(1, true, "succeeded"), address(2, false, "failed")] });
    insta::assert_snapshot!(story::<NatGateway>(
        json!({ "SubnetId": "subnet-1", "AllocationId": "eipalloc-1", "SecondaryAllocationIds": ["eipalloc-2"] }),
        "nat-1",
        &json!({ "NatGateway": { "NatGatewayId": "nat-1", "State": "pending" } }),
        vec![
            ("as asked", seen(&gateway, json!({}))),
            ("another secondary address", seen(&gateway, other)),
            (
                "another subnet",
                seen(
                    &gateway,
                    json!({ "SubnetId": "subnet-2", "Tags": owner_tags() })
                )
            ),
            ("an address on its way", seen(&gateway, moving)),
            ("without an address that failed", seen(&gateway, unfit)),
            (
                "pending",
                seen(
                    &gateway,
                    json!({ "State": "pending", "NatGatewayAddresses": [] })
                )
            ),
            ("failed", seen(&gateway, failed)),
            ("deleting", seen(&gateway, json!({ "State": "deleting" }))),
            ("deleted", seen(&gateway, json!({ "State": "deleted" }))),
            (
                "twice",
                vec![
                    json!({ "NatGateways": [gateway, with(&gateway, json!({ "NatGatewayId": "nat-2" }))] })
                ]
            ),
        ],
    ));
}

#[test]
fn a_regional_gateway() {
    let address = |n: u8, zone: &str| {
        json!({ "AllocationId": format!("eipalloc-{n}"), "AssociationId": format!("eipassoc-{n}"), "PublicIp": format!("198.51.100.{n}"),
            "AvailabilityZone": "us-east-1x", "AvailabilityZoneId": zone, "Status": "succeeded" })
    };
    let gateway = json!({ "NatGatewayId": "nat-1", "State": "available", "VpcId": "vpc-1", "ConnectivityType": "public",
        "AvailabilityMode": "regional", "RouteTableId": "rtb-9", "Tags": tags(),
        "NatGatewayAddresses": [address(3, "use1-az2"), address(2, "use1-az1"), address(1, "use1-az1")] });
    let moved = json!({ "NatGatewayAddresses": [address(3, "use1-az2"), address(4, "use1-az2"), address(1, "use1-az1")] });
    insta::assert_snapshot!(story::<NatGateway>(
        json!({ "VpcId": "vpc-1", "AvailabilityMode": "regional", "ConnectivityType": "public", "AvailabilityZoneAddresses": [
            { "AvailabilityZoneId": "use1-az2", "AllocationIds": ["eipalloc-3"] },
            { "AvailabilityZoneId": "use1-az1", "AllocationIds": ["eipalloc-2", "eipalloc-1"] },
        ] }),
        "nat-1",
        &json!({ "NatGateway": { "NatGatewayId": "nat-1", "State": "pending" } }),
        vec![
            ("as asked", seen(&gateway, json!({}))),
            ("another address", seen(&gateway, moved))
        ],
    ));
}

#[test]
fn a_private_gateway() {
    let address = |n: u8| json!({ "PrivateIp": format!("10.0.0.{n}"), "IsPrimary": n == 1, "Status": "succeeded" });
    let gateway = json!({ "NatGatewayId": "nat-1", "State": "available", "SubnetId": "subnet-1", "VpcId": "vpc-1",
        "ConnectivityType": "private", "NatGatewayAddresses": [address(1), address(2)], "Tags": tags() });
    let other = json!({ "NatGatewayAddresses": [address(1), address(3)] });
    insta::assert_snapshot!(story::<NatGateway>(
        json!({ "SubnetId": "subnet-1", "ConnectivityType": "private", "PrivateIpAddress": "10.0.0.1",
            "SecondaryPrivateIpAddresses": ["10.0.0.2"] }),
        "nat-1",
        &json!({ "NatGateway": { "NatGatewayId": "nat-1" } }),
        vec![
            ("as asked", seen(&gateway, json!({}))),
            ("another address", seen(&gateway, other))
        ],
    ));
}
