/// The words by which a mail without a machine-readable part shows that it reports a failure, a delay, or where it ends.
enum ReportPhrases {
    /// Who writes reports: local parts and display names.
    static let senders = PhraseTable([
        "mailer-daemon", "mailer_daemon", "mailerdaemon", "maildaemon", "mail-daemon", "mdaemon", "mail daemon",
        "mailer daemon",
        "postmaster", "mail delivery", "mail.delivery", "delivery subsystem", "delivery system", "mail system",
        "mail administrator", "system administrator", "mail service", "mail_service", "jetmail", "mailadm", "ndr@",
        "mail router", "mail gateway", "antivirus_for_smtp", "imss@", "e500_smtp", "double-bounce",
        "microsoft exchange", "microsoft outlook", "microsoftexchange", "bounces-noreply", "bounce-daemon",
        "notes admin",
        "lsmtp", "mailhost", "mail.server", "smtp server", "courier mail", "mta@", "mailserver",
    ])

    /// What their subjects say.
    static let subjects = PhraseTable([
        "undeliver", "undelivered", "non-deliver", "non deliver", "nondeliver", "not deliver", "delivery failure",
        "delivery fail", "delivery has failed", "delivery status", "delivery notification", "delivery report",
        "delivery error", "delivery problem", "delivery delayed", "delivery incomplete", "delivery warning",
        "delivery delay", "failure delivery", "failed delivery", "failure notice", "failure notification",
        "mail failure", "mail failed", "mail fail", "failed mail", "mail error", "mail system error", "mail delivery",
        "message delivery", "returned mail", "returned to sender", "return to sender", "returned message",
        "returned email",
        "returning message", "returning to sender", "could not be deliver", "couldn't be deliver", "cannot be deliver",
        "can't be deliver", "unable to deliver", "could not send", "user unknown", "unknown user", "address not found",
        "message status", "status notification", "notification of delivery", "message delayed", "delayed mail",
        "mail delayed",
        "bounced mail", "bounced message", "bounce notification", "automatically rejected", "rejected mail",
        "message rejected", "error sending", "permanent fatal", "processing error", "nameserver error", "unzustellbar",
        "nicht zustellbar", "nicht zugestellt", "unzustellbare", "non remis", "non distribu", "non recens",
        "remise impossible",
        "échec de la remise", "echec de la remise", "notification d'échec", "no entregado", "no se puede entregar",
        "no se ha podido", "devuelto", "error de entrega", "non recapitabile", "mancato recapito", "mancata consegna",
        "não entregue", "nao entregue", "falha na entrega", "onbestelbaar", "niet bezorgd", "tidak terkirim",
        "gagal terkirim",
        "gagal dikirim", "tidak dapat dikirim", "pengiriman gagal", "недоставлен", "не доставлен", "доставлено",
        "не может быть", "配信不能", "配信エラー", "送信できません", "退信", "系统退信", "无法投递", "投递失败", "無法傳送",
    ])

    /// What a report's own first words say, whoever sends it.
    static let failures = PhraseTable([
        "could not be delivered", "couldn't be delivered", "cannot be delivered", "can not be delivered",
        "can't be delivered", "was not delivered", "not delivered", "not been delivered", "unable to deliver",
        "unable to send", "wasn't able to deliver", "not able to deliver", "undeliverable", "undelivered",
        "delivery failed", "delivery has failed", "delivery to the following", "did not reach", "didn't reach",
        "could not deliver", "couldn't deliver", "failed recipient", "following address", "following recipient",
        "did not receive this message", "permanent fatal", "returned to you", "has been returned", "has been rejected",
        "was rejected", "was automatically rejected", "could not be sent", "delivery problems", "delivery failure",
        "tidak dapat dikirim", "tidak terkirim", "konnte nicht zugestellt", "nicht zugestellt werden",
        "n'a pas pu etre", "n'a pas pu être", "no pudo ser entregado", "non è stato possibile", "não pôde ser entregue",
    ])

    /// Only late: it is still being tried, and nothing has failed.
    static let delays = PhraseTable([
        "delivery status notification (delay", "(mail delivery delayed)", "delayed mail", "mail delayed",
        "message delayed",
        "delivery delayed", "delivery delay", "notification about a delay", "delivery incomplete", "has been delayed",
        "is delayed", "been delayed", "warning: message", "warning: could not send", "could not send message for past",
        "still being retried", "warning message only", "this is a warning only", "just a warning", "warning only",
        "do not need to resend", "no need to resend", "don't need to resend", "not yet been delivered",
        "not yet been able to", "has not yet received", "have not yet received", "yet to be delivered",
        "still awaiting delivery", "will continue to attempt", "will continue to try", "will continue trying",
        "will keep trying", "continue to be attempted", "attempts will continue", "will be retried", "will retry",
        "will try again", "will be tried again", "has been postponed", "temporarily delayed", "delivery is delayed",
        "will continue to be made", "remains in the queue", "still in the queue", "masih dicoba", "tertunda",
        "verzögert", "retardé", "demorado", "ritardo nella consegna", "no action is required on your part",
    ])

    /// It was given up for good, in so many words.
    static let permanence = PhraseTable([
        "permanent error", "permanent failure", "failed permanently", "permanent fatal", "permanent delivery failure",
        "permanently failed", "permanent problem", "permanently rejected", "i've given up",
    ])

    /// A line that begins like this begins the copy of the original mail: nothing below it is the report's own.
    static let copies = PhraseTable([
        "--- below this line is a copy", "---below this line is a copy", "--- below the next line",
        "below this line is a copy",
        "--- original message", "----- original message", "------ original message", "-----original message",
        "original message follows", "the original message follows", "--- original message follows",
        "original message details",
        "original message headers", "------ this is a copy", "----- this is a copy", "--- this is a copy",
        "this is a copy of your message", "this is a copy of the message", "---- start of returned message",
        "-------- returned mail", "--------returned mail", "------returned mail", "--------unsent message below",
        "--- unsent message", "----- unsent message", "----- message header follows", "------ message header",
        "--- the header of the original", "the header of the original", "the body of the message is",
        "--- the header and top 20 lines", "-- the header and top", "------ forwarded message",
        "---------- forwarded message",
        "--- forwarded message", "----- forwarded message", "a copy of the original message", "here is a copy of",
        "below is a copy of", "included is a copy of", "---- header of the source mail", "your message reads",
        "old message:",
        "the first 50 lines of your original", "--- attachment is a copy", "the message headers follow",
        "message headers follow", "message text follows", "|------------------------- message text follows",
        "--- message header", "--mensaje original", "----------mensaje original",
        "-------- original-nachricht", "reporting-mta:", "received: from", "received: by", "received: (qmail",
        "return-path:",
    ])
}
