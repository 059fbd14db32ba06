"""Runs an emulator of AWS on a port of 127.0.0.1, with all its files in one folder.

    python emulator.py {moto,ministack,localstack} PORT FOLDER [--with-parent] [--forkable]

With --with-parent the emulator ends when standard input does. The parent holds the other end and never
writes to it, so the end of input means that the parent is gone, however it died.

With --forkable, moto can be copied with everything that exists in it: `POST /fork` answers with the port of a
process that goes on from here on its own, `POST /end` ends the process that is asked. See `serve_forkable`.
"""

import functools
import gc
import os
import pathlib
import runpy
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable

# What runs from the source tree leaves nothing in it.
sys.dont_write_bytecode = True
import taught  # noqa: E402


def moto(port: str, folder: pathlib.Path) -> tuple[list[str], dict[str, str]]:
    return ["moto.server", "-H", "127.0.0.1", "-p", port], {
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        # 1,300 images that nothing here reads; without them the first EC2 call takes half as long.
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
        # Headers for browsers.
        "MOTO_DISABLE_GLOBAL_CORS": "true",
    }


def teach_moto() -> None:
    """What AWS answers and moto does not.

    AWS finds endpoints by `vpc-endpoint-id`; moto looks for an attribute of that name, which its endpoints lack.
    AWS shows the description of every security group rule; moto only that of rules with address ranges.
    AWS finds what matches any value of a filter; moto, where a thing has several values, what has all or only these.
    AWS deletes a gateway endpoint whose route table came later; moto misses its route in that table, and refuses.
    AWS releases the addresses of a NAT gateway that is deleted, and removes its network interface; moto keeps both, so that
    no other gateway can have the addresses, and the interface stands in the way of its subnet for ever.
    AWS lets go of the DHCP options that others replace in a VPC; moto takes both for assigned, and deletes neither.
    AWS lets go of the route table of a subnet that is deleted; moto keeps the association, and deletes the table never more.
    """
    from moto.ec2 import utils
    from moto.ec2.exceptions import InvalidRouteError, InvalidRouteTableIdError
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.nat_gateways import NatGateway
    from moto.ec2.models.security_groups import SecurityGroupRule
    from moto.ec2.models.vpcs import VPCEndPoint

    VPCEndPoint.vpc_endpoint_id = property(lambda endpoint: endpoint.id)

    def description(rule: SecurityGroupRule) -> str | None:
        return (rule.ip_range or rule.source_group or {}).get("Description")

    SecurityGroupRule.description = property(description)

    matches = utils.is_filter_matching

    def matches_any(thing: object, name: str, wanted: object) -> bool:
        if not isinstance(wanted, list):
            return matches(thing, name, wanted)
        return any(matches(thing, name, [value]) for value in wanted)

    utils.is_filter_matching = matches_any

    delete_gateway = EC2Backend.delete_nat_gateway

    def delete_and_release(backend: EC2Backend, nat_gateway_id: str) -> NatGateway:
        gateway = delete_gateway(backend, nat_gateway_id)
        for address in backend.addresses:
            if address.eni is gateway._eni:
                backend.disassociate_address(association_id=address.association_id)
        # A gateway that is deleted twice has none the second time.
        backend.enis.pop(gateway._eni.id, None)
        return gateway

    EC2Backend.delete_nat_gateway = delete_and_release

    delete = EC2Backend.delete_route

    def delete_route(backend: EC2Backend, table: str, destination: str, *more: object, **named: object) -> object:
        try:
            return delete(backend, table, destination, *more, **named)
        except (InvalidRouteError, InvalidRouteTableIdError):
            if not str(destination).startswith("pl-"):
                raise

    EC2Backend.delete_route = delete_route

    associate_options = EC2Backend.associate_dhcp_options

    def associate_other_options(backend: EC2Backend, options: object, vpc: object) -> None:
        backend.disassociate_dhcp_options(vpc)
        associate_options(backend, options, vpc)

    EC2Backend.associate_dhcp_options = associate_other_options

    delete_alone = EC2Backend.delete_subnet

    def delete_with_association(backend: EC2Backend, subnet_id: str) -> object:
        subnet = delete_alone(backend, subnet_id)
        for table in backend.route_tables.values():
            # LocalStack's older moto has another name for them.
            held = table._associations if hasattr(table, "_associations") else table.associations
            for association in [association for association, other in held.items() if other == subnet_id]:
                del held[association]
        return subnet

    EC2Backend.delete_subnet = delete_with_association

    taught.teach()


def quicken_moto() -> None:
    """What moto works out anew at every call although it never changes, a third of its time: remembered. What nobody reads is not written."""
    from moto import backends
    from moto.core import responses
    from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
    from moto.ec2.models.core import TaggedEC2Resource
    from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix
    from moto.moto_server.werkzeug_app import MotoRequestHandler

    responses.method_names_from_class = functools.cache(responses.method_names_from_class)
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules

    possible_keys = XFormedAttributePicker.get_possible_keys

    def remembered_keys(picker: XFormedAttributePicker, context: AttributePickerContext) -> Iterable[str]:
        """The names that a member may have in an object depend on its shape and on the sort of the object."""
        if context.shape is None:
            return possible_keys(picker, context)
        known = context.shape.__dict__.setdefault("possible_keys", {})
        asked = context.key, type(context.obj), *picker.alias_providers
        if asked not in known:
            known[asked] = tuple(dict.fromkeys(possible_keys(picker, context)))
        return known[asked]

    XFormedAttributePicker.get_possible_keys = remembered_keys

    def tags_of_one(resource: TaggedEC2Resource) -> list[dict[str, str]]:
        """moto looks through the tags of everything for those of one."""
        tags = resource.ec2_backend.tags.get(resource.id, {})
        kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource.id), "") if tags else ""
        named = {"resource_id": resource.id, "resource_type": kind}
        return [named | {"key": key, "value": value} for key, value in tags.items()]

    TaggedEC2Resource.get_tags = tags_of_one
    MotoRequestHandler.log_request = lambda *_: None


def ministack(port: str, folder: pathlib.Path) -> tuple[list[str], dict[str, str]]:
    return ["ministack"], {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": port}


def localstack(port: str, folder: pathlib.Path) -> tuple[list[str], dict[str, str]]:
    return ["localstack.runtime.main"], {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        # The default server listens on every interface, whatever GATEWAY_LISTEN says.
        "GATEWAY_SERVER": "hypercorn",
        "LOCALSTACK_HOST": f"127.0.0.1:{port}",
        "FILESYSTEM_ROOT": str(folder / "root"),
        # These keep it off the network: usage events, a TLS certificate, a DNS server.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
    }


def serve_forkable(port: int) -> None:
    """moto's server with one thread, which may therefore be forked in the middle of a request.

    A copy costs milliseconds, however much exists, and shares nothing with the original. With the threads that moto's
    own command starts, a copy could hold a lock whose owner was not copied. They bring no speed: Python runs
    one at a time.
    """
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import BaseWSGIServer, make_server

    moto_application = DomainDispatcherApplication(create_backend_app)
    server: BaseWSGIServer

    def listen(on: socket.socket) -> None:
        nonlocal server
        server = make_server("127.0.0.1", 0, application, request_handler=MotoRequestHandler, fd=on.fileno())
        on.close()
        server.serve_forever()

    def fork(connection: socket.socket) -> int:
        """The port of the copy; in the copy itself, never returns."""
        listener = listener_on(0)
        # A collection that marked what is shared would copy it.
        gc.freeze()
        if os.fork() == 0:
            # The caller waits for the end of its connection, which comes when nobody holds it any more.
            os.close(connection.fileno())
            os.close(server.fileno())
            # Threads are not copied.
            start_leaving_with_parent()
            listen(listener)
            os._exit(0)
        port = listener.getsockname()[1]
        listener.close()
        return port

    def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
        asked = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if asked == ("POST", "/end"):
            os._exit(0)
        if asked == ("POST", "/fork"):
            port = fork(environ["werkzeug.socket"])
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [str(port).encode()]
        return moto_application(environ, start_response)

    # Nobody waits for a copy to end.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listen(listener_on(port))


def listener_on(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener


def leave_with_parent() -> None:
    # Not through `sys.stdin`, whose lock a forked process would inherit without the thread that holds it.
    while os.read(0, 1):
        pass
    os._exit(0)


def start_leaving_with_parent() -> None:
    if "--with-parent" in sys.argv[4:]:
        threading.Thread(target=leave_with_parent, daemon=True).start()


def main() -> None:
    name, port, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    start_leaving_with_parent()
    arguments, environment = {"moto": moto, "ministack": ministack, "localstack": localstack}[name](port, folder)
    for name in ("tmp", "root"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    os.environ.update(environment, HOME=str(folder), TMPDIR=str(folder / "tmp"))
    os.chdir(folder)
    # LocalStack answers for EC2 through moto.
    if arguments[0] == "ministack":
        taught.teach("teach_ministack")
    else:
        teach_moto()
        if arguments[0] == "moto.server":
            quicken_moto()
    if "--forkable" in sys.argv[4:]:
        serve_forkable(int(port))
    sys.argv = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)


main()
