"""AWS keeps every setting of a DocumentDB cluster and its instances; ministack drops some of them on the way.

Clusters: the exported logs, the storage type (shown unless it is `standard`), the capacity of serverless instances, the secret with the
managed password, and, when they are modified, the parameter group. Instances: Performance Insights, and, when they are modified, the rank
of promotion and the certificate authority.
"""

from collections.abc import Callable

Reply = tuple[int, dict[str, str], bytes]
Handler = Callable[[dict], Reply]


def teach_ministack() -> None:
    from ministack.services import documentdb

    def asked(params: dict, name: str) -> str:
        return documentdb._evaluate_params(params, name)

    def listed(params: dict, name: str) -> list[str]:
        return documentdb._parse_member_list(params, name)

    def keep_of_cluster(cluster: dict, params: dict) -> None:
        if asked(params, "StorageType"):
            cluster["StorageType"] = asked(params, "StorageType")
        if asked(params, "DBClusterParameterGroupName"):
            cluster["DBClusterParameterGroup"] = asked(params, "DBClusterParameterGroupName")
        scaling = "ServerlessV2ScalingConfiguration"
        for bound in ("MinCapacity", "MaxCapacity"):
            if asked(params, f"{scaling}.{bound}"):
                cluster.setdefault(scaling, {})[bound] = asked(params, f"{scaling}.{bound}")
        change = "CloudwatchLogsExportConfiguration"
        on = listed(params, "EnableCloudwatchLogsExports") + listed(params, f"{change}.EnableLogTypes")
        off = listed(params, f"{change}.DisableLogTypes")
        logs = set(cluster["EnabledCloudwatchLogsExports"])
        cluster["EnabledCloudwatchLogsExports"] = sorted((logs | set(on)) - set(off))
        if asked(params, "ManageMasterUserPassword") == "true":
            arn = cluster["DBClusterArn"].replace(":rds:", ":secretsmanager:")
            secret = arn.rsplit(":", 2)[0] + f":secret:rds!{cluster['DbClusterResourceId'].lower()}"
            key = asked(params, "MasterUserSecretKmsKeyId")
            cluster["MasterUserSecret"] = {"SecretArn": secret, "SecretStatus": "active", "KmsKeyId": key}
        elif asked(params, "ManageMasterUserPassword") == "false":
            # AWS takes the password back only with another one, and deletes its secret.
            if len(asked(params, "MasterUserPassword")) < 8:
                raise ValueError("a password that is not managed has to be given")
            cluster.pop("MasterUserSecret", None)

    def keep_of_instance(instance: dict, params: dict) -> None:
        if asked(params, "EnablePerformanceInsights"):
            instance["PerformanceInsightsEnabled"] = asked(params, "EnablePerformanceInsights") == "true"
        for name in ("PerformanceInsightsKMSKeyId", "PromotionTier", "CACertificateIdentifier"):
            if asked(params, name):
                instance[name] = asked(params, name)

    def keeping(handler: Handler, things: dict, identifier: str, keep: Callable[[dict, dict], None]) -> Handler:
        def handle(params: dict) -> Reply:
            reply = handler(params)
            thing = things.get(asked(params, identifier))
            if reply[0] == 200 and thing is not None:
                keep(thing, params)
            return reply

        return handle

    for action, things, identifier, keep in (
        ("CreateDBCluster", documentdb._clusters, "DBClusterIdentifier", keep_of_cluster),
        ("ModifyDBCluster", documentdb._clusters, "DBClusterIdentifier", keep_of_cluster),
        ("CreateDBInstance", documentdb._instances, "DBInstanceIdentifier", keep_of_instance),
        ("ModifyDBInstance", documentdb._instances, "DBInstanceIdentifier", keep_of_instance),
    ):
        documentdb._ACTION_MAP[action] = keeping(documentdb._ACTION_MAP[action], things, identifier, keep)

    cluster_xml, instance_xml = documentdb._cluster_xml, documentdb._instance_xml

    def whole_cluster(cluster: dict) -> str:
        secret = cluster.get("MasterUserSecret") or {}
        xml = cluster_xml(cluster).replace(
            "</SecretStatus>", f"</SecretStatus><KmsKeyId>{secret.get('KmsKeyId', '')}</KmsKeyId>"
        )
        logs = "".join(f"<member>{log}</member>" for log in cluster["EnabledCloudwatchLogsExports"])
        xml += f"<EnabledCloudwatchLogsExports>{logs}</EnabledCloudwatchLogsExports>"
        if cluster.get("StorageType", "standard") != "standard":
            xml += f"<StorageType>{cluster['StorageType']}</StorageType>"
        scaling = cluster.get("ServerlessV2ScalingConfiguration", {})
        bounds = "".join(f"<{name}>{value}</{name}>" for name, value in scaling.items())
        return xml + f"<ServerlessV2ScalingConfiguration>{bounds}</ServerlessV2ScalingConfiguration>"

    def whole_instance(instance: dict) -> str:
        key = instance.get("PerformanceInsightsKMSKeyId", "")
        return instance_xml(instance) + f"<PerformanceInsightsKMSKeyId>{key}</PerformanceInsightsKMSKeyId>"

    documentdb._cluster_xml, documentdb._instance_xml = whole_cluster, whole_instance
