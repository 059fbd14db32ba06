output "databases" {
  description = "Where the databases are reached, and the secret with the password that AWS keeps."
  value       = module.data_tier.postgres_endpoints
}

output "tables" {
  description = "Names and ARNs of the tables."
  value       = module.data_tier.table_endpoints
}

output "caches" {
  description = "Where the cache is reached."
  value       = module.data_tier.cache_endpoints
}

output "buckets" {
  description = "Names and ARNs of the buckets."
  value       = module.data_tier.bucket_endpoints
}
