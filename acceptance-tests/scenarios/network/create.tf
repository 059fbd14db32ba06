# A network with every kind of part that an emulator can make.
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
  secondary_cidrs = ["100.64.0.0/16"]
  ipv6            = {}
  zones           = { ids = ["use1-az1", "use1-az2"] }

  tiers = {
    public = { kind = "public" }
    app = {
      kind = "private"
      network_acl = {
        ingress = {
          vpc    = { number = 100, cidr = "10.0.0.0/16" }
          return = { number = 200, cidr = "0.0.0.0/0", protocol = "tcp", from_port = 1024, to_port = 65535 }
        }
        egress = {
          all = { number = 100, cidr = "0.0.0.0/0" }
        }
      }
    }
    data = { kind = "isolated", ipv6 = "none" }
  }

  nat = { mode = "single" }

  dhcp_options = { domain_name = "corp.example.com" }

  endpoints = {
    gateway   = ["s3", "dynamodb"]
    interface = { sts = {} }
  }

  flow_logs = {
    cloudwatch = { retention_days = 7, own_kms_key = true }
  }

  security_groups = {
    web = {
      description = "Load balancers"
      ingress     = { https = { from_cidrs = ["0.0.0.0/0", "::/0"], port = 443 } }
      egress      = { app = { to_group = "app", port = 8080 } }
    }
    app = {
      description = "The application"
      ingress     = { web = { from_group = "web", port = 8080 } }
      egress = {
        data = { to_tier = "data", port = 5432 }
        # What EC2 gives every new group, and the provider takes away.
        all = { to_cidrs = ["0.0.0.0/0"], protocol = "all" }
      }
    }
  }

  tags                = { stage = "first", cost = "42" }
  deletion_protection = false
}
