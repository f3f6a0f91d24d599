"""Fills a provisioned domain with the people and groups of the tests: samba-domain.py SMB.CONF, and JSON on standard input."""

import json
import sys

from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

lp = LoadParm()
lp.load(sys.argv[1])
db = SamDB(session_info=system_session(), lp=lp)
wanted = json.load(sys.stdin)


def modify(dn, **members):
    lines = ["dn: " + dn, "changetype: modify"]
    for name, value in members.items():
        lines += ["replace: " + name, name + ": " + str(value), "-"]
    db.modify_ldif("\n".join(lines) + "\n")


# Short passwords that may change at once, and a lock after a few wrong ones.
modify(str(db.domain_dn()), pwdProperties=0, minPwdLength=4, minPwdAge=0, pwdHistoryLength=0, lockoutThreshold=3)

for unit in wanted["units"]:
    db.create_ou("OU=%s,%s" % (unit, db.domain_dn()))
for user in wanted["users"]:
    name = user["name"]
    unit = user.get("unit")
    db.newuser(
        name,
        user["password"],
        userou=unit and "OU=" + unit,
        force_password_change_at_next_login_req=user.get("mustChange", False),
    )
    dn = str(db.search(expression="(sAMAccountName=%s)" % name, attrs=[])[0].dn)
    if user.get("members"):
        modify(dn, **user["members"])
for group in wanted["groups"]:
    db.newgroup(group["name"])
for group in wanted["groups"]:
    db.add_remove_group_members(group["name"], group["members"])
