provider "platform" {
  region = var.region

  default_tags {
    tags = {
      project = "shop"
    }
  }
}

# The network of a shop: its services in private subnets, its data where no route leads out.
module "network" {
  source = "../../modules/network"

  name        = var.name
  environment = var.environment

  security_groups = {
    app = { description = "The services of the shop" }
  }
}

# Each sort of data in the store that fits it. Only the group `app` reaches them, and only on their ports.
module "data_tier" {
  source = "../../modules/data-tier"

  name        = var.name
  environment = var.environment
  network     = module.network.network
  access_from = { security_groups = ["app"] }

  # Whether keys can have replicas is decided once; where they have some is not.
  encryption = { multi_region = true, replica_regions = var.replica_regions }

  # Users and orders: relations and transactions.
  postgres = {
    users  = { version = "17" }
    orders = { version = "17" }
  }

  # Products: every sort of article has attributes of its own.
  documents = {
    products = {}
  }

  # Inventory, carts and sessions: one key, any scale.
  tables = {
    inventory = {
      partition_key = { name = "sku" }
      stream        = "new_and_old_images"
    }
    carts = {
      partition_key = { name = "user_id" }
      sort_key      = { name = "sku" }
      ttl_attribute = "expires_at"
      stream        = "new_and_old_images"
      replicas      = { for region in var.replica_regions : region => {} }
    }
    sessions = {
      partition_key = { name = "session_id" }
      ttl_attribute = "expires_at"
    }
  }

  # What is read again and again.
  caches = {
    catalog = {}
  }

  # Full-text search over the catalogue.
  search = {
    catalog = {}
  }

  # Pictures of the products.
  buckets = {
    media = {
      lifecycle = { infrequent_access_days = 30 }
    }
  }
}
