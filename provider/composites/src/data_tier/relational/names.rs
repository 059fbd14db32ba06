//! Names that the engine of a database keeps for itself: RDS takes none of them for the first database or the master user.
//!
//! # Caveats
//! RDS publishes no list. Here are the words that PostgreSQL reserves, what its databases have from the start, and other words that RDS is
//! known to have refused; one that is not here may still be refused when the database is made.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html> and
//! <https://www.postgresql.org/docs/current/sql-keywords-appendix.html>.

use platform_graph::Problems;

use super::super::spec::Relational;
use super::{Engine, database};
use crate::schema::is_unknown_text;

/// Words that PostgreSQL reserves.
const RESERVED: [&str; 78] = [
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "column",
    "constraint",
    "create",
    "current_catalog",
    "current_date",
    "current_role",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "from",
    "grant",
    "group",
    "having",
    "in",
    "initially",
    "intersect",
    "into",
    "lateral",
    "leading",
    "limit",
    "localtime",
    "localtimestamp",
    "not",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "placing",
    "primary",
    "references",
    "returning",
    "select",
    "session_user",
    "some",
    "symmetric",
    "system_user",
    "table",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "when",
    "where",
    "window",
    "with",
];
/// Further words that RDS refuses for the user and the database of PostgreSQL.
const USERS: [&str; 1] = ["admin"];
const DATABASES: [&str; 8] = [
    "admin", "catalog", "comments", "database", "db", "dispatch", "flag", "identity",
];
/// Databases that are there from the start, by engine. RDS takes `postgres` all the same.
const POSTGRES: [&str; 3] = [RDS, "template0", "template1"];
const MYSQL: [&str; 4] = ["information_schema", "mysql", "performance_schema", "sys"];
/// The user with which RDS looks after a database.
const RDS: &str = "rdsadmin";
/// How roles begin that PostgreSQL has for itself.
const SYSTEM: &str = "pg_";

pub(super) fn check(engine: Engine, name: &str, spec: &Relational, problems: &mut Problems) {
    let is_among = |text: &str, further: &[&str]| {
        let word = text.to_lowercase();
        engine == Engine::PostgreSql
            && RESERVED
                .iter()
                .chain(further)
                .any(|reserved| *reserved == word)
    };
    let language = match engine {
        Engine::PostgreSql => "PostgreSQL",
        Engine::MySql => "MySQL",
    };
    let database = database(name, spec);
    // What is restored keeps its databases and its master user.
    if spec.restore.is_none() && !is_unknown_text(&database) {
        let own: &[&str] = match engine {
            Engine::PostgreSql => &POSTGRES,
            Engine::MySql => &MYSQL,
        };
        let lower = database.to_lowercase();
        let why = if own.contains(&lower.as_str()) {
            Some(format!("{language} has a {database:?} of its own"))
        } else {
            is_among(&database, &DATABASES).then(|| format!("{database:?} is a word of {language}"))
        };
        if let Some(why) = why {
            let advice = match spec.database {
                Some(_) => {
                    format!("Choose another name for the first database: \"{lower}_db\" will do.")
                }
                None => format!(
                    "The first database is named after the store. Write `database = \"{lower}_db\"`, or any other name."
                ),
            };
            problems.error([engine.sort(), name, "database"], why, advice);
        }
    }
    let user = spec.master_username.to_lowercase();
    let is_system = engine == Engine::PostgreSql && user.starts_with(SYSTEM);
    if spec.restore.is_none()
        && !is_unknown_text(&user)
        && (is_among(&user, &USERS) || is_system || user == RDS)
    {
        problems.error(
            [engine.sort(), name, "master_username"],
            format!("{user} is a word of {language}"),
            "Choose another name: RDS takes none of those that the engine reserves.",
        );
    }
}
