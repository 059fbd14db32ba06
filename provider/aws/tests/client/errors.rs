//! Errors of each protocol, and what the client refuses by itself.

use platform_aws::{Config, ErrorKind};
use serde_json::{Value, json};

use crate::stub::{Step, Stub, ec2_error, reply};

#[tokio::test(start_paused = true)]
async fn every_protocol_tells_code_message_and_request() {
    let cases: [(&str, &str, Value, Step); 7] = [
        (
            "ec2",
            "DeleteVpc",
            json!({ "VpcId": "vpc-1" }),
            ec2_error(
                400,
                "DependencyViolation",
                "The vpc &apos;vpc-1&apos; has dependencies",
            ),
        ),
        (
            "iam",
            "GetRole",
            json!({ "RoleName": "r" }),
            reply(
                404,
                "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>No role r</Message></Error>\
                 <RequestId>id-2</RequestId></ErrorResponse>",
            ),
        ),
        (
            "kms",
            "DescribeKey",
            json!({ "KeyId": "k" }),
            Step::Reply(
                400,
                vec![("x-amzn-requestid", "id-3".to_owned())],
                r#"{"__type":"com.amazonaws.kms#NotFoundException","message":"No key k"}"#
                    .to_owned(),
            ),
        ),
        (
            "eks",
            "DescribeCluster",
            json!({ "name": "c" }),
            Step::Reply(
                404,
                vec![(
                    "x-amzn-errortype",
                    "ResourceNotFoundException:http://x/".to_owned(),
                )],
                r#"{"message":"No cluster c"}"#.to_owned(),
            ),
        ),
        (
            "s3",
            "GetBucketTagging",
            json!({ "Bucket": "bucket" }),
            reply(
                404,
                "<Error><Code>NoSuchBucket</Code><Message>No bucket</Message><RequestId>id-5</RequestId></Error>",
            ),
        ),
        (
            "s3",
            "HeadBucket",
            json!({ "Bucket": "bucket" }),
            reply(404, ""),
        ),
        (
            "logs",
            "CreateLogGroup",
            json!({ "logGroupName": "g" }),
            reply(413, "<html>too large</html>"),
        ),
    ];
    let mut lines = Vec::new();
    for (service, action, params, step) in cases {
        let stub = Stub::new([step]);
        let error = stub
            .client()
            .await
            .call("eu-west-1", service, action, &params)
            .await
            .unwrap_err();
        lines.push(format!("{:?}: {error}", error.kind));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn s3_errors_inside_a_success_are_errors() {
    let stub = Stub::new([
        reply(
            200,
            "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>",
        ),
        reply(200, "<Tagging><TagSet/></Tagging>"),
    ]);
    let client = stub.client().await;
    client
        .call(
            "eu-west-1",
            "s3",
            "GetBucketTagging",
            &json!({ "Bucket": "bucket" }),
        )
        .await
        .unwrap();
    assert_eq!(stub.seen().len(), 2);

    // An element of that name deeper down is part of an answer.
    let stub = Stub::new([reply(
        200,
        "<Tagging><Error><Code>x</Code></Error></Tagging>",
    )]);
    let client = stub.client().await;
    client
        .call(
            "eu-west-1",
            "s3",
            "GetBucketTagging",
            &json!({ "Bucket": "bucket" }),
        )
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_wrong_call_is_refused_with_all_its_problems_before_it_is_sent() {
    let stub = Stub::new([]);
    let client = stub.client().await;
    let params = json!({
        "VpcId": 7,
        "CidrBlok": "10.0.0.0/24",
        "TagSpecifications": [{ "ResourceType": "subnett", "Tags": [{ "Key": "a", "Value": true }] }],
    });
    let mut lines = Vec::new();
    for (service, action, params) in [
        ("ec2", "CreateSubnet", params),
        ("iam", "CreateRole", json!({ "RoleName": "r" })),
        (
            "logs",
            "PutRetentionPolicy",
            json!({ "logGroupName": "g", "retentionInDays": 1.5 }),
        ),
        ("ec2", "RunInstances", json!({})),
        ("sqs", "CreateQueue", json!({})),
    ] {
        let error = client
            .call("eu-west-1", service, action, &params)
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid);
        lines.push(error.to_string());
    }
    insta::assert_snapshot!(lines.join("\n"));
    assert!(stub.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn requests_go_where_the_configuration_says() {
    let path_style = |config: &mut Config| config.s3_use_path_style = true;
    let fips = |config: &mut Config| config.use_fips_endpoint = true;
    let dual = |config: &mut Config| config.use_dualstack_endpoint = true;
    let custom = |config: &mut Config| {
        config.endpoints = [("*".to_owned(), "http://emulator:4566/".to_owned())].into();
        config.use_fips_endpoint = true;
    };
    let none = |_: &mut Config| {};
    type Case = (&'static str, &'static str, &'static str, fn(&mut Config));
    let cases: [Case; 13] = [
        ("eu-west-1", "ec2", "DescribeVpcs", none),
        ("cn-north-1", "ec2", "DescribeVpcs", none),
        ("us-gov-west-1", "iam", "ListRoles", none),
        ("eu-west-1", "iam", "ListRoles", none),
        ("us-east-1", "kms", "ListKeys", fips),
        ("eu-west-1", "ec2", "DescribeVpcs", dual),
        ("us-iso-east-1", "logs", "DescribeLogGroups", none),
        ("eu-west-1", "s3", "HeadBucket", none),
        ("us-east-1", "s3", "HeadBucket", none),
        ("eu-west-1", "s3", "HeadBucket", path_style),
        ("eu-west-1", "s3", "HeadBucket", dual),
        ("eu-west-1", "ec2", "DescribeVpcs", custom),
        ("eu-west-1", "eks", "ListClusters", custom),
    ];
    let mut lines = Vec::new();
    for (region, service, action, change) in cases {
        let stub = Stub::new([reply(
            200,
            if service == "ec2" || service == "iam" {
                "<R/>"
            } else {
                ""
            },
        )]);
        let client = stub.client_with(change).await;
        let params = if service == "s3" {
            json!({ "Bucket": "bucket" })
        } else {
            json!({})
        };
        client.call(region, service, action, &params).await.unwrap();
        let request = stub.seen().remove(0);
        let authorization = request.headers()["authorization"].to_str().unwrap();
        let scope = authorization
            .split([',', ' '])
            .find_map(|part| part.strip_prefix("Credential=AKIDEXAMPLE/"));
        let scope = scope.unwrap().split_once('/').unwrap().1;
        lines.push(format!(
            "{region} {service}: {} {} signed for {scope}",
            request.method(),
            request.uri()
        ));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_successful_reply_that_reports_a_failure_is_an_error() {
    let body = "<CreateFlowLogsResponse><requestId>id</requestId><flowLogIdSet/><unsuccessful><item><error><code>400</code>\
                <message>Access Denied for LogDestination: logs</message></error><resourceId>vpc-1</resourceId></item>\
                </unsuccessful></CreateFlowLogsResponse>";
    let stub = Stub::new([reply(200, body)]);
    let params = json!({ "ResourceIds": ["vpc-1"], "ResourceType": "VPC" });
    let error = stub
        .client()
        .await
        .call("eu-west-1", "ec2", "CreateFlowLogs", &params)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("Access Denied for LogDestination"),
        "{error}"
    );
}
