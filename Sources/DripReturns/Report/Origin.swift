// What in a returned mail leads back to a delivery.
//
// The rule: tokens are taken from the addresses that the mail itself was sent to (`To`, `Cc`, `Delivered-To`,
// `X-Original-To`, `Envelope-To`), for bounces also from the original mail's `Return-Path` and the report's fields; an
// unsubscribe token only from the former, or a bounced mail would unsubscribe. Message-IDs are taken from the original's
// head inside the report, then from the words of the report, then from `In-Reply-To` and `References`; never the report's
// own. Each list is in that order, without repeats, and short.

/// Unchecked traces of the delivery that a returned mail is about.
package struct Origin: Hashable, Sendable {
    /// Out of `bounce+TOKEN@`, in lower case.
    package var bounceTokens: [String] = []
    /// Out of `unsubscribe+TOKEN@`, in lower case.
    package var unsubscribeTokens: [String] = []
    /// With angle brackets, as in `MessageIdentity.messageID`.
    package var messageIDs: [String] = []
    /// The addresses that the mail came to, in lower case.
    package var addresses: [String] = []

    init(_ mail: MailTree, addresses known: ReturnAddresses) {
        let fields = mail.headers.all(
            "to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to",
            "x-rcpt-to", "apparently-to", "resent-to")
        addresses = Unique.first(ReturnLimits.addresses, of: fields.flatMap(MailAddresses.all))
        unsubscribeTokens = Origin.tokens(addresses, after: known.unsubscribe)
        var heads: [HeaderFields] = []
        var marks = addresses
        var ids: [String] = []
        for part in mail.parts {
            switch part.type {
            case "message/rfc822", "message/rfc822-headers", "message/global", "message/partial":
                heads +=
                    part.type == "message/rfc822-headers"
                    ? HeaderFields.groups(in: part.text).prefix(1) : [part.headers]
            case "text/rfc822-headers", "text/rfc822", "message/global-headers":
                heads += HeaderFields.groups(in: part.text).prefix(1)
            case "message/feedback-report", "message/delivery-status", "message/global-delivery-status":
                marks += MailAddresses.all(in: part.text)
            default: break
            }
        }
        for head in heads {
            ids += head.all("message-id").flatMap(MessageIDs.all)
            marks += head.all("return-path", "x-return-path", "errors-to", "sender").flatMap(MailAddresses.all)
        }
        for part in mail.parts where part.isText && part.mailDepth == 0 {
            let text = part.text
            ids += MessageIDs.written(in: text)
            // A copy of the original in the report's own words has its Return-Path, and bounce addresses stand nowhere else.
            marks += MailAddresses.all(in: text).filter { $0.hasPrefix("\(known.bounce)+") }
        }
        ids += mail.headers.all("in-reply-to", "references", "x-failed-message-id").flatMap(MessageIDs.all)
        let own = mail.headers.all("message-id").flatMap(MessageIDs.all)
        messageIDs = Unique.first(ReturnLimits.messageIDs, of: ids.filter { !own.contains($0) })
        bounceTokens = Origin.tokens(Unique.first(ReturnLimits.addresses, of: marks), after: known.bounce)
    }

    /// `bounce+TOKEN@example.com` → `TOKEN`; a relay's own mark before it (`prvs=…=bounce+…`, BATV) is passed over.
    private static func tokens(_ addresses: [String], after name: String) -> [String] {
        Unique.first(
            8,
            of: addresses.compactMap { address in
                let local = address.prefix { $0 != "@" }
                let bare = local.split(separator: "=").last ?? local
                return bare.hasPrefix("\(name)+") ? String(bare.dropFirst(name.count + 1)) : nil
            }.filter { !$0.isEmpty })
    }
}

/// A list without repeats, and not longer than it may be.
enum Unique {
    static func first(_ most: Int, of values: some Sequence<String>) -> [String] {
        var seen: Set<String> = []
        var result: [String] = []
        for value in values where seen.insert(value).inserted {
            result.append(value)
            if result.count == most { break }
        }
        return result
    }
}

/// Message-IDs in a text (RFC 5322 §3.6.4).
enum MessageIDs {
    static func all(in text: some StringProtocol) -> [String] {
        var ids: [String] = []
        var rest = Substring(text).utf8
        while let open = rest.firstIndex(of: UInt8(ascii: "<")), ids.count < ReturnLimits.messageIDs {
            rest = rest[rest.index(after: open)...]
            let id = rest.prefix(998).prefix {
                $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "<")
            }
            if id.endIndex < rest.endIndex, rest[id.endIndex] == UInt8(ascii: ">"), id.contains(UInt8(ascii: "@")) {
                ids.append("<\(Substring(id))>")
            }
            rest = rest[id.endIndex...]
        }
        return ids
    }

    private static let labels = PhraseTable(["message-id:", "message id:", "messageid:"])

    /// After `Message-ID:` on a line of a report's words, with or without a mark of quoting before it.
    static func written(in text: String) -> [String] {
        var ids: [String] = []
        var isOpen = false
        for line in TextLines.split(text) {
            // The id may stand on the next line: long ones are folded.
            if isOpen || labels.matches(FoldedText(line)) {
                let found = all(in: line)
                ids += found
                isOpen = found.isEmpty && !isOpen
            }
            if ids.count >= ReturnLimits.messageIDs { break }
        }
        return ids
    }
}
