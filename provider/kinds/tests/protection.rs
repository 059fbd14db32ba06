//! What AWS refuses to delete stays until its protection was taken off by a change of its own.

use crate::examples::{self, me};
use serde_json::Value;

#[test]
fn no_delete_takes_a_protection_off() {
    let (kinds, examples) = examples::all();
    let mut problems = Vec::new();
    let mut protected = 0;
    for kind in kinds.iter() {
        let example = &examples[kind.name];
        let flags: Vec<&str> = example
            .full
            .iter()
            .filter(|(name, value)| name.starts_with("DeletionProtection") && value.is_boolean())
            .map(|(name, _)| name.as_str())
            .collect();
        if flags.iter().any(|flag| *flag != kind.protected_by)
            || flags.is_empty() && !kind.protected_by.is_empty()
        {
            problems.push(format!(
                "{}: it has {flags:?} and says that {:?} protects it",
                kind.name, kind.protected_by
            ));
        }
        protected += flags.len();
        let me = me(Some(&example.id));
        let mut guarded = example.full.clone();
        guarded.extend(
            flags
                .iter()
                .map(|flag| ((*flag).to_owned(), Value::Bool(true))),
        );
        let calls = (kind.delete)(&guarded, &me, &example.id, &example.attributes)
            .expect("the example fits its kind");
        for call in calls {
            if call
                .params
                .keys()
                .any(|name| name.to_lowercase().contains("protection"))
            {
                problems.push(format!("{}: {} takes it off", kind.name, call.action));
            }
        }
    }
    assert!(protected > 4, "{protected}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
