# Backups are made, left alone and changed; terraform test destroys them.

provider "platform" {
  region = "us-east-1"
}

variables {
  name        = "module-backup"
  environment = "dev"
  composites  = ["data-tier/shop"]
  select_tags = { backup = "daily" }

  restore_testing = {
    weekly = { selections = { tables = { resource_type = "dynamodb", composite = "data-tier/shop" } } }
  }
}

run "create" {
  assert {
    condition     = output.ready
    error_message = "every part exists"
  }

  assert {
    condition     = alltrue([for part in values(output.resources) : part.id != null])
    error_message = "every part has an id"
  }
}

run "nothing_to_do" {
  command = plan

  # Unknown as soon as one part is to be changed, and an unknown condition fails.
  assert {
    condition     = output.ready
    error_message = "the second plan changes nothing"
  }
}

run "other_rules" {
  variables {
    rules = {
      daily  = { delete_after_days = 14 }
      hourly = { schedule = "hourly", continuous = true, delete_after_days = 7 }
    }
  }

  assert {
    condition     = length(output.resources["plan/stores"].properties.BackupPlan.BackupPlanRule) == 2
    error_message = "the plan has both rules"
  }

  assert {
    condition     = output.plan_ids == run.create.plan_ids && output.vault_arns == run.create.vault_arns
    error_message = "plan and vault stayed"
  }
}
