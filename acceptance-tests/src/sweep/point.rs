//! Where and how a run is disturbed: a phase, the number of a mutating call, what becomes of that call, and who is
//! hit.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::Delivery;

/// Something with a fixed set of names, used alike on the command line, in the table and in the report.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $type {
            /// All of them.
            pub const ALL: &[$type] = &[$($type::$variant),+];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self {
                    $($type::$variant => $name,)+
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(name: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|known| known.name() == name).ok_or_else(|| {
                    let names: Vec<&str> = Self::ALL.iter().map(|known| known.name()).collect();
                    format!("`{name}` is none of {}", names.join(", "))
                })
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}

named! {
    /// What the disturbed run does.
    Phase {
        /// Applies the first configuration to an empty account.
        Create = "create",
        /// Applies the second configuration to what the first one made.
        Update = "update",
        /// Destroys what the last configuration made.
        Destroy = "destroy",
    }
}

named! {
    /// What becomes of the call at which the run is disturbed.
    Variant {
        /// AWS executes it, its reply is lost.
        Withheld = "withheld",
        /// AWS executes it, its reply arrives.
        Delivered = "delivered",
        /// It does not reach AWS.
        NeverSent = "never-sent",
    }
}

named! {
    /// Who is hit.
    Disturbance {
        /// `kill -9` of terraform and the provider at once, as a power cut does.
        Kill = "kill",
        /// `kill -9` of the provider alone.
        KillProvider = "kill-provider",
        /// Ctrl-C: an interrupt for terraform and the provider, as a terminal sends it.
        Interrupt = "interrupt",
    }
}

impl Variant {
    /// The proxy's word for it.
    pub fn delivery(self) -> Delivery {
        match self {
            Variant::Withheld => Delivery::Withheld,
            Variant::Delivered => Delivery::Delivered,
            Variant::NeverSent => Delivery::NeverSent,
        }
    }
}

/// A kind of disturbance in a phase: one line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Case {
    /// What is under way.
    pub phase: Phase,
    /// What becomes of the call.
    pub variant: Variant,
    /// Who is hit.
    pub disturbance: Disturbance,
}

impl Case {
    /// The two cases that hashicorp/aws is known by: a reply lost to a kill, and Ctrl-C.
    pub fn of_incumbent(phase: Phase) -> Vec<Case> {
        [
            (Variant::Withheld, Disturbance::Kill),
            (Variant::Delivered, Disturbance::Interrupt),
        ]
        .map(|(variant, disturbance)| Case {
            phase,
            variant,
            disturbance,
        })
        .to_vec()
    }

    /// Every case of a phase: each variant with each of kill and Ctrl-C, and the death of the provider alone, whose
    /// outcome can depend on the call only where the reply is lost.
    pub fn of(phase: Phase) -> Vec<Case> {
        let case = |disturbance| {
            move |variant| Case {
                phase,
                variant,
                disturbance,
            }
        };
        let all = || Variant::ALL.iter().copied();
        all()
            .map(case(Disturbance::Kill))
            .chain(all().map(case(Disturbance::Interrupt)))
            .chain([case(Disturbance::KillProvider)(Variant::Withheld)])
            .collect()
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at a call of {}, {}",
            self.disturbance, self.phase, self.variant
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_refused_with_the_choice() {
        for phase in Phase::ALL {
            assert_eq!(phase.name().parse::<Phase>().unwrap(), *phase);
        }
        let refused = "lost".parse::<Variant>().unwrap_err();
        assert_eq!(refused, "`lost` is none of withheld, delivered, never-sent");
    }

    #[test]
    fn every_phase_has_seven_cases() {
        assert_eq!(Case::of(Phase::Create).len(), 7);
    }
}
