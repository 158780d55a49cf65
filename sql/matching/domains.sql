/*---
about: a website's domain; without one, the domain that all addresses of the account share
placeholders:
  shared: domains that many companies share, such as those of mail providers
---*/
select a.place, a.own_id, a.domain
from match_accounts as a
where a.domain is not null and a.domain not in $shared
union all
select a.place, a.own_id, min(crm_mail_domain(e.email)) as domain
from match_accounts as a
inner join match_addresses as e on e.own_id = a.own_id
where a.domain is null and crm_mail_domain(e.email) not in $shared
group by a.place, a.own_id
having count(distinct crm_mail_domain(e.email)) = 1
