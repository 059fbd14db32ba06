//! Decimal numbers in the forms in which the wire carries them.

use std::fmt;

/// A number, kept as it arrived: Terraform computes with 512 bits, so neither `i64` nor `f64` holds every one.
///
/// Equality is by decimal value, whatever the form; a float counts as its shortest decimal.
#[derive(Debug, Clone)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// A whole number beyond `i64::MAX`.
    Uint(u64),
    /// A binary fraction. 0.1 written in HCL is not one: it arrives as a decimal.
    Float(f64),
    /// The digits of anything else, for example `0.1` or `1e40`.
    Decimal(String),
}

impl Number {
    /// Reads a decimal such as `12`, `-0.5` or `6.02e23`; `None` if the text is none.
    pub fn parse(text: &str) -> Option<Number> {
        if let Ok(int) = text.parse() {
            return Some(Number::Int(int));
        }
        if let Ok(uint) = text.parse() {
            return Some(Number::Uint(uint));
        }
        Normal::parse(text).map(|_| Number::Decimal(text.to_owned()))
    }

    /// The value, if it is whole and in range, whatever its form.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Number::Int(int) => Some(*int),
            Number::Uint(_) => None,
            Number::Float(_) | Number::Decimal(_) => self.normal()?.to_i64(),
        }
    }

    /// The nearest double.
    pub fn as_f64(&self) -> f64 {
        match self {
            Number::Int(int) => *int as f64,
            Number::Uint(uint) => *uint as f64,
            Number::Float(float) => *float,
            Number::Decimal(text) => text.parse().unwrap_or(f64::NAN),
        }
    }

    fn normal(&self) -> Option<Normal> {
        Normal::parse(&self.to_string())
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => a == b,
            (Number::Uint(a), Number::Uint(b)) => a == b,
            (Number::Float(a), Number::Float(b)) => a == b,
            _ => self
                .normal()
                .is_some_and(|normal| Some(normal) == other.normal()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(int) => int.fmt(f),
            Number::Uint(uint) => uint.fmt(f),
            Number::Float(float) => float.fmt(f),
            Number::Decimal(text) => f.write_str(text),
        }
    }
}

impl From<i64> for Number {
    fn from(int: i64) -> Number {
        Number::Int(int)
    }
}

impl From<u64> for Number {
    fn from(uint: u64) -> Number {
        i64::try_from(uint).map_or(Number::Uint(uint), Number::Int)
    }
}

/// `0.digits × 10^exponent` with neither leading nor trailing zeros: one form for each value.
#[derive(PartialEq)]
struct Normal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Normal {
    fn parse(text: &str) -> Option<Normal> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let all_digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_start_matches('0');
        if significant.is_empty() {
            return Some(Normal {
                negative: false,
                digits: String::new(),
                exponent: 0,
            });
        }
        let leading_zeros = i64::try_from(digits.len() - significant.len()).ok()?;
        let exponent = i64::from(exponent) + i64::try_from(whole.len()).ok()? - leading_zeros;
        Some(Normal {
            negative,
            digits: significant.trim_end_matches('0').to_owned(),
            exponent,
        })
    }

    fn to_i64(&self) -> Option<i64> {
        let length = usize::try_from(self.exponent).ok()?;
        if self.digits.len() > length || length > 19 {
            return None;
        }
        let sign = if self.negative { "-" } else { "" };
        if length == 0 {
            Some(0)
        } else {
            format!("{sign}{:0<length$}", self.digits).parse().ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Number {
        Number::Decimal(text.into())
    }

    #[test]
    fn equality_is_by_value() {
        for (a, b) in [
            (Number::Int(1), Number::Float(1.0)),
            (Number::Int(100), decimal("1e2")),
            (Number::Int(0), decimal("-0.0")),
            (Number::Float(0.1), decimal("0.1")),
            (Number::Float(-2.5), decimal("-25e-1")),
            (Number::Uint(u64::MAX), decimal("18446744073709551615")),
            (decimal("0.00120"), decimal("1.2E-3")),
        ] {
            assert_eq!(a, b);
        }
        assert_ne!(Number::Int(1), Number::Int(-1));
        assert_ne!(decimal("0.1"), decimal("0.10000000000000000001"));
        assert_ne!(Number::Float(f64::NAN), Number::Float(f64::NAN));
    }

    #[test]
    fn only_decimals_are_numbers() {
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "0x1",
            "1e",
            "1e99999999999",
            "inf",
            "NaN",
            "1_000",
            "１",
        ] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
        assert!(matches!(Number::parse("-7"), Some(Number::Int(-7))));
        assert!(matches!(
            Number::parse("9223372036854775808"),
            Some(Number::Uint(_))
        ));
        assert!(matches!(Number::parse("3.0"), Some(Number::Decimal(_))));
    }

    #[test]
    fn whole_numbers_in_any_form() {
        assert_eq!(decimal("3.0").as_i64(), Some(3));
        assert_eq!(decimal("-12e1").as_i64(), Some(-120));
        assert_eq!(Number::Float(4096.0).as_i64(), Some(4096));
        assert_eq!(decimal("0.0").as_i64(), Some(0));
        for none in [
            decimal("0.5"),
            decimal("1e30"),
            decimal("9223372036854775808"),
            Number::Float(f64::INFINITY),
        ] {
            assert_eq!(none.as_i64(), None);
        }
    }
}
