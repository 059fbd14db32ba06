output "resources" {
  description = "Every AWS resource of the network, by its address."
  value       = platform_network.this.resources
}

output "endpoint_ids" {
  description = "Ids of the endpoints, by service."
  value       = platform_network.this.endpoint_ids
}
