//! `terraform-provider-platform sweep`: what composites left behind in an account, and its removal.
//!
//! # Flow
//! The inventory of each region is listed by owner; what the given states hold is claimed and no leftover. With `--delete` the
//! leftovers of each owner are looked at again with everything inside of them, listed, confirmed by hand, and removed in order.
//!
//! # Guarantees
//! - Nothing is removed that a given state claims, that the confirmation did not show, or, without `--including-data`, that
//!   holds data.
//! - A complete composite, which another state may hold, is removed only when `--owner` names it.
//! - An interrupt ends it after the calls in flight.

mod listing;
mod states;

use std::collections::BTreeSet;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use platform_engine::{Cancel, Engine, Phase, Traces, Watch};
use platform_graph::{Graph, Owner, Problems, Records, Tags};
use platform_protocol::{Diagnostics, Value};
use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime};

use crate::composite::leftovers::keep_data;
use crate::inventory::{self, Claims};
use crate::provider_block::ProviderBlock;
use crate::session::Session;
use states::States;

/// Nothing was deleted: not confirmed, or refused.
const REFUSED: u8 = 3;
/// Interrupted, as shells count it.
const INTERRUPTED: u8 = 130;

/// Lists what composites left behind in an account, and removes it
///
/// Everything that carries the tags of a composite is listed by owner. What the states given with --state hold is claimed;
/// the rest belongs to other states or was left behind by runs whose state was lost. Nothing is deleted without --delete
/// and a confirmation.
///
///   terraform show -json | terraform-provider-platform sweep --state - --older-than 2d
///
/// Credentials come from the environment, as for the provider: AWS_PROFILE, AWS_ACCESS_KEY_ID and the other AWS_* variables.
///
/// Exit codes: 0 listed, or everything that was to be deleted is gone; 1 something could not be listed or deleted; 2 wrong
/// arguments; 3 refused or not confirmed, and nothing was deleted; 130 interrupted.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Sweep {
    /// Region to look in, once for each; by default that of the environment
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// Profile of the shared configuration files
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// Only this composite: its type, region and name
    #[arg(long, value_name = "TYPE/REGION/NAME")]
    owner: Option<Owner>,
    /// What `terraform show -json` printed for a state whose resources are no leftovers, once for each; `-` is standard input
    #[arg(long = "state", value_name = "FILE")]
    states: Vec<PathBuf>,
    /// Only owners of which nothing is younger than this, such as 2d, 12h or 30m; those whose age AWS does not tell are left out
    #[arg(long, value_name = "AGE")]
    older_than: Option<Age>,
    /// Delete the leftovers, after a confirmation
    #[arg(long)]
    delete: bool,
    /// The confirmation, where there is no terminal to type it at
    #[arg(long, value_name = "TEXT", requires = "delete")]
    confirm: Option<String>,
    /// Delete also what holds data
    #[arg(long, requires = "delete")]
    including_data: bool,
    /// Print the list as data
    #[arg(long, conflicts_with = "delete")]
    json: bool,
}

/// A span of time in whole minutes, hours or days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Age(Duration);

impl FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let split = text.len().saturating_sub(1);
        let span = text.get(..split).zip(text.get(split..));
        let parsed = span.and_then(|(number, unit)| {
            let minutes = match unit {
                "m" => 1,
                "h" => 60,
                "d" => 24 * 60,
                _ => return None,
            };
            number
                .parse::<u32>()
                .ok()
                .map(|number| i64::from(number) * minutes)
        });
        parsed
            .map(|minutes| Age(Duration::minutes(minutes)))
            .ok_or_else(|| format!("{text:?} is no age; write 2d, 12h or 30m"))
    }
}

/// Runs the command.
pub fn run(sweep: &Sweep) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("no work can be started: {error}")),
    };
    match runtime.block_on(sweep.run()) {
        Ok(code) => code,
        Err(why) => failed(&why),
    }
}

fn failed(why: &str) -> ExitCode {
    crate::cli::complain(why);
    ExitCode::FAILURE
}

fn refused(why: &str) -> ExitCode {
    crate::cli::complain(why);
    ExitCode::from(REFUSED)
}

fn say(text: &str) {
    // A reader that went away (`| head`) is no error.
    let _ = writeln!(io::stdout(), "{}", text.trim_end());
}

impl Sweep {
    async fn run(&self) -> Result<ExitCode, String> {
        let states = states::read(&self.states)?;
        let session = self.connect().await?;
        let account = session.identity().await.map_err(in_words)?.account.clone();
        let regions = self.regions(&session)?;
        let now = OffsetDateTime::now_utc();
        let mut whole = true;
        let mut listings = Vec::new();
        for region in &regions {
            let engine = session.engine(region);
            let (listing, problems) = self.list(&engine, region, &states, now).await;
            whole &= problems.is_empty();
            tell(&problems);
            listings.push((engine, listing));
        }
        if self.json {
            let all: Vec<Json> = listings
                .iter()
                .map(|(_, listing)| listing.json(now))
                .collect();
            let text = serde_json::to_string_pretty(&json!({ "account": account, "regions": all }));
            say(&text.map_err(|error| error.to_string())?);
        } else if self.delete {
            return self.delete(&session, listings, &states, whole).await;
        } else {
            for (_, listing) in &listings {
                say(&listing.text(&account, now));
            }
        }
        Ok(if whole {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn connect(&self) -> Result<Session, String> {
        let block = json!({ "profile": self.profile });
        let block = Value::infer(&block).map_err(|_| "the profile is no text".to_owned())?;
        let (block, unknown) = ProviderBlock::read(&block).map_err(in_words)?;
        Session::connect(&block, unknown, platform_kinds::all())
            .await
            .map_err(in_words)
    }

    fn regions(&self, session: &Session) -> Result<BTreeSet<String>, String> {
        let named = self.regions.iter().cloned();
        let mut regions: BTreeSet<String> = named
            .chain(self.owner.iter().map(|owner| owner.region.clone()))
            .collect();
        if regions.is_empty() {
            regions.extend(session.region.clone());
        }
        if regions.is_empty() || regions.contains("") {
            return Err("no region: write --region, or set AWS_REGION".to_owned());
        }
        Ok(regions)
    }

    async fn list(
        &self,
        engine: &Engine,
        region: &str,
        states: &States,
        now: OffsetDateTime,
    ) -> (listing::Listing, Problems) {
        let found = engine.inventory().await;
        let wanted = |owner: &Owner| self.owner.as_ref().is_none_or(|wanted| owner == wanted);
        let parts = inventory::in_region(found.parts, region, wanted);
        let mut claims = Claims::default();
        for record in states.values().flat_map(Records::values) {
            if let Some(id) = &record.id {
                claims.insert(&record.kind, id);
            }
        }
        let oldest = self.older_than.map(|age| now - age.0);
        let listing =
            listing::Listing::new(region, parts, &claims, oldest, found.problems.is_empty());
        (listing, found.problems)
    }

    async fn delete(
        &self,
        session: &Session,
        listings: Vec<(Engine, listing::Listing)>,
        states: &States,
        mut whole: bool,
    ) -> Result<ExitCode, String> {
        let nothing = Records::new();
        let listed = whole;
        let mut doomed = Vec::new();
        let mut spared = false;
        for (engine, listing) in listings {
            if let Some(owner) = &self.owner
                && listing.is_claimed(owner)
            {
                return Ok(refused(&format!(
                    "a given state holds all of {owner}: destroy it with terraform. Nothing was deleted"
                )));
            }
            for owner in listing.leftover_owners() {
                // Without the whole list the seal may be on what was not listed.
                if !listed && self.owner.is_none() {
                    spared = true;
                    say(&format!(
                        "Whether {} is complete is not known, since not everything could be listed: it is left alone. To delete it, add --owner {}.",
                        owner.owner, owner.owner
                    ));
                    continue;
                }
                if owner.complete && self.owner.is_none() {
                    spared = true;
                    say(&format!(
                        "{} is complete, and a state that was not given may hold it: it is left alone. To delete it, add --owner {}.",
                        owner.owner, owner.owner
                    ));
                    continue;
                }
                let known = states.get(owner.owner).unwrap_or(&nothing);
                let nothing_asked = Graph::new(owner.owner.clone(), Tags::new());
                let mut left = engine.leftovers(&nothing_asked, known, &Traces::None).await;
                whole &= left.problems.is_empty();
                tell(&left.problems);
                let kept = keep_data(session.kinds(), &mut left.records, &|_| self.including_data);
                for (address, (kind, id)) in kept {
                    say(&format!(
                        "{address} ({kind} {id}) holds data and is left alone; --including-data deletes it too."
                    ));
                }
                if !left.records.is_empty() {
                    doomed.push((engine.clone(), owner.owner.clone(), left.records));
                }
            }
        }
        let count: usize = doomed.iter().map(|(_, _, records)| records.len()).sum();
        if count == 0 {
            say("There is nothing to delete.");
            return Ok(match (whole, spared) {
                (false, _) => ExitCode::FAILURE,
                (true, true) => ExitCode::from(REFUSED),
                (true, false) => ExitCode::SUCCESS,
            });
        }
        say(&listing::doomed(&doomed, session.kinds()));
        let expected = match &doomed[..] {
            [(_, owner, _)] => owner.to_string(),
            _ => format!("delete {count} parts"),
        };
        match self.confirmation(&expected) {
            Some(typed) if typed == expected => {}
            Some(typed) => {
                return Ok(refused(&format!(
                    "{typed:?} is not {expected:?}: nothing was deleted"
                )));
            }
            None => {
                return Ok(refused(&format!(
                    "there is no terminal to confirm at: add --confirm {expected:?}. Nothing was deleted"
                )));
            }
        }
        let cancel = Cancel::new();
        let work = async {
            let mut done = true;
            for (engine, owner, records) in &doomed {
                if !cancel.is_cancelled() {
                    done &= remove(engine, owner, records, cancel.clone()).await;
                }
            }
            done
        };
        let mut work = std::pin::pin!(work);
        let done = tokio::select! {
            done = &mut work => done,
            _ = tokio::signal::ctrl_c() => {
                crate::cli::complain("interrupted: the calls in flight are finished, nothing else is begun");
                cancel.cancel();
                work.await
            }
        };
        Ok(if cancel.is_cancelled() {
            ExitCode::from(INTERRUPTED)
        } else if done && whole {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// What was given or typed; `None` where nobody can type.
    fn confirmation(&self, expected: &str) -> Option<String> {
        if let Some(text) = &self.confirm {
            return Some(text.clone());
        }
        if !io::stdin().is_terminal() {
            return None;
        }
        let _ = write!(
            io::stdout(),
            "This can't be undone. To delete, type {expected}\n> "
        );
        let _ = io::stdout().flush();
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).ok()?;
        Some(line.trim().to_owned())
    }
}

/// Removes the leftovers of one owner; whether all of them are gone.
async fn remove(engine: &Engine, owner: &Owner, records: &Records, cancel: Cancel) -> bool {
    let watch = Watch::nobody().on_progress(|progress| {
        let what = match &progress.phase {
            Phase::Deleting => "deleting".to_owned(),
            Phase::Waiting(why) => format!("waiting: {why}"),
            Phase::Done => "gone".to_owned(),
            Phase::Failed(why) => format!("failed: {why}"),
            Phase::Skipped(cause) => format!("left alone because of {cause}"),
            Phase::Stopped => "stopped".to_owned(),
            Phase::Looking | Phase::Creating | Phase::Adopted | Phase::Updating => return,
        };
        let id = progress.id.as_deref().unwrap_or_default();
        say(&format!(
            "{} ({} {id}): {what}",
            progress.address, progress.kind
        ));
    });
    let outcome = engine.destroy(owner, records, cancel, watch).await;
    for failure in &outcome.failures {
        crate::cli::complain(&format!("{owner}: {failure}"));
    }
    let left = outcome
        .records
        .values()
        .filter(|record| record.id.is_some())
        .count();
    say(&match left {
        0 => format!("Of {owner} nothing is left over."),
        1 => format!("Of {owner} 1 part is left. Sweep again to go on from there."),
        _ => format!("Of {owner} {left} parts are left. Sweep again to go on from there."),
    });
    outcome.is_complete() && left == 0
}

fn tell(problems: &Problems) {
    for (summary, detail) in inventory::by_reason(problems) {
        let _ = writeln!(io::stderr(), "Warning: {summary}. {detail}");
    }
}

fn in_words(diagnostics: Diagnostics) -> String {
    let lines: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| format!("{}. {}", diagnostic.summary, diagnostic.detail))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_in_minutes_hours_and_days() {
        for (text, minutes) in [("30m", 30), ("12h", 720), ("2d", 2880), ("0d", 0)] {
            assert_eq!(text.parse(), Ok(Age(Duration::minutes(minutes))), "{text}");
        }
        for wrong in [
            "",
            "d",
            "2",
            "2 d",
            "-1d",
            "2w",
            "1.5d",
            "zweid",
            "9999999999d",
            "2ä",
        ] {
            assert!(wrong.parse::<Age>().is_err(), "{wrong:?}");
        }
    }
}
