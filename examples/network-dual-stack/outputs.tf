output "resources" {
  description = "Every AWS resource of the network, by its address."
  value       = platform_network.this.resources
}

output "subnet_ipv6_cidrs" {
  description = "IPv6 blocks of the subnets, by tier and zone id."
  value       = platform_network.this.subnet_ipv6_cidrs
}
