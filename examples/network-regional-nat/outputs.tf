output "resources" {
  description = "Every AWS resource of the network, by its address."
  value       = platform_network.this.resources
}

output "nat_gateway_id" {
  description = "Id of the regional NAT gateway."
  value       = platform_network.this.nat_gateway_ids["regional"]
}
