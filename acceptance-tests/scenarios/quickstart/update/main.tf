# The quickstart after a year: another environment, more zones and tiers, other rules, other tags.
provider "platform" {
  region = var.region

  default_tags {
    tags = {
      project = "shop"
      team    = "platform"
    }
  }
}

module "network" {
  source = "../../modules/network"

  name                = var.name
  environment         = "staging"
  zone_count          = 3
  deletion_protection = false

  tiers = {
    public = { kind = "public" }
    app    = { kind = "private", tags = { workload = "shop" } }
    cache  = { kind = "isolated" }
  }

  security_groups = {
    web = {
      description = "Load balancers of the shop"
      ingress = {
        https = { from_cidrs = ["0.0.0.0/0", "10.0.0.0/8"], port = 443 }
      }
      egress = {
        app = { to_group = "app", port = 8443 }
      }
    }
    app = {
      description = "The shop itself, and its workers"
      ingress = {
        web = { from_group = "web", port = 8443 }
      }
      egress = {
        cache = { to_group = "cache", port = 6379 }
        https = { to_cidrs = ["0.0.0.0/0"], port = 443 }
      }
    }
    cache = {
      description = "Caches of the shop"
      ingress = {
        app = { from_group = "app", port = 6379 }
      }
    }
  }
}
