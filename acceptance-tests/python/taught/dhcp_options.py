"""AWS tags DHCP options when it makes them; moto leaves the tags out."""


def teach() -> None:
    from moto.ec2.responses.dhcp_options import DHCPOptions

    create = DHCPOptions.create_dhcp_options

    def create_and_tag(response: DHCPOptions) -> object:
        sets = response.ec2_backend.dhcp_options_sets
        before = set(sets)
        result = create(response)
        tags = response._parse_tag_specification().get("dhcp-options", {})
        for made in set(sets) - before:
            sets[made].add_tags(tags)
        return result

    DHCPOptions.create_dhcp_options = create_and_tag
