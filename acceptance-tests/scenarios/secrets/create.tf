terraform {
  required_providers {
    platform = { source = "platform/platform" }
  }
}

provider "platform" {
  region                      = "us-east-1"
  skip_credentials_validation = true
}

variable "stripe" {
  type      = string
  default   = "first value"
  ephemeral = true
}

resource "platform_secrets" "main" {
  name                = "shop"
  deletion_protection = false

  secrets = {
    stripe  = { value_version = 1, readers = ["123456789013"] }
    session = { generate = { length = 48 } }
    partner = { external = true }
    app = {
      generate = { json_key = "password", json_fields = { username = "app" } }
      rotation = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:rotate", every_days = 30 }
    }
  }
  values_wo = { stripe = var.stripe }
}
