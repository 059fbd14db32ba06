variable "name" {
  description = "Name of the set of secrets, unique per region and account. Secrets are named `<name>/<secret>`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$", var.name))
    error_message = "A name has 1 to 40 lowercase letters, digits and hyphens, starts with a letter and does not end with a hyphen. Example: shop-prod."
  }
}

variable "environment" {
  description = "What the secrets are for: `dev` (deleted ones can be had back for 7 days, can be destroyed), `staging` (7 days, protected) or `production` (30 days, protected)."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "production"], var.environment)
    error_message = "An environment is one of dev, staging and production. Every value that it stands for can be set on its own as well."
  }
}

variable "region" {
  description = "Region of the secrets. When left out, that of the provider block."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for every taggable AWS resource of the secrets."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "secrets" {
  description = "The secrets by name. Each says where its value comes from: `value_version` (with the value in `values`), `generate` or `external`."
  type = map(object({
    description   = optional(string)
    value_version = optional(number)
    generate = optional(object({
      version            = optional(number)
      length             = optional(number)
      lowercase          = optional(bool)
      uppercase          = optional(bool)
      digits             = optional(bool)
      punctuation        = optional(bool)
      exclude_characters = optional(string)
      json_key           = optional(string)
      json_fields        = optional(map(string))
    }))
    external = optional(bool)
    readers  = optional(set(string))
    policy   = optional(string)
    rotation = optional(object({
      lambda_arn   = string
      every_days   = optional(number)
      schedule     = optional(string)
      window_hours = optional(number)
      at_once      = optional(bool)
    }))
    replicas = optional(map(object({
      kms_key_arn = optional(string)
    })))
  }))
  default  = {}
  nullable = false
}

variable "values" {
  description = "Values of the secrets that have a `value_version`, by name. Ephemeral: they are in no plan and no state."
  type        = map(string)
  default     = null
  ephemeral   = true
}

variable "replicas" {
  description = "Copies of every secret in other regions, by region. Example: `{ \"us-west-2\" = {} }`."
  type = map(object({
    kms_key_arn = optional(string)
  }))
  default  = {}
  nullable = false
}

variable "encryption" {
  description = "The key of the secrets: its rotation, its deletion window, and whether it can be replicated into other regions."
  type = object({
    multi_region         = optional(bool)
    rotation_days        = optional(number)
    deletion_window_days = optional(number)
  })
  default = null
}

variable "recovery_window_days" {
  description = "Days in which a deleted secret can be had back, from 7 to 30. When left out, as the environment says."
  type        = number
  default     = null

  validation {
    condition     = var.recovery_window_days == null || try(var.recovery_window_days >= 7 && var.recovery_window_days <= 30, true)
    error_message = "A deleted secret can be had back for 7 to 30 days; `force_delete` deletes at once."
  }
}

variable "force_delete" {
  description = "Whether deleted secrets are gone at once."
  type        = bool
  default     = false
  nullable    = false
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
