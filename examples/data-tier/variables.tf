variable "name" {
  description = "Name of the network and of the data tier."
  type        = string
  default     = "shop"
}

variable "environment" {
  description = "What they are for: dev, staging or production."
  type        = string
  default     = "dev"
}

variable "region" {
  description = "Region of everything."
  type        = string
  default     = "us-east-1"
}

variable "alarm_topic_arn" {
  description = "ARN of the SNS topic that is told when an alarm fires. No alarms when left out."
  type        = string
  default     = null
}
