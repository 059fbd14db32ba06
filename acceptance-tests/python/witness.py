"""Compares what boto3 finds in an account with the `resources` of a network's state.

    python witness.py ENDPOINT < resources.json

Prints how many properties were compared; ends with 1 and one line per difference if there are any.
"""

import json
import sys

import boto3

OWNER = "platform_network/us-east-1/main"

# CloudFormation type: list call, member of the reply, member of the identifier.
LISTS = {
    "AWS::EC2::VPC": ("describe_vpcs", "Vpcs", "VpcId"),
    "AWS::EC2::Subnet": ("describe_subnets", "Subnets", "SubnetId"),
    "AWS::EC2::InternetGateway": ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "AWS::EC2::RouteTable": ("describe_route_tables", "RouteTables", "RouteTableId"),
    "AWS::EC2::NatGateway": ("describe_nat_gateways", "NatGateways", "NatGatewayId"),
    "AWS::EC2::EIP": ("describe_addresses", "Addresses", "AllocationId"),
    "AWS::EC2::VPCEndpoint": ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    "AWS::EC2::FlowLog": ("describe_flow_logs", "FlowLogs", "FlowLogId"),
}


def listed(client: object, call: str, member: str) -> list[dict]:
    pages = client.get_paginator(call).paginate() if client.can_paginate(call) else [getattr(client, call)()]
    return [entry for page in pages for entry in page[member]]


def owned(entry: dict) -> bool:
    return {"Key": "platform:owner", "Value": OWNER} in entry.get("Tags", [])


def main() -> int:
    resources = json.load(sys.stdin)
    session = boto3.Session("test", "test", region_name="us-east-1")
    ec2 = session.client("ec2", endpoint_url=sys.argv[1])
    differences, compared = [], 0
    by_type: dict[str, dict[str, tuple[str, dict]]] = {}
    for address, part in resources.items():
        by_type.setdefault(part["type"], {})[part["id"]] = (address, part["properties"])

    for kind, (call, member, identifier) in LISTS.items():
        recorded = by_type.get(kind, {})
        found = {entry[identifier]: entry for entry in listed(ec2, call, member) if owned(entry)}
        for missing in recorded.keys() - found.keys():
            differences.append(f"{kind} {missing} is in the state and not in AWS")
        for stray in found.keys() - recorded.keys():
            differences.append(f"{kind} {stray} carries the owner's tag and is not in the state")
        for name in recorded.keys() & found.keys():
            address, properties = recorded[name]
            tags = {tag["Key"]: tag["Value"] for tag in found[name]["Tags"]}
            compared += 1
            if tags.get("platform:address") != address:
                differences.append(f"{address}: AWS knows it as {tags.get('platform:address')}")
            for key in properties.keys() & found[name].keys():
                want, have = properties[key], found[name][key]
                if isinstance(want, (str, int, bool)):
                    compared += 1
                    if want != have:
                        differences.append(f"{address}: {key} is {have!r} in AWS and {want!r} in the state")

    routes = {
        (table["RouteTableId"], route.get("DestinationCidrBlock")): route
        for table in listed(ec2, "describe_route_tables", "RouteTables")
        for route in table["Routes"]
    }
    for address, part in resources.items():
        if part["type"] != "AWS::EC2::Route":
            continue
        wanted = part["properties"]
        route = routes.get((wanted["RouteTableId"], wanted.get("DestinationCidrBlock")), {})
        for key in ("GatewayId", "NatGatewayId"):
            compared += 1
            if route.get(key) != wanted.get(key):
                differences.append(f"{address}: {key} is {route.get(key)!r} in AWS and {wanted.get(key)!r} in the state")

    associations = {
        association["RouteTableAssociationId"]: association
        for table in listed(ec2, "describe_route_tables", "RouteTables")
        for association in table["Associations"]
    }
    for address, part in resources.items():
        if part["type"] != "AWS::EC2::SubnetRouteTableAssociation":
            continue
        association = associations.get(part["id"], {})
        for key in ("SubnetId", "RouteTableId"):
            compared += 1
            if association.get(key) != part["properties"][key]:
                differences.append(f"{address}: {key} is {association.get(key)!r} in AWS")

    logs = session.client("logs", endpoint_url=sys.argv[1])
    groups = {group["logGroupName"]: group for group in listed(logs, "describe_log_groups", "logGroups")}
    for address, part in resources.items():
        if part["type"] == "AWS::Logs::LogGroup":
            compared += 1
            group = groups.get(part["id"], {})
            if group.get("retentionInDays") != part["properties"].get("RetentionInDays"):
                differences.append(f"{address}: keeps its events {group.get('retentionInDays')} days in AWS")

    if differences:
        print("\n".join(differences))
        return 1
    print(compared)
    return 0


sys.exit(main())
