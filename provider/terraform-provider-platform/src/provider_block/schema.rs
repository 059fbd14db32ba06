//! The schema of the provider block, and with it the front page of the Registry's documentation.

use platform_protocol::Type;
use platform_protocol::schema::{Attribute, Block, BlockNesting, NestedBlock, Presence, Schema};

use super::argument_of;

/// Arguments of `endpoints` in hashicorp/aws for services that no composite calls yet.
pub(super) const CARRIED_OVER: [&str; 73] = [
    "acm",
    "amp",
    "apigateway",
    "apigatewayv2",
    "appmesh",
    "appsync",
    "athena",
    "autoscaling",
    "batch",
    "cloudcontrol",
    "cloudformation",
    "cloudfront",
    "cloudtrail",
    "codebuild",
    "codedeploy",
    "codepipeline",
    "cognitoidp",
    "configservice",
    "dax",
    "directconnect",
    "dms",
    "ds",
    "ecr",
    "ecrpublic",
    "ecs",
    "elasticbeanstalk",
    "es",
    "events",
    "firehose",
    "fis",
    "fsx",
    "globalaccelerator",
    "glue",
    "grafana",
    "guardduty",
    "identitystore",
    "inspector2",
    "kafka",
    "kinesis",
    "lambda",
    "macie2",
    "memorydb",
    "mq",
    "mwaa",
    "neptune",
    "networkfirewall",
    "networkmanager",
    "organizations",
    "pipes",
    "ram",
    "redshift",
    "resourcegroups",
    "route53",
    "route53resolver",
    "s3control",
    "scheduler",
    "schemas",
    "securityhub",
    "serverlessrepo",
    "servicediscovery",
    "sesv2",
    "sfn",
    "shield",
    "signer",
    "sqs",
    "ssm",
    "ssoadmin",
    "storagegateway",
    "synthetics",
    "transfer",
    "vpclattice",
    "wafv2",
    "xray",
];

/// The schema of the block.
pub fn schema() -> Schema {
    let text = |about: &str| Attribute::new(Presence::Optional, Type::String).describe(about);
    let flag = |about: &str| Attribute::new(Presence::Optional, Type::Bool).describe(about);
    let number = |about: &str| Attribute::new(Presence::Optional, Type::Number).describe(about);
    let texts =
        |about: &str| Attribute::new(Presence::Optional, Type::list(Type::String)).describe(about);
    let set =
        |about: &str| Attribute::new(Presence::Optional, Type::set(Type::String)).describe(about);
    let tags =
        |about: &str| Attribute::new(Presence::Optional, Type::map(Type::String)).describe(about);
    let block = |about: &str, attributes: Vec<(&str, Attribute)>| Block {
        attributes: attributes
            .into_iter()
            .map(|(name, attribute)| (name.to_owned(), attribute))
            .collect(),
        description: about.to_owned(),
        ..Block::default()
    };
    let role_arguments = || {
        vec![
            (
                "duration",
                text("Lifetime of the session, such as `1h` or `15m`."),
            ),
            ("policy", text("Policy document that narrows the session.")),
            (
                "policy_arns",
                set("Managed policies that narrow the session."),
            ),
            ("role_arn", text("ARN of the role.")),
            ("session_name", text("Name of the session.")),
        ]
    };
    let mut assume_role = role_arguments();
    assume_role.extend([
        (
            "external_id",
            text("The secret that a third party shares with the role's owner."),
        ),
        ("source_identity", text("Who is behind the session.")),
        ("tags", tags("Tags of the session.")),
        (
            "transitive_tag_keys",
            set("Tags that later sessions of the chain inherit."),
        ),
    ]);
    let mut web_identity = role_arguments();
    web_identity.extend([
        (
            "web_identity_token",
            text("Token of the identity provider.").sensitive(),
        ),
        (
            "web_identity_token_file",
            text("File that holds the token, read anew for each session."),
        ),
    ]);
    let endpoints = platform_aws::model::services()
        .map(|service| {
            (
                argument_of(service),
                format!("Endpoint URL of `{service}`."),
            )
        })
        .chain([
            (
                "cloudwatchlogs".to_owned(),
                "The same as `logs`.".to_owned(),
            ),
            ("sts".to_owned(), "Endpoint URL of `sts`.".to_owned()),
        ])
        .chain(CARRIED_OVER.map(|name| {
            let about = "Endpoint URL of the service; kept for a block that is shared with hashicorp/aws, since no composite calls it.";
            (name.to_owned(), about.to_owned())
        }))
        .map(|(name, about)| (name, text(&about)))
        .collect();
    let mut provider = block(
        "Builds platforms on AWS from composites. The arguments have the names and meanings of hashicorp/aws, and the `AWS_*` variables of \
         AWS's own tools count. One block serves all regions.",
        vec![
            (
                "access_key",
                text(
                    "Access key. When left out, AWS's usual chain: environment, profile, web identity, container, instance.",
                ),
            ),
            (
                "allowed_account_ids",
                set("Only these accounts may be touched."),
            ),
            (
                "custom_ca_bundle",
                text("File of certificates in PEM. Also `AWS_CA_BUNDLE`."),
            ),
            (
                "drift",
                text(
                    "How a refresh looks for drift. `fast`, the default, looks at everything the configuration asks for, with as few calls as AWS allows, and warns of rules that others put into security groups. `deep` looks at everything: settings that nobody asked for and that are no longer what AWS gives by itself are taken back by the plan; what others put into or on the parts (routes, rules, entries, associations, tags) is told with its owner, and left alone. `off` believes the state and asks nothing.",
                ),
            ),
            (
                "ec2_metadata_service_endpoint",
                text("Address of the instance's metadata service."),
            ),
            (
                "ec2_metadata_service_endpoint_mode",
                text("`IPv4` or `IPv6`."),
            ),
            (
                "forbidden_account_ids",
                set("These accounts must not be touched."),
            ),
            ("http_proxy", text("Proxy for HTTP. Also `HTTP_PROXY`.")),
            ("https_proxy", text("Proxy for HTTPS. Also `HTTPS_PROXY`.")),
            (
                "max_retries",
                number("How often a call is repeated at most. 25 when left out."),
            ),
            (
                "no_proxy",
                text("Hosts that need no proxy, separated by commas. Also `NO_PROXY`."),
            ),
            (
                "profile",
                text("Profile in the shared files. Also `AWS_PROFILE`."),
            ),
            (
                "region",
                text("Region of composites that don't name one. Also `AWS_REGION`."),
            ),
            (
                "retry_mode",
                text("`standard` or `adaptive`. Also `AWS_RETRY_MODE`."),
            ),
            (
                "s3_use_path_style",
                flag("Whether S3 buckets stand in the path of a URL."),
            ),
            (
                "secret_key",
                text("Secret key, together with `access_key`.").sensitive(),
            ),
            (
                "shared_config_files",
                texts("Files in place of `~/.aws/config`."),
            ),
            (
                "shared_credentials_files",
                texts("Files in place of `~/.aws/credentials`."),
            ),
            (
                "skip_credentials_validation",
                flag("Don't look up the identity when the provider starts."),
            ),
            (
                "skip_metadata_api_check",
                flag("Never ask the instance's metadata service."),
            ),
            (
                "skip_region_validation",
                flag(
                    "Kept for a block that is shared with hashicorp/aws: a region is never held against a list.",
                ),
            ),
            (
                "skip_requesting_account_id",
                flag(
                    "Kept for a block that is shared with hashicorp/aws: the account is looked up when a composite first needs it, since ARNs hold it.",
                ),
            ),
            (
                "sts_region",
                text("Region of STS, when it is not `region`."),
            ),
            (
                "token",
                text("Session token of temporary credentials.").sensitive(),
            ),
            (
                "token_bucket_rate_limiter_capacity",
                number("Size of the retry quota. 500 when left out."),
            ),
            (
                "use_dualstack_endpoint",
                flag("Whether to use dual-stack endpoints."),
            ),
            ("use_fips_endpoint", flag("Whether to use FIPS endpoints.")),
        ],
    );
    let nested = |nesting, block| NestedBlock { nesting, block };
    provider.blocks = [
        (
            "assume_role",
            nested(
                BlockNesting::List { min: 0, max: None },
                block("A role to assume. Several blocks make a chain, in their order.", assume_role),
            ),
        ),
        (
            "assume_role_with_web_identity",
            nested(
                BlockNesting::Single { required: false },
                block("A role to assume with a token of an identity provider, before the chain.", web_identity),
            ),
        ),
        (
            "default_tags",
            nested(
                BlockNesting::Single { required: false },
                block("Tags for everything.", vec![("tags", tags("Tags for every tagged resource; a composite's own win."))]),
            ),
        ),
        (
            "endpoints",
            nested(
                BlockNesting::Set { min: 0, max: None },
                Block { attributes: endpoints, description: "Endpoints in place of AWS's own. Also `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`.".to_owned(), ..Block::default() },
            ),
        ),
        (
            "ignore_tags",
            nested(
                BlockNesting::Single { required: false },
                block("Tags that others manage: never set, compared, removed or reported, even where the configuration names them.", vec![
                    ("key_prefixes", set("Beginnings of keys.")),
                    ("keys", set("Whole keys.")),
                ]),
            ),
        ),
    ]
    .into_iter()
    .map(|(name, block)| (name.to_owned(), block))
    .collect();
    Schema {
        version: 0,
        block: provider,
    }
}
