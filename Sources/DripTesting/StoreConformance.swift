package import DripStore

/// What every store must do, whatever is beneath it: one case per promise of the protocol's comments.
///
/// A case gets a new, empty store; where the store can audit itself, it must find nothing after each.
package struct StoreConformance: Sendable, CustomStringConvertible {
    package var name: String
    let check: @Sendable (StoreBed) throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (StoreBed) throws -> Void) {
        self.name = name
        self.check = check
    }

    package var description: String { name }

    /// Runs the case on a store that `make` made for it.
    package func run(on make: () throws -> any DripStore) throws {
        let bed = StoreBed(store: try make())
        try check(bed)
        try bed.audit()
    }

    package static let cases: [StoreConformance] =
        leadCases + mailboxCases + enrollmentCases + claimCases + rivalCases + deliveryCases + capCases + journalCases
        + transactionCases + holdCases + mergeCases + consentCases + stageCases + ownerCases
        + pushCases + digestCases
}
