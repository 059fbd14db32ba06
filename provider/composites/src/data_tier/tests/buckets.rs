//! Buckets.

use super::*;

#[test]
fn a_bucket_in_full() {
    let expansion =
        expand(json!({ "network": null, "access_from": {}, "buckets": { "media": {} } }));
    insta::assert_json_snapshot!("bucket", expansion);
}

#[test]
fn everything_that_buckets_can_have() {
    let expansion = expand(json!({
        "encryption": { "key_per_store": true },
        "alarms": { "topic_arn": "arn:aws:sns:us-east-1:123456789012:on-call" },
        "buckets": {
            "logs": { "encryption": "s3", "versioning": false, "lifecycle": { "expire_days": 400, "noncurrent_days": 1 } },
            "media": {
                "bucket_name": "media.shop.example",
                "lifecycle": { "infrequent_access_days": 30, "glacier_days": 90, "deep_archive_days": 365, "expire_days": 3650, "noncurrent_versions": 3 },
                "object_lock": { "mode": "governance", "days": 30 },
                "vpc_endpoint_ids": ["vpce-1"],
                "policy_statements": r#"{ "Effect": "Allow", "Principal": { "AWS": "210987654321" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::media.shop.example/*" }"#,
                "access_logs": { "bucket": "logs" },
                "inventory": { "bucket": "logs" },
                "cors": [{ "allowed_origins": ["https://shop.example"], "allowed_methods": ["GET"] }],
                "event_notifications": {
                    "eventbridge": true,
                    "queues": { "thumbnails": { "arn": "arn:aws:sqs:us-east-1:123456789012:thumbnails", "prefix": "uploads/", "suffix": ".jpg" } },
                },
                "request_metrics": true,
                "force_destroy": true,
            },
            "archive": { "transfer_acceleration": true, "lifecycle": { "intelligent_tiering": { "archive_days": 90, "deep_archive_days": 180 } } },
        },
    }));
    insta::assert_snapshot!("bucket_explained", explain(&expansion.graph));
    insta::assert_json_snapshot!("bucket_parts", expansion.graph.parts);
}

#[test]
fn what_is_said_about_wrong_buckets() {
    let mut said = String::new();
    for (name, buckets) in [
        (
            "names",
            json!({ "media": { "bucket_name": "Media" }, "cdn": { "bucket_name": "a.b", "transfer_acceleration": true } }),
        ),
        (
            "lifecycle",
            json!({ "media": { "lifecycle": { "infrequent_access_days": 30, "intelligent_tiering": { "archive_days": 180, "deep_archive_days": 180 }, "glacier_days": 45, "deep_archive_days": 45, "noncurrent_days": 0, "noncurrent_versions": 2 } } }),
        ),
        (
            "locks and statements",
            json!({ "media": { "versioning": false, "object_lock": { "mode": "compliance", "days": 1 }, "policy_statements": "[1]" } }),
        ),
        (
            "logs and lists",
            json!({
                "media": { "access_logs": { "bucket": "nowhere" }, "inventory": { "bucket": "media" } },
                "cdn": { "access_logs": {}, "inventory": { "bucket": "media" } },
                "in": { "encryption": "s3", "access_logs": { "bucket": "out" } },
                "out": { "encryption": "s3", "access_logs": { "bucket": "in" } },
            }),
        ),
        (
            "receivers and methods",
            json!({ "media": {
                "cors": [{ "allowed_origins": ["*"], "allowed_methods": ["get"] }],
                "event_notifications": { "queues": { "q": { "arn": "arn:aws:sns:us-east-1:123456789012:t" } } },
            } }),
        ),
    ] {
        said.push_str(&format!(
            "## {name}\n{}\n",
            verdict(with(json!({ "buckets": buckets })))
        ));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_name_that_is_too_long_is_said_at_plan() {
    let configuration =
        with(json!({ "name": "abcdefghijklmnopqrstuvwx", "buckets": { "abcdefghijklmno": {} } }));
    let spec: Box<dyn Expand> = CompositeDef::of::<DataTier>()
        .decode(configuration)
        .unwrap();
    let mut problems = Problems::new();
    let far = Setting {
        owner: "platform_data_tier/ap-southeast-1/shop".parse().unwrap(),
        ..setting()
    };
    spec.expand(&far, &Ledger::default(), &mut problems);
    let said = lines(&problems);
    assert!(problems.has_errors(), "{said}");
    assert!(said.contains("bucket_name"), "{said}");
}
