"""AWS says which versions of engines it offers, and which parameters a family has; moto does not.

AWS has user groups, parameter groups and serverless caches, changes caches on nodes, and shows their members; moto does not.

What AWS deletes is soon gone from lists; moto keeps users and caches until somebody asks for them by name. A version of two numbers
is shown by AWS with a third one. Application Auto Scaling scales shards and replicas; moto's does not know them.
"""

from enum import Enum
from typing import Any

VERSIONS = {"redis": ("7.0", "7.1"), "valkey": ("7.2", "8.0", "8.1")}
DEFAULTS = {"cluster-enabled": "no", "maxmemory-policy": "volatile-lru", "timeout": "0"}


SCALED = {
    "ServiceNamespaceValueSet": {"ELASTICACHE": "elasticache"},
    "ScalableDimensionValueSet": {
        "ELASTICACHE_NODE_GROUPS": "elasticache:replication-group:NodeGroups",
        "ELASTICACHE_REPLICAS": "elasticache:replication-group:Replicas",
    },
}


def teach_scaling() -> None:
    from moto.applicationautoscaling import models, responses

    for name, more in SCALED.items():
        known = {member.name: member.value for member in getattr(models, name)}
        for module in (models, responses):
            setattr(module, name, Enum(name, known | more))


def teach() -> None:
    teach_scaling()
    from moto.core.resource_tagging import TaggedResource
    from moto.core.responses import ActionResult, EmptyResult
    from moto.elasticache.exceptions import ElastiCacheException, ReplicationGroupNotFound, UserNotFound
    from moto.elasticache.models import ElastiCacheBackend, ReplicationGroup
    from moto.elasticache.responses import ElastiCacheResponse

    class Refused(ElastiCacheException):
        def __init__(self, code: str, message: str) -> None:
            super().__init__(message)
            self.code = code

    class Shelf:
        """Resources of one type, by name."""

        def __init__(self, word: str, fault: str) -> None:
            self.word, self.fault = word, fault
            self.items: dict[str, dict[str, Any]] = {}

        def add(self, backend: ElastiCacheBackend, name: str, item: dict[str, Any], tags: Any) -> dict[str, Any]:
            if name in self.items:
                raise Refused(f"{self.fault}AlreadyExists", f"{name} already exists")
            arn = f"arn:aws:elasticache:{backend.region_name}:{backend.account_id}:{self.word}:{name}"
            self.items[name] = {**item, "ARN": arn}
            if tags:
                backend.tagging_service.tag_resource(arn, tags)
            return self.items[name]

        def get(self, name: str) -> dict[str, Any]:
            if name not in self.items:
                raise Refused(f"{self.fault}NotFound", f"{name} is not there")
            return self.items[name]

        def listed(self, name: str | None) -> list[dict[str, Any]]:
            return [self.get(name)] if name else list(self.items.values())

    def shelf(backend: ElastiCacheBackend, word: str, fault: str) -> Shelf:
        shelves = backend.__dict__.setdefault("shelves", {})
        return shelves.setdefault(word, Shelf(word, fault))

    def parameter_groups(response: ElastiCacheResponse) -> Shelf:
        return shelf(response.elasticache_backend, "parametergroup", "CacheParameterGroup")

    def user_groups(response: ElastiCacheResponse) -> Shelf:
        return shelf(response.elasticache_backend, "usergroup", "UserGroup")

    def serverless_caches(response: ElastiCacheResponse) -> Shelf:
        return shelf(response.elasticache_backend, "serverlesscache", "ServerlessCache")

    def answers(function: Any) -> None:
        setattr(ElastiCacheResponse, function.__name__, function)

    # Tags.

    def list_tags_for_resource(backend: ElastiCacheBackend, arn: str) -> dict[str, list[dict[str, str]]]:
        return backend.tagging_service.list_tags_for_resource(arn)

    tagged_before = ElastiCacheBackend.iter_tagged_resources

    def iter_tagged_resources(backend: ElastiCacheBackend) -> Any:
        yield from tagged_before(backend)
        for kept in backend.__dict__.get("shelves", {}).values():
            for item in kept.items.values():
                tags = backend.tagging_service.get_tag_dict_for_resource(item["ARN"])
                yield TaggedResource(arn=item["ARN"], tags=tags, resource_type=f"elasticache:{kept.word}")

    ElastiCacheBackend.list_tags_for_resource = list_tags_for_resource
    ElastiCacheBackend.iter_tagged_resources = iter_tagged_resources

    # Subnet groups.

    @answers
    def modify_cache_subnet_group(response: ElastiCacheResponse) -> ActionResult:
        params = response._get_params()
        name, backend = params["CacheSubnetGroupName"], response.elasticache_backend
        before = backend.describe_cache_subnet_groups(name)[0]
        after = type(before)(
            backend.account_id,
            backend.region_name,
            name,
            params.get("CacheSubnetGroupDescription", before.cache_subnet_group_description),
            params.get("SubnetIds", before.subnet_ids),
            before.tags,
        )
        backend.cache_subnet_groups[name] = after
        return ActionResult({"CacheSubnetGroup": after})

    @answers
    def delete_cache_subnet_group(response: ElastiCacheResponse) -> EmptyResult:
        name, backend = response._get_params()["CacheSubnetGroupName"], response.elasticache_backend
        group = backend.describe_cache_subnet_groups(name)[0]
        if any(cache.cache_subnet_group_name == name for cache in backend.replication_groups.values()):
            raise Refused("CacheSubnetGroupInUse", f"{name} is in use")
        backend.tagging_service.delete_all_tags_for_resource(group.arn)
        del backend.cache_subnet_groups[name]
        return EmptyResult()

    # Parameter groups.

    @answers
    def create_cache_parameter_group(response: ElastiCacheResponse) -> ActionResult:
        params = response._get_params()
        name = params["CacheParameterGroupName"]
        item = {key: params[key] for key in ("CacheParameterGroupName", "CacheParameterGroupFamily", "Description")}
        backend = response.elasticache_backend
        group = parameter_groups(response).add(backend, name, {**item, "values": {}}, params.get("Tags"))
        return ActionResult({"CacheParameterGroup": group})

    @answers
    def describe_cache_parameter_groups(response: ElastiCacheResponse) -> ActionResult:
        name = response._get_params().get("CacheParameterGroupName")
        return ActionResult({"CacheParameterGroups": parameter_groups(response).listed(name)})

    @answers
    def describe_cache_parameters(response: ElastiCacheResponse) -> ActionResult:
        values = parameter_groups(response).get(response._get_params()["CacheParameterGroupName"])["values"]
        shown = [
            {"ParameterName": name, "ParameterValue": value, "Source": "user" if name in values else "system"}
            for name, value in {**DEFAULTS, **values}.items()
        ]
        return ActionResult({"Parameters": shown})

    @answers
    def describe_engine_default_parameters(response: ElastiCacheResponse) -> ActionResult:
        family = response._get_params()["CacheParameterGroupFamily"]
        shown = [{"ParameterName": name, "ParameterValue": value, "IsModifiable": True} for name, value in DEFAULTS.items()]
        fixed = [{"ParameterName": "maxmemory", "IsModifiable": False, "CacheNodeTypeSpecificValues": []}]
        defaults = {"CacheParameterGroupFamily": family, "Parameters": shown, "CacheNodeTypeSpecificParameters": fixed}
        return ActionResult({"EngineDefaults": defaults})

    @answers
    def modify_cache_parameter_group(response: ElastiCacheResponse) -> ActionResult:
        params = response._get_params()
        group = parameter_groups(response).get(params["CacheParameterGroupName"])
        for pair in params["ParameterNameValues"]:
            group["values"][pair["ParameterName"]] = pair["ParameterValue"]
        return ActionResult({"CacheParameterGroupName": params["CacheParameterGroupName"]})

    @answers
    def reset_cache_parameter_group(response: ElastiCacheResponse) -> ActionResult:
        params = response._get_params()
        group = parameter_groups(response).get(params["CacheParameterGroupName"])
        for pair in params["ParameterNameValues"]:
            group["values"].pop(pair["ParameterName"], None)
        return ActionResult({"CacheParameterGroupName": params["CacheParameterGroupName"]})

    @answers
    def delete_cache_parameter_group(response: ElastiCacheResponse) -> EmptyResult:
        name = response._get_params()["CacheParameterGroupName"]
        group = parameter_groups(response).get(name)
        backend = response.elasticache_backend
        if any(cache.cache_parameter_group_name == name for cache in backend.replication_groups.values()):
            raise Refused("InvalidCacheParameterGroupState", f"{name} is in use")
        backend.tagging_service.delete_all_tags_for_resource(group["ARN"])
        del parameter_groups(response).items[name]
        return EmptyResult()

    # Users and their groups.

    @answers
    def modify_user(response: ElastiCacheResponse) -> ActionResult:
        params, backend = response._get_params(), response.elasticache_backend
        if params["UserId"] not in backend.users:
            raise UserNotFound(params["UserId"])
        user = backend.users[params["UserId"]]
        user.engine = params.get("Engine", user.engine)
        user.access_string = params.get("AccessString", user.access_string)
        if "AuthenticationMode" in params:
            user.authentication_type = params["AuthenticationMode"]["Type"]
        return ActionResult(user)

    @answers
    def delete_user(response: ElastiCacheResponse) -> ActionResult:
        user_id, backend = response._get_params()["UserId"], response.elasticache_backend
        if user_id not in backend.users:
            raise UserNotFound(user_id)
        for group in user_groups(response).items.values():
            group["UserIds"] = [member for member in group["UserIds"] if member != user_id]
        user = backend.users.pop(user_id)
        backend.tagging_service.delete_all_tags_for_resource(user.arn)
        return ActionResult(user)

    def known(response: ElastiCacheResponse, user_ids: list[str]) -> list[str]:
        for user_id in user_ids:
            if user_id not in response.elasticache_backend.users:
                raise UserNotFound(user_id)
        return user_ids

    @answers
    def create_user_group(response: ElastiCacheResponse) -> ActionResult:
        params = response._get_params()
        users = known(response, params.get("UserIds", []))
        item = {"UserGroupId": params["UserGroupId"], "Engine": params["Engine"], "Status": "active", "UserIds": users}
        backend = response.elasticache_backend
        return ActionResult(user_groups(response).add(backend, params["UserGroupId"], item, params.get("Tags")))

    @answers
    def describe_user_groups(response: ElastiCacheResponse) -> ActionResult:
        return ActionResult({"UserGroups": user_groups(response).listed(response._get_params().get("UserGroupId"))})

    @answers
    def modify_user_group(response: ElastiCacheResponse) -> ActionResult:
        params = response._get_params()
        group = user_groups(response).get(params["UserGroupId"])
        gone = params.get("UserIdsToRemove", [])
        stays = [user for user in group["UserIds"] if user not in gone]
        group["UserIds"] = stays + known(response, params.get("UserIdsToAdd", []))
        group["Engine"] = params.get("Engine", group["Engine"])
        return ActionResult(group)

    @answers
    def delete_user_group(response: ElastiCacheResponse) -> ActionResult:
        name, backend = response._get_params()["UserGroupId"], response.elasticache_backend
        group = user_groups(response).get(name)
        used = [cache for cache in backend.replication_groups.values() if name in cache.user_group_ids]
        used += [cache for cache in serverless_caches(response).items.values() if cache.get("UserGroupId") == name]
        if used:
            raise Refused("InvalidUserGroupState", f"{name} is in use")
        backend.tagging_service.delete_all_tags_for_resource(group["ARN"])
        return ActionResult(user_groups(response).items.pop(name))

    # Caches over regions, of which an account of moto's has none.

    @answers
    def describe_global_replication_groups(response: ElastiCacheResponse) -> ActionResult:
        return ActionResult({"GlobalReplicationGroups": []})

    # Caches on nodes.

    def lay_out(group: ReplicationGroup, shards: list[str], replicas: int) -> None:
        """Gives a group these shards, each with so many replicas."""
        domain = f"{group.replication_group_id}.abc123.use1.cache.amazonaws.com"
        one = group.cluster_mode == "disabled"
        group.node_groups, group.member_clusters = [], []
        for shard in shards:
            prefix = group.replication_group_id if one else f"{group.replication_group_id}-{shard}"
            members = [f"{prefix}-{nth:03}" for nth in range(1, replicas + 2)]
            node_group: dict[str, Any] = {
                "NodeGroupId": shard,
                "Status": "available",
                "NodeGroupMembers": [{"CacheClusterId": member, "CacheNodeId": "0001"} for member in members],
            }
            if one:
                node_group["PrimaryEndpoint"] = {"Address": f"master.{domain}", "Port": group.port}
                node_group["ReaderEndpoint"] = {"Address": f"replica.{domain}", "Port": group.port}
            group.node_groups.append(node_group)
            group.member_clusters += members
        if not one:
            group.configuration_endpoint = {"Address": f"clustercfg.{domain}", "Port": group.port}

    def shape(group: ReplicationGroup) -> tuple[list[str], int]:
        shards = [shard["NodeGroupId"] for shard in group.node_groups]
        return shards, len(group.node_groups[0]["NodeGroupMembers"]) - 1

    def asked_for(response: ElastiCacheResponse) -> ReplicationGroup:
        name = response._get_params()["ReplicationGroupId"]
        if name not in response.elasticache_backend.replication_groups:
            raise ReplicationGroupNotFound(name)
        return response.elasticache_backend.replication_groups[name]

    create_before = ElastiCacheResponse.create_replication_group

    @answers
    def create_replication_group(response: ElastiCacheResponse) -> ActionResult:
        result = create_before(response)
        params, group = response._get_params(), asked_for(response)
        for user_group in params.get("UserGroupIds", []):
            user_groups(response).get(user_group)
        shards = int(params.get("NumNodeGroups", 1))
        replicas = params.get("ReplicasPerNodeGroup", int(params.get("NumCacheClusters", 1)) - 1)
        lay_out(group, [f"{nth:04}" for nth in range(1, shards + 1)], int(replicas))
        return result

    @answers
    def describe_cache_engine_versions(response: ElastiCacheResponse) -> ActionResult:
        params = response._get_params()
        engine = params.get("Engine", "valkey")
        versions = VERSIONS.get(engine, ())
        if str(params.get("DefaultOnly", "")).lower() == "true":
            versions = versions[-1:]
        return ActionResult({"CacheEngineVersions": [{"Engine": engine, "EngineVersion": version} for version in versions]})

    @answers
    def describe_cache_clusters(response: ElastiCacheResponse) -> ActionResult:
        clusters = []
        for group in response.elasticache_backend.replication_groups.values():
            version = group.engine_version or ""
            shown = f"{version}.1" if version.count(".") == 1 else version
            clusters += [
                {
                    "CacheClusterId": member,
                    "ReplicationGroupId": group.replication_group_id,
                    "CacheClusterStatus": "available",
                    "CacheNodeType": group.cache_node_type,
                    "Engine": group.engine,
                    "EngineVersion": shown,
                    "PreferredMaintenanceWindow": group.preferred_maintenance_window or "tue:05:00-tue:06:00",
                    "CacheParameterGroup": {"CacheParameterGroupName": group.cache_parameter_group_name},
                    "CacheSubnetGroupName": group.cache_subnet_group_name,
                    "SecurityGroups": [
                        {"SecurityGroupId": security_group, "Status": "active"}
                        for security_group in group.security_group_ids or []
                    ],
                    "CacheNodes": [{"CacheNodeId": "0001", "Endpoint": {"Address": member, "Port": group.port}}],
                }
                for member in group.member_clusters
            ]
        return ActionResult({"CacheClusters": clusters})

    @answers
    def modify_replication_group(response: ElastiCacheResponse) -> ActionResult:
        params, group = response._get_params(), asked_for(response)
        for member, attribute in (
            ("ReplicationGroupDescription", "description"),
            ("Engine", "engine"),
            ("EngineVersion", "engine_version"),
            ("CacheNodeType", "cache_node_type"),
            ("CacheParameterGroupName", "cache_parameter_group_name"),
            ("PreferredMaintenanceWindow", "preferred_maintenance_window"),
            ("SecurityGroupIds", "security_group_ids"),
            ("SnapshotWindow", "snapshot_window"),
            ("ClusterMode", "cluster_mode"),
            ("TransitEncryptionMode", "transit_encryption_mode"),
        ):
            if member in params:
                setattr(group, attribute, params[member])
        if "SnapshotRetentionLimit" in params:
            group.snapshot_retention_limit = int(params["SnapshotRetentionLimit"])
        if "AutoMinorVersionUpgrade" in params:
            group.auto_minor_version_upgrade = response._get_bool_param("AutoMinorVersionUpgrade")
        for member, attribute in (("AutomaticFailoverEnabled", "automatic_failover"), ("MultiAZEnabled", "multi_az")):
            if member in params:
                setattr(group, attribute, "enabled" if response._get_bool_param(member) else "disabled")
        gone = params.get("UserGroupIdsToRemove", [])
        group.user_group_ids = [user_group for user_group in group.user_group_ids if user_group not in gone]
        group.user_group_ids += params.get("UserGroupIdsToAdd", [])
        logs = {log["LogType"]: log for log in group.log_delivery_configurations}
        for log in params.get("LogDeliveryConfigurations", []):
            if log.get("Enabled", True) in (False, "false"):
                logs.pop(log["LogType"], None)
            else:
                logs[log["LogType"]] = {**log, "Status": "active"}
        group.log_delivery_configurations = list(logs.values())
        return ActionResult({"ReplicationGroup": group})

    @answers
    def modify_replication_group_shard_configuration(response: ElastiCacheResponse) -> ActionResult:
        params, group = response._get_params(), asked_for(response)
        shards, replicas = shape(group)
        stays = params.get("NodeGroupsToRetain", shards)
        count = int(params["NodeGroupCount"])
        if len(stays) > count:
            raise Refused("InvalidParameterValue", "NodeGroupsToRemove or NodeGroupsToRetain is missing")
        free = (name for name in (f"{nth:04}" for nth in range(1, 1000)) if name not in stays)
        lay_out(group, stays + [next(free) for _ in range(count - len(stays))], replicas)
        return ActionResult({"ReplicationGroup": group})

    def change_replicas(response: ElastiCacheResponse) -> ActionResult:
        group = asked_for(response)
        shards, _ = shape(group)
        replicas = int(response._get_params()["NewReplicaCount"])
        if replicas == 0 and group.multi_az == "enabled":
            raise Refused("InvalidParameterCombination", "Multi-AZ needs a replica")
        lay_out(group, shards, replicas)
        return ActionResult({"ReplicationGroup": group})

    ElastiCacheResponse.increase_replica_count = change_replicas
    ElastiCacheResponse.decrease_replica_count = change_replicas

    @answers
    def delete_replication_group(response: ElastiCacheResponse) -> ActionResult:
        group, backend = asked_for(response), response.elasticache_backend
        backend.tagging_service.delete_all_tags_for_resource(group.arn)
        del backend.replication_groups[group.replication_group_id]
        group.status = "deleting"
        return ActionResult({"ReplicationGroup": group})

    # Serverless caches.

    settings = (
        "CacheUsageLimits",
        "DailySnapshotTime",
        "Description",
        "Engine",
        "MajorEngineVersion",
        "SecurityGroupIds",
        "SnapshotRetentionLimit",
        "UserGroupId",
    )

    @answers
    def create_serverless_cache(response: ElastiCacheResponse) -> ActionResult:
        params = response._get_params()
        name = params["ServerlessCacheName"]
        item = {key: params[key] for key in (*settings, "KmsKeyId", "ServerlessCacheName", "SubnetIds") if key in params}
        host = f"{name}-abc123.serverless.use1.cache.amazonaws.com"
        item |= {
            "Status": "available",
            "CreateTime": "2026-01-02T03:04:05Z",
            "Endpoint": {"Address": host, "Port": 6379},
            "ReaderEndpoint": {"Address": host, "Port": 6380},
        }
        cache = serverless_caches(response).add(response.elasticache_backend, name, item, params.get("Tags"))
        return ActionResult({"ServerlessCache": cache})

    @answers
    def describe_serverless_caches(response: ElastiCacheResponse) -> ActionResult:
        name = response._get_params().get("ServerlessCacheName")
        return ActionResult({"ServerlessCaches": serverless_caches(response).listed(name)})

    @answers
    def modify_serverless_cache(response: ElastiCacheResponse) -> ActionResult:
        params = response._get_params()
        cache = serverless_caches(response).get(params["ServerlessCacheName"])
        cache |= {key: params[key] for key in settings if key in params}
        if "RemoveUserGroup" in params:
            cache.pop("UserGroupId", None)
        return ActionResult({"ServerlessCache": cache})

    @answers
    def delete_serverless_cache(response: ElastiCacheResponse) -> ActionResult:
        name = response._get_params()["ServerlessCacheName"]
        cache = serverless_caches(response).get(name)
        response.elasticache_backend.tagging_service.delete_all_tags_for_resource(cache["ARN"])
        del serverless_caches(response).items[name]
        return ActionResult({"ServerlessCache": {**cache, "Status": "deleting"}})
