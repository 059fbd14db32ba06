"""AWS says of an association of a network ACL that was replaced, and of a rule that was deleted, that it is not there; moto fails."""


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
