"""AWS soon shows no more of a block that was disassociated; moto does until the VPC gets another one, and gives new route tables a route for it."""


def teach() -> None:
    from moto.ec2.models import EC2Backend

    disassociate = EC2Backend.disassociate_vpc_cidr_block

    def disassociate_and_forget(backend: EC2Backend, association_id: str) -> dict:
        response = disassociate(backend, association_id)
        backend.vpcs[response["vpc_id"]]._cidr_block_association_set.pop(association_id, None)
        return response

    EC2Backend.disassociate_vpc_cidr_block = disassociate_and_forget
