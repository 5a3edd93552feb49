/// The words by which mail systems say why they refuse, and whose fault that makes it.
///
/// Tables are asked in the order below and the first that knows a phrase decides: a full mailbox before everything; what is
/// said of the *sender* and "try again" before phrases about unknown names, which they contain.
/// To teach a new phrase, add it in lower case to the table of its cause, and a row to `CausePhrasesTests`.
enum CausePhrases {
    static func cause(in text: String) -> RefusalCause? {
        let folded = FoldedText(text)
        return order.first { $0.table.matches(folded) }?.cause
    }

    private static let order: [(cause: RefusalCause, table: PhraseTable)] = [
        (.full, full), (.sender, senderNames), (.route, tryAgain), (.gone, gone), (.sender, sender),
        (.content, content),
        (.route, route),
    ]

    private static let full = PhraseTable([
        "mailbox full", "mailbox is full", "mail box full", "mail box is full", "mailfolder is full",
        "mailbox was full",
        "inbox is full", "inbox full", "folder is full", "full mailbox", "mailbox has exceeded", "maildir over quota",
        "over quota", "overquota", "over-quota", "over the quota", "over its quota", "over their quota",
        "over his quota",
        "exceeded quota", "exceeded its quota", "exceeded the quota", "exceeded their quota", "exceeded his quota",
        "exceeding their quota", "exceeding its quota", "exceeds quota", "exceed quota", "exceed the quota",
        "exceeds the quota", "would exceed", "quota exceeded", "quota exceed", "quota violation", "quota full",
        "quota limit", "quota exhausted", "quota is exhausted", "exceeded storage", "exceeded email quota",
        "exceeded its mailbox", "exceeded mailbox", "exceeds allowed size", "exceeds mailbox", "exceeded max storage",
        "exceeded its allocated", "exceeds its allocated", "storage quota", "storage exceeded", "storage limit",
        "storage allocation", "disk quota", "disk full", "disk space", "not enough storage", "not enough space",
        "no space left", "out of storage", "out of space", "space not enough", "insufficient disk",
        "insufficient space",
        "insufficient system storage", "too much mail stored", "too much mail data", "too many messages in",
        "no more room", "space limit", "message limit reached", "reached disk quota", "over disk quota",
        "mailbox size limit", "mailbox quota", "mailboxfull", "quotaexceeded", "mailbox_full",
        "over the maximum allowed",
        "is full and can't accept", "user is overquota", "overquotarecipient", "boite pleine", "boîte pleine",
        "boîte aux lettres est pleine", "postfach voll", "postfach ist voll", "postfach des empfängers ist voll",
        "buzón lleno", "buzon lleno", "casella piena", "caixa cheia", "caixa postal cheia", "kotak surat penuh",
        "kotak pesan penuh", "メールボックスがいっぱい", "容量", "邮箱已满",
        // Too much for now, which ends by itself as well.
        "receiving mail at a rate", "receiving email at a rate", "receiving email too quickly",
        "receiving mail too quickly",
    ])

    /// What is unknown or refused is the sender or its host.
    private static let senderNames = PhraseTable([
        "sender verify failed", "sender verification", "sender address rejected", "sender rejected", "sender denied",
        "sender is not", "sender not", "sender unknown", "unknown sender", "sender domain", "domain of sender",
        "client host rejected", "client host [", "helo command rejected", "sender address", "sender's domain",
        "reverse dns", "reverse lookup", "reverse hostname", "ptr record", "no ptr", "cannot find your hostname",
        "your hostname", "mail from command rejected", "from address", "envelope sender", "return address", "mailfrom",
        "callout verification", "callback verification", "not allowed to send", "not permitted to send",
        "not authorized to send", "not authorised to send", "only authenticated", "only accepts messages from",
        "only accept messages from", "not accepting mail from", "does not accept mail from", "refused mail from",
        "rejected your message", "deliveries from this sender",
    ])

    private static let tryAgain = PhraseTable([
        "not found, try again", "found; try again", "try again later", "try later", "retry later", "temporarily",
        "temporary failure", "temporary error",
        "temporary problem", "transient",
    ])

    private static let gone = PhraseTable([
        "user unknown", "unknown user", "unknown recipient", "recipient unknown", "unknown mailbox", "unknown address",
        "unknown account", "unknown local part", "unknown local-part", "unknown in", "addressee unknown",
        "account unknown",
        "address unknown", "mailbox unknown", "unknown or illegal", "unknown or unavailable", "unknown email",
        "unknown name",
        "no such user", "no such recipient", "no such mailbox", "no such account", "no such address", "no such person",
        "no such local user", "no such domain", "no such host", "no such email", "no such name", "no such name here",
        "no mailbox here", "no mailbox by", "no mailbox found", "no mailbox for", "no account by", "no user by",
        "no local mailbox", "not our customer", "not a valid user", "not a valid mailbox", "not a valid recipient",
        "not a valid address", "not a known user", "not a local user", "not local", "is not a user", "is not a valid",
        "is not known", "user not known", "user not found", "user not exist", "user doesn't exist",
        "user does not exist", "user doesn't have", "user is unknown", "user invalid", "user disabled",
        "user has moved", "user is disabled", "user is inactive", "user terminated", "user suspended",
        "user not listed", "user no longer", "recipient not found", "recipient not exist", "recipient does not exist",
        "recipient doesn't exist", "recipient is unknown", "recipient no longer", "recipient invalid",
        "recipient was not found",
        "recipient could not be found", "name is not recognized", "recipient address rejected: user",
        "recipient address rejected: unknown", "recipient address rejected: undeliverable",
        "recipient address rejected: unverified", "recipient not recognized", "recipnotfound",
        "mailbox not found", "mailbox does not exist", "mailbox doesn't exist", "mailbox unavailable",
        "mailbox disabled",
        "mailbox is disabled", "mailbox is inactive", "mailbox inactive", "mailbox not exist", "mailbox closed",
        "mailbox is closed", "mailbox currently suspended", "mailbox invalid", "mailbox is not available",
        "mailbox name not allowed", "mailbox no longer", "account disabled", "account is disabled",
        "account has been disabled", "account inactive", "account is inactive", "account not found", "account closed",
        "account has been closed", "account deleted", "account expired",
        "account that you tried to reach does not exist",
        "account that you tried to reach is disabled", "account that you tried to reach is inactive",
        "account does not exist", "account doesn't exist", "account suspended", "account has been suspended",
        "account is not available", "account no longer", "account is no longer", "account has been deactivated",
        "account terminated", "disabled or discontinued", "address does not exist", "address doesn't exist",
        "address not found", "address is not valid", "address couldn't be found", "address wasn't found",
        "address no longer", "address is no longer", "address is unknown", "address invalid", "address is invalid",
        "address is not recognized", "address is wrong", "does not exist", "doesn't exist",
        "did not exactly match", "invalid recipient", "invalid mailbox", "invalid address", "invalid user",
        "invalid account", "invalid final delivery", "invalid email", "invalid local", "no longer valid",
        "no longer in use",
        "no longer available", "no longer exists", "no longer employed", "no longer active", "no longer on server",
        "no longer with", "no longer works", "no longer accept", "not listed in", "not exist", "not a mailbox",
        "no valid recipient", "bad destination mailbox", "bad destination", "bad address", "bad recipient",
        "has left the company", "does not have a final email delivery point",
        "doesn't have a ", "no matches to nameserver", "unrouteable address",
        "unroutable address", "unrouteable mail domain", "unroutable mail domain", "user address rejected",
        "domain not found", "domain does not exist", "domain name not found", "domain unknown",
        "unknown domain", "unknown host", "unrouteable", "host unknown", "host not found",
        "host or domain name not found",
        "name or service not known", "cannot find any mail", "no mail server", "no mx record", "no mail exchanger",
        "null mx",
        "nullmx", "does not accept mail", "does not receive mail", "doesn't receive mail", "couldn't find any host",
        "nonexistent", "non-existent", "non existent", "nxdomain", "name service error",
        "this is not a valid", "empfaenger unbekannt", "empfänger unbekannt", "benutzer unbekannt",
        "unbekannter benutzer", "adresse nicht gefunden", "existiert nicht", "utilisateur inconnu", "adresse inconnue",
        "destinataire inconnu", "n'existe pas", "n'existe plus", "non recens", "usuario desconocido", "no existe",
        "utente sconosciuto", "inesistente", "não existe", "nao existe", "usuário desconhecido", "tidak ditemukan",
        "tidak dikenal", "несуществующ", "пользователь не найден", "不存在", "该用户不存在", "見つかりません", "ユーザーは存在",
    ])

    private static let sender = PhraseTable([
        "spam", "unsolicited", "blacklist", "black list", "blocklist", "block list", "blocked", "blocking", "banned",
        "reputation", "policy", "policies", "dmarc", "dkim", " spf", "spf ", "rbl", "dnsbl", "spamhaus", "barracuda",
        "spamcop", "abuse", "junk", "relay", "access denied", "not authorized", "not authorised",
        "unauthorized", "authentication required", "authentication", "not allowed", "not permitted",
        "permission denied",
        "prohibited", "administratively", "administrative", "rejected by", "refused by", "greylist", "graylist",
        "too many connections", "too many recipients", "rate limit", "limit exceeded", "throttl", "deferred",
        "starttls",
        "must issue", "tls required", "security", "listed at", "listed in dns", "list of allowed", "rcpthosts",
        "not accept", "denied", "rejected for", "bulk", "mass mail", "restricted", "suspicious", "challenge",
        "permissions", "notauthorized", "not in my list", "bounce-back",
    ])

    private static let content = PhraseTable([
        "too large", "too big", "message size", "maximum size", "size limit", "exceeds size",
        "maximum incoming message",
        "exceeded maximum", "exceeds the maximum", "exceeds maximum", "exceeds fixed", "size exceeds", "virus",
        "malware",
        "infected", "attachment", "worm", "phishing", "bare lf", "malformed", "line too long",
        "message format", "8bit", "smtputf8",
    ])

    private static let route = PhraseTable([
        "timed out", "time out", "timeout", "time-out", "time expired", "maximum-time-expired", "too many hops",
        "hop count",
        "mail loop", "loops back", "loop detected", "routing loop", "too many received", "unreachable", "not reachable",
        "connection refused", "connection reset", "connection lost", "lost connection", "could not connect",
        "couldn't connect", "can't connect", "cannot connect", "unable to connect", "establish an smtp connection",
        "connection failed", "connection to", "connection died", "connection dropped", "network", "no route to host",
        "queue too long", "in the queue", "queue period", "too long", "retry time", "retry timeout", "give up",
        "giving up",
        "aborted after", "expired", "failed 20 attempts", "delivery attempts", "maximum delivery attempts",
        "number of attempts", "not respond", "no response", "unavailable or busy", "server error", "internal error",
        "system error", "service unavailable", "service not available", "local error", "local configuration error",
        "mailer error", "unable to open", "cannot open", "can't create", "command output",
        "error while being processed",
        "resources", "i/o error", "input/output error", "deferral", "not been collected", "dns", "nameserver",
        "name server", "lookup fail", "server busy", "is offline", "down for", "maintenance", "overload",
    ])
}
