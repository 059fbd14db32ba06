use super::*;

fn attributes<const N: usize>(attributes: [(&str, Attribute); N]) -> BTreeMap<String, Attribute> {
    attributes
        .map(|(name, attribute)| (name.to_owned(), attribute))
        .into()
}

pub(super) fn schema<const N: usize>(attributes: [(&str, Attribute); N]) -> Schema {
    let block = Block {
        attributes: self::attributes(attributes),
        ..Block::default()
    };
    Schema { version: 0, block }
}

pub(super) fn optional(shape: impl Into<Shape>) -> Attribute {
    Attribute::new(Presence::Optional, shape)
}

pub(super) fn nested<const N: usize>(nesting: Nesting, inner: [(&str, Attribute); N]) -> Attribute {
    optional(Nested {
        nesting,
        attributes: attributes(inner),
    })
}

pub(super) fn with_block(
    name: &str,
    nesting: BlockNesting,
    inner: Schema,
    mut outer: Schema,
) -> Schema {
    outer.block.blocks.insert(
        name.to_owned(),
        NestedBlock {
            nesting,
            block: inner.block,
        },
    );
    outer
}

#[test]
fn terraform_would_refuse_these() {
    let list = BlockNesting::List {
        min: 2,
        max: Some(1),
    };
    let set = BlockNesting::Set { min: 0, max: None };
    let dynamic = || schema([("any", optional(Type::Dynamic))]);
    let cases = [
        (
            schema([("Name", optional(Type::Bool))]),
            "r.Name: is no name: use lower-case letters, digits and underscores",
        ),
        (
            schema([("count", optional(Type::Bool))]),
            "r.count: Terraform uses this name itself",
        ),
        (
            with_block("a", list, schema([]), schema([])),
            "r.a: at least 2 and at most 1 blocks can't be",
        ),
        (
            with_block(
                "a",
                BlockNesting::Map,
                schema([]),
                schema([("a", optional(Type::Bool))]),
            ),
            "r.a: is both an attribute and a block",
        ),
        (
            with_block("a", set, dynamic(), schema([])),
            "r.a.any: dynamic inside a set",
        ),
        (
            schema([(
                "a",
                nested(
                    Nesting::Set,
                    [(
                        "b",
                        nested(Nesting::Map, [("c", optional(Type::Bool).write_only())]),
                    )],
                ),
            )]),
            "r.a.b.c: write-only inside a set",
        ),
        (
            schema([(
                "a",
                Attribute::new(Presence::Computed, Type::Bool).write_only(),
            )]),
            "r.a: write-only and computed",
        ),
        (
            schema([("a", optional(Type::map(Type::Dynamic)))]),
            "r.a: dynamic inside the collection map(any)",
        ),
    ];
    for (schema, problem) in cases {
        assert_eq!(schema.check("r"), [problem]);
    }
}

#[test]
fn a_whole_provider_is_checked() {
    let identity_attribute = IdentityAttribute {
        ty: Type::map(Type::String),
        required_for_import: true,
        description: String::new(),
    };
    let parameter = Parameter {
        name: "x".into(),
        ty: Type::String,
        allow_null: false,
        allow_unknown: false,
        description: String::new(),
    };
    let function = Function {
        parameters: vec![parameter.clone()],
        variadic: Some(parameter),
        returns: Type::String,
        summary: String::new(),
        description: String::new(),
        deprecated: None,
    };
    let identity = IdentitySchema {
        version: 0,
        attributes: [("tags".into(), identity_attribute)].into(),
    };
    let provider = ProviderSchema {
        provider: schema([("alias", optional(Type::Bool))]),
        provider_meta: None,
        resources: [(
            "r".into(),
            ResourceSchema {
                schema: schema([]),
                identity: Some(identity),
            },
        )]
        .into(),
        data_sources: [(
            "d".into(),
            schema([("a", optional(Type::Bool).write_only())]),
        )]
        .into(),
        ephemeral_resources: [("e-1".into(), schema([]))].into(),
        functions: [("f".into(), function)].into(),
        moves_resources: false,
    };
    insta::assert_snapshot!(provider.check().join("\n"));
}

#[test]
fn implied_types_follow_nesting() {
    let inner = || schema([("a", optional(Type::String))]);
    let mut all = schema([
        (
            "single",
            nested(Nesting::Single, [("x", optional(Type::Bool))]),
        ),
        ("list", nested(Nesting::List, [("x", optional(Type::Bool))])),
        ("set", nested(Nesting::Set, [("x", optional(Type::Bool))])),
        ("map", nested(Nesting::Map, [("x", optional(Type::Bool))])),
    ]);
    for (name, nesting, inner) in [
        (
            "block_single",
            BlockNesting::Single { required: true },
            inner(),
        ),
        ("block_group", BlockNesting::Group, inner()),
        (
            "block_list",
            BlockNesting::List { min: 0, max: None },
            inner(),
        ),
        (
            "block_set",
            BlockNesting::Set { min: 0, max: None },
            inner(),
        ),
        ("block_map", BlockNesting::Map, inner()),
        (
            "block_dynamic",
            BlockNesting::Map,
            schema([("any", optional(Type::Dynamic))]),
        ),
    ] {
        all = with_block(name, nesting, inner, all);
    }
    assert_eq!(all.check("r"), Vec::<String>::new());
    insta::assert_snapshot!(serde_json::to_string_pretty(&all.implied_type().to_json()).unwrap());
}

#[test]
fn write_only_values_are_cleared_wherever_they_are() {
    let secret = || {
        schema([
            ("secret", optional(Type::String).write_only()),
            ("name", optional(Type::String)),
        ])
    };
    let schema = with_block(
        "user",
        BlockNesting::List { min: 0, max: None },
        secret(),
        schema([(
            "users",
            nested(
                Nesting::Map,
                [("secret", optional(Type::String).write_only())],
            ),
        )]),
    );
    let user = |secret: Value| Value::object([("secret", secret), ("name", "n".into())]);
    let value = |secret: Value| {
        Value::object([
            ("user", Value::List(vec![user(secret.clone())])),
            (
                "users",
                Value::map([("a", Value::object([("secret", secret)]))]),
            ),
        ])
    };
    assert_eq!(
        schema.without_write_only(value("hidden".into())),
        value(Value::Null)
    );
}

#[test]
fn plans_mark_computed_attributes_only_when_something_changes() {
    let schema = schema([
        ("name", Attribute::new(Presence::Required, Type::String)),
        (
            "region",
            Attribute::new(Presence::OptionalComputed, Type::String),
        ),
        ("id", Attribute::new(Presence::Computed, Type::String)),
    ]);
    let state = |name: &str, region: Value, id: Value| {
        Value::object([("name", name.into()), ("region", region), ("id", id)])
    };
    let prior = state("a", "r1".into(), "1".into());
    let config = state("a", Value::Null, Value::Null);
    assert_eq!(schema.plan(&prior, prior.clone(), &config), prior);

    let renamed = schema.plan(
        &prior,
        state("b", "r1".into(), "1".into()),
        &state("b", Value::Null, Value::Null),
    );
    assert_eq!(renamed, state("b", Value::unknown(), Value::unknown()));

    let configured = state("b", "r2".into(), Value::Null);
    let moved = schema.plan(&prior, state("b", "r2".into(), "1".into()), &configured);
    assert_eq!(moved, state("b", "r2".into(), Value::unknown()));
    assert!(schema.plan(&prior, Value::Null, &Value::Null).is_null());
}
