use super::*;

/// Every setting in full, as CloudFormation has it, and as the API has it.
fn both_ways() -> Vec<(&'static str, Value, Value)> {
    let tag = json!({ "Key": "class", "Value": "log" });
    vec![
        (
            "VersioningConfiguration",
            json!({ "Status": "Enabled" }),
            json!({ "Status": "Enabled" }),
        ),
        (
            "AccelerateConfiguration",
            json!({ "AccelerationStatus": "Enabled" }),
            json!({ "Status": "Enabled" }),
        ),
        (
            "BucketEncryption",
            json!({ "ServerSideEncryptionConfiguration": [{ "BucketKeyEnabled": true, "ServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k" } }] }),
            json!({ "Rules": [{ "BucketKeyEnabled": true, "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k" } }] }),
        ),
        (
            "LifecycleConfiguration",
            json!({ "Rules": [
                { "Id": "all", "Status": "Enabled", "ExpirationInDays": 400, "Transitions": [{ "StorageClass": "STANDARD_IA", "TransitionInDays": 30 }, { "StorageClass": "GLACIER", "TransitionInDays": 90 }] },
                { "Id": "one", "Status": "Enabled", "TagFilters": [tag], "ExpiredObjectDeleteMarker": true },
                { "Id": "old", "Status": "Disabled", "Prefix": "logs/", "TagFilters": [tag], "NoncurrentVersionExpiration": { "NoncurrentDays": 3, "NewerNoncurrentVersions": 2 }, "NoncurrentVersionTransitions": [{ "StorageClass": "GLACIER", "TransitionInDays": 9 }], "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 } },
            ] }),
            json!({ "Rules": [
                { "ID": "all", "Status": "Enabled", "Filter": { "Prefix": "" }, "Expiration": { "Days": 400 }, "Transitions": [{ "StorageClass": "STANDARD_IA", "Days": 30 }, { "StorageClass": "GLACIER", "Days": 90 }] },
                { "ID": "one", "Status": "Enabled", "Filter": { "Tag": tag }, "Expiration": { "ExpiredObjectDeleteMarker": true } },
                { "ID": "old", "Status": "Disabled", "Filter": { "And": { "Prefix": "logs/", "Tags": [tag] } }, "NoncurrentVersionExpiration": { "NoncurrentDays": 3, "NewerNoncurrentVersions": 2 }, "NoncurrentVersionTransitions": [{ "StorageClass": "GLACIER", "NoncurrentDays": 9 }], "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 } },
            ] }),
        ),
        (
            "LoggingConfiguration",
            json!({ "DestinationBucketName": "logs", "LogFilePrefix": "media/" }),
            json!({ "LoggingEnabled": { "TargetBucket": "logs", "TargetPrefix": "media/" } }),
        ),
        (
            "CorsConfiguration",
            json!({ "CorsRules": [{ "Id": "web", "AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"], "ExposedHeaders": ["ETag"], "MaxAge": 60 }] }),
            json!({ "CORSRules": [{ "ID": "web", "AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60 }] }),
        ),
        (
            "ObjectLockConfiguration",
            json!({ "ObjectLockEnabled": "Enabled", "Rule": { "DefaultRetention": { "Mode": "GOVERNANCE", "Days": 3 } } }),
            json!({ "ObjectLockEnabled": "Enabled", "Rule": { "DefaultRetention": { "Mode": "GOVERNANCE", "Days": 3 } } }),
        ),
        (
            "WebsiteConfiguration",
            json!({ "IndexDocument": "index.html", "ErrorDocument": "error.html", "RoutingRules": [{ "RoutingRuleCondition": { "KeyPrefixEquals": "old/" }, "RedirectRule": { "ReplaceKeyPrefixWith": "new/" } }] }),
            json!({ "IndexDocument": { "Suffix": "index.html" }, "ErrorDocument": { "Key": "error.html" }, "RoutingRules": [{ "Condition": { "KeyPrefixEquals": "old/" }, "Redirect": { "ReplaceKeyPrefixWith": "new/" } }] }),
        ),
        (
            "WebsiteConfiguration",
            json!({ "RedirectAllRequestsTo": { "HostName": "shop.example", "Protocol": "https" } }),
            json!({ "RedirectAllRequestsTo": { "HostName": "shop.example", "Protocol": "https" } }),
        ),
        (
            "ReplicationConfiguration",
            json!({ "Role": "r", "Rules": [{ "Id": "all", "Status": "Enabled", "Priority": 1, "DeleteMarkerReplication": { "Status": "Enabled" }, "Filter": { "And": { "Prefix": "a/", "TagFilters": [tag] } },
                "Destination": { "Bucket": "arn:aws:s3:::b", "Account": "1", "StorageClass": "GLACIER", "AccessControlTranslation": { "Owner": "Destination" }, "EncryptionConfiguration": { "ReplicaKmsKeyID": "k" } },
                "SourceSelectionCriteria": { "SseKmsEncryptedObjects": { "Status": "Enabled" } } }] }),
            json!({ "Role": "r", "Rules": [{ "ID": "all", "Status": "Enabled", "Priority": 1, "DeleteMarkerReplication": { "Status": "Enabled" }, "Filter": { "And": { "Prefix": "a/", "Tags": [tag] } },
                "Destination": { "Bucket": "arn:aws:s3:::b", "Account": "1", "StorageClass": "GLACIER", "AccessControlTranslation": { "Owner": "Destination" }, "EncryptionConfiguration": { "ReplicaKmsKeyID": "k" } },
                "SourceSelectionCriteria": { "SseKmsEncryptedObjects": { "Status": "Enabled" } } }] }),
        ),
        (
            "RequestPaymentConfiguration",
            json!({ "Payer": "Requester" }),
            json!({ "Payer": "Requester" }),
        ),
        (
            "NotificationConfiguration",
            json!({
                "EventBridgeConfiguration": { "EventBridgeEnabled": true },
                "QueueConfigurations": [{ "Event": "s3:ObjectCreated:*", "Queue": "q", "Filter": { "S3Key": { "Rules": [{ "Name": "prefix", "Value": "in/" }] } } }],
                "LambdaConfigurations": [{ "Event": "s3:ObjectRemoved:*", "Function": "f" }],
                "TopicConfigurations": [{ "Event": "s3:ObjectRemoved:*", "Topic": "t" }],
            }),
            json!({
                "EventBridgeConfiguration": {},
                "QueueConfigurations": [{ "Events": ["s3:ObjectCreated:*"], "QueueArn": "q", "Filter": { "Key": { "FilterRules": [{ "Name": "prefix", "Value": "in/" }] } } }],
                "LambdaFunctionConfigurations": [{ "Events": ["s3:ObjectRemoved:*"], "LambdaFunctionArn": "f" }],
                "TopicConfigurations": [{ "Events": ["s3:ObjectRemoved:*"], "TopicArn": "t" }],
            }),
        ),
    ]
}

#[test]
fn settings_go_to_the_api_and_come_back() {
    for (property, ours, theirs) in both_ways() {
        assert_eq!(to_api(property, &ours), theirs, "{property} forth");
        assert_eq!(
            from_api(property, &theirs),
            Some(ours),
            "{property} and back"
        );
    }
}

#[test]
fn configurations_go_one_by_one_and_come_back_as_a_list() {
    for (property, ours, theirs) in [
        (
            "InventoryConfigurations",
            json!({ "Id": "all", "Enabled": true, "IncludedObjectVersions": "All", "ScheduleFrequency": "Daily", "Prefix": "a/", "OptionalFields": ["Size"],
                "Destination": { "BucketArn": "arn:aws:s3:::i", "BucketAccountId": "1", "Format": "Parquet", "Prefix": "i" } }),
            json!({ "Id": "all", "IsEnabled": true, "IncludedObjectVersions": "All", "Schedule": { "Frequency": "Daily" }, "Filter": { "Prefix": "a/" }, "OptionalFields": ["Size"],
                "Destination": { "S3BucketDestination": { "Bucket": "arn:aws:s3:::i", "AccountId": "1", "Format": "Parquet", "Prefix": "i" } } }),
        ),
        (
            "IntelligentTieringConfigurations",
            json!({ "Id": "archive", "Status": "Enabled", "Prefix": "a/", "Tierings": [{ "AccessTier": "ARCHIVE_ACCESS", "Days": 90 }] }),
            json!({ "Id": "archive", "Status": "Enabled", "Filter": { "Prefix": "a/" }, "Tierings": [{ "AccessTier": "ARCHIVE_ACCESS", "Days": 90 }] }),
        ),
        (
            "AnalyticsConfigurations",
            json!({ "Id": "all", "Prefix": "a/", "StorageClassAnalysis": { "DataExport": { "OutputSchemaVersion": "V_1", "Destination": { "BucketArn": "arn:aws:s3:::i", "BucketAccountId": "1", "Format": "CSV", "Prefix": "i" } } } }),
            json!({ "Id": "all", "Filter": { "Prefix": "a/" }, "StorageClassAnalysis": { "DataExport": { "OutputSchemaVersion": "V_1", "Destination": { "S3BucketDestination": { "Bucket": "arn:aws:s3:::i", "BucketAccountId": "1", "Format": "CSV", "Prefix": "i" } } } } }),
        ),
        (
            "MetricsConfigurations",
            json!({ "Id": "all" }),
            json!({ "Id": "all" }),
        ),
    ] {
        assert_eq!(to_api(property, &ours), theirs, "{property} forth");
        let list = from_api(property, &json!([theirs]));
        assert_eq!(list, Some(json!([ours])), "{property} and back");
        assert_eq!(from_api(property, &json!([])), None, "{property}");
    }
}

#[test]
fn every_event_of_a_notification_is_shown_alone() {
    let shown = from_api(
        "NotificationConfiguration",
        &json!({ "TopicConfigurations": [{ "Id": "x", "Events": ["a", "b"], "TopicArn": "t", "Filter": { "Key": { "FilterRules": [{ "Name": "Prefix", "Value": "p" }] } } }] }),
    );
    let filter = json!({ "S3Key": { "Rules": [{ "Name": "prefix", "Value": "p" }] } });
    assert_eq!(
        shown,
        Some(json!({ "TopicConfigurations": [
            { "Event": "a", "Topic": "t", "Filter": filter },
            { "Event": "b", "Topic": "t", "Filter": filter },
        ] }))
    );
}

#[test]
fn settings_are_compared_by_meaning() {
    for (property, expected, one, other) in [
        (
            "BucketEncryption",
            true,
            json!({ "a": [{ "BucketKeyEnabled": false, "x": 1 }] }),
            json!({ "a": [{ "x": 1 }] }),
        ),
        (
            "LifecycleConfiguration",
            true,
            json!({ "Rules": [1, 2] }),
            json!({ "Rules": [2, 1] }),
        ),
        (
            "LifecycleConfiguration",
            false,
            json!({ "Rules": [{ "Days": 1 }] }),
            json!({ "Rules": [{ "Days": 2 }] }),
        ),
        (
            "CorsConfiguration",
            false,
            json!({ "CorsRules": [{ "Id": "a" }, { "Id": "b" }] }),
            json!({ "CorsRules": [{ "Id": "b" }, { "Id": "a" }] }),
        ),
        (
            "CorsConfiguration",
            true,
            json!({ "CorsRules": [{ "AllowedMethods": ["GET", "PUT"] }] }),
            json!({ "CorsRules": [{ "AllowedMethods": ["PUT", "GET"], "AllowedHeaders": [] }] }),
        ),
    ] {
        assert_eq!(
            same(property, &one, &other),
            expected,
            "{property} {one} {other}"
        );
    }
}
