terraform {
  required_providers {
    platform = { source = "platform/platform" }
  }
}

provider "platform" {
  region                      = "us-east-1"
  skip_credentials_validation = true
}

resource "platform_backup" "main" {
  name                = "shop"
  tags                = { team = "shop" }
  deletion_protection = false
  alarms              = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }

  vaults = {
    main = {
      lock           = { min_retention_days = 1, max_retention_days = 400 }
      deletion_roles = ["arn:aws:iam::123456789012:role/break-glass"]
    }
    copies = { copies_from = ["123456789013"] }
  }

  plans = {
    stores = {
      rules = {
        daily   = { vault = "main", delete_after_days = 14 }
        monthly = { vault = "main", schedule = "monthly", cold_after_days = 30, delete_after_days = 400 }
      }
      selections = { stores = { composites = ["data-tier/shop", "data-tier/users"] } }
    }
  }

  restore_testing = {
    weekly = { pick = "random", selections = { databases = { resource_type = "rds", tags = { tier = "gold" } } } }
  }

  framework = { controls = { BACKUP_RECOVERY_POINT_ENCRYPTED = {} } }
  reports   = { controls = { template = "backup_jobs", bucket = "shop-audit", formats = ["csv", "json"] } }
}
