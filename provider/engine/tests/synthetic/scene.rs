//! One seed: a platform is created, edited and applied twice, and destroyed, by processes that may die or be stopped.

mod inspection;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use platform_engine::{ApplyRequest, Cancel, Engine, Options, Outcome, Watch};
use platform_graph::{Action, Limits, Plan, Records, Replacement, Severity, original_address};
use serde_json::{Map, json};
use tokio::sync::Notify;
use tokio::time::Instant;

use inspection::assert_excusable;

use super::kinds::kinds;
use super::platform::{Platform, owner};
use super::random::Random;
use super::world::{Faults, LATE, World};

/// How one process ends before its time.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// It lives.
    Late,
    /// It dies at its n-th change, which AWS still carries out or not; of its other calls in flight half are.
    Killed { at: usize, happens: bool },
    /// Somebody stops it so long after it has begun to change things.
    Stopped { after: Duration },
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Late => f.write_str("lives"),
            End::Killed { at, .. } => write!(f, "is killed at its change {at}"),
            End::Stopped { after } => write!(f, "is stopped after {:.2} s", after.as_secs_f64()),
        }
    }
}

/// What a seed cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Calls that were sent.
    pub sent: usize,
    /// Those of them that AWS carried out.
    pub carried_out: usize,
    /// Deletes that AWS refused because something still used the object.
    pub refused: usize,
    /// Processes that were started.
    pub processes: usize,
    /// Those of them that died.
    pub deaths: usize,
    /// Plans that were refused because they would lose data nobody had named.
    pub refused_plans: usize,
    /// Virtual seconds.
    pub seconds: f64,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.sent += other.sent;
        self.carried_out += other.carried_out;
        self.refused += other.refused;
        self.processes += other.processes;
        self.deaths += other.deaths;
        self.refused_plans += other.refused_plans;
        self.seconds += other.seconds;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} calls in {} processes, {} of which died; AWS carried out {} and refused {} deletes because of dependents; \
             {} plans were refused; {:.0} virtual hours",
            self.sent,
            self.processes,
            self.deaths,
            self.carried_out,
            self.refused,
            self.refused_plans,
            self.seconds / 3600.0
        )
    }
}

pub struct Scene {
    world: World,
    seed: u64,
    random: Random,
    records: Records,
    faults: Faults,
    tally: Tally,
}

/// More often than that nobody applies the same again because AWS has failed too long.
const PATIENCE: usize = 5;

impl Scene {
    pub fn new(world: World, seed: u64, faults: Faults) -> Self {
        Scene {
            world,
            seed,
            random: Random::of(seed, "scene"),
            records: Records::new(),
            faults,
            tally: Tally::default(),
        }
    }

    /// Lives a whole seed.
    pub async fn live(&mut self) -> Tally {
        let begun = Instant::now();
        self.plant_neighbours();
        for wish in self.wishes() {
            self.reach(wish.as_ref()).await;
            self.meddle();
        }
        self.tally.seconds = begun.elapsed().as_secs_f64();
        self.world.with(|state| {
            self.tally.refused = state.refused;
            self.tally.refused_plans = state.refused_plans;
        });
        self.tally
    }

    /// Creates, edits and destroys a platform; at one stage a process ends early. `None` when that one died.
    pub async fn end_early_in(&mut self, stage: usize, end: End) -> Option<Outcome> {
        let mut ended = None;
        let wishes = self.wishes().into_iter().skip(1);
        for (at, wish) in wishes.enumerate() {
            if at == stage {
                ended = self.process(wish.as_ref(), end).await;
                if let Some(outcome) = &ended {
                    self.take(outcome.clone());
                }
            }
            self.finish(wish.as_ref()).await;
        }
        ended
    }

    /// What somebody wants, one after the other: a platform, that edited twice, and nothing.
    fn wishes(&self) -> Vec<Option<Platform>> {
        let mut random = Random::of(self.seed, "platform");
        let mut platform = Platform::random(&mut random);
        let mut wishes = vec![Some(platform.clone())];
        for _ in 0..2 {
            platform.edit(&mut random);
            wishes.push(Some(platform.clone()));
        }
        wishes.push(None);
        wishes
    }

    /// Objects of others that look like ours.
    fn plant_neighbours(&self) {
        let tagged = |owner: &str, address: &str| {
            let tags = json!({"platform:owner": owner, "platform:address": address});
            Map::from_iter([("Tags".to_owned(), tags)])
        };
        self.world.with(|state| {
            for address in ["plain/1", "plain/2"] {
                let owner = "platform_test/us-east-1/main2";
                state.plant_strange("Plain", tagged(owner, address));
            }
            state.plant_strange("Token", tagged("platform_test/us-west-2/main", "token/1"));
            let mut named = tagged("", "named/1");
            named.insert("Name".to_owned(), json!("n1-"));
            state.plant_strange("Named", named);
            let nobody = state.plant_strange("Plain", Map::new());
            let route = Map::from_iter([
                ("Parent".to_owned(), json!(nobody)),
                ("Name".to_owned(), json!("n1")),
            ]);
            state.plant_strange("Child", route);
        });
    }

    /// Others put something into what is ours, and a tag on it.
    fn meddle(&mut self) {
        let ids: Vec<String> = self
            .records
            .values()
            .filter_map(|record| record.id.clone())
            .collect();
        let plains: Vec<&String> = ids.iter().filter(|id| id.starts_with("plain")).collect();
        let plain = self.random.pick(&plains).map(|id| (*id).clone());
        let tagged = self.random.pick(&ids);
        self.world.with(|state| {
            if let Some(plain) = plain {
                let rule = Map::from_iter([
                    ("Parent".to_owned(), json!(plain)),
                    ("Name".to_owned(), json!("theirs")),
                ]);
                state.plant_strange("Child", rule);
            }
            if let Some(id) = tagged {
                state.tag_strangely(id, "team");
            }
        });
    }

    fn engine(&self) -> Engine {
        let options = Options {
            lag: Duration::from_secs(12),
            attempts: 14,
            patience: Duration::from_secs(60),
            ..Options::default()
        };
        Engine::with_options(Arc::new(self.world.clone()), kinds(), options)
    }

    /// One process: refreshes, plans and applies. `None` when it died.
    async fn process(&mut self, platform: Option<&Platform>, end: End) -> Option<Outcome> {
        let before = self.world.with(|state| {
            state.begin();
            if let End::Killed { at, happens } = end {
                state.faults.crash = Some((state.changes + at, happens));
            }
            let what = if platform.is_some() {
                "applies"
            } else {
                "destroys"
            };
            state.note(|| format!("-- a process {what} and {end}"));
            (state.calls.len(), state.carried_out)
        });
        // Two calls may have died together.
        let _ = self.world.ended.notified().now_or_never();
        let cancel = Cancel::new();
        let coin = self.random.chance(500);
        let changing = Notify::new();
        let life = self.life(platform, &cancel, &changing, coin);
        let stop = async {
            let End::Stopped { after } = end else {
                return std::future::pending().await;
            };
            changing.notified().await;
            tokio::time::sleep(after).await;
            self.world.with(|state| {
                state.note(|| "-- it is stopped".to_owned());
                state.rules.stopped = true;
            });
            cancel.cancel();
            let patience = Duration::from_secs(5);
            tokio::time::sleep(patience).await;
            panic!("still not stopped after {patience:?}");
        };
        let outcome = tokio::select! {
            outcome = life => Some(outcome),
            () = stop => None,
            () = self.world.ended.notified() => None,
        };
        self.tally.processes += 1;
        self.tally.deaths += usize::from(outcome.is_none());
        self.world.with(|state| {
            state.faults.crash = None;
            self.tally.sent += state.calls.len() - before.0;
            self.tally.carried_out += state.carried_out - before.1;
            let how = match &outcome {
                None => "it is dead".to_owned(),
                Some(outcome) if outcome.cancelled => "it has stopped".to_owned(),
                Some(outcome) if outcome.failures.is_empty() => "it has ended".to_owned(),
                Some(outcome) => failures(outcome),
            };
            state.note(|| format!("-- {how}"));
        });
        let violations = self.world.with(|state| state.violations.join("; "));
        assert!(violations.is_empty(), "{violations}");
        // A person needs a while to start the next one; by then AWS shows what was made.
        let lag = self.world.with(|state| state.faults.lag);
        tokio::time::sleep(LATE + lag + Duration::from_secs(1)).await;
        outcome
    }

    async fn life(
        &self,
        platform: Option<&Platform>,
        cancel: &Cancel,
        changing: &Notify,
        coin: bool,
    ) -> Outcome {
        let (engine, owner) = (self.engine(), owner());
        let refreshed = engine.refresh(&owner, &self.records).await;
        let blind: Vec<&String> = refreshed
            .problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .map(|problem| &problem.summary)
            .collect();
        if !blind.is_empty() {
            let lasting = blind
                .iter()
                .find(|text| !text.contains("could not be looked at"));
            assert_eq!(lasting, None, "refresh: {:?}", refreshed.problems);
            // A refresh that could not see everything ends the run; nothing was changed.
            return Outcome {
                records: self.records.clone(),
                skipped: blind
                    .iter()
                    .map(|text| ((*text).clone(), "refresh".to_owned()))
                    .collect(),
                ..Outcome::default()
            };
        }
        changing.notify_one();
        let Some(platform) = platform else {
            let named = refreshed
                .records
                .keys()
                .map(|address| original_address(address).to_owned());
            self.world.with(|state| state.rules.named = named.collect());
            return engine
                .destroy(&owner, &refreshed.records, cancel.clone(), Watch::nobody())
                .await;
        };
        let graph = platform.graph();
        let apply = async |plan: &Plan| {
            let request = ApplyRequest {
                graph: &graph,
                records: &refreshed.records,
                plan,
                cancel: cancel.clone(),
                watch: Watch::nobody(),
            };
            engine.apply(request).await
        };
        let mut plan = Plan::new(&kinds(), &graph, &refreshed.records, &Limits::default());
        if !plan.refusals.is_empty() {
            let refused = || plan.refusals.iter().map(|refusal| refusal.address.clone());
            if coin {
                // Somebody applies before the parts are named: nothing happens.
                let calls = self.world.calls();
                let outcome = apply(&plan).await;
                assert_eq!(outcome.failures.len(), plan.refusals.len(), "{outcome:?}");
                assert_eq!(self.world.calls(), calls, "a refused plan was applied");
            }
            let limits = Limits {
                replace: refused()
                    .map(|address| original_address(&address).to_owned())
                    .collect(),
                delete: refused().collect(),
            };
            self.world.with(|state| {
                state.refused_plans += 1;
                state.note(|| format!("-- these may go: {:?}", limits.delete));
                state.rules.named = limits.replace.clone();
            });
            plan = Plan::new(&kinds(), &graph, &refreshed.records, &limits);
        }
        assert_eq!(plan.refusals, [], "refused although named");
        let exchanged = plan.steps.iter().filter_map(|(address, step)| {
            let order = Replacement::CreateFirst;
            let original = original_address(address);
            let comes_first =
                matches!(&step.action, Action::Replace { order: first, .. } if *first == order);
            (comes_first || original != address).then(|| original.to_owned())
        });
        self.world.with(|state| {
            state.rules.exchanged = exchanged.collect();
            state.note(|| format!("-- plan\n{}", steps(&plan)));
        });
        apply(&plan).await
    }

    /// Processes until one lives: two may die or be stopped.
    async fn reach(&mut self, platform: Option<&Platform>) {
        for _ in 0..2 {
            if self.faults.failed == 0 && self.faults.lost == 0 || !self.random.chance(450) {
                break;
            }
            let end = if self.random.chance(200) {
                let after = Duration::from_millis(self.random.below(30_000));
                End::Stopped { after }
            } else {
                End::Killed {
                    at: 1 + usize::try_from(self.random.below(20)).unwrap(),
                    happens: self.random.chance(600),
                }
            };
            if let Some(outcome) = self.process(platform, end).await {
                assert_excusable(&outcome);
                self.take(outcome);
                if !self.world.with(|state| state.rules.stopped) {
                    break;
                }
            }
        }
        self.finish(platform).await;
    }

    fn take(&mut self, outcome: Outcome) {
        self.records = outcome
            .records
            .into_iter()
            .filter(|(_, record)| record.id.is_some())
            .collect();
    }

    /// Processes that live until everything is as it should be, and what there is to see afterwards.
    async fn finish(&mut self, platform: Option<&Platform>) {
        let mut complete = false;
        for _ in 0..PATIENCE {
            let outcome = self
                .process(platform, End::Late)
                .await
                .expect("nothing kills it");
            assert_excusable(&outcome);
            complete = outcome.is_complete();
            self.take(outcome);
            if complete {
                break;
            }
        }
        assert!(
            complete,
            "still not complete after {PATIENCE} more processes"
        );
        self.world.with(|state| state.faults = Faults::default());
        match platform {
            Some(platform) => self.check(platform).await,
            None => self.check_nothing_is_left(),
        }
        self.world.with(|state| state.faults = self.faults.clone());
    }
}

fn failures(outcome: &Outcome) -> String {
    let each: Vec<String> = outcome.failures.iter().map(ToString::to_string).collect();
    each.join("\n")
}

/// A plan for people, without what stays as it is.
fn steps(plan: &Plan) -> String {
    let each: Vec<String> = plan
        .steps
        .iter()
        .filter(|(_, step)| step.action != Action::Keep)
        .map(|(address, step)| {
            let what = match &step.action {
                Action::Keep => "keep".to_owned(),
                Action::Create => "create".to_owned(),
                Action::Delete => "delete".to_owned(),
                Action::Update { changed } => format!("update {}", changed.join(", ")),
                Action::Replace { changed, order } => {
                    format!("replace for {}, {order:?}", changed.join(", "))
                }
            };
            format!("  {address:<18} {what}")
        })
        .collect();
    each.join("\n")
}
