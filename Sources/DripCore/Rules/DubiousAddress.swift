/// Addresses that are usable, and yet seldom a lead's: whoever imports them is warned.
///
/// The rule: a role address (RFC 2142 and its like) is read by many or by nobody, and complains more often than a person; a
/// disposable one is gone tomorrow. Both are taken: a small firm may have no other than `info@`.
///
/// Edge cases: `sales+id@` is a role as well; `info.budi@` is none; the list of disposable domains holds the best known, and
/// subdomains of them.
///
/// Worked example: `info@example.com` is taken with the warning that it is a role address.
package enum DubiousAddress {
    private static let roles: Set<String> = [
        "abuse", "admin", "administrator", "billing", "bounce", "bounces", "contact", "do-not-reply", "donotreply",
        "help", "hostmaster", "hr", "info", "kontak", "mailer-daemon", "marketing", "no-reply", "noc", "noreply",
        "office", "postmaster", "privacy", "root", "sales", "security", "spam", "support", "undisclosed-recipients",
        "unsubscribe", "usenet", "webmaster",
    ]
    private static let disposable: Set<String> = [
        "10minutemail.com", "dispostable.com", "fakeinbox.com", "getnada.com", "guerrillamail.com", "maildrop.cc",
        "mailinator.com", "mailnesia.com", "mintemail.com", "mohmal.com", "sharklasers.com", "spamgourmet.com",
        "temp-mail.org", "tempmail.com", "throwawaymail.com", "trashmail.com", "yopmail.com",
    ]

    /// What is dubious about it, for whoever imports it; nil where nothing is.
    package static func warning(of address: EmailAddress) -> String? {
        let parts = address.normalised.split(separator: "@", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let local = parts[0].prefix { $0 != "+" }.lowercased()
        if roles.contains(local) {
            return "\(address.normalised) is a role address: many read it, or nobody; ask for a person's"
        }
        let labels = parts[1].split(separator: ".")
        let isDisposable = labels.indices.contains { disposable.contains(labels[$0...].joined(separator: ".")) }
        return isDisposable ? "\(address.normalised) is a disposable address: it will soon be gone" : nil
    }
}
