locals {
  presets = {
    dev = {
      zone_count          = 2
      nat_mode            = "single"
      retention_days      = 7
      own_kms_key         = false
      deletion_protection = false
    }
    staging = {
      zone_count          = 2
      nat_mode            = "per_zone"
      retention_days      = 30
      own_kms_key         = false
      deletion_protection = true
    }
    production = {
      zone_count          = 3
      nat_mode            = "per_zone"
      retention_days      = 365
      own_kms_key         = true
      deletion_protection = true
    }
  }

  preset = local.presets[var.environment]

  # The preset's number of zones counts only where the zones are not named.
  zones_named = length(var.zone_ids) > 0

  # Without a destination of their own, flow logs go to CloudWatch Logs as the preset says.
  to_cloudwatch = var.flow_logs.enabled && var.flow_logs.s3 == null && var.flow_logs.firehose == null
}

resource "platform_network" "this" {
  name   = var.name
  region = var.region
  tags   = merge({ environment = var.environment }, var.tags)

  cidr            = var.ipam == null ? coalesce(var.cidr, "10.0.0.0/16") : null
  ipam            = var.ipam
  secondary_cidrs = var.secondary_cidrs
  ipv6            = var.ipv6

  zones = {
    count = local.zones_named ? null : coalesce(var.zone_count, local.preset.zone_count)
    ids   = local.zones_named ? var.zone_ids : null
  }

  tiers = length(var.tiers) == 0 ? null : var.tiers

  nat = {
    mode        = coalesce(var.nat_mode, local.preset.nat_mode)
    elastic_ips = var.nat_elastic_ips
  }

  endpoints = {
    gateway          = var.gateway_endpoints
    gateway_policies = var.gateway_endpoint_policies
    interface        = var.interface_endpoints
  }

  flow_logs = {
    enabled          = var.flow_logs.enabled
    traffic          = var.flow_logs.traffic
    interval_seconds = var.flow_logs.interval_seconds
    s3               = var.flow_logs.s3
    firehose         = var.flow_logs.firehose

    cloudwatch = local.to_cloudwatch ? {
      retention_days = coalesce(var.flow_logs.retention_days, local.preset.retention_days)
      kms_key_arn    = var.flow_logs.kms_key_arn
      own_kms_key    = var.flow_logs.kms_key_arn == null && coalesce(var.flow_logs.own_kms_key, local.preset.own_kms_key)
    } : null
  }

  security_groups = var.security_groups
  cluster_names   = var.cluster_names

  deletion_protection = coalesce(var.deletion_protection, local.preset.deletion_protection)
  allow_replace       = var.allow_replace
  allow_delete        = var.allow_delete
  release             = var.release

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The network ${var.name} is not complete: a part is missing or failed, see the warnings above. Nothing is lost; the next apply goes on from here."
    }
  }
}
