output "resources" {
  description = "Every AWS resource of the network, by its address."
  value       = module.network.resources
}

output "subnet_ids" {
  description = "Ids of the subnets, by tier and zone id."
  value       = module.network.subnet_ids
}

output "security_group_ids" {
  description = "Ids of the security groups, by name."
  value       = module.network.security_group_ids
}
