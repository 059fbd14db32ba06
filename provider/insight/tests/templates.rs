//! CloudFormation templates of stores, alone and together with the network that they are in.

use platform_insight::CompositeView;
use platform_insight::cloudformation::{Template, cloudformation};
use platform_insight::inventory::{from_resources, from_terraform_json};
use serde_json::{Value, json};

fn shown(text: &str) -> Vec<CompositeView> {
    from_terraform_json(&serde_json::from_str(text).unwrap()).unwrap()
}

fn network() -> Vec<CompositeView> {
    shown(include_str!("fixtures/plan.json"))
}

fn stores() -> Vec<CompositeView> {
    shown(include_str!("fixtures/stores.json"))
}

fn template(views: &[CompositeView]) -> Template {
    cloudformation(views, &platform_kinds::all()).unwrap()
}

#[test]
fn stores_alone_take_their_network_as_parameters() {
    insta::assert_snapshot!(template(&stores()));
}

#[test]
fn stores_refer_to_a_network_of_the_same_template_and_keep_their_names() {
    let together = template(&[network(), stores()].concat());
    assert!(together.parameters.is_empty(), "{:?}", together.parameters);
    let property = |id: &str, pointer: &str| {
        together.resources[id]["Properties"]
            .pointer(pointer)
            .cloned()
            .unwrap_or_default()
    };
    let group = "DataTierShopPostgresUsersSecurityGroup";
    assert_eq!(
        property(group, "/VpcId"),
        json!({ "Ref": "NetworkShopVpc" })
    );
    assert_eq!(
        property(
            "DataTierShopPostgresUsersAccess5432GroupBastionIn",
            "/SourceSecurityGroupId"
        ),
        json!({ "Fn::GetAtt": ["NetworkShopSecurityGroupBastion", "GroupId"] })
    );
    assert_eq!(
        property("DataTierShopPostgresUsersSubnetGroup", "/SubnetIds/1"),
        json!({ "Ref": "NetworkShopSubnetDatabaseUse1Az2" })
    );
    for views in [network(), stores()] {
        for id in template(&views).resources.keys() {
            assert!(together.resources.contains_key(id), "{id}");
        }
    }
}

#[test]
fn a_network_that_exists_is_known_by_its_ids() {
    let made = |views: &mut [CompositeView], address: &str, id: &str| {
        let view = views
            .iter_mut()
            .find(|view| view.parts.contains_key(address));
        view.unwrap().parts.get_mut(address).unwrap().id = Some(id.to_owned());
    };
    let group = "postgres/users/security-group";
    let mut stores = stores();
    // Once it is there, nothing says where the id comes from but the id itself.
    let part = stores[0].parts.get_mut(group).unwrap();
    part.properties.insert("VpcId".to_owned(), json!("vpc-0a1"));
    part.refs.remove("/VpcId");
    let vpc = |template: &Template| {
        template.resources["DataTierShopPostgresUsersSecurityGroup"]["Properties"]["VpcId"].clone()
    };
    assert_eq!(vpc(&template(&stores)), "vpc-0a1");
    let mut network = network();
    made(&mut network, "vpc", "vpc-0a1");
    assert_eq!(
        vpc(&template(&[network, stores].concat())),
        json!({ "Ref": "NetworkShopVpc" })
    );
}

#[test]
fn what_holds_data_is_kept_as_its_composite_would_keep_it() {
    let template = template(&stores());
    let policies: Vec<(&str, Option<&str>)> = [
        "DataTierShopPostgresUsers",
        "DataTierShopPostgresUsersReader1",
        "DataTierShopBucketMedia",
        "DataTierShopBucketInvoices",
        "DataTierShopPostgresUsersSubnetGroup",
    ]
    .into_iter()
    .map(|id| {
        let resource = &template.resources[id];
        assert_eq!(resource["DeletionPolicy"], resource["UpdateReplacePolicy"]);
        (
            id.trim_start_matches("DataTierShop"),
            resource["DeletionPolicy"].as_str(),
        )
    })
    .collect();
    assert_eq!(
        policies,
        [
            ("PostgresUsers", Some("Snapshot")),
            ("PostgresUsersReader1", Some("Delete")),
            ("BucketMedia", Some("Delete")),
            ("BucketInvoices", Some("Retain")),
            ("PostgresUsersSubnetGroup", None),
        ]
    );
}

#[test]
fn a_stack_lives_in_one_region() {
    let mut elsewhere = stores();
    elsewhere[0].region = Some("eu-west-1".to_owned());
    let why = cloudformation(&[network(), elsewhere].concat(), &platform_kinds::all()).unwrap_err();
    assert!(why.contains("eu-west-1 and us-east-1"), "{why}");
}

#[test]
fn more_than_a_template_may_have_is_refused() {
    let parts: serde_json::Map<String, Value> = (0..501)
        .map(|number| {
            (
                format!("bucket/{number}"),
                json!({ "type": "AWS::S3::Bucket" }),
            )
        })
        .collect();
    let view = from_resources(&Value::Object(parts)).unwrap();
    let why = cloudformation(&[view], &platform_kinds::all()).unwrap_err();
    assert!(
        why.contains("501 resources") && why.contains("500"),
        "{why}"
    );
}
