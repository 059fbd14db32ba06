provider "platform" {
  region = var.region

  default_tags {
    tags = {
      project = "network-dual-stack"
    }
  }
}

# Every tier has IPv4 and IPv6. Workers can be IPv6-only, and then reach IPv4-only services through DNS64 and NAT64.
resource "platform_network" "this" {
  name = var.name
  cidr = "10.20.0.0/16"
  ipv6 = {}

  tiers = {
    public = { kind = "public" }
    app    = { kind = "private" }
    worker = { kind = "private", ipv6 = var.ipv6_only_workers ? "only" : "dual_stack" }
    data   = { kind = "isolated" }
  }

  security_groups = {
    web = {
      ingress = {
        https = { from_cidrs = ["0.0.0.0/0", "::/0"], port = 443 }
      }
      egress = {
        app = { to_tier = "app", port = 8080 }
      }
    }
  }

  deletion_protection = false

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The network is not complete: see the warnings above. The next apply goes on from here."
    }
  }
}
