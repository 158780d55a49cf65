"""The steps of matching accounts as canonical SQL, over the parts that `matching` makes.

match_accounts: place, source, own_id, native_id, name, domain, held_<column>; match_addresses:
place, own_id, email; match_map: own_id, target. `{place}` is the source's place in the profile.
"""

from __future__ import annotations

from collections.abc import Mapping

LEADING = "select own_id, own_id as account_id from match_accounts where place = 1"

# without scheme and www., up to the path, port or question
_PLAIN = (
    "replace(replace(replace(lower(trim(WEBSITE)), 'https://', ''), 'http://', ''), 'www.', '')"
)
HOST = f"select nullif(crm_before(replace(replace({_PLAIN}, ':', '/'), '?', '/'), '/'), '')"

NO_ADDRESS = """
select 1 as place, cast(null as text) as own_id, cast(null as text) as email
from match_accounts where 1 = 0
"""

NO_MAP = """
select cast(null as text) as own_id, cast(null as text) as target
from match_accounts where 1 = 0
"""

# a website's domain; without one, the domain that all addresses of the account share
DOMAINS = """
select a.place, a.own_id, a.domain
from match_accounts as a
where a.domain is not null and a.domain not in SHARED
union all
select a.place, a.own_id, min(crm_mail_domain(e.email)) as domain
from match_accounts as a
inner join match_addresses as e on e.own_id = a.own_id
where a.domain is null and crm_mail_domain(e.email) not in SHARED
group by a.place, a.own_id
having count(distinct crm_mail_domain(e.email)) = 1
"""

COLUMN = """
select
  a.own_id,
  case
    when a.held_{column} like '%:%' then a.held_{column}
    else '{leader}:' || a.held_{column}
  end as target
from match_accounts as a
where a.source = '{source}' and a.held_{column} is not null
"""

HELD_IN = """
select '{source}:' || a.held_{column} as own_id, a.own_id as target
from match_accounts as a
where a.place < {place} and a.held_{column} is not null
"""

EVIDENCE: Mapping[str, str] = {
    "map": """
      select p.own_id, t.account_id, {order} as rule
      from match_map as p
      inner join match_targets_{place} as t on t.own_id = p.target
    """,
    "domain": """
      select a.own_id, t.account_id, {order} as rule
      from match_domains as a
      inner join match_domains as b on b.domain = a.domain and b.place < {place}
      inner join match_targets_{place} as t on t.own_id = b.own_id
      where a.place = {place}
    """,
    "email": """
      select a.own_id, t.account_id, {order} as rule
      from match_addresses as a
      inner join match_addresses as b on b.email = a.email and b.place < {place}
      inner join match_targets_{place} as t on t.own_id = b.own_id
      where a.place = {place}
    """,
}

COUNTS = """
select
  own_id, rule, count(distinct account_id) as candidates,
  min(account_id) as first_id, max(account_id) as last_id
from match_evidence_{place}
group by own_id, rule
"""

# the first rule that leads to one account, and the first that leads to several
CHOSEN = """
select
  own_id,
  min(case when candidates = 1 then rule end) as rule,
  min(case when candidates > 1 then rule end) as open_rule
from match_counts_{place}
group by own_id
"""

MATCH = """
select
  a.place, a.source, a.own_id, a.native_id, a.name, a.domain,
  case when w.rule is null then a.own_id else c.first_id end as account_id,
  case when w.rule is not null then 'matched' when w.open_rule is not null then 'ambiguous'
    else 'unmatched' end as status,
  c.rule,
  coalesce(c.candidates, 0) as candidates,
  c.first_id, c.last_id
from match_accounts as a
left join match_chosen_{place} as w on w.own_id = a.own_id
left join match_counts_{place} as c
  on c.own_id = a.own_id and c.rule = coalesce(w.rule, w.open_rule)
where a.place = {place}
"""
