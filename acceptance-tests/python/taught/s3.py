"""AWS gives a bucket its tags when it is made; moto passes over them.

AWS keeps configurations of Intelligent-Tiering and of metrics; moto has neither. AWS shows that events go to EventBridge; moto
forgets it, and every other document of notifications that it is given comes back as it was.
"""

import re

#: Configurations that a bucket has several of, by the name in the query: the element of each.
LISTS = {"intelligent-tiering": "IntelligentTieringConfiguration", "metrics": "MetricsConfiguration"}


def teach() -> None:
    import xmltodict
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
        if "notification" in query:
            return 200, {}, kept(response, bucket, "notification").get("", "<NotificationConfiguration/>")
        return get(response, bucket, query)

    def answered_put(response: S3Response, request: object, bucket: str, query: dict[str, list[str]]) -> object:
        body = response.body.decode() if isinstance(response.body, bytes) else response.body or ""
        document = re.sub(r"^<\?xml[^>]*\?>\s*", "", body)
        for what in LISTS:
            if what in query:
                kept(response, bucket, what)[query["id"][0]] = document
                return 200, {}, ""
        if "notification" in query:
            kept(response, bucket, "notification")[""] = document
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
        return delete(response, bucket, query)

    S3Response._bucket_response_get = answered_get
    S3Response._bucket_response_put = answered_put
    S3Response._bucket_response_delete = answered_delete
