# What each environment stands for, read from the plan.

provider "platform" {
  region = "us-east-1"
}

variables {
  name       = "module-presets"
  composites = ["data-tier/shop"]
}

run "dev" {
  command = plan

  variables {
    environment = "dev"
  }

  assert {
    condition     = output.resources["plan/stores"].properties.BackupPlan.BackupPlanRule[0].Lifecycle.DeleteAfterDays == 7
    error_message = "dev keeps backups for a week"
  }

  assert {
    condition     = output.resources["vault/main"].properties.ForceDestroy
    error_message = "dev can be destroyed with what is in it"
  }
}

run "production" {
  command = plan

  variables {
    environment = "production"
  }

  assert {
    condition     = length(output.resources["plan/stores"].properties.BackupPlan.BackupPlanRule) == 2
    error_message = "production keeps monthly backups, too"
  }

  assert {
    condition     = output.resources["vault/main"].properties.LockConfiguration.MinRetentionDays == 7
    error_message = "the vault of production is locked"
  }
}

run "a_vault_for_copies" {
  command = plan

  variables {
    environment = "production"
    composites  = []
    copies_from = ["123456789013"]
  }

  assert {
    condition     = !contains(keys(output.resources), "role")
    error_message = "what only takes copies backs up nothing"
  }
}
