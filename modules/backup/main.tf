locals {
  presets = {
    dev = {
      rules               = { daily = { delete_after_days = 7 } }
      lock                = null
      force_destroy       = true
      deletion_protection = false
    }
    staging = {
      rules               = { daily = { delete_after_days = 14 } }
      lock                = null
      force_destroy       = false
      deletion_protection = true
    }
    production = {
      rules = {
        daily   = { delete_after_days = 35 }
        monthly = { schedule = "monthly", cold_after_days = 30, delete_after_days = 365 }
      }
      lock                = { min_retention_days = 7 }
      force_destroy       = false
      deletion_protection = true
    }
  }

  preset = local.presets[var.environment]

  # Rules and locks differ in what they say, so that a conditional would have no type.
  rules = [local.preset.rules, var.rules][var.rules == null ? 0 : 1]
  lock  = [local.preset.lock, var.lock][var.lock == null ? 0 : 1]

  selections = merge(
    { for name in ["composites"] : name => { composites = var.composites } if length(var.composites) > 0 },
    { for name in ["tagged"] : name => { tags = var.select_tags } if length(var.select_tags) > 0 },
  )

  # What this module selects is one plan; where it selects nothing, there is none.
  plan = {
    for name in ["stores"] : name => {
      rules      = { for name, rule in local.rules : name => merge({ copy_to = var.copy_to }, rule) }
      selections = local.selections
    } if length(local.selections) > 0
  }
}

resource "platform_backup" "this" {
  name   = var.name
  region = var.region
  tags   = merge({ environment = var.environment }, var.tags)

  vaults = {
    main = {
      lock          = local.lock
      copies_from   = var.copies_from
      notifications = var.notification_topic_arn == null ? null : { topic_arn = var.notification_topic_arn }
    }
  }
  plans           = merge(local.plan, var.plans)
  restore_testing = var.restore_testing
  framework       = var.framework
  reports         = var.reports

  encryption = var.encryption
  alarms     = var.alarm_topic_arn == null ? null : { topic_arn = var.alarm_topic_arn }

  force_destroy       = coalesce(var.force_destroy, local.preset.force_destroy)
  deletion_protection = coalesce(var.deletion_protection, local.preset.deletion_protection)
  allow_replace       = var.allow_replace
  allow_delete        = var.allow_delete

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The backups ${var.name} are not complete: a part is missing or failed, see the warnings above. Nothing is lost; the next apply goes on from here."
    }
  }
}
