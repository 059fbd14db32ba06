variable "region" {
  description = "Region of the shop and of its backups."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "recovery_region" {
  description = "Region of the copies."
  type        = string
  default     = "us-west-2"
  nullable    = false
}
