provider "platform" {
  region = var.region

  default_tags {
    tags = {
      project = "shop"
    }
  }
}

resource "platform_data_tier" "shop" {
  name                = "shop"
  tables              = { carts = { partition_key = { name = "id" } } }
  deletion_protection = false

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The data tier is not complete yet; apply again."
    }
  }
}

# A vault in another region, which only takes copies.
resource "platform_backup" "recovery" {
  name                = "shop"
  region              = var.recovery_region
  force_destroy       = true
  deletion_protection = false

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The vault for copies is not complete yet; apply again."
    }
  }
}

resource "platform_backup" "shop" {
  name   = "shop"
  region = var.region

  vaults = {
    main = { lock = { min_retention_days = 7, max_retention_days = 400 } }
  }

  plans = {
    stores = {
      rules = {
        daily = {
          copy_to = { recovery = { vault_arn = platform_backup.recovery.vault_arns["main"], delete_after_days = 14 } }
        }
        monthly = { schedule = "monthly", cold_after_days = 30, delete_after_days = 365 }
      }
      selections = {
        stores = { composites = ["data-tier/${platform_data_tier.shop.name}"] }
        tagged = { tags = { backup = "daily" } }
      }
    }
  }

  restore_testing = {
    weekly = {
      selections = { tables = { resource_type = "dynamodb", composite = "data-tier/shop" } }
    }
  }

  deletion_protection = false

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The backups are not complete yet; apply again."
    }
  }
}
