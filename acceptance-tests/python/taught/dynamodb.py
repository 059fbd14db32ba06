"""AWS changes the class, the key and the limits of a table, and shows who contributes; moto does not. A limit of -1 is none, and one that
is not named stays.

AWS makes or deletes one index at a time, has no capacity on a table that is paid by the request, lets a stream be made again, gives a
key one tag, and forgets the policy of a table with the table; moto does otherwise.
"""

from typing import Any


def teach() -> None:
    from moto.core.exceptions import JsonRESTError
    from moto.core.responses import ActionResult
    from moto.dynamodb.exceptions import MockValidationException
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import GlobalSecondaryIndex, Table
    from moto.dynamodb.responses import DynamoHandler
    from moto.moto_api._internal import mock_random

    none = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}

    def limits(limited: object, asked: dict[str, Any] | None) -> dict[str, Any] | None:
        both = {**(getattr(limited, "on_demand_throughput", None) or {}), **(asked or {})}
        return {name: units for name, units in both.items() if units != -1} or None

    describe_index = GlobalSecondaryIndex.describe

    def index_in_full(index: GlobalSecondaryIndex) -> dict[str, Any]:
        shown = describe_index(index)
        if getattr(index, "on_demand_throughput", None):
            shown["OnDemandThroughput"] = index.on_demand_throughput
        return shown

    create_index = GlobalSecondaryIndex.create

    def create_index_in_full(dct: dict[str, Any], table_key_attrs: list[str]) -> GlobalSecondaryIndex:
        index = create_index(dct, table_key_attrs)
        index.on_demand_throughput = limits(None, dct.get("OnDemandThroughput"))
        return index

    update_index = GlobalSecondaryIndex.update

    def update_index_in_full(index: GlobalSecondaryIndex, u: dict[str, Any]) -> None:
        update_index(index, u)
        if "OnDemandThroughput" in u:
            index.on_demand_throughput = limits(index, u["OnDemandThroughput"])

    GlobalSecondaryIndex.describe = index_in_full
    GlobalSecondaryIndex.create = staticmethod(create_index_in_full)
    GlobalSecondaryIndex.update = update_index_in_full

    describe = Table.describe

    def in_full(table: Table, base_key: str = "TableDescription") -> dict[str, Any]:
        reply = describe(table, base_key)
        shown = reply[base_key]
        if not hasattr(table, "table_id"):
            table.table_id = str(mock_random.uuid4())
        shown["TableId"] = table.table_id
        if getattr(table, "table_class", None):
            shown["TableClassSummary"] = {"TableClass": table.table_class}
        if getattr(table, "on_demand_throughput", None):
            shown["OnDemandThroughput"] = table.on_demand_throughput
        return reply

    Table.describe = in_full

    def take(table: Table, asked: dict[str, Any]) -> None:
        if "TableClass" in asked:
            table.table_class = asked["TableClass"]
        if "OnDemandThroughput" in asked:
            if (asked.get("BillingMode") or table.billing_mode) != "PAY_PER_REQUEST":
                raise MockValidationException("OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED")
            table.on_demand_throughput = limits(table, asked["OnDemandThroughput"])
        if asked.get("BillingMode") == "PAY_PER_REQUEST":
            for sized in [table, *table.global_indexes]:
                sized.throughput = {**none, "NumberOfDecreasesToday": 0}
        elif "BillingMode" in asked:
            for limited in [table, *table.global_indexes]:
                limited.on_demand_throughput = None

    create_table = DynamoHandler.create_table

    def create_table_in_full(response: DynamoHandler) -> object:
        create_table(response)
        backend = response.dynamodb_backend
        table = backend.get_table(response.body["TableName"])
        take(table, response.body)
        if response.body.get("ResourcePolicy"):
            backend.put_resource_policy(table.table_arn, response.body["ResourcePolicy"], None)
        return ActionResult(table.describe())

    update_table = DynamoHandler.update_table

    def update_table_in_full(response: DynamoHandler) -> object:
        asked = response.body
        changes = asked.get("GlobalSecondaryIndexUpdates") or []
        if sum(1 for change in changes if "Create" in change or "Delete" in change) > 1:
            raise JsonRESTError(
                "LimitExceededException",
                "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
            )
        table = response.dynamodb_backend.get_table(asked["TableName"])
        if "StreamSpecification" in asked and not (table.stream_specification or {}).get("StreamEnabled"):
            table.latest_stream_label = None
        update_table(response)
        if "SSESpecification" in asked:
            table.sse_specification = asked["SSESpecification"]
        take(table, asked)
        return ActionResult(table.describe())

    DynamoHandler.create_table = create_table_in_full
    DynamoHandler.update_table = update_table_in_full

    def contributors(response: DynamoHandler) -> Table:
        return response.dynamodb_backend.get_table(response.body["TableName"])

    def describe_contributor_insights(response: DynamoHandler) -> object:
        table = contributors(response)
        shown = {"TableName": table.name, **getattr(table, "insights", {"ContributorInsightsStatus": "DISABLED"})}
        return ActionResult(shown)

    def update_contributor_insights(response: DynamoHandler) -> object:
        table = contributors(response)
        enabled = response.body["ContributorInsightsAction"] == "ENABLE"
        mode = response.body.get("ContributorInsightsMode", "ACCESSED_AND_THROTTLED_KEYS")
        table.insights = {"ContributorInsightsStatus": "ENABLED" if enabled else "DISABLED"}
        if enabled:
            table.insights["ContributorInsightsMode"] = mode
        return ActionResult({"TableName": table.name, **table.insights})

    DynamoHandler.describe_contributor_insights = describe_contributor_insights
    DynamoHandler.update_contributor_insights = update_contributor_insights

    delete_table = DynamoDBBackend.delete_table

    def delete_with_policy(backend: DynamoDBBackend, name: str) -> Table:
        table = delete_table(backend, name)
        backend.resource_policies.pop(table.table_arn, None)
        return table

    DynamoDBBackend.delete_table = delete_with_policy

    tag = DynamoDBBackend.tag_resource

    def tag_once(backend: DynamoDBBackend, arn: str, tags: dict[str, str]) -> None:
        backend.untag_resource(arn, list(tags))
        tag(backend, arn, tags)

    DynamoDBBackend.tag_resource = tag_once
