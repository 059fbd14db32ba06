variable "name" {
  description = "Name of the network, unique per region and account."
  type        = string
  default     = "dual-stack"
  nullable    = false
}

variable "region" {
  description = "Region of the network."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "ipv6_only_workers" {
  description = "Whether the subnets of the tier `worker` have no IPv4 addresses at all. A subnet can't change from one to the other."
  type        = bool
  default     = false
  nullable    = false
}
