import DripCore

// What a lead can opt out of: named in `policy.yaml`, used by campaigns, steps and caps.

extension ValueKind where Value == TopicID {
    /// A topic that the policy declares.
    static let topic = ValueKind(shape: .form("topic", pattern: Pattern.name)) { node, key, reading in
        guard let text = reading.scalar(node, key, "the name of a topic") else { return nil }
        guard let topics = reading.topics, !topics.contains(text) else { return TopicID(rawValue: text) }
        reading.error(
            at: node.place, "unknown topic \(quoted(text))",
            hint: Spelling.hint(
                for: text, among: topics, otherwise: "Add it under `topics:` in policy.yaml, with a line on what it is."
            ))
        return nil
    }
}

extension ValueKind where Value == [TopicID: String] {
    /// Topics, each with a line that a lead could read.
    static let topics = ValueKind(shape: .map(.text, names: Pattern.name)) { node, key, reading in
        guard !node.isUnreadable else { return nil }
        let example = "education: Guides and case studies"
        guard case .mapping(let entries) = node.content else {
            reading.refuse(
                node, key, "a group of topics", hint: "Write one on each line, as in `\(example)`.")
            return nil
        }
        var topics: [TopicID: String] = [:]
        for entry in entries {
            guard Naming.isName(entry.key) else {
                reading.error(
                    at: entry.keyPlace, "\(quoted(entry.key)) cannot be the name of a topic",
                    hint: Naming.suggestion(for: entry.key).map { "Write `\($0)`." }
                        ?? "Use lower-case letters, digits and hyphens, such as `education`.")
                continue
            }
            // Also where its description is wrong the topic is there: campaigns that name it are not to blame.
            topics[TopicID(rawValue: entry.key)] = ""
            guard !entry.value.isEmpty else {
                reading.error(
                    at: entry.keyPlace, "the topic `\(entry.key)` has no description",
                    hint: "Write a line on what it is, as in `\(example)`.")
                continue
            }
            let spec = Key(entry.key, .text, example: "\(entry.key): Guides and case studies", "").spec
            topics[TopicID(rawValue: entry.key)] = ValueKind<String>.text.read(entry.value, spec, reading) ?? ""
        }
        return topics
    }
}
