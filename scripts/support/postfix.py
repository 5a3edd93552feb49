"""A Postfix of its own, with its queue, log and Maildirs in one folder; it needs root, and no network."""

import grp
import os
import pathlib
import pwd
import re
import subprocess

from rig import await_that, free_port, listens

# What virtual(8) writes as.
OWNER = "nobody"
SERVICES = """
pickup    unix n - n 60 1 pickup
cleanup   unix n - n -  0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n -  - trivial-rewrite
bounce    unix - - n -  0 bounce
defer     unix - - n -  0 bounce
trace     unix - - n -  0 bounce
verify    unix - - n -  1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n -  - proxymap
smtp      unix - - n -  - smtp
showq     unix n - n -  - showq
error     unix - - n -  - error
retry     unix - - n -  - error
discard   unix - - n -  - discard
virtual   unix - n n -  - virtual
anvil     unix - - n -  1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Takes mail for every address of `domains`; what has no mailbox comes back later, as a report."""

    def __init__(
        self, directory: pathlib.Path, domains: list[str], mailboxes: dict[str, str], routes: dict[str, str]
    ) -> None:
        """`mailboxes` are paths below `directory`, by address or `@domain`; `routes` are as in transport(5)."""
        self.directory = directory
        self.port = free_port()
        self.home = directory / "postfix"
        self.log = self.home / "log"
        self.home.mkdir()
        for name in ("queue", "data", "configuration"):
            (self.home / name).mkdir()
        os.chown(self.home / "data", pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid)
        self.write_map("mailboxes", mailboxes)
        self.write_map("routes", routes)
        owner = pwd.getpwnam(OWNER)
        (self.home / "configuration/main.cf").write_text(f"""compatibility_level = 3.6
queue_directory = {self.home}/queue
data_directory = {self.home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
meta_directory = /etc/postfix
maillog_file = {self.log}
maillog_file_prefixes = {self.home}
myhostname = mx.example
mydestination =
local_recipient_maps =
alias_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
default_transport = error:5.1.2 there is no network
virtual_mailbox_domains = {", ".join(domains)}
virtual_mailbox_base = {directory}
virtual_mailbox_maps = texthash:{self.home}/mailboxes
virtual_uid_maps = static:{owner.pw_uid}
virtual_gid_maps = static:{owner.pw_gid}
transport_maps = texthash:{self.home}/routes
smtpd_reject_unlisted_recipient = no
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
delay_warning_time = 1s
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
""")
        (self.home / "configuration/master.cf").write_text(
            f"127.0.0.1:{self.port} inet n - n - - smtpd{SERVICES}")
        self.command("start")
        await_that("Postfix listens", lambda: listens(self.port), 20, pause=0.05)

    def write_map(self, name: str, entries: dict[str, str]) -> None:
        (self.home / name).write_text("".join(f"{key} {value}\n" for key, value in entries.items()))

    def reroute(self, routes: dict[str, str]) -> None:
        """Puts other routes in place, and tries again what waits."""
        self.write_map("routes", routes)
        self.command("reload")
        self.command("flush")

    def command(self, verb: str) -> None:
        subprocess.run(
            ["postfix", "-c", str(self.home / "configuration"), verb], check=True, stdin=subprocess.DEVNULL,
            capture_output=True, text=True)

    def log_lines(self, pattern: str) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if re.search(pattern, line)]

    def waiting(self) -> int:
        """How many messages it still has."""
        asked = subprocess.run(
            ["postqueue", "-c", str(self.home / "configuration"), "-j"], check=True, capture_output=True, text=True)
        return len(asked.stdout.splitlines())

    def end(self) -> None:
        self.command("stop")
