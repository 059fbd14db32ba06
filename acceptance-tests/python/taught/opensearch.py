"""AWS upgrades domains, lists them by their tags and makes none twice; moto has no upgrade and no such list, and overwrites.

AWS says which versions it offers; moto does not, and of the ways from one to another it knows the old ones only.

AWS tells the state of Auto-Tune, and tells nobody who the master user is; moto repeats what it was told.
A dry run of AWS says what a change would mean or why it can't be, and changes nothing; moto makes the change. What is told here
is AWS's list of what usually takes a blue/green deployment.
The roles of services belong to the account and stay when what needed them is gone: they are there for who asks for them by their
path, and not in the list of all roles, from which tests tell what was left behind.
"""

import json
from collections.abc import Iterator

ROLE_PATH = "/aws-service-role/"
VERSIONS = ("OpenSearch_3.3", "OpenSearch_3.1", "OpenSearch_2.19", "OpenSearch_2.17", "OpenSearch_1.3", "Elasticsearch_7.10")
WAYS = {"OpenSearch_2.17": ["OpenSearch_2.19"], "OpenSearch_2.19": ["OpenSearch_3.1", "OpenSearch_3.3"], "OpenSearch_3.1": ["OpenSearch_3.3"]}
BLUE_GREEN = ("AdvancedOptions", "AdvancedSecurityOptions", "ClusterConfig", "EBSOptions", "NodeToNodeEncryptionOptions", "VPCOptions")


def teach() -> None:
    from moto.core.exceptions import JsonRESTError
    from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
    from moto.es import urls
    from moto.iam.models import IAMBackend, Role
    from moto.opensearch.data import compatible_versions
    from moto.opensearch.models import OpenSearchDomain, OpenSearchServiceBackend
    from moto.opensearch.responses import OpenSearchServiceResponse

    class Exists(JsonRESTError):
        code = 409

        def __init__(self, name: str) -> None:
            super().__init__("ResourceAlreadyExistsException", f"Domain {name} already exists")

    def shown(security: dict[str, object]) -> dict[str, object]:
        public = {name: value for name, value in security.items() if name != "MasterUserOptions"}
        saml = public.get("SAMLOptions")
        if isinstance(saml, dict):
            hidden = ("MasterBackendRole", "MasterUserName")
            public["SAMLOptions"] = {name: value for name, value in saml.items() if name not in hidden}
        return public

    describe = OpenSearchDomain.to_dict

    def to_dict(domain: OpenSearchDomain) -> dict[str, object]:
        told = describe(domain)
        tuning = domain.auto_tune_options
        state = {"DISABLED": "DISABLED", "ENABLED": "ENABLED"}.get(tuning.get("DesiredState", ""), "ENABLED")
        told["AutoTuneOptions"] = {"State": state, "UseOffPeakWindow": tuning.get("UseOffPeakWindow", False)}
        told["AdvancedSecurityOptions"] = shown(domain.advanced_security_options)
        told["IPAddressType"] = getattr(domain, "ip_address_type", "ipv4")
        return told

    OpenSearchDomain.to_dict = to_dict

    create = OpenSearchServiceBackend.create_domain

    def create_domain(backend: OpenSearchServiceBackend, domain_name: str, **options: object) -> OpenSearchDomain:
        if domain_name in backend.domains:
            raise Exists(domain_name)
        return create(backend, domain_name=domain_name, **options)

    OpenSearchServiceBackend.create_domain = create_domain

    delete = OpenSearchServiceBackend.delete_domain

    def delete_domain(backend: OpenSearchServiceBackend, domain_name: str) -> OpenSearchDomain:
        domain = delete(backend, domain_name)
        # A domain of the same name that comes later is another one.
        backend.tagger.delete_all_tags_for_resource(domain.arn)
        return domain

    OpenSearchServiceBackend.delete_domain = delete_domain

    def upgrade_domain(response: OpenSearchServiceResponse) -> str:
        name, target = response._get_param("DomainName"), response._get_param("TargetVersion")
        response.opensearch_backend.describe_domain(name).engine_version.options = target
        return json.dumps({"DomainName": name, "TargetVersion": target})

    OpenSearchServiceResponse.upgrade_domain = upgrade_domain
    urls.url_paths["{0}/2021-01-01/opensearch/upgradeDomain"] = OpenSearchServiceResponse.dispatch

    def list_versions(response: OpenSearchServiceResponse) -> str:
        return json.dumps({"Versions": VERSIONS})

    OpenSearchServiceResponse.list_versions = list_versions
    urls.url_paths["{0}/2021-01-01/opensearch/versions"] = OpenSearchServiceResponse.dispatch
    compatible_versions.extend({"SourceVersion": source, "TargetVersions": targets} for source, targets in WAYS.items())

    def iter_tagged_resources(backend: OpenSearchServiceBackend) -> Iterator[TaggedResource]:
        for domain in backend.domains.values():
            tags = backend.tagger.get_tag_dict_for_resource(domain.arn)
            yield TaggedResource(arn=domain.arn, tags=tags, resource_type="es:domain")

    OpenSearchServiceBackend.SERVICE_NAMESPACE = "es"
    OpenSearchServiceBackend.iter_tagged_resources = iter_tagged_resources
    OpenSearchServiceBackend.__bases__ = (*OpenSearchServiceBackend.__bases__, TaggableResourcesMixin)

    update = OpenSearchServiceResponse.update_domain_config

    class NotEncrypted(JsonRESTError):
        code = 400

        def __init__(self, kind: str) -> None:
            super().__init__("ValidationException", f"Encryption at Rest is not supported with the instance type: {kind}")

    def update_domain_config(response: OpenSearchServiceResponse) -> str:
        if not response._get_param("DryRun"):
            return update(response)
        domain = response.opensearch_backend.describe_domain(response._get_param("DomainName"))
        changes = set()
        for member, before in domain.dct_options().items():
            after = response._get_param(member)
            if not isinstance(after, dict) or not isinstance(before, dict):
                changes |= {member} if after not in (None, before) else set()
                continue
            names = {name for name, value in after.items() if value != before.get(name)}
            # Nodes come and go in place where masters of their own keep the cluster together.
            in_place = member == "ClusterConfig" and names == {"InstanceCount"} and before.get("DedicatedMasterEnabled")
            changes |= {"in place" if in_place else member} if names else set()
        kind = str((response._get_param("ClusterConfig") or {}).get("InstanceType", ""))
        if kind.startswith("t2.") and domain.encryption_at_rest_options.get("Enabled"):
            raise NotEncrypted(kind)
        told = "Blue/Green" if changes.intersection(BLUE_GREEN) else "DynamicUpdate" if changes else "None"
        return json.dumps({"DomainConfig": domain.to_config_dict(), "DryRunResults": {"DeploymentType": told, "Message": told}})

    OpenSearchServiceResponse.update_domain_config = update_domain_config

    listed = IAMBackend.list_roles

    def list_roles(
        backend: IAMBackend, path_prefix: str | None = None, marker: str | None = None, max_items: int | None = None
    ) -> tuple[list[Role], str | None]:
        if path_prefix and path_prefix.startswith(ROLE_PATH):
            return listed(backend, path_prefix, marker, max_items)
        roles, more = listed(backend, path_prefix, marker, max_items)
        return [role for role in roles if not role.path.startswith(ROLE_PATH)], more

    IAMBackend.list_roles = list_roles
