# What each environment stands for, read from the plan.

provider "platform" {
  region = "us-east-1"
}

variables {
  name    = "module-presets"
  secrets = { partner = { external = true } }
}

run "dev" {
  command = plan

  variables {
    environment = "dev"
  }

  assert {
    condition     = output.resources["secret/partner"].properties.RecoveryWindowInDays == 7
    error_message = "dev keeps deleted secrets for a week"
  }
}

run "production" {
  command = plan

  variables {
    environment = "production"
  }

  assert {
    condition     = output.resources["secret/partner"].properties.RecoveryWindowInDays == 30
    error_message = "production keeps deleted secrets for a month"
  }
}
