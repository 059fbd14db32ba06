output "network" {
  description = "The whole network, for composites that take one: `network = module.network.network`."
  value       = platform_network.this
}

output "resources" {
  description = "Every AWS resource of the network by its address, for the provider's functions and for whatever has no output of its own."
  value       = platform_network.this.resources
}

output "ready" {
  description = "Whether every AWS resource of the network exists."
  value       = platform_network.this.ready
}

output "vpc_id" {
  description = "Id of the VPC."
  value       = platform_network.this.vpc_id
}

output "vpc_arn" {
  description = "ARN of the VPC."
  value       = platform_network.this.vpc_arn
}

output "vpc_cidr" {
  description = "Primary IPv4 block of the VPC."
  value       = platform_network.this.vpc_cidr
}

output "vpc_cidrs" {
  description = "All IPv4 blocks of the VPC."
  value       = platform_network.this.vpc_cidrs
}

output "ipv6_cidr" {
  description = "IPv6 block of the VPC; null without IPv6."
  value       = platform_network.this.ipv6_cidr
}

output "zones" {
  description = "The zones in use: name by zone id."
  value       = platform_network.this.zone_names
}

output "subnet_ids" {
  description = "Ids of the subnets, by tier and zone id."
  value       = platform_network.this.subnet_ids
}

output "subnet_arns" {
  description = "ARNs of the subnets, by tier and zone id."
  value       = platform_network.this.subnet_arns
}

output "subnet_cidrs" {
  description = "IPv4 blocks of the subnets, by tier and zone id."
  value       = platform_network.this.subnet_cidrs
}

output "subnet_ipv6_cidrs" {
  description = "IPv6 blocks of the subnets, by tier and zone id."
  value       = platform_network.this.subnet_ipv6_cidrs
}

output "route_table_ids" {
  description = "Ids of the route tables that the subnets use, by tier and zone id."
  value       = platform_network.this.route_table_ids
}

output "internet_gateway_id" {
  description = "Id of the internet gateway; null without one."
  value       = platform_network.this.internet_gateway_id
}

output "egress_only_internet_gateway_id" {
  description = "Id of the egress-only internet gateway; null without one."
  value       = platform_network.this.egress_only_internet_gateway_id
}

output "nat_gateway_ids" {
  description = "Ids of the NAT gateways by zone id; that of mode `regional` is under `regional`."
  value       = platform_network.this.nat_gateway_ids
}

output "nat_public_ips" {
  description = "Public addresses of what leaves through NAT, by zone id; your own Elastic IPs are left out."
  value       = platform_network.this.nat_public_ips
}

output "endpoint_ids" {
  description = "Ids of the VPC endpoints, by service."
  value       = platform_network.this.endpoint_ids
}

output "security_group_ids" {
  description = "Ids of the security groups, by name."
  value       = platform_network.this.security_group_ids
}

output "default_security_group_id" {
  description = "Id of the VPC's default security group."
  value       = platform_network.this.default_security_group_id
}

output "flow_log_id" {
  description = "Id of the flow log; null without one."
  value       = platform_network.this.flow_log_id
}

output "flow_log_destination" {
  description = "ARN of what the flow log writes to; null without one."
  value       = platform_network.this.flow_log_destination
}
