// sources: Sources/DripCore/*/*.swift
// corpus: scripts/support/fuzz/corpus/request_body

import Foundation

/// Any bytes as the JSON of an event and of a lead: what is taken has names and values that may stand in the store, and one
/// spelling.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let data = Data(UnsafeBufferPointer(start: start, count: count))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    if let event = try? decoder.decode(EventBody.self, from: data) {
        let spelling = event.spelling
        precondition(spelling.hasPrefix(event.lead + "\n"))
        // Said again, it is the same event.
        guard let again = try? JSONEncoder().encode(event),
            let same = try? JSONDecoder().decode(EventBody.self, from: again)
        else { return 0 }
        precondition(same.spelling == spelling)
    }
    if let lead = try? decoder.decode(LeadsRequest.Body.self, from: data),
        case .admitted(let draft, _) = LeadDoor.admit(lead, knownZones: { $0 == "UTC" })
    {
        precondition(!draft.key.isEmpty)
        for (name, value) in draft.attributes {
            precondition(LeadDoor.attributeName(of: name) == name)
            if case .list = value { continue }
            precondition(value.text.utf8.count <= 1_000)
            precondition(value.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
        }
    }
    return 0
}
