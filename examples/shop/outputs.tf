output "resources" {
  description = "Every AWS resource of the data tier, by its address."
  value       = module.data_tier.resources
}

output "postgres_endpoints" {
  description = "Where orders are reached, and the ARN of the secret that has the password."
  value       = module.data_tier.postgres_endpoints
}

output "table_endpoints" {
  description = "Name and ARN of the table for carts."
  value       = module.data_tier.table_endpoints
}

output "cache_endpoints" {
  description = "Where the cache is reached."
  value       = module.data_tier.cache_endpoints
}

output "bucket_endpoints" {
  description = "Name and domain of the bucket."
  value       = module.data_tier.bucket_endpoints
}
