//! What the configurations of the scenarios begin with.

use crate::stage::REGION;

/// A whole configuration: the provider for the region of the scenarios, with these further lines in its block, and the rest.
pub fn with_provider(lines: &str, rest: &str) -> String {
    let line_end = if lines.is_empty() { "" } else { "\n" };
    format!(
        r#"
terraform {{
  required_providers {{
    platform = {{ source = "platform/platform" }}
  }}
}}

provider "platform" {{
  region                      = "{REGION}"
  skip_credentials_validation = true
{lines}{line_end}}}

{rest}
"#
    )
}
