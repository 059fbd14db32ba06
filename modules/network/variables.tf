variable "name" {
  description = "Name of the network, unique per region and account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$", var.name))
    error_message = "A name has 1 to 40 lowercase letters, digits and hyphens, starts with a letter and does not end with a hyphen. Example: shop-prod."
  }
}

variable "environment" {
  description = "What the network is for: `dev` (2 zones, one NAT gateway, logs kept 7 days, can be destroyed), `staging` (2 zones, a NAT gateway in each, 30 days, protected) or `production` (3 zones, a NAT gateway in each, 365 days under a key of its own, protected)."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "production"], var.environment)
    error_message = "An environment is one of dev, staging and production. Every value that it stands for can be set on its own as well."
  }
}

variable "region" {
  description = "Region of the network. When left out, that of the provider block."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for every taggable AWS resource of the network."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "cidr" {
  description = "IPv4 block of the VPC, from /16 to /28. When left out, `10.0.0.0/16`. It can't be changed later."
  type        = string
  default     = null

  validation {
    condition     = var.cidr == null || can(cidrhost(var.cidr, 0))
    error_message = "An IPv4 block is written as an address and a length. Example: 10.0.0.0/16."
  }

  validation {
    condition     = var.cidr == null || try(cidrsubnet(var.cidr, 0, 0) == var.cidr, true)
    error_message = "The block has address bits beyond its length; write its first address. Example: 10.0.0.0/16 and not 10.0.1.0/16."
  }
}

variable "ipam" {
  description = "Takes the IPv4 block from an IPAM pool, in place of `cidr`."
  type = object({
    pool_id        = string
    netmask_length = number
  })
  default = null
}

variable "secondary_cidrs" {
  description = "Further IPv4 blocks of the VPC."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "ipv6" {
  description = "Gives the VPC an IPv6 block; `{}` for one that Amazon provides. When left out, the network is IPv4 only."
  type = object({
    egress_only = optional(bool)
    nat64       = optional(bool)
    ipam = optional(object({
      pool_id        = string
      netmask_length = optional(number)
    }))
  })
  default = null
}

variable "zone_count" {
  description = "In how many availability zones the network has subnets. When left out, as many as the environment says."
  type        = number
  default     = null

  validation {
    condition     = var.zone_count == null || try(var.zone_count >= 1 && var.zone_count <= 6, true)
    error_message = "A network has 1 to 6 zones."
  }
}

variable "zone_ids" {
  description = "Ids of the availability zones, in place of a count. Example: `[\"use1-az1\", \"use1-az2\"]`."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.zone_ids : can(regex("^[a-z0-9]+-az[0-9]+$", id))])
    error_message = "A zone id names the same place in every account, such as use1-az1; names such as us-east-1a don't."
  }
}

variable "tiers" {
  description = "Tiers of subnets by name, each with one subnet in every zone. When left out: `public`, `private` and `database` (isolated)."
  type = map(object({
    kind              = string
    prefix_length     = optional(number)
    cidr_block        = optional(string)
    ipv6              = optional(string)
    assign_public_ips = optional(bool)
    tags              = optional(map(string))
    routes = optional(map(object({
      transit_gateway_id         = optional(string)
      vpc_peering_connection_id  = optional(string)
      virtual_private_gateway_id = optional(string)
      network_interface_id       = optional(string)
      vpc_endpoint_id            = optional(string)
    })))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for tier in var.tiers : contains(["public", "private", "isolated"], tier.kind)])
    error_message = "The kind of a tier is public (routes to the internet gateway), private (goes out through NAT) or isolated (no way out)."
  }
}

variable "nat_mode" {
  description = "How private tiers reach the internet over IPv4: `none`, `single`, `per_zone` or `regional`. When left out, as the environment says."
  type        = string
  default     = null

  validation {
    condition     = var.nat_mode == null || try(contains(["none", "single", "per_zone", "regional"], var.nat_mode), true)
    error_message = "A NAT mode is none, single (one gateway, the cheapest), per_zone (survives the loss of a zone) or regional (one gateway that AWS spreads over the zones)."
  }
}

variable "nat_elastic_ips" {
  description = "Allocation ids of your own Elastic IPs for NAT, by zone id. Zones that are not named get new addresses."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for id in values(var.nat_elastic_ips) : can(regex("^eipalloc-[0-9a-f]+$", id))])
    error_message = "Elastic IPs are given by their allocation id. Example: { \"use1-az1\" = \"eipalloc-0123456789abcdef0\" }."
  }
}

variable "gateway_endpoints" {
  description = "Services reached through gateway endpoints, which cost nothing: `s3`, `dynamodb`."
  type        = set(string)
  default     = ["s3", "dynamodb"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.gateway_endpoints, ["s3", "dynamodb"])) == 0
    error_message = "Only s3 and dynamodb have gateway endpoints; other services go into interface_endpoints."
  }
}

variable "gateway_endpoint_policies" {
  description = "Policies of gateway endpoints, by service, as JSON."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "interface_endpoints" {
  description = "Interface endpoints by the last part of the service's name; each costs per zone and hour. Example: `{ sts = {}, \"ecr.api\" = {} }`."
  type = map(object({
    service_name    = optional(string)
    service_region  = optional(string)
    policy          = optional(string)
    private_dns     = optional(bool)
    tier            = optional(string)
    security_groups = optional(set(string))
  }))
  default  = {}
  nullable = false
}

variable "flow_logs" {
  description = "Records of which connections were made. When left out, to CloudWatch Logs, kept for as long as the environment says; `s3` and `firehose` send them elsewhere."
  type = object({
    enabled          = optional(bool, true)
    traffic          = optional(string)
    interval_seconds = optional(number)
    retention_days   = optional(number)
    kms_key_arn      = optional(string)
    own_kms_key      = optional(bool)
    s3 = optional(object({
      bucket_arn        = string
      file_format       = optional(string)
      hive_partitions   = optional(bool)
      hourly_partitions = optional(bool)
    }))
    firehose = optional(object({
      stream_arn = string
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.flow_logs.s3 == null || var.flow_logs.firehose == null
    error_message = "Flow logs go to one place: s3 or firehose, or CloudWatch Logs when neither is given."
  }

  validation {
    condition     = var.flow_logs.traffic == null || try(contains(["all", "accept", "reject"], var.flow_logs.traffic), true)
    error_message = "Which connections are recorded is all, accept or reject."
  }
}

variable "security_groups" {
  description = "Security groups by name, with rules that name other groups (`from_group`, `to_group`) and tiers (`from_tier`, `to_tier`). A group without rules lets nothing in or out."
  type = map(object({
    description = optional(string)
    tags        = optional(map(string))
    ingress = optional(map(object({
      from_group       = optional(string)
      from_tier        = optional(string)
      from_cidrs       = optional(set(string))
      from_prefix_list = optional(string)
      from_self        = optional(bool)
      protocol         = optional(string)
      port             = optional(number)
      from_port        = optional(number)
      to_port          = optional(number)
      description      = optional(string)
    })))
    egress = optional(map(object({
      to_group       = optional(string)
      to_tier        = optional(string)
      to_cidrs       = optional(set(string))
      to_prefix_list = optional(string)
      to_self        = optional(bool)
      protocol       = optional(string)
      port           = optional(number)
      from_port      = optional(number)
      to_port        = optional(number)
      description    = optional(string)
    })))
  }))
  default  = {}
  nullable = false
}

variable "cluster_names" {
  description = "Names of the EKS clusters that live in the network; its subnets get the tags by which load balancer controllers and Karpenter find them."
  type        = set(string)
  default     = []
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

variable "release" {
  description = "Reservations of removed tiers and zones to give up, by their key in the network's `ledger`."
  type        = set(string)
  default     = []
  nullable    = false
}
