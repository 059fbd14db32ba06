locals {
  presets = {
    dev = {
      deletion_protection = false
      key_per_store       = false
      database            = { topology = "single_instance", instance_class = "db.t4g.medium", backup = { retention_days = 1 }, final_snapshot = false }
      documents           = { instance_class = "db.t4g.medium", backup_retention_days = 1, final_snapshot = false }
      cache               = { mode = "single", node_type = "cache.t4g.small", replicas_per_shard = 0 }
      search              = { instance_type = "t3.small.search", zones = 1, dedicated_masters = { enabled = false }, standby = false }
      table               = { point_in_time_recovery = { enabled = false } }
      bucket              = { force_destroy = true }
    }
    staging = {
      deletion_protection = true
      key_per_store       = false
      database            = { topology = "multi_az", instance_class = "db.t4g.large", backup = { retention_days = 7 } }
      documents           = { instance_class = "db.t4g.medium", backup_retention_days = 7 }
      cache               = { node_type = "cache.t4g.small" }
      search              = { instance_type = "m6g.large.search", zones = 2, dedicated_masters = { enabled = false } }
      table               = {}
      bucket              = {}
    }
    production = {
      deletion_protection = true
      key_per_store       = true
      database            = { topology = "multi_az", instance_class = "db.m7g.large", backup = { retention_days = 35 } }
      documents           = { instance_class = "db.r6g.large", backup_retention_days = 35 }
      cache               = { node_type = "cache.m7g.large", replicas_per_shard = 2 }
      search              = { instance_type = "r6g.large.search", zones = 3 }
      table               = {}
      bucket              = {}
    }
  }

  preset = local.presets[var.environment]

  # Clusters of Aurora have neither a topology nor a class of the preset's.
  database = {
    instance = local.preset.database
    cluster  = { for name, value in local.preset.database : name => value if !contains(["topology", "instance_class"], name) }
  }
}

resource "platform_data_tier" "this" {
  name   = var.name
  region = var.region
  tags   = merge({ environment = var.environment }, var.tags)

  network     = var.network
  tier        = var.tier
  access_from = var.access_from
  alarms      = var.alarm_topic_arn == null ? null : { topic_arn = var.alarm_topic_arn }
  encryption  = merge({ key_per_store = local.preset.key_per_store }, var.encryption)

  postgres     = { for name, store in var.postgres : name => merge(local.database[can(store.topology) ? "cluster" : "instance"], store) }
  mysql        = { for name, store in var.mysql : name => merge(local.database[can(store.topology) ? "cluster" : "instance"], store) }
  documents    = { for name, store in var.documents : name => merge(local.preset.documents, store) }
  caches       = { for name, store in var.caches : name => merge(local.preset.cache, store) }
  search       = { for name, store in var.search : name => merge(local.preset.search, store) }
  tables       = { for name, store in var.tables : name => merge(local.preset.table, store) }
  buckets      = { for name, store in var.buckets : name => merge(local.preset.bucket, store) }
  file_systems = var.file_systems

  deletion_protection = coalesce(var.deletion_protection, local.preset.deletion_protection)
  allow_replace       = var.allow_replace
  allow_delete        = var.allow_delete

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The data tier ${self.name} is not complete: a part is missing or failed, see the warnings above. Nothing is lost; the next apply goes on from here."
    }
  }
}
