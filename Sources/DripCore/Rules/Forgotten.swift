// The rule: who asked to be forgotten does not come back by a list, a form or an old link. A row of an import, an event and
// an enrollment by an address whose mailbox has the suppression `erased` make no lead, change no fact and enrol nobody; the
// answer says so, and the rest of an import goes on.
//
// Asked of every address that is named: the row's own, and a key that is one. A row that names a lead by another key and
// says no address is asked of the lead's; a key that an erased lead had is refused whatever address stands beside it.
//
// Edge cases: every other cause only stops messages, and its facts are welcome. Whoever was put on the list by mistake is
// taken off it by `unsuppress --force`, and is welcome again.
//
// Worked example: line 7 of a list is `budi@example.com`, erased in May: line 7 is refused, and lines 1–6 and 8 are taken.

/// The refusal of a person who asked to be forgotten.
package enum Forgotten {
    /// What a list's owner or support is told; nil where nobody asked for it.
    package static func refusal(_ suppression: Suppression?) -> String? {
        guard let suppression, suppression.cause == .erased else { return nil }
        return words(since: suppression.since)
    }

    package static func words(since: Instant) -> String {
        "this person asked to be forgotten: nothing is noted of them, and they are not enrolled; "
            + "take them off your list (erased since \(since))"
    }

    /// The addresses that a key and an address name, to be asked for; the key is one where it is written like one.
    package static func addresses(key: String, address: EmailAddress?) -> [EmailAddress] {
        guard key != address?.normalised, key.utf8.contains(UInt8(ascii: "@")), let named = try? EmailAddress(key),
            named.normalised != address?.normalised
        else { return address.map { [$0] } ?? [] }
        return (address.map { [$0] } ?? []) + [named]
    }
}
