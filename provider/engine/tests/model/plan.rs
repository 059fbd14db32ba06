//! What comes before the operations of a run: looking, refreshing, planning.

use crate::aws::{Aws, Id, Kind, Object, Place, Seen};
use crate::process::{Kept, Operation, Origin, Record, Step};
use crate::{Flaw, Model};

/// `platform_graph::Action`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Keep,
    Create,
    Update,
    Replace { create_first: bool },
}

/// Ids that `find` shows for a part without an id, whatever their condition.
pub fn found(model: &Model, aws: &Aws, place: Place, parent: Option<Id>) -> Vec<Id> {
    let kind = model.kind(place);
    let is_meant = |object: &Object| {
        object.place == place
            && object.seen() != Seen::Absent
            && match kind {
                Kind {
                    named: true,
                    tagged: false,
                    ..
                } => object.parent == parent,
                Kind { named: true, .. } => true,
                Kind { .. } => object.tagged,
            }
    };
    if model.flaw == Some(Flaw::NoLook) {
        return Vec::new();
    }
    let meant = aws.each().filter(|(_, object)| is_meant(object));
    meant.map(|(id, _)| id).collect()
}

/// `Engine::refresh`.
pub fn refresh(model: &Model, aws: &Aws, saved: &[Kept]) -> Vec<Kept> {
    let mut all = saved.to_vec();
    for (place, kept) in all.iter_mut().enumerate() {
        kept.aside.retain(|id| aws.seen(*id) != Seen::Absent);
        let Some(mut record) = kept.current else {
            continue;
        };
        let kind = model.kind(place);
        if aws.seen(record.id) == Seen::Absent {
            kept.current = None;
            let mut others = found(model, aws, place, record.parent);
            others.retain(|id| !kept.aside.contains(id));
            let [id] = others[..] else {
                continue;
            };
            if !kind.tagged {
                continue;
            }
            record.id = id;
            record.whole = false;
        } else if matches!(aws.seen(record.id), Seen::Deleting | Seen::Failed) && !kind.stateful {
            kept.current = None;
            kept.aside.push(record.id);
            continue;
        }
        kept.current = Some(match aws.seen(record.id) {
            Seen::Live => live(aws, record.id),
            _ => Record {
                ready: false,
                ..record
            },
        });
    }
    all
}

/// What is recorded of an object that is seen live.
pub fn live(aws: &Aws, id: Id) -> Record {
    let object = aws.object(id);
    let mut wish = object.wish;
    if !object.size_shown {
        // There are two sizes.
        wish.size = 1 - wish.size;
    }
    Record {
        id,
        wish,
        parent: object.parent,
        ready: true,
        whole: true,
    }
}

/// `Plan::new` and `Plan::operations`. `None` when it refuses.
pub fn plan(model: &Model, kept: &[Kept]) -> Option<Vec<Operation>> {
    let mut actions: Vec<Action> = Vec::new();
    for (place, kept) in kept.iter().enumerate() {
        let action = match (model.to.as_ref().map(|to| to[place]), kept.current) {
            (None, _) => Action::Keep,
            (Some(_), None) => Action::Create,
            (Some(wish), Some(record)) => {
                let first = model.parts[place].1.map(|parent| actions[parent]);
                let moves = matches!(first, Some(Action::Create | Action::Replace { .. }));
                let after_end = matches!(
                    first,
                    Some(Action::Replace {
                        create_first: false
                    })
                );
                let kind = model.kind(place);
                if record.whole && (record.wish.fixed != wish.fixed || moves) {
                    if kind.stateful && !model.named {
                        return None;
                    }
                    let create_first = kind.create_first && !after_end;
                    Action::Replace { create_first }
                } else if record.wish != wish || !record.ready {
                    Action::Update
                } else {
                    Action::Keep
                }
            }
        };
        actions.push(action);
    }
    let mut operations = Vec::new();
    let mut add = |place, removes, known| {
        operations.push(Operation {
            place,
            removes,
            step: Step::Ready,
            needs: Vec::new(),
            known,
            gone: Vec::new(),
            predecessor: None,
            parent: None,
            lives: 0,
        });
    };
    for (place, kept) in kept.iter().enumerate() {
        if model.to.is_some() && actions[place] != Action::Keep {
            let known = kept.current.filter(|_| actions[place] == Action::Update);
            let origin = |record: Record| match record.ready {
                true => Origin::Recorded,
                false => Origin::Found,
            };
            add(place, None, known.map(|record| (record.id, origin(record))));
        }
        let goes = model.to.is_none() || matches!(actions[place], Action::Replace { .. });
        let current = kept.current.filter(|_| goes).map(|record| record.id);
        for id in current.into_iter().chain(kept.aside.iter().copied()) {
            add(place, Some(id), None);
        }
    }
    let is_current = |operation: &Operation| {
        let current = kept[operation.place].current.map(|record| record.id);
        operation.removes.is_some() && operation.removes == current
    };
    let needs = |then: &Operation, first: &Operation| {
        let below = |upper: Place, lower: Place| model.parts[lower].1 == Some(upper);
        match (then.removes, first.removes) {
            (None, None) => below(first.place, then.place),
            (None, Some(_)) if then.place != first.place => false,
            (None, Some(_)) => match actions[then.place] {
                Action::Replace { create_first } => !create_first && is_current(first),
                Action::Create => true,
                _ => false,
            },
            (Some(_), Some(_)) => is_current(then) && below(then.place, first.place),
            (Some(_), None) => match actions[first.place] {
                Action::Replace { create_first } => {
                    create_first && then.place == first.place && is_current(then)
                }
                Action::Update => is_current(then) && below(then.place, first.place),
                _ => false,
            },
        }
    };
    let all = operations.clone();
    for operation in &mut operations {
        let firsts = all.iter().enumerate();
        let firsts = firsts.filter(|(_, first)| needs(operation, first));
        operation.needs = firsts.map(|(at, _)| at).collect();
    }
    for (operation, place) in operations.iter_mut().zip(all.iter().map(|o| o.place)) {
        // `Work::make`: what is to be replaced is passed over, and is nobody's predecessor.
        if operation.removes.is_none() && operation.known.is_none() {
            operation
                .gone
                .extend(kept[place].current.map(|record| record.id));
            if model.flaw == Some(Flaw::TokenOfReplaced) {
                operation.predecessor = operation.gone.last().copied();
            }
        }
    }
    Some(operations)
}
