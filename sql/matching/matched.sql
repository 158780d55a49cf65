/*---
about: each account of a source, and the account it becomes
placeholders:
  place: the source's place in the profile
---*/
select
  a.place, a.source, a.own_id, a.native_id, a.name, a.domain,
  case when w.rule is null then a.own_id else c.first_id end as account_id,
  case when w.rule is not null then 'matched' when w.open_rule is not null then 'ambiguous'
    else 'unmatched' end as status,
  c.rule,
  coalesce(c.candidates, 0) as candidates,
  c.first_id, c.last_id
from match_accounts as a
left join match_chosen as w on w.own_id = a.own_id
left join match_counts as c
  on c.own_id = a.own_id and c.rule = coalesce(w.rule, w.open_rule)
where a.place = $place
