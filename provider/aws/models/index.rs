// Written by `cargo xtask models`: name, operations and shapes, endpoint rules of each service in use.
&[
    ("ec2", include_str!("ec2.json"), include_str!("ec2.endpoints.json")),
    ("eks", include_str!("eks.json"), include_str!("eks.endpoints.json")),
    ("iam", include_str!("iam.json"), include_str!("iam.endpoints.json")),
    ("kms", include_str!("kms.json"), include_str!("kms.endpoints.json")),
    ("logs", include_str!("logs.json"), include_str!("logs.endpoints.json")),
    ("resourcegroupstaggingapi", include_str!("resourcegroupstaggingapi.json"), include_str!("resourcegroupstaggingapi.endpoints.json")),
    ("s3", include_str!("s3.json"), include_str!("s3.endpoints.json")),
    ("service-quotas", include_str!("service-quotas.json"), include_str!("service-quotas.endpoints.json")),
]
