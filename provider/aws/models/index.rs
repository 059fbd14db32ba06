// Written by `cargo xtask models`: name, variable suffix, operations and shapes, endpoint rules of each service.
&[
    ("ec2", "EC2", include_str!("ec2.json"), include_str!("ec2.endpoints.json")),
    ("eks", "EKS", include_str!("eks.json"), include_str!("eks.endpoints.json")),
    ("iam", "IAM", include_str!("iam.json"), include_str!("iam.endpoints.json")),
    ("kms", "KMS", include_str!("kms.json"), include_str!("kms.endpoints.json")),
    ("logs", "CLOUDWATCH_LOGS", include_str!("logs.json"), include_str!("logs.endpoints.json")),
    ("resourcegroupstaggingapi", "RESOURCE_GROUPS_TAGGING_API", include_str!("resourcegroupstaggingapi.json"), include_str!("resourcegroupstaggingapi.endpoints.json")),
    ("s3", "S3", include_str!("s3.json"), include_str!("s3.endpoints.json")),
    ("service-quotas", "SERVICE_QUOTAS", include_str!("service-quotas.json"), include_str!("service-quotas.endpoints.json")),
]
