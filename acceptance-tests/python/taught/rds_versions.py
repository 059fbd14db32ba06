"""AWS tells which versions of its engines there are and to which of them it upgrades a database; moto does not know.

It tells which classes of instances it has for which version, storage and zones; moto does so for Aurora's of long ago.

AWS makes the latest minor version of a major version that is asked for; moto takes the word for the version.
AWS lowers no version, wants leave and parameters of the new family for another major version, and wants the replicas of an instance
upgraded first; PostgreSQL's replicas come along with a major version. moto takes any version.
"""

import functools

# Some of the versions that AWS offers or offered; the one it takes by default is the last of its major version that is named below.
VERSIONS = {
    "postgres": ["15.14", "16.8", "16.9", "16.10", "17.2", "17.4", "17.5", "17.6", "18.1"],
    "aurora-postgresql": ["15.13", "16.8", "16.9", "17.4", "17.5"],
    "mysql": ["8.0.42", "8.0.43", "8.4.5", "8.4.6"],
    "aurora-mysql": ["8.0.mysql_aurora.3.08.2", "8.0.mysql_aurora.3.10.0"],
}
DEFAULTS = {
    "postgres": "17.6",
    "aurora-postgresql": "17.5",
    "mysql": "8.4.6",
    "aurora-mysql": "8.0.mysql_aurora.3.10.0",
}
STORAGE = {"postgres": ["gp3", "io1", "io2"], "mysql": ["gp3", "io1", "io2"]}
AURORA_STORAGE = ["aurora", "aurora-iopt1"]
# Classes that AWS does not have for everything: the last major version, the zones, whether with standby and as a cluster.
SCARCE = {"db.m4.large": {"until": "15", "zones": "abc"}, "db.x2iedn.large": {"zones": "a"}}


def major(version: str) -> str:
    pieces = version.split(".")
    return ".".join(pieces[:1] if int(pieces[0]) >= 10 else pieces[:2])


def rank(version: str) -> list[tuple[int, str]]:
    return [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in version.split(".")]


def resolved(engine: str, version: str) -> str:
    offers = VERSIONS.get(engine, [])
    if version in offers or not version:
        return version
    return next((offer for offer in reversed(offers) if major(offer) == version), version)


def targets(engine: str, version: str) -> list[str]:
    return [offer for offer in VERSIONS[engine] if rank(offer) > rank(version)]


def teach() -> None:
    from moto.core.responses import ActionResult
    from moto.rds.exceptions import RDSClientError
    from moto.rds.models import DBCluster, DBInstance, RDSBackend
    from moto.rds.responses import RDSResponse

    def describe_db_engine_versions(response: RDSResponse) -> ActionResult:
        engine = response.params.get("Engine")
        asked = response.params.get("EngineVersion")
        default = response.params.get("DefaultOnly")
        versions = [
            {
                "Engine": engine,
                "EngineVersion": version,
                "MajorEngineVersion": major(version),
                "DBParameterGroupFamily": engine + major(version),
                "Status": "available",
                "ValidUpgradeTarget": [
                    {
                        "Engine": engine,
                        "EngineVersion": target,
                        "AutoUpgrade": False,
                        "IsMajorVersionUpgrade": major(target) != major(version),
                    }
                    for target in targets(engine, version)
                ],
            }
            for version in VERSIONS.get(engine, [])
            if asked in (None, version, major(version)) and (not default or version == (resolved(engine, asked) if asked else DEFAULTS[engine]))
        ]
        return ActionResult({"DBEngineVersions": versions})

    RDSResponse.describe_db_engine_versions = describe_db_engine_versions

    def describe_orderable_db_instance_options(response: RDSResponse) -> ActionResult:
        engine, kind = response.params.get("Engine"), response.params.get("DBInstanceClass")
        scarce = SCARCE.get(kind, {})
        options = [
            {
                "Engine": engine,
                "EngineVersion": version,
                "DBInstanceClass": kind,
                "AvailabilityZones": [{"Name": response.region + zone} for zone in scarce.get("zones", "abcdef")],
                "MultiAZCapable": True,
                "SupportsClusters": kind.split(".")[1].endswith("d"),
                "StorageType": storage,
            }
            for version in VERSIONS.get(engine, [])
            if rank(major(version)) <= rank(scarce.get("until", "99"))
            for storage in STORAGE.get(engine, AURORA_STORAGE)
        ]
        return ActionResult({"OrderableDBInstanceOptions": options})

    RDSResponse.describe_orderable_db_instance_options = describe_orderable_db_instance_options

    def resolving(kind: type) -> None:
        make = kind.__init__

        @functools.wraps(make)
        def made(database: object, *arguments: object, **said: object) -> None:
            if said.get("engine") and said.get("engine_version"):
                said["engine_version"] = resolved(said["engine"], said["engine_version"])
            make(database, *arguments, **said)

        kind.__init__ = made

    resolving(DBInstance)
    resolving(DBCluster)

    def refuse(why: str, code: str = "InvalidParameterCombination") -> None:
        raise RDSClientError(code, why)

    def judge(database: DBInstance | DBCluster, said: dict[str, object], parameters: str) -> bool:
        """Refuses what AWS refuses, and tells whether the database gets another major version."""
        asked = said.get("engine_version")
        if not asked:
            return False
        live, engine = database.engine_version, database.engine
        said["engine_version"] = version = resolved(engine, asked)
        if rank(version) < rank(live):
            refuse(f"Cannot upgrade {engine} from {live} to {version}")
        if major(version) == major(live):
            return False
        if not said.get("allow_major_version_upgrade"):
            refuse("The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")
        if not said.get(parameters):
            refuse("You must explicitly specify a new parameter group for the engine version upgrade.")
        return True

    modify_instance = RDSBackend.modify_db_instance

    def modified_instance(backend: RDSBackend, name: str, said: dict[str, object]) -> DBInstance:
        database = backend.databases[name]
        live = database.engine_version
        is_major = judge(database, said, "db_parameter_group_name")
        version = said.get("engine_version") or live
        replicas = [backend.databases[replica] for replica in getattr(database, "replicas", [])]
        together = is_major and database.engine == "postgres"
        if together and getattr(database, "is_replica", False):
            refuse("A read replica of PostgreSQL is upgraded with its source.")
        behind = [replica for replica in replicas if rank(replica.engine_version) < rank(version)]
        if behind and not together and version != live:
            names = ", ".join(replica.db_instance_identifier for replica in behind)
            refuse(
                f"One or more of the DB Instance's read replicas need to be upgraded: {names}",
                "DBUpgradeDependencyFailure",
            )
        changed = modify_instance(backend, name, said)
        for replica in behind:
            replica.engine_version = version
        return changed

    RDSBackend.modify_db_instance = modified_instance

    modify_cluster = RDSBackend.modify_db_cluster

    def modified_cluster(backend: RDSBackend, said: dict[str, object]) -> DBCluster:
        judge(backend.clusters[said["db_cluster_identifier"]], said, "db_cluster_parameter_group_name")
        return modify_cluster(backend, said)

    RDSBackend.modify_db_cluster = modified_cluster
