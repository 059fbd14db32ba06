//! A whole provider in one file: one resource that lives in state alone, one data source, a function, an ephemeral resource.
//!
//! The resource's `behaviour` argument makes it misbehave in the ways that the tests of this crate are about. Build it with
//! `cargo build --example tiny` and point Terraform's `dev_overrides` at it under the name `terraform-provider-tiny`, or
//! start it with `--debug` and paste the line it prints into the shell of a Terraform run.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use platform_protocol::{
    ApplyResource, Attribute, AttributePath, Block, CallFunction, Configure, DataSource,
    Diagnostic, Diagnostics, Function, FunctionError, HeldEphemeral, IdentityAttribute,
    IdentitySchema, ImportResource, Imported, ImportedResource, MoveResource, OpenEphemeral,
    OpenedEphemeral, Parameter, PlanResource, PlannedResource, Presence, Provider, ProviderSchema,
    ReadDataSource, ReadResource, RenewedEphemeral, Resource, ResourceSchema, Schema, ServeOptions,
    Type, ValidateResource, Value, serve,
};

/// The provider.
pub struct Tiny;

/// The schema of `tiny_note`.
pub fn note() -> Schema {
    let optional = |ty| Attribute::new(Presence::Optional, ty);
    schema([
        (
            "name",
            Attribute::new(Presence::Required, Type::String)
                .describe("What it is called. Changing it replaces."),
        ),
        ("size", optional(Type::Number)),
        ("tags", optional(Type::map(Type::String))),
        ("behaviour", optional(Type::String)),
        ("secret", optional(Type::String).write_only()),
        (
            "region",
            Attribute::new(Presence::OptionalComputed, Type::String),
        ),
        ("id", Attribute::new(Presence::Computed, Type::String)),
        (
            "resources",
            Attribute::new(Presence::Computed, Type::Dynamic),
        ),
    ])
}

/// The schema of `tiny_echo`.
pub fn echo() -> Schema {
    schema([
        ("input", Attribute::new(Presence::Required, Type::Dynamic)),
        ("output", Attribute::new(Presence::Computed, Type::Dynamic)),
    ])
}

/// The schema of `tiny_token`.
pub fn token() -> Schema {
    schema([
        ("length", Attribute::new(Presence::Required, Type::Number)),
        ("token", Attribute::new(Presence::Computed, Type::String)),
    ])
}

fn schema<const N: usize>(attributes: [(&str, Attribute); N]) -> Schema {
    let attributes: BTreeMap<_, _> = attributes
        .map(|(name, attribute)| (name.to_owned(), attribute))
        .into();
    Schema {
        version: 0,
        block: Block {
            attributes,
            ..Block::default()
        },
    }
}

fn identity(state: &Value) -> Option<Value> {
    Some(Value::object([("id", state.attr("id").clone())]))
}

/// The state that applying leads to.
fn made(planned: &Value) -> Value {
    let mut state = planned.clone();
    let name = planned.attr("name").clone();
    let id = format!("note/{}", name.as_str().unwrap_or_default());
    if planned.attr("region").is_unknown() {
        state.set(&AttributePath::attribute("region"), "here".into());
    }
    state.set(
        &AttributePath::attribute("resources"),
        resources(name, id.as_str().into()),
    );
    state.set(&AttributePath::attribute("id"), id.into());
    state
}

/// What the note is made of: an object by address, in which only ids may be unknown.
fn resources(name: Value, id: Value) -> Value {
    let part = Type::object([("id", Type::String), ("name", Type::String)]);
    let value = Value::object([("id", id), ("name", name)]);
    Value::dynamic(
        Type::object([("page/1", part)]),
        Value::object([("page/1", value)]),
    )
}

impl Provider for Tiny {
    fn schema(&self) -> ProviderSchema {
        let id = IdentityAttribute {
            ty: Type::String,
            required_for_import: true,
            description: String::new(),
        };
        let identity = IdentitySchema {
            version: 0,
            attributes: [("id".to_owned(), id)].into(),
        };
        let text = Parameter {
            name: "text".into(),
            ty: Type::String,
            allow_null: false,
            allow_unknown: false,
            description: "What to shout.".into(),
        };
        let shout = Function {
            parameters: vec![text],
            variadic: None,
            returns: Type::String,
            summary: "Upper case".into(),
            description: String::new(),
            deprecated: None,
        };
        ProviderSchema {
            provider: schema([("greeting", Attribute::new(Presence::Optional, Type::String))]),
            provider_meta: None,
            resources: [(
                "tiny_note".to_owned(),
                ResourceSchema {
                    schema: note(),
                    identity: Some(identity),
                },
            )]
            .into(),
            data_sources: [("tiny_echo".to_owned(), echo())].into(),
            ephemeral_resources: [("tiny_token".to_owned(), token())].into(),
            functions: [("shout".to_owned(), shout)].into(),
            moves_resources: true,
        }
    }

    async fn configure(&self, request: Configure) -> Diagnostics {
        tracing::info!(version = request.terraform_version, "configured");
        Diagnostics::new()
    }

    async fn validate_resource(&self, request: ValidateResource) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        if request.config.attr("name").as_str() == Some("") {
            let problem = Diagnostic::error("A note needs a name", "It is empty.");
            diagnostics.push(problem.at(AttributePath::attribute("name")));
        }
        if let Some(tags) = request.config.attr("tags").as_map() {
            for (key, _) in tags.iter().filter(|(_, value)| value.as_str() == Some("")) {
                let problem = Diagnostic::error("A tag needs a value", "It is empty.");
                diagnostics.push(problem.at(AttributePath::attribute("tags").key(key)));
            }
        }
        diagnostics
    }

    async fn read_resource(&self, request: ReadResource) -> Resource {
        let identity = identity(&request.state);
        Resource {
            state: request.state,
            private: request.private,
            identity,
            diagnostics: Diagnostics::new(),
        }
    }

    async fn plan_resource(&self, request: PlanResource) -> PlannedResource {
        let mut planned = note().plan(&request.prior, request.proposed, &request.config);
        let name = AttributePath::attribute("name");
        if !planned.is_null() && planned != request.prior && !planned.attr("name").is_unknown() {
            let resources = resources(planned.attr("name").clone(), Value::unknown());
            planned.set(&AttributePath::attribute("resources"), resources);
        }
        PlannedResource {
            planned,
            requires_replace: if request.prior.is_null() {
                Vec::new()
            } else {
                vec![name]
            },
            private: b"planned".to_vec(),
            identity: None,
            diagnostics: Diagnostics::new(),
        }
    }

    async fn apply_resource(&self, request: ApplyResource) -> Resource {
        let name = request
            .planned
            .attr("name")
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let made = made(&request.planned);
        let private = b"applied".to_vec();
        match request.planned.attr("behaviour").as_str() {
            _ if request.planned.is_null() => return Resource::default(),
            Some("panic") => panic!("no paper"),
            Some(how @ ("panic-after-record" | "panic-untainted")) => {
                if how == "panic-untainted" {
                    request.last_known.warn_on_crash();
                }
                let mut partial = made;
                partial.set(&AttributePath::attribute("region"), Value::unknown());
                request
                    .last_known
                    .record(partial, b"recorded".to_vec(), None);
                panic!("no ink");
            }
            Some("misfit") => {
                let mut misfit = made;
                misfit.set(&AttributePath::attribute("size"), "large".into());
                return Resource::new(misfit);
            }
            Some("unknown") => return Resource::new(request.planned),
            Some("leak") => {
                let mut leak = made;
                leak.set(
                    &AttributePath::attribute("secret"),
                    request.config.attr("secret").clone(),
                );
                return Resource::new(leak);
            }
            Some("wait") => {
                request.cancel.cancelled().await;
                return Resource::failed(
                    made,
                    Diagnostic::error("Interrupted", "The note is half written."),
                );
            }
            Some("write-late") => {
                tokio::time::sleep(Duration::from_millis(2500)).await;
                if let Err(error) = std::fs::write(&name, "late") {
                    return Resource::failed(
                        Value::Null,
                        Diagnostic::error("The note can't be written", error.to_string()),
                    );
                }
            }
            _ => {}
        }
        Resource {
            identity: identity(&made),
            state: made,
            private,
            diagnostics: Diagnostics::new(),
        }
    }

    async fn import_resource(&self, request: ImportResource) -> Imported {
        let id = request
            .identity
            .as_ref()
            .and_then(|identity| identity.attr("id").as_str())
            .unwrap_or(&request.id);
        let Some(name) = id.strip_prefix("note/") else {
            let problem =
                Diagnostic::error("There is no such note", "The id of a note is note/NAME.");
            return Imported {
                resources: Vec::new(),
                diagnostics: problem.into(),
            };
        };
        let mut planned = note().implied_type().empty_value();
        planned.set(&AttributePath::attribute("name"), name.into());
        planned.set(&AttributePath::attribute("region"), Value::unknown());
        let state = made(&planned);
        let identity = identity(&state);
        let resource = ImportedResource {
            type_name: request.type_name,
            state,
            private: Vec::new(),
            identity,
        };
        Imported {
            resources: vec![resource],
            diagnostics: Diagnostics::new(),
        }
    }

    async fn move_resource(&self, request: MoveResource) -> Resource {
        match request.source_state.decode(&request.target) {
            Ok(state) => Resource {
                identity: identity(&state),
                ..Resource::new(state)
            },
            Err(problem) => Resource::failed(Value::Null, problem),
        }
    }

    async fn read_data_source(&self, request: ReadDataSource) -> DataSource {
        let mut state = request.config;
        let input = state.attr("input").clone();
        state.set(&AttributePath::attribute("output"), input);
        DataSource {
            state,
            diagnostics: Diagnostics::new(),
        }
    }

    async fn call_function(&self, request: CallFunction) -> Result<Value, FunctionError> {
        match request.arguments.first().and_then(Value::as_str) {
            Some("panic") => panic!("no voice"),
            Some("") | None => Err(FunctionError {
                text: "There is nothing to shout.".into(),
                argument: Some(0),
            }),
            Some(text) => Ok(text.to_uppercase().into()),
        }
    }

    async fn open_ephemeral(&self, request: OpenEphemeral) -> OpenedEphemeral {
        let mut result = request.config;
        let length = result
            .attr("length")
            .as_i64()
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or(0);
        result.set(
            &AttributePath::attribute("token"),
            "x".repeat(length).into(),
        );
        OpenedEphemeral {
            result,
            renew_at: SystemTime::now().checked_add(Duration::from_secs(60)),
            private: Some(b"1".to_vec()),
            diagnostics: Diagnostics::new(),
        }
    }

    async fn renew_ephemeral(&self, request: HeldEphemeral) -> RenewedEphemeral {
        let private = request
            .private
            .map(|private| [private, b"+".to_vec()].concat());
        RenewedEphemeral {
            private,
            ..RenewedEphemeral::default()
        }
    }
}

#[allow(clippy::print_stderr)]
fn main() -> ExitCode {
    let debug = std::env::args().any(|argument| argument == "--debug");
    match serve(
        Tiny,
        &ServeOptions {
            address: "registry.terraform.io/example/tiny".into(),
            debug,
        },
    ) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
