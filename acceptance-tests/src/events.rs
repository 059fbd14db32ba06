//! What Terraform says with `-json`, an event a line.

use serde_json::Value;

/// A line of Terraform's, which is an event in JSON, for people: its message, with what explains an error.
pub(crate) fn spoken(line: &str) -> String {
    let Ok(event) = serde_json::from_str::<Value>(line) else {
        return line.to_owned();
    };
    let message = event["@message"].as_str().unwrap_or(line);
    match event["diagnostic"]["detail"].as_str() {
        Some(detail) if !detail.is_empty() => format!("{message}\n{detail}"),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_terraform_says_is_read_as_people_read_it() {
        let error = r#"{"@level":"error","@message":"Error: 1 part failed","diagnostic":{"severity":"error","summary":"1 part failed","detail":"vpc: it is gone"}}"#;
        assert_eq!(spoken(error), "Error: 1 part failed\nvpc: it is gone");
        let said = r#"{"@level":"info","@message":"Apply complete!","type":"change_summary"}"#;
        assert_eq!(spoken(said), "Apply complete!");
        assert_eq!(
            spoken("terraform apply ended with a signal:"),
            "terraform apply ended with a signal:"
        );
    }
}
