# What each environment stands for, read from the plan: addresses, types and properties of parts are known before the apply.

provider "platform" {
  region = "us-east-1"
}

variables {
  name        = "module-presets"
  environment = "dev"

  tables  = { carts = { partition_key = { name = "id" } } }
  buckets = { media = {} }
}

run "dev" {
  command = plan

  assert {
    condition     = output.data_tier.deletion_protection == false
    error_message = "dev can be destroyed"
  }

  assert {
    condition     = length([for part in values(output.resources) : part if part.type == "AWS::KMS::Key"]) == 1
    error_message = "dev has one key"
  }

  assert {
    condition     = output.resources["table/carts"].type == "AWS::DynamoDB::Table"
    error_message = "a table stands at its name"
  }
}

run "production" {
  command = plan

  variables {
    environment = "production"
  }

  assert {
    condition     = output.data_tier.deletion_protection
    error_message = "production is protected"
  }

  assert {
    condition     = length([for part in values(output.resources) : part if part.type == "AWS::KMS::Key"]) == 3
    error_message = "production has a key for each store besides that of the tier"
  }
}

run "one_key_elsewhere_too" {
  command = plan

  variables {
    environment = "production"
    encryption  = { key_per_store = false, multi_region = true, replica_regions = ["eu-west-1"] }
  }

  assert {
    condition     = length([for part in values(output.resources) : part if part.type == "AWS::KMS::Key"]) == 1
    error_message = "what the caller says of keys wins over the environment"
  }

  assert {
    condition     = length([for part in values(output.resources) : part if part.type == "AWS::KMS::ReplicaKey"]) == 1
    error_message = "the key has a replica in the other region"
  }
}

run "tables_elsewhere_too" {
  command = plan

  variables {
    encryption = { multi_region = true, replica_regions = ["eu-west-1"] }
    tables     = { carts = { partition_key = { name = "id" }, stream = "new_and_old_images", replicas = { "eu-west-1" = {} } } }
  }

  assert {
    condition     = output.resources["table/carts/replica/eu-west-1"].properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled == false
    error_message = "a replica has what the environment stands for, like its table"
  }
}

run "created" {
  assert {
    condition     = output.ready
    error_message = "every part exists"
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
