# A second zone with a NAT gateway of its own, another endpoint, another tag.
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
  zones               = { count = 2 }
  tiers               = { public = { kind = "public" }, private = { kind = "private" } }
  nat                 = { mode = "per_zone" }
  endpoints           = { gateway = ["s3"] }
  tags                = { stage = "grown" }
  deletion_protection = false
}
