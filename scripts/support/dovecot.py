#!/usr/bin/python3
"""A Dovecot of its own, with one mailbox for any name and the password `secret`, over IMAP and POP3.

    dovecot.py DIRECTORY

starts two of them there, one with TLS and one without, and leaves their ports in files named port-imaps, port-pop3s,
port-imap, port-pop3 (STARTTLS), port-imap-notls and port-pop3-notls, the authority to trust in ca.pem, and the mailbox
in `mail`. Each runs until the process in run-tls/master.pid, or run-plain/master.pid, is ended.
"""

import getpass
import grp
import os
import pathlib
import signal
import subprocess
import sys

from certificates import make_certificates
from rig import await_that, free_port, listens

PASSWORD = "secret"


class Dovecot:
    """Touches nothing of this machine's; as root it gives its rights up."""

    def __init__(self, directory: pathlib.Path, *, has_tls: bool = True) -> None:
        """Expects the certificate `server` in `directory`."""
        self.directory = directory
        self.name = "tls" if has_tls else "plain"
        self.user = "nobody" if os.geteuid() == 0 else getpass.getuser()
        self.group = "nogroup" if os.geteuid() == 0 else grp.getgrgid(os.getegid()).gr_name
        self.mail = directory / "mail"
        self.mail.mkdir(exist_ok=True)
        self.mail.chmod(0o777)
        # Named as their files are; a port of 0 is none.
        self.ports = {name: free_port() for name in self.port_names(has_tls)}
        for name, port in self.ports.items():
            (directory / f"port-{name}").write_text(str(port))
        configuration = directory / f"{self.name}.conf"
        configuration.write_text(self.configuration(has_tls))
        subprocess.run(["dovecot", "-c", str(configuration)], check=True)
        for port in self.ports.values():
            await_that(f"Dovecot listens on port {port}", lambda: listens(port), 20, pause=0.05)

    @staticmethod
    def port_names(has_tls: bool) -> list[str]:
        return ["imap", "imaps", "pop3", "pop3s"] if has_tls else ["imap-notls", "pop3-notls"]

    def letters(self) -> list[pathlib.Path]:
        """What is still in the mailbox."""
        return [path for name in ("new", "cur") for path in (self.mail / name).glob("*")]

    def end(self) -> None:
        pid = self.directory / f"run-{self.name}/master.pid"
        if pid.exists():
            os.kill(int(pid.read_text()), signal.SIGTERM)

    def configuration(self, has_tls: bool) -> str:
        directory, suffix = self.directory, "" if has_tls else "-notls"
        services = "".join(
            f"service {protocol}-login {{\n  chroot =\n"
            f"  inet_listener {protocol} {{\n    port = {self.ports[protocol + suffix]}\n  }}\n"
            f"  inet_listener {protocol}s {{\n    port = {self.ports.get(protocol + 's', 0)}\n  }}\n}}\n"
            for protocol in ("imap", "pop3"))
        return f"""base_dir = {directory}/run-{self.name}
state_dir = {directory}/state-{self.name}
log_path = {directory}/{self.name}.log
protocols = imap pop3
listen = 127.0.0.1
ssl = {"required" if has_tls else "no"}
ssl_cert = <{directory}/server.pem
ssl_key = <{directory}/server.key
disable_plaintext_auth = yes
mail_location = maildir:{self.mail}
mailbox_list_index = no
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {self.user}
default_internal_group = {self.group}
default_login_user = {self.user}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={self.user} gid={self.group} home={self.mail}
}}
service anvil {{
  chroot =
}}
{services}"""


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    directory = pathlib.Path(sys.argv[1])
    make_certificates(directory, "server")
    for has_tls in (True, False):
        Dovecot(directory, has_tls=has_tls)
    return 0


if __name__ == "__main__":
    sys.exit(main())
