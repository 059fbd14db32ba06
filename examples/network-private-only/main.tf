provider "platform" {
  region = var.region

  default_tags {
    tags = {
      project = "network-private-only"
    }
  }
}

# No way to the internet at all: AWS services are reached through endpoints, shells through Session Manager.
resource "platform_network" "this" {
  name = var.name
  cidr = "10.50.0.0/16"

  zones = {
    count = 2
  }

  tiers = {
    app  = { kind = "isolated" }
    data = { kind = "isolated" }
  }

  nat = {
    mode = "none"
  }

  endpoints = {
    gateway = ["s3", "dynamodb"]
    tier    = "app"

    interface = {
      "ecr.api"   = {}
      "ecr.dkr"   = {}
      logs        = {}
      ssm         = {}
      ssmmessages = {}
      sts         = {}
    }
  }

  security_groups = {
    app = {
      egress = {
        https_to_endpoints = { to_tier = "app", port = 443 }
        data               = { to_group = "data", port = 5432 }
      }
    }
    data = {
      ingress = {
        app = { from_group = "app", port = 5432 }
      }
    }
  }

  deletion_protection = false

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The network is not complete: see the warnings above. The next apply goes on from here."
    }
  }
}
