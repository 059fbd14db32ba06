# Bad input is refused by the module, before anything is asked of AWS.

provider "platform" {
  region = "us-east-1"
}

variables {
  name        = "module-validation"
  environment = "dev"
}

run "name_with_capitals" {
  command = plan

  variables {
    name = "Shop"
  }

  expect_failures = [var.name]
}

run "unknown_environment" {
  command = plan

  variables {
    environment = "prod"
  }

  expect_failures = [var.environment]
}
