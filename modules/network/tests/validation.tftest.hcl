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

run "cidr_without_length" {
  command = plan

  variables {
    cidr = "10.0.0.0"
  }

  expect_failures = [var.cidr]
}

run "cidr_with_host_bits" {
  command = plan

  variables {
    cidr = "10.0.1.0/16"
  }

  expect_failures = [var.cidr]
}

run "zone_names_for_ids" {
  command = plan

  variables {
    zone_ids = ["us-east-1a"]
  }

  expect_failures = [var.zone_ids]
}

run "too_many_zones" {
  command = plan

  variables {
    zone_count = 7
  }

  expect_failures = [var.zone_count]
}

run "unknown_tier_kind" {
  command = plan

  variables {
    tiers = {
      web = { kind = "dmz" }
    }
  }

  expect_failures = [var.tiers]
}

run "unknown_nat_mode" {
  command = plan

  variables {
    nat_mode = "instance"
  }

  expect_failures = [var.nat_mode]
}

run "elastic_ip_by_address" {
  command = plan

  variables {
    nat_elastic_ips = { "use1-az1" = "192.0.2.10" }
  }

  expect_failures = [var.nat_elastic_ips]
}

run "gateway_endpoint_that_does_not_exist" {
  command = plan

  variables {
    gateway_endpoints = ["sqs"]
  }

  expect_failures = [var.gateway_endpoints]
}

run "flow_logs_to_two_places" {
  command = plan

  variables {
    flow_logs = {
      s3       = { bucket_arn = "arn:aws:s3:::central-logs" }
      firehose = { stream_arn = "arn:aws:firehose:us-east-1:123456789012:deliverystream/logs" }
    }
  }

  expect_failures = [var.flow_logs]
}
