provider "platform" {
  region = var.region

  default_tags {
    tags = {
      project = "shop"
    }
  }
}

# The network of a small shop: two zones share one NAT gateway.
module "network" {
  source = "../../modules/network"

  name        = var.name
  environment = "dev"

  security_groups = {
    app = { description = "The services of the shop" }
  }
}

# Its stores. Only the group `app` reaches them, and only on their ports.
module "data_tier" {
  source = "../../modules/data-tier"

  name                = var.name
  environment         = "staging"
  network             = module.network.network
  access_from         = { security_groups = ["app"] }
  deletion_protection = var.protected

  # A standby in another zone takes over by itself.
  postgres = {
    orders = { version = "17", instance_class = "db.t4g.medium" }
  }

  tables = {
    carts = {
      partition_key = { name = "user_id" }
      sort_key      = { name = "sku" }
      ttl_attribute = "expires_at"
    }
  }

  caches = {
    catalog = {}
  }

  buckets = {
    media = {
      lifecycle     = { infrequent_access_days = 30 }
      force_destroy = !var.protected
    }
  }
}
