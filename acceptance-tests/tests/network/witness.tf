# What another provider sees of the network, by the tags that its parts are to carry.

variable "owner" { type = string }

locals {
  owned = { "platform:owner" = var.owner }
}

data "aws_vpc" "main" {
  tags = local.owned
}

data "aws_subnets" "all" {
  tags = local.owned
}

data "aws_subnet" "each" {
  for_each = toset(data.aws_subnets.all.ids)
  id       = each.value
}

data "aws_route_tables" "all" {
  tags = local.owned
}

data "aws_route_table" "of" {
  for_each  = toset(data.aws_subnets.all.ids)
  subnet_id = each.value
}

data "aws_internet_gateway" "main" {
  filter {
    name   = "attachment.vpc-id"
    values = [data.aws_vpc.main.id]
  }
}

data "aws_nat_gateways" "all" {
  vpc_id = data.aws_vpc.main.id
  filter {
    name   = "state"
    values = ["available"]
  }
}

data "aws_nat_gateway" "each" {
  for_each = toset(data.aws_nat_gateways.all.ids)
  id       = each.value
}

data "aws_vpc_endpoint" "s3" {
  vpc_id       = data.aws_vpc.main.id
  service_name = "com.amazonaws.us-east-1.s3"
}

locals {
  # The tier of a subnet is the second word of its address, such as subnet/private/use1-az1.
  tier = { for id, subnet in data.aws_subnet.each : id => split("/", subnet.tags["platform:address"])[1] }

  default_routes = {
    for id, table in data.aws_route_table.of : id => [
      for route in table.routes : route if route.cidr_block == "0.0.0.0/0"
    ]
  }

  # How traffic to the internet leaves each subnet.
  way_out = {
    for id, routes in local.default_routes : id => (
      length(routes) == 0 ? "none" :
      startswith(routes[0].gateway_id, "igw-") ? "internet gateway" :
      data.aws_subnet.each[data.aws_nat_gateway.each[routes[0].nat_gateway_id].subnet_id].availability_zone_id ==
      data.aws_subnet.each[id].availability_zone_id ? "nat gateway in its zone" : "nat gateway elsewhere"
    )
  }
}

output "ids" {
  value = {
    "AWS::EC2::VPC"             = [data.aws_vpc.main.id]
    "AWS::EC2::Subnet"          = sort(data.aws_subnets.all.ids)
    "AWS::EC2::RouteTable"      = sort(data.aws_route_tables.all.ids)
    "AWS::EC2::InternetGateway" = [data.aws_internet_gateway.main.id]
    "AWS::EC2::NatGateway"      = sort(data.aws_nat_gateways.all.ids)
  }
}

output "ways_out" {
  value = { for tier in distinct(values(local.tier)) : tier => distinct([for id, way in local.way_out : way if local.tier[id] == tier]) }
}

output "zones_of_nat" {
  value = length(distinct([for gateway in data.aws_nat_gateway.each : data.aws_subnet.each[gateway.subnet_id].availability_zone_id]))
}

output "addresses_of_nat" {
  value = length(distinct([for gateway in data.aws_nat_gateway.each : gateway.allocation_id]))
}

output "private_tables_with_s3" {
  value = alltrue([
    for id, tier in local.tier : contains(data.aws_vpc_endpoint.s3.route_table_ids, data.aws_route_table.of[id].id)
  ])
}
