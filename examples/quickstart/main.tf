provider "platform" {
  region = var.region

  default_tags {
    tags = {
      project = "shop"
    }
  }
}

# The network of a small shop: load balancers in public subnets, the application in private ones, data where no route leads out.
module "network" {
  source = "../../modules/network"

  name        = var.name
  environment = var.environment

  tiers = {
    public = { kind = "public" }
    app    = { kind = "private" }
    data   = { kind = "isolated" }
  }

  security_groups = {
    web = {
      description = "Load balancers of the shop"
      ingress = {
        https = { from_cidrs = ["0.0.0.0/0"], port = 443 }
      }
      egress = {
        app = { to_group = "app", port = 8080 }
      }
    }
    app = {
      description = "The shop itself"
      ingress = {
        web = { from_group = "web", port = 8080 }
      }
      egress = {
        data  = { to_group = "data", port = 5432 }
        https = { to_cidrs = ["0.0.0.0/0"], port = 443 }
      }
    }
    data = {
      description = "Databases of the shop"
      ingress = {
        app = { from_group = "app", port = 5432 }
      }
    }
  }
}
