//! Roles, renewal, accounts and the environment.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use platform_aws::{AssumeRole, Client, Config, ErrorKind, RetryMode, WebIdentity};
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use crate::stub::{Step, Stub, ec2_error, reply};

const VPCS: &str = "<R><vpcSet/></R>";

fn issued(action: &str, name: &str, valid_for: Duration) -> Step {
    let expires = time::OffsetDateTime::from(SystemTime::now() + valid_for)
        .format(&Rfc3339)
        .unwrap();
    reply(
        200,
        &format!(
            "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result><Credentials>\
             <AccessKeyId>{name}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t-{name}</SessionToken>\
             <Expiration>{expires}</Expiration></Credentials></{action}Result></{action}Response>"
        ),
    )
}

fn role(name: &str) -> AssumeRole {
    AssumeRole {
        role_arn: format!("arn:aws:iam::123456789012:role/{name}"),
        ..AssumeRole::default()
    }
}

fn signer(request: &http::Request<bytes::Bytes>) -> String {
    let text = request.headers()["authorization"].to_str().unwrap();
    text.split("Credential=")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_roles_is_assumed_once_for_many_calls() {
    let stub = Stub::new((0..50).map(|_| reply(200, VPCS)));
    let hour = Duration::from_secs(3600);
    *stub.sts.lock().unwrap() = [
        issued("AssumeRole", "FIRST", hour),
        issued("AssumeRole", "SECOND", hour),
    ]
    .into();
    let client = stub
        .client_with(|config| config.assume_role = vec![role("first"), role("second")])
        .await;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let client = client.clone();
        calls.spawn(async move {
            client
                .call("eu-west-1", "ec2", "DescribeVpcs", &json!({}))
                .await
        });
    }
    for result in calls.join_all().await {
        result.unwrap();
    }
    assert_eq!(stub.sts_calls(), 2, "one per role");
    assert!(
        stub.seen()
            .iter()
            .all(|request| signer(request) == "SECOND")
    );
}

#[tokio::test(start_paused = true)]
async fn credentials_are_renewed_before_they_expire_and_when_they_are_refused() {
    let expired = ec2_error(400, "ExpiredToken", "expired");
    let stub = Stub::new([reply(200, VPCS), expired, reply(200, VPCS)]);
    // Less than the margin is left of the first: it isn't kept.
    *stub.sts.lock().unwrap() = [
        issued("AssumeRole", "SHORT", Duration::from_secs(60)),
        issued("AssumeRole", "REVOKED", Duration::from_secs(3600)),
        issued("AssumeRole", "FRESH", Duration::from_secs(3600)),
    ]
    .into();
    let client = stub
        .client_with(|config| config.assume_role = vec![role("r")])
        .await;
    for _ in 0..2 {
        client
            .call("eu-west-1", "ec2", "DescribeVpcs", &json!({}))
            .await
            .unwrap();
    }
    let signers: Vec<_> = stub.seen().iter().map(signer).collect();
    assert_eq!(signers, ["SHORT", "REVOKED", "FRESH"]);
}

#[tokio::test(start_paused = true)]
async fn a_web_identity_token_opens_a_role() {
    let stub = Stub::new([reply(200, VPCS)]);
    let hour = Duration::from_secs(3600);
    *stub.sts.lock().unwrap() = [issued("AssumeRoleWithWebIdentity", "WEB", hour)].into();
    let web = WebIdentity {
        role_arn: "arn:aws:iam::123456789012:role/web".to_owned(),
        web_identity_token: Some("canary".into()),
        ..WebIdentity::default()
    };
    let client = stub
        .client_with(|config| config.assume_role_with_web_identity = Some(web))
        .await;
    client
        .call("eu-west-1", "ec2", "DescribeVpcs", &json!({}))
        .await
        .unwrap();
    assert_eq!(signer(&stub.seen()[0]), "WEB");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_refused_says_which_and_why() {
    let stub = Stub::new([]);
    *stub.sts.lock().unwrap() = [reply(
        403,
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>",
    )]
    .into();
    let client = stub
        .client_with(|config| config.assume_role = vec![role("locked")])
        .await;
    let error = client
        .call("eu-west-1", "ec2", "DescribeVpcs", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, &*error.code),
        (ErrorKind::Denied, "NoCredentials")
    );
    let expected = "assuming arn:aws:iam::123456789012:role/locked: AccessDenied: not you. Set ";
    assert!(error.message.contains(expected), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_reply_with_credentials_that_cannot_be_read_is_not_shown() {
    let stub = Stub::new([]);
    *stub.sts.lock().unwrap() = [reply(
        200,
        "<AssumeRoleResponse><SecretAccessKey>canary</SecretAccessKey>",
    )]
    .into();
    let client = stub
        .client_with(|config| config.assume_role = vec![role("r")])
        .await;
    let error = client
        .call("eu-west-1", "ec2", "DescribeVpcs", &json!({}))
        .await
        .unwrap_err();
    assert!(!error.to_string().contains("canary"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn accounts_are_checked_when_connecting() {
    let caller = reply(
        200,
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws-cn:iam::123456789012:user/u</Arn>\
         <UserId>u</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
    );
    let stub = Stub::new([]);
    *stub.sts.lock().unwrap() = [caller].into();
    let connect = |allowed: &[&str], forbidden: &[&str]| {
        let config = Config {
            region: Some("cn-north-1".to_owned()),
            access_key: Some("AKID".to_owned()),
            secret_key: Some("s".into()),
            allowed_account_ids: allowed.iter().map(ToString::to_string).collect(),
            forbidden_account_ids: forbidden.iter().map(ToString::to_string).collect(),
            transport: Some(stub.clone()),
            ..Config::default()
        };
        platform_aws::Client::connect(config)
    };
    let client = connect(&["123456789012"], &[]).await.unwrap();
    let identity = client.identity().await.unwrap();
    assert_eq!(
        (identity.account.as_str(), identity.partition.as_str()),
        ("123456789012", "aws-cn")
    );
    assert_eq!(stub.sts_calls(), 1, "asked once");
    assert_eq!(
        connect(&["1"], &[]).await.unwrap_err().to_string(),
        "sts GetCallerIdentity: AccountNotAllowed: the credentials belong to account 123456789012, which is none of \
         allowed_account_ids (1)"
    );
    let error = connect(&[], &["123456789012"]).await.unwrap_err();
    assert!(
        error.message.contains("forbidden_account_ids lists"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn connections_that_break_do_not_keep_from_connecting() {
    let connect = |breaks: usize, max_retries: Option<u32>| async move {
        let caller = reply(
            200,
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/u</Arn>\
             <UserId>u</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        );
        let stub = Stub::new([]);
        let breaks = std::iter::repeat_with(|| Step::Cut).take(breaks);
        *stub.sts.lock().unwrap() = breaks.chain([caller]).collect();
        let config = Config {
            access_key: Some("AKID".to_owned()),
            secret_key: Some("s".into()),
            max_retries,
            transport: Some(stub.clone()),
            ..Config::default()
        };
        (Client::connect(config).await, stub.sts_calls())
    };
    let (client, calls) = connect(5, None).await;
    assert!(client.is_ok(), "{client:?}");
    assert_eq!(calls, 6);
    let (refused, calls) = connect(6, None).await;
    assert_eq!(&*refused.unwrap_err().code, "NoReply");
    assert_eq!(calls, 6);
    let (refused, calls) = connect(5, Some(1)).await;
    assert_eq!(&*refused.unwrap_err().code, "NoReply");
    assert_eq!(calls, 2);
}

#[tokio::test]
async fn half_of_a_key_pair_is_refused() {
    let config = Config {
        access_key: Some("AKID".to_owned()),
        skip_credentials_validation: true,
        ..Config::default()
    };
    let error = platform_aws::Client::connect(config).await.unwrap_err();
    assert!(error.message.contains("belong together"), "{error}");
}

#[test]
fn variables_fill_only_what_is_absent() {
    let variables: BTreeMap<&str, &str> = [
        ("AWS_REGION", "eu-north-1"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_ENDPOINT_URL", "http://all"),
        ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://logs"),
        ("AWS_ENDPOINT_URL_EC2", "http://variable"),
        ("AWS_MAX_ATTEMPTS", "5"),
        ("AWS_RETRY_MODE", "adaptive"),
        ("AWS_CA_BUNDLE", ""),
    ]
    .into();
    let read = |name: &str| variables.get(name).map(ToString::to_string);
    let config = Config {
        region: Some("eu-west-1".to_owned()),
        endpoints: [("ec2".to_owned(), "http://block".to_owned())].into(),
        ..Config::default()
    }
    .with_variables(read);
    assert_eq!(config.region.as_deref(), Some("eu-west-1"));
    assert!(config.use_fips_endpoint);
    assert_eq!(
        (config.max_retries, config.retry_mode),
        (Some(4), RetryMode::Adaptive)
    );
    assert_eq!(config.custom_ca_bundle, None);
    let endpoints: Vec<_> = config
        .endpoints
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    assert_eq!(
        endpoints,
        [
            ("*", "http://all"),
            ("ec2", "http://block"),
            ("logs", "http://logs")
        ]
    );
}

#[tokio::test]
async fn a_profile_fills_what_the_block_and_the_variables_leave_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    let text = "[profile emulator]\nregion = eu-north-1\nendpoint_url = http://all\nservices = own\n\
                use_dualstack_endpoint = true\n\n[services own]\ncloudwatch_logs =\n  endpoint_url = http://logs\n\
                kms =\n  endpoint_url = http://profile\n";
    std::fs::write(&path, text).unwrap();
    let config = Config {
        profile: Some("emulator".to_owned()),
        shared_config_files: vec![path.to_str().unwrap().to_owned()],
        endpoints: [("kms".to_owned(), "http://block".to_owned())].into(),
        ..Config::default()
    }
    .with_profile()
    .await;
    assert_eq!(config.region.as_deref(), Some("eu-north-1"));
    assert!(config.use_dualstack_endpoint && !config.use_fips_endpoint);
    let endpoint = |service: &str| config.endpoints.get(service).map(String::as_str);
    assert_eq!(endpoint("*"), Some("http://all"));
    assert_eq!(endpoint("logs"), Some("http://logs"));
    assert_eq!(endpoint("kms"), Some("http://block"));
}

#[tokio::test]
async fn a_profile_that_does_not_exist_is_named_with_the_files_that_lack_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let shared = write("config", "[profile dev]\nregion = eu-north-1\n");
    let secret = write(
        "credentials",
        "[ops]\naws_access_key_id = a\naws_secret_access_key = s\n",
    );
    let config = Config {
        profile: Some("nope".to_owned()),
        shared_config_files: vec![shared.clone()],
        shared_credentials_files: vec![secret.clone()],
        skip_metadata_api_check: true,
        ..Config::default()
    };
    let error = Client::connect(config).await.unwrap_err();
    assert_eq!(&*error.code, "NoCredentials");
    let expected =
        format!("there is no profile \"nope\" in {shared} and {secret}, which have dev, ops");
    assert!(error.message.contains(&expected), "{}", error.message);
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_is_named() {
    // Given back at once, so that nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let config = Config {
        access_key: Some("key".to_owned()),
        secret_key: Some("secret".into()),
        endpoints: [("*".to_owned(), url.clone())].into(),
        ..Config::default()
    };
    let error = Client::connect(config).await.unwrap_err();
    assert_eq!(&*error.code, "NoReply");
    assert!(
        error.message.contains(&format!("{url} can't be reached")),
        "{}",
        error.message
    );
}
