output "data_tier" {
  description = "The whole data tier, for composites that take one, and for outputs that are not listed here."
  value       = platform_data_tier.this
}

output "resources" {
  description = "Every AWS resource of the data tier by its address, for the provider's functions and for whatever has no output of its own."
  value       = platform_data_tier.this.resources
}

output "ready" {
  description = "Whether every AWS resource of the data tier exists."
  value       = platform_data_tier.this.ready
}

output "kms_key_arn" {
  description = "ARN of the key of the tier."
  value       = platform_data_tier.this.kms_key_arn
}

output "kms_replica_key_arns" {
  description = "ARNs of the replicas of the key of the tier, by region."
  value       = platform_data_tier.this.kms_replica_key_arns
}

output "postgres_endpoints" {
  description = "PostgreSQL databases by name: where they are reached, their ARNs and what else a client needs; never a password."
  value       = platform_data_tier.this.postgres_endpoints
}

output "mysql_endpoints" {
  description = "MySQL databases by name: where they are reached, their ARNs and what else a client needs; never a password."
  value       = platform_data_tier.this.mysql_endpoints
}

output "document_endpoints" {
  description = "DocumentDB clusters by name: where they are reached, their ARNs and what else a client needs; never a password."
  value       = platform_data_tier.this.document_endpoints
}

output "cache_endpoints" {
  description = "Caches by name: where they are reached, their ARNs and what else a client needs; never a password."
  value       = platform_data_tier.this.cache_endpoints
}

output "search_endpoints" {
  description = "OpenSearch domains by name: where they are reached, their ARNs and what else a client needs; never a password."
  value       = platform_data_tier.this.search_endpoints
}

output "table_endpoints" {
  description = "DynamoDB tables by name: where they are reached, their ARNs and what else a client needs; never a password."
  value       = platform_data_tier.this.table_endpoints
}

output "bucket_endpoints" {
  description = "S3 buckets by name: where they are reached, their ARNs and what else a client needs; never a password."
  value       = platform_data_tier.this.bucket_endpoints
}

output "file_system_endpoints" {
  description = "EFS file systems by name: where they are reached, their ARNs and what else a client needs; never a password."
  value       = platform_data_tier.this.file_system_endpoints
}
