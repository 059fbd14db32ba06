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
