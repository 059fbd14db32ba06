locals {
  presets = {
    dev = {
      recovery_window_days = 7
      deletion_protection  = false
    }
    staging = {
      recovery_window_days = 7
      deletion_protection  = true
    }
    production = {
      recovery_window_days = 30
      deletion_protection  = true
    }
  }

  preset = local.presets[var.environment]
}

resource "platform_secrets" "this" {
  name   = var.name
  region = var.region
  tags   = merge({ environment = var.environment }, var.tags)

  secrets   = var.secrets
  values_wo = var.values

  replicas             = var.replicas
  encryption           = var.encryption
  recovery_window_days = coalesce(var.recovery_window_days, local.preset.recovery_window_days)
  force_delete         = var.force_delete

  deletion_protection = coalesce(var.deletion_protection, local.preset.deletion_protection)
  allow_replace       = var.allow_replace
  allow_delete        = var.allow_delete

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The secrets ${var.name} are not complete: a part is missing or failed, see the warnings above. Nothing is lost; the next apply goes on from here."
    }
  }
}
