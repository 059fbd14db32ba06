terraform {
  required_providers {
    platform = { source = "platform/platform" }
  }
}

provider "platform" {
  region                      = "us-east-1"
  skip_credentials_validation = true
}

resource "platform_network" "main" {
  name                = "main"
  cidr                = "10.0.0.0/16"
  zones               = { count = 2 }
  tiers               = { private = { kind = "private" }, database = { kind = "isolated" } }
  nat                 = { mode = "none" }
  endpoints           = { gateway = [] }
  flow_logs           = { enabled = false }
  security_groups     = { app = {} }
  deletion_protection = false
}

resource "platform_data_tier" "main" {
  name                = "shop"
  network             = platform_network.main
  access_from         = { security_groups = ["app"] }
  alarms              = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }
  encryption          = { multi_region = true, replica_regions = ["us-west-2"] }
  deletion_protection = false

  file_systems = {
    media = { access_points = { uploads = { uid = 1000, gid = 1000 } } }
  }

  postgres = {
    orders = { version = "16", final_snapshot = false }
    users = {
      version        = "16"
      topology       = "aurora"
      final_snapshot = false
      proxy          = { reader_endpoint = true }
      endpoints      = { lookups = { excluded = ["standby"] } }
      events         = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }
    }
  }

  mysql = {
    audits = {
      version        = "8.0"
      final_snapshot = false
      options        = { MARIADB_AUDIT_PLUGIN = { settings = { SERVER_AUDIT_EVENTS = "CONNECT" } } }
    }
  }

  tables = {
    orders = {
      partition_key = { name = "order_id" }
      stream        = "new_and_old_images"
      replicas      = { "us-west-2" = {} }
    }
    carts = {
      partition_key = { name = "user_id" }
      capacity      = { mode = "provisioned", read = { min = 5, max = 50 }, write = { min = 5, max = 50 } }
    }
  }

  caches = {
    catalog  = {}
    offers   = { mode = "serverless" }
    sessions = { mode = "single", users = { app = { access_string = "on ~* +@all" } } }
  }

  search  = { catalog = { zones = 2, dedicated_masters = { enabled = false } } }
  buckets = { media = {} }
}
