//! What is sent again, when, and what is not.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use platform_aws::wire::timestamp;
use platform_aws::{Client, Config, ErrorKind};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::stub::{Step, Stub, ec2_error, reply, tcp};

const VPCS: &str = "<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>";
const VPC: &str = "<CreateVpcResponse><vpc><vpcId>vpc-1</vpcId></vpc></CreateVpcResponse>";
const NAT: &str = "<CreateNatGatewayResponse><natGateway><natGatewayId>nat-1</natGatewayId></natGateway></CreateNatGatewayResponse>";

async fn describe(client: &Client) -> Result<Value, platform_aws::Error> {
    client
        .call("eu-west-1", "ec2", "DescribeVpcs", &json!({}))
        .await
}

async fn create(client: &Client) -> Result<Value, platform_aws::Error> {
    client
        .call(
            "eu-west-1",
            "ec2",
            "CreateVpc",
            &json!({ "CidrBlock": "10.0.0.0/16" }),
        )
        .await
}

#[tokio::test(start_paused = true)]
async fn a_failing_server_is_asked_again() {
    let stub = Stub::new([
        ec2_error(500, "InternalError", "oops"),
        reply(503, "<html>busy</html>"),
        Step::Refuse,
        reply(200, VPCS),
    ]);
    assert_eq!(
        describe(&stub.client().await).await,
        Ok(json!({ "Vpcs": [] }))
    );
    assert_eq!((stub.seen().len(), stub.unused()), (4, 0));
}

#[tokio::test(start_paused = true)]
async fn throttling_is_waited_out_as_long_as_the_service_asks() {
    let slow = Step::Reply(
        503,
        vec![("retry-after", "9".to_owned())],
        "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>"
            .to_owned(),
    );
    let stub = Stub::new([slow.clone(), slow, reply(200, VPC)]);
    let begin = Instant::now();
    create(&stub.client().await).await.unwrap();
    assert!(
        begin.elapsed() >= Duration::from_secs(18),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(stub.seen().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn retries_end() {
    let throttled = ec2_error(503, "RequestLimitExceeded", "Request limit exceeded.");
    let stub = Stub::new(vec![throttled; 10]);
    let client = stub
        .client_with(|config| config.max_retries = Some(3))
        .await;
    let error = create(&client).await.unwrap_err();
    assert_eq!((error.kind, stub.seen().len()), (ErrorKind::Throttled, 4));
    assert_eq!(
        error.to_string(),
        "ec2 CreateVpc in eu-west-1: RequestLimitExceeded: Request limit exceeded. (request id request-1)"
    );
}

#[tokio::test(start_paused = true)]
async fn what_lasts_is_reported_before_all_retries_are_spent() {
    let lasting = [
        (
            reply(500, "<html>not implemented</html>"),
            Duration::from_secs(1),
        ),
        (Step::Refuse, Duration::from_secs(30)),
        (
            ec2_error(500, "InternalError", ""),
            Duration::from_secs(150),
        ),
        (Step::Hang, Duration::from_secs(310)),
    ];
    for (step, at_most) in lasting {
        let stub = Stub::new(vec![step.clone(); 26]);
        let begin = Instant::now();
        let error = describe(&stub.client().await).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Transient);
        assert!(
            begin.elapsed() <= at_most,
            "{step:?}: {:?}",
            begin.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_change_is_not_repeated() {
    for (step, reason) in [
        (Step::Hang, "nothing came within 60 seconds"),
        (Step::Cut, "connection reset by peer"),
    ] {
        let stub = Stub::new([step]);
        let error = create(&stub.client().await).await.unwrap_err();
        assert_eq!((error.kind, stub.seen().len()), (ErrorKind::Ambiguous, 1));
        assert_eq!(
            error.to_string(),
            format!(
                "ec2 CreateVpc in eu-west-1: NoReply: {reason}; the call was sent and may have taken effect"
            )
        );
    }
    // A gateway's reply says nothing about the service behind it.
    let stub = Stub::new([reply(504, "<html>gateway timeout</html>")]);
    assert_eq!(
        create(&stub.client().await).await.unwrap_err().kind,
        ErrorKind::Ambiguous
    );
    // Nor does half a reply.
    let stub = Stub::new([reply(200, "<CreateVpcResponse><vpc>")]);
    assert_eq!(
        create(&stub.client().await).await.unwrap_err().kind,
        ErrorKind::Ambiguous
    );
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_read_is_repeated() {
    let stub = Stub::new([Step::Hang, Step::Cut, reply(504, ""), reply(200, VPCS)]);
    describe(&stub.client().await).await.unwrap();
    assert_eq!(stub.seen().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_was_never_sent_is_repeated() {
    let stub = Stub::new([Step::Refuse, reply(200, VPC)]);
    create(&stub.client().await).await.unwrap();
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_change_is_not_repeated_for_its_token_nor_after_a_failure() {
    let params = json!({ "SubnetId": "subnet-1" });
    for step in [Step::Hang, Step::Cut, reply(500, ""), reply(503, "")] {
        let stub = Stub::new([step]);
        let client = stub.client().await;
        let outcome = client
            .call("eu-west-1", "ec2", "CreateNatGateway", &params)
            .await;
        assert!(matches!(
            outcome.unwrap_err().kind,
            ErrorKind::Ambiguous | ErrorKind::Transient
        ));
        let bodies = stub.bodies();
        assert_eq!(bodies.len(), 1);
        assert!(bodies[0].contains("ClientToken="), "{bodies:?}");
    }

    let given = json!({ "SubnetId": "subnet-1", "ClientToken": "mine" });
    let stub = Stub::new([reply(200, NAT)]);
    stub.client()
        .await
        .call("eu-west-1", "ec2", "CreateNatGateway", &given)
        .await
        .unwrap();
    assert!(stub.bodies()[0].contains("ClientToken=mine"));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_put_right_once() {
    let ahead = time::OffsetDateTime::from(SystemTime::now() + Duration::from_secs(7200));
    let format = time::format_description::well_known::Rfc2822;
    let date = ahead.format(&format).unwrap().replace("+0000", "GMT");
    let refusal = "<Response><Errors><Error><Code>AuthFailure</Code></Error></Errors></Response>";
    let skewed = Step::Reply(401, vec![("date", date)], refusal.to_owned());
    let stub = Stub::new([skewed.clone(), reply(200, VPCS), reply(200, VPCS)]);
    let client = stub.client().await;
    describe(&client).await.unwrap();
    describe(&client).await.unwrap();
    let dates: Vec<_> = stub
        .seen()
        .iter()
        .map(|r| r.headers()["x-amz-date"].to_str().unwrap().to_owned())
        .collect();
    let hour = |date: &str| date[..11].to_owned();
    assert_ne!(hour(&dates[0]), hour(&dates[1]), "signed with AWS's time");
    assert_eq!(hour(&dates[1]), hour(&dates[2]), "and so ever after");
    assert!(timestamp::parse("Sun, 02 Jan 2000 20:34:56.456 GMT").is_some());

    // The same refusal with a right clock is a refusal.
    let now = time::OffsetDateTime::now_utc()
        .format(&format)
        .unwrap()
        .replace("+0000", "GMT");
    let stub = Stub::new([Step::Reply(401, vec![("date", now)], refusal.to_owned())]);
    assert_eq!(
        describe(&stub.client().await).await.unwrap_err().kind,
        ErrorKind::Denied
    );
}

async fn over_tcp(
    steps: Vec<Option<&'static str>>,
) -> (Client, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let (address, count) = tcp::serve(steps);
    let config = Config {
        access_key: Some("AKIDEXAMPLE".to_owned()),
        secret_key: Some("secret".into()),
        skip_credentials_validation: true,
        endpoints: [("*".to_owned(), address)].into(),
        ..Config::default()
    };
    (Client::connect(config).await.unwrap(), count)
}

#[tokio::test]
async fn a_cut_connection_means_the_same_over_a_socket() {
    let (client, count) = over_tcp(vec![None]).await;
    let error = create(&client).await.unwrap_err();
    assert_eq!(
        (error.kind, count.load(Ordering::SeqCst)),
        (ErrorKind::Ambiguous, 1),
        "{error}"
    );

    let (client, count) = over_tcp(vec![None, Some(VPCS)]).await;
    describe(&client).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_refused_connection_names_the_host() {
    // A port that was just free.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let config = Config {
        access_key: Some("AKIDEXAMPLE".to_owned()),
        secret_key: Some("secret".into()),
        skip_credentials_validation: true,
        max_retries: Some(0),
        endpoints: [("*".to_owned(), format!("http://127.0.0.1:{port}"))].into(),
        ..Config::default()
    };
    let error = create(&Client::connect(config).await.unwrap())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, &*error.code),
        (ErrorKind::Transient, "NotReachable")
    );
    assert!(
        error
            .message
            .starts_with(&format!("http://127.0.0.1:{port}: ")),
        "{error}"
    );
    assert!(error.message.contains("refused"), "{error}");
}
