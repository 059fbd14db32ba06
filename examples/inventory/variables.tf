variable "name" {
  description = "Name of the network, unique per region and account."
  type        = string
  default     = "inventory"
  nullable    = false
}

variable "region" {
  description = "Region of the network."
  type        = string
  default     = "us-east-1"
  nullable    = false
}
