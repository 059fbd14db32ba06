variable "name" {
  description = "Name of the backups, unique per region and account. The vault is named `<name>-main`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$", var.name))
    error_message = "A name has 1 to 24 lowercase letters, digits and hyphens, starts with a letter and does not end with a hyphen. Example: shop-prod."
  }
}

variable "environment" {
  description = "What the backups are of: `dev` (daily, kept for 7 days, can be destroyed with what is in it), `staging` (14 days, protected) or `production` (35 days, monthly ones for a year in cold storage, protected, the vault locked)."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "production"], var.environment)
    error_message = "An environment is one of dev, staging and production. Every value that it stands for can be set on its own as well."
  }
}

variable "region" {
  description = "Region of the vault and of what is backed up. When left out, that of the provider block."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for every taggable AWS resource of the backups."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "composites" {
  description = "Composites whose stores are backed up, `<sort>/<name>`. Example: `[\"data-tier/shop\"]`."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "select_tags" {
  description = "Whatever has all of these tags is backed up. Example: `{ backup = \"daily\" }`."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "rules" {
  description = "Rules by name: when a backup is made and how long it is kept. When left out, as the environment says."
  type        = any
  default     = null
}

variable "copy_to" {
  description = "Copies of every backup in other vaults, by a name of your choice. Example: `{ recovery = { vault_arn = module.recovery.vault_arns[\"main\"] } }`."
  type = map(object({
    vault_arn         = string
    cold_after_days   = optional(number)
    delete_after_days = optional(number)
  }))
  default  = {}
  nullable = false
}

variable "copies_from" {
  description = "Accounts, or organizations, that may copy backups into the vault."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "lock" {
  description = "Lock of the vault. When left out, as the environment says."
  type = object({
    mode                = optional(string)
    min_retention_days  = number
    max_retention_days  = optional(number)
    changeable_for_days = optional(number)
    accept_irreversible = optional(bool)
  })
  default = null
}

variable "plans" {
  description = "Further plans by name, as `platform_backup` has them."
  type        = any
  default     = {}
  nullable    = false
}

variable "restore_testing" {
  description = "Restore tests by name, as `platform_backup` has them."
  type        = any
  default     = {}
  nullable    = false
}

variable "framework" {
  description = "Controls of AWS Backup Audit Manager, as `platform_backup` has them. Example: `{}`, for six that fit most."
  type        = any
  default     = null
}

variable "reports" {
  description = "Reports by name, as `platform_backup` has them."
  type        = any
  default     = {}
  nullable    = false
}

variable "encryption" {
  description = "The key of the vault: its rotation, its deletion window, whether it can be replicated into other regions, and which accounts take copies."
  type = object({
    multi_region         = optional(bool)
    rotation_days        = optional(number)
    deletion_window_days = optional(number)
    accounts             = optional(set(string))
  })
  default = null
}

variable "notification_topic_arn" {
  description = "ARN of the SNS topic that is told what goes wrong. Its policy must let backup.amazonaws.com publish."
  type        = string
  default     = null
}

variable "alarm_topic_arn" {
  description = "ARN of the SNS topic that is told when an alarm fires, and when it is over. No alarms when left out."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Whether recovery points go with their vault. When left out, as the environment says."
  type        = bool
  default     = null
}

variable "deletion_protection" {
  description = "Whether `terraform destroy` is refused. When left out, as the environment says."
  type        = bool
  default     = null
}

variable "allow_replace" {
  description = "Addresses of parts that hold data and may be replaced all the same."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "allow_delete" {
  description = "Addresses of parts that hold data and may be deleted all the same."
  type        = set(string)
  default     = []
  nullable    = false
}
