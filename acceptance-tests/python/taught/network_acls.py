"""AWS says of an association of a network ACL that was replaced, and of a rule that was deleted, that it is not there; moto fails.

AWS deletes the default one with its VPC; moto keeps it.
"""


def teach() -> None:
    from moto.ec2.exceptions import EC2ClientError, InvalidAssociationIdError
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.network_acls import NetworkAclAssociation

    replace = EC2Backend.replace_network_acl_association

    def replace_what_is_there(backend: EC2Backend, association_id: str, network_acl_id: str) -> NetworkAclAssociation:
        # LocalStack's older moto has another name for them.
        held = (getattr(acl, "_associations", None) or getattr(acl, "associations", {}) for acl in backend.network_acls.values())
        if not any(association_id in associations for associations in held):
            raise InvalidAssociationIdError(association_id)
        return replace(backend, association_id, network_acl_id)

    EC2Backend.replace_network_acl_association = replace_what_is_there

    delete = EC2Backend.delete_network_acl_entry

    def delete_what_is_there(backend: EC2Backend, network_acl_id: str, rule_number: int, egress: bool) -> object:
        try:
            return delete(backend, network_acl_id, rule_number, egress)
        except StopIteration:
            raise EC2ClientError("InvalidNetworkAclEntry.NotFound", f"The entry {rule_number} of {network_acl_id} does not exist") from None

    EC2Backend.delete_network_acl_entry = delete_what_is_there

    delete_vpc = EC2Backend.delete_vpc

    def delete_with_default(backend: EC2Backend, vpc_id: str) -> object:
        vpc = delete_vpc(backend, vpc_id)
        for acl in list(backend.network_acls.values()):
            if acl.vpc_id == vpc_id and acl.default:
                del backend.network_acls[acl.id]
        return vpc

    EC2Backend.delete_vpc = delete_with_default
