provider "platform" {
  region = var.region

  default_tags {
    tags = {
      project = "shop"
    }
  }
}

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

  name            = var.name
  environment     = var.environment
  network         = module.network.network
  access_from     = { security_groups = ["app"] }
  alarm_topic_arn = var.alarm_topic_arn

  # Users and orders: relations and transactions.
  postgres = {
    users  = { version = "17" }
    orders = { version = "17" }
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
