variable "name" {
  description = "Name of the data tier, unique per region and account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$", var.name))
    error_message = "A name has 1 to 24 lowercase letters, digits and hyphens, starts with a letter and does not end with a hyphen. Example: shop-prod."
  }
}

variable "environment" {
  description = "What the stores are for: `dev` (one small node each, backups kept a day, can be destroyed), `staging` (a standby in another zone, 7 days, protected) or `production` (larger nodes over three zones, 35 days, a key per store, protected)."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "production"], var.environment)
    error_message = "An environment is one of dev, staging and production. Every value that it stands for can be set on the store as well."
  }
}

variable "region" {
  description = "Region of the stores. When left out, that of the provider block."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for every taggable AWS resource of the data tier."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "network" {
  description = "The network in which stores get their addresses: the output `network` of the module network, or a `platform_network`. Buckets and tables need none."
  type        = any
  default     = null
}

variable "tier" {
  description = "Name of the network's tier in which stores get their addresses. When left out, `database`."
  type        = string
  default     = null
}

variable "access_from" {
  description = "Who may connect to the stores: `security_groups` and `tiers` of the network by name, `cidrs`, and `other_security_groups`. A store can have an `access_from` of its own."
  type        = any
  default     = {}
  nullable    = false
}

variable "encryption" {
  description = "The keys, with the arguments of `platform_data_tier`: `key_per_store` (when left out, as the environment says), `multi_region` (can't change later), `replica_regions`, `rotation_days`, `deletion_window_days`."
  type        = any
  default     = {}
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "ARN of the SNS topic that is told when an alarm fires. No alarms when left out."
  type        = string
  default     = null
}

variable "postgres" {
  description = "PostgreSQL databases by name, with the arguments of `platform_data_tier`. What the environment stands for is the default of each."
  type        = any
  default     = {}
  nullable    = false
}

variable "mysql" {
  description = "MySQL databases by name, with the arguments of `platform_data_tier`."
  type        = any
  default     = {}
  nullable    = false
}

variable "documents" {
  description = "DocumentDB clusters by name, with the arguments of `platform_data_tier`."
  type        = any
  default     = {}
  nullable    = false
}

variable "caches" {
  description = "Caches by name, with the arguments of `platform_data_tier`."
  type        = any
  default     = {}
  nullable    = false
}

variable "search" {
  description = "OpenSearch domains by name, with the arguments of `platform_data_tier`."
  type        = any
  default     = {}
  nullable    = false
}

variable "tables" {
  description = "DynamoDB tables by name, with the arguments of `platform_data_tier`, replicas in other regions among them: these need `encryption = { multi_region = true, replica_regions = [...] }`."
  type        = any
  default     = {}
  nullable    = false
}

variable "buckets" {
  description = "S3 buckets by name, with the arguments of `platform_data_tier`."
  type        = any
  default     = {}
  nullable    = false
}

variable "file_systems" {
  description = "EFS file systems by name, with the arguments of `platform_data_tier`."
  type        = any
  default     = {}
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether `terraform destroy` is refused. When left out, as the environment says."
  type        = bool
  default     = null
}

variable "allow_replace" {
  description = "Addresses of parts that hold data and may be replaced all the same, as the refusal in the plan names them."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "allow_delete" {
  description = "Addresses of parts that hold data and may be deleted all the same, as the refusal in the plan names them."
  type        = set(string)
  default     = []
  nullable    = false
}
