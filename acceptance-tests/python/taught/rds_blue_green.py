"""AWS takes its time over a blue/green deployment and shows each step; moto is through at once.

AWS makes none of an instance whose master password it manages; moto takes an instance that has no such password for one that does.
AWS copies all settings of an instance, and its tags; moto copies some.
AWS switches to a copy that is available, and while it switches nothing has the name of the instance; moto switches in one go.
AWS does all of this with a cluster and its members too, and renames those and its endpoints; moto renames the cluster.
AWS copies the replicas of an instance, with the class that each has, switches all at once, and deletes no copy of which something is
protected; moto knows of no replicas there.
A cluster takes its endpoints along when it is deleted; in moto they stay.
"""

import copy
from typing import Any

# What moto does not hand to the copy.
SETTINGS = [
    "database_insights_mode",
    "enable_iam_database_authentication",
    "enabled_cloudwatch_logs_exports",
    "iam_auth",
    "max_allocated_storage",
    "monitoring_interval",
    "monitoring_role_arn",
    "network_type",
    "option_group_name",
    "performance_insights_enabled",
    "performance_insights_kms_key_id",
    "performance_insights_retention_period",
    "storage_throughput",
]
# What it does not hand to the copy of a cluster, and to those of its members.
OF_CLUSTERS = [
    *SETTINGS,
    "allocated_storage",
    "db_subnet_group_name",
    "serverless_v2_scaling_configuration",
    "storage_type",
    "url_identifier",
]
OF_MEMBERS = [*SETTINGS, "promotion_tier", "tags"]
# What the copy of a replica has of the replica, where the rest is that of the copy that it replicates.
OF_REPLICAS = [
    *SETTINGS,
    "availability_zone",
    "backup_retention_period",
    "db_instance_class",
    "deletion_protection",
    "multi_az",
    "tags",
]


def hand_on(blue: object, green: object, settings: list[str]) -> None:
    for setting in settings:
        if hasattr(blue, setting):
            try:
                setattr(green, setting, getattr(blue, setting))
            except (AttributeError, NotImplementedError):
                pass


def teach() -> None:
    from moto.rds.exceptions import InvalidParameterCombination, SourceClusterNotSupportedFault, SourceDatabaseNotSupportedFault
    from moto.rds.models import BlueGreenDeployment, DBCluster, DBInstance, RDSBackend, SwitchoverDetails

    states = BlueGreenDeployment.SupportedStates

    def database_of(deployment: BlueGreenDeployment, arn: str) -> DBInstance | DBCluster:
        backend = deployment.backend
        return backend.clusters[arn.split(":")[-1]] if backend._is_cluster(arn) else backend.find_db_from_id(arn)

    def source_or_target(deployment: BlueGreenDeployment, arn: str) -> DBInstance | DBCluster:
        database = database_of(deployment, arn)
        if getattr(database, "manage_master_user_password", False):
            refusal = SourceClusterNotSupportedFault if isinstance(database, DBCluster) else SourceDatabaseNotSupportedFault
            raise refusal(arn)
        return database

    BlueGreenDeployment._get_valid_instance_or_raise = source_or_target

    def replicas_of(deployment: BlueGreenDeployment, database: DBInstance) -> list[DBInstance]:
        return [deployment.backend.databases[name] for name in database.replicas]

    def relate(database: DBInstance, replicas: list[DBInstance]) -> None:
        database.replicas = [replica.db_instance_identifier for replica in replicas]
        for replica in replicas:
            replica.source_db_instance_identifier = database.db_instance_identifier

    def copied_replica(deployment: BlueGreenDeployment, blue: DBInstance, source: DBInstance) -> DBInstance:
        name = deployment._generate_green_id(blue.db_instance_identifier)
        said = {"db_instance_identifier": name, "source_db_instance_identifier": source.db_instance_identifier}
        green = deployment.backend.create_db_instance_read_replica(said)
        hand_on(blue, green, OF_REPLICAS)
        return green

    make_copy = BlueGreenDeployment._create_green_instance

    def made_copy(deployment: BlueGreenDeployment, **said: Any) -> str:
        arn = make_copy(deployment, **said)
        blue, green = database_of(deployment, deployment.source), database_of(deployment, arn)
        if not isinstance(blue, DBCluster):
            hand_on(blue, green, SETTINGS)
            for replica in replicas_of(deployment, blue):
                deployment.pairs.append((replica, copied_replica(deployment, replica, green)))
            return arn
        hand_on(blue, green, OF_CLUSTERS)
        for member in blue.members:
            name = f"{member.db_instance_identifier}-green-"
            copied = next(one for one in green.members if one.db_instance_identifier.startswith(name))
            hand_on(member, copied, OF_MEMBERS)
            deployment.pairs.append((member, copied))
        return arn

    BlueGreenDeployment._create_green_instance = made_copy

    make = BlueGreenDeployment.__init__

    def made(deployment: BlueGreenDeployment, *arguments: Any, **said: Any) -> None:
        deployment.pairs = []
        make(deployment, *arguments, **said)
        # It shows this state once more before it goes on.
        deployment.set_status(states.PROVISIONING)
        deployment.steps = [lambda: None, lambda: deployment.set_status(states.AVAILABLE)]

    BlueGreenDeployment.__init__ = made

    set_status = BlueGreenDeployment.set_status

    def status_set(deployment: BlueGreenDeployment, value: Any) -> None:
        set_status(deployment, value)
        members = [SwitchoverDetails(blue.arn, green.arn, deployment.status) for blue, green in deployment.pairs]
        deployment.switchover_details = deployment.switchover_details + members

    BlueGreenDeployment.set_status = status_set

    def forget_automated(snapshots: dict[str, object], name: str) -> None:
        # Snapshots that AWS makes by itself go with their database, whatever its name was.
        for snapshot_id in list(snapshots):
            if snapshot_id.startswith(f"rds:{name}-20"):
                del snapshots[snapshot_id]

    def rename_instance(deployment: BlueGreenDeployment, instance: DBInstance, name: str) -> str:
        backend, former = deployment.backend, instance.db_instance_identifier
        changed = backend.modify_db_instance(former, {"new_db_instance_identifier": name})
        forget_automated(backend.database_snapshots, former)
        return changed.arn

    def rename(deployment: BlueGreenDeployment, arn: str, name: str) -> str:
        backend, database = deployment.backend, database_of(deployment, arn)
        if not isinstance(database, DBCluster):
            return rename_instance(deployment, database, name)
        members, former = database.members, database.db_cluster_identifier
        backend.modify_db_cluster({"db_cluster_identifier": former, "new_db_cluster_identifier": name})
        forget_automated(backend.cluster_snapshots, former)
        for member in members:
            member.db_cluster_identifier = name
        return database.arn

    def name_of(deployment: BlueGreenDeployment, arn: str) -> str:
        database = database_of(deployment, arn)
        return database.db_cluster_identifier if isinstance(database, DBCluster) else database.db_instance_identifier

    def switch(deployment: BlueGreenDeployment) -> None:
        name = name_of(deployment, deployment.source)
        names = [blue.db_instance_identifier for blue, _ in deployment.pairs]
        is_cluster = isinstance(database_of(deployment, deployment.source), DBCluster)
        deployment.source = rename(deployment, deployment.source, f"{name}-old1")
        for blue, _ in deployment.pairs:
            rename_instance(deployment, blue, f"{blue.db_instance_identifier}-old1")
        if not is_cluster:
            relate(database_of(deployment, deployment.source), [blue for blue, _ in deployment.pairs])

        def take_over() -> None:
            deployment.target = rename(deployment, deployment.target, name)
            for (_, green), member in zip(deployment.pairs, names, strict=True):
                rename_instance(deployment, green, member)
            if is_cluster:
                leave_endpoints(deployment.backend, name)
            else:
                relate(database_of(deployment, deployment.target), [green for _, green in deployment.pairs])
            deployment.set_status(states.SWITCHOVER_COMPLETED)

        deployment.set_status(states.SWITCHOVER_IN_PROGRESS)
        deployment.steps = [lambda: None, take_over]

    BlueGreenDeployment.switchover = switch

    def leave_endpoints(backend: RDSBackend, name: str) -> None:
        for endpoint in list(backend.cluster_endpoints.values()):
            if endpoint.db_cluster_identifier == name:
                left = copy.copy(endpoint)
                left.db_cluster_identifier = f"{name}-old1"
                left.db_cluster_endpoint_identifier = f"{endpoint.db_cluster_endpoint_identifier}-old1"
                left.static_members = [f"{member}-old1" for member in endpoint.static_members]
                left.excluded_members = [f"{member}-old1" for member in endpoint.excluded_members]
                backend.cluster_endpoints[left.resource_id] = left

    delete_cluster = RDSBackend.delete_db_cluster

    def cluster_deleted(backend: RDSBackend, cluster_identifier: str, **said: Any) -> DBCluster:
        deleted = delete_cluster(backend, cluster_identifier=cluster_identifier, **said)
        for endpoint in list(backend.cluster_endpoints.values()):
            if endpoint.db_cluster_identifier == cluster_identifier:
                del backend.cluster_endpoints[endpoint.resource_id]
        return deleted

    RDSBackend.delete_db_cluster = cluster_deleted

    delete_deployment = RDSBackend.delete_blue_green_deployment

    def deployment_deleted(
        backend: RDSBackend, blue_green_deployment_identifier: str, delete_target: bool = False
    ) -> BlueGreenDeployment:
        deployment = backend.blue_green_deployments.get(blue_green_deployment_identifier)
        if deployment and delete_target and deployment.status != states.SWITCHOVER_COMPLETED.name:
            database = database_of(deployment, deployment.target)
            replicas = [] if isinstance(database, DBCluster) else replicas_of(deployment, database)
            for copied in [database, *replicas]:
                if copied.deletion_protection:
                    raise InvalidParameterCombination("Cannot delete a deployment with databases that are protected from deletion.")
            for replica in replicas:
                backend.delete_db_instance(replica.db_instance_identifier, skip_final_snapshot=True)
        return delete_deployment(backend, blue_green_deployment_identifier, delete_target)

    RDSBackend.delete_blue_green_deployment = deployment_deleted

    describe = RDSBackend.describe_blue_green_deployments

    def described(backend: RDSBackend, *arguments: Any, **said: Any) -> list[BlueGreenDeployment]:
        shown = []
        for deployment in describe(backend, *arguments, **said):
            if deployment.steps:
                deployment.steps.pop(0)()
            shown.append(copy.copy(deployment))
        return shown

    RDSBackend.describe_blue_green_deployments = described
