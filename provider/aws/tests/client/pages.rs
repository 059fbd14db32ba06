//! Pages of each style, joined.

use serde_json::json;

use crate::stub::{Stub, reply};

#[tokio::test(start_paused = true)]
async fn ec2_pages_are_joined_in_order() {
    let page = |id: &str, next: &str| {
        reply(
            200,
            &format!(
                "<R><vpcSet><item><vpcId>{id}</vpcId></item></vpcSet><nextToken>{next}</nextToken></R>"
            ),
        )
    };
    let stub = Stub::new([page("vpc-1", "t1"), page("vpc-2", "t2"), page("vpc-3", "")]);
    let client = stub.client().await;
    let filter = json!({ "Filters": [{ "Name": "tag:Name", "Values": ["a b"] }] });
    let all = client
        .call("eu-west-1", "ec2", "DescribeVpcs", &filter)
        .await
        .unwrap();
    assert_eq!(
        all,
        json!({ "Vpcs": [{ "VpcId": "vpc-1" }, { "VpcId": "vpc-2" }, { "VpcId": "vpc-3" }] })
    );
    let bodies = stub.bodies();
    let first =
        "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=tag%3AName&Filter.1.Value.1=a%20b";
    assert_eq!(bodies[0], first);
    assert!(
        bodies[1].contains("NextToken=t1") && bodies[2].contains("NextToken=t2"),
        "{bodies:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn iam_pages_end_when_nothing_is_truncated() {
    let page = |name: &str, more: bool| {
        reply(
            200,
            &format!(
                "<ListRolesResponse><ListRolesResult><Roles><member><RoleName>{name}</RoleName></member></Roles>\
                 <IsTruncated>{more}</IsTruncated><Marker>m</Marker></ListRolesResult></ListRolesResponse>"
            ),
        )
    };
    let stub = Stub::new([page("a", true), page("b", false)]);
    let all = stub
        .client()
        .await
        .call("eu-west-1", "iam", "ListRoles", &json!({}))
        .await
        .unwrap();
    assert_eq!(
        all,
        json!({ "Roles": [{ "RoleName": "a" }, { "RoleName": "b" }] })
    );
    assert_eq!(stub.seen()[0].uri(), "https://iam.amazonaws.com/");
}

#[tokio::test(start_paused = true)]
async fn json_pages_of_maps_and_lists_are_joined() {
    let stub = Stub::new([
        reply(
            200,
            r#"{"ResourceTagMappingList":[{"ResourceARN":"a"}],"PaginationToken":"p"}"#,
        ),
        reply(200, r#"{"ResourceTagMappingList":[],"PaginationToken":""}"#),
    ]);
    let client = stub.client().await;
    let all = client
        .call(
            "eu-west-1",
            "resourcegroupstaggingapi",
            "GetResources",
            &json!({}),
        )
        .await
        .unwrap();
    assert_eq!(
        all,
        json!({ "ResourceTagMappingList": [{ "ResourceARN": "a" }] })
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_that_never_changes_ends_the_walk() {
    let same = reply(200, r#"{"logGroups":[],"nextToken":"same"}"#);
    let stub = Stub::new([same.clone(), same.clone(), same]);
    stub.client()
        .await
        .call("eu-west-1", "logs", "DescribeLogGroups", &json!({}))
        .await
        .unwrap();
    assert_eq!(stub.seen().len(), 2);
}
