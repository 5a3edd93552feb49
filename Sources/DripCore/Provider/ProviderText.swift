/// A text of a provider's file with places in it.
///
/// The rule: `{name}` is a setting of the transport, `{$name}` a value of the message; a text that is `$name` alone is
/// that value with its type, so a number stays one. `{{`, `}}` and a leading `$$` stand for themselves. Values are put in
/// where the request is built, each as its place demands: a value can never make a key, a header or a path of its own.
package struct ProviderText: Hashable, Sendable {
    package enum Piece: Hashable, Sendable {
        case literal(String)
        case setting(String)
        case value(ProviderValue)
    }

    package enum Mistake: Error, Hashable, Sendable {
        case unknownValue(String)
        /// A brace without its partner, or with nothing of use in it.
        case brace(String)
    }

    package var pieces: [Piece]

    package init(pieces: [Piece]) {
        self.pieces = pieces
    }

    package init(_ text: String) throws(Mistake) {
        if text.hasPrefix("$"), !text.hasPrefix("$$") {
            guard let value = ProviderValue(String(text.dropFirst())) else { throw .unknownValue(text) }
            pieces = [.value(value)]
            return
        }
        var pieces: [Piece] = []
        var literal = ""
        var rest = text.hasPrefix("$$") ? text.dropFirst() : text[...]
        while let character = rest.first {
            rest = rest.dropFirst()
            guard character == "{" || character == "}" else {
                literal.append(character)
                continue
            }
            if rest.first == character {
                rest = rest.dropFirst()
                literal.append(character)
                continue
            }
            guard character == "{", let end = rest.firstIndex(of: "}") else { throw .brace(String(character)) }
            let name = String(rest[..<end])
            rest = rest[rest.index(after: end)...]
            if !literal.isEmpty { pieces.append(.literal(literal)) }
            literal = ""
            if name.hasPrefix("$") {
                guard let value = ProviderValue(String(name.dropFirst())) else { throw .unknownValue(name) }
                pieces.append(.value(value))
            } else {
                guard ProviderText.isName(name) else { throw .brace("{\(name)}") }
                pieces.append(.setting(name))
            }
        }
        if !literal.isEmpty || pieces.isEmpty { pieces.append(.literal(literal)) }
        self.pieces = pieces
    }

    package var settings: [String] {
        pieces.compactMap { piece in if case .setting(let name) = piece { name } else { nil } }
    }

    package var values: [ProviderValue] {
        pieces.compactMap { piece in if case .value(let value) = piece { value } else { nil } }
    }

    /// Lower-case letters, digits and underscores, at most 40, beginning with a letter.
    package static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first >= UInt8(ascii: "a"), first <= UInt8(ascii: "z") else { return false }
        return text.utf8.count <= 40
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

/// What a provider's file can say about one message: the `$names`.
package enum ProviderValue: Hashable, Sendable {
    case recipient, subject, preheader, html, text, from, fromName, fromEmail, replyTo, messageID, unsubscribeURL
    /// The text on one line, for templates that take no line break.
    case textLine
    /// The sealed token by which an event of the provider's webhook is proved to be about this delivery.
    case returnToken
    case idempotencyKey, campaign, step, dueAt, mimeBase64, headers, leadKey, leadAttributes
    /// One header of the mail, by its name.
    case header(String)
    case attribute(String)

    private static let plain: [String: ProviderValue] = [
        "recipient": .recipient, "subject": .subject, "preheader": .preheader, "html": .html, "text": .text,
        "text_line": .textLine,
        "from": .from, "from_name": .fromName, "from_email": .fromEmail, "reply_to": .replyTo,
        "message_id": .messageID, "unsubscribe_url": .unsubscribeURL, "idempotency_key": .idempotencyKey,
        "campaign": .campaign, "step": .step, "due_at": .dueAt, "mime_base64": .mimeBase64, "headers": .headers,
        "return_token": .returnToken, "lead.key": .leadKey, "lead.attributes": .leadAttributes,
    ]

    /// All that can be written, for hints; `lead.NAME` and `header.NAME` beside them.
    package static let names = plain.keys.sorted()

    /// By its name without the `$`: `recipient`, `lead.first_name`, `header.List-Unsubscribe`.
    package init?(_ name: String) {
        if let value = ProviderValue.plain[name] {
            self = value
            return
        }
        let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty, parts[1].utf8.count <= 100,
            parts[1].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"{}$".utf8.contains($0) })
        else { return nil }
        switch parts[0] {
        case "lead": self = .attribute(parts[1])
        case "header": self = .header(parts[1])
        default: return nil
        }
    }
}

/// A body as a tree, before its values are in place.
package indirect enum ProviderTree: Hashable, Sendable {
    package enum Entry: Hashable, Sendable {
        case key(String, ProviderTree)
        /// Here stand the entries of a setting of the kind `fields`.
        case fields(String)
    }

    case text(ProviderText)
    case number(Double)
    case flag(Bool)
    case list([ProviderTree])
    case group([Entry])

    /// Every text in it.
    package var texts: [ProviderText] {
        switch self {
        case .text(let text): [text]
        case .number, .flag: []
        case .list(let items): items.flatMap(\.texts)
        case .group(let entries):
            entries.flatMap { entry in if case .key(_, let tree) = entry { tree.texts } else { [ProviderText]() } }
        }
    }

    /// Every setting of the kind `fields` that it names.
    package var fieldSettings: [String] {
        switch self {
        case .text, .number, .flag: []
        case .list(let items): items.flatMap(\.fieldSettings)
        case .group(let entries):
            entries.flatMap { entry in
                switch entry {
                case .key(_, let tree): tree.fieldSettings
                case .fields(let name): [name]
                }
            }
        }
    }
}
