//! The reconciliation as a state machine, checked in every state it can reach.
//!
//! # Flow
//! [`aws::Aws`] is what there is and what reads show of it, [`process::Process`] a run of the engine, [`State`] both with what
//! Terraform keeps. At any time AWS may go on by itself (show what it has done, finish what it is doing), any operation may
//! take its next step, a call may be lost on its way or its reply on the way back, and the process may be killed, or
//! interrupted with what it knows being kept. Then another process starts. `stateright` visits every state there is.
//!
//! # What is shown
//! - Safety, in every state: no part has two objects unless one replaces the other; every object can be found again by tags,
//!   name or record; nothing that holds data is deleted unless it is named; nothing is made on what is not live.
//! - Liveness: every path ends (the states form no circle), and every end is converged, with nothing left to do for a
//!   process that starts from what is kept, and everything in sight for one that starts from nothing.
//!
//! # Assumptions
//! Time is not modelled; waiting for the [lag](platform_engine::Options::lag) is: `Work::search` and `Work::settle` give up on
//! an object only when AWS shows everything it has accepted. Tags alone, without a client token or a name, rest on this
//! twice: a process that follows a killed one must start later than that too. The tests at the end take away one assumption
//! or one precaution each, and the checker finds what then goes wrong.
//!
//! # Caveats
//! `stateright` judges liveness on paths that end, so [`circles::has_no_circle`] shows first that every path does. AWS answers a client
//! token with what it has made for it for ever, also when that is gone; two such objects in a row are more than a run walks
//! over (see `exhaustive.rs`), so one object at most comes up failed where there are tokens. Throttling and errors that are known to have had no effect change no state, so they are left out. So are kinds that are
//! taken over, what only one part can use at a time, and the calls that follow a create. `exhaustive.rs` and `simulation.rs` run
//! the engine itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that can't go on says where"
)]

#[path = "model/aws.rs"]
mod aws;
#[path = "model/circles.rs"]
mod circles;
#[path = "model/plan.rs"]
mod plan;
#[path = "model/process.rs"]
mod process;

use std::collections::BTreeSet;

use aws::{Aws, Course, Id, Kind, Life, Object, Place, Wish};
use circles::has_no_circle;
use plan::{found, plan, refresh};
use process::{Fate, Kept, Process, Record};
use stateright::{Checker, Model as _, Property};

/// What is taken away, to see that it is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The engine creates without having looked.
    NoLook,
    /// Tags are put on after the create.
    TagsLater,
    /// The client token holds the id of what is replaced, which a later process may not know any more.
    TokenOfReplaced,
    /// What is removed takes along whatever else has its address, although the part is to be made.
    GreedySweep,
    /// AWS lags longer than the engine waits.
    LongLag,
}

/// A graph, what is there and what is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    /// Kind and parent of each part; parents come first.
    pub(crate) parts: Vec<(Kind, Option<Place>)>,
    from: Option<Vec<Wish>>,
    /// None to destroy everything.
    pub(crate) to: Option<Vec<Wish>>,
    /// Whether the parts with data may be replaced and deleted.
    pub(crate) named: bool,
    /// How many processes are killed or interrupted at most.
    crashes: u8,
    /// How many calls or replies are lost and how many objects come up failed at most.
    faults: u8,
    /// The next process starts before AWS shows what the last one did.
    hasty: bool,
    /// What is taken away.
    pub(crate) flaw: Option<Flaw>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum End {
    Complete,
    /// The plan would have lost data.
    Refused,
}

/// Everything there is at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    aws: Aws,
    process: Option<Process>,
    /// What Terraform has on disk.
    saved: Vec<Kept>,
    crashes: u8,
    faults: u8,
    /// Whether another process may start: the first one, one after a process that died, and one after a process that failed
    /// because of a fault. One that fails for no such reason is the end.
    may_start: bool,
    /// Whether there was a fault since the last process started.
    is_excused: bool,
    end: Option<End>,
}

/// What may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Aws(Id, Course),
    /// Somebody starts a process: it refreshes and plans.
    Start,
    /// An operation takes its next step.
    Step(usize, Fate),
    /// Everything is done, or what is left waits for what failed.
    Finish,
    /// The process is killed; Terraform keeps what it had before.
    Kill,
    /// The process is interrupted and tells what it knows.
    Interrupt,
}

impl Model {
    pub(crate) fn kind(&self, place: Place) -> Kind {
        self.parts[place].0
    }

    /// Whether an engine that waits for the lag has waited long enough.
    pub(crate) fn lag_is_over(&self, aws: &Aws) -> bool {
        aws.is_settled() || self.flaw == Some(Flaw::LongLag)
    }

    /// What is there in the beginning: `from`, converged.
    fn beginning(&self) -> (Aws, Vec<Kept>) {
        let mut aws = Aws::default();
        let mut saved = vec![Kept::default(); self.parts.len()];
        for (place, wish) in self.from.iter().flatten().enumerate() {
            let parent = self.parts[place].1.map(|parent| parent as Id);
            aws.objects
                .push(Object::live(place, *wish, parent, self.kind(place)));
            saved[place].current = Some(Record {
                id: place as Id,
                wish: *wish,
                parent,
                ready: true,
                whole: true,
            });
        }
        (aws, saved)
    }

    fn is_end(&self, state: &State) -> bool {
        self.next_states(state).is_empty()
    }

    /// AWS holds what is asked for and Terraform knows it; a further process has nothing to do, and one that knows nothing
    /// finds everything.
    fn is_converged(&self, state: &State) -> bool {
        let there: BTreeSet<Id> = state
            .aws
            .each()
            .filter(|(_, object)| object.is_there())
            .map(|(id, _)| id)
            .collect();
        let Some(to) = &self.to else {
            let is_empty = |kept: &Kept| *kept == Kept::default();
            return there.is_empty() && state.saved.iter().all(is_empty);
        };
        let mut wanted = BTreeSet::new();
        for (place, kept) in state.saved.iter().enumerate() {
            let Some(record) = kept.current.filter(|_| kept.aside.is_empty()) else {
                return false;
            };
            let parent = self.parts[place]
                .1
                .and_then(|parent| state.saved[parent].current);
            let object = state.aws.object(record.id);
            let is_right = object.life == Life::Live
                && object.wish == to[place]
                && object.parent == parent.map(|parent| parent.id)
                && found(self, &state.aws, place, object.parent) == [record.id];
            if !is_right {
                return false;
            }
            wanted.insert(record.id);
        }
        let again = plan(self, &refresh(self, &state.aws, &state.saved));
        there == wanted && again.is_some_and(|operations| operations.is_empty())
    }

    /// No part has two objects, unless a new one is to replace an old one that is to go.
    fn has_no_twins(&self, state: &State) -> bool {
        let stays = |object: &&Object| !object.ends();
        let objects: Vec<&Object> = state.aws.objects.iter().filter(stays).collect();
        let are_twins = |a: &Object, b: &Object| {
            let is_succession = a.wish.fixed != b.wish.fixed || a.parent != b.parent;
            a.place == b.place && !(is_succession && self.kind(a.place).create_first)
        };
        objects
            .iter()
            .enumerate()
            .all(|(at, a)| objects[..at].iter().all(|b| !are_twins(a, b)))
    }

    /// Every object can be found by its tags or its name, or is recorded in what outlives the process.
    fn loses_nothing(&self, state: &State) -> bool {
        state.aws.each().all(|(id, object)| {
            let kept = &state.saved[object.place];
            let is_recorded =
                kept.current.is_some_and(|record| record.id == id) || kept.aside.contains(&id);
            !object.is_there() || object.tagged || self.kind(object.place).named || is_recorded
        })
    }
}

impl stateright::Model for Model {
    type State = State;
    type Action = Event;

    fn init_states(&self) -> Vec<State> {
        let (aws, saved) = self.beginning();
        vec![State {
            aws,
            process: None,
            saved,
            crashes: self.crashes,
            faults: self.faults,
            may_start: true,
            is_excused: false,
            end: None,
        }]
    }

    fn actions(&self, state: &State, events: &mut Vec<Event>) {
        for (id, object) in state.aws.each() {
            let may_fail = state.faults > 0 && !self.kind(object.place).stateful;
            let courses = state.aws.courses(id, may_fail);
            events.extend(courses.into_iter().map(|course| Event::Aws(id, course)));
        }
        let Some(process) = &state.process else {
            let is_time = state.aws.is_settled() || self.hasty;
            if state.may_start && is_time {
                events.push(Event::Start);
            }
            return;
        };
        if process.is_over() {
            events.push(Event::Finish);
            return;
        }
        for at in 0..process.operations.len() {
            events.push(Event::Step(at, Fate::Answered));
            if state.faults > 0 && process.sends(at) {
                events.push(Event::Step(at, Fate::ReplyLost));
                events.push(Event::Step(at, Fate::NeverArrives));
            }
        }
        if state.crashes > 0 {
            events.extend([Event::Kill, Event::Interrupt]);
        }
    }

    fn next_state(&self, last: &State, event: Event) -> Option<State> {
        let mut state = last.clone();
        match event {
            Event::Aws(id, course) => {
                state.faults -= u8::from(course == Course::Fails);
                state.is_excused |= course == Course::Fails;
                state.aws.go_on(id, course);
            }
            Event::Start => {
                state.may_start = false;
                state.is_excused = false;
                let kept = refresh(self, &state.aws, &state.saved);
                match plan(self, &kept) {
                    Some(operations) => {
                        state.process = Some(Process::new(self, kept, operations));
                    }
                    None => state.end = Some(End::Refused),
                }
            }
            Event::Step(at, fate) => {
                state.faults -= u8::from(fate != Fate::Answered);
                state.is_excused |= fate != Fate::Answered;
                let process = state.process.as_mut()?;
                process.step(self, &mut state.aws, at, fate)?;
            }
            Event::Finish => {
                let process = state.process.take()?;
                state.end = process.is_complete().then_some(End::Complete);
                state.may_start = state.end.is_none() && state.is_excused;
                state.saved = process.kept;
            }
            Event::Kill => {
                state.crashes -= 1;
                state.may_start = true;
                state.process = None;
            }
            Event::Interrupt => {
                state.crashes -= 1;
                state.may_start = true;
                state.saved = state.process.take()?.kept;
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(TWINS, |model, state| model.has_no_twins(state)),
            Property::always(ORPHANS, |model, state| model.loses_nothing(state)),
            Property::always(DATA, |_, state: &State| !state.aws.data_lost),
            Property::always(ORDER, |_, state: &State| !state.aws.order_broken),
            Property::always(CONVERGED, |model: &Model, state: &State| {
                !model.is_end(state)
                    || match state.end {
                        Some(End::Complete) => model.is_converged(state),
                        Some(End::Refused) => model.kind(0).stateful && !model.named,
                        None => false,
                    }
            }),
            Property::eventually("something is reached", |_, state: &State| {
                state.end.is_some()
            }),
        ]
    }
}

const TWINS: &str = "no part has two objects";
const ORPHANS: &str = "every object can be found again";
const DATA: &str = "no data is lost that nobody named";
const ORDER: &str = "nothing is made on what is not live";
const CONVERGED: &str = "every end is converged and stays so";

const FIRST: Wish = Wish { fixed: 0, size: 0 };
const RESIZED: Wish = Wish { fixed: 0, size: 1 };
const ANOTHER: Wish = Wish { fixed: 1, size: 0 };

fn model(parts: &[(Kind, Option<Place>)], from: Option<Wish>, to: Option<Wish>) -> Model {
    let all = |wish: Wish| vec![wish; parts.len()];
    Model {
        parts: parts.to_vec(),
        from: from.map(all),
        to: to.map(all),
        named: true,
        crashes: 2,
        faults: 1,
        hasty: false,
        flaw: None,
    }
}

/// Checks every state of a model; the names of what does not hold.
fn check(name: &str, model: Model) -> Vec<&'static str> {
    let begun = std::time::Instant::now();
    let checker = model.checker().threads(2).spawn_bfs().join();
    eprintln!(
        "{name}: {} states, {:.1} s",
        checker.unique_state_count(),
        begun.elapsed().as_secs_f64()
    );
    let mut broken: Vec<&str> = checker.discoveries().into_keys().collect();
    broken.sort_unstable();
    for name in &broken {
        let path = checker.discovery(name).unwrap();
        eprintln!("{name}:");
        for event in path.into_actions() {
            eprintln!("  {event:?}");
        }
    }
    broken
}

/// Checks that everything holds for a graph that is made, changed in place, replaced and deleted.
fn holds(name: &str, parts: &[(Kind, Option<Place>)], adapt: impl Fn(&mut Model)) {
    for (what, from, to) in [
        ("created", None, Some(FIRST)),
        ("updated", Some(FIRST), Some(RESIZED)),
        ("replaced", Some(FIRST), Some(ANOTHER)),
        ("deleted", Some(FIRST), None),
    ] {
        let mut model = model(parts, from, to);
        adapt(&mut model);
        let name = format!("{name}, {what}");
        assert_eq!(check(&name, model.clone()), Vec::<&str>::new(), "{name}");
        assert!(has_no_circle(&model), "{name} goes round in a circle");
    }
}

#[test]
fn simulation_model_of_one_part() {
    for (name, kind) in [
        ("tagged", Kind::TAGGED),
        ("tokened", Kind::TOKENED),
        ("named", Kind::NAMED),
        ("create first", Kind::CREATE_FIRST),
        ("stateful", Kind::STATEFUL),
    ] {
        // What AWS remembers of two objects that came up failed is one more than the engine walks over.
        let faults = if kind.token { 1 } else { 2 };
        holds(name, &[(kind, None)], |model| model.faults = faults);
    }
}

#[test]
fn simulation_model_of_a_child() {
    let child = |kind| [(kind, None), (Kind::CHILD, Some(0))];
    holds("child of tagged", &child(Kind::TAGGED), |_| {});
    holds(
        "child of create first",
        &child(Kind::CREATE_FIRST),
        |model| {
            model.crashes = 1;
        },
    );
}

/// Data that nobody named is neither replaced nor deleted for what a killed process left.
#[test]
fn simulation_model_of_data_that_is_not_named() {
    let mut replaced = model(&[(Kind::STATEFUL, None)], Some(FIRST), Some(ANOTHER));
    replaced.named = false;
    assert_eq!(check("refused", replaced), Vec::<&str>::new());
    let mut created = model(&[(Kind::STATEFUL, None)], None, Some(FIRST));
    created.named = false;
    assert_eq!(check("not named", created), Vec::<&str>::new());
}

/// Without any one of these, something does not hold, and the checker finds it.
#[test]
fn simulation_model_needs_every_precaution() {
    let tagged = [(Kind::TAGGED, None)];
    let family = [(Kind::CREATE_FIRST, None), (Kind::CHILD, Some(0))];
    for (flaw, parts, from, to, breaks) in [
        (Flaw::NoLook, &tagged[..], None, FIRST, TWINS),
        (Flaw::TagsLater, &tagged, None, FIRST, ORPHANS),
        (Flaw::LongLag, &tagged, None, FIRST, TWINS),
        (Flaw::GreedySweep, &family, Some(FIRST), ANOTHER, CONVERGED),
    ] {
        let mut model = model(parts, from, Some(to));
        model.crashes = 1;
        model.flaw = Some(flaw);
        let broken = check(&format!("{flaw:?}"), model);
        assert!(broken.contains(&breaks), "{flaw:?} breaks only {broken:?}");
    }
}

/// A client token or a name holds even when processes follow one another in haste. Tags alone do not, nor does a token that
/// depends on what a process happens to know.
#[test]
fn simulation_model_in_haste() {
    let hasty = |kind, from, flaw| {
        let mut model = model(&[(kind, None)], from, Some(ANOTHER));
        model.crashes = 1;
        model.hasty = true;
        model.flaw = flaw;
        check(&format!("in haste, {flaw:?}, {kind:?}"), model)
    };
    for kind in [Kind::TOKENED, Kind::NAMED, Kind::CREATE_FIRST] {
        for from in [None, Some(FIRST)] {
            assert_eq!(hasty(kind, from, None), Vec::<&str>::new());
        }
    }
    assert!(hasty(Kind::TAGGED, None, None).contains(&TWINS));
    let flaw = Some(Flaw::TokenOfReplaced);
    assert!(hasty(Kind::TOKENED, Some(FIRST), flaw).contains(&TWINS));
}
