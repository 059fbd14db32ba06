output "resources" {
  description = "Every AWS resource of the network, by its address."
  value       = platform_network.this.resources
}

output "nat_public_ips" {
  description = "New public addresses by zone id; zones with an Elastic IP of yours are left out."
  value       = platform_network.this.nat_public_ips
}
