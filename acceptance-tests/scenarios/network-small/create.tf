# The smallest network that has a part of every common sort.
terraform {
  required_providers {
    platform = { source = "platform/platform" }
  }
}

provider "platform" {
  region = "us-east-1"
}

resource "platform_network" "main" {
  name                = "small"
  cidr                = "10.0.0.0/16"
  zones               = { count = 1 }
  tiers               = { public = { kind = "public" }, private = { kind = "private" } }
  nat                 = { mode = "single" }
  deletion_protection = false
}
