"""What looking at a dashboard takes."""

#: (permission, on what): what Superset 6.1 gives its role Public, with the menu, CSV of answers, the
#: user's own page and the rows behind a number; those that a Superset does not have are left out
VIEWER = (
    ("can_read", "Dashboard"),
    ("can_read", "Chart"),
    ("can_dashboard", "Superset"),
    ("can_slice", "Superset"),
    ("can_explore_json", "Superset"),
    ("can_dashboard_permalink", "Superset"),
    ("can_csv", "Superset"),
    ("can_read", "DashboardPermalinkRestApi"),
    ("can_read", "DashboardFilterStateRestApi"),
    ("can_write", "DashboardFilterStateRestApi"),
    ("can_time_range", "Api"),
    ("can_query_form_data", "Api"),
    ("can_query", "Api"),
    ("can_read", "CssTemplate"),
    ("can_read", "Theme"),
    ("can_read", "CurrentUserRestApi"),
    ("can_drill", "Dashboard"),
    ("can_get_drill_info", "Dataset"),
    ("can_samples", "Datasource"),
    ("can_get", "Datasource"),
    ("can_external_metadata", "Datasource"),
    ("can_recent_activity", "Log"),
    ("can_userinfo", "UserDBModelView"),
    ("menu_access", "Dashboards"),
    ("menu_access", "Home"),
)
