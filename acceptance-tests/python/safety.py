"""Asks an account by boto3 what whoever answers for its data wants to know of each store, and says what is not so.

    python safety.py ENDPOINT COMPOSITE NAME

COMPOSITE and NAME are those of a data tier or of a set of secrets: `platform_data_tier shop`. What is expected is written here, from AWS's own recommendations; nothing is taken from the provider
or its state. Prints, per sort of store, how many stores and facts there were; ends with 1 and a line per fact that is not so.
"""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

# Policies of OpenSearch that know nothing older than TLS 1.2.
# https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainEndpointOptions.html
TLS_12 = ("Policy-Min-TLS-1-2-2019-07", "Policy-Min-TLS-1-2-PFS-2023-10", "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08")
# How each engine is told to refuse connections without TLS.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-ssl-connections.html
# https://docs.aws.amazon.com/documentdb/latest/developerguide/security.encryption.ssl.html
FORCES_TLS = {
    "postgres": ("rds.force_ssl", {"1"}),
    "aurora-postgresql": ("rds.force_ssl", {"1"}),
    "mysql": ("require_secure_transport", {"1", "ON"}),
    "aurora-mysql": ("require_secure_transport", {"1", "ON"}),
    "docdb": ("tls", {"enabled", "tls1.2+", "tls1.3+", "fips-140-3"}),
}


class Witness:
    def __init__(self, endpoint: str, composite: str, name: str) -> None:
        self.session = boto3.Session("test", "test", region_name="us-east-1")
        self.endpoint = endpoint
        self.name = name
        self.owner = f"{composite}/us-east-1/{name}"
        self.wrong: list[str] = []
        self.seen: dict[str, dict[str, int]] = {}
        self.key = ""

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.endpoint)

    def listed(self, service: str, call: str, member: str, **asked: object) -> list[Any]:
        client = self.client(service)
        if client.can_paginate(call):
            return [entry for page in client.get_paginator(call).paginate(**asked) for entry in page[member]]
        return getattr(client, call)(**asked)[member]

    def of_the_tier(self, service: str, call: str, member: str, identifier: str) -> Iterator[dict[str, Any]]:
        for entry in self.listed(service, call, member):
            if entry[identifier].startswith(f"{self.name}-"):
                yield entry

    def store(self, sort: str, name: str) -> Callable[..., None]:
        """Begins a store: what it returns takes a fact, what is there, and what has to be there or whether it is right."""
        counted = self.seen.setdefault(sort, {"stores": 0, "facts": 0})
        counted["stores"] += 1

        def expect(fact: str, there: object, wanted: object = True) -> None:
            counted["facts"] += 1
            right = wanted(there) if callable(wanted) else there == wanted
            if not right:
                self.wrong.append(f"{sort} {name}: {fact}: {there!r}")

        return expect

    # What stores share.

    def keys(self) -> None:
        kms = self.client("kms")
        for entry in self.listed("kms", "list_keys", "Keys"):
            key = kms.describe_key(KeyId=entry["KeyId"])["KeyMetadata"]
            tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]}
            if tags.get("platform:owner") != self.owner or key["KeyState"] == "PendingDeletion":
                continue
            expect = self.store("key", key["KeyId"])
            self.key = key["Arn"]
            expect("is a customer's", key["KeyManager"], "CUSTOMER")
            expect("rotates", kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"])
            policy = json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
            expect("lets nobody else use it", open_to_all(policy), [])

    def groups(self) -> None:
        groups = self.listed("ec2", "describe_security_groups", "SecurityGroups")
        for group in groups:
            tags = {tag["Key"]: tag["Value"] for tag in group.get("Tags", [])}
            if tags.get("platform:owner") != self.owner:
                continue
            expect = self.store("security group", group["GroupName"])
            open_to = [
                address
                for rule in group["IpPermissions"]
                for address in [r["CidrIp"] for r in rule["IpRanges"]] + [r["CidrIpv6"] for r in rule["Ipv6Ranges"]]
            ]
            expect("is closed to the internet", [address for address in open_to if address.endswith("/0")], [])
            expect("opens single ports", [rule for rule in group["IpPermissions"] if rule["IpProtocol"] == "-1"], [])

    def subnets(self, ids: list[str]) -> tuple[int, bool]:
        """In how many zones subnets are, and whether one of them has a route from the internet."""
        ec2 = self.client("ec2")
        zones = {subnet["AvailabilityZone"] for subnet in ec2.describe_subnets(SubnetIds=ids)["Subnets"]}
        tables = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": ids}])["RouteTables"]
        routes = [route for table in tables for route in table["Routes"]]
        return len(zones), any(route.get("GatewayId", "").startswith("igw-") for route in routes)

    def logs(self) -> None:
        for group in self.listed("logs", "describe_log_groups", "logGroups"):
            if f"/{self.name}-" not in group["logGroupName"]:
                continue
            expect = self.store("log group", group["logGroupName"])
            expect("is encrypted with the tier's key", group.get("kmsKeyId"), self.key)
            expect("does not keep records for ever", group.get("retentionInDays"), at_least(1))

    def alarms(self) -> None:
        for alarm in self.listed("cloudwatch", "describe_alarms", "MetricAlarms"):
            if not alarm["AlarmName"].startswith(f"{self.name}/"):
                continue
            expect = self.store("alarm", alarm["AlarmName"])
            expect("is on", alarm["ActionsEnabled"])
            expect("tells somebody", alarm["AlarmActions"], bool)
            expect("looks at one thing", alarm.get("Dimensions") or alarm.get("Metrics"), bool)

    # The stores.

    def database(self, expect: Callable[..., None], database: dict[str, Any]) -> None:
        """What holds for an instance and for a cluster."""
        expect("is encrypted", database["StorageEncrypted"])
        expect("is encrypted with the tier's key", database.get("KmsKeyId"), self.key)
        expect("cannot be deleted by mistake", database.get("DeletionProtection"))
        expect("keeps backups for a week", database.get("BackupRetentionPeriod"), at_least(7))
        expect("passes its tags on to snapshots", database.get("CopyTagsToSnapshot"))
        expect("sends its logs away", database.get("EnabledCloudwatchLogsExports"), bool)

    def password(self, expect: Callable[..., None], database: dict[str, Any]) -> None:
        name = database.get("DBInstanceIdentifier")
        if database.get("ReadReplicaDBInstanceIdentifiers"):
            # AWS manages no password of an instance with replicas: one is kept beside it.
            manager = self.client("secretsmanager")
            secret = manager.describe_secret(SecretId=f"{name}/master-password")
            login = json.loads(manager.get_secret_value(SecretId=secret["ARN"])["SecretString"])
            expect("keeps the name of the master user", login["username"], database["MasterUsername"])
            expect("has a password that nobody guesses", len(login["password"]), at_least(32))
        else:
            secret = database.get("MasterUserSecret") or {}
            expect("leaves the password to AWS", secret.get("SecretArn"), bool)
        expect("has the password encrypted with the tier's key", secret.get("KmsKeyId"), self.key)

    def forces_tls(self, expect: Callable[..., None], engine: str, call: str, **group: str) -> None:
        name, right = FORCES_TLS[engine]
        values = {p["ParameterName"]: p.get("ParameterValue") for p in self.listed("rds", call, "Parameters", **group)}
        expect(f"forces TLS by {name}", values.get(name), lambda value: value in right)

    def databases(self) -> None:
        subnets = {}
        for group in self.listed("rds", "describe_db_subnet_groups", "DBSubnetGroups"):
            subnets[group["DBSubnetGroupName"]] = [subnet["SubnetIdentifier"] for subnet in group["Subnets"]]
        members = {}
        for cluster in self.of_the_tier("rds", "describe_db_clusters", "DBClusters", "DBClusterIdentifier"):
            engine = cluster["Engine"]
            expect = self.store(engine, cluster["DBClusterIdentifier"])
            self.database(expect, cluster)
            # A Multi-AZ cluster has three instances of its own, and can't take tokens.
            own_instances = bool(cluster.get("DBClusterInstanceClass"))
            if engine != "docdb" and not own_instances:
                expect("takes IAM's tokens", cluster.get("IAMDatabaseAuthenticationEnabled"))
            self.password(expect, cluster)
            instances = [member["DBInstanceIdentifier"] for member in cluster["DBClusterMembers"]]
            expect("survives the loss of an instance", 3 if own_instances else len(instances), at_least(2))
            members |= dict.fromkeys(instances, cluster)
            zones, public = self.subnets(subnets[cluster["DBSubnetGroup"]])
            expect("may be in more than one zone", zones, at_least(2))
            expect("has no route from the internet", public, False)
            group = cluster["DBClusterParameterGroup"]
            call = "describe_db_cluster_parameters"
            self.forces_tls(expect, engine, call, DBClusterParameterGroupName=group)
        for instance in self.of_the_tier("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"):
            engine = instance["Engine"]
            expect = self.store(f"{engine} instance", instance["DBInstanceIdentifier"])
            expect("is not public", instance["PubliclyAccessible"], False)
            # DocumentDB takes patches in its maintenance windows, whatever is said.
            if engine == "docdb":
                continue
            expect("takes minor upgrades", instance["AutoMinorVersionUpgrade"])
            # AWS measures the instances of a cluster as the cluster says.
            measured = members.get(instance["DBInstanceIdentifier"], instance)
            expect("shows its load", measured.get("PerformanceInsightsEnabled"))
            expect("shows its load to whom the key allows it", measured.get("PerformanceInsightsKMSKeyId"), self.key)
            if measured is not instance:
                continue
            self.database(expect, instance)
            expect("takes IAM's tokens", instance.get("IAMDatabaseAuthenticationEnabled"))
            expect("is measured from outside", instance.get("MonitoringInterval"), at_least(1))
            group = instance["DBParameterGroups"][0]["DBParameterGroupName"]
            self.forces_tls(expect, engine, "describe_db_parameters", DBParameterGroupName=group)
            if instance.get("ReadReplicaSourceDBInstanceIdentifier"):
                continue
            self.password(expect, instance)
            expect("has a standby in another zone", instance["MultiAZ"])
            expect("grows before it is full", instance.get("MaxAllocatedStorage"), at_least(instance["AllocatedStorage"] + 1))
            zones, public = self.subnets([s["SubnetIdentifier"] for s in instance["DBSubnetGroup"]["Subnets"]])
            expect("may be in more than one zone", zones, at_least(2))
            expect("has no route from the internet", public, False)

    def tables(self) -> None:
        dynamodb = self.client("dynamodb")
        for name in self.listed("dynamodb", "list_tables", "TableNames"):
            if not name.startswith(f"{self.name}-"):
                continue
            table = dynamodb.describe_table(TableName=name)["Table"]
            expect = self.store("table", name)
            encryption = table.get("SSEDescription", {})
            expect("is encrypted", (encryption.get("Status"), encryption.get("SSEType")), ("ENABLED", "KMS"))
            expect("is encrypted with the tier's key", encryption.get("KMSMasterKeyArn"), self.key)
            expect("cannot be deleted by mistake", table.get("DeletionProtectionEnabled"))
            backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
            recovery = backups["PointInTimeRecoveryDescription"]
            expect("can be restored to any second", recovery["PointInTimeRecoveryStatus"], "ENABLED")

    def caches(self) -> None:
        for cache in self.of_the_tier(
            "elasticache", "describe_replication_groups", "ReplicationGroups", "ReplicationGroupId"
        ):
            expect = self.store("cache", cache["ReplicationGroupId"])
            expect("is encrypted at rest", cache["AtRestEncryptionEnabled"])
            expect("is encrypted with the tier's key", cache.get("KmsKeyId"), self.key)
            expect("is encrypted on the way", cache["TransitEncryptionEnabled"])
            expect("takes nothing but TLS", cache.get("TransitEncryptionMode"), "required")
            expect("fails over", cache["AutomaticFailover"], "enabled")
            expect("is in more than one zone", cache["MultiAZ"], "enabled")
            expect("keeps snapshots", cache["SnapshotRetentionLimit"], at_least(1))
            expect("takes minor upgrades", cache.get("AutoMinorVersionUpgrade"))
            expect("sends its logs away", cache.get("LogDeliveryConfigurations"), bool)
            expect("has no password", cache.get("AuthTokenEnabled", False), False)
        for cache in self.of_the_tier(
            "elasticache", "describe_serverless_caches", "ServerlessCaches", "ServerlessCacheName"
        ):
            expect = self.store("serverless cache", cache["ServerlessCacheName"])
            expect("is encrypted with the tier's key", cache.get("KmsKeyId"), self.key)
            expect("keeps snapshots", cache.get("SnapshotRetentionLimit"), at_least(1))
            zones, public = self.subnets(cache["SubnetIds"])
            expect("is in more than one zone", zones, at_least(2))
            expect("has no route from the internet", public, False)

    def domains(self) -> None:
        search = self.client("opensearch")
        for entry in search.list_domain_names()["DomainNames"]:
            if not entry["DomainName"].startswith(f"{self.name}-"):
                continue
            domain = search.describe_domain(DomainName=entry["DomainName"])["DomainStatus"]
            expect = self.store("search", domain["DomainName"])
            encryption = domain["EncryptionAtRestOptions"]
            expect("is encrypted", encryption["Enabled"])
            expect("is encrypted with the tier's key", encryption.get("KmsKeyId"), lambda key: key and key in self.key)
            expect("is encrypted between nodes", domain["NodeToNodeEncryptionOptions"]["Enabled"])
            door = domain["DomainEndpointOptions"]
            expect("takes HTTPS only", door["EnforceHTTPS"])
            expect("takes nothing older than TLS 1.2", door["TLSSecurityPolicy"], lambda policy: policy in TLS_12)
            zones, public = self.subnets(domain["VPCOptions"]["SubnetIds"])
            expect("is in more than one zone", zones, at_least(2))
            expect("has no route from the internet", public, False)
            expect("spreads over its zones", domain["ClusterConfig"]["ZoneAwarenessEnabled"])
            expect("is updated", domain.get("SoftwareUpdateOptions", {}).get("AutoSoftwareUpdateEnabled"))
            expect("sends its logs away", domain.get("LogPublishingOptions"), bool)
            expect("lets in nobody unsigned", open_to_all(json.loads(domain["AccessPolicies"])), [])

    def buckets(self) -> None:
        s3 = self.client("s3")
        for entry in s3.list_buckets()["Buckets"]:
            name = entry["Name"]
            if not name.startswith(f"{self.name}-"):
                continue
            expect = self.store("bucket", name)
            block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
            for switch in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"):
                expect(switch, block[switch])
            rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
            encryption = rule["ApplyServerSideEncryptionByDefault"]
            expect("is encrypted by KMS", encryption["SSEAlgorithm"], "aws:kms")
            expect("is encrypted with the tier's key", encryption.get("KMSMasterKeyID"), self.key)
            expect("spares calls of KMS", rule.get("BucketKeyEnabled"))
            expect("keeps old versions", s3.get_bucket_versioning(Bucket=name).get("Status"), "Enabled")
            controls = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
            expect("has no ACLs", [rule["ObjectOwnership"] for rule in controls], ["BucketOwnerEnforced"])
            policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
            denied = [statement for statement in policy["Statement"] if statement["Effect"] == "Deny"]
            expect("takes TLS only", [s for s in denied if is_about(s, "aws:SecureTransport", "false")], bool)
            everybody = [s for s in denied if s.get("Principal") in ("*", {"AWS": "*"}) and "s3:*" in s["Action"]]
            expect("says so to everybody and of everything", everybody, bool)
            expect("is open to nobody", open_to_all(policy), [])
            rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
            expect("drops unfinished uploads", [r for r in rules if "AbortIncompleteMultipartUpload" in r], bool)
            expect("drops old versions in the end", [r for r in rules if "NoncurrentVersionExpiration" in r], bool)

    def secrets(self) -> None:
        manager = self.client("secretsmanager")
        # Those of RDS and DocumentDB are made by AWS for a master user.
        prefixes = (f"{self.name}/", f"{self.name}-", "rds!")
        for secret in self.listed("secretsmanager", "list_secrets", "SecretList"):
            if not secret["Name"].startswith(prefixes):
                continue
            expect = self.store("secret", secret["Name"])
            expect("is encrypted with the key of its set", secret.get("KmsKeyId"), self.key)
            policy = manager.get_resource_policy(SecretId=secret["ARN"]).get("ResourcePolicy")
            expect("is open to nobody", open_to_all(json.loads(policy)) if policy else [], [])

    def file_systems(self) -> None:
        efs = self.client("efs")
        for entry in self.listed("efs", "describe_file_systems", "FileSystems"):
            tags = {tag["Key"]: tag["Value"] for tag in entry["Tags"]}
            if tags.get("platform:owner") != self.owner:
                continue
            name = entry["FileSystemId"]
            expect = self.store("file system", tags["platform:address"])
            expect("is encrypted", entry["Encrypted"])
            expect("is encrypted with the tier's key", entry.get("KmsKeyId"), self.key)
            expect("is backed up", efs.describe_backup_policy(FileSystemId=name)["BackupPolicy"]["Status"], "ENABLED")
            policy = json.loads(efs.describe_file_system_policy(FileSystemId=name)["Policy"])
            denied = [statement for statement in policy["Statement"] if statement["Effect"] == "Deny"]
            expect("takes TLS only", [s for s in denied if is_about(s, "aws:SecureTransport", "false")], bool)
            subnets = [target["SubnetId"] for target in efs.describe_mount_targets(FileSystemId=name)["MountTargets"]]
            zones, public = self.subnets(subnets)
            expect("is in more than one zone", zones, at_least(2))
            expect("has no route from the internet", public, False)


def at_least(least: int) -> Callable[[int | None], bool]:
    return lambda there: there is not None and there >= least


def is_about(statement: dict[str, Any], key: str, value: str) -> bool:
    return str(statement.get("Condition", {}).get("Bool", {}).get(key, "")).lower() == value


def open_to_all(policy: dict[str, Any]) -> list[object]:
    """Statements that allow everybody something, without a condition."""
    return [
        statement
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and not statement.get("Condition")
    ]


def main() -> int:
    witness = Witness(*sys.argv[1:4])
    witness.keys()
    questions = (
        witness.groups,
        witness.databases,
        witness.tables,
        witness.caches,
        witness.domains,
        witness.buckets,
        witness.file_systems,
        witness.secrets,
        witness.logs,
        witness.alarms,
    )
    if sys.argv[2] == "platform_secrets":
        questions = (witness.secrets,)
    for question in questions:
        try:
            question()
        except (ClientError, KeyError) as error:
            witness.wrong.append(f"{question.__name__}: {error!r}")
    if witness.wrong:
        print("\n".join(witness.wrong))
        return 1
    print(json.dumps(witness.seen))
    return 0


sys.exit(main())
