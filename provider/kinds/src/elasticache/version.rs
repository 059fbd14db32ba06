//! Versions of engines, compared by what they mean.

/// The numbers of a version: `8.0.1` is 8, 0, 1, and `6.x` is 6.
fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map_while(|piece| piece.parse().ok())
        .collect()
}

/// Whether a cache that runs `live` is as new as `asked`: of the same major version, and not older.
///
/// ElastiCache raises minor versions by itself, shows patches that can't be asked for, and never goes back.
pub(super) fn satisfies(live: &str, asked: &str) -> bool {
    let (live, asked) = (numbers(live), numbers(asked));
    match (live.first(), asked.first()) {
        (Some(a), Some(b)) => a == b && live >= asked,
        _ => live == asked,
    }
}

/// Name of the parameter group that ElastiCache has for an engine, as for `valkey` of `8.0` with shards: `default.valkey8.cluster.on`.
pub(super) fn default_parameters(engine: &str, version: &str, sharded: bool) -> String {
    let major = numbers(version).first().copied().unwrap_or_default();
    let family = match (engine, major) {
        ("redis", 6) => "redis6.x".to_owned(),
        ("redis", ..6) => {
            let minor: Vec<String> = version.split('.').take(2).map(str::to_owned).collect();
            format!("redis{}", minor.join("."))
        }
        _ => format!("{engine}{major}"),
    };
    format!(
        "default.{family}{}",
        if sharded { ".cluster.on" } else { "" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_elasticache_raises_by_itself_satisfies_what_was_asked() {
        for (live, asked, expected) in [
            ("8.0.1", "8", true),
            ("8.0.1", "8.0", true),
            ("8.1.0", "8.0", true),
            ("8.0.1", "8.1", false),
            ("7.2.6", "8.0", false),
            ("8.0.1", "7.2", false),
            ("7.1.0", "7.1", true),
            ("6.2.6", "6.x", true),
        ] {
            assert_eq!(satisfies(live, asked), expected, "{live} for {asked}");
        }
    }

    #[test]
    fn every_engine_has_default_parameters() {
        for (engine, version, sharded, expected) in [
            ("valkey", "8.0", true, "default.valkey8.cluster.on"),
            ("valkey", "7.2", false, "default.valkey7"),
            ("redis", "7.1", true, "default.redis7.cluster.on"),
            ("redis", "6.2", false, "default.redis6.x"),
            ("redis", "5.0.6", false, "default.redis5.0"),
        ] {
            assert_eq!(default_parameters(engine, version, sharded), expected);
        }
    }
}
