"""AWS tells which versions of DocumentDB there are and to which of them it upgrades a cluster; ministack answers for RDS in its place."""

# Some of the versions that AWS offers or offered. It takes the last but one by default.
VERSIONS = ["3.6.0", "4.0.0", "5.0.0", "8.0.0"]
DEFAULT = "5.0.0"


def teach_ministack() -> None:
    from ministack.services import documentdb

    def describe_db_engine_versions(params: dict) -> tuple[int, dict[str, str], bytes]:
        asked = documentdb._evaluate_params(params, "EngineVersion")
        default = documentdb._evaluate_params(params, "DefaultOnly") == "true"
        members = ""
        for place, version in enumerate(VERSIONS):
            if asked not in ("", None, version) or default and version != DEFAULT:
                continue
            targets = "".join(
                f"<UpgradeTarget><Engine>docdb</Engine><EngineVersion>{target}</EngineVersion>"
                "<IsMajorVersionUpgrade>true</IsMajorVersionUpgrade></UpgradeTarget>"
                for target in VERSIONS[place + 1 :]
            )
            family = "docdb" + version.removesuffix(".0")
            members += (
                f"<DBEngineVersion><Engine>docdb</Engine><EngineVersion>{version}</EngineVersion>"
                f"<DBParameterGroupFamily>{family}</DBParameterGroupFamily>"
                f"<ValidUpgradeTarget>{targets}</ValidUpgradeTarget></DBEngineVersion>"
            )
        action = "DescribeDBEngineVersions"
        result = f"<{action}Result><DBEngineVersions>{members}</DBEngineVersions></{action}Result>"
        return documentdb._xml(200, f"{action}Response", result)

    documentdb._ACTION_MAP["DescribeDBEngineVersions"] = describe_db_engine_versions
