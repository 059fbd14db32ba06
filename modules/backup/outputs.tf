output "resources" {
  description = "Every AWS resource of the backups by its address, for the provider's functions and for whatever has no output of its own."
  value       = platform_backup.this.resources
}

output "ready" {
  description = "Whether every AWS resource of the backups exists."
  value       = platform_backup.this.ready
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts the vault."
  value       = platform_backup.this.kms_key_arn
}

output "vault_arns" {
  description = "ARNs of the vaults, by name: what goes into `copy_to` of backups elsewhere."
  value       = platform_backup.this.vault_arns
}

output "plan_ids" {
  description = "Ids of the plans, by name."
  value       = platform_backup.this.plan_ids
}

output "role_arn" {
  description = "ARN of the role with which AWS Backup backs up and restores."
  value       = platform_backup.this.role_arn
}
