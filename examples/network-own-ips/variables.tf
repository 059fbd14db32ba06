variable "name" {
  description = "Name of the network, unique per region and account."
  type        = string
  default     = "own-ips"
  nullable    = false
}

variable "region" {
  description = "Region of the network."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "elastic_ips" {
  description = "Allocation ids of Elastic IPs that you own, by zone id. Zones that are not named get new addresses. Example: `{ \"use1-az1\" = \"eipalloc-0123456789abcdef0\" }`."
  type        = map(string)
  default     = {}
  nullable    = false
}
