terraform {
  # Write-only arguments and ephemeral variables.
  required_version = ">= 1.11"

  required_providers {
    platform = {
      source  = "platform/platform"
      version = ">= 0.1.0"
    }
  }
}
