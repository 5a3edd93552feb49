import DripCore

// The keys of a message's front matter.

enum MessageKeys {
    static let standardLayout = "default"

    static let subject = Key(
        "subject", .text, required: true, example: "subject: Your e-book is here", "The subject line; a template.")
    static let preheader = Key(
        "preheader", .text, example: "preheader: Three ideas to try this week",
        "What a mailbox shows after the subject; a template.")
    static let from = Key(
        "from", .group(SenderKeys.spec, build: SenderKeys.build), standard: "the policy's sender",
        example: "from: { name: Rina from Acme, address: rina@acme.example }", "Who it comes from.")
    static let replyTo = Key(
        "reply_to", .address, standard: "the sender", example: "reply_to: sales@acme.example", "Where answers go.")
    static let layout = Key(
        "layout", .layout, standard: standardLayout, example: "layout: default",
        "The file in `layouts/` that it is set in, without `.html`.")

    static let track = Key(
        "track", .group(TrackKeys.spec, build: TrackKeys.buildOwn), standard: "the policy's",
        example: "track: { clicks: false }",
        "What this message tells of how it is read, where that is not the policy's.")

    static let spec = MappingSpec(
        "a message's front matter",
        keys: [subject.spec, preheader.spec, from.spec, replyTo.spec, layout.spec, track.spec],
        later: [LaterKey("headers")])
}

enum SenderKeys {
    static let name = Key("name", .text, required: true, example: "name: Acme", "The name that a mailbox shows.")
    static let address = Key(
        "address", .address, required: true, example: "address: hello@acme.example", "The e-mail address.")

    static let spec = MappingSpec("a sender", keys: [name.spec, address.spec])

    static func build(_ group: MappingReader) -> Policy.Sender? {
        let name = group.value(name)
        let address = group.value(address)
        guard let name, let address else { return nil }
        return Policy.Sender(name: name, address: address)
    }
}

extension ValueKind where Value == String {
    /// The name of a layout, not of its file.
    static let layout = ValueKind(shape: .form("layout", pattern: Pattern.name)) { node, key, reading in
        guard let text = reading.scalar(node, key, "the name of a layout") else { return nil }
        if Naming.isName(text) { return text }
        let file = text.split(separator: "/").last.map(String.init) ?? text
        let stem = file.hasSuffix(".html") ? String(file.dropLast(5)) : file
        reading.refuse(
            node, key, "the name of a layout",
            hint: Naming.suggestion(for: stem).map { "Write `layout: \($0)`." }
                ?? "Write it as in `\(key.example)`.")
        return nil
    }
}
