"""AWS measures databases and shows how; moto forgets what it is told of insights, monitoring and promotion.

AWS takes parameters of a group back; moto has no such calls.
AWS changes the port of an instance and the exported logs of a cluster; moto keeps the words of the call and not what they mean.
AWS has a resource id for every instance; moto has one for all.
AWS makes the replicas of an instance that is deleted independent of it; moto deletes none of them any more.
AWS changes the subnets of a group; moto takes the group out of its list to change it, and does not put it back.
AWS takes the names of Aurora's own storage; moto does not know how much that is.
"""

import functools
import random
import string

# What the calls say, and the names under which it is shown.
SHOWN_AS = {
    "database_insights_mode": "database_insights_mode",
    "enable_performance_insights": "performance_insights_enabled",
    "performance_insights_kms_key_id": "performance_insights_kms_key_id",
    "performance_insights_retention_period": "performance_insights_retention_period",
    "network_type": "network_type",
    "promotion_tier": "promotion_tier",
    "monitoring_interval": "monitoring_interval",
    "monitoring_role_arn": "monitoring_role_arn",
}


def teach() -> None:
    from moto.core.responses import ActionResult
    from moto.rds.models import DBCluster, DBInstance, RDSBackend
    from moto.rds.responses import RDSResponse

    def remember(database: object, said: dict[str, object]) -> None:
        for word, name in SHOWN_AS.items():
            value = said.get(word)
            if value is not None:
                setattr(database, name, value)

    def name_anew(database: object) -> None:
        letters = random.choices(string.ascii_uppercase + string.digits, k=26)
        database.dbi_resource_id = "db-" + "".join(letters)

    def remembering(kind: type) -> None:
        make = kind.__init__

        @functools.wraps(make)
        def remembered(database: object, *arguments: object, **said: object) -> None:
            make(database, *arguments, **said)
            remember(database, said)
            if kind is DBInstance:
                name_anew(database)

        kind.__init__ = remembered

    remembering(DBInstance)
    remembering(DBCluster)

    modify_group = RDSBackend.modify_db_subnet_group

    @functools.wraps(modify_group)
    def modify_and_keep(backend: RDSBackend, subnet_name: str, *arguments: object) -> object:
        group = modify_group(backend, subnet_name, *arguments)
        backend.subnet_groups[subnet_name] = group
        return group

    RDSBackend.modify_db_subnet_group = modify_and_keep

    replicate = RDSBackend.create_db_instance_read_replica
    delete = RDSBackend.delete_db_instance

    @functools.wraps(replicate)
    def replicated(backend: RDSBackend, said: dict[str, object]) -> DBInstance:
        replica = replicate(backend, said)
        name_anew(replica)
        return replica

    @functools.wraps(delete)
    def deleted(backend: RDSBackend, db_instance_identifier: str, *arguments: object, **said: object) -> DBInstance:
        gone = delete(backend, db_instance_identifier, *arguments, **said)
        for replica in backend.databases.values():
            if replica.is_replica and replica.source_db_instance_identifier == db_instance_identifier:
                replica.is_replica = False
                replica.source_db_instance_identifier = None
        return gone

    RDSBackend.create_db_instance_read_replica = replicated
    RDSBackend.delete_db_instance = deleted

    allocated = DBCluster.default_allocated_storage

    def allocated_to_begin_with(engine: str, storage_type: str) -> int:
        return 1 if storage_type.startswith("aurora") else allocated(engine=engine, storage_type=storage_type)

    DBCluster.default_allocated_storage = staticmethod(allocated_to_begin_with)

    update = DBInstance.update

    def updated(database: DBInstance, **said: object) -> None:
        update(database, **said)
        remember(database, said)
        if said.get("db_port_number"):
            database.port = said["db_port_number"]

    DBInstance.update = updated

    modify = RDSBackend.modify_db_cluster

    def modified(backend: RDSBackend, said: dict[str, object]) -> DBCluster:
        cluster = backend.clusters[said["db_cluster_identifier"]]
        exports = said.pop("cloudwatch_logs_export_configuration", None) or {}
        authentication = said.pop("enable_iam_database_authentication", None)
        modify(backend, said)
        remember(cluster, said)
        if authentication is not None:
            cluster.iam_auth = authentication
        off = exports.get("DisableLogTypes", [])
        on = exports.get("EnableLogTypes", [])
        kept = [log for log in cluster.enabled_cloudwatch_logs_exports if log not in off]
        cluster.enabled_cloudwatch_logs_exports = kept + [log for log in on if log not in kept]
        return cluster

    RDSBackend.modify_db_cluster = modified

    def reset(response: RDSResponse, groups: dict[str, object], name: str) -> ActionResult:
        parameters = groups[response.params[name]].parameters
        for parameter in response.params.get("Parameters", []):
            parameters.pop(parameter.original_dict()["ParameterName"], None)
        return ActionResult({name: response.params[name]})

    def reset_db_parameter_group(response: RDSResponse) -> ActionResult:
        return reset(response, response.backend.db_parameter_groups, "DBParameterGroupName")

    def reset_db_cluster_parameter_group(response: RDSResponse) -> ActionResult:
        return reset(response, response.backend.db_cluster_parameter_groups, "DBClusterParameterGroupName")

    RDSResponse.reset_db_parameter_group = reset_db_parameter_group
    RDSResponse.reset_db_cluster_parameter_group = reset_db_cluster_parameter_group
