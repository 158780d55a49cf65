/*---
about: the domain of a website that may be given as an address, https://www.acme.example/about
placeholders:
  website: what stands in the source
---*/
select
  nullif(
    crm_before(
      replace(
        replace(
          replace(
            replace(replace(lower(trim($website)), 'https://', ''), 'http://', ''), 'www.', ''
          ),
          ':',
          '/'
        ),
        '?',
        '/'
      ),
      '/'
    ),
    ''
  )
