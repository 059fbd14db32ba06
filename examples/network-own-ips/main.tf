provider "platform" {
  region = var.region

  default_tags {
    tags = {
      project = "network-own-ips"
    }
  }
}

# Addresses that were agreed with others: traffic leaves from Elastic IPs that partners have allow-listed, and pods live in a
# second block, so that the first one, which is routed in the company, is not used up.
resource "platform_network" "this" {
  name            = var.name
  cidr            = "10.40.0.0/20"
  secondary_cidrs = ["100.64.0.0/16"]

  zones = {
    count = 2
  }

  tiers = {
    public = { kind = "public", prefix_length = 26 }
    app    = { kind = "private", prefix_length = 23 }
    pods   = { kind = "private", prefix_length = 18, cidr_block = "100.64.0.0/16" }
  }

  nat = {
    mode        = "per_zone"
    elastic_ips = var.elastic_ips
  }

  deletion_protection = false

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The network is not complete: see the warnings above. The next apply goes on from here."
    }
  }
}
