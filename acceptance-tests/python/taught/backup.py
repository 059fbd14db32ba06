"""AWS has selections, access policies, notifications, frameworks and restore tests, and changes plans and reports; moto does not.

AWS answers a create that is repeated with the same token with what is there, forgets tags with what has them, refuses to delete a plan
with selections or a vault with recovery points, and looks at the role of a selection. A recovery point in a vault that is locked, or whose
policy denies it to everybody, is not deleted. A backup job is done as soon as it is ordered.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

#: Types of resources that an account can switch on, as they are to begin with.
TYPES = ("Aurora", "DocumentDB", "DynamoDB", "EBS", "EC2", "EFS", "RDS", "S3")

Item = dict[str, Any]


def teach() -> None:
    from moto.backup import urls
    from moto.backup.exceptions import (
        AlreadyExistsException,
        BackupClientError,
        InvalidParameterValueException,
        InvalidRequestException,
        ResourceNotFoundException,
    )
    from moto.backup.models import BackupBackend, Plan
    from moto.backup.responses import BackupResponse
    from moto.core.resource_tagging import TaggedResource
    from moto.core.utils import unix_time
    from moto.iam.models import iam_backends

    urls.url_paths["{0}/.*$"] = BackupResponse.dispatch

    class AccessDenied(BackupClientError):
        def __init__(self, msg: str) -> None:
            super().__init__("AccessDeniedException", msg)

    def shelf(backend: BackupBackend, name: str) -> dict[str, Item]:
        return backend.__dict__.setdefault("taught", {}).setdefault(name, {})

    def arn(backend: BackupBackend, resource: str) -> str:
        return f"arn:{backend.partition}:backup:{backend.region_name}:{backend.account_id}:{resource}"

    def found(items: dict[str, Item], key: str, what: str) -> Item:
        if key not in items:
            raise ResourceNotFoundException(f"{what} {key} does not exist")
        return items[key]

    def answer(body: object) -> tuple[int, dict[str, str], str]:
        return 200, {"Content-Type": "application/json"}, json.dumps(body)

    def asked(response: BackupResponse) -> tuple[BackupBackend, list[str], Item]:
        """The backend, the pieces of the path, the body."""
        body = json.loads(response.body) if response.body else {}
        return response.backup_backend, response.path.strip("/").split("/"), body

    def taught(action: Callable[[BackupBackend, list[str], Item], object]) -> None:
        setattr(BackupResponse, action.__name__, lambda response: answer(action(*asked(response))))

    # Vaults.

    def vault_named(backend: BackupBackend, name: str) -> Any:
        if name not in backend.vaults:
            raise ResourceNotFoundException(f"Backup vault {name} does not exist")
        return backend.vaults[name]

    create_vault = BackupBackend.create_backup_vault

    def create_backup_vault(backend: BackupBackend, **wanted: Any) -> object:
        there = backend.vaults.get(wanted["backup_vault_name"])
        if there and there.creator_request_id and there.creator_request_id == wanted["creator_request_id"]:
            return there
        return create_vault(backend, **wanted)

    def forget_tags(backend: BackupBackend, resource: str) -> None:
        backend.tagger.delete_all_tags_for_resource(resource)

    def delete_vault(backend: BackupBackend, backup_vault_name: str) -> None:
        vault = vault_named(backend, backup_vault_name)
        if any(point["BackupVaultName"] == backup_vault_name for point in shelf(backend, "points").values()):
            raise InvalidRequestException("Backup vault cannot be deleted because it contains recovery points")
        del backend.vaults[backup_vault_name]
        for name in ("policies", "notifications"):
            shelf(backend, name).pop(backup_vault_name, None)
        forget_tags(backend, vault.backup_vault_arn)

    BackupBackend.create_backup_vault = create_backup_vault
    BackupBackend.delete_backup_vault = delete_vault

    def of_vault(name: str, word: str) -> None:
        """What a vault has one of: policy, notifications."""

        def put(backend: BackupBackend, path: list[str], body: Item) -> Item:
            vault = vault_named(backend, path[1])
            shelf(backend, name)[path[1]] = {
                **body,
                "BackupVaultName": path[1],
                "BackupVaultArn": vault.backup_vault_arn,
            }
            return {}

        def get(backend: BackupBackend, path: list[str], _body: Item) -> Item:
            vault_named(backend, path[1])
            return found(shelf(backend, name), path[1], f"{word} of vault")

        def delete(backend: BackupBackend, path: list[str], _body: Item) -> Item:
            shelf(backend, name).pop(path[1], None)
            return {}

        for verb in (put, get, delete):
            verb.__name__ = f"{verb.__name__}_backup_vault_{word}"
            taught(verb)

    of_vault("policies", "access_policy")
    of_vault("notifications", "notifications")

    def start_backup_job(backend: BackupBackend, _path: list[str], body: Item) -> Item:
        vault_named(backend, body["BackupVaultName"])
        point = arn(backend, f"recovery-point:{uuid.uuid4()}")
        shelf(backend, "points")[point] = {
            "RecoveryPointArn": point,
            "BackupVaultName": body["BackupVaultName"],
            "ResourceArn": body["ResourceArn"],
            "Status": "COMPLETED",
            "CreationDate": unix_time(),
        }
        return {"RecoveryPointArn": point, "BackupJobId": str(uuid.uuid4())}

    def list_recovery_points_by_backup_vault(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        vault_named(backend, path[1])
        points = shelf(backend, "points").values()
        return {"RecoveryPoints": [point for point in points if point["BackupVaultName"] == path[1]]}

    def delete_recovery_point(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        vault = vault_named(backend, path[1])
        policy = json.loads(shelf(backend, "policies").get(path[1], {}).get("Policy", "{}"))
        for statement in policy.get("Statement", []):
            if statement["Effect"] == "Deny" and "backup:DeleteRecoveryPoint" in statement["Action"]:
                raise AccessDenied("with an explicit deny in a resource-based policy")
        if vault.locked:
            raise InvalidRequestException("Recovery point is in a locked vault")
        shelf(backend, "points").pop(unquote(path[3]))
        return {}

    # Plans and selections.

    def create_backup_plan(
        backend: BackupBackend, backup_plan: Item, backup_plan_tags: dict[str, str] | None, creator_request_id: str
    ) -> Plan:
        for plan in backend.plans.values():
            if creator_request_id and plan.creator_request_id == creator_request_id:
                return plan
        for rule in backup_plan["Rules"]:
            vault_named(backend, rule["TargetBackupVaultName"])
        plan = Plan(backup_plan, creator_request_id, backend)
        if backup_plan_tags:
            backend.tag_resource(plan.backup_plan_arn, backup_plan_tags)
        backend.plans[plan.backup_plan_id] = plan
        return plan

    def plan_with(backend: BackupBackend, plan_id: str) -> Plan:
        if plan_id not in backend.plans:
            raise ResourceNotFoundException("Failed reading Backup plan with provided version")
        return backend.plans[plan_id]

    def update_backup_plan(backend: BackupBackend, path: list[str], body: Item) -> Item:
        old = plan_with(backend, path[2])
        new = Plan(body["BackupPlan"], old.creator_request_id, backend)
        new.backup_plan_id, new.backup_plan_arn, new.creation_date = old.backup_plan_id, old.backup_plan_arn, old.creation_date
        backend.plans[path[2]] = new
        return new.to_dict()

    delete_plan = BackupBackend.delete_backup_plan

    def delete_backup_plan(backend: BackupBackend, backup_plan_id: str) -> object:
        plan = plan_with(backend, backup_plan_id)
        if any(item["BackupPlanId"] == backup_plan_id for item in shelf(backend, "selections").values()):
            raise InvalidRequestException("Related backup plan selections must be deleted prior to backup plan deletion")
        deleted = delete_plan(backend, backup_plan_id)
        del backend.plans[backup_plan_id]
        forget_tags(backend, plan.backup_plan_arn)
        return deleted

    BackupBackend.create_backup_plan = create_backup_plan
    BackupBackend.delete_backup_plan = delete_backup_plan

    def look_at_role(backend: BackupBackend, role: str) -> None:
        if not any(known.arn == role for known in iam_backends[backend.account_id][backend.partition].roles.values()):
            raise InvalidParameterValueException(f"IAM Role {role} is not authorized to call AWS Backup, or does not exist")

    def create_backup_selection(backend: BackupBackend, path: list[str], body: Item) -> Item:
        plan_with(backend, path[2])
        selection = body["BackupSelection"]
        look_at_role(backend, selection["IamRoleArn"])
        for item in shelf(backend, "selections").values():
            if item["BackupPlanId"] == path[2] and item["BackupSelection"]["SelectionName"] == selection["SelectionName"]:
                if item["CreatorRequestId"] == body.get("CreatorRequestId"):
                    return item
                raise AlreadyExistsException("Backup selection with the same name already exists")
        selection_id = str(uuid.uuid4())
        shelf(backend, "selections")[selection_id] = {
            "SelectionId": selection_id,
            "BackupPlanId": path[2],
            "BackupSelection": selection,
            "CreationDate": unix_time(),
            "CreatorRequestId": body.get("CreatorRequestId"),
        }
        return shelf(backend, "selections")[selection_id]

    def list_backup_selections(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        plan_with(backend, path[2])
        named = [
            {**item, "SelectionName": item["BackupSelection"]["SelectionName"], "IamRoleArn": item["BackupSelection"]["IamRoleArn"]}
            for item in shelf(backend, "selections").values()
            if item["BackupPlanId"] == path[2]
        ]
        return {"BackupSelectionsList": [{k: v for k, v in item.items() if k != "BackupSelection"} for item in named]}

    def get_backup_selection(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        return found(shelf(backend, "selections"), path[4], "Backup selection")

    def delete_backup_selection(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        found(shelf(backend, "selections"), path[4], "Backup selection")
        del shelf(backend, "selections")[path[4]]
        return {}

    # Frameworks, reports and restore tests, which have names.

    def create_named(backend: BackupBackend, name: str, word: str, item: Item, body: Item, token: str) -> Item:
        items = shelf(backend, word)
        if name in items:
            if body.get(token) and items[name]["token"] == body.get(token):
                return items[name]["shown"]
            raise AlreadyExistsException(f"{word} {name} already exists")
        where = arn(backend, f"{word}:{name}-{uuid.uuid4()}")
        items[name] = {"shown": item, "token": body.get(token), "arn": where}
        tags = body.get("FrameworkTags") or body.get("ReportPlanTags") or body.get("Tags")
        if tags:
            backend.tag_resource(where, tags)
        return item

    def delete_named(backend: BackupBackend, name: str, word: str) -> Item:
        item = found(shelf(backend, word), name, word)
        forget_tags(backend, item["arn"])
        del shelf(backend, word)[name]
        return {}

    FRAMEWORK, REPORT, RESTORE = "framework", "report-plan", "restore-testing-plan"

    def framework(backend: BackupBackend, name: str) -> Item:
        item = found(shelf(backend, FRAMEWORK), name, FRAMEWORK)
        return {**item["shown"], "FrameworkArn": item["arn"]}

    def create_framework(backend: BackupBackend, _path: list[str], body: Item) -> Item:
        shown = {key: body[key] for key in ("FrameworkName", "FrameworkDescription", "FrameworkControls") if key in body}
        shown |= {"CreationTime": unix_time(), "DeploymentStatus": "COMPLETED", "FrameworkStatus": "ACTIVE"}
        create_named(backend, body["FrameworkName"], FRAMEWORK, shown, body, "IdempotencyToken")
        return framework(backend, body["FrameworkName"])

    def describe_framework(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        return framework(backend, path[2])

    def list_frameworks(backend: BackupBackend, _path: list[str], _body: Item) -> Item:
        shown = [framework(backend, name) for name in shelf(backend, FRAMEWORK)]
        return {"Frameworks": [{**item, "NumberOfControls": len(item.pop("FrameworkControls"))} for item in shown]}

    def update_framework(backend: BackupBackend, path: list[str], body: Item) -> Item:
        shown = found(shelf(backend, FRAMEWORK), path[2], FRAMEWORK)["shown"]
        shown |= {key: body[key] for key in ("FrameworkDescription", "FrameworkControls") if key in body}
        return framework(backend, path[2])

    def delete_framework(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        return delete_named(backend, path[2], FRAMEWORK)

    def report(backend: BackupBackend, name: str) -> Item:
        item = found(shelf(backend, REPORT), name, REPORT)
        return {**item["shown"], "ReportPlanArn": item["arn"]}

    of_report = ("ReportPlanDescription", "ReportDeliveryChannel", "ReportSetting")

    def create_report_plan(backend: BackupBackend, _path: list[str], body: Item) -> Item:
        for framework_arn in body["ReportSetting"].get("FrameworkArns", []):
            if not any(item["arn"] == framework_arn for item in shelf(backend, FRAMEWORK).values()):
                raise ResourceNotFoundException(f"framework {framework_arn} does not exist")
        shown = {key: body[key] for key in ("ReportPlanName", *of_report) if key in body}
        shown |= {"CreationTime": unix_time(), "DeploymentStatus": "COMPLETED"}
        create_named(backend, body["ReportPlanName"], REPORT, shown, body, "IdempotencyToken")
        return report(backend, body["ReportPlanName"])

    def describe_report_plan(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        return {"ReportPlan": report(backend, path[2])}

    def list_report_plans(backend: BackupBackend, _path: list[str], _body: Item) -> Item:
        return {"ReportPlans": [report(backend, name) for name in shelf(backend, REPORT)]}

    def update_report_plan(backend: BackupBackend, path: list[str], body: Item) -> Item:
        shown = found(shelf(backend, REPORT), path[2], REPORT)["shown"]
        shown |= {key: body[key] for key in of_report if key in body}
        return report(backend, path[2])

    def delete_report_plan(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        return delete_named(backend, path[2], REPORT)

    def restore_plan(backend: BackupBackend, name: str) -> Item:
        item = found(shelf(backend, RESTORE), name, RESTORE)
        return {**item["shown"], "RestoreTestingPlanArn": item["arn"]}

    def create_restore_testing_plan(backend: BackupBackend, _path: list[str], body: Item) -> Item:
        plan = {"ScheduleExpressionTimezone": "Etc/UTC", "StartWindowHours": 24, **body["RestoreTestingPlan"]}
        plan["RecoveryPointSelection"] = {"ExcludeVaults": [], "SelectionWindowDays": 30, **plan["RecoveryPointSelection"]}
        plan |= {"CreationTime": unix_time(), "CreatorRequestId": body.get("CreatorRequestId")}
        create_named(backend, plan["RestoreTestingPlanName"], RESTORE, plan, body, "CreatorRequestId")
        return restore_plan(backend, plan["RestoreTestingPlanName"])

    def get_restore_testing_plan(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        return {"RestoreTestingPlan": restore_plan(backend, path[2])}

    def list_restore_testing_plans(backend: BackupBackend, _path: list[str], _body: Item) -> Item:
        return {"RestoreTestingPlans": [restore_plan(backend, name) for name in shelf(backend, RESTORE)]}

    def update_restore_testing_plan(backend: BackupBackend, path: list[str], body: Item) -> Item:
        shown = found(shelf(backend, RESTORE), path[2], RESTORE)["shown"]
        shown |= body["RestoreTestingPlan"]
        return restore_plan(backend, path[2])

    def delete_restore_testing_plan(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        if any(key.startswith(f"{path[2]}/") for key in shelf(backend, "restore-selections")):
            raise InvalidRequestException("Restore testing selections must be deleted before their plan")
        return delete_named(backend, path[2], RESTORE)

    def create_restore_testing_selection(backend: BackupBackend, path: list[str], body: Item) -> Item:
        found(shelf(backend, RESTORE), path[2], RESTORE)
        selection = body["RestoreTestingSelection"]
        look_at_role(backend, selection["IamRoleArn"])
        key = f"{path[2]}/{selection['RestoreTestingSelectionName']}"
        items = shelf(backend, "restore-selections")
        if key in items and items[key]["CreatorRequestId"] != body.get("CreatorRequestId"):
            raise AlreadyExistsException(f"selection {key} already exists")
        items[key] = {
            "ValidationWindowHours": 0,
            "RestoreMetadataOverrides": {},
            **selection,
            "RestoreTestingPlanName": path[2],
            "CreationTime": unix_time(),
            "CreatorRequestId": body.get("CreatorRequestId"),
        }
        return items[key]

    def list_restore_testing_selections(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        found(shelf(backend, RESTORE), path[2], RESTORE)
        of_list = (
            "CreationTime",
            "IamRoleArn",
            "ProtectedResourceType",
            "RestoreTestingPlanName",
            "RestoreTestingSelectionName",
            "ValidationWindowHours",
        )
        items = [item for key, item in shelf(backend, "restore-selections").items() if key.startswith(f"{path[2]}/")]
        return {"RestoreTestingSelections": [{key: item[key] for key in of_list} for item in items]}

    def get_restore_testing_selection(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        item = found(shelf(backend, "restore-selections"), f"{path[2]}/{path[4]}", "selection")
        return {"RestoreTestingSelection": item}

    def update_restore_testing_selection(backend: BackupBackend, path: list[str], body: Item) -> Item:
        item = found(shelf(backend, "restore-selections"), f"{path[2]}/{path[4]}", "selection")
        item |= body["RestoreTestingSelection"]
        return item

    def delete_restore_testing_selection(backend: BackupBackend, path: list[str], _body: Item) -> Item:
        found(shelf(backend, "restore-selections"), f"{path[2]}/{path[4]}", "selection")
        del shelf(backend, "restore-selections")[f"{path[2]}/{path[4]}"]
        return {}

    # What an account switches on.

    def describe_region_settings(backend: BackupBackend, _path: list[str], _body: Item) -> Item:
        preference = {**dict.fromkeys(TYPES, True), **shelf(backend, "region-settings")}
        return {"ResourceTypeOptInPreference": preference, "ResourceTypeManagementPreference": {}}

    def update_region_settings(backend: BackupBackend, _path: list[str], body: Item) -> Item:
        shelf(backend, "region-settings").update(body["ResourceTypeOptInPreference"])
        return {}

    for action in (
        start_backup_job,
        list_recovery_points_by_backup_vault,
        delete_recovery_point,
        update_backup_plan,
        create_backup_selection,
        list_backup_selections,
        get_backup_selection,
        delete_backup_selection,
        create_framework,
        describe_framework,
        list_frameworks,
        update_framework,
        delete_framework,
        create_report_plan,
        describe_report_plan,
        list_report_plans,
        update_report_plan,
        delete_report_plan,
        create_restore_testing_plan,
        get_restore_testing_plan,
        list_restore_testing_plans,
        update_restore_testing_plan,
        delete_restore_testing_plan,
        create_restore_testing_selection,
        list_restore_testing_selections,
        get_restore_testing_selection,
        update_restore_testing_selection,
        delete_restore_testing_selection,
        describe_region_settings,
        update_region_settings,
    ):
        taught(action)

    vaults_alone = BackupBackend.iter_tagged_resources

    def iter_tagged_resources(backend: BackupBackend) -> Iterator[TaggedResource]:
        yield from vaults_alone(backend)
        arns = [(plan.backup_plan_arn, "backup-plan") for plan in backend.plans.values()]
        for word in (FRAMEWORK, REPORT, RESTORE):
            arns += [(item["arn"], word) for item in shelf(backend, word).values()]
        for resource, word in arns:
            tags = backend.tagger.get_tag_dict_for_resource(resource)
            yield TaggedResource(arn=resource, tags=tags, resource_type=f"backup:{word}")

    BackupBackend.iter_tagged_resources = iter_tagged_resources
