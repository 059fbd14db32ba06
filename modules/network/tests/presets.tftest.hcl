# What each environment stands for, read from the plan: addresses, types and properties of parts are known before the apply.

provider "platform" {
  region = "us-east-1"
}

variables {
  name        = "module-presets"
  environment = "dev"
}

run "dev" {
  command = plan

  assert {
    condition     = length([for address in keys(output.resources) : address if startswith(address, "subnet/private/")]) == 2
    error_message = "dev has two zones"
  }

  assert {
    condition     = length([for part in values(output.resources) : part if part.type == "AWS::EC2::NatGateway"]) == 1
    error_message = "dev has one NAT gateway"
  }

  assert {
    condition     = output.resources["flow-log/group"].properties.RetentionInDays == 7
    error_message = "dev keeps flow logs for a week"
  }

  assert {
    condition     = output.network.deletion_protection == false
    error_message = "dev can be destroyed"
  }
}

run "staging" {
  command = plan

  variables {
    environment = "staging"
  }

  assert {
    condition     = length([for part in values(output.resources) : part if part.type == "AWS::EC2::NatGateway"]) == 2
    error_message = "staging has a NAT gateway in each of its two zones"
  }

  assert {
    condition     = output.resources["flow-log/group"].properties.RetentionInDays == 30
    error_message = "staging keeps flow logs for a month"
  }

  assert {
    condition     = output.network.deletion_protection
    error_message = "staging is protected"
  }
}

run "production" {
  command = plan

  variables {
    environment = "production"
  }

  assert {
    condition     = length([for part in values(output.resources) : part if part.type == "AWS::EC2::NatGateway"]) == 3
    error_message = "production has a NAT gateway in each of its three zones"
  }

  assert {
    condition     = output.resources["flow-log/group"].properties.RetentionInDays == 365
    error_message = "production keeps flow logs for a year"
  }

  assert {
    condition     = contains([for part in values(output.resources) : part.type], "AWS::KMS::Key")
    error_message = "production encrypts flow logs with a key of its own"
  }

  assert {
    condition     = output.network.deletion_protection
    error_message = "production is protected"
  }
}

run "every_value_of_a_preset_can_be_set" {
  command = plan

  variables {
    environment         = "production"
    zone_ids            = ["use1-az1"]
    nat_mode            = "none"
    flow_logs           = { retention_days = 14, own_kms_key = false }
    deletion_protection = false
  }

  assert {
    condition     = length([for part in values(output.resources) : part if part.type == "AWS::EC2::Subnet"]) == 3
    error_message = "one zone has one subnet of each of the three tiers"
  }

  assert {
    condition     = length([for part in values(output.resources) : part if part.type == "AWS::EC2::NatGateway"]) == 0
    error_message = "nat_mode wins over the preset"
  }

  assert {
    condition     = output.resources["flow-log/group"].properties.RetentionInDays == 14
    error_message = "flow_logs.retention_days wins over the preset"
  }

  assert {
    condition     = !contains([for part in values(output.resources) : part.type], "AWS::KMS::Key")
    error_message = "flow_logs.own_kms_key wins over the preset"
  }

  assert {
    condition     = output.network.deletion_protection == false
    error_message = "deletion_protection wins over the preset"
  }
}

run "flow_logs_can_be_off" {
  command = plan

  variables {
    flow_logs = { enabled = false }
  }

  assert {
    condition     = length([for address in keys(output.resources) : address if startswith(address, "flow-log")]) == 0
    error_message = "nothing of the flow logs is left"
  }
}
