//! Decisions that nobody can foresee, drawn from a script, and the enumeration of all scripts.

use std::fmt::{Debug, Display};

/// One decision that was taken.
struct Decision {
    chosen: usize,
    options: usize,
}

/// What happens at each decision of one execution: first what is laid down, then always the first option, which is the one
/// without a fault.
pub struct Script {
    laid_down: Vec<usize>,
    taken: Vec<Decision>,
    budget: usize,
    /// Faults so far, in words.
    pub faults: Vec<String>,
    /// Nothing goes wrong any more.
    pub calm: bool,
}

impl Script {
    /// The script of an execution in which nothing goes wrong.
    pub fn faultless() -> Self {
        Script::new(Vec::new(), 0)
    }

    fn new(laid_down: Vec<usize>, budget: usize) -> Self {
        Script {
            laid_down,
            taken: Vec::new(),
            budget,
            faults: Vec::new(),
            calm: false,
        }
    }

    /// Takes one of `options`; every one but the first is a fault and uses up one of the budget.
    pub fn choose<T: Copy + Debug>(&mut self, what: impl Display, options: &[T]) -> T {
        if self.calm || options.len() < 2 || self.faults.len() == self.budget {
            return options[0];
        }
        let chosen = self
            .laid_down
            .get(self.taken.len())
            .copied()
            .unwrap_or_default();
        self.taken.push(Decision {
            chosen,
            options: options.len(),
        });
        if chosen > 0 {
            self.faults.push(format!("{what}: {:?}", options[chosen]));
        }
        options[chosen]
    }

    /// The script that comes after this one in depth-first order.
    fn next(mut self) -> Option<Self> {
        while let Some(last) = self.taken.pop() {
            let spent = self.taken.iter().filter(|d| d.chosen > 0).count();
            if last.chosen + 1 < last.options && spent < self.budget {
                let mut laid_down: Vec<usize> = self.taken.iter().map(|d| d.chosen).collect();
                laid_down.push(last.chosen + 1);
                return Some(Script::new(laid_down, self.budget));
            }
        }
        None
    }
}

/// How an execution ended: the script it followed, with what it met, and whether all was well.
pub struct Execution {
    pub script: Script,
    pub result: Result<(), String>,
}

/// Executes every script with at most `budget` faults, those with fewer first. `run` gets a script and whether a person is
/// going to read the trace.
///
/// # Errors
/// What went wrong in the first execution that did: the fewest faults come first. Otherwise the number of executions.
pub fn explore(
    budget: usize,
    mut run: impl FnMut(Script, bool) -> Execution,
) -> Result<usize, String> {
    let mut executions = 0;
    for budget in 0..=budget {
        let mut next = Some(Script::new(Vec::new(), budget));
        executions = 0;
        while let Some(script) = next {
            let laid_down = script.laid_down.clone();
            let execution = run(script, false);
            executions += 1;
            if execution.result.is_err() {
                let again = run(Script::new(laid_down, budget), true);
                let faults = again.script.faults.join("\n  ");
                return Err(match again.result {
                    Err(why) => format!("with these faults:\n  {faults}\n{why}"),
                    Ok(()) => format!("not the same twice, with these faults:\n  {faults}"),
                });
            }
            next = execution.script.next();
        }
    }
    Ok(executions)
}
