variable "name" {
  description = "Name of the network, unique per region and account."
  type        = string
  default     = "shop"
  nullable    = false
}

variable "region" {
  description = "Region of the network."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "environment" {
  description = "What the network is for: `dev`, `staging` or `production`."
  type        = string
  default     = "dev"
  nullable    = false
}
