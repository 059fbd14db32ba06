//! Provider functions: the readings of a composite's `resources`, for outputs and checks.

use std::collections::BTreeMap;

use platform_insight::CompositeView;
use platform_protocol::provider::FunctionError;
use platform_protocol::schema::{Function, Parameter};
use platform_protocol::{Type, Value};
use serde_json::Value as Json;

use crate::readings::{self, Reading};

/// The functions by name.
const FUNCTIONS: [(&str, Reading, &str); 5] = [
    (
        "cost",
        Reading::Cost,
        "The monthly cost of a composite's resources",
    ),
    (
        "review",
        Reading::Review,
        "What a careful reader would object to",
    ),
    (
        "policy",
        Reading::Policy,
        "The IAM policy that is enough to run a composite",
    ),
    (
        "diagram",
        Reading::Diagram,
        "A Mermaid diagram of a composite",
    ),
    (
        "cloudformation",
        Reading::Cloudformation,
        "A composite as a CloudFormation template",
    ),
];

/// Their schemas.
pub fn schemas() -> BTreeMap<String, Function> {
    FUNCTIONS
        .into_iter()
        .map(|(name, reading, summary)| {
            let function = Function {
                parameters: vec![Parameter {
                    name: "resources".to_owned(),
                    ty: Type::Dynamic,
                    allow_null: false,
                    allow_unknown: false,
                    description: "The attribute `resources` of a composite.".to_owned(),
                }],
                variadic: None,
                returns: if reading.is_text() {
                    Type::String
                } else {
                    Type::Dynamic
                },
                summary: summary.to_owned(),
                description: format!(
                    "{summary}. The same as `terraform-provider-platform {name}` prints."
                ),
                deprecated: None,
            };
            (name.to_owned(), function)
        })
        .collect()
}

/// Calls one.
///
/// # Errors
/// When the argument is not the attribute `resources` of a composite.
pub fn call(name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
    let wrong = |text: String| FunctionError {
        text,
        argument: Some(0),
    };
    let Some((_, reading, _)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
        return Err(FunctionError {
            text: format!("There is no function {name}."),
            argument: None,
        });
    };
    let resources = arguments
        .first()
        .map(Value::to_json_known)
        .unwrap_or_default();
    let view = platform_insight::inventory::from_resources(&resources).map_err(wrong)?;
    let views: [CompositeView; 1] = [view];
    let result = if reading.is_text() {
        Json::String(readings::text(*reading, &views).map_err(wrong)?)
    } else {
        readings::json(*reading, &views).map_err(wrong)?
    };
    let ty = if reading.is_text() {
        Type::String
    } else {
        Type::Dynamic
    };
    Value::from_json(&ty, &result)
        .map_err(|_| wrong("The result does not fit Terraform's types.".to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resources() -> Value {
        Value::infer(&json!({
            "vpc": {"type": "AWS::EC2::VPC", "id": "vpc-1", "attributes": {}, "refs": {},
                    "properties": {"CidrBlock": "10.0.0.0/16", "Tags": {"platform:owner": "platform_network/us-east-1/main"}}},
            "nat/use1-az1": {"type": "AWS::EC2::NatGateway", "id": "nat-1", "attributes": {}, "refs": {}, "properties": {}}
        }))
        .unwrap()
    }

    #[test]
    fn every_function_answers_with_the_type_it_announces() {
        for (name, function) in schemas() {
            let result =
                call(&name, &[resources()]).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(
                matches!(result, Value::String(_)),
                function.returns == Type::String,
                "{name}"
            );
        }
        let cost = call("cost", &[resources()]).unwrap().to_json_known();
        assert!(cost.to_string().contains("nat/use1-az1"), "{cost}");
    }

    #[test]
    fn an_argument_that_is_something_else_is_named() {
        let error = call("cost", &[Value::String("vpc-1".into())]).unwrap_err();
        assert_eq!(error.argument, Some(0));
        assert!(error.text.contains("resources"), "{error}");
    }
}
