//! One process of the engine in the model: the operations of a run. Every step stands for one function of
//! the engine, named in its doc comment, up to its next call or pause.

use crate::aws::{Aws, Id, Place, Refusal, Seen, Token, Wish};
use crate::plan::{found, live};
use crate::{Flaw, Model};

/// What Terraform keeps of a part that AWS has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Record {
    pub id: Id,
    pub wish: Wish,
    pub parent: Option<Id>,
    /// It was seen live.
    pub ready: bool,
    /// What can't be changed of it is known.
    pub whole: bool,
}

/// What Terraform keeps at one address, with what stands aside to be removed (`platform_graph::replaced_address`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Kept {
    pub current: Option<Record>,
    pub aside: Vec<Id>,
}

/// `make.rs`: where the id of a part comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    Recorded,
    Found,
    Created,
}

/// What follows once an object is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Then {
    /// `Work::make`: look for it again.
    Anew,
    /// `Work::remove`: sweep.
    Sweep,
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// `Run::drive`: waits for what it needs.
    Ready,
    /// `Work::locate`.
    Look,
    /// `Work::bring_forth`: the create is about to leave.
    Create,
    /// `Work::bring_forth` after a lost reply: `Work::locate` with a client token, `Work::search` without.
    Doubt,
    /// `Work::settle`; whether the update has left.
    Settle {
        id: Id,
        origin: Origin,
        sent: bool,
    },
    /// `Work::delete`: the delete is about to leave.
    Delete {
        id: Id,
        then: Then,
    },
    /// `Work::delete`: looks until it is gone.
    Vanish {
        id: Id,
        then: Then,
    },
    /// `Work::sweep`.
    Sweep,
    Done,
    Failed,
}

/// `platform_graph::Operation`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Operation {
    pub place: Place,
    /// The object to remove; none for a part to make.
    pub removes: Option<Id>,
    pub step: Step,
    /// Positions of operations that come first.
    pub needs: Vec<usize>,
    /// The object to bring to the wish, and where its id comes from.
    pub known: Option<(Id, Origin)>,
    /// Ids that are passed over.
    pub gone: Vec<Id>,
    pub predecessor: Option<Id>,
    pub parent: Option<Id>,
    pub lives: u8,
}

/// What becomes of a call that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Answered,
    ReplyLost,
    NeverArrives,
}

/// `run.rs`: a run, in the midst of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Process {
    pub operations: Vec<Operation>,
    pub kept: Vec<Kept>,
    /// `State::gone`: ids known to be gone, by place.
    gone: Vec<Vec<Id>>,
    /// `State::fresh`: whether the record is that of this run.
    fresh: Vec<bool>,
}

impl Process {
    pub fn new(model: &Model, kept: Vec<Kept>, operations: Vec<Operation>) -> Self {
        Process {
            operations,
            kept,
            gone: vec![Vec::new(); model.parts.len()],
            fresh: vec![false; model.parts.len()],
        }
    }

    /// Whether nothing is left that could start.
    pub fn is_over(&self) -> bool {
        self.operations
            .iter()
            .all(|operation| match operation.step {
                Step::Done | Step::Failed => true,
                Step::Ready => self.is_hopeless(operation),
                _ => false,
            })
    }

    fn is_hopeless(&self, operation: &Operation) -> bool {
        operation.needs.iter().any(|&first| {
            let first = &self.operations[first];
            first.step == Step::Failed || first.step == Step::Ready && self.is_hopeless(first)
        })
    }

    /// Whether everything is done.
    pub fn is_complete(&self) -> bool {
        self.operations
            .iter()
            .all(|operation| operation.step == Step::Done)
    }

    /// Whether the next step of an operation sends a call that changes something.
    pub fn sends(&self, at: usize) -> bool {
        matches!(
            self.operations[at].step,
            Step::Create | Step::Settle { sent: false, .. } | Step::Delete { .. }
        )
    }

    /// `Run::put`.
    fn put(&mut self, place: Place, record: Record) {
        let first = !std::mem::replace(&mut self.fresh[place], true);
        let old = self.kept[place].current.replace(record);
        let beside = old.filter(|old| first && old.id != record.id);
        self.kept[place].aside.extend(beside.map(|old| old.id));
    }

    /// `Run::forget`.
    fn forget(&mut self, place: Place, id: Id) {
        self.gone[place].push(id);
        let kept = &mut self.kept[place];
        kept.current = kept.current.filter(|record| record.id != id);
        kept.aside.retain(|aside| *aside != id);
    }

    /// Takes the next step of an operation; `None` while it waits.
    pub fn step(&mut self, model: &Model, aws: &mut Aws, at: usize, fate: Fate) -> Option<()> {
        let mut operation = self.operations[at].clone();
        let place = operation.place;
        operation.step = match operation.step {
            Step::Ready => self.begin(model, aws, &mut operation)?,
            Step::Look => match self.left(model, aws, &operation) {
                Left::Waits => return None,
                Left::Several => Step::Failed,
                Left::One(id) => found_at(id),
                Left::Nothing if operation.lives == LIVES => Step::Failed,
                Left::Nothing => {
                    operation.lives += 1;
                    Step::Create
                }
            },
            Step::Create => self.create(model, aws, &mut operation, fate)?,
            Step::Doubt => match self.left(model, aws, &operation) {
                Left::Waits => return None,
                Left::Several => Step::Failed,
                Left::One(id) => found_at(id),
                Left::Nothing if model.kind(place).token || model.lag_is_over(aws) => Step::Create,
                Left::Nothing => return None,
            },
            Step::Settle { id, origin, sent } => {
                self.settle(model, aws, &mut operation, (id, origin, sent), fate)?
            }
            Step::Delete { id, then } => {
                let arrives = fate != Fate::NeverArrives;
                let refusal = arrives.then(|| aws.delete(id, model.kind(place), model.named).err());
                match (fate, refusal.flatten()) {
                    (Fate::Answered, Some(Refusal::Dependency)) => return None,
                    (Fate::Answered, _) => Step::Vanish { id, then },
                    _ => match aws.seen(id) {
                        Seen::Absent => self.gone_for_good(&mut operation, id, then),
                        Seen::Deleting => Step::Vanish { id, then },
                        _ => Step::Delete { id, then },
                    },
                }
            }
            Step::Vanish { id, then } => match aws.seen(id) {
                Seen::Absent => self.gone_for_good(&mut operation, id, then),
                _ => return None,
            },
            Step::Sweep => self.sweep(model, aws, &operation),
            Step::Done | Step::Failed => return None,
        };
        self.operations[at] = operation;
        Some(())
    }

    /// `Run::perform`.
    fn begin(&self, model: &Model, aws: &Aws, operation: &mut Operation) -> Option<Step> {
        let is_done = |first: &usize| self.operations[*first].step == Step::Done;
        if !operation.needs.iter().all(is_done) {
            return None;
        }
        if let Some(id) = operation.removes {
            return Some(Step::Delete {
                id,
                then: Then::Sweep,
            });
        }
        if let Some(parent) = model.parts[operation.place].1 {
            operation.parent = self.kept[parent].current.map(|record| record.id);
        }
        // `Work::was_alike`: what was made to another wish is nobody's predecessor.
        let wish = model.to.as_ref()?[operation.place];
        let is_alike = |id: &&Id| {
            let object = aws.object(**id);
            object.wish.fixed == wish.fixed && object.parent == operation.parent
        };
        let gone = &self.gone[operation.place];
        if let Some(id) = gone.last().filter(is_alike) {
            operation.predecessor = Some(*id);
        }
        operation.gone.extend(gone);
        Some(match operation.known {
            Some((id, origin)) => Step::Settle {
                id,
                origin,
                sent: false,
            },
            None => Step::Look,
        })
    }

    /// What `Work::locate` makes of what it sees.
    fn left(&self, model: &Model, aws: &Aws, operation: &Operation) -> Left {
        let all = found(model, aws, operation.place, operation.parent);
        let left: Vec<Id> = all
            .iter()
            .copied()
            .filter(|id| !operation.gone.contains(id))
            .collect();
        match left[..] {
            [] => Left::Nothing,
            [id] if all.len() == 1 && aws.seen(id) == Seen::Deleting => Left::Waits,
            [id] => Left::One(id),
            _ => Left::Several,
        }
    }

    /// `Work::create` and `Work::bring_forth`.
    fn create(
        &mut self,
        model: &Model,
        aws: &mut Aws,
        operation: &mut Operation,
        fate: Fate,
    ) -> Option<Step> {
        let place = operation.place;
        let wish = model.to.as_ref()?[place];
        let token = Token {
            place,
            wish,
            parent: operation.parent,
            predecessor: operation.predecessor,
        };
        let tagged = model.kind(place).tagged && model.flaw != Some(Flaw::TagsLater);
        if fate == Fate::NeverArrives {
            return Some(Step::Doubt);
        }
        let reply = aws.create(model.kind(place), token, tagged);
        match reply {
            _ if fate == Fate::ReplyLost => Some(Step::Doubt),
            Ok(id) => {
                let record = Record {
                    id,
                    wish,
                    parent: operation.parent,
                    ready: false,
                    whole: true,
                };
                self.put(place, record);
                Some(Step::Settle {
                    id,
                    origin: Origin::Created,
                    sent: false,
                })
            }
            // Another try may be what made it, or what has the name is about to go.
            Err(_) => match found(model, aws, place, operation.parent)[..] {
                [id] if aws.seen(id) != Seen::Deleting => Some(found_at(id)),
                _ => None,
            },
        }
    }

    /// `Work::settle`.
    fn settle(
        &mut self,
        model: &Model,
        aws: &mut Aws,
        operation: &mut Operation,
        (id, origin, sent): (Id, Origin, bool),
        fate: Fate,
    ) -> Option<Step> {
        let place = operation.place;
        let wish = model.to.as_ref()?[place];
        let kind = model.kind(place);
        let anew = || match operation.lives == LIVES {
            true => Step::Failed,
            false => Step::Delete {
                id,
                then: Then::Anew,
            },
        };
        let seen = aws.seen(id);
        if fate != Fate::Answered && seen != Seen::Live {
            // It sends nothing now.
            return None;
        }
        match seen {
            Seen::Absent if aws.object(id).born_shown || model.lag_is_over(aws) => {
                Some(self.gone_for_good(operation, id, Then::Anew))
            }
            Seen::Absent | Seen::Pending | Seen::Deleting => None,
            Seen::Failed => {
                if origin == Origin::Found {
                    let record = Record {
                        id,
                        wish,
                        parent: operation.parent,
                        ready: false,
                        whole: true,
                    };
                    self.put(place, record);
                }
                Some(match kind.stateful && origin != Origin::Created {
                    true => Step::Failed,
                    false => anew(),
                })
            }
            Seen::Live => {
                let record = live(aws, id);
                self.put(place, record);
                let is_fit = record.wish.fixed == wish.fixed && record.parent == operation.parent;
                if !is_fit {
                    let may_go = origin == Origin::Found && !kind.stateful;
                    return Some(if may_go { anew() } else { Step::Failed });
                }
                let is_tagged = aws.object(id).tagged || !kind.tagged;
                if record.wish == wish && is_tagged {
                    return (fate == Fate::Answered).then_some(Step::Done);
                }
                if sent {
                    // AWS does not show the change yet, or there is none.
                    return aws.object(id).size_shown.then_some(Step::Failed);
                }
                if fate != Fate::NeverArrives {
                    if aws.object(id).ends() {
                        return Some(Step::Failed);
                    }
                    aws.resize(id, wish.size);
                    if !is_tagged {
                        aws.tag(id);
                    }
                }
                let sent = fate == Fate::Answered;
                Some(Step::Settle { id, origin, sent })
            }
        }
    }

    /// The end of `Work::delete`.
    fn gone_for_good(&mut self, operation: &mut Operation, id: Id, then: Then) -> Step {
        self.forget(operation.place, id);
        match then {
            Then::Anew => {
                operation.gone.push(id);
                operation.predecessor = Some(id);
                Step::Look
            }
            Then::Sweep => Step::Sweep,
        }
    }

    /// `Work::sweep`.
    fn sweep(&self, model: &Model, aws: &Aws, operation: &Operation) -> Step {
        let kind = model.kind(operation.place);
        let is_made = |other: &Operation| other.removes.is_none() && other.place == operation.place;
        let is_left = self.operations.iter().any(is_made) && model.flaw != Some(Flaw::GreedySweep);
        if !kind.tagged || kind.stateful || is_left {
            return Step::Done;
        }
        let is_kept = |id: &Id| {
            let has = |kept: &Kept| {
                kept.aside.contains(id) || kept.current.is_some_and(|record| record.id == *id)
            };
            self.kept.iter().any(has)
        };
        let others = found(model, aws, operation.place, operation.parent);
        let mut others = others
            .into_iter()
            .filter(|id| !is_kept(id) && aws.seen(*id) == Seen::Live);
        match others.next() {
            Some(id) => Step::Delete {
                id,
                then: Then::Sweep,
            },
            None => Step::Done,
        }
    }
}

/// `Options::lives`.
const LIVES: u8 = 2;

/// What is left of what was found once those known to be gone are passed over.
enum Left {
    Nothing,
    One(Id),
    Several,
    /// It is still being deleted.
    Waits,
}

fn found_at(id: Id) -> Step {
    Step::Settle {
        id,
        origin: Origin::Found,
        sent: false,
    }
}
