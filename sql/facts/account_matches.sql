/*---
label: Matched accounts
grain: one row per account of a further system
records: {match_id: account_match}
time: as_of_date
needs: [account_match]
opens: {match_id: account}
dimensions: {source: System, status: Status, matched_by: Matched by}
columns: {account_name: Account, website_domain: Web domain, matched_account: Is the same as, candidates: Candidates, candidate: First candidate, other_candidate: Another candidate, next_action: Next action}
measures:
  match_rate: {label: Match rate, unit: percent, sql: "1.0 * sum(is_matched) / nullif(count(*), 0)"}
  accounts_of_others: {label: Accounts, unit: count, sql: count(*)}
  ambiguous_accounts: {label: Ambiguous, unit: count, sql: "coalesce(sum(is_ambiguous), 0)"}
  unmatched_accounts: {label: Without a match, unit: count, sql: "coalesce(sum(is_unmatched), 0)"}
questions: ["Does each customer of billing and support have its account in the CRM?"]
---*/
-- Numbers of one company meet on one dashboard only as far as its accounts are matched.
select
  x.id as match_id,
  t.date_day as as_of_date,
  x.source,
  x.name as account_name,
  coalesce(x.website_domain, '(none)') as website_domain,
  x.status,
  coalesce(x.matched_by, '(none)') as matched_by,
  coalesce(a.name, '(none)') as matched_account,
  x.candidates,
  case when x.status = 'matched' then '(none)' else coalesce(c.name, '(none)') end as candidate,
  case when x.status = 'matched' then '(none)' else coalesce(d.name, '(none)') end
    as other_candidate,
  case when x.status = 'matched' then 1 else 0 end as is_matched,
  case when x.status = 'ambiguous' then 1 else 0 end as is_ambiguous,
  case when x.status = 'unmatched' then 1 else 0 end as is_unmatched,
  case when x.status = 'matched' then 0 else 1 end as is_to_do,
  case
    when x.status = 'matched' then '(none)'
    when x.status = 'ambiguous' then 'Say which one it is in the map of accounts, or merge them'
    else 'Create it in the CRM, or add its web domain there'
  end as next_action
from account_match as x
cross join calendar as t
left join account as a on a.id = x.account_id
left join account as c on c.id = x.candidate_id
left join account as d on d.id = x.other_candidate_id
where t.days_ago = 0
