//! Answers in pages, joined to one.

use serde_json::Value;

use crate::model::Paginator;

/// Whether a caller wants one page: it says how many of a bucket's objects or uploads. There may be billions, and whoever asks for
/// some of them asks again.
pub(crate) fn is_one(params: &Value) -> bool {
    ["MaxKeys", "MaxUploads"]
        .iter()
        .any(|limit| params.get(limit).is_some())
}

/// What to ask for next, or `None` after the last page: the parameters that carry the tokens.
pub(crate) fn next(
    paginator: &Paginator,
    page: &Value,
    last: &[(String, Value)],
) -> Option<Vec<(String, Value)>> {
    if let Some(more) = &paginator.more_results
        && lookup(page, more) != Some(&Value::Bool(true))
    {
        return None;
    }
    let tokens = paginator.input_token.iter().zip(&paginator.output_token);
    let tokens: Vec<_> = tokens
        .filter_map(|(input, output)| {
            let token = output
                .split("||")
                .find_map(|path| lookup(page, path.trim()).filter(|t| is_token(t)))?;
            Some((input.clone(), token.clone()))
        })
        .collect();
    // A service that returns the token it was given would be asked forever.
    (!tokens.is_empty() && tokens != last).then_some(tokens)
}

fn is_token(value: &Value) -> bool {
    !matches!(value, Value::Null) && value.as_str() != Some("")
}

/// Adds a page's elements to what came before.
pub(crate) fn join(paginator: &Paginator, joined: &mut Value, page: Value) {
    for path in &paginator.result_key {
        let Some(elements) = lookup(&page, path).cloned() else {
            continue;
        };
        match (lookup_mut(joined, path), elements) {
            (Some(Value::Array(all)), Value::Array(more)) => all.extend(more),
            (Some(Value::Object(all)), Value::Object(more)) => all.extend(more),
            (Some(_), _) => {}
            (None, elements) => insert(joined, path, elements),
        }
    }
}

/// Removes the tokens: what is joined has no next page.
pub(crate) fn close(paginator: &Paginator, joined: &mut Value) {
    for path in paginator
        .output_token
        .iter()
        .flat_map(|p| p.split("||"))
        .chain(paginator.more_results.as_deref())
    {
        if let Some(members) = joined.as_object_mut() {
            members.remove(path.trim());
        }
    }
}

/// A member path of the model: `A.B` and, for S3, `A[-1].B`.
fn lookup<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.')
        .try_fold(value, |value, step| match step.strip_suffix("[-1]") {
            Some(name) => value.get(name)?.as_array()?.last(),
            None => value.get(step),
        })
}

fn lookup_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.')
        .try_fold(value, |value, step| value.get_mut(step))
}

fn insert(value: &mut Value, path: &str, elements: Value) {
    let (parents, name) = path
        .rsplit_once('.')
        .map_or((None, path), |(parents, name)| (Some(parents), name));
    let parent = match parents {
        Some(parents) => lookup_mut(value, parents),
        None => Some(value),
    };
    if let Some(Value::Object(members)) = parent {
        members.insert(name.to_owned(), elements);
    }
}
