"""AWS gives a bucket its tags when it is made; moto passes over them.

AWS keeps configurations of Intelligent-Tiering, inventories, metrics and analytics; moto has only the second, and mixes up its fields.
Documents of notifications, logging, object lock, lifecycle, replication and who pays for requests come back as they were put; moto forgets
EventBridge and how many old versions stay, wants an ACL of the bucket that takes logs and a second bucket for copies, shows a lock of zero
years beside the days, and does not know requests that are paid for.
AWS looks at the conditions of a bucket's policy; moto refuses whatever a statement that denies names.
"""

import re

#: Configurations that a bucket has several of, as the query names them.
LISTS = ("intelligent-tiering", "inventory", "metrics", "analytics")
#: Documents that come back as they were put, and what is shown before; nothing where moto's own answer does.
DOCUMENTS = {
    "notification": "<NotificationConfiguration/>",
    "logging": "<BucketLoggingStatus/>",
    "object-lock": None,
    "lifecycle": None,
    "replication": None,
    "requestPayment": "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
}


def teach() -> None:
    import xmltodict
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket
    from moto.s3.responses import S3Response

    get, put, delete = (getattr(S3Response, f"_bucket_response_{verb}") for verb in ("get", "put", "delete"))

    def kept(response: S3Response, bucket: str, what: str) -> dict[str, str]:
        found = response.backend.get_bucket(bucket)
        if not hasattr(found, "taught"):
            found.taught = {}
        return found.taught.setdefault(what, {})

    def answered_get(response: S3Response, bucket: str, query: dict[str, list[str]]) -> object:
        for what in LISTS:
            if what in query:
                items = kept(response, bucket, what)
                return 200, {}, f"<List><IsTruncated>false</IsTruncated>{''.join(items[key] for key in sorted(items))}</List>"
        for what, before in DOCUMENTS.items():
            document = kept(response, bucket, what).get("", before) if what in query else None
            if document:
                return 200, {}, document
        return get(response, bucket, query)

    def answered_put(response: S3Response, request: object, bucket: str, query: dict[str, list[str]]) -> object:
        body = response.body.decode() if isinstance(response.body, bytes) else response.body or ""
        document = re.sub(r"^<\?xml[^>]*\?>\s*", "", body)
        for what in LISTS:
            if what in query:
                kept(response, bucket, what)[query["id"][0]] = document
                return 200, {}, ""
        for what in DOCUMENTS:
            if what in query:
                kept(response, bucket, what)[""] = document
                return 200, {}, ""
        answer = put(response, request, bucket, query)
        if not query and document.startswith("<CreateBucketConfiguration"):
            configuration = xmltodict.parse(document, force_list=("Tag", "member"))["CreateBucketConfiguration"]
            tags = ((configuration or {}).get("Tags") or {}).get("Tag") or []
            if tags:
                response.backend.put_bucket_tagging(bucket, {tag["Key"]: tag["Value"] or "" for tag in tags})
        return answer

    def answered_delete(response: S3Response, bucket: str, query: dict[str, list[str]]) -> object:
        for what in LISTS:
            if what in query:
                kept(response, bucket, what).pop(query["id"][0], None)
                return 204, {}, ""
        for what in DOCUMENTS:
            if what in query:
                kept(response, bucket, what).clear()
        return delete(response, bucket, query)

    S3Response._bucket_response_get = answered_get
    S3Response._bucket_response_put = answered_put
    S3Response._bucket_response_delete = answered_delete
    FakeBucket.get_permission = lambda _bucket, _action, _resource: PermissionResult.NEUTRAL
