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
  tags                = { team = "shop" }
  deletion_protection = false

  file_systems = {
    media = { backup = false, access_points = { uploads = { uid = 1001, gid = 1000 } } }
    logs  = {}
  }

  postgres = {
    orders = { version = "16", final_snapshot = false, storage = { size_gib = 40 }, password = "own", readers = { reports = {} } }
    users = {
      version        = "16"
      topology       = "aurora"
      final_snapshot = false
      proxy          = { reader_endpoint = true, idle_client_seconds = 600 }
      endpoints      = { lookups = { members = ["standby"] }, all = { members = ["standby"], type = "any" } }
      events         = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call", categories = ["failover"] }
    }
  }

  mysql = {
    audits = {
      version        = "8.0"
      final_snapshot = false
      options        = { MARIADB_AUDIT_PLUGIN = { settings = { SERVER_AUDIT_EVENTS = "CONNECT,QUERY" } } }
    }
  }

  tables = {
    orders = {
      partition_key = { name = "order_id" }
      stream        = "new_and_old_images"
      replicas      = { "us-west-2" = { class = "infrequent_access" } }
    }
    carts = {
      partition_key = { name = "user_id" }
      capacity      = { mode = "provisioned", read = { min = 5, max = 50 }, write = { min = 10, max = 50 } }
      ttl_attribute = "expires_at"
    }
    sessions = { partition_key = { name = "session_id" } }
  }

  caches = {
    catalog  = {}
    offers   = { mode = "serverless" }
    sessions = { mode = "single", users = { app = { access_string = "on ~* +@all" } } }
  }

  search  = { catalog = { zones = 2, dedicated_masters = { enabled = false } } }
  buckets = { media = { lifecycle = { infrequent_access_days = 30 } }, logs = {} }
}
