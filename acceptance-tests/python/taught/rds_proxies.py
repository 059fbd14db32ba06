"""AWS changes proxies, gives them further endpoints, and says of one that is gone that it is gone; moto does not.

AWS gives clusters of Aurora endpoints that lead to some of their instances, and changes subscriptions to events; moto does neither.
AWS shows the instances of a cluster among the targets of its proxy, and the statements that are run on new connections.
AWS has options for MySQL 8.4, and changes the option group of an instance; moto knows versions up to 8.0.
AWS tags all of these and lists them by their tags.
"""

import functools
import re

# The sorts of resources that moto's tagging does not know.
UNTAGGED = ("cluster-endpoint", "db-proxy-endpoint", "es", "og")


def teach() -> None:
    from moto.core.resource_tagging import TaggedResource
    from moto.core.responses import ActionResult
    from moto.rds.exceptions import DBClusterNotFoundError, DBProxyNotFoundFault, RDSClientError, SubscriptionNotFoundError
    from moto.rds.models import DBProxy, DBProxyTarget, DBProxyTargetGroup, EventSubscription, OptionGroup, RDSBackend, RDSBaseModel
    from moto.rds.responses import RDSResponse

    class DBProxyEndpoint(RDSBaseModel):
        resource_type = "db-proxy-endpoint"

        def __init__(self, backend: RDSBackend, proxy: DBProxy, said: dict[str, object]) -> None:
            super().__init__(backend)
            self.db_proxy_endpoint_name = said["DBProxyEndpointName"]
            self.db_proxy_name = proxy.db_proxy_name
            self.target_role = said.get("TargetRole", "READ_WRITE")
            self.vpc_subnet_ids = said["VpcSubnetIds"]
            self.vpc_security_group_ids = said.get("VpcSecurityGroupIds", [])
            self.endpoint_network_type = said.get("EndpointNetworkType", "IPV4")
            self.vpc_id = proxy.vpc_id
            self.is_default = False
            self.status = "available"
            self.created_date = self.created
            self.endpoint = f"{self.db_proxy_endpoint_name}.endpoint.{proxy.endpoint}"
            self.tags = said.get("Tags", [])

        @property
        def resource_id(self) -> str:
            return f"prx-endpoint-{self.db_proxy_endpoint_name}"

        @property
        def db_proxy_endpoint_arn(self) -> str:
            return self.arn

    class DBClusterEndpoint(RDSBaseModel):
        resource_type = "cluster-endpoint"

        def __init__(self, backend: RDSBackend, said: dict[str, object]) -> None:
            super().__init__(backend)
            self.db_cluster_endpoint_identifier = said["DBClusterEndpointIdentifier"]
            self.db_cluster_identifier = said["DBClusterIdentifier"]
            self.db_cluster_endpoint_resource_identifier = f"cluster-endpoint-{self.db_cluster_endpoint_identifier}"
            self.endpoint = f"{self.db_cluster_endpoint_identifier}.cluster-custom-1.{self.region}.rds.amazonaws.com"
            self.status = "available"
            self.endpoint_type = "CUSTOM"
            self.change(said)
            self.tags = said.get("Tags", [])

        def change(self, said: dict[str, object]) -> None:
            self.custom_endpoint_type = said["EndpointType"]
            self.static_members = said.get("StaticMembers") or []
            self.excluded_members = said.get("ExcludedMembers") or []

        @property
        def resource_id(self) -> str:
            return self.db_cluster_endpoint_identifier

        @property
        def db_cluster_endpoint_arn(self) -> str:
            return self.arn

    make = RDSBackend.__init__

    @functools.wraps(make)
    def made(backend: RDSBackend, *arguments: object, **named: object) -> None:
        make(backend, *arguments, **named)
        backend.db_proxy_endpoints = {}
        backend.cluster_endpoints = {}
        backend.arn_regex = re.compile(r"^arn:[a-z-]+:rds:.*:[0-9]*:[a-z-]+:.*$")
        backend.resource_map[DBProxyEndpoint] = backend.db_proxy_endpoints
        backend.resource_map[DBClusterEndpoint] = backend.cluster_endpoints

    RDSBackend.__init__ = made

    find = RDSBackend._find_resource

    def found(backend: RDSBackend, sort: str, name: str) -> object:
        if sort == "db-proxy-endpoint":
            name = name.removeprefix("prx-endpoint-")
        return find(backend, sort, name)

    RDSBackend._find_resource = found

    listed = RDSBackend.iter_tagged_resources

    def iter_tagged_resources(backend: RDSBackend) -> object:
        yield from listed(backend)
        for kind, resources in backend.resource_map.items():
            if getattr(kind, "resource_type", "") in UNTAGGED:
                for resource in resources.values():
                    tags = {tag["Key"]: tag["Value"] for tag in resource.get_tags()}
                    yield TaggedResource(arn=resource.arn, tags=tags, resource_type=f"rds:{kind.resource_type}")

    RDSBackend.iter_tagged_resources = iter_tagged_resources

    # Proxies

    proxied = DBProxy.__init__

    @functools.wraps(proxied)
    def proxy_made(proxy: DBProxy, *arguments: object, **named: object) -> None:
        proxied(proxy, *arguments, **named)
        proxy.default_auth_scheme = "NONE"
        proxy.endpoint_network_type = "IPV4"
        proxy.target_connection_network_type = "IPV4"

    DBProxy.__init__ = proxy_made

    def proxy_of(response: RDSResponse) -> DBProxy:
        name = response.params["DBProxyName"]
        proxy = response.backend.db_proxies.get(name)
        if proxy is None:
            raise DBProxyNotFoundFault(name)
        return proxy

    create = RDSResponse.create_db_proxy

    def create_db_proxy(response: RDSResponse) -> ActionResult:
        scheme = response.params.get("DefaultAuthScheme", "NONE")
        response.params.setdefault("Auth", [])
        result = create(response)
        proxy_of(response).default_auth_scheme = scheme
        return result

    def modify_db_proxy(response: RDSResponse) -> ActionResult:
        proxy = proxy_of(response)
        for member, name in {
            "Auth": "auth",
            "DebugLogging": "debug_logging",
            "DefaultAuthScheme": "default_auth_scheme",
            "IdleClientTimeout": "idle_client_timeout",
            "RequireTLS": "require_tls",
            "RoleArn": "role_arn",
            "SecurityGroups": "vpc_security_group_ids",
        }.items():
            if member in response.params:
                setattr(proxy, name, response.params[member])
        return ActionResult({"DBProxy": proxy})

    RDSResponse.create_db_proxy = create_db_proxy
    RDSResponse.modify_db_proxy = modify_db_proxy
    for action in (
        "delete_db_proxy",
        "deregister_db_proxy_targets",
        "describe_db_proxy_target_groups",
        "describe_db_proxy_targets",
        "modify_db_proxy_target_group",
        "register_db_proxy_targets",
    ):

        def looked_for(response: RDSResponse, of: object = getattr(RDSResponse, action)) -> object:
            proxy_of(response)
            return of(response)

        setattr(RDSResponse, action, looked_for)

    targets_of = RDSBackend.describe_db_proxy_targets

    def describe_targets(backend: RDSBackend, proxy_name: str) -> list[DBProxyTarget]:
        targets = list(targets_of(backend, proxy_name=proxy_name))
        for target in list(targets):
            cluster = backend.clusters.get(target.rds_resource_id) if target.type == "TRACKED_CLUSTER" else None
            for instance in cluster.members if cluster else []:
                member = DBProxyTarget(backend, instance.db_instance_identifier, None, "RDS_INSTANCE")
                member._registering = False
                member.tracked_cluster_id = target.rds_resource_id
                targets.append(member)
        return targets

    RDSBackend.describe_db_proxy_targets = describe_targets

    pooled = DBProxyTargetGroup.connection_pool_config.fget

    def connection_pool_config(group: DBProxyTargetGroup) -> dict[str, object]:
        return {**pooled(group), "InitQuery": getattr(group, "init_query", "")}

    DBProxyTargetGroup.connection_pool_config = property(connection_pool_config)

    modify_pool = RDSBackend.modify_db_proxy_target_group

    def modify_db_proxy_target_group(backend: RDSBackend, proxy_name: str, config: dict[str, object]) -> DBProxyTargetGroup:
        group = modify_pool(backend, proxy_name=proxy_name, config=config)
        group.init_query = config.get("InitQuery", getattr(group, "init_query", ""))
        return group

    RDSBackend.modify_db_proxy_target_group = modify_db_proxy_target_group

    # Endpoints of proxies

    def endpoint_of(response: RDSResponse) -> DBProxyEndpoint:
        name = response.params["DBProxyEndpointName"]
        endpoint = response.backend.db_proxy_endpoints.get(name)
        if endpoint is None:
            raise RDSClientError("DBProxyEndpointNotFoundFault", f"There is no endpoint {name}.")
        return endpoint

    def create_db_proxy_endpoint(response: RDSResponse) -> ActionResult:
        endpoint = DBProxyEndpoint(response.backend, proxy_of(response), response.params)
        response.backend.db_proxy_endpoints[endpoint.db_proxy_endpoint_name] = endpoint
        return ActionResult({"DBProxyEndpoint": endpoint})

    def describe_db_proxy_endpoints(response: RDSResponse) -> ActionResult:
        return ActionResult({"DBProxyEndpoints": list(response.backend.db_proxy_endpoints.values())})

    def modify_db_proxy_endpoint(response: RDSResponse) -> ActionResult:
        endpoint = endpoint_of(response)
        endpoint.vpc_security_group_ids = response.params.get("VpcSecurityGroupIds", endpoint.vpc_security_group_ids)
        return ActionResult({"DBProxyEndpoint": endpoint})

    def delete_db_proxy_endpoint(response: RDSResponse) -> ActionResult:
        endpoint = endpoint_of(response)
        del response.backend.db_proxy_endpoints[endpoint.db_proxy_endpoint_name]
        return ActionResult({"DBProxyEndpoint": endpoint})

    RDSResponse.create_db_proxy_endpoint = create_db_proxy_endpoint
    RDSResponse.describe_db_proxy_endpoints = describe_db_proxy_endpoints
    RDSResponse.modify_db_proxy_endpoint = modify_db_proxy_endpoint
    RDSResponse.delete_db_proxy_endpoint = delete_db_proxy_endpoint

    # Endpoints of clusters

    def cluster_endpoint_of(response: RDSResponse) -> DBClusterEndpoint:
        name = response.params["DBClusterEndpointIdentifier"]
        endpoint = response.backend.cluster_endpoints.get(name)
        if endpoint is None:
            raise RDSClientError("DBClusterEndpointNotFoundFault", f"There is no endpoint {name}.")
        return endpoint

    def create_db_cluster_endpoint(response: RDSResponse) -> ActionResult:
        if response.params["DBClusterIdentifier"] not in response.backend.clusters:
            raise DBClusterNotFoundError(response.params["DBClusterIdentifier"])
        endpoint = DBClusterEndpoint(response.backend, response.params)
        response.backend.cluster_endpoints[endpoint.resource_id] = endpoint
        return ActionResult(endpoint)

    def describe_db_cluster_endpoints(response: RDSResponse) -> ActionResult:
        return ActionResult({"DBClusterEndpoints": list(response.backend.cluster_endpoints.values())})

    def modify_db_cluster_endpoint(response: RDSResponse) -> ActionResult:
        endpoint = cluster_endpoint_of(response)
        endpoint.change(response.params)
        return ActionResult(endpoint)

    def delete_db_cluster_endpoint(response: RDSResponse) -> ActionResult:
        endpoint = cluster_endpoint_of(response)
        del response.backend.cluster_endpoints[endpoint.resource_id]
        return ActionResult(endpoint)

    RDSResponse.create_db_cluster_endpoint = create_db_cluster_endpoint
    RDSResponse.describe_db_cluster_endpoints = describe_db_cluster_endpoints
    RDSResponse.modify_db_cluster_endpoint = modify_db_cluster_endpoint
    RDSResponse.delete_db_cluster_endpoint = delete_db_cluster_endpoint

    # Events

    def subscription_of(response: RDSResponse) -> EventSubscription:
        name = response.params["SubscriptionName"]
        subscription = response.backend.event_subscriptions.get(name)
        if subscription is None:
            raise SubscriptionNotFoundError(name)
        return subscription

    def modify_event_subscription(response: RDSResponse) -> ActionResult:
        subscription = subscription_of(response)
        for member, name in {
            "Enabled": "enabled",
            "EventCategories": "event_categories",
            "SnsTopicArn": "sns_topic_arn",
            "SourceType": "source_type",
        }.items():
            if member in response.params:
                setattr(subscription, name, response.params[member])
        return ActionResult({"EventSubscription": subscription})

    def add_source_identifier_to_subscription(response: RDSResponse) -> ActionResult:
        subscription = subscription_of(response)
        subscription.source_ids = [*subscription.source_ids, response.params["SourceIdentifier"]]
        return ActionResult({"EventSubscription": subscription})

    def remove_source_identifier_from_subscription(response: RDSResponse) -> ActionResult:
        subscription = subscription_of(response)
        gone = response.params["SourceIdentifier"]
        subscription.source_ids = [source for source in subscription.source_ids if source != gone]
        return ActionResult({"EventSubscription": subscription})

    RDSResponse.modify_event_subscription = modify_event_subscription
    RDSResponse.add_source_identifier_to_subscription = add_source_identifier_to_subscription
    RDSResponse.remove_source_identifier_from_subscription = remove_source_identifier_from_subscription

    # Options

    grouped = RDSBackend.create_option_group

    def create_option_group(backend: RDSBackend, said: dict[str, object]) -> OptionGroup:
        version = said["major_engine_version"]
        if said["engine_name"] == "mysql" and version == "8.4":
            said["major_engine_version"] = "8.0"
        group = grouped(backend, said)
        group.major_engine_version = version
        return group

    RDSBackend.create_option_group = create_option_group

    describe = RDSBackend.describe_option_groups

    def describe_option_groups(backend: RDSBackend, said: dict[str, object]) -> list[OptionGroup]:
        # All of them may be none.
        return describe(backend, said) if said.get("option_group_name") else list(backend.option_groups.values())

    RDSBackend.describe_option_groups = describe_option_groups
