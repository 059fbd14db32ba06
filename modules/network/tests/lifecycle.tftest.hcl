# A network is made, left alone, grown from dev to production and shrunk again; terraform test destroys it.

provider "platform" {
  region = "us-east-1"
}

variables {
  name        = "module-lifecycle"
  environment = "dev"

  security_groups = {
    web = {
      ingress = {
        https = { from_cidrs = ["0.0.0.0/0"], port = 443 }
      }
      egress = {
        app = { to_group = "app", port = 8080 }
      }
    }
    app = {
      ingress = {
        web = { from_group = "web", port = 8080 }
      }
    }
  }
}

run "create" {
  assert {
    condition     = output.ready
    error_message = "every part exists"
  }

  assert {
    condition     = startswith(output.resources["vpc"].id, "vpc-")
    error_message = "the VPC has an id"
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

  assert {
    condition     = output.resources == run.create.resources
    error_message = "the second plan shows what the first apply left"
  }
}

run "grow" {
  variables {
    environment         = "production"
    deletion_protection = false
    # Emulators can't give an existing log group another key.
    flow_logs = { own_kms_key = false }
  }

  assert {
    condition     = length([for part in values(output.resources) : part if part.type == "AWS::EC2::NatGateway"]) == 3
    error_message = "each of three zones has a NAT gateway"
  }

  assert {
    condition = alltrue([
      for address, part in run.create.resources :
      output.resources[address].id == part.id
      if part.type == "AWS::EC2::Subnet" || part.type == "AWS::EC2::EIP" || part.type == "AWS::EC2::NatGateway"
    ])
    error_message = "what was there keeps its id"
  }
}

run "nothing_to_do_after_growing" {
  command = plan

  variables {
    environment         = "production"
    deletion_protection = false
    # Emulators can't give an existing log group another key.
    flow_logs = { own_kms_key = false }
  }

  assert {
    condition     = output.ready
    error_message = "the plan after the update changes nothing"
  }
}
