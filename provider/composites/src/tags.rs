//! What is wrong with the tags that a composite is given.

use platform_graph::{Problems, Tags};

use crate::schema::is_unknown_text;

/// How many of the 50 tags that AWS allows on a resource are for `tags` of the composite. One part also carries what is needed to import
/// it, subnets the tags of clusters.
pub(crate) const MOST: usize = 25;

/// Judges tags by the limits of AWS.
pub(crate) fn check(path: &[&str], tags: &Tags, most: usize, problems: &mut Problems) {
    if tags.len() > most {
        problems.error(
            path.iter().copied(),
            format!("{} tags are too many", tags.len()),
            format!(
                "AWS allows 50 on a resource, some of which the composite needs: keep these to {most}."
            ),
        );
    }
    for (key, value) in tags {
        let path = path.iter().copied().chain([key.as_str()]);
        let reserved = [
            ("aws:", "Keys that start with `aws:` belong to AWS"),
            (
                "platform:",
                "This provider knows its resources by keys that start with `platform:`",
            ),
        ]
        .into_iter()
        .find(|(prefix, _)| key.to_ascii_lowercase().starts_with(prefix));
        if let Some((_, whose)) = reserved {
            problems.error(
                path,
                format!("the tag {key:?} is reserved"),
                format!("{whose}: choose another key."),
            );
        } else if key.is_empty() || key.chars().count() > 128 {
            problems.error(
                path,
                "the key of a tag has 1 to 128 characters",
                format!("This one has {}.", key.chars().count()),
            );
        } else if !is_unknown_text(value) && value.chars().count() > 256 {
            problems.error(
                path,
                "the value of a tag has at most 256 characters",
                format!("This one has {}.", value.chars().count()),
            );
        }
    }
}
