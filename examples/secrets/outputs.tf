output "resources" {
  description = "Every AWS resource of the secrets, by its address."
  value       = platform_secrets.shop.resources
}

output "secret_arns" {
  description = "ARNs of the secrets, by name: what programs and task definitions refer to."
  value       = platform_secrets.shop.secret_arns
}
