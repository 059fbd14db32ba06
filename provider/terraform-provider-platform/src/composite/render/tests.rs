use platform_graph::{Limits, Tags};
use platform_kinds::network::{Subnet, Vpc};
use platform_protocol::{Type, Value};

use super::*;

fn graph(subnets: &[&str]) -> Graph {
    let owner = "platform_network/us-east-1/main".parse().unwrap();
    let mut graph = Graph::new(owner, Tags::new());
    let vpc = Vpc {
        cidr_block: Some("10.0.0.0/16".into()),
        ..Vpc::default()
    };
    let vpc = graph.add("vpc", "holds everything", vpc);
    for zone in subnets {
        let subnet = Subnet {
            vpc_id: vpc.id(),
            availability_zone_id: Some((*zone).into()),
            ..Subnet::default()
        };
        graph.add(format!("subnet/private/{zone}"), "a private subnet", subnet);
    }
    graph
}

/// The records after everything in the graph was made.
fn made(graph: &Graph) -> Records {
    let id = |address: &str| format!("id-of-{}", address.replace('/', "-"));
    let lookup = |address: &str, _: Option<&str>| Some(json!(id(address)));
    graph
        .parts
        .iter()
        .map(|(address, part)| {
            let properties = part
                .properties
                .iter()
                .map(|(name, v)| (name.clone(), reference::resolve(v, &lookup)))
                .collect();
            let record = Recorded {
                kind: part.kind.to_owned(),
                id: Some(id(address)),
                properties,
                refs: part.refs(),
                attributes: Some(Map::new()),
            };
            (address.clone(), record)
        })
        .collect()
}

fn whys_in(graph: &Graph) -> Whys {
    whys(graph, &plan(graph, &Records::new()), &Whys::new())
}

fn plan(graph: &Graph, records: &Records) -> Plan {
    Plan::new(&platform_kinds::all(), graph, records, &Limits::default())
}

#[test]
fn a_new_part_is_known_but_for_what_aws_chooses() {
    let graph = graph(&["use1-az1"]);
    let shown = planned_resources(
        &graph,
        &plan(&graph, &Records::new()),
        &Records::new(),
        &whys_in(&graph),
    );
    insta::assert_json_snapshot!(shown);
}

#[test]
fn an_added_part_refers_to_what_exists_and_the_others_stay_byte_for_byte() {
    let records = made(&graph(&["use1-az1"]));
    let wider = graph(&["use1-az1", "use1-az2"]);
    let plan = plan(&wider, &records);
    let shown = planned_resources(&wider, &plan, &records, &whys_in(&wider));
    for address in records.keys() {
        assert_eq!(
            shown[address],
            resources(&records, &whys_in(&wider))[address],
            "{address}"
        );
    }
    let added = &shown["subnet/private/use1-az2"];
    assert_eq!(added["properties"]["VpcId"], "id-of-vpc");
    assert_eq!(added["id"], UNKNOWN_TEXT);
    let changes = changes(&plan, &platform_kinds::all(), &wider, &records);
    assert_eq!(
        changes.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["subnet/private/use1-az2"]
    );
}

#[test]
fn what_aws_foretells_of_a_change_is_shown() {
    let step = Step {
        kind: "AWS::OpenSearchService::Domain".to_owned(),
        action: Action::Update {
            changed: vec!["EBSOptions".to_owned()],
        },
        why: "finds documents".to_owned(),
        disruption: Disruption::Rolling,
        foretold: "a blue/green deployment".to_owned(),
    };
    let shown = json!({
        "action": "update",
        "reason": "EBSOptions differs: finds documents; AWS foretells a blue/green deployment",
        "disruption": "rolling",
    });
    assert_eq!(change(&step, false, false), shown);
}

#[test]
fn what_could_not_be_made_keeps_its_key_and_is_read_back_with_its_references() {
    let graph = graph(&["use1-az1"]);
    let mut records = made(&graph);
    records.remove("vpc");
    records.remove("subnet/private/use1-az1");
    let shown = recorded_resources(&records, &graph, &whys_in(&graph));
    let ty = Type::object([("resources", Type::Dynamic)]);
    let value = super::super::value_of_type(&ty, &json!({"resources": shown}))
        .unwrap()
        .unknowns_to_null();
    assert!(value.is_wholly_known());
    let json = value.to_json_known();
    let subnet = &json["resources"]["subnet/private/use1-az1"];
    assert_eq!(
        (&subnet["id"], &subnet["properties"]["VpcId"]),
        (&Json::Null, &Json::Null)
    );
    let back = records_of(&json["resources"]);
    assert_eq!(
        back["subnet/private/use1-az1"].properties["VpcId"],
        "${part:vpc}"
    );
    assert_eq!(back["subnet/private/use1-az1"].id, None);
}

#[test]
fn a_part_that_falls_short_of_what_was_promised_is_taken_up_by_the_next_plan() {
    let graph = graph(&["use1-az1"]);
    let mut records = made(&graph);
    let subnet = records.get_mut("subnet/private/use1-az1").unwrap();
    subnet.properties.remove("AvailabilityZoneId");
    let shown = promised_resources(&records, &graph, &Whys::default());
    assert_eq!(
        shown["subnet/private/use1-az1"]["properties"]["AvailabilityZoneId"], "use1-az1",
        "as promised"
    );
    let ty = Type::object([("resources", Type::Dynamic)]);
    let stored = super::super::value_of_type(&ty, &json!({"resources": shown}))
        .unwrap()
        .unknowns_to_null()
        .to_json_known();
    let plan = plan(&graph, &records_of(&stored["resources"]));
    assert_eq!(plan.steps["vpc"].action, Action::Keep);
    assert!(matches!(
        plan.steps["subnet/private/use1-az1"].action,
        Action::Update { .. }
    ));
}

#[test]
fn a_null_in_the_state_has_the_type_that_was_planned() {
    let graph = graph(&[]);
    let ty = Type::object([("resources", Type::Dynamic)]);
    let typed =
        |json: &Json| super::super::value_of_type(&ty, &json!({"resources": json})).unwrap();
    let planned = typed(&planned_resources(
        &graph,
        &plan(&graph, &Records::new()),
        &Records::new(),
        &whys_in(&graph),
    ));
    let stored = typed(&recorded_resources(
        &Records::new(),
        &graph,
        &whys_in(&graph),
    ))
    .unknowns_to_null();
    let type_of = |value: &Value| match value.attr("resources") {
        Value::Dynamic(typed) => typed.0.clone(),
        other => panic!("{other:?} has no type"),
    };
    assert_eq!(type_of(&planned), type_of(&stored));
}

#[test]
fn references_are_text_only_where_they_are_meant_as_text() {
    let token = json!("${part:vpc}");
    assert!(is_unknown(
        &["resources", "subnet/a", "properties", "VpcId"],
        &token
    ));
    assert!(!is_unknown(
        &["resources", "subnet/a", "refs", "/VpcId"],
        &token
    ));
    assert!(is_unknown(&["vpc_id"], &token));
    assert!(!is_unknown(&["vpc_id"], &json!("vpc-1")));
}
