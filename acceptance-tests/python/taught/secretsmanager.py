"""AWS leaves labels of our own where they are when a value becomes the current one, and empties a description that is set to
nothing; moto does neither. ministack drops labels of our own from a value that becomes the current one.

AWS rotates in its own time and shows the whole schedule; moto wants a function that it can run, and forgets all but the days.
"""

from typing import Any


def teach() -> None:
    from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend

    update_secret = SecretsManagerBackend.update_secret
    to_dict = FakeSecret.to_dict

    def reset_default_version(secret: FakeSecret, secret_version: dict[str, Any], version_id: str) -> None:
        own = [stage for stage in secret_version["version_stages"] if stage != "AWSCURRENT"]
        secret.remove_version_stages_from_old_versions([*own, "AWSPREVIOUS"])
        for version in secret.versions.values():
            stages = version["version_stages"]
            version["version_stages"] = ["AWSPREVIOUS" if stage == "AWSCURRENT" else stage for stage in stages]
        secret.versions[version_id] = secret_version
        secret.default_version_id = version_id

    def described(backend: SecretsManagerBackend, secret_id: str, *rest: object, **named: object) -> str:
        reply = update_secret(backend, secret_id, *rest, **named)
        if named.get("description") == "":
            backend.secrets[secret_id].description = ""
        return reply

    def rotate_secret(
        backend: SecretsManagerBackend,
        secret_id: str,
        client_request_token: str | None = None,
        rotation_lambda_arn: str | None = None,
        rotation_rules: dict[str, Any] | None = None,
        rotate_immediately: bool = True,
    ) -> str:
        secret = backend.describe_secret(secret_id)
        secret.rotation_requested = True
        secret.rotation_enabled = True
        secret.rotation_lambda_arn = rotation_lambda_arn or secret.rotation_lambda_arn
        secret.rotation_rules = rotation_rules or {}
        return secret.to_short_dict()

    def with_schedule(secret: FakeSecret) -> dict[str, Any]:
        shown = to_dict(secret)
        if secret.rotation_requested:
            shown["RotationRules"] = getattr(secret, "rotation_rules", {})
        return shown

    # LocalStack patches these once more, and looks what it patches up by name in its module.
    for function in (reset_default_version, with_schedule, described, rotate_secret):
        globals()[function.__name__] = function

    FakeSecret.reset_default_version = reset_default_version
    FakeSecret.to_dict = with_schedule
    SecretsManagerBackend.update_secret = described
    SecretsManagerBackend.rotate_secret = rotate_secret


def teach_ministack() -> None:
    from ministack.services import secretsmanager

    put_secret_value = secretsmanager._put_secret_value

    def labelled(data: dict[str, Any]) -> Any:
        _, secret = secretsmanager._resolve(data.get("SecretId"))
        before = set(secret["Versions"]) if secret else set()
        reply = put_secret_value(data)
        for version in set(secret["Versions"]) - before if secret else ():
            for stage in data.get("VersionStages", []):
                secretsmanager._remove_stage_everywhere(secret, stage, except_version_id=version)
                secretsmanager._add_stage(secret, version, stage)
        return reply

    secretsmanager._put_secret_value = labelled
