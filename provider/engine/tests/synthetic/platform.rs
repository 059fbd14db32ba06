//! Platforms made of random numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use platform_graph::{Graph, Handle, Kind, Owner, Tags};

use super::kinds::{Child, Flavor, Named, Plain, Preset, Slow, Store, Thing, Token};
use super::random::Random;

/// A part before it becomes one.
#[derive(Clone, Debug, Default)]
pub struct Sketch {
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
pub struct Platform {
    pub parts: BTreeMap<String, Sketch>,
    stage: u64,
    next: u64,
}

impl Platform {
    pub fn random(random: &mut Random) -> Self {
        let mut platform = Platform::default();
        for _ in 0..2 + random.below(8) {
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
                    .iter()
                    .filter(|plain| !taken.contains(*plain))
                    .cloned()
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
        if kind == "Store" && random.chance(400) {
            part.parent = random.pick(&plains).cloned();
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

    pub fn edit(&mut self, random: &mut Random) {
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
                    // What is older refers to nothing that is younger.
                    let mut plains = self.of_kind("Plain");
                    plains.retain(|plain| number(plain) < number(&address));
                    let Some(part) = self.parts.get_mut(&address) else {
                        continue;
                    };
                    match other {
                        4 if part.kind != "Preset" => part.fixed = Some(format!("f{}", self.stage)),
                        5 => {
                            part.uses.clear();
                            if part.kind == "Store" && part.parent.is_some() {
                                part.parent = random.pick(&plains).cloned().or(part.parent.take());
                            }
                        }
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

    pub fn graph(&self) -> Graph {
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

/// A tree: each part under what it can't be without, with its kind, what is special about it, and what it uses.
impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (address, part) in &self.parts {
            if part.above().is_none() {
                self.branch(f, address, part, 1)?;
            }
        }
        Ok(())
    }
}

impl Platform {
    fn branch(
        &self,
        f: &mut fmt::Formatter<'_>,
        address: &str,
        part: &Sketch,
        depth: usize,
    ) -> fmt::Result {
        let place = format!("{:width$}{address}", "", width = 2 * depth);
        writeln!(f, "{place:<20} {part}")?;
        for (other, below) in &self.parts {
            if below.above().is_some_and(|above| above == address) {
                self.branch(f, other, below, depth + 1)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let Some(name) = &self.name {
            write!(f, " {name}")?;
        }
        if let Some(size) = self.size {
            write!(f, ", size {size}")?;
        }
        if let Some(fixed) = &self.fixed {
            write!(f, ", fixed {fixed}")?;
        }
        if let (Some(holds), Some(_)) = (&self.holds, &self.parent) {
            write!(f, ", holds {holds}")?;
        }
        if !self.uses.is_empty() {
            let uses: Vec<&str> = self.uses.iter().map(String::as_str).collect();
            let what = if self.arns { "ARN of " } else { "" };
            write!(f, ", uses {what}{}", uses.join(", "))?;
        }
        Ok(())
    }
}

impl Sketch {
    /// What it can't be without.
    fn above(&self) -> Option<&String> {
        self.parent.as_ref().or(self.holds.as_ref())
    }

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

/// When a part came into being, out of its address.
fn number(address: &str) -> Option<u64> {
    address.rsplit_once('/')?.1.parse().ok()
}

pub fn owner() -> Owner {
    "platform_test/us-east-1/main".parse().unwrap()
}
