//! What leaves the provider: validated, and never dropped for being wrong.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::proto::tfplugin6 as wire;
use crate::types::Type;
use crate::value::Value;

use super::{Typed, encode};

/// Whether a value may still have unknowns in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Knowledge {
    /// A plan.
    Partial,
    /// A state.
    Whole,
}

/// Encodes a state or plan: write-only attributes are nulled, and what doesn't fit the schema is mended as well as can be
/// with an error to say so, because a value that Terraform can't read is one that it forgets.
pub(super) fn seal(
    value: Value,
    typed: &Typed,
    knowledge: Knowledge,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> wire::DynamicValue {
    let mut value = typed.schema.without_write_only(value);
    if knowledge == Knowledge::Whole {
        let unknown = value.unknown_paths();
        value = value.unknowns_to_null();
        // After a failure it is to be expected that some values are not known.
        if !unknown.is_empty() && !diagnostics.has_errors() {
            let paths: Vec<_> = unknown.iter().map(ToString::to_string).collect();
            diagnostics.error(
                format!("The provider returned {what} with unknown values"),
                format!(
                    "Unknown: {}. It is a bug in the provider; please report it.",
                    paths.join(", ")
                ),
            );
        }
    }
    mend(value, &typed.ty, what, diagnostics)
}

/// Encodes an identity, if the type has one and the client gave or expects one.
pub(super) fn seal_identity(
    identity: Option<Value>,
    typed: &Typed,
    diagnostics: &mut Diagnostics,
) -> Option<wire::ResourceIdentityData> {
    let identity = mend(
        identity?,
        typed.identity.as_ref()?,
        "an identity",
        diagnostics,
    );
    Some(wire::ResourceIdentityData {
        identity_data: Some(identity),
    })
}

pub(super) fn mend(
    value: Value,
    ty: &Type,
    what: &str,
    diagnostics: &mut Diagnostics,
) -> wire::DynamicValue {
    encode(&value, ty).unwrap_or_else(|error| {
        diagnostics.push(
            Diagnostic::error(
                format!("The provider returned {what} that doesn't fit its schema"),
                format!(
                    "{error}. It is a bug in the provider; please report it. What fits is kept."
                ),
            )
            .at(error.path),
        );
        encode(&value.conform(ty), ty).unwrap_or_else(|_| null())
    })
}

/// The encoding of null.
pub(super) fn null() -> wire::DynamicValue {
    wire::DynamicValue {
        msgpack: vec![rmp::Marker::Null.to_u8()],
        json: Vec::new(),
    }
}

/// A response that can say why it is empty.
pub(super) trait Reporting: Default {
    fn report(&mut self, diagnostics: Diagnostics);
}

macro_rules! reporting {
    ($($rpc:ident),* $(,)?) => {
        $(impl Reporting for wire::$rpc::Response {
            fn report(&mut self, diagnostics: Diagnostics) {
                self.diagnostics = diagnostics.to_wire();
            }
        })*
    };
}

reporting!(
    get_provider_schema,
    get_resource_identity_schemas,
    get_functions,
    validate_provider_config,
    validate_resource_config,
    validate_data_resource_config,
    validate_ephemeral_resource_config,
    configure_provider,
    upgrade_resource_state,
    upgrade_resource_identity,
    read_resource,
    plan_resource_change,
    apply_resource_change,
    import_resource_state,
    move_resource_state,
    read_data_source,
    open_ephemeral_resource,
    renew_ephemeral_resource,
    close_ephemeral_resource,
);

/// A response with nothing but diagnostics.
pub(super) fn only<R: Reporting>(diagnostics: impl Into<Diagnostics>) -> R {
    let mut response = R::default();
    response.report(diagnostics.into());
    response
}
