"""AWS says of a file system that is gone that it is gone; moto fails when it is asked for one of its policies."""


def teach() -> None:
    from moto.efs.exceptions import FileSystemNotFound
    from moto.efs.models import EFSBackend

    for name in ("describe_backup_policy", "describe_file_system_policy"):
        describe = getattr(EFSBackend, name)

        def of_what_is_there(backend: EFSBackend, file_system_id: str, describe: object = describe) -> object:
            if file_system_id not in backend.file_systems_by_id:
                raise FileSystemNotFound(file_system_id)
            return describe(backend, file_system_id)

        setattr(EFSBackend, name, of_what_is_there)
