"""AWS changes the throughput, the backup policy and the protection of a file system; moto has no such calls.

AWS says of a file system that is gone that it is gone; moto fails when it is asked for one of its policies.
"""

import json


def teach() -> None:
    from moto.efs.exceptions import FileSystemNotFound
    from moto.efs.models import EFSBackend, FileSystem
    from moto.efs.responses import EFSResponse

    for name in ("describe_backup_policy", "describe_file_system_policy"):
        describe = getattr(EFSBackend, name)

        def of_what_is_there(backend: EFSBackend, file_system_id: str, describe: object = describe) -> object:
            if file_system_id not in backend.file_systems_by_id:
                raise FileSystemNotFound(file_system_id)
            return describe(backend, file_system_id)

        setattr(EFSBackend, name, of_what_is_there)

    def asked_for(response: EFSResponse) -> FileSystem:
        file_system_id = response._get_param("FileSystemId")
        if file_system_id not in response.efs_backend.file_systems_by_id:
            raise FileSystemNotFound(file_system_id)
        return response.efs_backend.file_systems_by_id[file_system_id]

    def answer(body: object) -> tuple[str, dict[str, str]]:
        return json.dumps(body), {"Content-Type": "application/json"}

    def put_backup_policy(response: EFSResponse) -> object:
        policy = response._get_param("BackupPolicy")
        asked_for(response)._backup = policy["Status"] == "ENABLED"
        return answer({"BackupPolicy": policy})

    def update_file_system(response: EFSResponse) -> object:
        file_system = asked_for(response)
        file_system.throughput_mode = response._get_param("ThroughputMode") or file_system.throughput_mode
        file_system.provisioned_throughput_in_mibps = response._get_param("ProvisionedThroughputInMibps")
        return answer(file_system.info_json())

    def update_file_system_protection(response: EFSResponse) -> object:
        protection = {"ReplicationOverwriteProtection": response._get_param("ReplicationOverwriteProtection")}
        asked_for(response).file_system_protection = protection
        return answer(protection)

    EFSResponse.put_backup_policy = put_backup_policy
    EFSResponse.update_file_system = update_file_system
    EFSResponse.update_file_system_protection = update_file_system_protection
