//! What a platform costs a month.
//!
//! # Flow
//! Each part becomes lines by its type: what is charged by the hour is fixed; what is charged by use is a band from little
//! to much use, with the use assumed. Prices come from a [`PriceBook`]; one is part of the program, another can be passed.
//!
//! # Guarantees
//! A part is priced, known to be free of charge, or listed as not priced: none is passed over in silence.
//!
//! # Caveats
//! List prices without discounts and tax. Data transfer out to the internet is not part of a network's parts and so not counted.

mod charges;
mod price_book;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::CompositeView;
use charges::{Charge, Rates, charge, note};
pub use price_book::{PriceBook, Prices};

/// What some composites cost a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// ISO 4217 code of all amounts.
    pub currency: String,
    /// Where the prices come from.
    pub source: String,
    /// Month in which they were valid.
    pub as_of: String,
    /// What is due whatever happens.
    pub fixed: f64,
    /// What use adds if it is little.
    pub usage_low: f64,
    /// What use adds if it is much.
    pub usage_high: f64,
    /// The single amounts, in order of composite and address.
    pub lines: Vec<Line>,
    /// Parts without a charge of their own, counted by type.
    pub free: BTreeMap<String, usize>,
    /// Parts of types that the program has no price for: composite and address, by type.
    pub not_priced: BTreeMap<String, Vec<String>>,
    /// What to know when reading the amounts.
    pub notes: Vec<String>,
}

/// One amount.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Terraform address of the composite.
    pub composite: String,
    /// Address of the part.
    pub part: String,
    /// What is charged and how the amount comes about.
    pub item: String,
    /// Amount a month, or the lower end of its band.
    pub low: f64,
    /// Amount a month, or the upper end of its band.
    pub high: f64,
    /// The use that was assumed; `None` where the amount is fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<String>,
}

/// Prices the parts of some composites.
pub fn cost(views: &[CompositeView], book: &PriceBook) -> Cost {
    let mut cost = Cost {
        currency: book.currency.clone(),
        source: book.source.clone(),
        as_of: book.as_of.clone(),
        fixed: 0.0,
        usage_low: 0.0,
        usage_high: 0.0,
        lines: Vec::new(),
        free: BTreeMap::new(),
        not_priced: BTreeMap::new(),
        notes: Vec::new(),
    };
    for view in views {
        let Some((region, prices)) = book.prices(view.region.as_deref()) else {
            continue;
        };
        if view.region.as_deref() != Some(region) {
            cost.notes.push(format!(
                "{} is in {}, for which the price book has no prices: those of {region} are used",
                view.address,
                view.region.as_deref().unwrap_or("an unknown region")
            ));
        }
        let rates = Rates {
            prices,
            fallback: book.fallback().unwrap_or(prices),
            fallback_region: &book.fallback_region,
            hours: book.hours_per_month,
        };
        for (address, part) in &view.parts {
            cost.notes.extend(note(&view.address, address, part));
            match charge(view, part, &rates) {
                Charge::Free => *cost.free.entry(part.kind.clone()).or_default() += 1,
                Charge::Unknown => cost
                    .not_priced
                    .entry(part.kind.clone())
                    .or_default()
                    .push(format!("{} {address}", view.address)),
                Charge::Amounts(amounts) => {
                    cost.lines.extend(amounts.into_iter().map(|amount| Line {
                        composite: view.address.clone(),
                        part: address.clone(),
                        item: amount.item,
                        low: cents(amount.low),
                        high: cents(amount.high),
                        assumed: amount.assumed,
                    }))
                }
            }
        }
    }
    let sum = |chosen: &dyn Fn(&Line) -> Option<f64>| {
        // The sum of nothing would be -0.
        let all = cost.lines.iter().filter_map(chosen);
        cents(all.fold(0.0, |sum, amount| sum + amount))
    };
    let fixed = sum(&|line| line.assumed.is_none().then_some(line.low));
    let usage_low = sum(&|line| line.assumed.as_ref().map(|_| line.low));
    let usage_high = sum(&|line| line.assumed.as_ref().map(|_| line.high));
    (cost.fixed, cost.usage_low, cost.usage_high) = (fixed, usage_low, usage_high);
    cost
}

/// Rounded to cents, so that the total is the sum of what the lines show.
fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let composites: BTreeSet<&str> = self
            .lines
            .iter()
            .map(|line| line.composite.as_str())
            .collect();
        let width = self
            .lines
            .iter()
            .map(|line| line.part.chars().count())
            .max()
            .unwrap_or(0);
        for composite in composites {
            writeln!(f, "{composite}")?;
            for line in self.lines.iter().filter(|line| line.composite == composite) {
                let amount = match line.assumed {
                    None => format!("{:.2}", line.low),
                    Some(_) => format!("{:.2} to {:.2}", line.low, line.high),
                };
                write!(f, "  {:width$}  {amount:>18}  {}", line.part, line.item)?;
                match &line.assumed {
                    None => writeln!(f)?,
                    Some(assumed) => writeln!(f, "; {assumed}")?,
                }
            }
        }
        let currency = &self.currency;
        writeln!(f, "fixed:    {:>9.2} {currency} a month", self.fixed)?;
        writeln!(
            f,
            "by usage: {:>9.2} to {:.2} {currency} a month, with the use assumed above",
            self.usage_low, self.usage_high
        )?;
        let free: usize = self.free.values().sum();
        if free > 0 {
            writeln!(f, "{free} parts have no charge of their own")?;
        }
        for (kind, parts) in &self.not_priced {
            writeln!(f, "not priced: {kind} ({})", parts.join(", "))?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        writeln!(f, "prices: {} ({})", self.source, self.as_of)
    }
}
