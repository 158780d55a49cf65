select
  id,
  login_time as created_at,
  user_id,
  login_time as logged_in_at,
  case when lower(trim(status)) = 'success' then 'success' else 'failure' end as status,
  case
    when lower(application) like '%ios%' or lower(application) like '%android%'
      or lower(application) like '%mobile%' then 'mobile'
    when lower(login_type) like '%api%' then 'api'
    else 'web'
  end as channel
from login_history
where user_id is not null and login_time is not null
