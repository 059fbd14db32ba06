"""AWS makes no replica of an instance whose master password it manages, and manages none of an instance with replicas; moto does both.

AWS wants a master password where it does not manage one, and one that the engine takes; moto takes none.
AWS wants the same of clusters, and takes a password over when it manages none any longer only with another one; moto takes it without.
"""

import functools
from typing import Any

FORBIDDEN = set("/@\" ")
LENGTHS = {"mysql": range(8, 42), "postgres": range(8, 129)}


def teach() -> None:
    from moto.core.responses import ActionResult
    from moto.rds.exceptions import InvalidDBInstanceStateFault, InvalidParameterCombination, InvalidParameterValue
    from moto.rds.models import DBCluster, DBInstance, RDSBackend
    from moto.rds.responses import RDSResponse

    def is_managed(database: DBInstance | DBCluster) -> bool:
        return bool(database.manage_master_user_password)

    def expect_fit(engine: str, password: str) -> None:
        if len(password) not in LENGTHS.get(engine, range(8, 129)) or FORBIDDEN & set(password) or not password.isascii():
            raise InvalidParameterValue("The parameter MasterUserPassword is not a valid password.")

    create = RDSResponse.create_db_instance
    replicate = RDSBackend.create_db_instance_read_replica
    modify = RDSBackend.modify_db_instance

    @functools.wraps(create)
    def created(response: RDSResponse) -> ActionResult:
        said = response.params
        password = said.get("MasterUserPassword")
        managed = said.get("ManageMasterUserPassword") in (True, "true")
        if managed and password:
            raise InvalidParameterCombination("MasterUserPassword is not for a password that is managed in Secrets Manager.")
        # Members of a cluster have that of the cluster.
        if not managed and not said.get("DBClusterIdentifier"):
            if not password:
                raise InvalidParameterCombination("The parameter MasterUserPassword must be provided.")
            expect_fit(said.get("Engine", ""), password)
        return create(response)

    @functools.wraps(replicate)
    def replicated(backend: RDSBackend, said: dict[str, Any]) -> DBInstance:
        if is_managed(backend.find_db_from_id(said["source_db_instance_identifier"])):
            message = "A read replica can't be made of a DB instance whose master password is managed in Secrets Manager."
            raise InvalidDBInstanceStateFault(message)
        return replicate(backend, said)

    @functools.wraps(modify)
    def modified(backend: RDSBackend, name: str, said: dict[str, Any]) -> DBInstance:
        database = backend.find_db_from_id(name)
        managed, password = said.get("manage_master_user_password"), said.get("master_user_password")
        if managed is True and database.replicas:
            raise InvalidDBInstanceStateFault("The master password of a DB instance with read replicas can't be managed.")
        if managed is False and is_managed(database) and not password:
            raise InvalidParameterCombination("MasterUserPassword has to be provided where it is managed no longer.")
        if password:
            expect_fit(database.engine, password)
        return modify(backend, name, said)

    create_cluster = RDSBackend.create_db_cluster
    modify_cluster = RDSBackend.modify_db_cluster

    def expect_fit_for_cluster(said: dict[str, Any]) -> None:
        password = said.get("master_user_password")
        if password and said.get("manage_master_user_password"):
            raise InvalidParameterCombination("MasterUserPassword is not for a password that is managed in Secrets Manager.")
        if password:
            expect_fit("mysql", password)

    @functools.wraps(create_cluster)
    def cluster_created(backend: RDSBackend, said: dict[str, Any]) -> DBCluster:
        expect_fit_for_cluster(said)
        return create_cluster(backend, said)

    @functools.wraps(modify_cluster)
    def cluster_modified(backend: RDSBackend, said: dict[str, Any]) -> DBCluster:
        expect_fit_for_cluster(said)
        cluster = backend.clusters[said["db_cluster_identifier"]]
        if said.get("manage_master_user_password") is False and is_managed(cluster) and not said.get("master_user_password"):
            raise InvalidParameterCombination("MasterUserPassword has to be provided where it is managed no longer.")
        return modify_cluster(backend, said)

    RDSBackend.create_db_cluster = cluster_created
    RDSBackend.modify_db_cluster = cluster_modified
    RDSResponse.create_db_instance = created
    RDSBackend.create_db_instance_read_replica = replicated
    RDSBackend.modify_db_instance = modified
