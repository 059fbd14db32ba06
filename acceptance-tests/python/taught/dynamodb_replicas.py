"""AWS replicates a table into other regions; moto has no replicas.

A replica is a table of the same name there, with the keys, indexes and items of the first one, and settings of its own. AWS makes,
changes or deletes one per call, wants a stream of both images, a key of KMS for each replica of a table that has one, and keeps the
stream as long as there are replicas. It deletes no table from which a replica was added within a day, as long as that one is there.
"""

import copy
from typing import Any


def teach() -> None:
    from moto.core.responses import ActionResult
    from moto.dynamodb.exceptions import MockValidationException
    from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
    from moto.dynamodb.models.table import Table
    from moto.dynamodb.responses import DynamoHandler

    both = "NEW_AND_OLD_IMAGES"

    def group(table: Table) -> set[str]:
        """The regions of a replicated table; each of its replicas holds the same set."""
        if not hasattr(table, "replicated_in"):
            table.replicated_in = {table.region_name}
        return table.replicated_in

    def in_region(table: Table, region: str) -> Table:
        return dynamodb_backends[table.account_id][region].tables[table.name]

    describe = Table.describe

    def with_replicas(table: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        reply = describe(table, base_key)
        others = sorted(group(table) - {table.region_name})
        if others:
            reply[base_key]["GlobalTableVersion"] = "2019.11.21"
            reply[base_key]["Replicas"] = [{"RegionName": region, "ReplicaStatus": "ACTIVE"} for region in others]
        return reply

    Table.describe = with_replicas

    def key(asked: dict[str, Any]) -> dict[str, Any] | None:
        if "KMSMasterKeyId" not in asked:
            return None
        return {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": asked["KMSMasterKeyId"]}

    def override(replica: Table, asked: dict[str, Any]) -> None:
        if "TableClassOverride" in asked:
            replica.table_class = asked["TableClassOverride"]
        if "OnDemandThroughputOverride" in asked:
            limits = getattr(replica, "on_demand_throughput", None) or {}
            replica.on_demand_throughput = {**limits, **asked["OnDemandThroughputOverride"]}

    def create(table: Table, asked: dict[str, Any]) -> None:
        region = asked["RegionName"]
        there = dynamodb_backends[table.account_id][region]
        if (table.stream_specification or {}).get("StreamViewType") != both:
            raise MockValidationException(f"Table must have streams enabled with StreamViewType {both}")
        if (table.sse_specification or {}).get("Enabled") and "KMSMasterKeyId" not in asked:
            raise MockValidationException("KMSMasterKeyId must be specified for each replica.")
        if table.name in there.tables:
            raise MockValidationException(
                f"Failed to create a the new replica of table with name: '{table.name}' because one or more replicas already existed as tables."
            )
        replica = copy.copy(table)
        replica.region_name = region
        replica.table_arn = replica._generate_arn(table.name)
        replica.tags = []
        replica.sse_specification = key(asked)
        replica.deletion_protection_enabled = False
        replica.continuous_backups = {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
        }
        replica.insights = {"ContributorInsightsStatus": "DISABLED"}
        replica.latest_stream_label = None
        replica.set_stream_specification({"StreamEnabled": True, "StreamViewType": both})
        vars(replica).pop("table_id", None)
        there.tables[table.name] = replica
        group(table).add(region)
        table.source_of = {*getattr(table, "source_of", ()), region}
        replica.source_of = set()
        replica.replicated_in = group(table)
        override(replica, asked)

    def change(table: Table, updates: list[dict[str, Any]]) -> None:
        if len(updates) > 1:
            raise MockValidationException("Update table operation with more than one replica update is not supported")
        (verb, asked) = next(iter(updates[0].items()))
        region = asked["RegionName"]
        if verb == "Create":
            return create(table, asked)
        if region not in group(table):
            raise MockValidationException(
                "Replica specified in the Replica Update or Replica Delete action of the request was not found"
            )
        if verb == "Delete":
            dynamodb_backends[table.account_id][region].delete_table(table.name)
        else:
            override(in_region(table, region), asked)

    update_table = DynamoHandler.update_table

    def update_with_replicas(response: DynamoHandler) -> object:
        asked = response.body
        table = response.dynamodb_backend.get_table(asked["TableName"])
        others = group(table) - {table.region_name}
        if "ReplicaUpdates" in asked:
            change(table, asked["ReplicaUpdates"])
            return ActionResult(table.describe())
        if others and asked.get("StreamSpecification", {}).get("StreamEnabled") is False:
            raise MockValidationException("Streams can not be disabled for a table with replicas")
        reply = update_table(response)
        for region in others:
            replica = in_region(table, region)
            for shared in ("attr", "global_indexes", "billing_mode"):
                setattr(replica, shared, getattr(table, shared))
        return reply

    DynamoHandler.update_table = update_with_replicas

    delete_table = DynamoDBBackend.delete_table

    def delete_and_leave(backend: DynamoDBBackend, name: str) -> Table:
        there = backend.get_table(name)
        if getattr(there, "source_of", set()) & group(there):
            raise MockValidationException(
                "Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the table in the"
                " last 24 hours."
            )
        table = delete_table(backend, name)
        group(table).discard(table.region_name)
        return table

    DynamoDBBackend.delete_table = delete_and_leave
