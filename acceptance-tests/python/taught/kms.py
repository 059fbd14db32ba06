"""AWS gives a replica of a key the policy, the description and the tags that it is asked for, and makes one per region at most; moto
copies those of the primary key, forgets the tags, and makes as many as it is asked for.
"""


def teach() -> None:
    from moto.kms.exceptions import AlreadyExistsException
    from moto.kms.models import kms_backends
    from moto.kms.responses import KmsResponse

    replicate = KmsResponse.replicate_key

    def replicate_key(response: KmsResponse) -> str:
        key_id = response.kms_backend.get_key_id(response._get_param("KeyId"))
        region = response._get_param("ReplicaRegion")
        there = kms_backends[response.current_account][region]
        if key_id in there.keys:
            raise AlreadyExistsException(f"{key_id} is in {region} already")
        reply = replicate(response)
        replica = there.keys[key_id]
        replica.description = response._get_param("Description") or ""
        replica.policy = response._get_param("Policy") or replica.generate_default_policy()
        replica.aliases = {}
        tags = response._get_param("Tags") or []
        there.tag_resource(key_id, {tag["TagKey"]: tag["TagValue"] for tag in tags})
        return reply

    KmsResponse.replicate_key = replicate_key
