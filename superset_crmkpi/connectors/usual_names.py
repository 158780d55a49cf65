"""What people call CRM tables and their columns when no vendor named them.

Names are compared without case and separators (`connector.squash`), so `Deal Name` is `dealname`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Usual:
    """The usual names of an entity's table, and of its columns, the likeliest first.

    One of the `telling` columns has to be there before a table of a usual name is taken; a table of
    any name is taken where all of the columns `alone` are.
    """

    tables: str
    columns: Mapping[str, str]
    telling: str
    alone: str = ""


_SHARED = {
    "created_at": "createdat createdon created createddate datecreated creationdate createtime"
    " createdtime addtime insertedat datejoined signupdate opendate openedat submittedat",
    "updated_at": "updatedat updatedon modifiedat modifiedon lastmodified updatetime datemodified",
    "is_deleted": "isdeleted deleted deletedat isarchived archived archivedat removed",
}
_ACCOUNT = "accountid companyid customerid clientid organizationid organisationid orgid account"
_ACCOUNT += " company customer client organization organisation"
_CONTACT = "contactid personid primarycontactid contact person"
_OWNER = "ownerid userid salesrepid assignedto assignedtoid assigneeid agentid createdbyid"
_OWNER += " owner assignee salesrep"
_DEAL = "opportunityid dealid opportunity deal"
_NAMES = {"first_name": "firstname givenname", "last_name": "lastname surname familyname"}
_MAIL = {"email": "email emailaddress primaryemail mail", "phone": "phone phonenumber mobilenumber"}

#: entity -> its usual names; references come after what they lead to
USUAL: Mapping[str, Usual] = {
    "user": Usual(
        "users user authuser appuser accountsuser salesreps salesrep employees staff agents",
        {
            "id": "id userid",
            **_SHARED,
            "name": "name fullname username displayname",
            **_NAMES,
            "email": _MAIL["email"],
            "is_active": "isactive active enabled",
            "role": "role jobrole",
        },
        "name email first_name",
    ),
    "account": Usual(
        "accounts account companies company customers customer clients client organizations"
        " organization organisations organisation",
        {
            "id": "id accountid companyid customerid clientid",
            **_SHARED,
            "name": "name accountname companyname customername clientname company title",
            "owner_id": _OWNER,
            "industry": "industry sector branch",
            "region": "region territory",
            "country_code": "countrycode country",
            "city": "city town billingcity",
            "website_domain": "website domain websiteurl url",
            "annual_revenue": "annualrevenue revenue",
            "employee_count": "employeecount numberofemployees employees headcount",
        },
        "name",
    ),
    "contact": Usual(
        "contacts contact persons person people",
        {
            "id": "id contactid personid",
            **_SHARED,
            "account_id": _ACCOUNT,
            **_NAMES,
            "email": _MAIL["email"],
            "phone": _MAIL["phone"],
            "job_title": "jobtitle title position",
            "owner_id": _OWNER,
            "lead_source": "leadsource source",
        },
        "email first_name last_name",
    ),
    "lead": Usual(
        "leads lead prospects prospect inquiries enquiries",
        {
            "id": "id leadid",
            **_SHARED,
            "company_name": "companyname company accountname organization",
            **_NAMES,
            **_MAIL,
            "owner_id": _OWNER,
            "status": "status leadstatus state stage",
            "lead_source": "leadsource source channel",
            "lead_score": "leadscore score",
            "industry": "industry",
            "converted_at": "convertedat convertedon conversiondate",
        },
        "status lead_source email",
    ),
    "stage": Usual(
        "stages stage dealstages dealstage opportunitystages opportunitystage pipelinestages"
        " pipelinestage salesstages salesstage",
        {
            "id": "id stageid",
            "name": "name stagename label title",
            "display_order": "displayorder position sortorder ordernr ordering sequence order rank",
            "is_won": "iswon won",
            "is_closed": "isclosed closed",
        },
        "name",
    ),
    "opportunity": Usual(
        "opportunities opportunity deals deal salesopportunities salesdeals",
        {
            "id": "id dealid opportunityid",
            **_SHARED,
            "name": "name dealname opportunityname title subject",
            "account_id": _ACCOUNT,
            "primary_contact_id": _CONTACT,
            "owner_id": _OWNER,
            "stage_id": "stageid stage dealstage salesstage stagename dealstageid",
            "status": "status dealstatus state outcome",
            "amount": "amount value dealvalue dealamount totalamount price revenue",
            "currency": "currency currencycode",
            "probability": "probability winprobability",
            "expected_close_date": "expectedclosedate expectedcloseddate expectedclosingdate"
            " closedate closingdate estimatedclosedate",
            "closed_at": "closedat closedon closeddate actualclosedate dateclosed closetime",
            "lead_source": "leadsource source",
            "loss_reason": "lossreason lostreason closedlostreason",
            "next_step": "nextstep",
        },
        "stage_id status amount",
        "amount stage_id name",
    ),
    "ticket": Usual(
        "tickets ticket cases case supporttickets supportticket supportcases issues issue",
        {
            "id": "id ticketid caseid",
            **_SHARED,
            "number": "number ticketnumber casenumber ticketno",
            "subject": "subject title name summary",
            "account_id": _ACCOUNT,
            "contact_id": _CONTACT + " requesterid",
            "owner_id": _OWNER,
            "channel": "channel source origin",
            "ticket_type": "tickettype casetype type",
            "category": "category",
            "priority": "priority",
            "status": "status state ticketstatus casestatus",
            "first_response_at": "firstresponseat firstreplyat",
            "solved_at": "solvedat resolvedat solvedon resolvedon",
            "closed_at": "closedat closedon closeddate",
        },
        "status priority",
        "subject status priority",
    ),
    "subscription": Usual(
        "subscriptions subscription contracts contract",
        {
            "id": "id subscriptionid contractid",
            **_SHARED,
            "account_id": _ACCOUNT,
            "status": "status state",
            "start_date": "startdate startedat startedon starts validfrom",
            "ended_at": "endedat enddate endedon ends validto",
            "current_term_end": "currenttermend currentperiodend renewaldate renewson",
            "billing_interval": "billinginterval interval billingfrequency billingperiod",
            "quantity": "quantity seats",
            "mrr": "mrr mrramount monthlyamount monthlyfee monthlyprice",
            "currency": "currency currencycode",
            "auto_renew": "autorenew autorenewflag",
            "cancelled_at": "cancelledat canceledat",
            "churn_reason": "churnreason cancelreason",
        },
        "mrr start_date",
        "mrr start_date",
    ),
    "activity": Usual(
        "activities activity tasks task events event calls interactions",
        {
            "id": "id activityid taskid",
            **_SHARED,
            "activity_type": "activitytype type tasktype eventtype kind",
            "subject": "subject title name summary",
            "status": "status state",
            "owner_id": _OWNER,
            "account_id": _ACCOUNT,
            "contact_id": _CONTACT,
            "opportunity_id": _DEAL,
            "ticket_id": "ticketid caseid ticket case",
            "due_at": "dueat duedate duebydate due",
            "occurred_at": "occurredat startat startedat starttime activitydate happenedat",
            "completed_at": "completedat completedon donedate finishedat",
        },
        "activity_type due_at occurred_at status",
    ),
}

#: every name above
WORDS = frozenset(
    word
    for usual in USUAL.values()
    for names in (usual.tables, *usual.columns.values())
    for word in names.split()
)
