"""AWS says of a file system that is gone that it is gone; moto fails when it is asked for its backup policy."""


def teach() -> None:
    from moto.efs.exceptions import FileSystemNotFound
    from moto.efs.models import EFSBackend

    describe = EFSBackend.describe_backup_policy

    def describe_backup_policy(backend: EFSBackend, file_system_id: str) -> dict[str, str]:
        if file_system_id not in backend.file_systems_by_id:
            raise FileSystemNotFound(file_system_id)
        return describe(backend, file_system_id)

    EFSBackend.describe_backup_policy = describe_backup_policy
