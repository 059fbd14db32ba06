# The same AWS resources as aws.tf, as one composite: what it would add by default is turned off.
terraform {
  required_providers {
    platform = { source = "platform/platform" }
  }
}

provider "platform" {
  region                      = "us-east-1"
  skip_credentials_validation = true
}

resource "platform_network" "main" {
  name  = "bench"
  cidr  = "10.0.0.0/16"
  zones = { count = 3 }
  tiers = {
    public   = { kind = "public" }
    private  = { kind = "private" }
    database = { kind = "isolated" }
  }
  nat                         = { mode = "per_zone" }
  endpoints                   = { gateway = [] }
  flow_logs                   = { enabled = false }
  lock_default_security_group = false
  lock_default_network_acl    = false
  deletion_protection         = false
}
