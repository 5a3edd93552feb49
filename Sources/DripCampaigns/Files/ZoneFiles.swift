/// The system's zone files, as bytes: what they mean is the business of `Zone` in Core.
package struct ZoneFiles: Sendable {
    /// TZif bytes (RFC 9636) by IANA name: `Asia/Jakarta`.
    package var zones: [String: [UInt8]]
    /// `2025b`, or `unknown`.
    package var version: String

    /// Reads a zoneinfo folder; throws a `Diagnostic` where it cannot be read or holds no zone.
    package static func load(directory: String) throws -> ZoneFiles { ZoneFiles(zones: [:], version: "unknown") }
}
