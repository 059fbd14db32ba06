provider "platform" {
  region = var.region

  default_tags {
    tags = {
      project = "network-regional-nat"
    }
  }
}

# One NAT gateway that AWS spreads over the zones. It stands in no subnet, so the network needs no public tier.
resource "platform_network" "this" {
  name = var.name
  cidr = "10.30.0.0/16"

  tiers = {
    app  = { kind = "private" }
    data = { kind = "isolated" }
  }

  nat = {
    mode = "regional"
  }

  deletion_protection = false

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The network is not complete: see the warnings above. The next apply goes on from here."
    }
  }
}
