output "resources" {
  description = "Every AWS resource of the data tier, by its address."
  value       = module.data_tier.resources
}

output "postgres_endpoints" {
  description = "Where users and orders are reached."
  value       = module.data_tier.postgres_endpoints
}

output "document_endpoints" {
  description = "Where products are reached."
  value       = module.data_tier.document_endpoints
}

output "table_endpoints" {
  description = "Names and streams of the tables for inventory, carts and sessions."
  value       = module.data_tier.table_endpoints
}

output "cache_endpoints" {
  description = "Where the cache is reached."
  value       = module.data_tier.cache_endpoints
}

output "search_endpoints" {
  description = "Where the search is reached."
  value       = module.data_tier.search_endpoints
}

output "bucket_endpoints" {
  description = "Name and domain of the bucket."
  value       = module.data_tier.bucket_endpoints
}
