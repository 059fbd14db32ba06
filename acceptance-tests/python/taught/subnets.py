"""AWS has default subnets in its default VPC alone; moto takes the first one in a zone for it, whosever that is, and gives it public addresses.

AWS names hosts after their resources and answers for IPv6 where it is told to; moto overhears that.
"""


def teach() -> None:
    from moto.core.responses import ActionResult
    from moto.ec2.models import EC2Backend
    from moto.ec2.responses.subnets import Subnets

    create = EC2Backend.create_subnet

    def create_as_asked(backend: EC2Backend, vpc_id: str, *arguments: object, **named: object) -> object:
        subnet = create(backend, vpc_id, *arguments, **named)
        if not backend.get_vpc(vpc_id).is_default:
            subnet.default_for_az = subnet.map_public_ip_on_launch = False
        return subnet

    EC2Backend.create_subnet = create_as_asked

    modify = Subnets.modify_subnet_attribute

    def modify_all(response: Subnets) -> ActionResult:
        subnet = response.ec2_backend.get_subnet(response._get_param("SubnetId"))
        names = subnet.private_dns_name_options_on_launch
        told = {
            "HostnameType": response._get_param("PrivateDnsHostnameTypeOnLaunch"),
            "EnableResourceNameDnsAAAARecord": response._get_param("EnableResourceNameDnsAAAARecordOnLaunch.Value"),
        }
        names.update({name: value for name, value in told.items() if value is not None})
        dns64 = response._get_param("EnableDns64.Value")
        if dns64 is not None:
            subnet.enable_dns64 = dns64
        return modify(response)

    Subnets.modify_subnet_attribute = modify_all
