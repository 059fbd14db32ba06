output "owners" {
  description = "Every owner in the region: how many resources carry its tags, since when, and whether this configuration claims them."
  value       = data.platform_inventory.this.owners
}
