"""AWS tags scalable targets, and keeps the ARN of a policy that is put again; moto does not.

AWS says of a target or a policy that is gone that it is gone, and lets policies and their alarms go with their target; moto calls the
request invalid and keeps them.
"""

import json


def teach() -> None:
    from moto.applicationautoscaling.exceptions import AWSValidationException
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
    from moto.core.exceptions import JsonRESTError

    def tags_of(backend: ApplicationAutoscalingBackend) -> dict[str, dict[str, str]]:
        return backend.__dict__.setdefault("target_tags", {})

    def tagged(response: ApplicationAutoScalingResponse) -> dict[str, str]:
        arn = response._get_param("ResourceARN")
        return tags_of(response.applicationautoscaling_backend).setdefault(arn, {})

    def list_tags_for_resource(response: ApplicationAutoScalingResponse) -> str:
        return json.dumps({"Tags": tagged(response)})

    def tag_resource(response: ApplicationAutoScalingResponse) -> str:
        tagged(response).update(response._get_param("Tags") or {})
        return json.dumps({})

    def untag_resource(response: ApplicationAutoScalingResponse) -> str:
        for key in response._get_param("TagKeys") or []:
            tagged(response).pop(key, None)
        return json.dumps({})

    register = ApplicationAutoScalingResponse.register_scalable_target

    def register_scalable_target(response: ApplicationAutoScalingResponse) -> str:
        reply = register(response)
        tags = response._get_param("Tags")
        if tags:
            tags_of(response.applicationautoscaling_backend)[json.loads(reply)["ScalableTargetARN"]] = dict(tags)
        return reply

    ApplicationAutoScalingResponse.list_tags_for_resource = list_tags_for_resource
    ApplicationAutoScalingResponse.tag_resource = tag_resource
    ApplicationAutoScalingResponse.untag_resource = untag_resource
    ApplicationAutoScalingResponse.register_scalable_target = register_scalable_target

    put = ApplicationAutoscalingBackend.put_scaling_policy

    def put_scaling_policy(backend: ApplicationAutoscalingBackend, *arguments: object, **named: object) -> object:
        before = dict(backend.policies)
        policy = put(backend, *arguments, **named)
        for key, known in backend.policies.items():
            if known is policy and key in before:
                policy.policy_arn = before[key].policy_arn
                before[key].delete_alarms(backend.account_id, backend.region_name)
        return policy

    ApplicationAutoscalingBackend.put_scaling_policy = put_scaling_policy

    class Gone(JsonRESTError):
        def __init__(self) -> None:
            super().__init__("ObjectNotFoundException", "there is no such scalable target or policy")

    def or_gone(change: object) -> object:
        def changed(backend: ApplicationAutoscalingBackend, *arguments: object, **named: object) -> object:
            try:
                return change(backend, *arguments, **named)
            except AWSValidationException as problem:
                if "No scal" in str(problem.message):
                    raise Gone() from problem
                raise

        return changed

    for name in ("deregister_scalable_target", "delete_scaling_policy"):
        setattr(ApplicationAutoscalingBackend, name, or_gone(getattr(ApplicationAutoscalingBackend, name)))

    deregister = ApplicationAutoscalingBackend.deregister_scalable_target

    def deregister_with_policies(
        backend: ApplicationAutoscalingBackend, namespace: str, r_id: str, dimension: str
    ) -> None:
        deregister(backend, namespace, r_id, dimension)
        for key, policy in list(backend.policies.items()):
            if (policy.resource_id, policy.scalable_dimension) == (r_id, dimension):
                policy.delete_alarms(backend.account_id, backend.region_name)
                del backend.policies[key]

    ApplicationAutoscalingBackend.deregister_scalable_target = deregister_with_policies
