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
  default   = "second value"
  ephemeral = true
}

resource "platform_secrets" "main" {
  name                = "shop"
  tags                = { team = "shop" }
  deletion_protection = false

  secrets = {
    stripe  = { value_version = 2, readers = ["123456789013", "123456789014"] }
    partner = { description = "Key of the partner", external = true }
    token   = { generate = { length = 20, punctuation = false }, readers = ["123456789013"] }
    session = { generate = { length = 48, version = 2 } }
    app = {
      generate = { json_key = "password", json_fields = { username = "app" } }
      rotation = { lambda_arn = "arn:aws:lambda:us-east-1:123456789012:function:rotate", every_days = 60 }
    }
  }
  values_wo = { stripe = var.stripe }
}
