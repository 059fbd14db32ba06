# Secrets are made, left alone and given another value; terraform test destroys them.

provider "platform" {
  region = "us-east-1"
}

variables {
  name         = "module-secrets"
  environment  = "dev"
  force_delete = true

  secrets = {
    stripe  = { value_version = 1, readers = ["123456789013"] }
    session = { generate = { length = 64, punctuation = false } }
    partner = { external = true }
  }
  values = { stripe = "first" }
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

  assert {
    condition     = output.secret_names["session"] == "module-secrets/session"
    error_message = "secrets are named after the set"
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

run "another_value" {
  variables {
    secrets = {
      stripe  = { value_version = 2, readers = ["123456789013"] }
      session = { generate = { length = 64, punctuation = false } }
      partner = { external = true }
    }
    values = { stripe = "second" }
  }

  assert {
    condition     = output.resources["secret/stripe"].properties.Value.Version == 2
    error_message = "the second value was written"
  }

  assert {
    condition     = output.secret_arns == run.create.secret_arns
    error_message = "every secret stayed"
  }
}
