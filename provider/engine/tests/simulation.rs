//! Random platforms, random edits and everything that can go wrong, under a virtual clock.
//!
//! # Flow
//! A seed is a random graph that is created, edited and applied twice, and destroyed; on the way processes die (twice in a row
//! at times), are stopped, and AWS throttles, fails, keeps silent, shows the past, lets calls overtake one another and makes
//! objects that come up failed. Others own objects that look like ours and put theirs into ours.
//!
//! # Guarantees
//! - After every call the [rules](synthetic::world) hold: nothing twice, no data lost that nobody named, no create without a
//!   look, no reference to what is not there, nothing of others touched, no change after a stop.
//! - After every stage AWS holds exactly what the graph says, the next plan is empty, and one more run sends no call but reads.
//! - Work is not multiplied. Per seed, the calls that AWS carries out for a process that lives are compared with those of the
//!   same seed in a world without faults; see [`simulation_under_faults_takes_few_more_calls`].
//!
//! # Caveats
//! `SEED=7 cargo test -p platform-engine simulation` repeats one seed, `SEEDS_FROM=100000` tries others. Nothing depends on
//! the wall clock: a seed that fails does so always, and prints what happened.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that can't go on says where"
)]

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use synthetic::random::Random;
use synthetic::scene::{End, Scene, Tally};
use synthetic::world::{Faults, World};

mod synthetic;

fn everything() -> Faults {
    Faults {
        throttled: 150,
        transient: 150,
        lost: 60,
        stale: 200,
        lag: Duration::from_secs(5),
        overtaken: 100,
        failed: 100,
        crash: None,
        pace: 0,
    }
}

/// Runs on a clock that jumps to the next thing that happens.
fn clocked<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(work)
}

/// Runs one seed, as `life` has it; what happened when it goes wrong.
fn run<T>(
    seed: u64,
    faults: &Faults,
    traced: bool,
    life: impl AsyncFnOnce(&mut Scene) -> T,
) -> Result<T, String> {
    clocked(async {
        let world = World::new(seed, faults.clone());
        world.with(|state| state.traced = traced);
        let mut scene = Scene::new(world.clone(), seed, faults.clone());
        let result = AssertUnwindSafe(life(&mut scene)).catch_unwind().await;
        result.map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.unwrap_or_else(|| "?".to_owned());
            world.with(|state| {
                format!(
                    "seed {seed}: {text}\nfaults: {faults}\n{}\nAWS holds\n{}",
                    state.trace.join("\n"),
                    state.inventory()
                )
            })
        })
    })
}

/// Runs one seed, and once more to tell what happened when it goes wrong.
fn tell<T>(seed: u64, faults: &Faults, life: impl AsyncFn(&mut Scene) -> T) -> Result<T, String> {
    run(seed, faults, false, &life).or_else(|_| run(seed, faults, true, &life))
}

/// Runs many seeds; the first that fails tells its story.
fn sweep(seeds: std::ops::Range<u64>, faults: &Faults) -> Tally {
    let number = |name| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let (only, offset) = (number("SEED"), number("SEEDS_FROM").unwrap_or(0));
    let mut all = Tally::default();
    let mut failed = Vec::new();
    let chosen = |seed: &u64| only.is_none_or(|only| only == *seed);
    for seed in seeds.map(|seed| seed + offset).filter(chosen) {
        let life = async |scene: &mut Scene| scene.live().await;
        match run(seed, faults, false, life) {
            Ok(tally) => all.add(tally),
            Err(_) => {
                if failed.is_empty() {
                    eprintln!(
                        "{}",
                        run(seed, faults, true, life).expect_err("it failed before")
                    );
                }
                failed.push(seed);
            }
        }
    }
    eprintln!("{all:?}");
    assert!(failed.is_empty(), "seeds that failed: {failed:?}");
    all
}

/// A process dies at its first, second, third ... change while a platform is created, edited and destroyed; one more makes
/// everything right.
#[test]
fn simulation_killed_at_every_change() {
    let mut deaths = 0;
    for seed in 0..4 {
        for (happens, stage) in [false, true]
            .into_iter()
            .flat_map(|happens| (0..3).map(move |stage| (happens, stage)))
        {
            for at in 1.. {
                let end = End::Killed { at, happens };
                let life = async |scene: &mut Scene| scene.end_early_in(stage, end).await;
                match tell(seed, &Faults::default(), life) {
                    Ok(Some(_)) => break,
                    Ok(None) => deaths += 1,
                    Err(story) => panic!("{story}"),
                }
            }
        }
    }
    eprintln!("{deaths} deaths");
    assert!(deaths > 100, "only {deaths} deaths");
}

/// A run is stopped after a random time; it ends as soon as the calls in flight have, and the next one finishes the work.
#[test]
fn simulation_stopped_at_any_time() {
    for (seed, stage) in (0..150).flat_map(|seed| (0..3).map(move |stage| (seed, stage))) {
        let after = Duration::from_millis(Random::of(seed, "stop").below(20_000));
        let end = End::Stopped { after };
        let life = async |scene: &mut Scene| scene.end_early_in(stage, end).await;
        match tell(seed, &Faults::default(), life) {
            Ok(outcome) => assert_eq!(outcome.expect("nothing kills it").failures, []),
            Err(story) => panic!("{story}"),
        }
    }
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
    simulation_without_faults: 0..400, Faults::default();
    simulation_with_lag_and_failed_objects: 10_000..10_400, Faults { throttled: 0, transient: 0, lost: 0, ..everything() };
    simulation_with_everything_1: 20_000..20_400, everything();
}
