"""AWS takes its time over a blue/green deployment and shows each step; moto is through at once.

AWS makes none of an instance whose master password it manages; moto takes an instance that has no such password for one that does.
AWS copies all settings of an instance, and its tags; moto copies some.
AWS switches to a copy that is available, and while it switches nothing has the name of the instance; moto switches in one go.
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


def teach() -> None:
    from moto.rds.exceptions import SourceDatabaseNotSupportedFault
    from moto.rds.models import BlueGreenDeployment, DBInstance, RDSBackend

    states = BlueGreenDeployment.SupportedStates

    def source_or_target(deployment: BlueGreenDeployment, arn: str) -> DBInstance:
        instance = deployment.backend.find_db_from_id(arn)
        if getattr(instance, "manage_master_user_password", False):
            raise SourceDatabaseNotSupportedFault(arn)
        return instance

    BlueGreenDeployment._get_valid_instance_or_raise = source_or_target

    make_copy = BlueGreenDeployment._create_green_instance

    def made_copy(deployment: BlueGreenDeployment, **said: Any) -> str:
        arn = make_copy(deployment, **said)
        blue = deployment.backend.find_db_from_id(deployment.source)
        green = deployment.backend.find_db_from_id(arn)
        for setting in SETTINGS:
            if hasattr(blue, setting):
                try:
                    setattr(green, setting, getattr(blue, setting))
                except AttributeError:
                    pass
        return arn

    BlueGreenDeployment._create_green_instance = made_copy

    make = BlueGreenDeployment.__init__

    def made(deployment: BlueGreenDeployment, *arguments: Any, **said: Any) -> None:
        make(deployment, *arguments, **said)
        # It shows this state once more before it goes on.
        deployment.set_status(states.PROVISIONING)
        deployment.steps = [lambda: None, lambda: deployment.set_status(states.AVAILABLE)]

    BlueGreenDeployment.__init__ = made

    def rename(deployment: BlueGreenDeployment, arn: str, name: str) -> str:
        backend = deployment.backend
        instance = backend.find_db_from_id(arn)
        former = instance.db_instance_identifier
        changed = backend.modify_db_instance(former, {"new_db_instance_identifier": name})
        # Snapshots that AWS makes by itself go with their instance, whatever its name was.
        for snapshot_id, snapshot in list(backend.database_snapshots.items()):
            if snapshot_id.startswith(f"rds:{former}-20"):
                del backend.database_snapshots[snapshot_id]
        return changed.arn

    def switch(deployment: BlueGreenDeployment) -> None:
        name = deployment.backend.find_db_from_id(deployment.source).db_instance_identifier
        deployment.source = rename(deployment, deployment.source, f"{name}-old1")

        def take_over() -> None:
            deployment.target = rename(deployment, deployment.target, name)
            deployment.set_status(states.SWITCHOVER_COMPLETED)

        deployment.set_status(states.SWITCHOVER_IN_PROGRESS)
        deployment.steps = [lambda: None, take_over]

    BlueGreenDeployment.switchover = switch

    describe = RDSBackend.describe_blue_green_deployments

    def described(backend: RDSBackend, *arguments: Any, **said: Any) -> list[BlueGreenDeployment]:
        shown = []
        for deployment in describe(backend, *arguments, **said):
            if deployment.steps:
                deployment.steps.pop(0)()
            shown.append(copy.copy(deployment))
        return shown

    RDSBackend.describe_blue_green_deployments = described
