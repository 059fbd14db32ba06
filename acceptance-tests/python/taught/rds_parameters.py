"""AWS tells which parameters a family has, and which of them can be changed; moto takes any name."""

# Some of those that there are.
FIXED = ("basedir", "block_size", "wal_level")
KNOWN = (
    "binlog_format",
    "character_set_server",
    "event_scheduler",
    "log_lock_waits",
    "log_min_duration_statement",
    "long_query_time",
    "max_connections",
    "rds.logical_replication",
    "server_audit_logging",
    "shared_preload_libraries",
    "slow_query_log",
    "work_mem",
)


def teach() -> None:
    from moto.core.responses import ActionResult
    from moto.rds.responses import RDSResponse

    def defaults(response: RDSResponse) -> ActionResult:
        shown = [{"ParameterName": name, "IsModifiable": name not in FIXED} for name in sorted(FIXED + KNOWN)]
        family = response.params.get("DBParameterGroupFamily")
        return ActionResult({"EngineDefaults": {"DBParameterGroupFamily": family, "Parameters": shown}})

    RDSResponse.describe_engine_default_parameters = defaults
    RDSResponse.describe_engine_default_cluster_parameters = defaults
