-- Contacts that are leads: their lifecycle stage is lead, MQL or SQL, or once was (HubSpot keeps
-- the date it became one).
select distinct c.id
from contact as c
where lower(trim(c.lifecyclestage)) in ('lead', 'marketingqualifiedlead', 'salesqualifiedlead')
  or c.hs_lifecyclestage_lead_date is not null
  or c.hs_lifecyclestage_marketingqualifiedlead_date is not null
  or c.hs_lifecyclestage_salesqualifiedlead_date is not null
