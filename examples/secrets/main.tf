provider "platform" {
  region = var.region

  default_tags {
    tags = {
      project = "shop"
    }
  }
}

# What a shop must not tell: a key that somebody gave it, one that is drawn at random, and one that a partner sets.
resource "platform_secrets" "shop" {
  name = "shop"

  secrets = {
    stripe = {
      description   = "API key of the payment provider"
      value_version = 1
    }
    session = {
      description = "Signs the cookies of sessions"
      generate    = { length = 64, punctuation = false }
    }
    reports = {
      description = "Login of the reporting tool"
      generate    = { json_key = "password", json_fields = { username = "reports" } }
    }
    partner = {
      description = "Set by the partner's own tool"
      external    = true
    }
  }
  values_wo = { stripe = var.stripe_key }

  deletion_protection = false

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The secrets are not complete yet; apply again."
    }
  }
}
