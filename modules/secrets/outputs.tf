output "resources" {
  description = "Every AWS resource of the secrets by its address, for the provider's functions and for whatever has no output of its own."
  value       = platform_secrets.this.resources
}

output "ready" {
  description = "Whether every AWS resource of the secrets exists."
  value       = platform_secrets.this.ready
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts the secrets."
  value       = platform_secrets.this.kms_key_arn
}

output "secret_arns" {
  description = "ARNs of the secrets, by name."
  value       = platform_secrets.this.secret_arns
}

output "secret_names" {
  description = "Names of the secrets in Secrets Manager, by name."
  value       = platform_secrets.this.secret_names
}
