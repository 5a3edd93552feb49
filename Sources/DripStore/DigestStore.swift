package import DripCore

/// What can be asked of digests that went.
package protocol DigestReader {
    /// The midnight with which the last week ended that somebody was told of, by their normalised address.
    func digestsReported() throws -> [String: Instant]
}

/// What can be noted of them, inside one commit.
package protocol DigestWriter {
    /// Replaces all that is noted: whoever is not in it is known no more.
    func setDigestsReported(_ notes: [String: Instant]) throws
}
