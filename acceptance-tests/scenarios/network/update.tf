# Everything changes that can: in place, by replacement, by addition, by removal; and every tag.
terraform {
  required_providers {
    platform = { source = "platform/platform" }
  }
}

provider "platform" {
  region = "us-east-1"
}

resource "platform_network" "main" {
  name            = "main"
  cidr            = "10.0.0.0/16"
  secondary_cidrs = ["100.64.0.0/16", "100.65.0.0/16"]
  ipv6            = {}
  # One zone stays, one goes, one comes.
  zones = { ids = ["use1-az1", "use1-az3"] }

  tiers = {
    public = { kind = "public", assign_public_ips = true }
    app = {
      kind = "private"
      network_acl = {
        ingress = {
          # Two trade their numbers.
          return = { number = 100, cidr = "0.0.0.0/0", protocol = "tcp", from_port = 1024, to_port = 65535 }
          secret = { number = 150, cidr = "203.0.113.0/24", action = "deny" }
          vpc    = { number = 200, cidr = "10.0.0.0/8" }
        }
        egress = {
          # Another name for the same.
          everything = { number = 100, cidr = "0.0.0.0/0" }
        }
      }
    }
    # Without data, with a cache; the subnets of the data tier are replaced by others.
    cache = { kind = "isolated", ipv6 = "none", cidr_block = "100.65.0.0/16" }
  }

  nat = { mode = "per_zone" }

  # DHCP options can't be changed: they are replaced.
  dhcp_options = { domain_name = "example.org" }

  endpoints = {
    gateway   = ["s3"]
    interface = { sts = {}, kms = {} }
  }

  flow_logs = {
    traffic    = "reject"
    cloudwatch = { retention_days = 30, own_kms_key = true }
  }

  security_groups = {
    web = {
      # A group's description can't be changed: the group is replaced.
      description = "Load balancers of the whole company"
      ingress     = { https = { from_cidrs = ["0.0.0.0/0"], port = 443 } }
      egress      = { app = { to_group = "app", port = 8443 } }
    }
    app = {
      description = "The application"
      ingress     = { web = { from_group = "web", port = 8443 } }
      egress = {
        cache = { to_tier = "cache", port = 6379 }
        all   = { to_cidrs = ["0.0.0.0/0"], protocol = "all" }
      }
      tags        = { tier = "app" }
    }
  }

  tags                = { stage = "second", owner = "platform" }
  deletion_protection = false
}
