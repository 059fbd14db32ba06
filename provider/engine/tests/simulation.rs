//! Random platforms, random edits and everything that can go wrong, under a virtual clock.
//!
//! Every seed applies a random graph, edits it and applies it twice more, and destroys it; processes die on the way. After
//! each step AWS must hold exactly what the graph says. `SEED=7 cargo test -p platform-engine simulation` repeats one seed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that can't go on says where"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use platform_engine::{ApplyRequest, Cancel, Engine, Options, Outcome, Watch};
use platform_graph::{Graph, Handle, Kind, Limits, Owner, Plan, Records, Tags, diff};
use synthetic::kinds::{Child, Flavor, Named, Plain, Preset, Slow, Store, Thing, Token, kinds};
use synthetic::random::Random;
use synthetic::world::{Faults, World};

mod synthetic;

/// A part before it becomes one.
#[derive(Clone, Debug, Default)]
struct Sketch {
    kind: &'static str,
    name: Option<String>,
    size: Option<i64>,
    fixed: Option<String>,
    parent: Option<String>,
    uses: BTreeSet<String>,
    /// Whether `uses` are ARNs rather than ids.
    arns: bool,
    holds: Option<String>,
}

#[derive(Clone, Debug, Default)]
struct Platform {
    parts: BTreeMap<String, Sketch>,
    stage: u64,
    next: u64,
}

impl Platform {
    fn random(random: &mut Random) -> Self {
        let mut platform = Platform::default();
        for _ in 0..3 + random.below(8) {
            platform.grow(random);
        }
        platform
    }

    fn of_kind(&self, kind: &str) -> Vec<String> {
        let found = self.parts.iter().filter(|(_, part)| part.kind == kind);
        found.map(|(address, _)| address.clone()).collect()
    }

    fn grow(&mut self, random: &mut Random) {
        let all = [
            "Token", "Plain", "Named", "Child", "Slow", "Store", "Preset",
        ];
        let Some(mut kind) = random.pick(&all).copied() else {
            return;
        };
        let plains = self.of_kind("Plain");
        if matches!(kind, "Child" | "Preset") && plains.is_empty() {
            kind = "Plain";
        }
        self.next += 1;
        let address = format!("{}/{}", kind.to_lowercase(), self.next);
        let mut part = Sketch {
            kind,
            size: Some(1),
            ..Sketch::default()
        };
        if matches!(kind, "Named" | "Store" | "Child") {
            part.name = Some(format!("n{}", self.next));
        }
        match kind {
            "Child" => part.parent = random.pick(&plains).cloned(),
            "Preset" => {
                let taken: BTreeSet<String> = self
                    .of_kind("Preset")
                    .iter()
                    .filter_map(|other| self.parts[other].parent.clone())
                    .collect();
                let free: Vec<String> = plains
                    .into_iter()
                    .filter(|plain| !taken.contains(plain))
                    .collect();
                let Some(parent) = random.pick(&free) else {
                    return;
                };
                part.parent = Some(parent.clone());
            }
            "Slow" => {
                let taken: BTreeSet<String> = self
                    .parts
                    .values()
                    .filter_map(|other| other.holds.clone())
                    .collect();
                let free: Vec<String> = self
                    .of_kind("Token")
                    .into_iter()
                    .filter(|token| !taken.contains(token))
                    .collect();
                part.holds = random.pick(&free).cloned();
                part.parent = random.pick(&plains).cloned();
            }
            _ => part.fixed = random.chance(500).then(|| "f".to_owned()),
        }
        if kind != "Preset" {
            let others: Vec<String> = self
                .parts
                .keys()
                .filter(|other| self.parts[*other].kind != "Preset")
                .cloned()
                .collect();
            for _ in 0..random.below(3) {
                part.uses.extend(random.pick(&others).cloned());
            }
            part.arns = random.chance(300);
        }
        self.parts.insert(address, part);
    }

    fn edit(&mut self, random: &mut Random) {
        self.stage += 1;
        for _ in 0..1 + random.below(4) {
            let addresses: Vec<String> = self.parts.keys().cloned().collect();
            let Some(address) = random.pick(&addresses).cloned() else {
                continue;
            };
            match random.below(8) {
                0 | 1 => self.grow(random),
                2 => self.cut(&address),
                3 => {
                    // One Slow gives way to another one at the same address.
                    if let Some(holds) = self.parts[&address].holds.clone() {
                        self.cut(&address);
                        self.next += 1;
                        let part = Sketch {
                            kind: "Slow",
                            holds: Some(holds),
                            size: Some(1),
                            ..Sketch::default()
                        };
                        self.parts.insert(format!("slow/{}", self.next), part);
                    }
                }
                other => {
                    let Some(part) = self.parts.get_mut(&address) else {
                        continue;
                    };
                    match other {
                        4 if part.kind != "Preset" => part.fixed = Some(format!("f{}", self.stage)),
                        5 => part.uses.clear(),
                        6 if part.name.is_some() => {
                            part.name =
                                Some(format!("{}x", part.name.as_deref().unwrap_or_default()))
                        }
                        _ => part.size = Some(1 + random.below(9) as i64),
                    }
                }
            }
        }
    }

    /// Removes a part and everything that can't be without it.
    fn cut(&mut self, address: &str) {
        self.parts.remove(address);
        let bound: Vec<String> = self
            .parts
            .iter()
            .filter(|(_, part)| {
                part.parent.as_deref() == Some(address) || part.holds.as_deref() == Some(address)
            })
            .map(|(other, _)| other.clone())
            .collect();
        for part in self.parts.values_mut() {
            part.uses.remove(address);
        }
        for other in bound {
            self.cut(&other);
        }
    }

    fn graph(&self) -> Graph {
        let tags = Tags::from([("stage".to_owned(), self.stage.min(1).to_string())]);
        let mut graph = Graph::new(owner(), tags);
        for (address, part) in &self.parts {
            match part.kind {
                "Token" => part.add::<Token>(&mut graph, address),
                "Plain" => part.add::<Plain>(&mut graph, address),
                "Named" => part.add::<Named>(&mut graph, address),
                "Child" => part.add::<Child>(&mut graph, address),
                "Slow" => part.add::<Slow>(&mut graph, address),
                "Store" => part.add::<Store>(&mut graph, address),
                _ => part.add::<Preset>(&mut graph, address),
            }
        }
        assert_eq!(graph.faults(), Vec::<String>::new());
        graph
    }
}

impl Sketch {
    fn add<F: Flavor>(&self, graph: &mut Graph, address: &str)
    where
        Thing<F>: Kind,
    {
        let id = |other: &String| Handle::to(other).id();
        let mut thing = Thing::<F>::default();
        thing.name = self.name.clone();
        thing.size = self.size;
        thing.fixed = self.fixed.clone();
        thing.parent = self.parent.as_ref().map(id);
        thing.address = self.holds.as_ref().map(id);
        thing.uses = (!self.uses.is_empty()).then(|| {
            let arn = |other: &String| Handle::to(other).attribute("Arn");
            self.uses
                .iter()
                .map(|other| if self.arns { arn(other) } else { id(other) })
                .collect()
        });
        graph.add(address, "for the test", thing);
    }
}

fn owner() -> Owner {
    "platform_test/us-east-1/main".parse().unwrap()
}

/// What is allowed: everything.
fn limits(platform: &Platform, records: &Records) -> Limits {
    let all: BTreeSet<String> = platform
        .parts
        .keys()
        .chain(records.keys())
        .cloned()
        .collect();
    Limits {
        replace: all.clone(),
        delete: all,
    }
}

struct Scene {
    world: World,
    random: Random,
    records: Records,
    faulty: Faults,
}

impl Scene {
    fn engine(&self) -> Engine {
        let options = Options {
            lag: Duration::from_secs(12),
            attempts: 14,
            ..Options::default()
        };
        Engine::with_options(Arc::new(self.world.clone()), kinds(), options)
    }

    /// One process: refreshes, plans and applies. `None` when it died.
    async fn process(
        &mut self,
        platform: Option<&Platform>,
        crash: Option<(usize, bool)>,
    ) -> Option<Outcome> {
        let engine = self.engine();
        self.world.with(|state| {
            state.faults.crash = crash.map(|(at, happens)| (state.changes + at, happens));
            state.trace.push(format!("-- process, dies at {crash:?}"));
        });
        // Two calls may have died together.
        let _ = self.world.crashed.notified().now_or_never();
        let records = self.records.clone();
        let life = async {
            let refreshed = engine.refresh(&owner(), &records).await;
            assert!(
                !refreshed.problems.has_errors(),
                "refresh: {:?}",
                refreshed.problems
            );
            match platform {
                Some(platform) => {
                    let graph = platform.graph();
                    let plan = Plan::new(
                        &kinds(),
                        &graph,
                        &refreshed.records,
                        &limits(platform, &refreshed.records),
                    );
                    engine
                        .apply(ApplyRequest {
                            graph: &graph,
                            records: &refreshed.records,
                            plan: &plan,
                            cancel: Cancel::new(),
                            watch: Watch::nobody(),
                        })
                        .await
                }
                None => {
                    engine
                        .destroy(&owner(), &refreshed.records, Cancel::new(), Watch::nobody())
                        .await
                }
            }
        };
        let outcome = tokio::select! {
            outcome = life => Some(outcome),
            () = self.world.crashed.notified() => None,
        };
        self.world.with(|state| state.faults.crash = None);
        // A person needs a while to start the next one; by then AWS shows what was made.
        tokio::time::sleep(Duration::from_secs(6)).await;
        outcome
    }

    /// Processes until one lives: at most two die.
    async fn reach(&mut self, platform: Option<&Platform>) {
        for _ in 0..2 {
            if !self.random.chance(400) {
                break;
            }
            let crash = (1 + self.random.below(20) as usize, self.random.chance(600));
            if let Some(outcome) = self.process(platform, Some(crash)).await {
                self.records = outcome.records;
                break;
            }
        }
        let outcome = self
            .process(platform, None)
            .await
            .expect("nothing kills it");
        assert_eq!(outcome.failures, vec![], "failures");
        assert!(outcome.is_complete(), "not complete: {outcome:?}");
        self.records = outcome.records;
        match platform {
            Some(platform) => self.check(platform).await,
            None => assert_eq!(
                self.left(),
                Vec::<String>::new(),
                "left after the destruction"
            ),
        }
    }

    fn left(&self) -> Vec<String> {
        self.world
            .objects()
            .into_iter()
            .filter(|object| object.kind != "Preset")
            .map(|object| object.id)
            .collect()
    }

    /// AWS holds exactly what the graph says, and the next plan is empty.
    async fn check(&mut self, platform: &Platform) {
        let violations = self.world.with(|state| state.violations.clone());
        assert_eq!(violations, Vec::<String>::new(), "violations");
        self.world.with(|state| state.faults = Faults::default());
        let engine = self.engine();
        let graph = platform.graph();
        let refreshed = engine.refresh(&owner(), &self.records).await;
        assert!(refreshed.problems.is_empty(), "{:?}", refreshed.problems);
        // An attribute may appear late; nobody waits for one that no part refers to.
        let told: Records = self
            .records
            .iter()
            .map(|(address, record)| {
                let mut record = record.clone();
                record.attributes = refreshed
                    .records
                    .get(address)
                    .and_then(|now| now.attributes.clone());
                (address.clone(), record)
            })
            .collect();
        assert_eq!(refreshed.records, told, "what is recorded is what is there");
        let plan = Plan::new(
            &kinds(),
            &graph,
            &self.records,
            &limits(platform, &self.records),
        );
        assert!(plan.is_empty(), "the next plan is not empty: {plan:?}");
        let recorded: BTreeSet<String> = self
            .records
            .values()
            .filter_map(|record| record.id.clone())
            .collect();
        let there: BTreeSet<String> = self
            .world
            .objects()
            .into_iter()
            .map(|object| object.id)
            .collect();
        let orphans: Vec<&String> = there
            .difference(&recorded)
            .filter(|id| !id.starts_with("preset"))
            .collect();
        assert!(orphans.is_empty(), "orphans: {orphans:?}");
        for (address, part) in &graph.parts {
            let record = &self.records[address];
            let object = self
                .world
                .objects()
                .into_iter()
                .find(|object| Some(&object.id) == record.id.as_ref())
                .expect("it exists");
            let kind = *engine.kinds().get(part.kind).unwrap();
            let desired = plan.resolved(&self.records, &part.properties);
            let differs = diff::changed(&kind, &object.properties, &desired, None);
            assert_eq!(differs, Vec::<String>::new(), "{address} {}", object.id);
        }
        self.world.with(|state| state.faults = self.faulty.clone());
    }
}

async fn live(seed: u64, faults: Faults, world: World) {
    let mut random = Random::new(seed ^ 0xabcdef);
    let mut platform = Platform::random(&mut random);
    let mut scene = Scene {
        world,
        random: random.clone(),
        records: Records::new(),
        faulty: faults,
    };
    scene.reach(Some(&platform)).await;
    for _ in 0..2 {
        platform.edit(&mut random);
        scene
            .world
            .with(|state| state.trace.push(format!("-- edit {platform:#?}")));
        scene.reach(Some(&platform)).await;
    }
    scene.reach(None).await;
}

fn everything() -> Faults {
    Faults {
        throttled: 150,
        transient: 120,
        lost: 60,
        stale: 200,
        lag: Duration::from_secs(5),
        failed: 100,
        crash: None,
        pace: 0,
    }
}

/// Runs one seed; the trace when it goes wrong.
fn run(seed: u64, faults: &Faults, traced: bool) -> Result<(usize, f64), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let mut trace = String::new();
    let result = runtime.block_on(async {
        let world = World::new(seed, faults.clone());
        world.with(|state| state.traced = traced);
        let begun = tokio::time::Instant::now();
        let result = {
            use futures_util::FutureExt;
            AssertUnwindSafe(live(seed, faults.clone(), world.clone()))
                .catch_unwind()
                .await
        };
        trace = world.with(|state| state.trace.join("\n"));
        result.map(|()| (world.calls(), begun.elapsed().as_secs_f64()))
    });
    result.map_err(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .unwrap_or_else(|| "?".to_owned());
        format!("seed {seed}: {text}\n{trace}")
    })
}

fn sweep(seeds: std::ops::Range<u64>, faults: &Faults) {
    let only = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse::<u64>().ok());
    let mut failed = Vec::new();
    for seed in seeds {
        if only.is_some_and(|only| only != seed) {
            continue;
        }
        if run(seed, faults, false).is_err() {
            if failed.is_empty() {
                eprintln!("{}", run(seed, faults, true).expect_err("it failed before"));
            }
            failed.push(seed);
        }
    }
    assert!(failed.is_empty(), "seeds that failed: {failed:?}");
}

macro_rules! simulations {
    ($($name:ident: $seeds:expr, $faults:expr;)*) => {
        $(#[test]
        fn $name() {
            sweep($seeds, &$faults);
        })*
    };
}

simulations! {
    simulation_without_faults: 0..400, Faults { crash: None, ..Faults::default() };
    simulation_with_lag_and_failed_objects: 10_000..10_400, Faults { throttled: 0, transient: 0, lost: 0, ..everything() };
    simulation_with_everything_1: 20_000..20_400, everything();
    simulation_with_everything_2: 30_000..30_400, everything();
    simulation_with_everything_3: 40_000..40_400, everything();
}
