variable "name" {
  description = "Name of the network and of the data tier, unique per region and account."
  type        = string
  default     = "shop"
  nullable    = false
}

variable "region" {
  description = "Region of both."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "protected" {
  description = "Whether the stores refuse to be destroyed. Before `terraform destroy`, apply with `false`."
  type        = bool
  default     = true
  nullable    = false
}
