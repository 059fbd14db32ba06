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
  deletion_protection = false
  alarms              = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }

  vaults = {
    main = {
      lock          = { min_retention_days = 7 }
      notifications = { topic_arn = "arn:aws:sns:us-east-1:123456789012:backups" }
    }
  }

  plans = {
    stores = {
      selections = {
        stores = { composites = ["data-tier/shop"] }
        tagged = { tags = { backup = "daily" } }
      }
    }
  }

  restore_testing = {
    weekly = { selections = { databases = { resource_type = "rds", composite = "data-tier/shop" } } }
  }

  framework = {}
  reports   = { controls = { template = "control_compliance", bucket = "shop-audit" } }
}
