variable "region" {
  description = "Region of the secrets."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "stripe_key" {
  description = "API key of the payment provider. Set it with TF_VAR_stripe_key; what stands here is no key."
  type        = string
  default     = "not-a-key"
  ephemeral   = true
}
