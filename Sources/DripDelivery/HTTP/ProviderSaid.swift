import DripCore

/// What a provider said, an answer or an event, as the rules of its file read it.
struct ProviderSaid {
    enum Holds {
        case yes, no, unreadable
    }

    /// By their names in lower case.
    let headers: [String: String]
    /// Nil where it cannot be read.
    let body: JSONValue?

    func word(_ spot: ProviderSpot) -> String? {
        switch spot {
        case .header(let name): headers[name.lowercased()]
        case .json(let path): body?.at(path.parts)?.word
        }
    }

    func holds(_ test: ProviderTest) -> Holds {
        let said: String?
        switch test.spot {
        case .header(let name):
            said = headers[name.lowercased()]
        case .json(let path):
            guard let body else { return .unreadable }
            guard let value = body.at(path.parts), value != .null else { return .no }
            if test.values.isEmpty && test.words.isEmpty { return .yes }
            said = value.word
        }
        guard let said else { return .no }
        if !test.values.isEmpty {
            // Amazon writes `MessageRejected:http://internal…`.
            let first = said.prefix { $0 != ":" && $0 != ";" }
            let isHeader = if case .header = test.spot { true } else { false }
            return test.values.contains(said) || isHeader && test.values.contains(String(first)) ? .yes : .no
        }
        guard !test.words.isEmpty else { return .yes }
        return test.words.contains { said.lowercased().contains($0.lowercased()) } ? .yes : .no
    }
}
