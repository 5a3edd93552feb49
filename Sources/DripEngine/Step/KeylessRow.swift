import DripCore
import DripStore

// The rule: which lead a list's row means that gives an address and no key.
//
//   nobody has that address          a new lead, whose key the address is
//   one whose key it is has it       that lead
//   one lead has it, by another key  that lead, and the row's warning says so
//   several leads share it           nobody can tell which: the row is refused, with their keys
//
// A second lead beside the one that is meant would be written to twice by every campaign.
//
// Worked example: the CRM's list made `crm-17` of budi@example.com; a webinar's list has only `email`. Its row for
// budi@example.com changes facts of `crm-17`, and enrols it.

extension Engine {
    /// The row with the key of the lead that it means, and what there is to say of it; throws what refuses it.
    func meant(
        by row: LeadDraft, in reader: any StoreReader
    ) throws -> Result<(row: LeadDraft, warning: LeadDoor.Complaint?), LeadDoor.Complaint> {
        guard let address = row.address, row.key == address.normalised else { return .success((row, nil)) }
        let keys = try reader.leads(address: address).map(\.key).sorted()
        guard !keys.isEmpty, !keys.contains(row.key) else { return .success((row, nil)) }
        guard keys.count == 1 else {
            return .failure(
                LeadDoor.Complaint(
                    column: "email",
                    reason: "\(keys.count) leads share this address: say which one is meant by a column key, with one "
                        + "of " + keys.prefix(3).joined(separator: ", ") + (keys.count > 3 ? " …" : ""),
                    isPrivate: true))
        }
        var known = row
        known.key = keys[0]
        let warning = LeadDoor.Complaint(
            column: "email", reason: "the row has no key; the lead \(keys[0]) has this address and is meant",
            isPrivate: true)
        return .success((known, warning))
    }
}
