//! The command line: readings of what `terraform show -json` prints, leftovers in an account, the Registry's pages, and debugging.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use platform_insight::CompositeView;

use crate::readings::{self, Reading};
use crate::sweep::{self, Sweep};
use crate::{docs, provider, serve_provider, watch};

/// Builds microservice platforms on AWS as Terraform resources.
///
/// Terraform starts this program as a provider. By hand it reads plans and states:
///
///   terraform show -json | terraform-provider-platform cost
#[derive(Parser)]
#[command(version, about, verbatim_doc_comment)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Every AWS resource, by composite, zone and tier
    Graph(Source),
    /// What it costs a month
    Cost(Source),
    /// What each store is, costs and is protected by
    Stores(Source),
    /// What a careful reader would object to
    Review(Source),
    /// The IAM policy that is enough to run it
    Policy(Source),
    /// A CloudFormation template of the same resources
    Cloudformation(Source),
    /// A diagram in Mermaid's notation
    Diagram(Source),
    Sweep(Sweep),
    /// Show what running applies do, part by part, until interrupted
    Watch,
    /// Serve one provider process that Terraform attaches to, for a debugger
    Debug,
    /// Write the Registry's pages into a folder
    #[command(hide = true)]
    Docs {
        /// The folder.
        folder: PathBuf,
    },
}

#[derive(clap::Args)]
struct Source {
    /// What `terraform show -json` printed for a plan or a state; `-` is standard input
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Print data instead of text
    #[arg(long)]
    json: bool,
    /// Read only the composites of this AWS region
    #[arg(long)]
    region: Option<String>,
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Graph(source) => read(Reading::Graph, &source),
        Command::Cost(source) => read(Reading::Cost, &source),
        Command::Stores(source) => read(Reading::Stores, &source),
        Command::Review(source) => read(Reading::Review, &source),
        Command::Policy(source) => read(Reading::Policy, &source),
        Command::Cloudformation(source) => read(Reading::Cloudformation, &source),
        Command::Diagram(source) => read(Reading::Diagram, &source),
        Command::Sweep(arguments) => return sweep::run(&arguments),
        // A reader that went away ends it, and that is no error.
        Command::Watch => watch::show(&mut io::stdout()).or(Ok(())),
        Command::Debug => return serve_provider(true),
        Command::Docs { folder } => docs::write(&provider::Platform::default(), &folder),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            complain(&why);
            ExitCode::FAILURE
        }
    }
}

fn read(reading: Reading, source: &Source) -> Result<(), String> {
    let text = if source.file.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| format!("standard input can't be read: {error}"))?;
        text
    } else {
        fs::read_to_string(&source.file)
            .map_err(|error| format!("{} can't be read: {error}", source.file.display()))?
    };
    let shown = serde_json::from_str(&text).map_err(|error| {
        format!(
            "{} is not what `terraform show -json` prints: {error}",
            source.file.display()
        )
    })?;
    let mut views = platform_insight::inventory::from_terraform_json(&shown)?;
    if let Some(region) = &source.region {
        views = in_region(views, region)?;
    }
    let result = if source.json {
        let data = readings::json(reading, &views)?;
        serde_json::to_string_pretty(&data).map_err(|error| error.to_string())?
    } else {
        readings::text(reading, &views)?
    };
    for remark in readings::remarks(reading, &views) {
        let _ = writeln!(io::stderr(), "Note: {remark}");
    }
    // A reader that went away (`| head`) is no error.
    let _ = writeln!(io::stdout(), "{}", result.trim_end());
    Ok(())
}

fn in_region(views: Vec<CompositeView>, region: &str) -> Result<Vec<CompositeView>, String> {
    let all: BTreeSet<String> = views.iter().filter_map(|v| v.region.clone()).collect();
    let there: Vec<_> = views
        .into_iter()
        .filter(|view| view.region.as_deref() == Some(region))
        .collect();
    if there.is_empty() {
        let regions: Vec<String> = all.into_iter().collect();
        return Err(format!(
            "no composite is in {region}; the regions are {}",
            if regions.is_empty() {
                "not known".to_owned()
            } else {
                regions.join(" and ")
            }
        ));
    }
    Ok(there)
}

/// Says on standard error what went wrong.
pub fn complain(why: &str) {
    let _ = writeln!(io::stderr(), "Error: {why}");
}
