provider "platform" {
  region = var.region
}

resource "platform_network" "this" {
  name      = var.name
  cidr      = "10.70.0.0/16"
  zones     = { count = 2 }
  tiers     = { app = { kind = "isolated" } }
  nat       = { mode = "none" }
  flow_logs = { enabled = false }

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "The network is not complete: apply again."
    }
  }
}

# Everything in the region that carries the tags of a composite. What this configuration does not claim belongs to another
# one, or is left over from a run whose state was lost.
data "platform_inventory" "this" {
  claimed_by = [platform_network.this]
}

check "nothing_is_left_over" {
  assert {
    condition     = alltrue([for part in data.platform_inventory.this.parts : part.claimed])
    error_message = "Not claimed here: ${join(", ", [for part in data.platform_inventory.this.parts : "${part.owner} ${part.address} (${part.id})" if !part.claimed])}"
  }
}
