output "resources" {
  description = "Every AWS resource of the network, by its address."
  value       = platform_network.this.resources
}
