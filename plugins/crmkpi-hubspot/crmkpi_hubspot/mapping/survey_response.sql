-- HubSpot keeps answers, not invitations: how many were asked is unknown. NPS is 0 to 10, CES 1 to 7
-- (7 is the least effort), CSAT 1 to 5.
with scaled as (
  select
    f.*,
    lower(trim(f.hs_survey_type)) as kind,
    lower(trim(coalesce(nullif(trim(f.hs_sentiment), ''), f.hs_response_group))) as sentiment_label,
    case when lower(trim(f.hs_survey_type)) = 'nps' then 0.0 else 1.0 end as scale_min,
    case lower(trim(f.hs_survey_type)) when 'nps' then 10.0 when 'ces' then 7.0 else 5.0 end
      as scale_max
  from feedback_submission as f
  where f.id is not null and lower(trim(f.hs_survey_type)) in ('nps', 'csat', 'ces')
)
select
  s.id,
  s.createdate as created_at,
  s.updated_at,
  coalesce(s.is_deleted, false) as is_deleted,
  s.kind as survey_type,
  s.hs_value as score,
  s.scale_min,
  s.scale_max,
  case
    when s.hs_value between s.scale_min and s.scale_max
      then 100.0 * (s.hs_value - s.scale_min) / nullif(s.scale_max - s.scale_min, 0)
  end as normalized_score,
  case
    when s.kind = 'nps' and s.sentiment_label in ('promoter', 'passive', 'detractor')
      then s.sentiment_label
    when s.kind = 'nps' then null
    when s.sentiment_label in ('positive', 'promoter', 'happy', 'satisfied') then 'satisfied'
    when s.sentiment_label in ('neutral', 'passive') then 'neutral'
    when s.sentiment_label in ('negative', 'detractor', 'unhappy', 'dissatisfied') then 'dissatisfied'
  end as category,
  nullif(trim(s.hs_content), '') as comment,
  c.associatedcompanyid as account_id,
  coalesce(s.contact_id, s.hs_contact_id) as contact_id,
  coalesce(s.hs_submission_timestamp, s.createdate) as responded_at
from scaled as s
left join contact as c on c.id = coalesce(s.contact_id, s.hs_contact_id)
