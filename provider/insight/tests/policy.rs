//! The policy for a planned network, collected from kinds that ask what the real ones ask.

use platform_graph::{Attributes, Blocker, Call, Identity, Kind, KindDef, Kinds, Live, Seen, Tags};
use platform_insight::inventory::from_terraform_json;
use platform_insight::policy::{MANAGED_POLICY_LIMIT, Policy, policy};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Declares a kind whose properties are any map, from the calls of its life.
macro_rules! kind {
    ($name:ident, $type:literal, taken_over: $taken:literal, create: $create:expr, update: $update:expr, delete: $delete:expr) => {
        #[derive(Default, Serialize, Deserialize)]
        struct $name(Map<String, Value>);

        impl Kind for $name {
            const TYPE: &'static str = $type;
            const CREATE_ONLY: &'static [&'static str] = &["CidrBlock", "RoleName"];
            const TAGGED: bool = true;
            const TAKEN_OVER: bool = $taken;

            fn find(&self, me: &Identity) -> Vec<Call> {
                vec![Call::describe_own("DescribeThings", "thing-id", me)]
            }
            fn read(&self, _: &Identity, _: &[Value]) -> Seen<Self> {
                Seen::Absent
            }
            fn create(&self, _: &Identity) -> Vec<Call> {
                $create
            }
            fn created(&self, _: &Identity, _: &Value) -> Option<String> {
                None
            }
            fn update(&self, _: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
                let update: fn(&Map<String, Value>, &[&str]) -> Vec<Call> = $update;
                update(&live.properties.0, changed)
            }
            fn retag(_: &Live<Self>, _: &Tags, _: &[String]) -> Vec<Call> {
                vec![
                    Call::new("ec2", "CreateTags"),
                    Call::new("ec2", "DeleteTags"),
                ]
            }
            fn delete(&self, _: &Identity, _: &str, _: &Attributes) -> Vec<Call> {
                $delete
            }
        }
    };
}

fn tagged(action: &'static str) -> Vec<Call> {
    vec![Call::new("ec2", action).with("TagSpecifications", json!([]))]
}

kind!(Vpc, "AWS::EC2::VPC", taken_over: false,
    create: tagged("CreateVpc"),
    update: |_, changed| changed.iter().filter(|name| name.starts_with("EnableDns")).map(|_| Call::new("ec2", "ModifyVpcAttribute")).collect(),
    delete: vec![Call::new("ec2", "DeleteVpc")]);

kind!(Subnet, "AWS::EC2::Subnet", taken_over: false,
    create: tagged("CreateSubnet"),
    update: |_, _| vec![Call::new("ec2", "ModifySubnetAttribute")],
    delete: vec![Call::new("ec2", "DeleteSubnet")]);

kind!(DefaultSecurityGroup, "Custom::DefaultSecurityGroup", taken_over: true,
    create: vec![],
    update: |live, changed| if live.contains_key(changed[0]) { vec![] } else { vec![Call::new("ec2", "RevokeSecurityGroupIngress")] },
    delete: vec![]);

kind!(FlowLog, "AWS::EC2::FlowLog", taken_over: false,
    create: tagged("CreateFlowLogs"),
    update: |_, _| vec![],
    delete: vec![Call::new("ec2", "DeleteFlowLogs")]);

kind!(Role, "AWS::IAM::Role", taken_over: false,
    create: vec![Call::new("iam", "CreateRole").with("Tags", json!([])), Call::new("iam", "PutRolePolicy")],
    update: |_, _| vec![],
    delete: vec![Call::new("iam", "DeleteRole")]);

kind!(LogGroup, "AWS::Logs::LogGroup", taken_over: false,
    create: vec![Call::new("logs", "CreateLogGroup").with("tags", json!({})), Call::new("logs", "PutRetentionPolicy")],
    update: |_, _| vec![Call::new("logs", "DeleteRetentionPolicy")],
    delete: vec![Call::new("logs", "DeleteLogGroup")]);

fn planned() -> Policy {
    let kinds = Kinds::new([
        KindDef::of::<Vpc>(),
        KindDef::of::<Subnet>(),
        KindDef::of::<DefaultSecurityGroup>(),
        KindDef::of::<FlowLog>(),
        KindDef::of::<Role>(),
        KindDef::of::<LogGroup>(),
    ]);
    let mut views =
        from_terraform_json(&serde_json::from_str(include_str!("fixtures/plan.json")).unwrap())
            .unwrap();
    views[0]
        .parts
        .retain(|address, part| kinds.get(&part.kind).is_some() || address == "internet-gateway");
    let also = [
        Call::new("ec2", "DescribeAvailabilityZones"),
        Call::new("service-quotas", "GetServiceQuota"),
        Call::new("resourcegroupstaggingapi", "GetResources"),
    ];
    policy(&views, &kinds, &also, Some("123456789012"))
}

#[test]
fn a_policy_grants_what_the_parts_ask_for_and_says_what_is_wider() {
    let policy = planned();
    insta::assert_json_snapshot!(policy);
    assert!(policy.characters < MANAGED_POLICY_LIMIT);
}

/// A VPC in which something may have been left behind.
#[derive(Default, Serialize, Deserialize)]
struct Yard(Map<String, Value>);

impl Kind for Yard {
    const TYPE: &'static str = "AWS::EC2::VPC";
    const CLEARED: bool = true;

    fn find(&self, _: &Identity) -> Vec<Call> {
        Vec::new()
    }
    fn read(&self, _: &Identity, _: &[Value]) -> Seen<Self> {
        Seen::Absent
    }
    fn create(&self, _: &Identity) -> Vec<Call> {
        Vec::new()
    }
    fn created(&self, _: &Identity, _: &Value) -> Option<String> {
        None
    }
    fn delete(&self, _: &Identity, _: &str, _: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DeleteVpc")]
    }
    fn blockers(&self, _: &Identity, _: &str, replies: &[Value]) -> Vec<Call> {
        match replies {
            [] => vec![
                Call::new("ec2", "DescribeNetworkInterfaces"),
                Call::new("elbv2", "DescribeLoadBalancers"),
            ],
            [_, _] => vec![Call::new("eks", "ListClusters")],
            _ => Vec::new(),
        }
    }
    fn blocking(&self, _: &Identity, _: &str, replies: &[Value]) -> Vec<Blocker> {
        let blocker = |service, action: &'static str| Blocker {
            id: action.to_owned(),
            what: String::new(),
            tags: Tags::new(),
            remove: vec![Call::new(service, action)],
            lingers_seconds: 0,
            holds_data: false,
        };
        let found = |at: usize, list: &str| {
            replies[at][list]
                .as_array()
                .is_some_and(|all| !all.is_empty())
        };
        assert!(
            found(0, "NetworkInterfaces") && found(1, "LoadBalancers"),
            "{replies:?}"
        );
        vec![
            blocker("ec2", "DeleteNetworkInterface"),
            blocker("elbv2", "DeleteLoadBalancer"),
        ]
    }
}

#[test]
fn what_clusters_left_behind_may_be_looked_for_and_removed() {
    let mut views =
        from_terraform_json(&serde_json::from_str(include_str!("fixtures/plan.json")).unwrap())
            .unwrap();
    views[0].parts.retain(|_, part| part.kind == Yard::TYPE);
    let kinds = Kinds::new([KindDef::of::<Yard>()]);
    let policy = policy(&views, &kinds, &[], Some("123456789012"));
    insta::assert_json_snapshot!(policy);
}

#[test]
fn nothing_is_created_or_changed_in_ec2_without_a_condition_or_a_type() {
    for statement in planned().document.statement {
        let writes_ec2 = statement.action.iter().any(|action| {
            action.starts_with("ec2:")
                && !action.starts_with("ec2:Describe")
                && !action.starts_with("ec2:Get")
        });
        assert!(
            !writes_ec2 || !statement.condition.is_empty() || !statement.resource.contains("*"),
            "{statement:?}"
        );
    }
}

#[test]
fn no_action_is_granted_on_what_only_another_one_needs() {
    for statement in planned().document.statement {
        let revokes = statement.action.contains("ec2:RevokeSecurityGroupIngress");
        let groups = statement
            .resource
            .iter()
            .any(|arn| arn.ends_with(":security-group/*"));
        assert!(
            !groups || !statement.condition.is_empty() || (revokes && statement.action.len() == 1),
            "{statement:?}"
        );
    }
}
