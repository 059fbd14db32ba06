//! The Registry's pages, written from the schema that Terraform gets.
//!
//! The layout is the Registry's: `index.md`, `resources/<name>.md`, `data-sources/<name>.md`, `functions/<name>.md`, `guides/<name>.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use platform_protocol::provider::Provider;
use platform_protocol::schema::{Attribute, Block, Function, Nested, Nesting, Presence, Shape};

use crate::provider::Platform;

/// Configurations shown on the pages: files of the examples, which the acceptance tests apply.
const EXAMPLES: [(&str, &str); 2] = [
    (
        "platform_network",
        include_str!("../../../examples/network-private-only/main.tf"),
    ),
    (
        "platform_inventory",
        include_str!("../../../examples/inventory/main.tf"),
    ),
];

/// Pages written by hand, by path.
const GUIDES: [(&str, &str); 3] = [
    (
        "guides/data-safety.md",
        include_str!("../guides/data-safety.md"),
    ),
    (
        "guides/reading-a-plan.md",
        include_str!("../guides/reading-a-plan.md"),
    ),
    (
        "guides/reliability.md",
        include_str!("../guides/reliability.md"),
    ),
];

const INDEX_EXAMPLE: &str = r#"terraform {
  required_providers {
    platform = {
      source = "platform/platform"
    }
  }
}

provider "platform" {
  region = "eu-central-1"

  default_tags {
    tags = { team = "shop" }
  }
}"#;

/// Writes all pages into a folder.
///
/// # Errors
/// Which file can't be written.
pub fn write(provider: &Platform, folder: &Path) -> Result<(), String> {
    for (path, page) in pages(provider) {
        let file = folder.join(path);
        let parent = file.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .map_err(|error| format!("{} can't be made: {error}", parent.display()))?;
        fs::write(&file, page)
            .map_err(|error| format!("{} can't be written: {error}", file.display()))?;
    }
    Ok(())
}

/// All pages by path.
pub fn pages(provider: &Platform) -> BTreeMap<String, String> {
    let schema = provider.schema();
    let mut pages = BTreeMap::new();
    let about = first_sentence(&schema.provider.block.description);
    let mut index = head("platform Provider", "", &about);
    let _ = write!(
        index,
        "# platform Provider\n\n{}\n\n## Example Usage\n\n",
        schema.provider.block.description
    );
    let _ = write!(index, "```terraform\n{INDEX_EXAMPLE}\n```\n\n## Schema\n");
    block(&mut index, &schema.provider.block);
    pages.insert("index.md".to_owned(), index);
    pages.extend(GUIDES.map(|(path, text)| (path.to_owned(), text.to_owned())));
    for (name, resource) in &schema.resources {
        pages.insert(
            format!("resources/{}.md", short(name)),
            resource_page(name, &resource.schema.block),
        );
    }
    for (name, source) in &schema.data_sources {
        pages.insert(
            format!("data-sources/{}.md", short(name)),
            data_source_page(name, &source.block),
        );
    }
    for (name, function) in &schema.functions {
        pages.insert(
            format!("functions/{name}.md"),
            function_page(name, function),
        );
    }
    pages
}

fn resource_page(name: &str, content: &Block) -> String {
    let mut page = schema_page(name, "Resource", "Composites", content);
    let _ = write!(
        page,
        "\n## Import\n\nA complete composite is rebuilt from the tags of its parts, by region and name:\n\n```shell\nterraform import {name}.main \
         us-east-1/main\n```\n\nIts configuration is kept for that, compressed, in tags `platform:seal/…` of one of the parts: whoever may read \
         tags can read it.\n"
    );
    page
}

fn data_source_page(name: &str, content: &Block) -> String {
    schema_page(name, "Data Source", "", content)
}

/// A page up to the end of the schema.
fn schema_page(name: &str, what: &str, subcategory: &str, content: &Block) -> String {
    let mut page = head(
        &format!("{name} {what}"),
        subcategory,
        &first_sentence(&content.description),
    );
    let _ = write!(page, "# {name} ({what})\n\n{}\n\n", content.description);
    if let Some((_, example)) = EXAMPLES.iter().find(|(shown, _)| *shown == name) {
        let _ = write!(
            page,
            "## Example Usage\n\n```terraform\n{}\n```\n\n",
            example.trim_end()
        );
    }
    let _ = writeln!(page, "## Schema");
    block(&mut page, content);
    page
}

fn function_page(name: &str, function: &Function) -> String {
    let mut page = head(&format!("{name} Function"), "", &function.summary);
    let parameters: Vec<String> = function
        .parameters
        .iter()
        .map(|parameter| format!("{} {}", parameter.name, parameter.ty))
        .collect();
    let _ = write!(
        page,
        "# function: {name}\n\n{}\n\n## Signature\n\n```text\n{name}({}) {}\n```\n\n## Arguments\n\n",
        function.description,
        parameters.join(", "),
        function.returns
    );
    for parameter in &function.parameters {
        let _ = writeln!(
            page,
            "- `{}` ({}) {}",
            parameter.name, parameter.ty, parameter.description
        );
    }
    page
}

fn head(title: &str, subcategory: &str, about: &str) -> String {
    format!(
        "---\npage_title: \"{title} - platform\"\nsubcategory: \"{subcategory}\"\ndescription: |-\n  {about}\n---\n\n"
    )
}

fn short(name: &str) -> &str {
    name.strip_prefix("platform_").unwrap_or(name)
}

fn first_sentence(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => line,
    }
}

/// One level of nested attributes that is yet to be described.
struct Section<'a> {
    path: String,
    attributes: &'a BTreeMap<String, Attribute>,
}

fn block(page: &mut String, block: &Block) {
    let mut sections = Vec::new();
    listed(page, "", &block.attributes, &mut sections);
    if !block.blocks.is_empty() {
        let _ = write!(page, "\n### Blocks\n\n");
        for (name, nested) in &block.blocks {
            let _ = writeln!(
                page,
                "- `{name}` (Block) {} See [below](#nested--{name}).",
                nested.block.description
            );
            sections.push(Section {
                path: name.clone(),
                attributes: &nested.block.attributes,
            });
        }
    }
    let mut next = 0;
    while let Some(section) = sections.get(next) {
        let (path, attributes) = (section.path.clone(), section.attributes);
        let _ = write!(
            page,
            "\n<a id=\"nested--{}\"></a>\n### Nested: `{path}`\n",
            anchor(&path)
        );
        listed(page, &path, attributes, &mut sections);
        next += 1;
    }
}

fn listed<'a>(
    page: &mut String,
    path: &str,
    attributes: &'a BTreeMap<String, Attribute>,
    sections: &mut Vec<Section<'a>>,
) {
    let level = if path.is_empty() { "###" } else { "####" };
    for (title, wanted) in [
        ("Required", &[Presence::Required][..]),
        (
            "Optional",
            &[Presence::Optional, Presence::OptionalComputed],
        ),
        ("Read-Only", &[Presence::Computed]),
    ] {
        let mut chosen = attributes
            .iter()
            .filter(|(_, attribute)| wanted.contains(&attribute.presence))
            .peekable();
        if chosen.peek().is_none() {
            continue;
        }
        let _ = write!(page, "\n{level} {title}\n\n");
        for (name, attribute) in chosen {
            let (kind, nested) = kind(attribute);
            let about = attribute
                .description
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            let sensitive = if attribute.write_only {
                ", Write-only"
            } else if attribute.sensitive {
                ", Sensitive"
            } else {
                ""
            };
            let _ = write!(page, "- `{name}` ({kind}{sensitive}) {about}");
            if let Some(nested) = nested {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                let _ = write!(page, " See [below](#nested--{}).", anchor(&path));
                sections.push(Section {
                    path,
                    attributes: &nested.attributes,
                });
            }
            page.push('\n');
        }
    }
}

fn anchor(path: &str) -> String {
    path.replace('.', "--")
}

fn kind(attribute: &Attribute) -> (String, Option<&Nested>) {
    match &attribute.shape {
        Shape::Plain(ty) => (ty.to_string(), None),
        Shape::Nested(nested) => {
            let kind = match nested.nesting {
                Nesting::Single => "object",
                Nesting::List => "list of objects",
                Nesting::Set => "set of objects",
                Nesting::Map => "map of objects",
            };
            (kind.to_owned(), Some(nested))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_argument_of_every_composite_is_described() {
        fn undescribed(
            path: &str,
            attributes: &BTreeMap<String, Attribute>,
            found: &mut Vec<String>,
        ) {
            for (name, attribute) in attributes {
                let path = format!("{path}.{name}");
                if attribute.description.len() < 10 {
                    found.push(path.clone());
                }
                if let Shape::Nested(nested) = &attribute.shape {
                    undescribed(&path, &nested.attributes, found);
                }
            }
        }
        let mut found = Vec::new();
        let schema = Platform::default().schema();
        for (name, resource) in &schema.resources {
            undescribed(name, &resource.schema.block.attributes, &mut found);
        }
        for (name, source) in &schema.data_sources {
            undescribed(name, &source.block.attributes, &mut found);
        }
        assert!(found.is_empty(), "without a description: {found:?}");
    }

    #[test]
    fn the_pages_are_those_that_the_registry_looks_for() {
        let pages = pages(&Platform::default());
        let names: Vec<&str> = pages.keys().map(String::as_str).collect();
        assert!(
            [
                "index.md",
                "resources/network.md",
                "data-sources/inventory.md"
            ]
            .iter()
            .all(|page| names.contains(page)),
            "{names:?}"
        );
        for (name, page) in &pages {
            assert!(page.starts_with("---\npage_title: "), "{name}");
        }
    }
}
