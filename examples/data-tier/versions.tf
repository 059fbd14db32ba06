terraform {
  required_version = ">= 1.8"

  required_providers {
    platform = {
      source  = "platform/platform"
      version = ">= 0.1.0"
    }
  }
}
