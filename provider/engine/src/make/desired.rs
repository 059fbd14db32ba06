//! What a part is to be, in full.

use platform_graph::{Attributes, Properties, Seen, Token, reference};
use tokio::time::Instant;

use crate::Stop;
use crate::observe::look;
use crate::part::Work;
use crate::run::Run;

/// Properties with all references resolved, once everything they refer to shows what is referred to.
pub(crate) async fn desired(run: &Run<'_>, properties: &Properties) -> Result<Properties, Stop> {
    let begun = Instant::now();
    loop {
        let resolved = run.resolve(properties);
        let mut open = Vec::new();
        for (name, value) in &resolved {
            reference::visit(value, name, &mut |pointer, text| {
                open.extend(
                    reference::tokens(text)
                        .into_iter()
                        .map(|(_, token)| (pointer.to_owned(), token)),
                );
            });
        }
        let Some((pointer, token)) = open.into_iter().next() else {
            return Ok(resolved);
        };
        let Token::Part {
            address, attribute, ..
        } = &token
        else {
            return Err(Stop::Said(format!(
                "{pointer} needs {token}, which Terraform does not know yet. Apply again once it does"
            )));
        };
        let record = run.record(address);
        let (Some(record), Some(attribute)) = (record, attribute) else {
            return Err(Stop::Said(format!(
                "{pointer} refers to {address}, which does not exist"
            )));
        };
        if let Some(value) = record.lookup(Some(attribute)) {
            return Err(Stop::Said(format!(
                "{pointer} takes {token}, which can't be made of {value}"
            )));
        }
        let kind = *run.engine.kind(&record.kind)?;
        let other = Work::new(run, address, kind, record.properties.clone());
        let me = other.me(record.id.as_deref());
        let seen = look(
            &run.batch,
            &kind,
            &record.properties,
            &me,
            &Attributes::new(),
        )
        .await?;
        if let Seen::Live(live) = seen
            && live
                .attributes
                .get(attribute)
                .is_some_and(|value| !value.is_null())
        {
            let mut record = record;
            record.attributes = Some(live.attributes);
            run.put(address, record);
            continue;
        }
        other
            .pause(begun, || {
                format!("{address} does not show its {attribute} yet")
            })
            .await?;
    }
}
