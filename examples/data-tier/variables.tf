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

variable "replica_regions" {
  description = "Other regions in which the carts are read and written, too. None when left out."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "environment" {
  description = "What they are for: `dev`, `staging` or `production`."
  type        = string
  default     = "dev"
  nullable    = false
}
