"""What Salesforce says of calls, meetings and e-mails, in SQL over its streams."""

from __future__ import annotations

_KIND = """CASE lower(trim({type}))
    WHEN 'call' THEN 'call' WHEN 'email' THEN 'email' WHEN 'e-mail' THEN 'email' WHEN 'meeting' THEN 'meeting' WHEN 'demo' THEN 'demo'
    WHEN 'visit' THEN 'visit' WHEN 'video' THEN 'video' WHEN 'sms' THEN 'message' WHEN 'message' THEN 'message'
    WHEN 'linkedin' THEN 'message' END"""

# A task counts once it is done. It happened when it was marked done; one that was written down later, on the day that it says.
_TASKS = f"""
SELECT t.Id, 'Task/' || t.Id AS record, t.OwnerId, t.WhoId, t.WhatId, t.AccountId, t.Type,
       CASE t.TaskSubtype WHEN 'Call' THEN 'call' WHEN 'Email' THEN 'email' WHEN 'ListEmail' THEN 'email' WHEN 'LinkedIn' THEN 'message'
           ELSE {_KIND.format(type='t.Type')} END AS kind,
       CASE WHEN lower(t.CallType) = 'inbound' THEN 'inbound' END AS direction,
       CASE WHEN t.ActivityDate < left(t.CreatedDate, 10) THEN t.ActivityDate
           ELSE coalesce(t.CompletedDateTime, t.ActivityDate, t.CreatedDate) END AS occurred, NULL AS booked, NULL AS status
FROM "Task" t WHERE t.IsClosed = 'true' AND t.Id NOT IN (SELECT ActivityId FROM "EmailMessage" WHERE ActivityId IS NOT NULL)"""

# A meeting is booked when it is written down. Salesforce has no mark that it was held: one whose time has come by the last change that was
# read, and that was not deleted, was.
_EVENTS = f"""
SELECT e.Id, 'Event/' || e.Id, e.OwnerId, e.WhoId, e.WhatId, e.AccountId, e.Type, coalesce({_KIND.format(type='e.Type')}, 'meeting'), NULL,
       CASE WHEN e.IsAllDayEvent = 'true' THEN coalesce(e.ActivityDate, e.StartDateTime) ELSE e.StartDateTime END, e.CreatedDate,
       CASE WHEN e.StartDateTime <= (SELECT max(reached) FROM (SELECT max(reached) AS reached FROM "Event" UNION ALL
           SELECT max(reached) FROM "Task" UNION ALL SELECT max(reached) FROM "Opportunity")) THEN 'held' ELSE 'booked' END
FROM "Event" e"""

# An e-mail that was sent or came in (5 is a draft); the task that Salesforce makes beside it says who it was with.
_EMAILS = """
SELECT m.Id, 'EmailMessage/' || m.Id, coalesce(t.OwnerId, m.CreatedById), t.WhoId, coalesce(m.RelatedToId, t.WhatId), t.AccountId, 'Email',
       'email', CASE WHEN m.Incoming = 'true' THEN 'inbound' END, coalesce(m.MessageDate, m.CreatedDate), NULL, NULL
FROM "EmailMessage" m LEFT JOIN "Task" t ON t.Id = m.ActivityId WHERE m.Status IS DISTINCT FROM '5'"""

_TOUCHES = f"""
SELECT a.* EXCLUDE (account), CASE WHEN a.OwnerId LIKE '005%' THEN a.OwnerId END AS seller,
       CASE WHEN a.WhoId LIKE '00Q%' THEN a.who END AS lead, CASE WHEN a.WhatId LIKE '006%' THEN a.WhatId END AS deal,
       coalesce(k.master, a.account) AS account, r.Role AS contact_role
FROM (SELECT t.*, coalesce(w.master, t.WhoId) AS who,
             CASE WHEN t.WhatId LIKE '001%' THEN t.WhatId ELSE coalesce(t.AccountId, c.AccountId) END AS account
      FROM ({_TASKS} UNION ALL {_EVENTS} UNION ALL {_EMAILS}) t
      LEFT JOIN kept w ON w.Id = t.WhoId LEFT JOIN "Contact" c ON c.Id = coalesce(w.master, t.WhoId)) a
LEFT JOIN kept k ON k.Id = a.account
LEFT JOIN (SELECT OpportunityId, ContactId, min(Role) AS Role FROM "OpportunityContactRole" GROUP BY 1, 2) r
    ON r.OpportunityId = a.WhatId AND r.ContactId = a.who"""

ACTIVITIES = {"touches": _TOUCHES}
