//! Buckets on moto, and on LocalStack where it is there.

use acceptance_tests::{Flavor, Outcome, REGION, Stage, ensure, http};

use crate::configuration::{
    DATA_TIER, alone, changed, expect_refusal, expect_repair, settle_in_turn,
};

/// A data tier with one bucket with these arguments.
fn media(arguments: &str) -> String {
    alone(&format!(
        "  buckets = {{\n    media = {{\n{arguments}\n    }}\n  }}"
    ))
}

/// The id of the part at an address: the name of the bucket.
fn name(stage: &Stage, address: &str) -> Outcome<String> {
    let parts = stage.parts(DATA_TIER)?;
    let id = parts.get(address).and_then(|part| part.id.as_str());
    id.map(str::to_owned)
        .ok_or_else(|| acceptance_tests::Failure::new(format!("{address} has no id")))
}

/// Somebody with credentials and no Terraform.
fn hand(stage: &Stage, method: &str, path: &str, body: &str) -> Outcome<String> {
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=none"
    );
    let length = body.len().to_string();
    let headers = [
        ("authorization", scope.as_str()),
        ("content-type", "application/xml"),
        ("content-length", length.as_str()),
        ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
    ];
    let reply = http::send(
        stage.emulator.address(),
        method,
        path,
        &headers,
        body.to_owned(),
    )?;
    ensure!(
        (200..300).contains(&reply.status),
        "{method} {path} answers {}: {}",
        reply.status,
        reply.body
    );
    Ok(reply.body)
}

#[test]
fn created_changed_and_destroyed() -> Outcome<()> {
    let stage = Stage::new()?;
    settle_in_turn(
        &stage,
        &[
            &media(""),
            &alone(
                r#"  buckets = {
    logs  = { encryption = "s3", lifecycle = { expire_days = 400 } }
    media = {
      versioning  = true
      lifecycle   = { infrequent_access_days = 30, glacier_days = 90, expire_days = 3650, noncurrent_versions = 3 }
      access_logs = { bucket = "logs" }
      inventory   = { bucket = "logs", frequency = "daily" }
      cors        = [{ allowed_origins = ["https://shop.example"], allowed_methods = ["GET", "HEAD"] }]
      event_notifications = {
        eventbridge = true
        queues      = { thumbnails = { arn = "arn:aws:sqs:us-east-1:123456789012:thumbnails", prefix = "uploads/" } }
      }
      transfer_acceleration = true
      request_metrics       = true
      vpc_endpoint_ids      = ["vpce-0123456789abcdef0"]
      policy_statements     = jsonencode([{ Sid = "Read", Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "s3:GetObject", Resource = "*" }])
    }
  }
  tags   = { team = "shop" }
  alarms = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }"#,
            ),
            &alone(
                r#"  buckets = {
    logs  = { encryption = "s3" }
    media = {
      versioning = false
      lifecycle  = { intelligent_tiering = { archive_days = 90 }, noncurrent_days = 30, abort_multipart_days = 1 }
    }
  }"#,
            ),
        ],
    )?;
    expect_refusal(
        &stage,
        &media(""),
        &["bucket/logs would be deleted", "allow_delete"],
    )?;
    expect_refusal(
        &stage,
        &alone(
            r#"  buckets = { logs = { encryption = "s3" }, media = { bucket_name = "another-name" } }"#,
        ),
        &["bucket/media would be replaced", "allow_replace"],
    )?;
    stage.settle(
        &alone("  buckets = { media = {} }\n  allow_delete = [\"bucket/logs\"]"),
        DATA_TIER,
    )?;
    stage.strike()
}

#[test]
fn a_lock_is_there_from_birth() -> Outcome<()> {
    let stage = Stage::new()?;
    settle_in_turn(
        &stage,
        &[
            &media("      object_lock = { mode = \"governance\", days = 30 }"),
            &media("      object_lock = { mode = \"governance\", days = 60 }"),
            // The bucket keeps what can't be taken off; new versions are locked no more.
            &media(""),
        ],
    )?;
    stage.strike()
}

#[test]
fn drift_of_each_setting_is_found_and_repaired() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = media(
        r#"      cors = [{ allowed_origins = ["https://shop.example"], allowed_methods = ["GET"] }]"#,
    );
    stage.settle(&hcl, DATA_TIER)?;
    let bucket = name(&stage, "bucket/media")?;
    for (query, body) in [
        (
            "versioning",
            "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>",
        ),
        (
            "encryption",
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
        ),
        (
            "publicAccessBlock",
            "<PublicAccessBlockConfiguration><BlockPublicAcls>false</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>",
        ),
        (
            "ownershipControls",
            "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>",
        ),
        (
            "lifecycle",
            "<LifecycleConfiguration><Rule><ID>all</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
        ),
        (
            "cors",
            "<CORSConfiguration><CORSRule><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
        ),
    ] {
        hand(&stage, "PUT", &format!("/{bucket}?{query}"), body)?;
        expect_repair(&stage, &hcl, "bucket/media")?;
    }
    hand(&stage, "DELETE", &format!("/{bucket}?policy"), "")?;
    expect_repair(&stage, &hcl, "bucket/media/policy")?;
    stage.terraform.expect_no_changes("after the repairs")?;
    ensure!(changed(&stage)?.is_empty(), "nothing is left to repair");
    stage.strike()
}

/// What nobody asked for and AWS does not give by itself is seen closely, and taken back; a fast look does not ask for it.
#[test]
fn what_others_add_to_a_bucket_is_found_by_a_close_look() -> Outcome<()> {
    let stage = Stage::new()?;
    let fast = media("");
    let deep = fast.replace(
        "provider \"platform\" {\n",
        "provider \"platform\" {\n  drift                       = \"deep\"\n",
    );
    stage.settle(&deep, DATA_TIER)?;
    stage.terraform.expect_no_changes("looked at closely")?;
    let bucket = name(&stage, "bucket/media")?;
    for (query, body) in [
        (
            "website",
            "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>",
        ),
        (
            "replication",
            "<ReplicationConfiguration><Role>arn:aws:iam::210987654321:role/copy</Role><Rule><ID>out</ID><Status>Enabled</Status><Priority>1</Priority><Filter><Prefix></Prefix></Filter><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><Destination><Bucket>arn:aws:s3:::somewhere-else</Bucket></Destination></Rule></ReplicationConfiguration>",
        ),
        (
            "analytics&id=all",
            "<AnalyticsConfiguration><Id>all</Id><StorageClassAnalysis></StorageClassAnalysis></AnalyticsConfiguration>",
        ),
        (
            "requestPayment",
            "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>",
        ),
        (
            "accelerate",
            "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>",
        ),
        (
            "metrics&id=all",
            "<MetricsConfiguration><Id>all</Id></MetricsConfiguration>",
        ),
    ] {
        hand(&stage, "PUT", &format!("/{bucket}?{query}"), body)?;
        stage.terraform.write(&fast)?;
        stage
            .terraform
            .expect_no_changes(&format!("{query}, looked at fast"))?;
        stage.terraform.write(&deep)?;
        expect_repair(&stage, &deep, "bucket/media")?;
        stage.terraform.expect_no_changes("after the repair")?;
    }
    stage.strike()
}

#[test]
fn a_bucket_with_something_in_it_is_not_deleted_unless_that_is_said() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&media(""), DATA_TIER)?;
    let bucket = name(&stage, "bucket/media")?;
    hand(&stage, "PUT", &format!("/{bucket}/a.txt"), "first")?;
    hand(&stage, "PUT", &format!("/{bucket}/a.txt"), "second")?;
    hand(&stage, "DELETE", &format!("/{bucket}/a.txt"), "")?;
    hand(&stage, "POST", &format!("/{bucket}/big.bin?uploads"), "")?;

    let run = stage
        .terraform
        .run(&["destroy", "-auto-approve", "-no-color"])?;
    let said = run.text().split_whitespace().collect::<Vec<_>>().join(" ");
    for fragment in ["BucketNotEmpty", "a.txt", "force_destroy"] {
        ensure!(
            run.code == Some(1) && said.contains(fragment),
            "{fragment:?} is not said: {said}"
        );
    }
    let kept = hand(&stage, "GET", &format!("/{bucket}?versions"), "")?;
    ensure!(kept.matches("<Key>a.txt</Key>").count() == 3, "{kept}");

    stage.settle(&media("      force_destroy = true"), DATA_TIER)?;
    stage.strike()
}

#[test]
fn localstack_keeps_buckets_too() -> Outcome<()> {
    let Some(stage) = Stage::on(Flavor::LocalStack)? else {
        return Ok(());
    };
    settle_in_turn(
        &stage,
        &[
            &media(""),
            &media(
                r#"      versioning = false
      lifecycle  = { infrequent_access_days = 30, expire_days = 365 }
      cors       = [{ allowed_origins = ["https://shop.example"], allowed_methods = ["GET"] }]
      event_notifications = { eventbridge = true }"#,
            ),
            &media("      force_destroy = true"),
        ],
    )?;
    let bucket = name(&stage, "bucket/media")?;
    hand(&stage, "PUT", &format!("/{bucket}/a.txt"), "first")?;
    stage.strike()
}
