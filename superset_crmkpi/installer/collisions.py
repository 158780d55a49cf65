"""What holds the name, slug or table that one of our assets is to have."""

from __future__ import annotations

from superset_crmkpi.installer.gateway import Content, Found


def collision(kind: str, content: Content, path: str, found: tuple[Found, ...]) -> str:
    """Why this asset may not be installed: something else holds its name. Empty if nothing does."""
    uuid = str(content["uuid"])
    for other in found:
        if other.kind != kind or other.uuid == uuid:
            continue
        if kind == "database" and other.name == content["database_name"]:
            return (
                f'{path}: Superset has another database connection named "{other.name}"; use it '
                "(leave the uri out of the profile) or change database.name in the profile"
            )
        if kind == "dataset" and _table(other) == (
            str(content["database_uuid"]),
            content.get("schema") or "",
            content["table_name"],
        ):
            return (
                f'{path}: Superset has another dataset "{other.schema or ""}.{other.name}" on this '
                f"database (uuid {other.uuid}); rename or delete that one"
            )
        if kind == "alert" and other.name == content["name"]:
            return (
                f'{path}: Superset has another alert or report named "{other.name}"; rename or '
                "delete that one"
            )
        if kind == "rule" and other.name == content["name"]:
            return (
                f'{path}: Superset has another row-level rule named "{other.name}"; rename or '
                "delete that one"
            )
        if kind == "dashboard" and content.get("slug") and other.slug == content["slug"]:
            return (
                f'{path}: the dashboard "{other.name}" has the slug "{other.slug}"; give it '
                "another slug in its properties, or delete it"
            )
        if kind == "dashboard" and other.name == content["dashboard_title"]:
            return (
                f'{path}: Superset has another dashboard titled "{other.name}" (uuid {other.uuid});'
                " rename or delete that one"
            )
    return ""


def _table(dataset: Found) -> tuple[str, str, str]:
    return str(dataset.database_uuid), dataset.schema or "", dataset.name
