//! Where a value sits inside a resource's configuration or state.

use std::fmt;

use crate::proto::tfplugin6 as wire;

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// An attribute or block of an object.
    Attribute(String),
    /// An element of a map.
    Key(String),
    /// An element of a list or tuple, from zero.
    Index(usize),
}

/// The steps from a resource's top level to one value in it; empty means the whole resource.
///
/// Elements of sets have no address: a path ends at the set.
///
/// ```
/// use platform_protocol::AttributePath;
/// let path = AttributePath::attribute("tiers").key("private").child("cidr");
/// assert_eq!(path.to_string(), r#"tiers["private"].cidr"#);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributePath(Vec<Step>);

impl AttributePath {
    /// The whole resource.
    pub fn root() -> AttributePath {
        AttributePath::default()
    }

    /// The top-level attribute or block `name`.
    pub fn attribute(name: impl Into<String>) -> AttributePath {
        AttributePath::root().child(name)
    }

    /// The attribute `name` of the object here.
    #[must_use]
    pub fn child(self, name: impl Into<String>) -> AttributePath {
        self.step(Step::Attribute(name.into()))
    }

    /// The element `key` of the map here.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> AttributePath {
        self.step(Step::Key(key.into()))
    }

    /// The element `index` of the list here.
    #[must_use]
    pub fn index(self, index: usize) -> AttributePath {
        self.step(Step::Index(index))
    }

    /// One step further.
    #[must_use]
    pub fn step(mut self, step: Step) -> AttributePath {
        self.0.push(step);
        self
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether it names the whole resource.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    pub(crate) fn pop(&mut self) {
        self.0.pop();
    }

    pub(crate) fn to_wire(&self) -> wire::AttributePath {
        use wire::attribute_path::{Step as WireStep, step::Selector};
        let steps = self.0.iter().map(|step| WireStep {
            selector: Some(match step {
                Step::Attribute(name) => Selector::AttributeName(name.clone()),
                Step::Key(key) => Selector::ElementKeyString(key.clone()),
                Step::Index(index) => {
                    Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX))
                }
            }),
        });
        wire::AttributePath {
            steps: steps.collect(),
        }
    }
}

impl FromIterator<Step> for AttributePath {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> AttributePath {
        AttributePath(steps.into_iter().collect())
    }
}

/// As one would write it in HCL: `tiers["private"].subnets[0].cidr`.
impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
