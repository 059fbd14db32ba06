output "resources" {
  description = "Every AWS resource of the backups, by its address."
  value       = platform_backup.shop.resources
}

output "vault_arns" {
  description = "ARNs of the vaults: that of the shop, and that of the copies."
  value = {
    shop     = platform_backup.shop.vault_arns["main"]
    recovery = platform_backup.recovery.vault_arns["main"]
  }
}
